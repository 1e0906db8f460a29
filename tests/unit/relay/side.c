/* SPDX-License-Identifier: MIT */
/*
 * A side in each of its states: what it asks of poll(2), what it concludes, and
 * how its command is stopped.
 */
#include "config.h"

#include "state.h"

/* What was traced. */
static enum trace_kind noted;
static enum trace_direction noted_direction;

void __wrap_monitor_note(struct monitor *, enum trace_kind,
    enum trace_direction);

void
__wrap_monitor_note(struct monitor *some, enum trace_kind kind,
    enum trace_direction direction)
{
	(void)some;
	noted = kind;
	noted_direction = direction;
}

static void
test_running(void)
{
	begin_state(SOCK_STREAM, false);
	ok(side_is_running(command_side), "a command runs until it is reaped");
	command.reaped = true;
	ok(!side_is_running(command_side), "a reaped command does not run");
	ok(!side_is_running(other_side),
	    "standard input and output are no command that runs");
	ok(!side_reap(command_side), "a command is reaped only once");
	ok(!side_reap(other_side), "standard input and output are not reaped");
	ok(command_side->end == -1 && other_side->end == -1,
	    "a side holds no bare end at first");
	end_state();
}

static int
wait_to_be_killed(void *argument)
{
	(void)argument;
	/* A signal with a handler does not end it. */
	while (pause() == -1)
		;
	return 1;
}

static void
test_reap(void)
{
	struct capture said;
	siginfo_t info;

	begin_state(SOCK_STREAM, false);
	command.pid = start_child(wait_to_be_killed, NULL);
	side_schedule_kill(command_side, SECOND);
	ok(!side_reap(command_side) && !command.reaped,
	    "a command that runs is not reaped");
	is_int(command_side->termination.deadline, START + SECOND,
	    "a command that runs keeps its kill schedule");
	kill(command.pid, SIGKILL);
	need(waitid(P_PID, (id_t)command.pid, &info, WEXITED | WNOWAIT) == 0,
	    "waitid");
	ok(side_reap(command_side) && command.reaped,
	    "a command that has ended is reaped");
	is_int(command.wait_status, SIGKILL, "its wait status is kept");
	ok(command_side->termination.deadline == DEADLINE_NEVER,
	    "a reaped command has no kill schedule any more");
	end_state();

	begin_state(SOCK_STREAM, false);
	command.pid = getpid();
	capture_begin(&said, STDERR_FILENO);
	ok(side_reap(command_side), "a command that cannot be waited for "
	    "counts as reaped");
	capture_end(&said);
	ok(strstr(said.text, "sockpair: cannot wait for process ") ==
	    said.text && said.writes == 1,
	    "one line says that it cannot be waited for");
	end_state();
}

static void
test_kill_schedule(void)
{
	struct termination *termination = &command_side->termination;

	begin_state(SOCK_STREAM, false);
	side_schedule_kill(command_side, PLAN_NEVER);
	ok(termination->deadline == DEADLINE_NEVER,
	    "without --kill-after no command is killed");
	side_schedule_kill(other_side, SECOND);
	ok(other_side->termination.deadline == DEADLINE_NEVER,
	    "standard input and output are never killed");
	side_schedule_kill(command_side, 0);
	is_int(termination->deadline, START, "--kill-after=0 kills at once");
	side_schedule_kill(command_side, 3 * SECOND);
	is_int(termination->deadline, START + 3 * SECOND,
	    "SIGTERM comes after --kill-after");
	terminate_continue(termination, &command, START + 3 * SECOND);
	is_int(termination->deadline, START + 6 * SECOND,
	    "SIGKILL comes after the same time again");
	end_state();

	begin_state(SOCK_STREAM, false);
	command.reaped = true;
	side_schedule_kill(command_side, SECOND);
	ok(termination->deadline == DEADLINE_NEVER,
	    "a reaped command is not killed");
	end_state();
}

/* What the side asks of poll(2) in slot i is events of fd, or nothing: -1. */
static void
asks(const struct side *side, int i, int fd, short events, const char *name)
{
	struct pollfd slots[SIDE_SLOTS];

	side_fill_slots(side, slots);
	if (!ok(slots[i].fd == fd && (fd == -1 || slots[i].events == events),
	    name))
		printf("# fd %d, not %d, for %#x, not %#x\n", slots[i].fd, fd,
		    (unsigned int)slots[i].events, (unsigned int)events);
}

static void
test_standard_slots(void)
{
	int in, out;

	begin_state(SOCK_STREAM, false);
	in = relay.to_command.src.fd;
	out = relay.from_command.dst.fd;
	asks(other_side, 0, in, POLLIN, "standard input is asked for data");
	asks(other_side, 1, out, 0,
	    "standard output is asked whether its reader is there");
	pending_from_command = 1;
	asks(other_side, 1, out, POLLOUT,
	    "standard output is asked for room while output is pending");
	pending_to_command = 1;
	asks(other_side, 0, -1, 0,
	    "standard input is not asked while input is pending");
	relay.from_command.dst_open = false;
	asks(other_side, 1, -1, 0,
	    "standard output is not asked once it is closed");
	end_state();

	begin_state(SOCK_STREAM, false);
	other_side->output = other_side->input = NULL;
	asks(other_side, 0, -1, 0,
	    "without a relay standard input is not asked");
	asks(other_side, 1, -1, 0,
	    "without a relay standard output is not asked");
	end_state();
}

static void
test_socket_slots(void)
{
	begin_state(SOCK_STREAM, false);
	asks(command_side, 0, pair.ours, POLLIN,
	    "the command's socket is asked for output");
	asks(command_side, 1, -1, 0,
	    "the socket takes one slot, and the second is unused");
	pending_to_command = 1;
	asks(command_side, 0, pair.ours, POLLIN | POLLOUT,
	    "the socket is asked for room while input is pending");
	pending_from_command = 1;
	asks(command_side, 0, pair.ours, POLLOUT,
	    "output is not asked for while some is pending");
	relay.to_command.dst_open = false;
	asks(command_side, 0, pair.ours, 0,
	    "room is not asked for once the input has ended");
	command_side->hung_up = true;
	asks(command_side, 0, -1, 0,
	    "a socket that has hung up and is not wanted is not asked");
	pending_from_command = 0;
	asks(command_side, 0, pair.ours, POLLIN,
	    "a socket that has hung up is asked for the output it still holds");
	command_side->output = NULL;
	asks(command_side, 0, -1, 0,
	    "without a relay no socket is asked for anything");
	end_state();
}

static void
test_pipe_slots(void)
{
	struct pollfd slots[SIDE_SLOTS] = {
		{ .revents = POLLHUP }, { .revents = POLLERR }
	};
	int from, to;

	begin_state(SOCK_STREAM, false);
	use_pipes();
	from = relay.from_command.src.fd;
	to = relay.to_command.dst.fd;
	asks(command_side, 0, from, POLLIN, "a pipe is asked for output");
	asks(command_side, 1, to, 0,
	    "the other pipe is asked whether its reader is there");
	pending_to_command = pending_from_command = 1;
	asks(command_side, 0, -1, 0,
	    "a pipe is not asked while output is pending");
	asks(command_side, 1, to, POLLOUT,
	    "the other is asked for room while input is pending");
	side_read_slots(command_side, slots);
	ok(command_side->src_events == POLLHUP &&
	    command_side->dst_events == POLLERR && !command_side->hung_up,
	    "each pipe has events of its own");
	ok(!side_is_cut_off(command_side),
	    "a command with pipes is not cut off by the end of one");
	relay.from_command.src_open = false;
	relay.to_command.dst_open = false;
	asks(command_side, 1, -1, 0,
	    "a pipe is not asked once the input has ended");
	ok(side_is_cut_off(command_side),
	    "a command with pipes is cut off by the end of both");
	close_pipes();
	end_state();
}

static void
test_pipe_break(void)
{
	struct pollfd slot = { .events = POLLOUT };

	begin_state(SOCK_STREAM, false);
	use_pipes();
	slot.fd = command_writes;
	relay.from_command.dst_open = false;
	may_stop = false;
	inspections = 0;
	side_begin_break(command_side);
	side_continue_break(command_side, now);
	ok(inspections == 0 && !relay.from_command.src_open &&
	    relay.from_command.src.fd == -1,
	    "a pipe that nobody reads is closed at once");
	ok(poll(&slot, 1, 0) == 1 && (slot.revents & POLLERR),
	    "then the command's pipe has no reader");
	close_pipes();
	end_state();
}

static void
test_read_slots(void)
{
	struct pollfd slots[SIDE_SLOTS] = {
		{ .revents = POLLIN | POLLOUT | POLLERR }, { .revents = 0 }
	};

	begin_state(SOCK_STREAM, false);
	side_read_slots(command_side, slots);
	is_int(command_side->src_events, POLLIN | POLLERR,
	    "POLLOUT of a socket is no event of the output");
	is_int(command_side->dst_events, POLLOUT | POLLERR,
	    "POLLIN of a socket is no event of the input");
	ok(!command_side->hung_up, "an error is no hang-up");
	slots[0].revents = POLLHUP;
	side_read_slots(command_side, slots);
	ok(command_side->hung_up, "a hang-up of a socket is noted");
	slots[0].revents = 0;
	side_read_slots(command_side, slots);
	ok(command_side->hung_up, "a hang-up is remembered");
	slots[0].revents = POLLIN | POLLHUP;
	slots[1].revents = POLLERR;
	side_read_slots(other_side, slots);
	is_int(other_side->src_events, POLLIN | POLLHUP,
	    "the first slot has the events of standard input");
	is_int(other_side->dst_events, POLLERR,
	    "the second slot has the events of standard output");
	ok(!other_side->hung_up,
	    "POLLHUP of standard input is no hang-up of the side");
	end_state();
}

static void
test_cut_off(void)
{
	begin_state(SOCK_STREAM, false);
	ok(!side_is_cut_off(command_side),
	    "a command with both channels is not cut off");
	relay.to_command.dst_open = false;
	ok(!side_is_cut_off(command_side),
	    "a command that can only write is not cut off");
	relay.from_command.src_open = false;
	ok(side_is_cut_off(command_side),
	    "a command without both channels is cut off");
	relay.to_command.dst_open = true;
	ok(!side_is_cut_off(command_side),
	    "a command that can only read is not cut off");
	command_side->hung_up = true;
	ok(side_is_cut_off(command_side),
	    "a command that has closed its end is cut off");
	end_state();
}

static void
test_lingering(void)
{
	begin_state(SOCK_STREAM, false);
	ok(!side_is_lingering(command_side),
	    "a command that runs is not lingering");
	command.reaped = true;
	ok(side_is_lingering(command_side),
	    "a reaped command whose output is open is lingering");
	pending_from_command = 1;
	ok(!side_is_lingering(command_side),
	    "while its output is pending it is not");
	pending_from_command = 0;
	pending_to_command = 1;
	ok(side_is_lingering(command_side), "while input is pending it is");
	relay.from_command.src_open = false;
	ok(!side_is_lingering(command_side),
	    "once its output has ended it is not");
	relay.from_command.src_open = true;
	begin_trace_behind(START);
	relay.from_command.conduit.monitor = &monitor;
	ok(!side_is_lingering(command_side),
	    "while a trace is behind it is not");
	relay.from_command.conduit.monitor = NULL;
	ok(side_is_lingering(command_side),
	    "once the trace is not behind it is");
	ok(!side_is_lingering(other_side),
	    "standard input and output are never lingering");
	command_side->output = NULL;
	ok(!side_is_lingering(command_side),
	    "a command without a relay is never lingering");
	end_state();
}

static void
test_leave(void)
{
	char byte;

	begin_state(SOCK_STREAM, false);
	need(send(command_end, "x", 1, MSG_NOSIGNAL) == 1, "send");
	side_leave(command_side);
	ok(relay.from_command.src_open && channel_is_ready(&relay.from_command),
	    "a side that is left is read to its end");
	ok(recv(pair.ours, &byte, 1, 0) == 1 && byte == 'x' &&
	    recv(pair.ours, &byte, 1, 0) == 0,
	    "what came before that is there, and then end of file");
	ok(endpoint_is_hung_up(&relay.from_command.src),
	    "that end counts as a hang-up and not as a half-close");
	is_int(send(command_end, "x", 1, MSG_NOSIGNAL), -1,
	    "other holders of its end cannot write any more");
	ok(relay.to_command.dst.reader_gone,
	    "its input counts as having no reader");
	ok(relay.from_command.dst_open && relay.to_command.src_open,
	    "the other side's ends stay open");
	end_state();
}

static void
test_breaking(void)
{
	begin_state(SOCK_STREAM, false);
	command_side->sigpipe.inspect_at = START + 7;
	ok(!side_is_breaking(command_side) &&
	    side_break_deadline(command_side) == DEADLINE_NEVER,
	    "a command whose output is read is left alone");
	relay.from_command.dst_open = false;
	ok(side_is_breaking(command_side),
	    "a command whose output is read no more has to be stopped");
	is_int(side_break_deadline(command_side), START + 7,
	    "its next inspection is a deadline");
	relay.from_command.src_open = false;
	ok(!side_is_breaking(command_side) &&
	    side_break_deadline(command_side) == DEADLINE_NEVER,
	    "a command that was stopped needs no more inspection");
	relay.to_command.dst_open = false;
	ok(!side_is_breaking(other_side),
	    "standard input is never stopped by SIGPIPE");
	command_side->output = NULL;
	ok(!side_is_breaking(command_side),
	    "a command without a relay is never stopped so");
	end_state();
}

static void
test_begin_break(void)
{
	begin_state(SOCK_STREAM, false);
	side_begin_break(other_side);
	ok(!relay.to_command.src_open,
	    "standard input is closed when its reader has gone");
	relay.from_command.dst_open = false;
	now = START + 3;
	side_begin_break(command_side);
	ok(relay.from_command.src_open,
	    "a command's socket stays open until the command was inspected");
	is_int(side_break_deadline(command_side), START + 3,
	    "the first inspection is due at once");
	end_state();
}

static void
continue_break(bool stops)
{
	may_stop = stops;
	inspections = 0;
	noted = TRACE_START;
	side_continue_break(command_side, now);
}

static void
test_continue_break(void)
{
	begin_state(SOCK_STREAM, false);
	relay.from_command.dst_open = false;
	relay.from_command.conduit.monitor = &monitor;
	relay.from_command.conduit.direction = TRACE_FROM_COMMAND;
	continue_break(false);
	is_int(inspections, 1,
	    "a command on a stream is inspected for a blocked write");
	ok(relay.from_command.src_open && noted == TRACE_START,
	    "while the command runs its socket stays open");
	is_int(side_break_deadline(command_side), now + 5,
	    "while the command runs the next inspection is due");
	continue_break(true);
	ok(!relay.from_command.src_open,
	    "after the last inspection the socket is shut down");
	ok(noted == TRACE_SHUTDOWN && noted_direction == TRACE_FROM_COMMAND,
	    "the shutdown is traced with its direction");
	ok(side_break_deadline(command_side) == DEADLINE_NEVER,
	    "after the last inspection none is due");
	end_state();

	begin_state(SOCK_SEQPACKET, false);
	relay.from_command.dst_open = false;
	continue_break(true);
	is_int(inspections, 1,
	    "before standard output a command on messages is inspected, too");
	ok(!relay.from_command.src_open && noted == TRACE_START,
	    "without a monitor the shutdown is not traced");
	end_state();

	begin_state(SOCK_SEQPACKET, true);
	relay.from_command.dst_open = false;
	continue_break(false);
	is_int(inspections, 0,
	    "between two commands nobody is inspected on messages");
	ok(!relay.from_command.src_open,
	    "between two commands a message socket is shut down at once");
	end_state();

	begin_state(SOCK_STREAM, true);
	relay.from_command.dst_open = false;
	continue_break(false);
	is_int(inspections, 1,
	    "between two commands a stream's writer is inspected");
	end_state();
}

int
main(void)
{
	test_running();
	test_reap();
	test_kill_schedule();
	test_standard_slots();
	test_socket_slots();
	test_pipe_slots();
	test_pipe_break();
	test_read_slots();
	test_cut_off();
	test_lingering();
	test_leave();
	test_breaking();
	test_begin_break();
	test_continue_break();
	return done_testing();
}
