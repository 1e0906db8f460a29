/* SPDX-License-Identifier: MIT */
/* Traces for people, and that what was carried can be made from them again. */
#include "config.h"

#include "sinks.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* --- the layout ------------------------------------------------------- */

static const char png[] =
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0";

static void
every_event(struct sinks *sinks)
{
	static const struct trace_fd fds[] = {
		{ 7, TRACE_WRITE, "/tmp/log" },
		{ 8, TRACE_NO_MODE, "socket:[92434]" },
		{ 9, TRACE_BOTH, "/tmp/a\nb" },
		{ 10, TRACE_READ, "/dev/null" },
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
	struct trace_event passed_on = {
		.kind = TRACE_SIGNAL, .direction = TRACE_TO_COMMAND,
		.signal = SIGTERM,
	};
	struct trace_event silent = {
		.kind = TRACE_TIMEOUT, .duration = 2500000000,
	};

	sinks_begin(sinks);
	sinks_data(sinks, TRACE_TO_COMMAND,
	    "POST /rpc HTTP/1.1\r\n{\"id\":1,\t\"a\"}", 33);
	sinks_data(sinks, TRACE_FROM_COMMAND, png, 22);
	trace_event(&sinks->trace, &passed);
	trace_event(&sinks->trace, &ended);
	sinks_event(sinks, TRACE_EOF, TRACE_FROM_COMMAND);
	sinks_event(sinks, TRACE_SHUTDOWN, TRACE_TO_COMMAND);
	sinks_event(sinks, TRACE_SHUTDOWN, TRACE_FROM_COMMAND);
	sinks_event(sinks, TRACE_RESET, TRACE_TO_COMMAND);
	sinks_event(sinks, TRACE_GONE, TRACE_FROM_COMMAND);
	trace_event(&sinks->trace, &lost);
	trace_event(&sinks->trace, &passed_on);
	trace_event(&sinks->trace, &silent);
	sinks_exit(sinks, 0);
}

static void
is_text(const char *format, void (*change)(struct sinks *),
    void (*events)(struct sinks *), const char *want, const char *name)
{
	struct sinks sinks;

	sinks_init(&sinks, format);
	if (change != NULL)
		change(&sinks);
	sinks_open(&sinks);
	events(&sinks);
	sinks_close(&sinks);
	is_str(sinks.content, want, name);
	sinks_free(&sinks);
}

#define EVERY_DATA \
	"> 0.001000 data  33 B at 0\n" \
	">   POST /rpc HTTP/1.1\\r\n" \
	">   {\"id\":1,\\t\"a\"}\\\n" \
	"< 0.002000 data  22 B at 0\n" \
	"< 000000  89 50 4e 47 0d 0a 1a 0a  00 00 00 0d 49 48 44 52" \
	"  .PNG........IHDR\n" \
	"< 000010  00 00 01 00 00 00" \
	"                                 ......\n"

static const char every_text[] =
    "* 0.000000 start 4242: cat 'a b'  (stream, fd 0,1; > to it, "
    "< from it)\n"
    EVERY_DATA
    "< 0.003000 fds   4 passed: 7: /tmp/log (write); 8: socket:[92434]; "
    "9: /tmp/a\\nb (read, write); 10: /dev/null (read)\n"
    "> 0.004000 eof   end of standard input, command told\n"
    "< 0.005000 eof   end of the command's output, reader not told\n"
    "> 0.006000 shutdown the command reads no more\n"
    "< 0.007000 shutdown the command is told that nobody reads\n"
    "> 0.008000 reset the command left bytes unread\n"
    "< 0.009000 gone  the reader of standard output has gone\n"
    "> 0.010000 undelivered 500 B at 1000\n"
    "> 0.011000 signal TERM passed on\n"
    "* 0.012000 timeout nothing moved for 2.500 s, the command is ended\n"
    "* 0.013000 exit  status 0; > 68 B in 1, < 70 B in 2, 1.002 s\n";

static void
some_events(struct sinks *sinks)
{
	sinks_data(sinks, TRACE_TO_COMMAND, "caf\xc3\xa9\n\nb\n", 9);
	sinks_now += 250000000;
	sinks_data(sinks, TRACE_FROM_COMMAND, "", 0);
	sinks_exit(sinks, SIGKILL);
}

static void
stalled_event(struct sinks *sinks)
{
	struct trace_event stall = {
		.kind = TRACE_STALL, .duration = 1500000000,
	};

	trace_event(&sinks->trace, &stall);
}

static void
some_hex(struct sinks *sinks)
{
	sinks->to_command = 0xfffffff0;
	sinks_data(sinks, TRACE_TO_COMMAND, "0123456789abcdef\1g", 18);
	sinks_data(sinks, TRACE_TO_COMMAND, "01234567", 8);
	sinks_data(sinks, TRACE_FROM_COMMAND, "\n", 1);
}

static void
with_peer(struct sinks *sinks)
{
	sinks->run.peer = "bc -ql";
}

static void
peer_events(struct sinks *sinks)
{
	struct trace_event silent = {
		.kind = TRACE_TIMEOUT, .duration = 2000000,
	};
	static const struct stats stats = { .duration = 1000000 };
	struct trace_event over = {
		.kind = TRACE_EXIT, .wait_status = 3 << 8,
		.peer_status = SIGKILL, .stats = &stats,
	};

	sinks_begin(sinks);
	sinks_event(sinks, TRACE_EOF, TRACE_TO_COMMAND);
	sinks_event(sinks, TRACE_EOF, TRACE_FROM_COMMAND);
	sinks_event(sinks, TRACE_GONE, TRACE_TO_COMMAND);
	sinks_event(sinks, TRACE_GONE, TRACE_FROM_COMMAND);
	sinks_event(sinks, TRACE_SHUTDOWN, TRACE_TO_COMMAND);
	sinks_event(sinks, TRACE_SHUTDOWN, TRACE_FROM_COMMAND);
	sinks_event(sinks, TRACE_RESET, TRACE_TO_COMMAND);
	sinks_event(sinks, TRACE_RESET, TRACE_FROM_COMMAND);
	trace_event(&sinks->trace, &silent);
	trace_event(&sinks->trace, &over);
}

static void
delta(struct sinks *sinks)
{
	sinks->options.time = TIME_DELTA;
}

static void
absolute(struct sinks *sinks)
{
	sinks->options.time = TIME_ABS;
	need(setenv("TZ", "XXX+3:30", 1) == 0, "setenv");
}

static void
no_time(struct sinks *sinks)
{
	sinks->options.time = TIME_NONE;
	sinks->options.utf8 = true;
}

static void
colored(struct sinks *sinks)
{
	sinks->options.color = true;
	sinks->options.time = TIME_NONE;
}

static void
snapped(struct sinks *sinks)
{
	sinks->options.snaplen = 4;
	sinks->options.time = TIME_NONE;
}

static void
of_messages(struct sinks *sinks)
{
	sinks->run.messages = true;
	sinks->run.type = "seqpacket";
}

static void
test_layout(void)
{
	is_text("text", NULL, every_event, every_text, "text");
	is_text("text", delta, some_events,
	    "> 0.000000 data  9 B at 0\n>   caf\\xc3\\xa9\n>   \n>   b\n"
	    "< 0.251000 data  0 B at 0\n"
	    "* 0.001000 exit  signal KILL; > 68 B in 1, < 70 B in 2, "
	    "1.002 s\n", "--time=delta, and a death");
	is_text("text", absolute, some_events,
	    "> 2026-01-15T08:30:00.000000-03:30 data  9 B at 0\n"
	    ">   caf\\xc3\\xa9\n>   \n>   b\n"
	    "< 2026-01-15T08:30:00.251000-03:30 data  0 B at 0\n"
	    "* 2026-01-15T08:30:00.252000-03:30 exit  signal KILL; > 68 B in "
	    "1, < 70 B in 2, 1.002 s\n", "--time=abs");
	is_text("text", no_time, some_events,
	    "> data  9 B at 0\n>   caf\xc3\xa9\n>   \n>   b\n"
	    "< data  0 B at 0\n"
	    "* exit  signal KILL; > 68 B in 1, < 70 B in 2, 1.002 s\n",
	    "--time=none, and a locale with UTF-8");
	is_text("text", with_peer, peer_events,
	    "* 0.000000 start 4242: cat 'a b'  (stream, fd 0,1, peer "
	    "'bc -ql'; > what COMMAND2 says, < what COMMAND says)\n"
	    "> 0.001000 eof   end of the peer's output, command not told\n"
	    "< 0.002000 eof   end of the command's output, peer not told\n"
	    "> 0.003000 gone  the command reads no more\n"
	    "< 0.004000 gone  the peer reads no more\n"
	    "> 0.005000 shutdown the peer is told that nobody reads\n"
	    "< 0.006000 shutdown the command is told that nobody reads\n"
	    "> 0.007000 reset the command left bytes unread\n"
	    "< 0.008000 reset the peer left bytes unread\n"
	    "* 0.009000 timeout nothing moved for 0.002 s, the commands are "
	    "ended\n"
	    "* 0.010000 exit  status 3, peer signal KILL; > 0 B in 0, "
	    "< 0 B in 0, 0.001 s\n", "--peer");
	is_text("text", NULL, stalled_event,
	    "* 0.000000 stall nothing moved for 1.500 s\n", "a stall");
	is_text("text", of_messages, some_events,
	    "> 0.000000 message 9 B at 0, number 1\n"
	    ">   caf\\xc3\\xa9\n>   \n>   b\n"
	    "< 0.251000 message 0 B at 0, number 1\n"
	    "* 0.252000 exit  signal KILL; > 68 B in 1, < 70 B in 2, "
	    "1.002 s\n", "messages");
}

static void
test_more_layout(void)
{
	is_text("hex", NULL, some_hex,
	    "> 0.000000 data  18 B at 4294967280\n"
	    "> fffffff0  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66"
	    "  0123456789abcdef\n"
	    "> 100000000  01 67                                           "
	    "  .g\n"
	    "> 0.001000 data  8 B at 4294967298\n"
	    "> 100000002  30 31 32 33 34 35 36 37                         "
	    "  01234567\n"
	    "< 0.002000 data  1 B at 0\n"
	    "< 000000  0a                                              "
	    "  .\n", "hexadecimal with text beside");
	is_text("text", colored, some_events,
	    "\033[35m> data  9 B at 0\033[0m\n"
	    "\033[35m>\033[0m   caf\\xc3\\xa9\n"
	    "\033[35m>\033[0m   \n\033[35m>\033[0m   b\n"
	    "\033[32m< data  0 B at 0\033[0m\n"
	    "\033[1m* exit  signal KILL; > 68 B in 1, < 70 B in 2, "
	    "1.002 s\033[0m\n", "in colour");
	is_text("text", snapped, every_event,
	    "* start 4242: cat 'a b'  (stream, fd 0,1; > to it, "
	    "< from it)\n"
	    "> data  33 B at 0, 4 shown\n>   POST\\\n"
	    "< data  22 B at 0, 4 shown\n"
	    "< 000000  89 50 4e 47                                     "
	    "  .PNG\n"
	    "< fds   4 passed: 7: /tmp/log (write); 8: socket:[92434]; "
	    "9: /tmp/a\\nb (read, write); 10: /dev/null (read)\n"
	    "> eof   end of standard input, command told\n"
	    "< eof   end of the command's output, reader not told\n"
	    "> shutdown the command reads no more\n"
	    "< shutdown the command is told that nobody reads\n"
	    "> reset the command left bytes unread\n"
	    "< gone  the reader of standard output has gone\n"
	    "> undelivered 500 B at 1000\n"
	    "> signal TERM passed on\n"
	    "* timeout nothing moved for 2.500 s, the command is ended\n"
	    "* exit  status 0; > 68 B in 1, < 70 B in 2, 1.002 s\n",
	    "--snaplen shows less");
}

/* --- there and back ----------------------------------------------------- */

/* The value of the two hexadecimal digits at text, or -1. */
static int
hex_byte(const char *text)
{
	static const char digits[] = "0123456789abcdef";
	const char *high = strchr(digits, text[0]);
	const char *low = high == NULL ? NULL : strchr(digits, text[1]);

	if (low == NULL || text[0] == '\0' || text[1] == '\0')
		return -1;
	return (int)((high - digits) << 4 | (low - digits));
}

/* A line in hexadecimal, after "> ", whose columns are in known places. */
static size_t
decode_hex(const char *line, char *data)
{
	size_t size = 0;

	line += strspn(line, "0123456789abcdef") + 2;
	while (size < 16 && hex_byte(line) != -1) {
		data[size++] = (char)hex_byte(line);
		line += 2;
		/* Two blanks in the middle; anywhere else, the end. */
		if (*line == ' ')
			line++;
		if (*line == ' ' && size == 8)
			line++;
		if (*line == ' ' || *line == '\n')
			break;
	}
	return size;
}

/* A line of text, after ">   ". */
static size_t
decode_text(const char *line, char *data)
{
	static const char letters[] = "\\rte";
	static const char values[] = "\\\r\t\033";
	size_t size = 0;

	for (; *line != '\n'; line++) {
		if (*line != '\\') {
			data[size++] = *line;
			continue;
		}
		line++;
		if (*line == '\n')
			return size;
		if (*line == 'x') {
			need(hex_byte(line + 1) != -1, "hexadecimal");
			data[size++] = (char)hex_byte(line + 1);
			line += 2;
		} else {
			need(strchr(letters, *line) != NULL, "letter");
			data[size++] = values[strchr(letters, *line) -
			    letters];
		}
	}
	data[size++] = '\n';
	return size;
}

/* Make the bytes of one direction from text; returns how many. */
static size_t
decode(const char *text, char mark, char *data)
{
	size_t size = 0;

	for (; *text != '\0'; text = strchr(text, '\n') + 1) {
		if (text[0] != mark)
			continue;
		if (strncmp(text + 2, "  ", 2) == 0)
			size += decode_text(text + 4, data + size);
		else if (strncmp(text + 2, "data ", 5) != 0)
			size += decode_hex(text + 2, data + size);
	}
	return size;
}

/* Whether text, but for newlines, has no byte that a terminal would obey. */
static bool
is_harmless(const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (((unsigned char)text[i] < 0x20 && text[i] != '\n') ||
		    text[i] == 0x7f)
			return false;
	return memmem(text, size, "\xc2\x9b", 2) == NULL &&
	    memmem(text, size, "\xe2\x80\xae", 3) == NULL;
}

/* data in pieces of step bytes to and fro, there and back. */
static bool
comes_back(const char *format, bool utf8, const char *data,
    size_t size, size_t step)
{
	struct sinks sinks;
	char *decoded = malloc(size + 1);
	size_t length;
	size_t done;
	bool same;

	sinks_init(&sinks, format);
	sinks.options.time = TIME_NONE;
	sinks.options.utf8 = utf8;
	sinks_open(&sinks);
	for (done = 0; done < size; done += length) {
		length = size - done < step ? size - done : step;
		sinks_data(&sinks, TRACE_TO_COMMAND, data + done, length);
		sinks_data(&sinks, TRACE_FROM_COMMAND, data + done, length);
	}
	sinks_close(&sinks);
	same = decode(sinks.content, '>', decoded) == size &&
	    memcmp(decoded, data, size) == 0 &&
	    decode(sinks.content, '<', decoded) == size &&
	    memcmp(decoded, data, size) == 0 &&
	    is_harmless(sinks.content, sinks.size);
	sinks_free(&sinks);
	free(decoded);
	return same;
}

static void
test_back(const char *data, size_t size, size_t step, const char *what)
{
	char title[100];

	snprintf(title, sizeof(title), "%s in pieces of %zu", what, step);
	ok(comes_back("text", false, data, size, step) &&
	    comes_back("text", true, data, size, step) &&
	    comes_back("hex", false, data, size, step), title);
}

static void
test_reversible(void)
{
	static const char words[] = "na\xc3\xafve \xe2\x82\xac 5 "
	    "\xf0\x9f\x98\x80\n\\back\\\\ \\n\n\xc2\x9b\xe2\x80\xae\033[1m\r\n";
	static const size_t steps[] = { 1, 2, 3, 5, 7, 16, 17, 1000, 65536 };
	char bytes[512];
	static char random_bytes[20000];
	static char lines[70000];
	unsigned int state = 1;
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i < 256 ? i : 511 - i);
	for (i = 0; i < sizeof(random_bytes); i++) {
		state = state * 1103515245 + 12345;	/* POSIX, rand() */
		random_bytes[i] = (char)(state >> 16);
	}
	memset(lines, '\n', sizeof(lines));
	memset(lines, 1, 1000);
	for (i = 0; i < COUNT(steps); i++) {
		test_back(words, sizeof(words) - 1, steps[i], "UTF-8");
		test_back(bytes, sizeof(bytes), steps[i], "every byte");
		if (steps[i] > 16)
			test_back(random_bytes, sizeof(random_bytes), steps[i],
			    "random bytes");
	}
	test_back(lines, sizeof(lines), 65536, "newlines and controls");
	test_back("no newline", 10, 100, "a line without an end");
	test_back("\n", 1, 1, "an end without a line");
	test_back("a\\", 2, 2, "a backslash at the end");
	test_back("a\\\n", 3, 3, "a backslash before a newline");
}

/* Messages whose record is large. */
static void
test_large(void)
{
	size_t size = 400000;
	char *data = malloc(size);
	size_t i;

	need(data != NULL, "malloc");
	memset(data, 1, size);
	test_back(data, size, size, "one very long line");
	for (i = 0; i < size; i += 3)
		data[i] = '\n';
	test_back(data, size, size, "very many short lines");
	free(data);
}

int
main(void)
{
	test_layout();
	test_more_layout();
	test_reversible();
	test_large();
	return done_testing();
}
