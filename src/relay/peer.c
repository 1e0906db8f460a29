/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation.  The commands speak with each other, and the kernel
 * tells each of the other's end, since we hold neither end of the pair.  What
 * is left to us are the signals, --kill-after, and to reap both.  One turn of
 * the loop waits for a signal or the nearest deadline.
 *
 * A dgram socket tells nobody that its other end is closed (unix(7)), so for
 * this type we hold both ends and tell the one command when the other has been
 * reaped.
 */
#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/fd.h"
#include "relay/peer.h"
#include "relay/side.h"
#include "socket/message.h"

/* Both, while they are waited for. */
struct talk {
	const struct plan *plan;
	const struct pair *pair;	/* our end of it; of a dgram, both */
	struct signals *signals;
	struct side command;
	struct side second;
	bool failed;	/* an end was not reported; a line was printed */
};

/* Retry a temporary failure, or the survivor would wait for ever. */
static void
notify_end(struct talk *talk, int end)
{
	int tries;

	for (tries = 0; tries < 3; tries++)
		if (shutdown(end, SHUT_RD) == 0)
			return;
	if (!talk->failed)
		diag_print("cannot tell a command of the other's end: %s",
		    strerror(errno));
	talk->failed = true;
}

/*
 * The reaped side of a dgram pair takes no more, and the other gets no more.
 * What waits for the first is thrown away: that wakes a sender who waits for
 * room, and who is refused now.  The second still reads what waits for it, and
 * then end of file (all measured on Linux 6.18).
 */
static void
end_datagrams(struct talk *talk, int reaped, int survivor)
{
	notify_end(talk, reaped);
	message_discard(reaped);
	notify_end(talk, survivor);
}

/* Reap side, if it has ended; its end, and the other with its, are notified. */
static void
reap(struct talk *talk, struct side *side, int end,
    struct side *other, int other_end)
{
	if (!side_reap(side) || other->child->reaped)
		return;
	if (end != -1)
		end_datagrams(talk, end, other_end);
	side_schedule_kill(other, talk->plan->kill_after);
}

/* A signal of the terminal has reached the command, as part of its group. */
static void
pass_on(struct child *child, const struct signal_event *event)
{
	if (!child_take_early(child, event->number) &&
	    !signal_from_terminal(event))
		child_signal(child, event->number);
}

static void
talk_handle_signal(struct talk *talk, const struct signal_event *event)
{
	int64_t now;

	if (event->number == SIGCONT) {
		/* We were stopped, and time went by that nobody could use. */
		now = clock_now();
		terminate_restart(&talk->command.termination, now);
		terminate_restart(&talk->second.termination, now);
		return;
	}
	if (signal_is_own_fault(event))
		signal_die_of(event->number);
	pass_on(talk->command.child, event);
	pass_on(talk->second.child, event);
}

/* Handle all signals that have come.  True if SIGCHLD is among them. */
static bool
talk_handle_all(struct talk *talk)
{
	struct signal_event event;
	bool child = false;

	while (signals_next(talk->signals, &event)) {
		if (event.number == SIGCHLD)
			child = true;
		else
			talk_handle_signal(talk, &event);
	}
	return child;
}

/*
 * Reap both before handling the signals.  A signal that came before the last
 * command ended was meant for that command.  It must not end us when we handle
 * signals no longer.
 */
static void
talk_handle_signals(struct talk *talk)
{
	const struct child *const children[] = {
		talk->command.child, talk->second.child
	};

	do {
		reap(talk, &talk->command, talk->pair->command,
		    &talk->second, talk->pair->ours);
		reap(talk, &talk->second, talk->pair->ours,
		    &talk->command, talk->pair->command);
		child_reap_orphans(children, 2);
	} while (talk_handle_all(talk));
}

static void
turn(struct talk *talk)
{
	struct pollfd slot = { .fd = talk->signals->fd, .events = POLLIN };
	int64_t deadline = deadline_sooner(talk->command.termination.deadline,
	    talk->second.termination.deadline);

	if (signals_poll(talk->signals, &slot, 1, deadline) == -1) {
		/* Cut short by a signal, handled before the timers. */
		if (errno == EINTR)
			return;
		/* poll(2) failed, see relay.c. */
		signals_wait_without_poll(talk->signals);
		slot.revents = POLLIN;
	}
	if (slot.revents != 0)
		talk_handle_signals(talk);
	if (deadline == DEADLINE_NEVER)
		return;
	terminate_continue(&talk->command.termination, talk->command.child,
	    clock_now());
	terminate_continue(&talk->second.termination, talk->second.child,
	    clock_now());
}

static void
wait_for_both(struct talk *talk)
{
	signals_block(talk->signals);
	while (!talk->command.child->reaped || !talk->second.child->reaped)
		turn(talk);
}

static struct talk
make_talk(struct peer *peer, const struct plan *plan, const struct pair *pair,
    struct signals *signals)
{
	struct talk talk = {
		.plan = plan, .pair = pair, .signals = signals
	};

	side_init(&talk.command, pair, NULL, NULL);
	side_init(&talk.second, pair, NULL, NULL);
	talk.command.child = &peer->command;
	talk.second.child = &peer->second;
	return talk;
}

/*
 * Let go of what the commands alone should hold: a reader elsewhere that waits
 * for them to close it would wait for us.
 */
static void
let_go(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	fd_close_inherited();
	if (null == -1)
		return;
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
	fd_close(&null);
}

/* The first could not be started: the second has nobody to speak with. */
static void
end_second(struct peer *peer, const struct plan *plan, const struct pair *pair,
    struct signals *signals)
{
	struct talk talk = make_talk(peer, plan, pair, signals);

	peer->command.reaped = true;
	terminate_begin(&talk.second.termination, 0, plan_grace(plan));
	wait_for_both(&talk);
}

/* The second, with its end; results as of peer_start(). */
static enum spawn_result
start_second(struct peer *peer, const struct plan *plan, struct pair *pair,
    struct pair *second, const struct stdfds *stdfds,
    const struct signals *signals)
{
	enum spawn_result started;

	started = spawn_peer(&peer->second, plan,
	    second != NULL ? second->command : pair->ours, stdfds, signals);
	if (second != NULL)
		pair_release_command(second);
	else
		pair_release_ours(pair);
	return started;
}

enum spawn_result
peer_start(struct peer *peer, const struct plan *plan, struct pair *pair,
    struct pair *second, const struct stdfds *stdfds, struct signals *signals)
{
	enum spawn_result started;

	started = start_second(peer, plan, pair, second, stdfds, signals);
	if (started != SPAWN_STARTED)
		return SPAWN_FAILED;
	started = spawn_command(&peer->command, plan, pair, stdfds, signals);
	if (started == SPAWN_STARTED) {
		let_go();
		return SPAWN_STARTED;
	}
	/* What the second leaves behind reads end of file, also a dgram's. */
	(void)shutdown(second != NULL ? second->command : pair->ours, SHUT_RD);
	pair_close(pair);
	if (second != NULL)
		pair_close(second);
	end_second(peer, plan, pair, signals);
	return started;
}

int
peer_wait(struct peer *peer, const struct plan *plan, const struct pair *pair,
    struct signals *signals)
{
	struct talk talk = make_talk(peer, plan, pair, signals);

	wait_for_both(&talk);
	return talk.failed ? -1 : 0;
}
