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

#include "deadline.h"
#include "diag.h"
#include "relay.h"

enum slot {
	SLOT_SIGNALS,
	SLOT_INPUT,		/* standard input, read */
	SLOT_SOCKET,		/* our end, read and written */
	SLOT_OUTPUT,		/* standard output, written */
	SLOT_COUNT
};

#define SECOND INT64_C(1000000000)	/* nanoseconds */
#define KILL_AFTER_TIMEOUT (5 * SECOND)	/* unless --kill-after says else */
#define TELL_AFTER (2 * SECOND)		/* a user's patience with silence */
#define LOOK_PAUSE (SECOND / 2000)	/* between two looks at the command */
#define LOOK_FOR SECOND			/* at most, on a busy machine */

/* The conduits of messages: what is too large for the socket is refused. */
static int
open_messages(struct relay *relay)
{
	const struct plan *plan = relay->plan;
	const struct pair *pair = relay->pair;
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
	*relay = (struct relay){ .plan = plan, .pair = pair, .watch = watch };
	ending_init(&relay->ending);
	channel_init(&relay->to_command);
	channel_init(&relay->from_command);
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
	struct channel *input = &relay->to_command;
	struct channel *output = &relay->from_command;

	endpoint_open_inherited(&input->from, STDIN_FILENO, ENDPOINT_READ,
	    closed[STDIN_FILENO], "standard input");
	endpoint_open_socket(&input->to, relay->pair->ours, ENDPOINT_WRITE,
	    relay->pair->command, "the command's socket");
	input->to.no_shutdown = relay->plan->no_shutdown;
	endpoint_open_socket(&output->from, relay->pair->ours, ENDPOINT_READ,
	    relay->pair->command, "the command's socket");
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

/* Whether the command has still to be told that nobody reads its output. */
static bool
is_breaking(const struct relay *relay)
{
	return relay->from_command.from_open && !relay->from_command.to_open;
}

static void
begin_break(struct relay *relay)
{
	relay->look_at = deadline_now();
	relay->looked_until = deadline_after(relay->look_at, LOOK_FOR);
}

/*
 * The reader of the output has gone; tell the command as a pipe would.  The
 * kernel wakes a writer that is held up in our socket with EPIPE alone
 * (unix(7) sockets; measured on Linux 6.18, 300 of 300), so the command gets
 * the SIGPIPE from us if it is seen asleep in a write.  A busy writer that we
 * have just made room for is running: as nobody reads any more, it will soon
 * be held up there, or be asleep elsewhere.
 */
static void
continue_break(struct relay *relay, int64_t now)
{
	switch (child_look(relay->child)) {
	case CHILD_RUNNING:
		if (now < relay->looked_until) {
			relay->look_at = deadline_after(now, LOOK_PAUSE);
			return;
		}
		break;
	case CHILD_WRITING:
		child_signal(relay->child, SIGPIPE);
		break;
	case CHILD_ELSEWHERE:
		break;
	}
	channel_stop_reading(&relay->from_command);
	if (relay->watch != NULL)
		watch_note(relay->watch, TRACE_SHUTDOWN, TRACE_FROM_COMMAND);
}

/*
 * The output has ended.  Once we have ended the input too, a half-close by the
 * command looks like a hang-up of its end (unix(7): both directions are shut
 * down), so ask whether it still holds it.
 */
static void
note_half_close(struct relay *relay)
{
	if (!relay->to_command.to_open && child_holds_end(relay->child))
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
		if (channel == &relay->to_command)
			channel_stop_reading(channel);
		else
			begin_break(relay);
		break;
	}
}

/* Whether --kill-after counts: the command has nobody to speak with. */
static bool
has_outlived_its_socket(const struct relay *relay)
{
	return relay->hung_up ||
	    (!relay->to_command.to_open && !relay->from_command.from_open);
}

static void
note_reaped(struct relay *relay)
{
	relay->reaped_at = relay->active_at = deadline_now();
	ending_stop(&relay->ending);
	/* Nothing more is read: the next typed line is the shell's. */
	channel_stop_reading(&relay->to_command);
	/*
	 * Datagrams have no end of file: this is it, unless somebody wants to
	 * wait for others, who cannot be seen.
	 */
	if (relay->pair->type == SOCK_DGRAM &&
	    relay->plan->linger == PLAN_NEVER)
		relay->from_command.from.writer_gone = true;
}

/* The process was stopped, and time went by that nobody could use. */
static void
restart_clocks(struct relay *relay)
{
	int64_t now = deadline_now();

	relay->active_at = now;
	if (relay->child->reaped)
		relay->reaped_at = now;
	ending_restart(&relay->ending, now);
}

static bool
is_over(const struct relay *relay)
{
	return relay->died_of != 0 ||
	    (relay->child->reaped && !relay->from_command.to_open);
}

/* Whether we only wait for others who hold the command's end. */
static bool
is_lingering(const struct relay *relay)
{
	return relay->child->reaped && relay->from_command.from_open &&
	    channel_pending(&relay->from_command) == 0;
}

/* Whether a signal ends us, once there is no command to pass it on to. */
static bool
ends_us(const struct relay *relay, int number)
{
	return signal_is_fatal(number) &&
	    !signals_blocked_on_entry(relay->signals, number);
}

/* Die of it; or, as a container's first process, which cannot, end at once. */
static void
die_of(struct relay *relay, int number)
{
	signal_die_of(number);
	relay->died_of = number;
}

/*
 * A signal came when the command had ended, unknown to us: it is ours, but the
 * command's last words are not to be lost by that.  True if it is time.
 */
static bool
is_owed(const struct relay *relay, short socket)
{
	return relay->owed != 0 && is_lingering(relay) && !(socket & POLLIN);
}

static void
hear_signal(struct relay *relay, const struct signal_event *event)
{
	if (event->number == SIGCHLD)
		return;		/* see hear_signals() */
	if (event->number == SIGCONT) {
		restart_clocks(relay);
		return;
	}
	if (signal_is_own_fault(event))
		die_of(relay, event->number);
	if (relay->watch != NULL && relay->watch->wants_stats &&
	    event->number == SIGUSR1) {
		watch_print(relay->watch);
		return;
	}
	if (relay->child->reaped) {
		/* A grandchild, a full terminal: nothing else ends us. */
		if (ends_us(relay, event->number))
			die_of(relay, event->number);
		return;
	}
	/*
	 * The terminal's have reached the command, as part of its group; but
	 * not one that came before there was a command.
	 */
	if (signal_from_terminal(event) &&
	    !signals_take_early(relay->signals, event->number))
		return;
	if (child_has_ended(relay->child) && ends_us(relay, event->number))
		relay->owed = event->number;
	child_signal(relay->child, event->number);
	if (relay->watch != NULL)
		watch_signal(relay->watch, event->number);
}

/*
 * The command is reaped after all signals that came with its end have been
 * heard: they were meant for it, and must not end us before its last words are
 * written.  And after SIGCHLD has been taken, or its end could be missed.
 */
static void
hear_signals(struct relay *relay)
{
	struct signal_event event;

	while (signals_next(relay->signals, &event))
		hear_signal(relay, &event);
	if (!relay->child->reaped && child_reap(relay->child))
		note_reaped(relay);
}

static int64_t
linger_deadline(const struct relay *relay)
{
	if (relay->plan->linger == PLAN_NEVER || !is_lingering(relay))
		return DEADLINE_NEVER;
	return deadline_after(relay->active_at, relay->plan->linger);
}

static int64_t
timeout_deadline(const struct relay *relay)
{
	if (relay->plan->timeout == PLAN_NEVER || relay->child->reaped ||
	    relay->timed_out)
		return DEADLINE_NEVER;
	return deadline_after(relay->active_at, relay->plan->timeout);
}

static int64_t
tell_deadline(const struct relay *relay)
{
	if (!relay->child->reaped || relay->told_waiting)
		return DEADLINE_NEVER;
	return deadline_after(relay->reaped_at, TELL_AFTER);
}

static int64_t
look_deadline(const struct relay *relay)
{
	return is_breaking(relay) ? relay->look_at : DEADLINE_NEVER;
}

static int64_t
next_deadline(const struct relay *relay)
{
	int64_t deadline = relay->ending.deadline;

	if (relay->watch != NULL)
		deadline = deadline_sooner(deadline,
		    watch_deadline(relay->watch));
	deadline = deadline_sooner(deadline, look_deadline(relay));
	deadline = deadline_sooner(deadline, linger_deadline(relay));
	deadline = deadline_sooner(deadline, timeout_deadline(relay));
	return deadline_sooner(deadline, tell_deadline(relay));
}

/* Tell a person at a terminal why the prompt does not come back. */
static void
tell_waiting(struct relay *relay)
{
	relay->told_waiting = true;
	if (isatty(STDERR_FILENO) != 1)
		return;
	if (relay->watch != NULL)
		watch_clear(relay->watch);
	if (is_lingering(relay))
		diag_print("the command has ended; "
		    "waiting for others that hold its socket");
	else
		diag_print("the command has ended; "
		    "waiting for the reader of standard output");
}

/* What ends the command, when its time has come. */
static void
hear_ending(struct relay *relay, int64_t now)
{
	if (now >= timeout_deadline(relay)) {
		relay->timed_out = true;
		if (relay->watch != NULL)
			watch_timeout(relay->watch, relay->plan->timeout);
		ending_begin(&relay->ending, 0,
		    relay->plan->kill_after != PLAN_NEVER ?
		    relay->plan->kill_after : KILL_AFTER_TIMEOUT);
	}
	ending_continue(&relay->ending, relay->child, now);
}

/* True if there is nothing to wait for any more. */
static bool
hear_clocks(struct relay *relay)
{
	int64_t now = deadline_now();

	if (relay->watch != NULL)
		watch_draw(relay->watch, now);
	if (now >= look_deadline(relay))
		continue_break(relay, now);
	if (now >= tell_deadline(relay))
		tell_waiting(relay);
	hear_ending(relay, now);
	return now >= linger_deadline(relay);
}

/* Keep the time of the last movement, if anybody asks for it. */
static void
note_activity(struct relay *relay)
{
	uint64_t moved = relay->to_command.conduit.moved +
	    relay->from_command.conduit.moved;

	if (moved == relay->moved)
		return;
	relay->moved = moved;
	if (relay->plan->timeout != PLAN_NEVER ||
	    relay->plan->linger != PLAN_NEVER)
		relay->active_at = deadline_now();
}

static struct pollfd
make_slot(int fd, short events)
{
	return (struct pollfd){ .fd = fd, .events = events };
}

/*
 * Ask of the socket what either channel wants; and even if that is nothing,
 * to hear of its hang-up, once (or poll(2) would never sleep again).
 */
static struct pollfd
make_socket_slot(const struct relay *relay)
{
	short events = channel_from_events(&relay->from_command);

	if (relay->to_command.to_open)
		events |= channel_to_events(&relay->to_command);
	if (events == 0 && relay->hung_up)
		return make_slot(-1, 0);
	return make_slot(relay->pair->ours, events);
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
	slots[SLOT_SOCKET] = make_socket_slot(relay);
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
	int64_t deadline = next_deadline(relay);

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
	const struct timespec pause = { 0, SECOND / 100 };

	/* Handlers run only in ppoll(2), or here. */
	(void)signals_unblock(relay->signals);
	nanosleep(&pause, NULL);
	signals_block(relay->signals);
	hear_signals(relay);
	advance(relay, &relay->from_command, POLLIN, 0);
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
		hear_signals(relay);
	socket = slots[SLOT_SOCKET].revents;
	if (socket & POLLHUP)
		relay->hung_up = true;
	advance(relay, &relay->to_command, slots[SLOT_INPUT].revents,
	    socket & ~POLLIN);
	advance(relay, &relay->from_command, socket & ~POLLOUT,
	    slots[SLOT_OUTPUT].revents);
	note_activity(relay);
	if (relay->watch != NULL)
		watch_tell_failures(relay->watch);
	if (relay->ending.step == ENDING_NOT &&
	    relay->plan->kill_after != PLAN_NEVER &&
	    has_outlived_its_socket(relay))
		ending_begin(&relay->ending, relay->plan->kill_after,
		    relay->plan->kill_after);
	if (next_deadline(relay) != DEADLINE_NEVER && hear_clocks(relay))
		return false;
	if (is_owed(relay, socket))
		die_of(relay, relay->owed);
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
	int64_t deadline = deadline_sooner(relay->ending.deadline,
	    timeout_deadline(relay));

	if (relay->signals->handler_fd != -1)
		mask = &relay->signals->wait_mask;
	if (ppoll(slots, 2, deadline_left(deadline, &left), mask) == -1)
		return;
	if (slots[1].revents != 0)
		hear_signals(relay);
	if (deadline == DEADLINE_NEVER)
		return;
	/* What it takes now has moved, too. */
	if (slots[0].revents != 0)
		relay->active_at = deadline_now();
	hear_ending(relay, deadline_now());
}

static void
begin_watch(struct relay *relay)
{
	channel_watch(&relay->to_command, relay->watch, TRACE_TO_COMMAND);
	channel_watch(&relay->from_command, relay->watch, TRACE_FROM_COMMAND);
	relay->watch->trace.wait.until_writable = wait_for_trace;
	relay->watch->trace.wait.argument = relay;
	watch_start(relay->watch, relay->child->pid);
}

static void
end_watch(struct relay *relay)
{
	/* A full queue that its command has left: it is over all the same. */
	if (channel_pending(&relay->to_command) > 0)
		channel_break(&relay->to_command);
	watch_finish(relay->watch, relay->child->wait_status);
	relay->failed = relay->failed || relay->watch->failed;
}

struct relay_result
relay_run(struct relay *relay, struct signals *signals, struct child *child,
    const bool closed[3])
{
	relay->signals = signals;
	relay->child = child;
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
