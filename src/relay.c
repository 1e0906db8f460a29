/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation.  One turn of the loop waits for the signals, the
 * ends of the two channels, or the nearest deadline; then it hears the signals
 * and moves both channels on.  Everything that poll(2) is asked, and every
 * deadline, is computed anew from the state in each turn.
 *
 * It is over when the command has been reaped and its output has ended and is
 * written: both, in whichever order.  The input need not have ended.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "clocks.h"
#include "deadline.h"
#include "diag.h"
#include "hearing.h"
#include "relay.h"

enum slot {
	SLOT_SIGNALS,
	SLOT_INPUT,		/* standard input, read */
	SLOT_SOCKET,		/* our end, read and written */
	SLOT_OUTPUT,		/* standard output, written */
	SLOT_COUNT
};

#define ENDURED 10000000	/* nanoseconds that a failing poll(2) waits */

/* The conduits of messages: what is too large for the socket is refused. */
static int
open_messages(struct relay *relay)
{
	const struct plan *plan = relay->plan;
	const struct pair *pair = relay->command.pair;
	size_t sent = pair->largest;
	size_t received = MESSAGE_LARGEST;

	if (plan->max_message != 0 && plan->max_message < sent)
		sent = plan->max_message;
	if (plan->max_message != 0 && plan->max_message < received)
		received = plan->max_message;
	if (conduit_open_unpack(&relay->to_command.conduit, plan->framing,
	    sent) == -1)
		return -1;
	return conduit_open_pack(&relay->from_command.conduit, plan->framing,
	    received, pair->type == SOCK_SEQPACKET);
}

static int
open_bytes(struct relay *relay)
{
	if (conduit_open_bytes(&relay->to_command.conduit) == -1)
		return -1;
	return conduit_open_bytes(&relay->from_command.conduit);
}

int
relay_init(struct relay *relay, const struct plan *plan,
    const struct pair *pair, struct watch *watch)
{
	*relay = (struct relay){ .plan = plan, .watch = watch };
	channel_init(&relay->to_command);
	channel_init(&relay->from_command);
	party_init(&relay->command, pair, &relay->to_command,
	    &relay->from_command);
	return pair->type == SOCK_STREAM ? open_bytes(relay) :
	    open_messages(relay);
}

void
relay_free(struct relay *relay)
{
	channel_free(&relay->to_command);
	channel_free(&relay->from_command);
}

static void
open_endpoints(struct relay *relay, const bool closed[3])
{
	const struct pair *pair = relay->command.pair;
	struct channel *input = &relay->to_command;
	struct channel *output = &relay->from_command;

	endpoint_open_inherited(&input->from, STDIN_FILENO, ENDPOINT_READ,
	    closed[STDIN_FILENO], "standard input");
	endpoint_open_socket(&input->to, pair->ours, ENDPOINT_WRITE,
	    pair->command, "the command's socket");
	input->to.no_shutdown = relay->plan->no_shutdown;
	endpoint_open_socket(&output->from, pair->ours, ENDPOINT_READ,
	    pair->command, "the command's socket");
	endpoint_open_inherited(&output->to, STDOUT_FILENO, ENDPOINT_WRITE,
	    closed[STDOUT_FILENO], "standard output");
	channel_pass_descriptors(input);
	channel_pass_descriptors(output);
}

static void
report_fault(struct relay *relay, const struct fault *fault)
{
	char text[FAULT_TEXT_MAX];

	if (fault->kind == FAULT_NONE)
		return;
	if (relay->watch != NULL)
		watch_clear(relay->watch);
	fault_text(fault, text, sizeof(text));
	diag_print("%s", text);
	if (fault_is_loss(fault))
		relay->failed = true;
}

/*
 * One step of a channel.  Where its write may block, signals can interrupt it;
 * one that has come already is heard first.
 */
static enum channel_result
step(struct relay *relay, struct channel *channel, short from, short to,
    struct fault *fault)
{
	enum channel_result result = CHANNEL_OPEN;

	if (!channel->to.may_block)
		return channel_step(channel, from, to, fault);
	*fault = (struct fault){ .kind = FAULT_NONE };
	if (signals_unblock(relay->signals))
		result = channel_step(channel, from, to, fault);
	signals_block(relay->signals);
	return result;
}

/*
 * The output has ended.  Once we have ended the input too, a half-close by the
 * command looks like a hang-up of its end (unix(7): both directions are shut
 * down), so ask whether it still holds it.
 */
static void
note_half_close(struct relay *relay)
{
	if (!relay->to_command.to_open &&
	    child_holds_end(relay->command.child))
		relay->from_command.from_half_closed = true;
}

/*
 * Move one channel on, and close it when its time has come.
 */
static void
advance(struct relay *relay, struct channel *channel, short from, short to)
{
	struct fault fault;
	enum channel_result result;

	do {
		result = step(relay, channel, from, to, &fault);
		report_fault(relay, &fault);
		from = 0;
	} while (result == CHANNEL_OPEN && fault.kind != FAULT_NONE);
	switch (result) {
	case CHANNEL_OPEN:
	case CHANNEL_CLOSED:
		break;
	case CHANNEL_FLUSHED:
		if (channel == &relay->from_command)
			note_half_close(relay);
		channel_finish(channel, &fault);
		report_fault(relay, &fault);
		break;
	case CHANNEL_REFUSED:
		channel_break(channel);
		if (channel == relay->command.output)
			party_begin_break(&relay->command);
		else
			channel_stop_reading(channel);
		break;
	}
}

static bool
is_over(const struct relay *relay)
{
	return relay->died_of != 0 ||
	    (relay->command.child->reaped && !relay->from_command.to_open);
}

static struct pollfd
make_slot(int fd, short events)
{
	return (struct pollfd){ .fd = fd, .events = events };
}

/*
 * Fill in all slots.  Standard output stays in the set even while there is
 * nothing to write, so that we hear when its reader leaves.
 */
static void
fill_slots(const struct relay *relay, struct pollfd slots[SLOT_COUNT])
{
	const struct channel *input = &relay->to_command;
	const struct channel *output = &relay->from_command;
	short events = channel_from_events(input);

	slots[SLOT_SIGNALS] = make_slot(relay->signals->fd, POLLIN);
	slots[SLOT_INPUT] = make_slot(events != 0 ? input->from.fd : -1,
	    events);
	slots[SLOT_SOCKET] = party_slot(&relay->command);
	slots[SLOT_OUTPUT] = make_slot(channel_asks_to(output) ?
	    output->to.fd : -1, channel_to_events(output));
}

/*
 * Wait for something to do.  False if that was cut short: then a signal may
 * have come that has to be heard before the clocks are.
 */
static bool
wait_for_slots(struct relay *relay, struct pollfd slots[SLOT_COUNT])
{
	struct timespec left;
	struct timespec *timeout;
	const sigset_t *mask = NULL;
	int64_t deadline = clocks_next(relay);

	fill_slots(relay, slots);
	if (channel_is_ready(&relay->to_command) ||
	    channel_is_ready(&relay->from_command) || relay->owed != 0)
		deadline = 0;
	timeout = deadline_left(deadline, &left);
	if (relay->signals->handler_fd != -1)
		mask = &relay->signals->wait_mask;
	return ppoll(slots, SLOT_COUNT, timeout, mask) != -1;
}

/*
 * poll(2) cannot be asked: a limit on descriptors was lowered, or memory is
 * short.  Signals and the command are heard all the same, and the processor is
 * left to others.
 */
static void
endure(struct relay *relay)
{
	const struct timespec pause = { 0, ENDURED };

	/* Handlers run only in ppoll(2), or here. */
	(void)signals_unblock(relay->signals);
	nanosleep(&pause, NULL);
	signals_block(relay->signals);
	hearing_take(relay);
	advance(relay, &relay->from_command, POLLIN, 0);
}

/* --kill-after counts from when the command has nobody to speak with. */
static void
end_cut_off(struct relay *relay)
{
	struct party *command = &relay->command;
	int64_t kill_after = relay->plan->kill_after;

	if (kill_after != PLAN_NEVER && command->ending.step == ENDING_NOT &&
	    party_is_cut_off(command))
		ending_begin(&command->ending, kill_after, kill_after);
}

/* One turn.  False once it is over. */
static bool
turn(struct relay *relay)
{
	struct pollfd slots[SLOT_COUNT];
	short socket;

	if (!wait_for_slots(relay, slots)) {
		if (errno != EINTR)
			endure(relay);
		return !is_over(relay);
	}
	if (slots[SLOT_SIGNALS].revents != 0)
		hearing_take(relay);
	socket = slots[SLOT_SOCKET].revents;
	if (socket & POLLHUP)
		relay->command.hung_up = true;
	advance(relay, &relay->to_command, slots[SLOT_INPUT].revents,
	    socket & ~POLLIN);
	advance(relay, &relay->from_command, socket & ~POLLOUT,
	    slots[SLOT_OUTPUT].revents);
	clocks_note_activity(relay);
	if (relay->watch != NULL)
		watch_tell_failures(relay->watch);
	end_cut_off(relay);
	if (clocks_next(relay) != DEADLINE_NEVER && clocks_hear(relay))
		return false;
	if (hearing_is_owed(relay, socket))
		hearing_die(relay, relay->owed);
	return !is_over(relay);
}

/*
 * A trace's reader does not keep up: wait for it, for a signal, or for the time
 * to end the command.  These are heard here; what is to be told of them waits
 * in watch.
 */
static void
wait_for_trace(void *argument, int fd)
{
	struct relay *relay = argument;
	struct pollfd slots[2] = {
		{ .fd = fd, .events = POLLOUT },
		{ .fd = relay->signals->fd, .events = POLLIN },
	};
	const sigset_t *mask = NULL;
	struct timespec left;
	int64_t deadline = clocks_next_ending(relay);

	if (relay->signals->handler_fd != -1)
		mask = &relay->signals->wait_mask;
	if (ppoll(slots, 2, deadline_left(deadline, &left), mask) == -1)
		return;
	if (slots[1].revents != 0)
		hearing_take(relay);
	if (deadline == DEADLINE_NEVER)
		return;
	/* What it takes now has moved, too. */
	if (slots[0].revents != 0)
		relay->active_at = deadline_now();
	clocks_hear_ending(relay);
}

static void
begin_watch(struct relay *relay)
{
	channel_watch(&relay->to_command, relay->watch, TRACE_TO_COMMAND);
	channel_watch(&relay->from_command, relay->watch, TRACE_FROM_COMMAND);
	relay->watch->trace.wait.until_writable = wait_for_trace;
	relay->watch->trace.wait.argument = relay;
	watch_start(relay->watch, relay->command.child->pid);
}

static void
end_watch(struct relay *relay)
{
	/* A full queue that its command has left: it is over all the same. */
	if (channel_pending(&relay->to_command) > 0)
		channel_break(&relay->to_command);
	watch_finish(relay->watch, relay->command.child->wait_status);
	relay->failed = relay->failed || relay->watch->failed;
}

struct relay_result
relay_run(struct relay *relay, struct signals *signals, struct child *child,
    const bool closed[3])
{
	relay->signals = signals;
	relay->command.child = child;
	relay->active_at = deadline_now();
	open_endpoints(relay, closed);
	if (relay->watch != NULL)
		begin_watch(relay);
	/*
	 * A terminal that cannot be reopened: let signals interrupt a write to
	 * it.  If that fails we still relay, and a signal waits.
	 */
	if (relay->from_command.to.may_block)
		(void)signals_use_handlers(signals);
	signals_block(signals);
	/* What does not depend on the command is not to depend on its speed. */
	if (channel_is_ready(&relay->to_command))
		advance(relay, &relay->to_command, 0, 0);
	while (turn(relay))
		;
	if (relay->watch != NULL)
		end_watch(relay);
	return (struct relay_result){
		relay->failed, relay->timed_out, relay->died_of
	};
}
