/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation.  One turn of the loop waits for the signals, the ends of
 * the two channels, or the nearest deadline; then it handles the signals and
 * moves both channels on.  Everything that poll(2) is asked, and every
 * deadline, is computed anew from the state in each turn.
 *
 * It is over when every command has been reaped and its output has ended and is
 * written: both, in whichever order.  Standard input need not have ended.
 *
 * The other side of the command is standard input and output, or a second
 * command with a pair of its own; then each is told of the other's end as by
 * the kernel if there were one pair and no relay.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>

#include "base/clock.h"
#include "base/diag.h"
#include "relay/relay.h"
#include "relay/setup.h"
#include "relay/supervise.h"
#include "relay/timers.h"

enum slot {
	SLOT_SIGNALS,
	SLOT_COMMAND,		/* our end of its pair, read and written */
	SLOT_SECOND,		/* the same of the second command; or */
	SLOT_INPUT = SLOT_SECOND,	/* standard input, read, */
	SLOT_OUTPUT,		/* and standard output, written */
	SLOT_COUNT
};

int
relay_init(struct relay *relay, const struct plan *plan,
    const struct pair *pair, const struct pair *second, struct monitor *monitor)
{
	struct channel *to_command = &relay->to_command;
	struct channel *from_command = &relay->from_command;

	*relay = (struct relay){ .plan = plan, .monitor = monitor };
	sigemptyset(&relay->fatal_seen);
	channel_init(to_command);
	channel_init(from_command);
	side_init(&relay->sides[RELAY_COMMAND], pair, to_command, from_command);
	relay->side_count = 1;
	if (second != NULL) {
		side_init(&relay->sides[RELAY_SECOND], second, from_command,
		    to_command);
		relay->side_count++;
	}
	return setup_make_conduits(relay);
}

void
relay_free(struct relay *relay)
{
	channel_free(&relay->to_command);
	channel_free(&relay->from_command);
}

bool
relay_has_command(const struct relay *relay)
{
	size_t i;

	for (i = 0; i < relay->side_count; i++)
		if (!relay->sides[i].child->reaped)
			return true;
	return false;
}

bool
relay_is_lingering(const struct relay *relay)
{
	const struct channel *output;
	bool lingers = false;
	size_t i;

	for (i = 0; i < relay->side_count; i++) {
		output = relay->sides[i].output;
		if (channel_pending(output) > 0)
			return false;
		lingers |= output->src_open;
	}
	return lingers && !relay_has_command(relay);
}

/* Whether there is nothing more to be done. */
static bool
is_over(const struct relay *relay)
{
	size_t i;

	if (relay->fatal_signal != 0)
		return true;
	for (i = 0; i < relay->side_count; i++)
		if (relay->sides[i].output->dst_open)
			return false;
	return !relay_has_command(relay);
}

static void
report_fault(struct relay *relay, const struct fault *fault)
{
	char text[FAULT_TEXT_MAX];

	if (fault->kind == FAULT_NONE)
		return;
	if (relay->monitor != NULL)
		monitor_clear(relay->monitor);
	fault_text(fault, text, sizeof(text));
	diag_print("%s", text);
	if (fault_is_loss(fault))
		relay->failed = true;
}

/*
 * One step of a channel.  Where its write may block, signals can interrupt it,
 * and one that has come already is handled first.  One that comes just before
 * the write blocks would wait for the reader, and the end of a command follows
 * soon after a signal that was passed on: so wait for that a little, in a call
 * that no signal slips by.
 */
static enum channel_result
step(struct relay *relay, struct channel *channel, short src, short dst,
    struct fault *fault)
{
	enum channel_result result = CHANNEL_OPEN;

	if (!channel->dst.may_block)
		return channel_step(channel, src, dst, fault);
	*fault = (struct fault){ .kind = FAULT_NONE };
	if (clock_now() < relay->quiet_until && signals_poll(relay->signals,
	    NULL, 0, relay->quiet_until) == -1)
		return CHANNEL_OPEN;
	if (signals_unblock(relay->signals))
		result = channel_step(channel, src, dst, fault);
	signals_block(relay->signals);
	return result;
}

/*
 * The output has ended, and standard output is to be told.  Once we have ended
 * the input too, a half-close by the command looks like a hang-up of its end
 * (unix(7): both directions are shut down), so ask whether it still holds it.
 */
static void
note_half_close(struct relay *relay)
{
	if (!relay->to_command.dst_open &&
	    child_holds_end(relay->sides[RELAY_COMMAND].child))
		relay->from_command.src_half_closed = true;
}

/* The command that writes what channel reads, or NULL: standard input. */
static struct side *
find_writer(struct relay *relay, const struct channel *channel)
{
	size_t i;

	for (i = 0; i < relay->side_count; i++)
		if (relay->sides[i].output == channel)
			return &relay->sides[i];
	return NULL;
}

/* The reader of channel takes no more: notify its writer. */
static void
notify_writer(struct relay *relay, struct channel *channel)
{
	struct side *writer = find_writer(relay, channel);

	if (writer != NULL)
		side_begin_break(writer);
	else
		channel_stop_reading(channel);
}

/* Move one channel on, and close it when its time has come. */
static void
advance(struct relay *relay, struct channel *channel, short src, short dst)
{
	struct fault fault;
	enum channel_result result;

	do {
		result = step(relay, channel, src, dst, &fault);
		report_fault(relay, &fault);
		src = 0;
	} while (result == CHANNEL_OPEN && fault.kind != FAULT_NONE);
	switch (result) {
	case CHANNEL_OPEN:
	case CHANNEL_CLOSED:
		break;
	case CHANNEL_FLUSHED:
		if (channel->dst.inherited)
			note_half_close(relay);
		channel_finish(channel, &fault);
		report_fault(relay, &fault);
		break;
	case CHANNEL_REFUSED:
		channel_break(channel);
		notify_writer(relay, channel);
		break;
	}
}

/*
 * In a stream let the writer run before its piece is read, so that more has
 * come, if that pays.  Who looks at the pieces is to see them as they were.
 */
static void
let_gather(struct relay *relay)
{
	if (relay->monitor == NULL && coalesce_is_stream(&relay->coalesce,
	    relay->to_command.conduit.moved,
	    relay->from_command.conduit.moved) &&
	    coalesce_pays(&relay->coalesce, clock_now()))
		(void)sched_yield();
}

static struct pollfd
make_slot(int fd, short events)
{
	return (struct pollfd){ .fd = fd, .events = events };
}

/*
 * Standard output stays in the set even while there is nothing to write, so
 * that we notice when its reader leaves.
 */
static void
fill_standard_slots(const struct relay *relay,
    struct pollfd slots[SLOT_COUNT])
{
	const struct channel *input = &relay->to_command;
	const struct channel *output = &relay->from_command;
	short events = channel_src_events(input);

	slots[SLOT_INPUT] = make_slot(events != 0 ? input->src.fd : -1, events);
	slots[SLOT_OUTPUT] = make_slot(channel_polls_dst(output) ?
	    output->dst.fd : -1, channel_dst_events(output));
}

static void
fill_slots(const struct relay *relay, struct pollfd slots[SLOT_COUNT])
{
	slots[SLOT_SIGNALS] = make_slot(relay->signals->fd, POLLIN);
	slots[SLOT_COMMAND] = side_slot(&relay->sides[RELAY_COMMAND]);
	if (relay->side_count == 1) {
		fill_standard_slots(relay, slots);
		return;
	}
	slots[SLOT_SECOND] = side_slot(&relay->sides[RELAY_SECOND]);
	slots[SLOT_OUTPUT] = make_slot(-1, 0);
}

/*
 * Wait for something to do.  False if that was cut short: then a signal may
 * have come that has to be handled before the timers are.
 */
static bool
wait_for_slots(struct relay *relay, struct pollfd slots[SLOT_COUNT],
    bool at_once)
{
	int64_t deadline = deadline_sooner(timers_next(relay),
	    timers_next_try(relay));

	fill_slots(relay, slots);
	if (channel_is_ready(&relay->to_command) ||
	    channel_is_ready(&relay->from_command) || at_once)
		deadline = 0;
	return signals_poll(relay->signals, slots, SLOT_COUNT, deadline) != -1;
}

/*
 * poll(2) failed: a limit on descriptors was lowered, memory is short, or a
 * filter refuses the call.  Yield the processor for a moment, and then treat
 * every descriptor as ready.  No read or write blocks if it is not.
 */
static void
endure(struct relay *relay, struct pollfd slots[SLOT_COUNT])
{
	size_t i;

	signals_wait_without_poll(relay->signals);
	for (i = 0; i < SLOT_COUNT; i++)
		slots[i].revents = slots[i].fd != -1 ? slots[i].events : 0;
}

/*
 * --kill-after counts from when the command has nobody to speak with.  Of two,
 * from the other's exit: see supervise.c.
 */
static void
end_cut_off(struct relay *relay)
{
	struct side *command = &relay->sides[RELAY_COMMAND];

	if (relay->side_count == 1 && relay->plan->kill_after != PLAN_NEVER &&
	    command->termination.step == TERMINATE_NOT &&
	    side_is_cut_off(command))
		side_schedule_kill(command, relay->plan->kill_after);
}

/* Move both channels on by what poll(2) said of their ends. */
static void
advance_both(struct relay *relay, const struct pollfd slots[SLOT_COUNT])
{
	short command = slots[SLOT_COMMAND].revents;
	short input = slots[SLOT_INPUT].revents;
	short output = slots[SLOT_OUTPUT].revents;
	size_t i;

	for (i = 0; i < relay->side_count; i++)
		side_handle_events(&relay->sides[i],
		    slots[SLOT_COMMAND + i].revents);
	if (relay->side_count > 1)
		output = input;
	advance(relay, &relay->to_command, input & ~POLLOUT,
	    command & ~POLLIN);
	advance(relay, &relay->from_command, command & ~POLLOUT,
	    output & ~POLLIN);
}

/* One turn.  False once it is over. */
static bool
turn(struct relay *relay)
{
	struct pollfd slots[SLOT_COUNT];
	bool is_due = supervise_is_fatal_pending(relay);
	uint64_t moved = relay->moved;

	if (!wait_for_slots(relay, slots, is_due)) {
		if (errno == EINTR)
			return !is_over(relay);
		endure(relay, slots);
	}
	if (slots[SLOT_SIGNALS].revents != 0)
		supervise_handle_signals(relay);
	if (relay->fatal_signal != 0)
		return false;
	let_gather(relay);
	advance_both(relay, slots);
	timers_note_activity(relay);
	if (relay->monitor != NULL)
		monitor_report_failures(relay->monitor);
	end_cut_off(relay);
	if (timers_next(relay) != DEADLINE_NEVER && timers_handle(relay))
		return false;
	/* Not while pending output is still being moved. */
	if (is_due && supervise_is_fatal_pending(relay) &&
	    relay->moved == moved)
		supervise_die(relay, relay->pending_fatal);
	return !is_over(relay);
}

/*
 * A trace's reader does not keep up.  Wait for it until deadline, for a signal,
 * or until it is time to end the command.  Signals and the time are handled
 * here.  Their trace events are kept in the monitor until the sink is done.
 */
static bool
wait_for_trace(void *argument, int fd, int64_t since, int64_t deadline)
{
	struct relay *relay = argument;
	struct pollfd slots[2] = {
		{ .fd = fd, .events = POLLOUT },
		{ .fd = relay->signals->fd, .events = POLLIN },
	};
	int64_t giving_up = timers_giving_up(relay, since);
	int64_t ending = deadline_sooner(timers_next_ending(relay), giving_up);

	if (signals_poll(relay->signals, slots, 2,
	    deadline_sooner(ending, deadline)) == -1) {
		if (errno == EINTR)
			return true;
		signals_wait_without_poll(relay->signals);
		slots[1].revents = POLLIN;
	}
	if (slots[1].revents != 0)
		supervise_handle_signals(relay);
	if (ending == DEADLINE_NEVER)
		return true;
	/* What it takes now has moved, too. */
	if (slots[0].revents != 0)
		relay->active_at = clock_now();
	timers_handle_ending(relay);
	if (slots[0].revents != 0 || clock_now() < giving_up)
		return true;
	diag_hurry();
	return false;
}

static void
begin_monitor(struct relay *relay)
{
	channel_monitor(&relay->to_command, relay->monitor, TRACE_TO_COMMAND);
	channel_monitor(&relay->from_command, relay->monitor,
	    TRACE_FROM_COMMAND);
	relay->monitor->trace.wait.until_writable = wait_for_trace;
	relay->monitor->trace.wait.argument = relay;
	monitor_start(relay->monitor, relay->sides[RELAY_COMMAND].child->pid);
}

/*
 * A signal ends us: count the data that will not be written, and close the
 * inherited descriptors.
 */
static void
break_off(struct relay *relay)
{
	size_t i;

	diag_hurry();
	for (i = 0; i < relay->side_count; i++)
		if (relay->sides[i].output->dst_open)
			(void)channel_give_up(relay->sides[i].output);
}

static void
end_monitor(struct relay *relay)
{
	/* A full queue that its command has left: it is over all the same. */
	if (channel_pending(&relay->to_command) > 0)
		channel_break(&relay->to_command);
	monitor_finish(relay->monitor,
	    relay->sides[RELAY_COMMAND].child->wait_status,
	    relay->side_count > 1 ?
	    relay->sides[RELAY_SECOND].child->wait_status : 0);
	relay->failed = relay->failed || relay->monitor->failed;
}

struct relay_result
relay_run(struct relay *relay, struct signals *signals, struct child *child,
    struct child *second, const bool closed[3])
{
	relay->signals = signals;
	relay->sides[RELAY_COMMAND].child = child;
	relay->sides[RELAY_SECOND].child = second;
	relay->active_at = clock_now();
	setup_open_endpoints(relay, closed);
	if (relay->monitor != NULL)
		begin_monitor(relay);
	/*
	 * A terminal that cannot be reopened: let signals interrupt a write to
	 * it.  If that fails we still relay, and a signal waits.
	 */
	if (relay->from_command.dst.may_block)
		(void)signals_use_handlers(signals);
	signals_block(signals);
	/* What does not depend on the command is not to depend on its speed. */
	if (channel_is_ready(&relay->to_command))
		advance(relay, &relay->to_command, 0, 0);
	while (turn(relay))
		;
	if (relay->fatal_signal != 0)
		break_off(relay);
	if (relay->monitor != NULL)
		end_monitor(relay);
	return (struct relay_result){
		relay->failed, relay->command_timed_out, relay->fatal_signal
	};
}
