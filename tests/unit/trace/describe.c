/* SPDX-License-Identifier: MIT */
/* Events in words: each kind, of a relay and of two commands. */
#include "config.h"

#include "trace/describe.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static char program[] = "cat";
static char argument[] = "a b";
static char *command[] = { program, argument, NULL };
static int numbers[] = { 0, 1 };
static const struct fd_list fds = { numbers, 2 };
static const struct trace_run relayed = {
	.command = command, .type = "stream", .fds = &fds,
};
static const struct trace_run peered = {
	.command = command, .type = "stream", .fds = &fds, .peer = "bc -l",
};

static void
is_told(const struct trace_event *event, const struct trace_run *run,
    const char *want, const char *name)
{
	char text[500];
	struct textbuf line = textbuf_in(text, sizeof(text) - 1);

	describe_event(&line, event, run, true);
	text[line.used] = '\0';
	is_str(text, want, name);
}

static void
test_start(void)
{
	static char hostile[] = "a\n\033[31m\xc3\xa9";
	static char *odd[] = { hostile, NULL };
	static int number = 7;
	const struct fd_list one = { &number, 1 };
	const struct trace_run run = {
		.command = odd, .type = "dgram", .fds = &one,
		.peer = "\xc3\xa9's",
	};
	const struct trace_run wired = {
		.command = command, .type = "stream", .wire = "lsp",
		.messages = true, .fds = &fds,
	};
	const struct trace_event event = { .kind = TRACE_START, .pid = 42 };
	char text[200];
	struct textbuf line = textbuf_in(text, sizeof(text) - 1);

	is_told(&event, &relayed, "42: cat 'a b'  (stream, fd 0,1; "
	    "> to it, < from it)", "a start has the command's line, its "
	    "socket, its numbers, and whose each mark is");
	is_told(&event, &peered, "42: cat 'a b'  (stream, fd 0,1, "
	    "peer 'bc -l'; > what COMMAND2 says, < what COMMAND says)",
	    "and the peer, if there is one");
	is_told(&event, &wired, "42: cat 'a b'  (stream, lsp messages, fd 0,1; "
	    "> to it, < from it)", "and the framing of messages in a stream");
	is_told(&event, &run, "42: 'a\\n\\e[31m\xc3\xa9'  (dgram, fd 7, "
	    "peer '\xc3\xa9'\\''s'; > what COMMAND2 says, < what COMMAND says)",
	    "what a terminal obeys is escaped");
	describe_event(&line, &event, &run, false);
	text[line.used] = '\0';
	is_str(text, "42: 'a\\n\\e[31m\\xc3\\xa9'  (dgram, fd 7, "
	    "peer '\\xc3\\xa9'\\''s'; > what COMMAND2 says, < what COMMAND says)",
	    "so is what only UTF-8 has, unless it is read");
}

static void
test_places(void)
{
	static const enum trace_kind kinds[] = {
		TRACE_DATA, TRACE_UNDELIVERED
	};
	struct trace_event event = { .size = 68, .offset = UINT64_MAX };
	size_t i;

	for (i = 0; i < COUNT(kinds); i++) {
		event.kind = kinds[i];
		is_told(&event, &relayed, "68 B at 18446744073709551615",
		    "bytes have a size and a place");
	}
	event.kind = TRACE_MESSAGE;
	event.number = 3;
	is_told(&event, &relayed, "68 B at 18446744073709551615, number 3",
	    "a message has a number, too");
}

static void
test_fds(void)
{
	static const struct trace_fd passed[] = {
		{ 7, TRACE_WRITE, "/tmp/log" },
		{ 8, TRACE_NO_MODE, "socket:[92434]" },
		{ 9, TRACE_BOTH, "/tmp/a\nb" },
		{ 10, TRACE_READ, "" },
	};
	struct trace_event event = {
		.kind = TRACE_FDS, .direction = TRACE_FROM_COMMAND,
		.fds = passed, .fd_count = 4,
	};

	is_told(&event, &relayed, "4 passed: 7: /tmp/log (write); "
	    "8: socket:[92434]; 9: /tmp/a\\nb (read, write); 10:  (read)",
	    "each descriptor has what it is, escaped, and its mode");
	event.fd_count = 1;
	is_told(&event, &relayed, "1 passed: 7: /tmp/log (write)",
	    "one stands alone");
}

/* The kinds whose words depend on the direction and on who the others are. */
static const struct {
	enum trace_kind kind;
	enum trace_direction direction;
	bool told;
	const char *relayed;
	const char *peered;
} words[] = {
	{ TRACE_EOF, TRACE_TO_COMMAND, true,
	    "end of standard input, command told",
	    "end of the peer's output, command told" },
	{ TRACE_EOF, TRACE_TO_COMMAND, false,
	    "end of standard input, command not told",
	    "end of the peer's output, command not told" },
	{ TRACE_EOF, TRACE_FROM_COMMAND, true,
	    "end of the command's output, reader told",
	    "end of the command's output, peer told" },
	{ TRACE_EOF, TRACE_FROM_COMMAND, false,
	    "end of the command's output, reader not told",
	    "end of the command's output, peer not told" },
	{ TRACE_SHUTDOWN, TRACE_TO_COMMAND, false,
	    "the command reads no more",
	    "the peer is told that nobody reads" },
	{ TRACE_SHUTDOWN, TRACE_FROM_COMMAND, false,
	    "the command is told that nobody reads",
	    "the command is told that nobody reads" },
	{ TRACE_RESET, TRACE_TO_COMMAND, false,
	    "the command left bytes unread",
	    "the command left bytes unread" },
	{ TRACE_RESET, TRACE_FROM_COMMAND, false,
	    "the reader left bytes unread",
	    "the peer left bytes unread" },
	{ TRACE_GONE, TRACE_TO_COMMAND, false,
	    "the command reads no more",
	    "the command reads no more" },
	{ TRACE_GONE, TRACE_FROM_COMMAND, false,
	    "the reader of standard output has gone",
	    "the peer reads no more" },
};

static void
test_words(void)
{
	struct trace_event event;
	char title[100];
	size_t i;

	for (i = 0; i < COUNT(words); i++) {
		event = (struct trace_event){
			.kind = words[i].kind,
			.direction = words[i].direction,
			.told = words[i].told,
		};
		snprintf(title, sizeof(title), "%s %s the command%s",
		    names_name(event_names, (int)event.kind),
		    event.direction == TRACE_TO_COMMAND ? "to" : "from",
		    event.told ? ", told" : "");
		is_told(&event, &relayed, words[i].relayed, title);
		strcat(title, ", of two commands");
		is_told(&event, &peered, words[i].peered, title);
	}
}

static void
test_signals(void)
{
	struct trace_event event = {
		.kind = TRACE_SIGNAL, .direction = TRACE_TO_COMMAND,
		.signal = SIGTERM,
	};
	char text[40];
	struct textbuf line = textbuf_in(text, sizeof(text) - 1);

	is_told(&event, &relayed, "TERM passed on", "a signal is passed on");
	event.from_terminal = true;
	is_told(&event, &relayed, "TERM from the terminal",
	    "the terminal has sent it to the command, too");
	event.from_terminal = false;
	event.direction = TRACE_NEITHER;
	is_told(&event, &relayed, "TERM ends sockpair",
	    "or, without a direction, ends us");
	event.signal = 999;
	is_told(&event, &relayed, "999 ends sockpair",
	    "one that has no name is its number");
	describe_signal(&line, SIGKILL);
	textbuf_put_byte(&line, ' ');
	describe_signal(&line, 0);
	text[line.used] = '\0';
	is_str(text, "KILL 0", "a signal alone");
}

static void
test_timeout(void)
{
	struct trace_event event = { .kind = TRACE_TIMEOUT };
	struct trace_event stall = {
		.kind = TRACE_STALL, .duration = 2000000000
	};

	event.duration = 2999999999;
	is_told(&event, &relayed, "nothing moved for 2.999 s, "
	    "the command is ended", "a time is cut to milliseconds");
	event.duration = INT64_MAX;
	is_told(&event, &peered, "nothing moved for 9223372036.854 s, "
	    "the commands are ended", "of two commands both are ended");
	is_told(&stall, &relayed, "nothing moved for 2.000 s",
	    "a stall ends nothing");
}

static void
test_exit(void)
{
	static const struct stats stats = {
		.to_command = { .bytes = 68, .pieces = 1 },
		.from_command = { .bytes = UINT64_MAX, .pieces = UINT64_MAX },
		.duration = 1002400000,
	};
	struct trace_event event = {
		.kind = TRACE_EXIT, .wait_status = 3 << 8, .stats = &stats,
		.peer_status = SIGKILL,
	};
	char want[300];

#define TOTALS "; > 68 B in 1, < 18446744073709551615 B in " \
	"18446744073709551615, 1.002 s"
	is_told(&event, &relayed, "status 3" TOTALS,
	    "an exit has the status and the totals");
	is_told(&event, &peered, "status 3, peer signal KILL" TOTALS,
	    "and the peer's, if there is one");
	event.wait_status = SIGTERM | 0x80;
	event.peer_status = 0;
	is_told(&event, &peered, "signal TERM, peer status 0" TOTALS,
	    "a signal is named, even with a core");
	event.wait_status = 127 << 8;
	event.error = ENOENT;
	snprintf(want, sizeof(want), "status 127, could not be run: %s" TOTALS,
	    strerror(ENOENT));
	is_told(&event, &relayed, want, "a command that could not be run");
}

int
main(void)
{
	test_start();
	test_places();
	test_fds();
	test_words();
	test_signals();
	test_timeout();
	test_exit();
	return done_testing();
}
