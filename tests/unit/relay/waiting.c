/* SPDX-License-Identifier: MIT */
/*
 * What is waited for after the commands' ends: when each wait is reported or
 * given up, and not one nanosecond before.
 */
#include "config.h"

#include "relay/waiting.h"
#include "state.h"

static bool has_terminal;

int __wrap_isatty(int);

int
__wrap_isatty(int fd)
{
	return fd == STDERR_FILENO && has_terminal;
}

/* As handle_at(); *said is what was printed meanwhile. */
static void
handle_and_listen(int64_t time, struct capture *said)
{
	capture_begin(said, STDERR_FILENO);
	handle_at(time);
	capture_end(said);
}

static void
test_linger(void)
{
	begin_state(SOCK_STREAM, true);
	supervisor.reported_waiting = true;
	command.reaped = true;
	is_never("without --linger others are waited for without limit");
	supervisor.timed_out = true;
	is_due(SECOND, "after --timeout, only while they are not silent");
	plan.linger = 3 * SECOND;
	is_due(3 * SECOND, "or for as long as --linger says");
	plan.linger = PLAN_NEVER;
	supervisor.timed_out = false;
	plan.linger = 2 * SECOND;
	is_due(2 * SECOND, "--linger counts from the side's last output");
	command_side->active_at += SECOND;
	is_due(3 * SECOND, "output puts --linger off");
	other_side->active_at += 2 * SECOND;
	is_due(3 * SECOND, "--linger does not count for a command that runs");
	peer.reaped = true;
	other_side->active_at = START;
	is_due(2 * SECOND, "--linger counts for each of two commands");
	command_side->active_at = other_side->active_at = START;
	pending_from_command = pending_to_command = 1;
	is_never("--linger does not count while output is pending");
	end_state();

	begin_state(SOCK_STREAM, true);
	plan.linger = 2 * SECOND;
	command.reaped = true;
	handle_at(2 * SECOND - 1);
	ok(!relay.from_command.src.writer_gone &&
	    !relay.to_command.dst.reader_gone,
	    "before --linger the side is not left");
	handle_at(2 * SECOND);
	ok(relay.from_command.src.writer_gone &&
	    relay.to_command.dst.reader_gone,
	    "--linger ends the side of the command that has ended");
	ok(!relay.to_command.src.writer_gone &&
	    !relay.from_command.dst.reader_gone,
	    "--linger does not end the side of a command that runs");
	is_never("a side is left once");
	end_state();

	begin_state(SOCK_STREAM, false);
	plan.linger = 2 * SECOND;
	command.reaped = true;
	use_pipes();
	need(write(command_writes, "x", 1) == 1, "write");
	handle_at(2 * SECOND);
	ok(relay.from_command.src_open && !relay.to_command.dst.reader_gone,
	    "two pipes are not left before all that has come is read");
	is_due(4 * SECOND, "then --linger counts anew");
	handle_at(4 * SECOND);
	ok(relay.from_command.src_open, "nor when it has passed again");
	need(read(relay.from_command.src.fd, sent, 1) == 1, "read");
	handle_at(6 * SECOND);
	ok(!relay.from_command.src_open && relay.to_command.dst.reader_gone,
	    "once they are empty they are left");
	close_pipes();
	end_state();
}

static void
test_report_times(void)
{
	struct capture said;

	begin_state(SOCK_STREAM, false);
	supervisor.reaped_at = START + SECOND;
	is_never("while a command runs no report is due");
	command.reaped = true;
	is_due(3 * SECOND,
	    "a report is due 2 seconds after the last command's end");
	has_terminal = true;
	handle_and_listen(3 * SECOND - 1, &said);
	is_str(said.text, "", "the report is not printed too early");
	handle_and_listen(3 * SECOND, &said);
	is_int(said.writes, 1,
	    "the report is printed when it is due, in one line");
	is_never("the report is printed once");
	supervisor.reported_waiting = false;
	supervisor.relay = NULL;
	is_never("without a relay no report is due");
	begin_trace_behind(START);
	is_due(3 * SECOND, "unless the last events of a trace wait");
	handle_and_listen(3 * SECOND, &said);
	is_str(said.text, "sockpair: the command has ended; waiting for the "
	    "reader of a trace\n", "the report says that they do");
	is_never("they are reported once, too");
	end_state();
}

/* What is reported at a terminal of the state, 2 seconds after the end. */
static void
reports(const char *want, const char *name)
{
	struct capture said;

	has_terminal = true;
	supervisor.reported_waiting = false;
	supervisor.reaped_at = START;
	handle_and_listen(2 * SECOND, &said);
	is_str(said.text, want, name);
}

static void
test_reports(void)
{
	struct capture said;

	begin_state(SOCK_STREAM, false);
	command.reaped = true;
	reports("sockpair: the command has ended; waiting for others that "
	    "hold its socket\n",
	    "the report says that others hold the command's socket");
	pair.is_pipes = true;
	reports("sockpair: the command has ended; waiting for others that "
	    "hold its pipe\n", "or its pipe");
	pair.is_pipes = false;
	pending_from_command = 1;
	reports("sockpair: the command has ended; waiting for the reader of "
	    "standard output\n", "the report says that output is pending");
	begin_trace_behind(START);
	reports("sockpair: the command has ended; waiting for the reader of "
	    "a trace\n", "the report says that a trace is behind");
	supervisor.reported_waiting = false;
	has_terminal = false;
	handle_and_listen(2 * SECOND, &said);
	is_str(said.text, "", "without a terminal there is no report");
	ok(supervisor.reported_waiting,
	    "without a terminal there is none later");
	end_state();

	begin_state(SOCK_STREAM, true);
	command.reaped = peer.reaped = true;
	reports("sockpair: the commands have ended; waiting for others that "
	    "hold their sockets\n",
	    "the report says that others hold the two commands' sockets");
	begin_trace_behind(START);
	reports("sockpair: the commands have ended; waiting for the reader of "
	    "a trace\n",
	    "the report says after two commands that a trace is behind");
	end_state();
}

/* A command's output that waits for a reader who does not take it. */
static void
begin_stuck(int type, bool has_peer)
{
	begin_state(type, has_peer);
	supervisor.reported_waiting = true;
	supervisor.reaped_at = START - SECOND;
	command.reaped = peer.reaped = true;
	supervisor.was_ended = true;
	pending_from_command = 1;
}

static void
test_stuck_times(void)
{
	begin_stuck(SOCK_STREAM, false);
	is_due(-SECOND,
	    "pending output is checked at once if a signal ended the command");
	supervisor.was_ended = false;
	is_never(
	    "pending output is not checked if the command ended by itself");
	supervisor.pending_fatal = SIGTERM;
	is_due(-SECOND, "pending output is checked if a signal is to end us");
	supervisor.pending_fatal = 0;
	supervisor.timed_out = true;
	is_due(-SECOND, "pending output is checked after --timeout");
	command.reaped = false;
	is_never("pending output is not checked while a command runs");
	supervisor.fatal_signal = SIGTERM;
	is_due(-SECOND, "pending output is checked if a signal ends us");
	pending_from_command = 0;
	is_never("without pending output there is no check");
	pending_from_command = 1;
	begin_trace_behind(START + 10 * SECOND);
	supervisor.hurried_at = START;
	is_due(11 * SECOND,
	    "while a trace is behind only the trace is checked");
	end_state();

	begin_stuck(SOCK_STREAM, false);
	pending_from_command = 0;
	pending_to_command = 1;
	is_never("pending input is not checked");
	command_side->output = NULL;
	is_never("without a relay there is no check");
	end_state();
}

static void
test_stuck_pipe(void)
{
	struct capture said;
	char byte;

	begin_stuck(SOCK_STREAM, false);
	need(write(command_end, "abc", 3) == 3 &&
	    write(relay.from_command.dst.fd, "de", 2) == 2, "write");
	handle_at(0);
	is_due(SECOND, "the reader of a pipe has a second");
	handle_at(SECOND - 1);
	ok(relay.from_command.dst_open,
	    "a pipe's reader is not given up too early");
	need(read(output, &byte, 1) == 1, "read");
	handle_at(SECOND);
	ok(relay.from_command.dst_open,
	    "a reader that took one byte is not given up");
	is_due(2 * SECOND, "a reader that took one byte has another second");
	relay.from_command.conduit.moved++;
	handle_at(2 * SECOND);
	ok(relay.from_command.dst_open,
	    "a reader is not given up if output has moved");
	handle_and_listen(3 * SECOND, &said);
	ok(!relay.from_command.dst_open && !relay.from_command.src_open,
	    "a reader that takes nothing is given up");
	is_str(said.text, "sockpair: cannot write standard output: its reader "
	    "does not read; 3 B undelivered\n", "one line says what was lost");
	ok(supervisor.failed, "lost output is a failure");
	end_state();
}

static void
test_stuck_socket(void)
{
	struct capture said;

	begin_stuck(SOCK_STREAM, true);
	pending_to_command = 1;
	handle_at(0);
	is_due(5 * SECOND, "the reader of a socket has 5 seconds");
	pending_to_command = 0;
	handle_and_listen(5 * SECOND - 1, &said);
	ok(relay.from_command.dst_open && said.size == 0,
	    "a socket's reader is not given up too early");
	handle_and_listen(5 * SECOND, &said);
	ok(!relay.from_command.dst_open,
	    "a socket's reader is given up after 5 seconds");
	is_str(said.text, "sockpair: cannot write the peer's socket: its "
	    "reader does not read; 0 B undelivered\n",
	    "one line says that the peer does not read");
	ok(relay.to_command.dst_open, "the other channel is left alone");
	end_state();
}

static void
test_trace(void)
{
	begin_state(SOCK_STREAM, false);
	begin_trace_behind(START);
	is_never("a trace is waited for without limit");
	supervisor.fatal_signal = SIGTERM;
	supervisor.hurried_at = START + SECOND;
	is_due(2 * SECOND,
	    "a trace is waited for a second if a signal ends us");
	sink.waits_since = START + 3 * SECOND;
	trace_note_sinks(&monitor.trace);
	is_due(4 * SECOND,
	    "the second starts anew when the trace's reader takes something");
	supervisor.fatal_signal = 0;
	supervisor.was_ended = command.reaped = true;
	supervisor.reported_waiting = true;
	supervisor.reaped_at = START + 4 * SECOND;
	is_due(5 * SECOND,
	    "a trace is waited for a second after a signal ended the command");
	sink.record.used = 0;
	trace_note_sinks(&monitor.trace);
	is_never("a trace that is not behind has no deadline");
	sink.record.used = 1;
	trace_note_sinks(&monitor.trace);
	handle_at(5 * SECOND - 1);
	is_int(sink.error, 0, "a trace is not given up too early");
	handle_at(5 * SECOND);
	is_int(sink.error, EAGAIN, "a trace is given up when it is due");
	end_state();
}

int
main(void)
{
	test_linger();
	test_report_times();
	test_reports();
	test_stuck_times();
	test_stuck_pipe();
	test_stuck_socket();
	test_trace();
	return done_testing();
}
