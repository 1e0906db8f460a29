/* SPDX-License-Identifier: MIT */
/*
 * Every deadline, computed from a state, and what is done when it comes: not
 * one nanosecond before.
 */
#include "config.h"

#include "relay/timers.h"
#include "state.h"

static bool has_terminal;
static bool may_stop;
static int inspections;
static int64_t traced_timeout;

int __wrap_isatty(int);
bool __wrap_sigpipe_send(struct sigpipe *, const struct child *, int64_t);
void __wrap_monitor_timeout(struct monitor *, int64_t);

int
__wrap_isatty(int fd)
{
	return fd == STDERR_FILENO && has_terminal;
}

bool
__wrap_sigpipe_send(struct sigpipe *sigpipe, const struct child *child,
    int64_t time)
{
	(void)child;
	inspections++;
	sigpipe->inspect_at = time + 5;
	return may_stop;
}

void
__wrap_monitor_timeout(struct monitor *some, int64_t duration)
{
	(void)some;
	traced_timeout = duration;
}

/* The next deadline is want nanoseconds after the start of the case. */
static void
is_due(int64_t want, const char *name)
{
	is_int(timers_next(&supervisor) - START, want, name);
}

static void
is_never(const char *name)
{
	is_int(timers_next(&supervisor), DEADLINE_NEVER, name);
}

/* Handle what is due at the time, counted from the start of the case. */
static bool
handle_at(int64_t time)
{
	now = START + time;
	return timers_handle(&supervisor);
}

/* The same; *said is what was printed meanwhile. */
static void
handle_and_listen(int64_t time, struct capture *said)
{
	capture_begin(said, STDERR_FILENO);
	(void)handle_at(time);
	capture_end(said);
}

static void
test_timeout(void)
{
	begin_state(SOCK_STREAM, true);
	is_never("without limits and ends there is no deadline");
	plan.timeout = 3 * SECOND;
	is_due(3 * SECOND, "--timeout counts from the last movement");
	supervisor.active_at += SECOND;
	is_due(4 * SECOND, "a movement puts --timeout off");
	command.reaped = true;
	is_due(4 * SECOND, "--timeout counts while either command runs");
	supervisor.reported_waiting = peer.reaped = true;
	is_never("--timeout does not count once both have ended");
	peer.reaped = false;
	supervisor.relay = NULL;
	is_never("--timeout does not count without a relay");
	end_state();

	begin_state(SOCK_STREAM, true);
	plan.timeout = 3 * SECOND;
	begin_trace_behind(START);
	ok(!handle_at(3 * SECOND - 1) && !supervisor.timed_out &&
	    sent[0] == '\0', "before --timeout no command is ended");
	ok(!handle_at(3 * SECOND),
	    "--timeout ends the commands, and not the run");
	ok(supervisor.timed_out && supervisor.command_timed_out,
	    "--timeout is noted, and that the first command ran");
	is_int(traced_timeout, 3 * SECOND,
	    "--timeout is traced with its duration");
	is_str(sent, "command TERM, command CONT, peer TERM, peer CONT, ",
	    "both commands get SIGTERM, and SIGCONT to handle it");
	is_due(8 * SECOND, "SIGKILL is due after 5 seconds");
	sent[0] = '\0';
	(void)handle_at(8 * SECOND - 1);
	is_str(sent, "", "SIGKILL is not sent too early");
	(void)handle_at(8 * SECOND);
	is_str(sent, "command KILL, peer KILL, ",
	    "SIGKILL is sent when it is due");
	is_never("--timeout comes only once");
	end_state();

	begin_state(SOCK_STREAM, true);
	plan.timeout = SECOND;
	plan.kill_after = SECOND / 4;
	command.reaped = true;
	(void)handle_at(SECOND);
	ok(supervisor.timed_out && !supervisor.command_timed_out,
	    "a command that has ended has not timed out");
	is_str(sent, "peer TERM, peer CONT, ",
	    "a command that has ended gets no signal");
	is_due(SECOND + SECOND / 4, "--kill-after is the time before SIGKILL");
	end_state();
}

static void
test_linger(void)
{
	begin_state(SOCK_STREAM, true);
	supervisor.reported_waiting = true;
	command.reaped = true;
	is_never("without --linger others are waited for without limit");
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
	ok(!handle_at(2 * SECOND - 1) && relay.from_command.src_open,
	    "before --linger the side is still read");
	ok(!handle_at(2 * SECOND),
	    "--linger does not end the run while a command runs");
	ok(!relay.from_command.src_open && relay.to_command.dst.reader_gone,
	    "--linger ends the side of the command that has ended");
	end_state();

	begin_state(SOCK_STREAM, false);
	plan.linger = 2 * SECOND;
	command.reaped = true;
	ok(!handle_at(2 * SECOND - 1), "before --linger the run goes on");
	ok(handle_at(2 * SECOND), "after --linger the run is over");
	ok(relay.from_command.src_open,
	    "the end of the run leaves the channel as it is");
	end_state();

	begin_state(SOCK_STREAM, true);
	plan.linger = 2 * SECOND;
	command.reaped = peer.reaped = true;
	other_side->active_at += SECOND;
	ok(handle_at(2 * SECOND),
	    "when two have ended, the sooner --linger ends the run");
	end_state();
}

static void
test_sides(void)
{
	begin_state(SOCK_STREAM, true);
	side_schedule_kill(other_side, 2 * SECOND);
	is_due(2 * SECOND, "--kill-after of the second command is a deadline");
	side_schedule_kill(command_side, SECOND);
	is_due(SECOND, "--kill-after of the first command is a deadline");
	ok(!handle_at(SECOND - 1) && sent[0] == '\0',
	    "SIGTERM is not sent too early");
	(void)handle_at(SECOND);
	is_str(sent, "command TERM, command CONT, ",
	    "SIGTERM is sent when it is due");
	end_state();

	begin_state(SOCK_STREAM, false);
	relay.from_command.dst_open = false;
	command_side->sigpipe.inspect_at = START + 7;
	inspections = 0;
	may_stop = true;
	is_due(7,
	    "the next inspection of a command that nobody reads is a deadline");
	(void)handle_at(6);
	is_int(inspections, 0, "the command is not inspected too early");
	(void)handle_at(7);
	is_int(inspections, 1, "the command is inspected when it is due");
	ok(!relay.from_command.src_open,
	    "after the inspection the command is not read any more");
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
	(void)handle_at(0);
	is_due(SECOND, "the reader of a pipe has a second");
	(void)handle_at(SECOND - 1);
	ok(relay.from_command.dst_open,
	    "a pipe's reader is not given up too early");
	need(read(output, &byte, 1) == 1, "read");
	(void)handle_at(SECOND);
	ok(relay.from_command.dst_open,
	    "a reader that took one byte is not given up");
	is_due(2 * SECOND, "a reader that took one byte has another second");
	relay.from_command.conduit.moved++;
	(void)handle_at(2 * SECOND);
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
	(void)handle_at(0);
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
	(void)handle_at(5 * SECOND - 1);
	is_int(sink.error, 0, "a trace is not given up too early");
	(void)handle_at(5 * SECOND);
	is_int(sink.error, EAGAIN, "a trace is given up when it is due");
	end_state();

	begin_state(SOCK_STREAM, false);
	begin_trace_behind(START);
	sink.record.used = 0;
	trace_note_sinks(&monitor.trace);
	monitor.has_meter = true;
	monitor.meter.fd = -1;
	monitor.draw_at = START + 9;
	is_due(9, "the next drawing of the meter is a deadline");
	(void)handle_at(8);
	is_int(monitor.draw_at - START, 9, "the meter is not drawn too early");
	(void)handle_at(9);
	ok(monitor.draw_at > START + 9, "the meter is drawn when it is due");
	end_state();
}

static void
test_note_activity(void)
{
	begin_state(SOCK_STREAM, true);
	plan.linger = SECOND;
	now = START + 5;
	timers_note_activity(&supervisor);
	is_int(supervisor.active_at - START, 0,
	    "without movement the time stays");
	relay.moved = relay.from_command.conduit.moved = 3;
	timers_note_activity(&supervisor);
	is_int(supervisor.active_at - START, 5, "a movement sets the time");
	is_int(command_side->active_at - START, 5,
	    "a movement sets the time of the side it came from");
	is_int(other_side->active_at - START, 0,
	    "a movement leaves the time of the other side");
	now = START + 6;
	timers_note_activity(&supervisor);
	is_int(command_side->active_at - START, 5,
	    "a movement that was noted is not noted again");
	relay.moved = 4;
	relay.to_command.conduit.moved = 1;
	timers_note_activity(&supervisor);
	is_int(supervisor.active_at - START, 6,
	    "a movement the other way sets the time");
	is_int(command_side->active_at - START, 5,
	    "a movement the other way leaves the first side's time");
	is_int(other_side->active_at - START, 6,
	    "a movement the other way sets the second side's time");
	plan.linger = PLAN_NEVER;
	plan.timeout = SECOND;
	relay.moved = 5;
	now = START + 7;
	timers_note_activity(&supervisor);
	is_int(supervisor.active_at - START, 7,
	    "with --timeout alone the time is kept");
	plan.timeout = PLAN_NEVER;
	relay.moved = 6;
	now = START + 8;
	timers_note_activity(&supervisor);
	is_int(supervisor.active_at - START, 7,
	    "without --timeout and --linger no time is kept");
	is_int((long long)supervisor.moved, 6,
	    "without both the count of what moved is kept");
	end_state();
}

static void
test_note_trace(void)
{
	begin_stuck(SOCK_STREAM, true);
	(void)handle_at(0);
	now = START + 7;
	timers_note_unheard(&supervisor);
	is_int(command_side->active_at - START, 7,
	    "a trace that is behind puts --linger off");
	is_int(other_side->active_at - START, 7,
	    "a trace that is behind puts --linger off for both sides");
	is_int(supervisor.active_at - START, 0,
	    "a trace that is behind does not put --timeout off");
	ok(command_side->stuck_since == 0 && other_side->stuck_since == 0,
	    "a trace that is behind starts the reader's second anew");
	end_state();
}

static void
test_note_reaped(void)
{
	begin_state(SOCK_STREAM, true);
	now = START + 7;
	timers_note_reaped(&supervisor, command_side);
	is_int(supervisor.reaped_at - START, 7,
	    "a reaped command sets the time of the last end");
	is_int(supervisor.active_at - START, 7,
	    "a reaped command counts as a movement");
	is_int(command_side->active_at - START, 7,
	    "a reaped command counts as a movement of its side");
	is_int(other_side->active_at - START, 0,
	    "a reaped command is no movement of the other side");
	now = START + 8;
	timers_hurry(&supervisor);
	is_int(supervisor.hurried_at - START, 8,
	    "a signal that ends us sets its time");
	end_state();
}

static void
test_restart(void)
{
	begin_state(SOCK_STREAM, true);
	supervisor.reaped_at = START;
	plan.timeout = 9 * SECOND;
	side_schedule_kill(other_side, 2 * SECOND);
	now = START + SECOND;
	timers_restart(&supervisor);
	is_int(supervisor.active_at - START, SECOND,
	    "SIGCONT starts --timeout anew");
	is_due(3 * SECOND, "SIGCONT starts --kill-after anew");
	is_int(command_side->active_at - START, SECOND,
	    "SIGCONT starts --linger anew");
	is_int(other_side->active_at - START, SECOND,
	    "SIGCONT starts --linger anew for both sides");
	is_int(supervisor.reaped_at - START, 0,
	    "SIGCONT sets no time of an end while a command runs");
	command.reaped = peer.reaped = true;
	now = START + 2 * SECOND;
	timers_restart(&supervisor);
	is_int(supervisor.reaped_at - START, 2 * SECOND,
	    "after the last end SIGCONT starts anew what counts from it");
	end_state();
}

int
main(void)
{
	test_timeout();
	test_linger();
	test_sides();
	test_report_times();
	test_reports();
	test_stuck_times();
	test_stuck_pipe();
	test_stuck_socket();
	test_trace();
	test_note_activity();
	test_note_trace();
	test_note_reaped();
	test_restart();
	return done_testing();
}
