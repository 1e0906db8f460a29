/* SPDX-License-Identifier: MIT */
/* JSON Lines, and that what was carried can be made from them again. */
#include "config.h"

#include "base/base64.h"
#include "base/utf8.h"
#include "sinks.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void
test_events(void)
{
	static const struct trace_fd fds[] = {
		{ 7, TRACE_WRITE, "/tmp/log" },
		{ 8, TRACE_NO_MODE, "socket:[92434]" },
		{ 9, TRACE_BOTH, "/tmp/\xff" },
		{ 10, TRACE_READ, "/tmp/\"" },
	};
	struct trace_event passed = {
		.kind = TRACE_FDS, .direction = TRACE_FROM_COMMAND,
		.fds = fds, .fd_count = 4,
	};
	struct trace_event ended = {
		.kind = TRACE_EOF, .direction = TRACE_TO_COMMAND, .told = true,
	};
	struct trace_event lost = {
		.kind = TRACE_UNDELIVERED, .direction = TRACE_TO_COMMAND,
		.size = 500, .offset = 1000,
	};
	struct trace_event sent = { .kind = TRACE_SIGNAL, .signal = SIGTERM };
	struct trace_event unnamed = { .kind = TRACE_SIGNAL, .signal = 999 };
	struct trace_event silent = {
		.kind = TRACE_TIMEOUT, .duration = 2500000000,
	};
	struct trace_event stalled = {
		.kind = TRACE_STALL, .duration = 1500000000,
	};
	struct sinks sinks;

	sinks_init(&sinks, "json");
	sinks.command[1][0] = '\xff';
	sinks_open(&sinks);
	sinks_begin(&sinks);
	sinks_data(&sinks, TRACE_TO_COMMAND, "a\t\"b\"\\\n", 7);
	sinks_data(&sinks, TRACE_FROM_COMMAND, "\xff", 1);
	sinks_data(&sinks, TRACE_FROM_COMMAND, "", 0);
	trace_event(&sinks.trace, &passed);
	trace_event(&sinks.trace, &ended);
	sinks_event(&sinks, TRACE_SHUTDOWN, TRACE_TO_COMMAND);
	sinks_event(&sinks, TRACE_RESET, TRACE_TO_COMMAND);
	sinks_event(&sinks, TRACE_GONE, TRACE_FROM_COMMAND);
	trace_event(&sinks.trace, &lost);
	trace_event(&sinks.trace, &sent);
	trace_event(&sinks.trace, &unnamed);
	trace_event(&sinks.trace, &silent);
	trace_event(&sinks.trace, &stalled);
	sinks_exit(&sinks, 7 << 8);
	sinks_exit(&sinks, SIGKILL);
	sinks_close(&sinks);
	sinks.command[1][0] = 'a';
	is_str(sinks.content,
	    "{\"t\":0.000000,\"type\":\"start\",\"time\":"
	    "\"2026-01-15T12:00:00.000000000Z\",\"pid\":4242,"
	    "\"argv\":[\"cat\",{\"base64\":\"/yBi\"}],\"socket\":\"stream\","
	    "\"fds\":[0,1]}\n"
	    "{\"t\":0.001000,\"from\":\"stdin\",\"type\":\"data\","
	    "\"offset\":0,\"size\":7,\"text\":\"a\\t\\\"b\\\"\\\\\\n\"}\n"
	    "{\"t\":0.002000,\"from\":\"command\",\"type\":\"data\","
	    "\"offset\":0,\"size\":1,\"base64\":\"/w==\"}\n"
	    "{\"t\":0.003000,\"from\":\"command\",\"type\":\"data\","
	    "\"offset\":1,\"size\":0,\"text\":\"\"}\n"
	    "{\"t\":0.004000,\"from\":\"command\",\"type\":\"fds\",\"fds\":["
	    "{\"fd\":7,\"target\":\"/tmp/log\",\"mode\":\"write\"},"
	    "{\"fd\":8,\"target\":\"socket:[92434]\"},"
	    "{\"fd\":9,\"target\":{\"base64\":\"L3RtcC//\"},"
	    "\"mode\":\"read, write\"},"
	    "{\"fd\":10,\"target\":\"/tmp/\\\"\",\"mode\":\"read\"}]}\n"
	    "{\"t\":0.005000,\"from\":\"stdin\",\"type\":\"eof\","
	    "\"told\":true}\n"
	    "{\"t\":0.006000,\"from\":\"stdin\",\"type\":\"shutdown\"}\n"
	    "{\"t\":0.007000,\"from\":\"stdin\",\"type\":\"reset\"}\n"
	    "{\"t\":0.008000,\"from\":\"command\",\"type\":\"gone\"}\n"
	    "{\"t\":0.009000,\"from\":\"stdin\",\"type\":\"undelivered\","
	    "\"offset\":1000,\"size\":500}\n"
	    "{\"t\":0.010000,\"type\":\"signal\",\"signal\":15,"
	    "\"name\":\"TERM\"}\n"
	    "{\"t\":0.011000,\"type\":\"signal\",\"signal\":999}\n"
	    "{\"t\":0.012000,\"type\":\"timeout\",\"duration\":2.500000}\n"
	    "{\"t\":0.013000,\"type\":\"stall\",\"duration\":1.500000}\n"
	    "{\"t\":0.014000,\"type\":\"exit\",\"status\":7,"
	    "\"stdin\":{\"size\":68,\"pieces\":1},"
	    "\"command\":{\"size\":70,\"pieces\":2},\"duration\":1.002400}\n"
	    "{\"t\":0.015000,\"type\":\"exit\",\"signal\":9,"
	    "\"name\":\"KILL\",\"stdin\":{\"size\":68,\"pieces\":1},"
	    "\"command\":{\"size\":70,\"pieces\":2},\"duration\":1.002400}\n",
	    "every event");
	sinks_free(&sinks);
}

/* What is different if the other side is a second command. */
/* Messages in a stream: they are shown, not the stream. */
static void
test_wire(void)
{
	struct trace_event piece = {
		.kind = TRACE_DATA, .direction = TRACE_FROM_COMMAND,
		.data = "1:a,x", .size = 5, .is_wire = true,
	};
	struct trace_event stray = {
		.kind = TRACE_DATA, .direction = TRACE_FROM_COMMAND,
		.data = "x", .size = 1, .offset = 4,
	};
	struct sinks sinks;

	sinks_init(&sinks, "json");
	sinks.run.messages = true;
	sinks.run.wire = "netstring";
	sinks_open(&sinks);
	sinks_begin(&sinks);
	trace_event(&sinks.trace, &piece);
	sinks_data(&sinks, TRACE_FROM_COMMAND, "a", 1);
	trace_event(&sinks.trace, &stray);
	sinks_close(&sinks);
	is_str(sinks.content,
	    "{\"t\":0.000000,\"type\":\"start\",\"time\":"
	    "\"2026-01-15T12:00:00.000000000Z\",\"pid\":4242,"
	    "\"argv\":[\"cat\",\"a b\"],\"socket\":\"stream\","
	    "\"wire\":\"netstring\",\"fds\":[0,1]}\n"
	    "{\"t\":0.002000,\"from\":\"command\",\"type\":\"message\","
	    "\"number\":1,\"offset\":0,\"size\":1,\"text\":\"a\"}\n"
	    "{\"t\":0.003000,\"from\":\"command\",\"type\":\"data\","
	    "\"offset\":4,\"size\":1,\"text\":\"x\"}\n",
	    "messages in a stream, and what is none");
	sinks_free(&sinks);
}

/* Bytes of a character that have a message between them are not joined. */
static void
test_apart(void)
{
	struct trace_event stray = {
		.kind = TRACE_DATA, .direction = TRACE_FROM_COMMAND,
		.data = "\xc3\xa9", .size = 1, .offset = 4,
	};
	struct sinks sinks;

	sinks_init(&sinks, "json");
	sinks.run.messages = true;
	sinks.run.wire = "netstring";
	sinks.options.events = TRACE_BYTES;
	sinks_open(&sinks);
	trace_event(&sinks.trace, &stray);
	sinks_data(&sinks, TRACE_FROM_COMMAND, "a", 1);
	trace_event(&sinks.trace, &stray);
	stray.data = "\xa9";
	stray.offset = 9;
	trace_event(&sinks.trace, &stray);
	sinks_close(&sinks);
	is_str(sinks.content,
	    "{\"t\":0.000000,\"from\":\"command\",\"type\":\"data\","
	    "\"offset\":4,\"size\":1,\"base64\":\"ww==\"}\n"
	    "{\"t\":0.001000,\"from\":\"command\",\"type\":\"message\","
	    "\"number\":1,\"offset\":0,\"size\":1,\"text\":\"a\"}\n"
	    "{\"t\":0.002000,\"from\":\"command\",\"type\":\"data\","
	    "\"offset\":4,\"size\":1,\"base64\":\"ww==\"}\n"
	    "{\"t\":0.003000,\"from\":\"command\",\"type\":\"data\","
	    "\"offset\":9,\"size\":1,\"base64\":\"qQ==\"}\n",
	    "what is no message is not joined with what is apart from it");
	sinks_free(&sinks);
}

static void
test_peer(void)
{
	static const struct stats stats = { .duration = 1000000 };
	struct trace_event over = {
		.kind = TRACE_EXIT, .wait_status = 3 << 8, .peer_status = 4 << 8,
		.stats = &stats,
	};
	struct sinks sinks;

	sinks_init(&sinks, "json");
	sinks.run.peer = "bc -ql";
	sinks_open(&sinks);
	sinks_begin(&sinks);
	sinks_data(&sinks, TRACE_TO_COMMAND, "a", 1);
	sinks_event(&sinks, TRACE_GONE, TRACE_TO_COMMAND);
	trace_event(&sinks.trace, &over);
	over.peer_status = SIGKILL;
	trace_event(&sinks.trace, &over);
	sinks_close(&sinks);
	is_str(sinks.content,
	    "{\"t\":0.000000,\"type\":\"start\",\"time\":"
	    "\"2026-01-15T12:00:00.000000000Z\",\"pid\":4242,"
	    "\"argv\":[\"cat\",\"a b\"],\"socket\":\"stream\","
	    "\"fds\":[0,1],\"peer\":\"bc -ql\"}\n"
	    "{\"t\":0.001000,\"from\":\"peer\",\"type\":\"data\","
	    "\"offset\":0,\"size\":1,\"text\":\"a\"}\n"
	    "{\"t\":0.002000,\"from\":\"peer\",\"type\":\"gone\"}\n"
	    "{\"t\":0.003000,\"type\":\"exit\",\"status\":3,"
	    "\"peer_status\":4,\"peer\":{\"size\":0,\"pieces\":0},"
	    "\"command\":{\"size\":0,\"pieces\":0},\"duration\":0.001000}\n"
	    "{\"t\":0.004000,\"type\":\"exit\",\"status\":3,"
	    "\"peer_signal\":9,\"peer\":{\"size\":0,\"pieces\":0},"
	    "\"command\":{\"size\":0,\"pieces\":0},\"duration\":0.001000}"
	    "\n", "a second command");
	sinks_free(&sinks);
}

static const struct {
	const char *data;
	size_t size;
	size_t snaplen;
	const char *want;
	const char *name;
} values[] = {
	{ "a\0b", 3, 99, "\"text\":\"a\\u0000b\"}", "a NUL is text" },
	{ "\b\f\x1f\x7f", 4, 99, "\"text\":\"\\u0008\\u000c\\u001f\\u007f\"}",
	    "controls" },
	{ "\xc2\x80\xc2\x9f\xc2\xa0", 6, 99,
	    "\"text\":\"\\u0080\\u009f\xc2\xa0\"}",
	    "C1 controls are escaped" },
	{ "\xe2\x82\xac\xf0\x9f\x98\x80", 7, 99,
	    "\"text\":\"\xe2\x82\xac\xf0\x9f\x98\x80\"}",
	    "other characters are as they are" },
	{ "\xe2\x82", 2, 99, "\"base64\":\"4oI=\"}", "half a character" },
	{ "\xed\xa0\x80", 3, 99, "\"base64\":\"7aCA\"}", "a surrogate" },
	{ "abcdef", 6, 4, "\"shown\":4,\"text\":\"abcd\"}",
	    "less is shown" },
	{ "ab\xe2\x82\xac", 5, 4, "\"shown\":2,\"text\":\"ab\"}",
	    "but not half a character" },
	{ "ab\xff\xe2\x82\xac", 6, 5, "\"shown\":5,\"base64\":\"YWL/4oI=\"}",
	    "of bytes all" },
	{ "abc", 3, 0, "\"shown\":0,\"text\":\"\"}", "nothing is shown" },
};

static void
test_values(void)
{
	struct sinks sinks;
	const char *found;
	size_t i;

	for (i = 0; i < COUNT(values); i++) {
		sinks_init(&sinks, "json");
		sinks.options.snaplen = values[i].snaplen;
		sinks_open(&sinks);
		sinks_data(&sinks, TRACE_TO_COMMAND, values[i].data,
		    values[i].size);
		sinks_close(&sinks);
		found = strstr(sinks.content, values[i].want);
		ok(found != NULL && strlen(found) ==
		    strlen(values[i].want) + 1, values[i].name);
		if (found == NULL)
			printf("# got %s", sinks.content);
		sinks_free(&sinks);
	}
}

/* --- there and back ----------------------------------------------------- */

/* The number in the four hexadecimal digits at text. */
static uint32_t
read_unit(const char *text)
{
	char digits[5] = { 0 };
	char *end;
	unsigned long unit;

	memcpy(digits, text, 4);
	unit = strtoul(digits, &end, 16);
	need(end == digits + 4, "four digits");
	return (uint32_t)unit;
}

/* As RFC 3629, section 3, has it. */
static size_t
put_character(char *data, uint32_t code)
{
	static const unsigned char firsts[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 :
	    code < 0x10000 ? 3 : 4;
	size_t i;

	for (i = length; i-- > 1; code >>= 6)
		data[i] = (char)(0x80 | (code & 0x3f));
	data[0] = (char)(firsts[length] | code);
	return length;
}

/* What "u" and digits stand for, in two parts if it is large. */
static size_t
decode_units(const char **text, char *data)
{
	uint32_t code = read_unit(*text + 1);

	*text += 4;
	if (code >= 0xd800 && code < 0xdc00) {
		need(strncmp(*text + 1, "\\u", 2) == 0, "the second part");
		code = 0x10000 + ((code - 0xd800) << 10) +
		    (read_unit(*text + 3) - 0xdc00);
		*text += 6;
	}
	return put_character(data, code);
}

/* A string up to its quotation mark. */
static size_t
decode_text(const char *text, char *data)
{
	static const char letters[] = "\"\\nrt";
	static const char values_of[] = "\"\\\n\r\t";
	size_t size = 0;

	for (; *text != '"'; text++) {
		if (*text != '\\') {
			data[size++] = *text;
			continue;
		}
		text++;
		if (*text == 'u') {
			size += decode_units(&text, data + size);
		} else {
			need(strchr(letters, *text) != NULL, "letter");
			data[size++] = values_of[strchr(letters, *text) -
			    letters];
		}
	}
	return size;
}

static size_t
decode_base64(const char *text, char *data)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned int bits = 0;
	size_t size = 0;
	int have = 0;

	for (; *text != '"' && *text != '='; text++) {
		bits = bits << 6 |
		    (unsigned int)(strchr(letters, *text) - letters);
		have += 6;
		if (have >= 8) {
			have -= 8;
			data[size++] = (char)(bits >> have);
		}
	}
	return size;
}

/* Make the bytes from all lines of JSON; returns how many. */
static size_t
decode(const char *text, char *data)
{
	static const char text_key[] = ",\"text\":\"";
	static const char base64_key[] = ",\"base64\":\"";
	const char *end;
	const char *found;
	size_t size = 0;

	for (; *text != '\0'; text = end + 1) {
		end = strchr(text, '\n');
		found = memmem(text, (size_t)(end - text), text_key,
		    sizeof(text_key) - 1);
		if (found != NULL) {
			size += decode_text(found + sizeof(text_key) - 1,
			    data + size);
			continue;
		}
		found = memmem(text, (size_t)(end - text), base64_key,
		    sizeof(base64_key) - 1);
		need(found != NULL, "a value");
		size += decode_base64(found + sizeof(base64_key) - 1,
		    data + size);
	}
	return size;
}

/* Whether each record begins where the one before has ended. */
static bool
is_gapless(const char *text)
{
	unsigned long long offset, size, next = 0;

	for (; (text = strstr(text, ",\"offset\":")) != NULL; text++) {
		need(sscanf(text, ",\"offset\":%llu,\"size\":%llu", &offset,
		    &size) == 2, "offset and size");
		if (offset != next)
			return false;
		next += size;
	}
	return true;
}

static void
test_back(const char *data, size_t size, size_t step, const char *what)
{
	struct sinks sinks;
	char *decoded = malloc(size + 1);
	char title[100];
	size_t length;
	size_t done;

	sinks_init(&sinks, "json");
	sinks_open(&sinks);
	for (done = 0; done < size; done += length) {
		length = size - done < step ? size - done : step;
		sinks_data(&sinks, TRACE_TO_COMMAND, data + done, length);
	}
	sinks_close(&sinks);
	snprintf(title, sizeof(title), "%s in pieces of %zu", what, step);
	ok(decode(sinks.content, decoded) == size &&
	    is_gapless(sinks.content) && (utf8_valid(data, size) < size ||
	    strstr(sinks.content, ",\"base64\"") == NULL) &&
	    memcmp(decoded, data, size) == 0 &&
	    utf8_valid(sinks.content, sinks.size) == sinks.size &&
	    memmem(sinks.content, sinks.size, "\xc2\x9b", 2) == NULL, title);
	sinks_free(&sinks);
	free(decoded);
}

/* count copies of text, size bytes each. */
static void
test_many(const char *text, size_t size, size_t count, const char *what)
{
	char *data = malloc(size * count);
	size_t i;

	need(data != NULL, "malloc");
	for (i = 0; i < count; i++)
		memcpy(data + i * size, text, size);
	test_back(data, size * count, size * count, what);
	test_back(data, size * count, 65536, what);
	free(data);
}

static void
test_reversible(void)
{
	static const char words[] = "na\xc3\xafve \xe2\x82\xac 5 "
	    "\xf0\x9f\x98\x80\n\"\\back\\\\ \\n\n\xc2\x9b\xe2\x80\xae\033[1m";
	static const size_t steps[] = { 1, 2, 3, 5, 7, 16, 17, 1000 };
	char bytes[512];
	static char random_bytes[20000];
	unsigned int state = 1;
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i < 256 ? i : 511 - i);
	for (i = 0; i < sizeof(random_bytes); i++) {
		state = state * 1103515245 + 12345;	/* POSIX, rand() */
		random_bytes[i] = (char)(state >> 16);
	}
	for (i = 0; i < COUNT(steps); i++) {
		test_back(words, sizeof(words) - 1, steps[i], "UTF-8");
		test_back(bytes, sizeof(bytes), steps[i], "every byte");
		test_back(bytes, 128, steps[i], "every byte of ASCII");
		test_back(random_bytes, 2000, steps[i], "random bytes");
	}
	test_back(random_bytes, sizeof(random_bytes), sizeof(random_bytes),
	    "many random bytes");
	/* Large; and cut within a C1 control at some place. */
	test_many("\1\2", 2, 200000, "many controls");
	test_many("a\xc2\x9b", 3, 200000, "many C1 controls");
	test_many("ab\xf3\xa0\x81\x81", 6, 100000, "many tags");
	test_many("\xff", 1, 1000001, "a million bytes");
	test_many("plain text", 10, 120000, "a million characters");
}

#define RECORD(from, place, value) \
	"\"from\":\"" from "\",\"type\":\"data\"," place "," value "}\n"

/* Everything but the times, which are a millisecond apart. */
static void
is_records(struct sinks *sinks, const char *want, const char *name)
{
	const char *from;
	char *to;
	size_t size;

	sinks_close(sinks);
	to = sinks->content;
	for (from = to; *from != '\0'; from += size) {
		need(strncmp(from, "{\"t\":0.", 7) == 0, "a time");
		from = strchr(from, ',') + 1;
		size = (size_t)(strchr(from, '\n') - from) + 1;
		memmove(to, from, size);
		to += size;
	}
	*to = '\0';
	is_str(sinks->content, want, name);
	sinks_free(sinks);
}

/* A character that is cut waits for the next piece of its direction. */
static void
test_carried(void)
{
	struct sinks sinks;

	sinks_init(&sinks, "json");
	sinks_open(&sinks);
	sinks_data(&sinks, TRACE_TO_COMMAND, "a\xe2", 2);
	sinks_data(&sinks, TRACE_TO_COMMAND, "\x82", 1);
	sinks_data(&sinks, TRACE_TO_COMMAND, "\xac" "c\xc3", 3);
	sinks_data(&sinks, TRACE_TO_COMMAND, "d", 1);
	is_records(&sinks,
	    RECORD("stdin", "\"offset\":0,\"size\":1", "\"text\":\"a\"")
	    RECORD("stdin", "\"offset\":1,\"size\":4",
	    "\"text\":\"\xe2\x82\xac" "c\"")
	    RECORD("stdin", "\"offset\":5,\"size\":2", "\"base64\":\"w2Q=\""),
	    "a character that is cut stands in the next record");
}

/* But not if the other side speaks first: each direction by itself. */
static void
test_answered(void)
{
	struct sinks sinks;

	sinks_init(&sinks, "json");
	sinks_open(&sinks);
	sinks_data(&sinks, TRACE_TO_COMMAND, "a\xe2", 2);
	sinks_data(&sinks, TRACE_FROM_COMMAND, "b\xf0\x9f", 3);
	sinks_data(&sinks, TRACE_TO_COMMAND, "\x82", 1);
	sinks_data(&sinks, TRACE_TO_COMMAND, "\xac" "c\xc3", 3);
	sinks_data(&sinks, TRACE_FROM_COMMAND, "\x98\x80" "d", 3);
	sinks_data(&sinks, TRACE_TO_COMMAND, "e\xc3", 2);
	sinks_data(&sinks, TRACE_TO_COMMAND, "\xa9", 1);
	sinks_data(&sinks, TRACE_FROM_COMMAND, "\x80", 1);
	is_records(&sinks,
	    RECORD("stdin", "\"offset\":0,\"size\":1", "\"text\":\"a\"")
	    RECORD("stdin", "\"offset\":1,\"size\":1", "\"base64\":\"4g==\"")
	    RECORD("command", "\"offset\":0,\"size\":1", "\"text\":\"b\"")
	    RECORD("command", "\"offset\":1,\"size\":2",
	    "\"base64\":\"8J8=\"")
	    RECORD("stdin", "\"offset\":2,\"size\":1", "\"base64\":\"gg==\"")
	    RECORD("stdin", "\"offset\":3,\"size\":1", "\"base64\":\"rA==\"")
	    RECORD("stdin", "\"offset\":4,\"size\":1", "\"text\":\"c\"")
	    RECORD("stdin", "\"offset\":5,\"size\":1", "\"base64\":\"ww==\"")
	    RECORD("command", "\"offset\":3,\"size\":2",
	    "\"base64\":\"mIA=\"")
	    RECORD("command", "\"offset\":5,\"size\":1", "\"text\":\"d\"")
	    RECORD("stdin", "\"offset\":6,\"size\":1", "\"text\":\"e\"")
	    RECORD("stdin", "\"offset\":7,\"size\":2",
	    "\"text\":\"\xc3\xa9\"")
	    RECORD("command", "\"offset\":6,\"size\":1",
	    "\"base64\":\"gA==\""),
	    "but stands before what the other side says in between");
}

/* A request and an answer by turns: the records are in the same order. */
static void
test_order(void)
{
	static const size_t steps[] = { 1, 2, 3, 7 };
	char data[2000];
	char decoded[sizeof(data) + 1];
	struct sinks sinks;
	unsigned int state = 1;
	size_t i, done, length;
	bool same = true;

	for (i = 0; i < sizeof(data); i++) {
		state = state * 1103515245 + 12345;	/* POSIX, rand() */
		data[i] = (char)(state >> 16 | 0x80);
	}
	for (i = 0; i < COUNT(steps); i++) {
		sinks_init(&sinks, "json");
		sinks_open(&sinks);
		for (done = 0; done < sizeof(data); done += length) {
			length = sizeof(data) - done < steps[i] ?
			    sizeof(data) - done : steps[i];
			sinks_data(&sinks, done / steps[i] % 2 == 0 ?
			    TRACE_TO_COMMAND : TRACE_FROM_COMMAND,
			    data + done, length);
		}
		sinks_close(&sinks);
		same &= decode(sinks.content, decoded) == sizeof(data) &&
		    memcmp(decoded, data, sizeof(data)) == 0;
		sinks_free(&sinks);
	}
	ok(same, "records are in the order in which bytes were sent");
}

/* What is carried comes before an event of any other kind. */
static void
test_uncarried(enum trace_kind kind, enum trace_direction direction,
    const char *keys)
{
	static const struct {
		const char *key;
		const char *words;
	} sides[] = {
		[TRACE_NEITHER] = { "", "" },
		[TRACE_TO_COMMAND] = { "\"from\":\"stdin\",", " of stdin" },
		[TRACE_FROM_COMMAND] = { "\"from\":\"command\",",
		    " of the command" },
	};
	struct trace_event event = { .kind = kind, .direction = direction };
	const char *name = names_name(event_names, (int)kind);
	struct sinks sinks;
	char want[400];
	char title[80];

	sinks_init(&sinks, "json");
	sinks_open(&sinks);
	sinks_data(&sinks, TRACE_TO_COMMAND, "\xe2\x82", 2);
	trace_event(&sinks.trace, &event);
	sinks_data(&sinks, TRACE_TO_COMMAND, "\xac" "b", 2);
	snprintf(want, sizeof(want), "%s%s\"type\":\"%s\"%s}\n%s%s",
	    RECORD("stdin", "\"offset\":0,\"size\":2",
	    "\"base64\":\"4oI=\""), sides[direction].key, name, keys,
	    RECORD("stdin", "\"offset\":2,\"size\":1", "\"base64\":\"rA==\""),
	    RECORD("stdin", "\"offset\":3,\"size\":1", "\"text\":\"b\""));
	snprintf(title, sizeof(title), "half a character comes before %s%s",
	    name, sides[direction].words);
	is_records(&sinks, want, title);
}

/* At the exit, and in what is shown of a piece. */
static void
test_carried_end(void)
{
	static const struct stats none;
	struct trace_event over = { .kind = TRACE_EXIT, .stats = &none };
	struct sinks sinks;

	sinks_init(&sinks, "json");
	sinks_open(&sinks);
	sinks_data(&sinks, TRACE_FROM_COMMAND, "\xc3", 1);
	trace_event(&sinks.trace, &over);
	is_records(&sinks,
	    RECORD("command", "\"offset\":0,\"size\":1",
	    "\"base64\":\"ww==\"")
	    "\"type\":\"exit\",\"status\":0,\"stdin\":{\"size\":0,"
	    "\"pieces\":0},\"command\":{\"size\":0,\"pieces\":0},"
	    "\"duration\":0.000000}\n", "half a character comes before exit");
	sinks_init(&sinks, "json");
	sinks.options.snaplen = 4;
	sinks_open(&sinks);
	sinks_data(&sinks, TRACE_TO_COMMAND, "\xe2\x82", 2);
	sinks_data(&sinks, TRACE_TO_COMMAND, "\xac\xc3\xa9\xe2\x82", 5);
	sinks_data(&sinks, TRACE_TO_COMMAND, "\xff" "abcd", 5);
	sinks_data(&sinks, TRACE_TO_COMMAND, "\xe2\x82", 2);
	is_records(&sinks,
	    RECORD("stdin", "\"offset\":0,\"size\":5",
	    "\"shown\":3,\"text\":\"\xe2\x82\xac\"")
	    RECORD("stdin", "\"offset\":5,\"size\":7",
	    "\"shown\":4,\"base64\":\"4oL/YQ==\"")
	    RECORD("stdin", "\"offset\":12,\"size\":2",
	    "\"base64\":\"4oI=\""), "a piece is shown to a character's end");
	sinks_init(&sinks, "json");
	sinks.options.snaplen = 2;
	sinks_open(&sinks);
	sinks_data(&sinks, TRACE_TO_COMMAND, "\xe2\x82", 2);
	sinks_data(&sinks, TRACE_TO_COMMAND, "\xac", 1);
	is_records(&sinks, RECORD("stdin", "\"offset\":0,\"size\":3",
	    "\"shown\":0,\"text\":\"\""), "which may be none of it");
	sinks_init(&sinks, "json");
	sinks.run.messages = true;
	sinks_open(&sinks);
	sinks_data(&sinks, TRACE_TO_COMMAND, "\xe2\x82", 2);
	is_int(sinks.trace.sinks[0].error, 0, "a message is written");
	sinks_close(&sinks);
	ok(strstr(sinks.content, "\"number\":1,\"offset\":0,\"size\":2,"
	    "\"base64\":\"4oI=\"}\n") != NULL, "and keeps what is its own");
	sinks_free(&sinks);
}

/*
 * Every character there is: it comes back, and what is hidden stands in the
 * trace as its number only.
 */
static void
test_characters(void)
{
	static char data[5 << 20];
	struct sinks sinks;
	uint32_t code;
	size_t size = 0;
	bool shown = true;
	char *decoded = malloc(sizeof(data));
	const char *at;

	for (code = 0; code <= 0x10ffff; code++)
		if (code < 0xd800 || code > 0xdfff)
			size += put_character(data + size, code);
	sinks_init(&sinks, "json");
	sinks_open(&sinks);
	sinks_data(&sinks, TRACE_TO_COMMAND, data, size);
	sinks_close(&sinks);
	ok(decode(sinks.content, decoded) == size &&
	    memcmp(decoded, data, size) == 0, "every character comes back");
	for (at = sinks.content; *at != '\0' && *at != '\n' && shown;
	    at += utf8_character(at, 4, &code))
		shown = utf8_character(at, 4, &code) > 0 &&
		    !utf8_is_hidden(code);
	ok(shown && *at == '\n', "and none that is hidden is as it is");
	sinks_free(&sinks);
	free(decoded);
}

/* What a terminal would obey, at every place in eight bytes and beyond. */
static void
test_places(void)
{
	static const char *const hostile[] = { "\x7f", "\xc2\x9b", "\033" };
	static const char *const escaped[] = { "\\u007f", "\\u009b",
	    "\\u001b" };
	char data[40];
	char want[60];
	struct sinks sinks;
	bool good = true;
	size_t i, place, size;

	for (i = 0; i < COUNT(hostile); i++)
		for (place = 0; place < 24; place++) {
			size = (size_t)snprintf(data, sizeof(data),
			    "%.*s%s%.*s", (int)place,
			    "abcdefghijklmnopqrstuvwx", hostile[i],
			    (int)(24 - place), "ABCDEFGHIJKLMNOPQRSTUVWX");
			snprintf(want, sizeof(want), "\"%.*s%s%.*s\"",
			    (int)place, "abcdefghijklmnopqrstuvwx",
			    escaped[i], (int)(24 - place),
			    "ABCDEFGHIJKLMNOPQRSTUVWX");
			sinks_init(&sinks, "json");
			sinks_open(&sinks);
			sinks_data(&sinks, TRACE_TO_COMMAND, data, size);
			sinks_close(&sinks);
			good = good && strstr(sinks.content, want) != NULL;
			sinks_free(&sinks);
		}
	ok(good, "what a terminal obeys is escaped at every place");
}

static void
test_writes(void)
{
	struct sinks sinks;
	struct capture capture;

	sinks_init(&sinks, "json");
	capture_begin(&capture, STDERR_FILENO);
	sinks_open_fd(&sinks, STDERR_FILENO, "standard error");
	sinks_begin(&sinks);
	sinks_data(&sinks, TRACE_TO_COMMAND, "one\ntwo\n", 8);
	trace_finish(&sinks.trace);
	capture_end(&capture);
	trace_free(&sinks.trace);
	is_int(capture.writes, 2, "two records are two writes");
}

int
main(void)
{
	enum trace_direction way;

	test_events();
	test_wire();
	test_apart();
	test_peer();
	test_values();
	test_reversible();
	test_carried();
	test_answered();
	test_order();
	for (way = TRACE_TO_COMMAND; way <= TRACE_FROM_COMMAND; way++) {
		test_uncarried(TRACE_EOF, way, ",\"told\":false");
		test_uncarried(TRACE_SHUTDOWN, way, "");
		test_uncarried(TRACE_RESET, way, "");
		test_uncarried(TRACE_GONE, way, "");
		test_uncarried(TRACE_FDS, way, ",\"fds\":[]");
		test_uncarried(TRACE_UNDELIVERED, way,
		    ",\"offset\":0,\"size\":0");
	}
	test_uncarried(TRACE_SIGNAL, TRACE_NEITHER, ",\"signal\":0");
	test_uncarried(TRACE_STALL, TRACE_NEITHER,
	    ",\"duration\":0.000000");
	test_uncarried(TRACE_TIMEOUT, TRACE_NEITHER,
	    ",\"duration\":0.000000");
	test_carried_end();
	test_characters();
	test_places();
	test_writes();
	return done_testing();
}
