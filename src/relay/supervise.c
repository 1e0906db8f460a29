/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation.  One turn of the loop waits for signals, for events on
 * the descriptors of the sides and traces, or for the nearest deadline.  Then
 * it handles the signals (supervise-signals.c), writes to the traces, moves the
 * relay on, and does what is due (timers.c).  The slots for poll(2) and every
 * deadline are computed anew from the state in each turn.
 *
 * The loop is over when every command has been reaped and its output has ended
 * and is written, in whichever order.  Standard input need not have ended.
 * tests/spin/ends.pml is a model of this, with the names used here, which is
 * checked in every order of events.
 *
 * Without a relay the commands hold both ends of the pair, and the kernel
 * notifies each command when the other closes its end.  A dgram socket is not
 * notified (tests/unit/kernel: dgram_close_untold).  So for this type we hold
 * both ends as well, and shut them down when a command has been reaped.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/diag.h"
#include "relay/supervise.h"
#include "relay/timers.h"

/*
 * Where each descriptor is in the slots for poll(2).  That of the signals is
 * the last (signals_poll()).
 */
enum slot {
	SLOT_SIDES,
	SLOT_TRACES = SLOT_SIDES + SIDE_COUNT * SIDE_SLOTS
};

int
supervise_init(struct supervisor *supervisor, const struct plan *plan,
    struct signals *signals, size_t traces)
{
	*supervisor = (struct supervisor){ .plan = plan, .signals = signals };
	sigemptyset(&supervisor->fatal_seen);
	supervisor->slots = calloc(SLOT_TRACES + traces + 1,
	    sizeof(*supervisor->slots));
	return supervisor->slots == NULL ? -1 : 0;
}

void
supervise_free(struct supervisor *supervisor)
{
	free(supervisor->slots);
	supervisor->slots = NULL;
}

bool
supervise_has_command(const struct supervisor *supervisor)
{
	return side_is_running(&supervisor->sides[SIDE_COMMAND]) ||
	    side_is_running(&supervisor->sides[SIDE_OTHER]);
}

bool
supervise_is_lingering(const struct supervisor *supervisor)
{
	return supervisor->relay != NULL &&
	    !supervise_has_command(supervisor) &&
	    !monitor_is_behind(supervisor->monitor) &&
	    relay_is_drained(supervisor->relay);
}

bool
supervise_is_fatal_pending(const struct supervisor *supervisor)
{
	return supervisor->pending_fatal != 0 &&
	    supervise_is_lingering(supervisor);
}

/* Whether the loop is over. */
static bool
is_over(const struct supervisor *supervisor)
{
	if (supervisor->fatal_signal != 0)
		return true;
	if (supervisor->relay != NULL &&
	    !relay_is_flushed(supervisor->relay))
		return false;
	return !supervise_has_command(supervisor);
}

static size_t
slot_count(const struct supervisor *supervisor)
{
	return SLOT_TRACES + 1 + (supervisor->monitor == NULL ? 0 :
	    supervisor->monitor->trace.count);
}

static struct pollfd *
signals_slot(const struct supervisor *supervisor)
{
	return supervisor->slots + slot_count(supervisor) - 1;
}

static void
fill_slots(struct supervisor *supervisor)
{
	struct pollfd *slots = supervisor->slots;
	size_t i;

	for (i = 0; i < SIDE_COUNT; i++)
		side_fill_slots(&supervisor->sides[i],
		    slots + SLOT_SIDES + i * SIDE_SLOTS);
	if (supervisor->monitor != NULL)
		trace_fill_slots(&supervisor->monitor->trace,
		    slots + SLOT_TRACES);
	*signals_slot(supervisor) = (struct pollfd){
		.fd = supervisor->signals->fd, .events = POLLIN
	};
}

/*
 * Wait for events, signals or the nearest deadline; with at_once only look at
 * what is there.  False with errno if poll(2) failed.  EINTR: a signal may have
 * come that has to be handled before the timers are.
 */
static bool
wait_for_slots(struct supervisor *supervisor, bool at_once)
{
	int64_t deadline = at_once ? 0 : timers_next(supervisor);

	fill_slots(supervisor);
	if (supervisor->relay != NULL)
		deadline = deadline_sooner(deadline,
		    relay_retry_deadline(supervisor->relay));
	if (supervisor->monitor != NULL)
		deadline = deadline_sooner(deadline,
		    supervisor->monitor->trace.retry_at);
	return signals_poll(supervisor->signals, supervisor->slots,
	    slot_count(supervisor), deadline) != -1;
}

/*
 * poll(2) failed: a limit on descriptors was lowered, memory is short, or a
 * filter refuses the call.  Pause for a moment, and then treat every descriptor
 * as ready.  That is safe, because no read or write of ours blocks.
 */
static void
go_on_without_poll(struct supervisor *supervisor)
{
	struct pollfd *end = supervisor->slots + slot_count(supervisor);
	struct pollfd *slot;

	signals_wait_without_poll(supervisor->signals);
	for (slot = supervisor->slots; slot < end; slot++)
		slot->revents = slot->fd != -1 ? slot->events : 0;
}

/*
 * --kill-after counts from when the command is cut off.  With two commands it
 * counts from the other's exit instead: see note_reaped().
 */
static void
end_cut_off(struct supervisor *supervisor)
{
	struct side *command = &supervisor->sides[SIDE_COMMAND];

	if (supervisor->sides[SIDE_OTHER].child == NULL &&
	    command->termination.step == TERMINATE_NOT &&
	    side_is_cut_off(command))
		side_schedule_kill(command, supervisor->plan->kill_after);
}

/* Write on to the traces.  That a reader takes something counts as activity. */
static void
write_traces(struct supervisor *supervisor)
{
	if (monitor_is_behind(supervisor->monitor))
		timers_postpone(supervisor);
	if (monitor_read_slots(supervisor->monitor,
	    supervisor->slots + SLOT_TRACES))
		supervisor->active_at = clock_now();
	monitor_report_failures(supervisor->monitor);
}

/* Move the relay on by the events that poll(2) reported. */
static void
advance_relay(struct supervisor *supervisor)
{
	size_t i;

	for (i = 0; i < SIDE_COUNT; i++)
		side_read_slots(&supervisor->sides[i],
		    supervisor->slots + SLOT_SIDES + i * SIDE_SLOTS);
	relay_advance(supervisor->relay);
	timers_note_activity(supervisor);
	if (supervisor->monitor != NULL)
		monitor_report_failures(supervisor->monitor);
}

/* One turn of the loop.  False once the loop is over. */
static bool
supervise_turn(struct supervisor *supervisor)
{
	bool is_due = supervise_is_fatal_pending(supervisor);
	uint64_t moved = supervisor->moved;

	if (!wait_for_slots(supervisor, is_due)) {
		if (errno == EINTR)
			return !is_over(supervisor);
		go_on_without_poll(supervisor);
	}
	if (signals_slot(supervisor)->revents != 0)
		supervise_handle_signals(supervisor);
	if (supervisor->relay != NULL && supervisor->fatal_signal != 0)
		return false;
	if (supervisor->monitor != NULL)
		write_traces(supervisor);
	if (supervisor->relay != NULL)
		advance_relay(supervisor);
	if (timers_next(supervisor) != DEADLINE_NEVER)
		timers_handle(supervisor);
	/* After the timers, because --linger ends a direction. */
	if (supervisor->relay != NULL)
		end_cut_off(supervisor);
	/* Output that moved in this turn may be followed by more. */
	if (is_due && supervise_is_fatal_pending(supervisor) &&
	    supervisor->moved == moved)
		supervise_die(supervisor, supervisor->pending_fatal);
	return !is_over(supervisor);
}

static void
begin_monitor(struct supervisor *supervisor)
{
	struct monitor *monitor = supervisor->monitor;

	channel_monitor(&supervisor->relay->to_command, monitor,
	    TRACE_TO_COMMAND);
	channel_monitor(&supervisor->relay->from_command, monitor,
	    TRACE_FROM_COMMAND);
	monitor_start(monitor, supervisor->sides[SIDE_COMMAND].child->pid);
}

/* Nothing is relayed any more, or at all. */
static void
leave_relay(struct supervisor *supervisor)
{
	size_t i;

	supervisor->relay = NULL;
	for (i = 0; i < SIDE_COUNT; i++)
		supervisor->sides[i].input = supervisor->sides[i].output = NULL;
}

static void
end_monitor(struct supervisor *supervisor)
{
	const struct child *peer = supervisor->sides[SIDE_OTHER].child;

	relay_finish(supervisor->relay);
	monitor_finish(supervisor->monitor,
	    supervisor->sides[SIDE_COMMAND].child->wait_status,
	    peer != NULL ? peer->wait_status : 0);
	leave_relay(supervisor);
	while (monitor_is_behind(supervisor->monitor))
		(void)supervise_turn(supervisor);
	monitor_report(supervisor->monitor);
	supervisor->failed = supervisor->failed || supervisor->monitor->failed;
}

/* Of a dgram pair we hold both ends, too; of another both are -1 by now. */
static void
begin_without_relay(struct supervisor *supervisor)
{
	struct side *command = &supervisor->sides[SIDE_COMMAND];
	struct side *other = &supervisor->sides[SIDE_OTHER];

	leave_relay(supervisor);
	command->end = command->pair->command;
	other->end = command->pair->ours;
	signals_begin(supervisor->signals);
}

static void
begin_relay(struct supervisor *supervisor, const bool closed[3])
{
	supervisor->monitor = supervisor->relay->monitor;
	relay_open(supervisor->relay, closed);
	if (supervisor->monitor != NULL)
		begin_monitor(supervisor);
	signals_begin(supervisor->signals);
	relay_begin(supervisor->relay);
}

static void
end_relay(struct supervisor *supervisor)
{
	if (supervisor->fatal_signal != 0) {
		diag_hurry();
		relay_give_up(supervisor->relay);
	} else {
		relay_report_input(supervisor->relay);
	}
	supervisor->failed = supervisor->failed || supervisor->relay->failed;
	if (supervisor->monitor != NULL)
		end_monitor(supervisor);
}

/*
 * For diag_set_wait(): a message whose reader does not read must not delay what
 * ends us or a command.
 */
static bool
may_wait_for_reader(const void *context)
{
	const struct supervisor *supervisor = context;

	return !signals_are_to_end_us(supervisor->signals) &&
	    !timers_are_to_end_command(supervisor);
}

struct outcome
supervise_run(struct supervisor *supervisor, struct relay *relay,
    const bool closed[3])
{
	supervisor->relay = relay;
	supervisor->active_at = clock_now();
	diag_set_wait(may_wait_for_reader, supervisor);
	if (relay != NULL)
		begin_relay(supervisor, closed);
	else
		begin_without_relay(supervisor);
	while (!is_over(supervisor) && supervise_turn(supervisor))
		;
	if (relay != NULL)
		end_relay(supervisor);
	signals_limit_messages(supervisor->signals);
	return (struct outcome){
		supervisor->failed, supervisor->command_timed_out,
		supervisor->fatal_signal
	};
}
