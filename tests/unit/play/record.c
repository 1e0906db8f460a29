/* SPDX-License-Identifier: MIT */
/*
 * A recorded talk: the steps that its lines are, each way in which a line can
 * be wrong, and what kinds of files there are.
 */
#include "config.h"

#include <sys/stat.h>

#include <limits.h>

#include "plan/framing.h"
#include "play/record.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define STREAM "{\"type\":\"start\",\"socket\":\"stream\",\"fds\":[0,1]}\n"
#define PIPES "{\"type\":\"start\",\"socket\":\"pipes\"}\n"
#define PACKETS "{\"type\":\"start\",\"socket\":\"seqpacket\"}\n"
#define WIRE "{\"type\":\"start\",\"socket\":\"stream\",\"wire\":\"lsp\"}\n"
#define RAW "{\"type\":\"start\",\"socket\":\"stream\",\"wire\":\"raw\"}\n"
#define PEER "{\"type\":\"start\",\"socket\":\"stream\",\"peer\":\"cat\"}\n"
#define DATA "{\"from\":\"stdin\",\"type\":\"data\",\"text\":\"ab\"}\n"
#define PEER_DATA "{\"from\":\"peer\",\"type\":\"data\",\"text\":\"ab\"}\n"
#define MESSAGE "{\"from\":\"command\",\"type\":\"message\",\"text\":\"ab\"}\n"
#define EMPTY "{\"from\":\"stdin\",\"type\":\"message\",\"text\":\"\"}\n"
#define END "{\"from\":\"stdin\",\"type\":\"eof\"}\n"
#define OTHER "{\"from\":\"command\",\"type\":\"data\",\"text\":\"xyz\"}\n"
#define GONE "{\"from\":\"stdin\",\"type\":\"gone\"}\n"
#define UNDELIVERED(size) \
	"{\"from\":\"stdin\",\"type\":\"undelivered\",\"size\":" #size "}\n"
#define EXIT "{\"type\":\"exit\",\"status\":3}\n"

/* Parse a copy of the size bytes at text. */
static int
parse(struct record *record, const char *text, size_t size)
{
	char *data = malloc(size + (size == 0));

	need(data != NULL, "malloc");
	memcpy(data, text, size);
	return record_parse(record, "FILE", data, size);
}

/* The steps of record: its speakers, bytes and lines. */
static const char *
show(const struct record *record)
{
	static const char *const names[] = {
		[STEP_END] = "end",
		[STEP_LEAVE] = "leaves",
		[STEP_SIGNAL] = "signal",
		[STEP_NONE] = "none",
	};
	static char text[1000];
	const struct step *step;
	size_t used = 0;
	size_t i;

	text[0] = '\0';
	for (i = 0; i < record->count; i++) {
		step = &record->steps[i];
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s%lu%c", i == 0 ? "" : " ", step->line,
		    step->speaker == SPEAKER_STDIN ? '>' : '<');
		if (step->kind == STEP_DATA)
			used += (size_t)snprintf(text + used,
			    sizeof(text) - used, "'%.*s'", (int)step->size,
			    record->data + step->start);
		else
			used += (size_t)snprintf(text + used,
			    sizeof(text) - used, "%s", names[step->kind]);
		if (step->kind == STEP_SIGNAL)
			used += (size_t)snprintf(text + used,
			    sizeof(text) - used, " %d", step->signal);
	}
	return text;
}

/* --- what is taken -------------------------------------------------------- */

static const struct {
	const char *text;
	const char *steps;	/* as show() has them */
	const char *name;
} talks[] = {
	{ "", "", "an empty file" },
	{ "\n \t\r\n\r\n", "", "blank lines" },
	{ DATA, "1>'ab'", "a piece by hand" },
	{ "\n" DATA "\n\n" DATA, "2>'ab' 5>'ab'", "blank lines are counted" },
	{ "{\"type\":\"data\",\"text\":\"ab\",\"from\":\"command\"}",
	    "1<'ab'", "no newline at the end" },
	{ "{\"type\":\"data\",\"text\":\"ab\",\"from\":\"command\"}\r\n" DATA,
	    "1<'ab' 2>'ab'", "lines that end in CRLF" },
	{ "\xef\xbb\xbf" DATA, "1>'ab'", "a byte order mark" },
	{ "\xef\xbb\xbf", "", "a byte order mark alone" },
	{ STREAM DATA END EXIT, "2>'ab' 3>end", "a run" },
	{ "{\"t\":1.5,\"from\":\"stdin\",\"type\":\"data\",\"offset\":0,"
	    "\"size\":2,\"base64\":\"AP8=\",\"new\":{\"a\":[null]}}\n",
	    "1>'", "all keys, and unknown ones" },
	{ "{\"from\":\"stdin\",\"type\":\"data\",\"base64\":\"YWI\\/\"}\n",
	    "1>'ab?'", "base64 with an escaped slash" },
	{ "{\"from\":\"stdin\",\"type\":\"data\",\"text\":"
	    "\"\\\\\\u00e9\\n\"}\n", "1>'\\\xc3\xa9\n'", "escapes" },
	{ PEER PEER_DATA, "2>'ab'", "a peer" },
	{ "{\"type\":\"eof\",\"from\":\"stdin\",\"told\":true}\n" END,
	    "1>end", "an end that was told, once" },
	{ "{\"type\":\"eof\",\"from\":\"stdin\",\"told\":false}\n" DATA,
	    "2>'ab'", "an end that was not told" },
	{ MESSAGE EMPTY MESSAGE, "1<'ab' 2>'' 3<'ab'", "empty messages" },
	{ RAW EMPTY MESSAGE END, "2>end 3<'ab'",
	    "the end of raw input is an empty message" },
	{ RAW EMPTY EMPTY "{\"from\":\"stdin\",\"type\":\"message\","
	    "\"text\":\"ab\"}\n" UNDELIVERED(2), "2>end 3>'' 4>none",
	    "what is read after it is not delivered" },
	{ RAW "{\"from\":\"command\",\"type\":\"message\","
	    "\"text\":\"\"}\n", "2<''", "but not of raw output" },
	{ "{\"type\":\"stall\",\"duration\":1}\n{\"type\":\"dat\"}\n"
	    "{\"from\":\"command\",\"type\":\"reset\"}\n"
	    "{\"type\":\"signal\",\"signal\":15}\n", "",
	    "other types of events" },
	{ GONE GONE "{\"from\":\"command\",\"type\":\"gone\"}\n",
	    "1<leaves 3>leaves", "who reads no more, once" },
	{ "{\"from\":\"stdin\",\"type\":\"shutdown\"}\n"
	    "{\"from\":\"command\",\"type\":\"shutdown\"}\n", "1<leaves",
	    "the command that shuts down" },
	{ "{\"from\":\"stdin\",\"type\":\"signal\",\"signal\":15,"
	    "\"name\":\"TERM\"}\n", "1>signal 15", "a signal" },
	{ "{\"type\":\"timeout\",\"duration\":1}\n", "1>signal 15",
	    "the end of --timeout is one as well" },
	{ DATA OTHER DATA UNDELIVERED(1), "1>'ab' 2<'xyz' 3>'a'",
	    "half a piece was not delivered" },
	{ DATA OTHER DATA UNDELIVERED(3), "1>'a' 2<'xyz' 3>none",
	    "a piece and a half were not" },
	{ DATA UNDELIVERED(100), "1>none", "none was" },
	{ PACKETS EMPTY EMPTY "{\"from\":\"stdin\",\"type\":\"message\","
	    "\"text\":\"abc\"}\n" UNDELIVERED(1), "2>'' 3>'' 4>none",
	    "half a message was not delivered" },
	{ WIRE "{\"from\":\"stdin\",\"type\":\"message\",\"text\":\"a\"}\n"
	    "{\"from\":\"stdin\",\"type\":\"message\",\"text\":\"b\"}\n"
	    "{\"from\":\"stdin\",\"type\":\"message\",\"text\":\"c\"}\n"
	    UNDELIVERED(44), "2>'a' 3>'b' 4>none",
	    "of messages in a stream the first may have been, in part" },
	{ RAW "{\"from\":\"stdin\",\"type\":\"message\",\"text\":\"ab\"}\n"
	    "{\"from\":\"stdin\",\"type\":\"message\",\"text\":\"c\"}\n"
	    END UNDELIVERED(3), "2>'ab' 3>none 4>end",
	    "and of raw ones that came before the end" },
	{ "{\"from\":\"stdin\",\"type\":\"data\",\"text\":\"\"}\n", "1>''",
	    "an empty piece" },
};

static void
test_talks(void)
{
	struct record record;
	char name[100];
	size_t i;

	for (i = 0; i < COUNT(talks); i++) {
		snprintf(name, sizeof(name), "taken: %s", talks[i].name);
		if (parse(&record, talks[i].text, strlen(talks[i].text)) == -1)
			ok(false, name);
		else if (strstr(talks[i].text, "AP8=") != NULL)
			is_mem(record.data, record.size, "\0\xff", 2, name);
		else
			is_str(show(&record), talks[i].steps, name);
		record_free(&record);
	}
}

/* The talk as a whole. */
static const struct {
	const char *text;
	int type;
	int wire;
	bool pipes;
	bool has_messages;
	bool has_start;
	const char *name;
} kinds[] = {
	{ "", SOCK_STREAM, -1, false, false, false, "nothing is a stream" },
	{ DATA, SOCK_STREAM, -1, false, false, false, "so is data" },
	{ MESSAGE, SOCK_SEQPACKET, -1, false, true, false,
	    "messages are packets" },
	{ END MESSAGE, SOCK_SEQPACKET, -1, false, true, false,
	    "also behind an end" },
	{ STREAM, SOCK_STREAM, -1, false, false, true, "a stream" },
	{ "{\"type\":\"start\"}", SOCK_STREAM, -1, false, false, true,
	    "a start that says no more" },
	{ PIPES, SOCK_STREAM, -1, true, false, true, "pipes" },
	{ PACKETS, SOCK_SEQPACKET, -1, false, true, true, "packets" },
	{ "{\"type\":\"start\",\"socket\":\"dgram\"}", SOCK_DGRAM, -1, false,
	    true, true, "datagrams" },
	{ WIRE MESSAGE, SOCK_STREAM, FRAMING_LSP, false, true, true,
	    "messages in a stream" },
	{ "{\"type\":\"start\",\"socket\":\"pipes\",\"wire\":\"line\"}",
	    SOCK_STREAM, FRAMING_LINE, true, true, true,
	    "messages in pipes" },
	{ RAW MESSAGE, SOCK_STREAM, -1, false, false, true,
	    "raw messages are pieces of a stream" },
};

static void
test_kinds(void)
{
	struct record record;
	size_t i;

	for (i = 0; i < COUNT(kinds); i++) {
		ok(parse(&record, kinds[i].text, strlen(kinds[i].text)) == 0 &&
		    record.type == kinds[i].type &&
		    record.wire == kinds[i].wire &&
		    record.pipes == kinds[i].pipes &&
		    record.has_messages == kinds[i].has_messages &&
		    record.has_start == kinds[i].has_start, kinds[i].name);
		record_free(&record);
	}
}

static void
test_facts(void)
{
	static const char text[] =
	    "{\"type\":\"start\",\"fds\":[7,0,2147483647]}\n" DATA
	    "{\"from\":\"command\",\"type\":\"data\",\"text\":\"12345\"}\n"
	    DATA END "{\"type\":\"exit\",\"signal\":15,\"name\":\"TERM\"}\n";
	struct record record;

	need(parse(&record, text, sizeof(text) - 1) == 0, "parse");
	ok(record.fds.count == 3 && record.fds.fds[0] == 7 &&
	    record.fds.fds[1] == 0 && record.fds.fds[2] == INT_MAX,
	    "the descriptors are in the order given");
	ok(record.largest[SPEAKER_STDIN] == 2 &&
	    record.largest[SPEAKER_COMMAND] == 5, "the largest pieces");
	ok(record.has_end[SPEAKER_STDIN] && !record.has_end[SPEAKER_COMMAND],
	    "who has an end");
	ok(record.was_signalled && record.status == 15 &&
	    record.exit_line == 6, "the signal that ended it");
	is_mem(record.data, record.size, "ab12345ab", 9,
	    "the bytes stand one after the other");
	record_free(&record);
	need(parse(&record, DATA OTHER UNDELIVERED(1),
	    strlen(DATA OTHER UNDELIVERED(1))) == 0, "parse");
	ok(record.largest[SPEAKER_STDIN] == 1 &&
	    record.has_data[SPEAKER_STDIN], "the largest that was delivered");
	record_free(&record);
	need(parse(&record, DATA GONE OTHER UNDELIVERED(2),
	    strlen(DATA GONE OTHER UNDELIVERED(2))) == 0, "parse");
	ok(record.largest[SPEAKER_STDIN] == 0 &&
	    !record.has_data[SPEAKER_STDIN] &&
	    record.has_data[SPEAKER_COMMAND] &&
	    record.has_left[SPEAKER_COMMAND] &&
	    !record.has_left[SPEAKER_STDIN], "if none was, there is none");
	record_free(&record);
	need(parse(&record, EXIT, strlen(EXIT)) == 0, "parse");
	ok(!record.was_signalled && record.status == 3 &&
	    record.exit_line == 1, "the exit status");
	record_free(&record);
	need(parse(&record, DATA, strlen(DATA)) == 0, "parse");
	is_int((long long)record.exit_line, 0, "how it ended is not known");
	record_free(&record);
}

/* --- what is refused ------------------------------------------------------ */

#define BAD_TYPE "\"type\" must be \"data\" or \"message\""
#define BAD_FROM "\"from\" must be \"stdin\", \"peer\" or \"command\""
#define BAD_FDS "\"fds\" must be a list of descriptors' numbers: [0,1]"
#define BAD_SIZE "\"size\" must be a number of bytes"
#define BAD_STATUS "\"status\" must be a number from 0 to 255"

/* The object of a piece without its bytes, and of an exit. */
#define PIECE(members) "{\"from\":\"stdin\",\"type\":\"data\"" members "}\n"
#define ENDED(members) "{\"type\":\"exit\"" members "}\n"
#define STARTED(members) "{\"type\":\"start\"" members "}\n"

static const struct {
	const char *text;
	const char *why;	/* behind "FILE:", with the line */
} faults[] = {
	{ "hello\n", "1: not JSON: '[' or '{' expected near 'hello' "
	    "(column 5)" },
	{ DATA "{\"from\":\"stdin\"\n", "2: not JSON: '}' expected near "
	    "the end of the line (column 15)" },
	{ "{'from':'stdin'}\n", "1: not JSON: string or '}' expected near "
	    "''' (column 2)" },
	{ PIECE(",\"text\":\"a\\x\""), "1: not JSON: invalid escape near "
	    "'\"a\\\\x' (column 41)" },
	{ PIECE(",\"text\":\"a\",\"text\":\"a\""), "1: not JSON: duplicate "
	    "object key near '\"text\"' (column 47)" },
	{ "3\n", "1: not JSON: '[' or '{' expected near '3' (column 1)" },
	{ "[]\n", "1: not a JSON object" },
	{ "{}\n", "1: \"type\" is missing" },
	{ "{\"type\":null}\n", "1: \"type\" must be a string" },
	{ "{\"from\":\"stdin\",\"text\":\"a\"}\n", "1: \"type\" is missing" },
	{ "{\"from\":\"stdin\",\"type\":\"dat\",\"text\":\"a\"}\n",
	    "1: has bytes: its " BAD_TYPE },
	{ "{\"from\":\"stdin\",\"type\":\"data\\u0000\",\"text\":\"a\"}\n",
	    "1: has bytes: its " BAD_TYPE },
	{ "{\"from\":\"stdin\",\"type\":\"eof\",\"base64\":\"\"}\n",
	    "1: has bytes: its " BAD_TYPE },
	{ "{\"type\":\"data\",\"text\":\"a\"}\n", "1: " BAD_FROM },
	{ "{\"type\":\"data\",\"text\":\"a\",\"from\":\"stdout\"}\n",
	    "1: " BAD_FROM },
	{ "{\"type\":\"eof\",\"from\":1}\n", "1: " BAD_FROM },
	{ "{\"type\":\"undelivered\",\"from\":\"stdout\",\"size\":1}\n",
	    "1: " BAD_FROM },
	{ PIECE(""), "1: needs \"text\" or \"base64\"" },
	{ PIECE(",\"text\":\"a\",\"base64\":\"\""),
	    "1: has both \"text\" and \"base64\"" },
	{ PIECE(",\"text\":1"), "1: \"text\" must be a string" },
	{ PIECE(",\"base64\":null"), "1: \"base64\" must be a string" },
	{ PIECE(",\"base64\":\"a\""), "1: \"base64\" is not base64" },
	{ PIECE(",\"text\":\"1234567890\",\"size\":68,\"shown\":10"),
	    "1: was cut by --snaplen: 10 of 68 bytes are here" },
	{ PIECE(",\"text\":\"a\",\"size\":2"), "1: \"size\" is 2 and "
	    "should be 1: it can be left out" },
	{ PIECE(",\"text\":\"a\",\"size\":\"1\""),
	    "1: \"size\" must be a number of bytes" },
	{ PIECE(",\"text\":\"a\",\"size\":-1"),
	    "1: \"size\" must be a number of bytes" },
	{ STREAM MESSAGE, "2: a message, but FILE's start says stream" },
	{ PIPES MESSAGE, "2: a message, but FILE's start says pipes" },
	{ PACKETS DATA, "2: data, but FILE's start says seqpacket" },
	{ WIRE DATA, "2: data, but FILE's start says messages in a stream" },
	{ RAW DATA, "2: data, but FILE's start says messages in a stream" },
	{ "{\"type\":\"start\",\"wire\":\"line\"}\n"
	    "{\"type\":\"message\",\"from\":\"stdin\",\"text\":\"a\\nb\"}\n",
	    "2: a message with a newline in it, which ends a message of "
	    "\"wire\":\"line\"" },
	{ "{\"type\":\"start\",\"wire\":\"null\"}\n"
	    "{\"type\":\"message\",\"from\":\"stdin\",\"text\":\"\\u0000\"}\n",
	    "2: a message with a NUL in it, which ends a message of "
	    "\"wire\":\"null\"" },
	{ DATA MESSAGE, "2: a message, but what came before is data" },
	{ MESSAGE DATA, "2: data, but what came before are messages" },
	{ END DATA, "2: comes after the end of \"stdin\"" },
	{ "{\"type\":\"eof\",\"from\":\"stdin\",\"told\":1}\n",
	    "1: \"told\" must be true or false" },
	{ STREAM "{\"from\":\"stdin\",\"type\":\"fds\",\"fds\":[]}\n",
	    "2: descriptors were passed: these cannot be played" },
	{ STREAM STREAM, "2: a second \"start\": play one recorded run at a "
	    "time" },
	{ STREAM EXIT STREAM, "3: a second \"start\": play one recorded run "
	    "at a time" },
	{ DATA STREAM, "2: \"start\" must come before what is said" },
	{ EXIT STREAM, "2: \"start\" must come before what is said" },
	{ EXIT DATA, "2: comes after the exit" },
	{ "{\"type\":\"gone\",\"from\":\"reader\"}\n", "1: " BAD_FROM },
	{ EXIT EXIT, "2: comes after the exit" },
	{ STARTED(",\"socket\":\"tcp\""), "1: \"socket\" must be \"stream\", "
	    "\"seqpacket\", \"dgram\" or \"pipes\"" },
	{ STARTED(",\"socket\":1"), "1: \"socket\" must be \"stream\", "
	    "\"seqpacket\", \"dgram\" or \"pipes\"" },
	{ STARTED(",\"wire\":\"http\""),
	    "1: \"wire\" must be a framing: \"line\", \"lsp\" ..." },
	{ STARTED(",\"socket\":\"seqpacket\",\"wire\":\"lsp\""),
	    "1: \"wire\" needs \"socket\":\"stream\" or \"pipes\"" },
	{ STARTED(",\"socket\":\"dgram\",\"wire\":\"lsp\""),
	    "1: \"wire\" needs \"socket\":\"stream\" or \"pipes\"" },
	{ STARTED(",\"fds\":3"), "1: " BAD_FDS },
	{ STARTED(",\"fds\":[-1]"), "1: " BAD_FDS },
	{ STARTED(",\"fds\":[0,\"1\"]"), "1: " BAD_FDS },
	{ STARTED(",\"fds\":[2147483648]"), "1: " BAD_FDS },
	{ ENDED(""), "1: needs \"status\" or \"signal\", one of them" },
	{ ENDED(",\"status\":0,\"signal\":1"),
	    "1: needs \"status\" or \"signal\", one of them" },
	{ UNDELIVERED(-1), "1: " BAD_SIZE },
	{ UNDELIVERED("1"), "1: " BAD_SIZE },
	{ ENDED(",\"status\":256"), "1: " BAD_STATUS },
	{ ENDED(",\"status\":-1"), "1: " BAD_STATUS },
	{ ENDED(",\"status\":1.0"), "1: " BAD_STATUS },
	{ ENDED(",\"status\":\"0\""), "1: " BAD_STATUS },
	{ ENDED(",\"status\":99999999999999999999"), "1: not JSON: too big "
	    "integer near '99999999999999999999' (column 44)" },
	{ ENDED(",\"t\":1e999,\"status\":1"), "1: not JSON: real number "
	    "overflow near '1e999' (column 24)" },
};

/* Check the one line that parsing text prints. */
static void
is_refused(const char *text, size_t size, const char *why, const char *name)
{
	struct record record;
	struct capture said;
	char line[500];
	int result;

	capture_begin(&said, STDERR_FILENO);
	result = parse(&record, text, size);
	capture_end(&said);
	record_free(&record);
	snprintf(line, sizeof(line), "sockpair: FILE:%s\n", why);
	is_str(result == -1 ? said.text : "(taken)", line, name);
}

/* A mock could not end as a command that a signal stopped, or did not harm. */
static void
test_harmless_signals(void)
{
	static const int harmless[] = {
		SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGWINCH
	};
	char line[100], name[100];
	size_t i;

	for (i = 0; i < COUNT(harmless); i++) {
		snprintf(line, sizeof(line),
		    "{\"type\":\"exit\",\"signal\":%d}\n", harmless[i]);
		snprintf(name, sizeof(name), "refused: an exit by signal %d, "
		    "which ends no process", harmless[i]);
		is_refused(line, strlen(line), "1: \"signal\" must be one "
		    "that ends a process", name);
	}
}

static void
test_faults(void)
{
	char name[500];
	size_t i;

	for (i = 0; i < COUNT(faults); i++) {
		snprintf(name, sizeof(name), "refused: %s", faults[i].why);
		is_refused(faults[i].text, strlen(faults[i].text),
		    faults[i].why, name);
	}
	snprintf(name, sizeof(name), "1: \"signal\" must be a number from 1 "
	    "to %d", SIGRTMAX);
	is_refused(ENDED(",\"signal\":0"), strlen(ENDED(",\"signal\":0")),
	    name, "refused: signal 0");
	is_refused("{\"type\":\"signal\",\"from\":\"stdin\"}\n", 34, name,
	    "refused: a signal without its number");
	is_refused(ENDED(",\"signal\":999"), strlen(ENDED(",\"signal\":999")),
	    name, "refused: signal 999");
	is_refused("{\"type\":\0}", 10, "1: not JSON: invalid token near "
	    "the end of the line (column 9)", "refused: a NUL in a line");
	is_refused("\0\n", 2, "1: not JSON: '[' or '{' expected near the "
	    "end of the line (column 1)", "refused: nothing but a NUL");
	is_refused(PIECE(",\"text\":\"\xff\""),
	    strlen(PIECE(",\"text\":\"\xff\"")), "1: not JSON: unable to "
	    "decode byte 0xff near '\"' (column 38)", "refused: no UTF-8");
}

/* A message of one byte more than 16 bits can count. */
static void
test_wire_limit(void)
{
	static const char head[] = "{\"type\":\"start\",\"wire\":\"u16\"}\n"
	    "{\"type\":\"message\",\"from\":\"stdin\",\"text\":\"";
	const size_t length = sizeof(head) - 1;
	char *text = malloc(length + 65536 + 2);
	struct record record;

	need(text != NULL, "malloc");
	memcpy(text, head, length);
	memset(text + length, 'a', 65536);
	memcpy(text + length + 65536, "\"}", 2);
	is_refused(text, length + 65538, "2: a message of 65536 bytes, but "
	    "\"wire\":\"u16\" has room for 65535",
	    "refused: a message too large for the wire");
	memcpy(text + length + 65535, "\"}", 2);
	ok(parse(&record, text, length + 65537) == 0 && record.count == 1,
	    "taken: the largest message of the wire");
	record_free(&record);
	free(text);
}

static void
test_depth(void)
{
	enum { DEPTH = 100000 };
	char *text = malloc(2 * DEPTH + 10);

	need(text != NULL, "malloc");
	memcpy(text, "{\"x\":", 5);
	memset(text + 5, '[', DEPTH);
	memset(text + 5 + DEPTH, ']', DEPTH);
	text[5 + 2 * DEPTH] = '}';
	is_refused(text, 2 * DEPTH + 6, "1: not JSON: maximum parsing "
	    "depth reached near '[' (column 2053)", "refused: too deep");
	free(text);
}

/* --- long lines ----------------------------------------------------------- */

/* A line of size bytes and some more, as text, in base64 or in another key. */
static void
check_long(const char *key, size_t size, size_t want, const char *name)
{
	char head[100];
	struct record record;
	size_t length;
	char *data;

	length = (size_t)snprintf(head, sizeof(head), "%s{\"from\":\"stdin\","
	    "\"type\":\"data\",%s\"%s\":\"", DATA,
	    strcmp(key, "x") == 0 ? "\"text\":\"\"," : "", key);
	data = malloc(length + size + 2);
	need(data != NULL, "malloc");
	memcpy(data, head, length);
	memset(data + length, 'A', size);
	memcpy(data + length + size, "\"}", 2);
	ok(record_parse(&record, "FILE", data, length + size + 2) == 0 &&
	    record.count == 2 && record.size == 2 + want &&
	    record.largest[SPEAKER_STDIN] == (want > 2 ? want : 2), name);
	record_free(&record);
}

static void
test_long(void)
{
	size_t size = is_under_valgrind() || is_emulated() ? 100 * 1000 :
	    100 * 1000 * 1000;

	check_long("text", size, size, "a text of 100 MB");
	check_long("base64", size, size / 4 * 3, "100 MB of base64");
	check_long("x", size / 10, 0, "10 MB of an unknown key");
}

/* --- files ---------------------------------------------------------------- */

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	need(file != NULL && fputs(text, file) != EOF && fclose(file) == 0,
	    path);
}

static void
ignore_signal(int number)
{
	(void)number;
}

/* Have signals interrupt calls. */
static void
catch_signals(void)
{
	struct sigaction action = { .sa_handler = ignore_signal };

	need(sigaction(SIGUSR1, &action, NULL) == 0, "sigaction");
}

/*
 * A child's: write many pieces into a FIFO, or into descriptor 9, and send the
 * parent signals.
 */
static int
feed(void *path)
{
	int fd = path == NULL ? 9 : open(path, O_WRONLY);
	int i;

	for (i = 0; i < 10000; i++)
		ASK(write(fd, DATA, strlen(DATA)) == (ssize_t)strlen(DATA) &&
		    (i % 100 != 0 || kill(getppid(), SIGUSR1) == 0));
	return 0;
}

static void
test_file(void)
{
	struct record record;

	write_file("talk", STREAM DATA);
	ok(record_read(&record, "talk") == 0 && record.count == 1 &&
	    record.path != NULL && strcmp(record.path, "talk") == 0,
	    "a file");
	record_free(&record);
	write_file("talk", "");
	ok(record_read(&record, "talk") == 0 && record.count == 0,
	    "a file without anything");
	record_free(&record);
	ok(record_read(&record, "/dev/null") == 0 && record.count == 0,
	    "/dev/null");
	record_free(&record);
}

static void
test_fifo(void)
{
	struct record record;
	int status;
	pid_t pid;

	need(mkfifo("fifo", 0600) == 0, "mkfifo");
	catch_signals();
	pid = start_child(feed, (void *)"fifo");
	ok(record_read(&record, "fifo") == 0 && record.count == 10000 &&
	    record.size == 20000,
	    "a FIFO is read to its end, whatever signals come");
	record_free(&record);
	need(waitpid(pid, &status, 0) == pid && status == 0, "child");
}

/* With a pipe as standard input, which is non-blocking if argument is set. */
static int
read_stdin(void *argument)
{
	struct record record;
	int ends[2];
	pid_t pid;

	catch_signals();
	ASK(pipe(ends) == 0 && dup2(ends[1], 9) == 9 && dup2(ends[0], 0) == 0);
	close(ends[0]);
	close(ends[1]);
	if (argument != NULL)
		ASK(fcntl(0, F_SETFL, O_NONBLOCK) == 0);
	pid = start_child(feed, NULL);
	close(9);
	ASK(record_read(&record, "-") == 0);
	ASK(record.count == 10000);
	ASK(fcntl(0, F_GETFD) != -1);
	record_free(&record);
	ASK(waitpid(pid, NULL, 0) == pid);
	return 0;
}

static int
read_rest(void *argument)
{
	struct record record;
	int fd;

	(void)argument;
	write_file("talk", "no JSON\n" DATA);
	fd = open("talk", O_RDONLY);
	ASK(dup2(fd, 0) == 0 && lseek(0, 8, SEEK_SET) == 8);
	ASK(record_read(&record, "-") == 0 && record.count == 1);
	record_free(&record);
	return 0;
}

/* Whether reading path fails with this one line. */
static bool
is_told(const char *path, const char *line)
{
	struct record record;
	struct capture said;
	bool good;
	int result;

	capture_begin(&said, STDERR_FILENO);
	result = record_read(&record, path);
	capture_end(&said);
	record_free(&record);
	good = result == -1 && strcmp(said.text, line) == 0;
	if (!good)
		printf("# result %d, '%s'\n", result, said.text);
	return good;
}

static void
test_errors(void)
{
	ok(is_told("none", "sockpair: cannot read 'none': No such file or "
	    "directory\n"), "a file that is not there");
	ok(is_told(".", "sockpair: cannot read '.': Is a directory\n"),
	    "a directory");
	write_file("talk", DATA "x\n");
	ok(is_told("talk", "sockpair: talk:2: not JSON: '[' or '{' "
	    "expected near 'x' (column 1)\n"), "a line is named with its file");
	/* Its size is said to be 0. */
	if (access("/proc/sys/kernel/ostype", R_OK) == 0)
		ok(is_told("/proc/sys/kernel/ostype", "sockpair: "
		    "/proc/sys/kernel/ostype:1: not JSON: '[' or '{' expected "
		    "near 'Linux' (column 5)\n"), "a file of unknown size");
	else
		skip("a file of unknown size", "no /proc");
	write_file("a\nb", "x\n");
	ok(is_told("a\nb", "sockpair: a\\nb:1: not JSON: '[' or '{' "
	    "expected near 'x' (column 1)\n"), "a strange name stays one line");
}

/* A child's, which may become a user without rights. */
static int
read_forbidden(void *argument)
{
	(void)argument;
	if (geteuid() == 0)
		ASK(seteuid(65534) == 0);
	ASK(is_told("secret", "sockpair: cannot read 'secret': Permission "
	    "denied\n"));
	return 0;
}

static int
read_bad_line(void *argument)
{
	(void)argument;
	ASK(dup2(open("talk", O_RDONLY), 0) == 0);
	ASK(is_told("-", "sockpair: -:2: not JSON: '[' or '{' expected "
	    "near 'x' (column 1)\n"));
	return 0;
}

static int
read_closed(void *argument)
{
	(void)argument;
	close(0);
	ASK(is_told("-", "sockpair: cannot read standard input: Bad file "
	    "descriptor\n"));
	return 0;
}

static void
test_files(void)
{
	char directory[] = "/tmp/sockpair-unit.XXXXXX";
	char command[80];

	need(mkdtemp(directory) != NULL && chdir(directory) == 0 &&
	    chmod(".", 0755) == 0, "mkdtemp");
	test_file();
	test_fifo();
	is_int(run_child(read_stdin, NULL), 0, "standard input");
	is_int(run_child(read_stdin, directory), 0,
	    "standard input that is non-blocking");
	is_int(run_child(read_rest, NULL), 0,
	    "of standard input what is left");
	test_errors();
	write_file("secret", DATA);
	need(chmod("secret", 0) == 0, "chmod");
	is_int(run_child(read_forbidden, NULL), 0,
	    "a file without permission");
	is_int(run_child(read_bad_line, NULL), 0,
	    "a line of standard input is named with -");
	is_int(run_child(read_closed, NULL), 0,
	    "standard input that is closed");
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	need(chdir("/") == 0 && system(command) == 0, "rm");
}

int
main(void)
{
	setenv("LC_ALL", "C", 1);
	test_talks();
	test_kinds();
	test_facts();
	test_faults();
	test_harmless_signals();
	test_wire_limit();
	test_depth();
	test_long();
	test_files();
	return done_testing();
}
