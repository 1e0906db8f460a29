/* SPDX-License-Identifier: MIT */
/*
 * Who looks at a relay: what is counted, what is told and in which order, and
 * where the traces of a plan lie.
 */
#include "config.h"

#include <sys/stat.h>

#include <time.h>

#include "base/clock.h"
#include "base/fd.h"
#include "trace/trace.h"
#include "traced.h"

static char content[4096];

static void
begin(bool messages)
{
	make_plan();
	need(monitor_open(&monitor, &plan) == 0, "watch_open");
	monitor_set_type(&monitor, messages ? "dgram" : "stream", messages);
	monitor_start(&monitor, 4242);
}

/* All that was told between the start and the exit. */
static void
end(const char *want, const char *name)
{
	char *first, *last;

	monitor_finish(&monitor, 0, 0);
	monitor_free(&monitor);
	plan_free(&plan);
	take_trace(content, sizeof(content));
	first = strchr(content, '\n');
	need(first != NULL, "a trace");
	last = strstr(first, "\n* exit ");
	if (last != NULL)
		last[1] = '\0';
	is_str(first + 1, want, name);
}

/* How often text is in the trace's file. */
static int
count_in_file(const char *text, size_t size)
{
	FILE *file = fopen(path, "r");
	size_t read_size, i;
	int count = 0;

	need(file != NULL, path);
	read_size = fread(content, 1, sizeof(content), file);
	fclose(file);
	for (i = 0; i + size <= read_size; i++)
		count += memcmp(content + i, text, size) == 0;
	return count;
}

static void
test_wanted(void)
{
	const char *command[] = { "cat", NULL };

	need(plan_init(&plan) == 0 && plan_set_command(&plan, command) == 0,
	    "plan");
	ok(!monitor_is_wanted(&plan), "nobody looks unless asked to");
	plan.stats = true;
	ok(monitor_is_wanted(&plan), "who wants totals looks");
	need(monitor_open(&monitor, &plan) == 0, "watch_open");
	ok(!monitor_needs_bytes(&monitor), "but not at the bytes");
	monitor_free(&monitor);
	plan.stats = false;
	plan.hex = true;
	ok(monitor_is_wanted(&plan), "so does who wants a trace");
	need(monitor_open(&monitor, &plan) == 0, "watch_open");
	ok(monitor_needs_bytes(&monitor), "at the bytes");
	monitor_free(&monitor);
	plan_free(&plan);
}

/* The same as if it was closed on entry: see is_inherited_output(). */
static void
test_no_error_output(void)
{
	struct capture lines;
	int result;

	make_plan();
	plan.verbose = true;
	capture_begin(&lines, STDERR_FILENO);
	need(fcntl(STDERR_FILENO, F_SETFD, FD_CLOEXEC) == 0, "fcntl");
	result = monitor_open(&monitor, &plan);
	capture_end(&lines);
	is_int(result, -1, "a trace needs a standard error");
	is_str(lines.text, "sockpair: cannot trace to standard error: "
	    "Bad file descriptor\n", "the message says so");
	monitor_free(&monitor);
	plan_free(&plan);
	unlink(path);
}

/* Only the events that the trace is to show. */
static void
test_events(void)
{
	const struct timespec pause = { 0, 20000000 };
	int64_t started;

	make_plan();
	plan.outputs[0].events = 1u << TRACE_RESET | 1u << TRACE_EXIT;
	need(monitor_open(&monitor, &plan) == 0, "monitor_open");
	monitor_set_type(&monitor, "stream", false);
	monitor_start(&monitor, 4242);
	started = monitor.trace.started;
	ok(monitor.trace.is_started, "times count from a start that is not "
	    "shown");
	ok(!monitor_needs_bytes(&monitor), "bytes that nobody sees are not "
	    "needed");
	nanosleep(&pause, NULL);
	monitor_piece(&monitor, TRACE_TO_COMMAND, "ab\n", 3);
	monitor_note(&monitor, TRACE_GONE, TRACE_FROM_COMMAND);
	monitor_note(&monitor, TRACE_RESET, TRACE_TO_COMMAND);
	ok(monitor.stats.to_command.bytes == 3, "but they are counted");
	ok(monitor.trace.started == started, "and time goes on");
	monitor_fds(&monitor, TRACE_TO_COMMAND, (int[]){ 0 }, 1);
	need(monitor.stats.to_command.pieces == 1, "a piece");
	monitor_note(&monitor, TRACE_RESET, TRACE_FROM_COMMAND);
	end("< reset the reader left bytes unread\n", "two of them are shown");
	ok(strncmp(content, "> reset the command left bytes unread\n", 38) ==
	    0, "from the first that is");
}

static bool
needs_bytes_for(unsigned int events)
{
	bool needs;

	make_plan();
	plan.outputs[0].events = events;
	need(monitor_open(&monitor, &plan) == 0, "monitor_open");
	needs = monitor_needs_bytes(&monitor);
	trace_finish(&monitor.trace);
	monitor_free(&monitor);
	plan_free(&plan);
	unlink(path);
	return needs;
}

static void
test_needs_bytes(void)
{
	ok(needs_bytes_for(1u << TRACE_DATA) &&
	    needs_bytes_for(1u << TRACE_MESSAGE | 1u << TRACE_EXIT),
	    "a trace that shows data or messages needs bytes");
	ok(!needs_bytes_for(TRACE_ALL & ~TRACE_BYTES),
	    "a trace that shows neither needs none");
	ok(!monitor_needs_bytes(NULL), "without a monitor no bytes are needed");
}

/* A capture without packets is refused before a file is truncated. */
static void
test_no_packets(void)
{
	struct capture lines;
	struct stat status;
	int result;

	make_plan();
	need(truncate(path, 5) == 0, "truncate");
	plan.events = TRACE_ALL & ~TRACE_BYTES;
	need(plan_add_output(&plan, "/nonexistent/a.pcapng") == 0, "output");
	capture_begin(&lines, STDERR_FILENO);
	result = monitor_open(&monitor, &plan);
	capture_end(&lines);
	ok(result == -1, "a capture needs bytes");
	is_str(lines.text, "sockpair: --events: needs data or message for "
	    "the capture '/nonexistent/a.pcapng'\n", "the message names it");
	ok(stat(path, &status) == 0 && status.st_size == 5,
	    "no file is opened before");
	monitor_free(&monitor);
	plan_free(&plan);
	unlink(path);
}

static void
test_stream(void)
{
	begin(false);
	monitor_piece(&monitor, TRACE_TO_COMMAND, "ab\n", 3);
	monitor_count(&monitor, TRACE_TO_COMMAND, 0);
	monitor_count(&monitor, TRACE_FROM_COMMAND, 7);
	monitor_piece(&monitor, TRACE_TO_COMMAND, "cde\n", 4);
	monitor_piece(&monitor, TRACE_FROM_COMMAND, "f\n", 2);
	monitor_undelivered(&monitor, TRACE_TO_COMMAND, 2, 0);
	monitor_undelivered(&monitor, TRACE_FROM_COMMAND, 0, 0);
	ok(monitor.stats.to_command.bytes == 7 &&
	    monitor.stats.to_command.pieces == 2 &&
	    monitor.stats.to_command.undelivered == 2 &&
	    monitor.stats.from_command.bytes == 9 &&
	    monitor.stats.from_command.pieces == 2,
	    "each direction is counted, seen or not");
	end("> data  3 B at 0\n>   ab\n> data  4 B at 3\n>   cde\n"
	    "< data  2 B at 7\n<   f\n> undelivered 2 B at 5\n",
	    "and told, with offsets among all bytes");
}

static void
test_messages(void)
{
	begin(true);
	monitor_piece(&monitor, TRACE_TO_COMMAND, "ab", 2);
	monitor_unkept(&monitor, TRACE_TO_COMMAND, 5000);
	monitor_piece(&monitor, TRACE_TO_COMMAND, "c", 1);
	monitor_piece(&monitor, TRACE_TO_COMMAND, "de", 2);
	monitor_undelivered(&monitor, TRACE_TO_COMMAND, 1, 2);
	monitor_unread(&monitor, TRACE_TO_COMMAND, 6000);
	ok(monitor.stats.to_command.pieces == 4 &&
	    monitor.stats.to_command.largest == 5000,
	    "messages count, those not kept, too, but not bytes unread");
	ok(monitor.stats.to_command.bytes == 11005 &&
	    monitor.stats.to_command.undelivered == 11001,
	    "which count as bytes, not delivered");
	end("> message 2 B at 0, number 1\n>   ab\\\n"
	    "> undelivered 5000 B at 2\n"
	    "> message 1 B at 5002, number 3\n>   c\\\n"
	    "> message 2 B at 5003, number 4\n>   de\\\n"
	    "> undelivered 1 B at 5002\n"
	    "> undelivered 6000 B at 5005\n",
	    "and have numbers and offsets that fit");
}

/* Messages in a stream: text shows them, a capture the stream. */
static void
test_wire(void)
{
	static const char wire[] = "2:ab,1;";
	const struct stats_totals *totals = &monitor.stats.from_command;
	char first[200], *newline;

	make_plan();
	plan.wire = FRAMING_NETSTRING;
	plan.snaplen = 50;
	need(monitor_open(&monitor, &plan) == 0, "monitor_open");
	is_int((long long)monitor.trace.sinks[0].options.largest, 64 << 20,
	    "there is room for the largest message");
	monitor_set_type(&monitor, "stream", true);
	monitor_start(&monitor, 4242);
	monitor_wire(&monitor, TRACE_FROM_COMMAND, wire, sizeof(wire) - 1);
	monitor_wire(&monitor, TRACE_FROM_COMMAND, wire, 0);
	monitor_message(&monitor, TRACE_FROM_COMMAND, wire + 2, 2, 2);
	monitor_stray(&monitor, TRACE_FROM_COMMAND, wire + 5, 2, 5);
	monitor_lost(&monitor, TRACE_FROM_COMMAND, 2, 5);
	monitor_lost(&monitor, TRACE_FROM_COMMAND, 0, 7);
	monitor_count_message(&monitor, TRACE_FROM_COMMAND, 5000);
	ok(totals->bytes == 7 && totals->pieces == 2 &&
	    totals->largest == 5000 && totals->undelivered == 2,
	    "the stream's bytes are counted, and the messages");
	end("< message 2 B at 2, number 1\n<   ab\\\n"
	    "< data  2 B at 5\n<   1;\\\n< undelivered 2 B at 5\n",
	    "text has the messages, and what is none");
	newline = strchr(content, '\n');
	snprintf(first, sizeof(first), "%.*s", (int)(newline - content),
	    content);
	ok(strstr(first, "(stream, netstring messages, fd 0,1") != NULL,
	    "and says at the start how they are delimited");
}

/* The same in a capture: its packets, but those of the connection. */
static void
test_wire_capture(void)
{
	struct plan_output *output;

	make_plan();
	plan.wire = FRAMING_NETSTRING;
	output = &plan.outputs[0];
	output->format = FORMAT_PCAPNG;
	output->events = 1u << TRACE_MESSAGE;
	need(monitor_open(&monitor, &plan) == 0, "monitor_open");
	monitor_set_type(&monitor, "stream", true);
	ok(monitor_needs_bytes(&monitor), "who wants messages wants bytes");
	monitor_start(&monitor, 4242);
	monitor_wire(&monitor, TRACE_FROM_COMMAND, "2:ab,", 5);
	monitor_message(&monitor, TRACE_FROM_COMMAND, "ab", 2, 2);
	monitor_finish(&monitor, 0, 0);
	monitor_free(&monitor);
	plan_free(&plan);
	ok(count_in_file("2:ab,", 5) == 1 && count_in_file("ab", 2) == 1,
	    "a capture has the stream, and no message beside it");
	unlink(path);
}

/* Signals, a stall and a timeout. */
static void
test_signals(void)
{
	begin(false);
	monitor_signal(&monitor, SIGUSR1);
	monitor_signal(&monitor, SIGTERM);
	monitor_signal(&monitor, SIGINT);
	monitor_stall(&monitor, 500000000);
	monitor_timeout(&monitor, 1500000000);
	monitor_note(&monitor, TRACE_RESET, TRACE_TO_COMMAND);
	end("> signal USR1 passed on\n> signal TERM passed on\n"
	    "> signal INT passed on\n"
	    "* stall nothing moved for 0.500 s\n"
	    "* timeout nothing moved for 1.500 s, the command is ended\n"
	    "> reset the command left bytes unread\n",
	    "each is traced at once");
}

static int stalled;		/* the reader's end of a FIFO */
static char taken[1 << 20];
static size_t taken_size;

static void
take(void)
{
	ssize_t got;

	while ((got = read(stalled, taken + taken_size,
	    sizeof(taken) - 1 - taken_size)) > 0)
		taken_size += (size_t)got;
}

#define SIGNALS 20

/* The reader reads again; before that, many signals come. */
static void
signal_and_take(void)
{
	struct pollfd slot;
	int i;

	need(monitor_is_behind(&monitor), "a wait");
	for (i = 0; i < SIGNALS; i++)
		monitor_signal(&monitor, i == 0 ? SIGUSR1 : SIGINT);
	monitor_timeout(&monitor, 1500000000);
	while (monitor_is_behind(&monitor)) {
		take();
		trace_fill_slots(&monitor.trace, &slot);
		need(poll(&slot, 1, -1) == 1, "poll");
		need(monitor_read_slots(&monitor, &slot), "a write");
	}
}

/* In a sink that really waits. */
static void
test_stalled(void)
{
	static char data[200000];
	static char want[1 << 20];
	struct textbuf line = textbuf_in(want, sizeof(want));
	size_t i;

	make_plan();
	need(unlink(path) == 0 && mkfifo(path, 0600) == 0, "mkfifo");
	stalled = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	need(stalled != -1 && monitor_open(&monitor, &plan) == 0, "watch_open");
	memset(data, 'x', sizeof(data));
	for (i = 99; i < sizeof(data); i += 100)
		data[i] = '\n';
	taken_size = 0;
	monitor_piece(&monitor, TRACE_TO_COMMAND, data, sizeof(data));
	signal_and_take();
	monitor_note(&monitor, TRACE_RESET, TRACE_TO_COMMAND);
	trace_finish(&monitor.trace);
	take();
	taken[taken_size] = '\0';
	textbuf_print(&line, "> data  200000 B at 0\n");
	for (i = 0; i < sizeof(data); i += 100) {
		textbuf_put(&line, ">   ", 4);
		textbuf_put(&line, data + i, 100);
	}
	textbuf_print(&line, "> signal USR1 passed on\n");
	for (i = 1; i < SIGNALS; i++)
		textbuf_print(&line, "> signal INT passed on\n");
	textbuf_print(&line,
	    "* timeout nothing moved for 1.500 s, the command is " "ended\n");
	textbuf_print(&line, "> reset the command left bytes unread\n");
	textbuf_put_byte(&line, '\0');
	ok(strcmp(taken, want) == 0,
	    "signals do not come in the midst of another event");
	close(stalled);
	monitor_free(&monitor);
	plan_free(&plan);
	unlink(path);
}

static void
test_blocked(void)
{
	const struct timespec pause = { 0, 20000000 };
	struct stats_totals *totals = &monitor.stats.from_command;
	struct capture lines;
	int64_t blocked;
	int64_t begun = clock_now();

	begin(false);
	monitor_blocked(&monitor, TRACE_FROM_COMMAND, true);
	nanosleep(&pause, NULL);
	monitor_blocked(&monitor, TRACE_FROM_COMMAND, true);
	capture_begin(&lines, STDERR_FILENO);
	monitor_print(&monitor);
	capture_end(&lines);
	blocked = totals->blocked;
	ok(blocked >= 20000000, "a wait that goes on is in the totals");
	nanosleep(&pause, NULL);
	monitor_blocked(&monitor, TRACE_FROM_COMMAND, false);
	ok(totals->blocked >= blocked + 20000000 &&
	    totals->blocked <= clock_now() - begun,
	    "and so is the rest of it, once");
	blocked = totals->blocked;
	nanosleep(&pause, NULL);
	monitor_blocked(&monitor, TRACE_FROM_COMMAND, false);
	ok(totals->blocked == blocked && monitor.stats.to_command.blocked == 0,
	    "and no more than that");
	end("", "it is no event");
}

/* How large a piece a trace of such a pair has room for. */
static size_t
largest_of(int type)
{
	size_t largest;

	make_plan();
	plan.type = type;
	plan.max_message = 3000;
	need(monitor_open(&monitor, &plan) == 0, "monitor_open");
	largest = monitor.trace.sinks[0].options.largest;
	trace_finish(&monitor.trace);
	monitor_free(&monitor);
	plan_free(&plan);
	unlink(path);
	return largest;
}

static void
test_largest(void)
{
	is_int((long long)largest_of(SOCK_SEQPACKET), 3000,
	    "a trace of messages has room for the largest");
	ok(largest_of(SOCK_STREAM) >= 65536,
	    "that of a stream, for the largest piece");
}

static void
test_places(void)
{
	make_plan();
	need(monitor_open(&monitor, &plan) == 0, "monitor_open");
	ok(fcntl(monitor.trace.sinks[0].fd, F_GETFD) & FD_CLOEXEC,
	    "a trace is not handed to the command");
	trace_finish(&monitor.trace);
	monitor_free(&monitor);
	plan_free(&plan);
	unlink(path);
}

/* The greatest of several traces is known. */
static void
test_greatest(void)
{
	static const char pattern[] = "/tmp/sockpair-unit.XXXXXX";
	char other[sizeof(pattern)];
	int fd;

	make_plan();
	memcpy(other, pattern, sizeof(pattern));
	fd = mkstemp(other);
	need(fd != -1 && plan_add_output(&plan, other) == 0, "output");
	close(fd);
	is_int(monitor_greatest_fd(&monitor), -1, "without a trace there is "
	    "no greatest descriptor");
	need(monitor_open(&monitor, &plan) == 0, "monitor_open");
	ok(monitor.trace.sinks[1].fd > monitor.trace.sinks[0].fd &&
	    monitor_greatest_fd(&monitor) == monitor.trace.sinks[1].fd,
	    "the last may have the greatest");
	need(fd_move_off(&monitor.trace.sinks[0].fd, &(struct fd_list){
	    &monitor.trace.sinks[0].fd, 1 }) == 0, "move");
	ok(monitor.trace.sinks[0].fd > monitor.trace.sinks[1].fd &&
	    monitor_greatest_fd(&monitor) == monitor.trace.sinks[0].fd,
	    "and so may another");
	trace_finish(&monitor.trace);
	monitor_free(&monitor);
	plan_free(&plan);
	unlink(path);
	unlink(other);
}

/* A trace that cannot be written. */
static void
test_failure(void)
{
	static const char name[] = "a trace that fails is a failure, told once";
	struct capture lines;

	if (access("/dev/full", W_OK) == -1) {
		skip(name, "no /dev/full");
		return;
	}
	make_plan();
	unlink(path);
	need(plan_add_output(&plan, "/dev/full") == 0 &&
	    monitor_open(&monitor, &plan) == 0, "monitor_open");
	capture_begin(&lines, STDERR_FILENO);
	monitor_start(&monitor, 4242);
	monitor_note(&monitor, TRACE_RESET, TRACE_TO_COMMAND);
	monitor_report_failures(&monitor);
	capture_end(&lines);
	ok(monitor.failed && strcmp(lines.text, "sockpair: cannot write "
	    "'/dev/full': No space left on device\n") == 0, name);
	end("> reset the command left bytes unread\n",
	    "and other traces go on");
}

/* The meter, on a terminal that is a pipe. */
static void
test_meter(void)
{
	char drawn[1000];
	int ends[2];
	ssize_t size;

	begin(false);
	need(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0, "pipe2");
	monitor.has_meter = monitor.shares_terminal = true;
	progress_init(&monitor.meter, ends[1], 80);
	monitor_piece(&monitor, TRACE_FROM_COMMAND, "half a line", 11);
	monitor_draw(&monitor, clock_now());
	ok(read(ends[0], drawn, sizeof(drawn)) == -1,
	    "the meter is not drawn into a line of the output");
	monitor_piece(&monitor, TRACE_FROM_COMMAND, "\n", 1);
	monitor_draw(&monitor, clock_now());
	size = read(ends[0], drawn, sizeof(drawn));
	ok(size > 2 && drawn[0] == '\r' && drawn[1] == '>',
	    "it is behind its end");
	end("< data  11 B at 0\n<   half a line\\\n< data  1 B at 11\n<   \n",
	    "the traces have both");
	size = read(ends[0], drawn, sizeof(drawn));
	ok(size > 2 && drawn[0] == '\r' && drawn[1] == ' ' &&
	    drawn[size - 1] == '\r', "at the end it is taken away");
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	test_wanted();
	test_no_error_output();
	test_events();
	test_needs_bytes();
	test_no_packets();
	test_stream();
	test_messages();
	test_wire();
	test_wire_capture();
	test_signals();
	test_stalled();
	test_blocked();
	test_largest();
	test_places();
	test_greatest();
	test_failure();
	test_meter();
	return done_testing();
}
