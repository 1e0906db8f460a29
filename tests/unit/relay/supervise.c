/* SPDX-License-Identifier: MIT */
/*
 * The loop, one turn at a time: what it waits for, what it does then, and when
 * it is over.  The test says what poll(2) reports, which signals have come and
 * which commands end.
 */
#include "relay/supervise.c"

#include "state.h"

#define SLOTS (SLOT_TRACES + 2)	/* with a trace */
#define SLOT_SIGNALS (signals_slot(&supervisor) - supervisor.slots)

/* What signals_poll() was asked, and what it reports. */
static struct pollfd asked[SLOTS];
static size_t asked_count;
static int64_t asked_deadline;
static short reported[SLOTS];
static int poll_error;		/* 0: it succeeds */
static int pauses;		/* after one that fails */
static bool output_moves;	/* while it waits */

static int event;		/* the signal that has come, or 0 */
static bool command_ends;

int __wrap_signals_poll(const struct signals *, struct pollfd *, nfds_t,
    int64_t);
void __wrap_signals_wait_without_poll(struct signals *);
bool __wrap_signals_next(struct signals *, struct signal_event *);
bool __wrap_child_reap(struct child *);

int
__wrap_signals_poll(const struct signals *some, struct pollfd *slots,
    nfds_t count, int64_t deadline)
{
	size_t i;

	(void)some;
	memcpy(asked, slots, count * sizeof(*slots));
	asked_count = count;
	asked_deadline = deadline;
	if (output_moves)
		relay.from_command.conduit.moved++;
	if (poll_error != 0) {
		errno = poll_error;
		return -1;
	}
	for (i = 0; i < count; i++)
		slots[i].revents = reported[i];
	return 0;
}

void
__wrap_signals_wait_without_poll(struct signals *some)
{
	(void)some;
	pauses++;
}

bool
__wrap_signals_next(struct signals *some, struct signal_event *next)
{
	(void)some;
	*next = (struct signal_event){ .number = event };
	event = 0;
	return next->number != 0;
}

bool
__wrap_child_reap(struct child *child)
{
	child->reaped = child->reaped || (child == &command && command_ends);
	return child->reaped;
}

static void
begin(bool has_peer)
{
	begin_state(SOCK_STREAM, has_peer);
	memset(reported, 0, sizeof(reported));
	poll_error = pauses = event = 0;
	command_ends = output_moves = false;
}

static void
test_over(void)
{
	begin(false);
	ok(!is_over(&supervisor),
	    "a run goes on while the command runs and its output is open");
	relay.from_command.dst_open = false;
	ok(!is_over(&supervisor),
	    "a run goes on while the command runs without output");
	relay.from_command.dst_open = true;
	command.reaped = true;
	ok(!is_over(&supervisor),
	    "a run goes on while output is open after the command's end");
	relay.from_command.dst_open = false;
	ok(is_over(&supervisor),
	    "a run is over after the ends of command and output");
	ok(relay.to_command.dst_open, "a run that is over may have open input");
	supervisor.fatal_signal = SIGTERM;
	command.reaped = false;
	relay.from_command.dst_open = true;
	ok(is_over(&supervisor), "a run is over at once if a signal ends us");
	end_state();

	begin(true);
	relay.from_command.dst_open = relay.to_command.dst_open = false;
	command.reaped = true;
	ok(!is_over(&supervisor),
	    "a run goes on while the second command runs");
	peer.reaped = true;
	ok(is_over(&supervisor), "a run is over when both commands have ended");
	relay.to_command.dst_open = true;
	ok(!is_over(&supervisor),
	    "a run goes on while the second command's output is open");
	supervisor.relay = NULL;
	ok(is_over(&supervisor),
	    "without a relay a run is over when the commands have ended");
	peer.reaped = false;
	ok(!is_over(&supervisor),
	    "without a relay a run goes on while either runs");
	end_state();
}

static void
test_lingering(void)
{
	begin(true);
	ok(!supervise_is_lingering(&supervisor),
	    "while both commands run nobody else is waited for");
	command.reaped = true;
	ok(!supervise_is_lingering(&supervisor),
	    "while one command runs nobody else is waited for");
	peer.reaped = true;
	ok(supervise_is_lingering(&supervisor),
	    "after both ends other holders of their sockets are waited for");
	ok(!supervise_is_fatal_pending(&supervisor),
	    "without a pending signal none is due");
	supervisor.pending_fatal = SIGTERM;
	ok(supervise_is_fatal_pending(&supervisor),
	    "a pending signal is due once only others are waited for");
	pending_from_command = 1;
	ok(!supervise_is_lingering(&supervisor) &&
	    !supervise_is_fatal_pending(&supervisor),
	    "a pending signal is not due while output is pending");
	pending_from_command = 0;
	begin_trace_behind(START);
	ok(monitor_is_behind(supervisor.monitor) &&
	    !supervise_is_lingering(&supervisor),
	    "a pending signal is not due while a trace is behind");
	sink.record.used = 0;
	trace_note_sinks(&monitor.trace);
	ok(!monitor_is_behind(supervisor.monitor) &&
	    supervise_is_lingering(&supervisor),
	    "a pending signal is due once the trace is written");
	supervisor.relay = NULL;
	ok(!supervise_is_lingering(&supervisor),
	    "without a relay no other holders are waited for");
	end_state();
}

/* What is ready in a way that poll(2) does not report. */
static void
test_ready(void)
{
	begin(false);
	relay.to_command.dst.reader_gone = true;
	(void)supervise_turn(&supervisor);
	is_int(asked_deadline, 0, "input that is ready is not waited for");
	end_state();

	begin(false);
	relay.from_command.dst.reader_gone = true;
	(void)supervise_turn(&supervisor);
	is_int(asked_deadline, 0, "nor is output, if input is not ready");
	end_state();
}

static void
test_wait(void)
{
	begin(true);
	signals.fd = 1234;
	plan.timeout = SECOND;
	begin_trace_behind(START);
	ok(supervise_turn(&supervisor),
	    "a turn in which nothing happens is not the last");
	is_int((long long)asked_count, SLOTS,
	    "every slot is passed to poll(2)");
	ok(asked[SLOTS - 1].fd == 1234 && asked[SLOTS - 1].events == POLLIN,
	    "the descriptor of signals is asked for events, as the last");
	is_int(asked[SLOT_SIDES].fd, pair.ours,
	    "the first side's socket is in its slot");
	is_int(asked[SLOT_SIDES + SIDE_SLOTS].fd, second.ours,
	    "the second side's socket is in its slot");
	ok(asked[SLOT_TRACES].fd == sink.fd &&
	    asked[SLOT_TRACES].events == POLLOUT,
	    "a trace that is behind is asked for room");
	is_int(asked_deadline - START, SECOND,
	    "the wait ends at the next timer");
	relay.from_command.is_blocked = true;
	relay.from_command.retry_at = START + 7;
	pending_from_command = 1;
	(void)supervise_turn(&supervisor);
	is_int(asked_deadline - START, 7,
	    "the wait ends at the relay's next attempt");
	sink.retry_at = START + 6;
	trace_note_sinks(&monitor.trace);
	(void)supervise_turn(&supervisor);
	is_int(asked_deadline - START, 6,
	    "the wait ends at the next attempt of a trace");
	is_int(asked[SLOT_TRACES].fd, -1,
	    "a trace that waits for a time is not polled");
	supervisor.monitor = relay.monitor = NULL;
	close(sink.fd);
	(void)supervise_turn(&supervisor);
	is_int((long long)asked_count, SLOTS - 1,
	    "without a trace there is no slot for one");
	is_int(asked[SLOTS - 2].fd, 1234, "and signals are the last again");
	end_state();
}

static void
test_traces(void)
{
	char byte[1] = "x";

	begin(false);
	begin_trace_behind(START);
	now = START + 5;
	(void)supervise_turn(&supervisor);
	is_int(command_side->active_at - START, 5,
	    "--linger does not count while a trace is behind");
	is_int(supervisor.active_at - START, 0,
	    "--timeout counts while a trace is behind");
	reported[SLOT_TRACES] = POLLOUT;
	sink.method = SINK_PLAIN;
	sink.record.data = byte;
	(void)supervise_turn(&supervisor);
	is_int(supervisor.active_at - START, 5,
	    "what the reader of a trace takes is a movement");
	ok(!monitor_is_behind(supervisor.monitor),
	    "the trace is written when poll(2) reports room");
	end_state();
}

static void
test_poll_fails(void)
{
	begin(false);
	poll_error = EINTR;
	reported[SLOT_SIGNALS] = POLLIN;
	event = SIGTERM;
	plan.timeout = 1;
	now = START + SECOND;
	ok(supervise_turn(&supervisor), "an interrupted wait is not the end");
	ok(!supervisor.timed_out && event == SIGTERM && pauses == 0,
	    "nothing is done before the signal is known");
	end_state();

	begin(false);
	poll_error = ENOMEM;
	signals.fd = 1234;
	event = SIGTERM;
	need(write(command_end, "x", 1) == 1, "write");
	ok(supervise_turn(&supervisor), "a wait that fails is not the end");
	is_int(pauses, 1, "a wait that fails is replaced by a pause");
	is_str(sent, "command TERM, ",
	    "signals are handled after a wait that failed");
	ok(command_side->src_events & POLLIN,
	    "every descriptor counts as ready after a wait that failed");
	poll_error = 0;
	(void)supervise_turn(&supervisor);
	is_int(pauses, 1, "a wait that succeeds is not followed by a pause");
	end_state();

	begin(false);
	begin_trace_behind(START);
	sink.retry_at = START + 9;
	trace_note_sinks(&monitor.trace);
	poll_error = ENOMEM;
	(void)supervise_turn(&supervisor);
	ok(monitor_is_behind(supervisor.monitor),
	    "a trace that waits for a time does not count as ready");
	end_state();

	begin(false);
	poll_error = EINTR;
	command.reaped = true;
	relay.from_command.dst_open = false;
	ok(!supervise_turn(&supervisor), "an interrupted wait can be the last");
	end_state();
}

static void
test_signals(void)
{
	begin(false);
	event = SIGTERM;
	(void)supervise_turn(&supervisor);
	is_str(sent, "", "signals are not handled unless poll(2) reports some");
	reported[SLOT_SIGNALS] = POLLIN;
	(void)supervise_turn(&supervisor);
	is_str(sent, "command TERM, ",
	    "signals are handled when poll(2) reports some");
	end_state();

	begin(false);
	command.reaped = true;
	need(write(command_end, "x", 1) == 1, "write");
	event = SIGTERM;
	reported[SLOT_SIGNALS] = reported[SLOT_SIDES] = POLLIN;
	ok(!supervise_turn(&supervisor), "a signal that ends us is the end");
	is_int((long long)supervisor.moved, 0, "nothing is relayed after it");
	end_state();

	begin(false);
	command_ends = true;
	reported[SLOT_SIGNALS] = POLLIN;
	event = SIGCHLD;
	relay.from_command.dst_open = false;
	ok(!supervise_turn(&supervisor), "the end of the command is the end");
	end_state();
}

static void
test_fatal_pending(void)
{
	begin(false);
	command.reaped = true;
	supervisor.pending_fatal = SIGTERM;
	supervisor.reaped_at = START;
	output_moves = true;
	ok(supervise_turn(&supervisor),
	    "a turn in which output moves is not the last");
	is_int(asked_deadline, 0,
	    "a pending signal makes poll(2) return at once");
	is_int(supervisor.fatal_signal, 0,
	    "a pending signal does not end us while output moves");
	output_moves = false;
	ok(!supervise_turn(&supervisor),
	    "a turn in which nothing moves is the last for a pending signal");
	is_int(supervisor.fatal_signal, SIGTERM,
	    "a pending signal ends us when nothing moves");
	end_state();

	begin(false);
	supervisor.pending_fatal = SIGTERM;
	ok(supervise_turn(&supervisor) && supervisor.fatal_signal == 0,
	    "a pending signal does not end us while a command runs");
	end_state();
}

static void
test_timers(void)
{
	begin(false);
	plan.timeout = SECOND;
	now = START + SECOND;
	ok(supervise_turn(&supervisor) && supervisor.timed_out,
	    "each turn does what the time has come for");
	end_state();

	begin(false);
	plan.linger = SECOND;
	command.reaped = true;
	now = START + SECOND;
	ok(supervise_turn(&supervisor) && relay.from_command.src.writer_gone,
	    "--linger ends the output");
	ok(!supervise_turn(&supervisor), "and that ends the run");
	end_state();
}

static void
test_cut_off(void)
{
	begin(false);
	plan.kill_after = SECOND;
	(void)supervise_turn(&supervisor);
	ok(command_side->termination.deadline == DEADLINE_NEVER,
	    "--kill-after does not count while the command can be read");
	reported[SLOT_SIDES] = POLLHUP;
	now = START + 5;
	(void)supervise_turn(&supervisor);
	is_int(command_side->termination.deadline - START, SECOND + 5,
	    "--kill-after counts from when the command has closed its end");
	now = START + 7;
	(void)supervise_turn(&supervisor);
	is_int(command_side->termination.deadline - START, SECOND + 5,
	    "--kill-after does not start anew");
	end_state();

	begin(false);
	use_pipes();
	plan.kill_after = SECOND;
	relay.to_command.dst_open = false;
	relay.from_command.dst_open = false;
	side_begin_break(command_side);
	(void)supervise_turn(&supervisor);
	is_int(command_side->termination.deadline - START, SECOND,
	    "--kill-after counts from when a timer has closed its pipe");
	close_pipes();
	end_state();

	begin(true);
	plan.kill_after = SECOND;
	reported[SLOT_SIDES] = POLLHUP;
	(void)supervise_turn(&supervisor);
	ok(command_side->termination.deadline == DEADLINE_NEVER,
	    "of two commands it counts from the other's end alone");
	end_state();
}

/* What waits is an empty message: nobody could tell that it is lost. */
static void
test_empty_rest(void)
{
	begin(false);
	pending_to_command = 1;
	relay_report_input(&relay);
	ok(!relay.failed && relay.to_command.undelivered == 0,
	    "input that has no bytes is lost without a message");
	end_state();
}

static void
test_init(void)
{
	struct supervisor fresh;

	need(supervise_init(&fresh, &plan, &signals, 3) == 0, "init");
	ok(fresh.plan == &plan && fresh.signals == &signals &&
	    fresh.slots != NULL && sigisemptyset(&fresh.fatal_seen),
	    "a supervisor begins with what it is given");
	supervise_free(&fresh);
	ok(fresh.slots == NULL, "a supervisor can be freed");
	supervise_free(&fresh);
	ok(fresh.slots == NULL, "a supervisor can be freed twice");
}

int
main(void)
{
	test_init();
	test_over();
	test_lingering();
	test_wait();
	test_ready();
	test_traces();
	test_poll_fails();
	test_signals();
	test_fatal_pending();
	test_timers();
	test_cut_off();
	test_empty_rest();
	return done_testing();
}
