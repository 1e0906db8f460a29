/* SPDX-License-Identifier: MIT */
/*
 * Every deadline, computed from a state, and what is done when it comes: not
 * one nanosecond before.
 */
#include "config.h"

#include "relay/timers.h"
#include "state.h"

static int64_t traced_timeout;
static int64_t reported_timeout;

void __wrap_monitor_timeout(struct monitor *, int64_t);
void __wrap_stall_print(struct supervisor *, int64_t);

void
__wrap_monitor_timeout(struct monitor *some, int64_t duration)
{
	(void)some;
	traced_timeout = duration;
}

void
__wrap_stall_print(struct supervisor *some, int64_t duration)
{
	reported_timeout = some->timed_out && sent[0] == '\0' ? duration : 0;
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
	handle_at(3 * SECOND - 1);
	ok(!supervisor.timed_out && sent[0] == '\0',
	    "before --timeout no command is ended");
	handle_at(3 * SECOND);
	ok(supervisor.fatal_signal == 0,
	    "--timeout ends the commands, and not the run");
	ok(supervisor.timed_out && supervisor.command_timed_out,
	    "--timeout is noted, and that the first command ran");
	is_int(traced_timeout, 3 * SECOND,
	    "--timeout is traced with its duration");
	is_int(reported_timeout, 3 * SECOND,
	    "who waits for what is reported before the commands are ended");
	is_str(sent, "command TERM, command CONT, peer TERM, peer CONT, ",
	    "both commands get SIGTERM, and SIGCONT to handle it");
	is_due(8 * SECOND, "SIGKILL is due after 5 seconds");
	sent[0] = '\0';
	handle_at(8 * SECOND - 1);
	is_str(sent, "", "SIGKILL is not sent too early");
	handle_at(8 * SECOND);
	is_str(sent, "command KILL, peer KILL, ",
	    "SIGKILL is sent when it is due");
	is_never("--timeout comes only once");
	end_state();

	begin_state(SOCK_STREAM, true);
	plan.timeout = SECOND;
	plan.kill_after = SECOND / 4;
	command.reaped = true;
	handle_at(SECOND);
	ok(supervisor.timed_out && !supervisor.command_timed_out,
	    "a command that has ended has not timed out");
	is_str(sent, "peer TERM, peer CONT, ",
	    "a command that has ended gets no signal");
	is_due(SECOND + SECOND / 4, "--kill-after is the time before SIGKILL");
	end_state();
}

/* What keeps a message from waiting for its reader. */
static void
test_ending(void)
{
	begin_state(SOCK_STREAM, true);
	plan.timeout = 3 * SECOND;
	now = START + 3 * SECOND - 1;
	ok(!timers_are_to_end_command(&supervisor),
	    "before --timeout no command is to be ended");
	now = START + 3 * SECOND;
	ok(timers_are_to_end_command(&supervisor),
	    "once it is due, one is, although it has not been handled");
	supervisor.timed_out = true;
	ok(timers_are_to_end_command(&supervisor),
	    "and as long as one runs that it has begun to end");
	command.reaped = peer.reaped = true;
	ok(!timers_are_to_end_command(&supervisor),
	    "but not once they have ended");
	end_state();

	begin_state(SOCK_STREAM, true);
	side_schedule_kill(other_side, SECOND);
	now = START + SECOND - 1;
	ok(!timers_are_to_end_command(&supervisor),
	    "before --kill-after no command is to be ended");
	now = START + SECOND;
	ok(timers_are_to_end_command(&supervisor),
	    "once it is due, one is");
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
	handle_at(SECOND - 1);
	is_str(sent, "", "SIGTERM is not sent too early");
	handle_at(SECOND);
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
	handle_at(6);
	is_int(inspections, 0, "the command is not inspected too early");
	handle_at(7);
	is_int(inspections, 1, "the command is inspected when it is due");
	ok(!relay.from_command.src_open,
	    "after the inspection the command is not read any more");
	end_state();
}

static void
test_meter(void)
{
	begin_state(SOCK_STREAM, false);
	begin_trace_behind(START);
	sink.record.used = 0;
	trace_note_sinks(&monitor.trace);
	monitor.has_meter = true;
	monitor.meter.fd = -1;
	monitor.draw_at = START + 9;
	is_due(9, "the next drawing of the meter is a deadline");
	handle_at(8);
	is_int(monitor.draw_at - START, 9, "the meter is not drawn too early");
	handle_at(9);
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
	    "without any of these options no time is kept");
	is_int((long long)supervisor.moved, 6,
	    "without them the count of what moved is kept");
	plan.stall = SECOND;
	relay.moved = 7;
	timers_note_activity(&supervisor);
	is_int(supervisor.active_at - START, 8,
	    "with --stall alone the time is kept");
	plan.stall = PLAN_NEVER;
	plan.stats = true;
	relay.moved = 8;
	now = START + 9;
	timers_note_activity(&supervisor);
	is_int(supervisor.active_at - START, 9,
	    "with --stats alone the time is kept, for SIGUSR1");
	end_state();
}

static void
test_note_trace(void)
{
	begin_state(SOCK_STREAM, true);
	command_side->stuck_since = other_side->stuck_since = START;
	now = START + 7;
	timers_postpone(&supervisor);
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
	test_ending();
	test_sides();
	test_meter();
	test_note_activity();
	test_note_trace();
	test_note_reaped();
	test_restart();
	return done_testing();
}
