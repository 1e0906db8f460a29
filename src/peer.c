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

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "child.h"
#include "deadline.h"
#include "descriptor.h"
#include "ending.h"
#include "peer.h"

#define SECOND INT64_C(1000000000)	/* nanoseconds */
#define KILL_AFTER_FAILURE (5 * SECOND)	/* unless --kill-after says else */

struct party {
	struct child child;
	struct ending ending;
	int end;		/* its end of the pair if we hold it, or -1 */
};

struct peer {
	const struct plan *plan;
	struct signals *signals;
	struct party command;
	struct party second;
};

/*
 * The reaped party of a dgram pair takes no more, and the other gets no more.
 * What waits for the first is thrown away: that wakes a sender who waits for
 * room, and who is refused now.  The second still reads what waits for it, and
 * then end of file (all measured on Linux 6.18).
 */
static void
end_datagrams(int reaped, int survivor)
{
	char byte;

	shutdown(reaped, SHUT_RD);
	while (recv(reaped, &byte, sizeof(byte), MSG_DONTWAIT) != -1)
		;
	shutdown(survivor, SHUT_RD);
}

/* party has been reaped: that is the other's affair. */
static void
note_reaped(const struct peer *peer, struct party *party, struct party *other)
{
	int64_t kill_after = peer->plan->kill_after;

	ending_stop(&party->ending);
	if (other->child.reaped)
		return;
	if (party->end != -1)
		end_datagrams(party->end, other->end);
	if (kill_after != PLAN_NEVER)
		ending_begin(&other->ending, kill_after, kill_after);
}

static void
reap(const struct peer *peer, struct party *party, struct party *other)
{
	if (!party->child.reaped && child_reap(&party->child))
		note_reaped(peer, party, other);
}

static void
hear_signal(struct peer *peer, const struct signal_event *event)
{
	int64_t now;

	if (event->number == SIGCHLD)
		return;		/* see hear_signals() */
	if (event->number == SIGCONT) {
		/* We were stopped, and time went by that nobody could use. */
		now = deadline_now();
		ending_restart(&peer->command.ending, now);
		ending_restart(&peer->second.ending, now);
		return;
	}
	if (signal_is_own_fault(event))
		signal_die_of(event->number);
	/* The terminal's have reached both, as part of its group, if late. */
	if (signal_from_terminal(event) &&
	    !signals_take_early(peer->signals, event->number))
		return;
	child_signal(&peer->command.child, event->number);
	child_signal(&peer->second.child, event->number);
}

/*
 * Both are reaped after all signals have been heard: a signal that came with
 * the end of one was meant for it too.
 */
static void
hear_signals(struct peer *peer)
{
	struct signal_event event;

	while (signals_next(peer->signals, &event))
		hear_signal(peer, &event);
	reap(peer, &peer->command, &peer->second);
	reap(peer, &peer->second, &peer->command);
}

static void
turn(struct peer *peer)
{
	struct pollfd slot = { .fd = peer->signals->fd, .events = POLLIN };
	struct timespec left;
	const sigset_t *mask = NULL;
	int64_t deadline = deadline_sooner(peer->command.ending.deadline,
	    peer->second.ending.deadline);

	if (peer->signals->handler_fd != -1)
		mask = &peer->signals->wait_mask;
	/* Cut short, it has heard a signal that goes before the clocks. */
	if (ppoll(&slot, 1, deadline_left(deadline, &left), mask) == -1)
		return;
	if (slot.revents != 0)
		hear_signals(peer);
	if (deadline == DEADLINE_NEVER)
		return;
	ending_continue(&peer->command.ending, &peer->command.child,
	    deadline_now());
	ending_continue(&peer->second.ending, &peer->second.child,
	    deadline_now());
}

static void
wait_for_both(struct peer *peer)
{
	signals_block(peer->signals);
	while (!peer->command.child.reaped || !peer->second.child.reaped)
		turn(peer);
}

/*
 * Let go of what the commands alone should hold: a reader elsewhere that waits
 * for them to close it would wait for us.
 */
static void
let_go(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	descriptor_close_inherited();
	if (null == -1)
		return;
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
	descriptor_close(&null);
}

/* The first could not be started: the second has nobody to speak with. */
static void
end_second(struct peer *peer)
{
	int64_t kill_after = peer->plan->kill_after;

	peer->command.child.reaped = true;
	ending_begin(&peer->second.ending, 0,
	    kill_after != PLAN_NEVER ? kill_after : KILL_AFTER_FAILURE);
	wait_for_both(peer);
}

static struct party
make_party(void)
{
	struct party party = { .end = -1 };

	ending_init(&party.ending);
	return party;
}

enum spawn_result
peer_run(const struct plan *plan, struct pair *pair,
    const struct standard *standard, struct signals *signals,
    struct peer_result *result)
{
	struct peer peer = { plan, signals, make_party(), make_party() };
	enum spawn_result started;

	if (spawn_peer(&peer.second.child, plan, pair, standard, signals) !=
	    SPAWN_STARTED)
		return SPAWN_FAILED;
	started = spawn_command(&peer.command.child, plan, pair, standard,
	    signals);
	if (started != SPAWN_STARTED) {
		pair_close(pair);
		end_second(&peer);
		return started;
	}
	/* -1 by now, unless they are held for us. */
	peer.command.end = pair->command;
	peer.second.end = pair->ours;
	let_go();
	wait_for_both(&peer);
	*result = (struct peer_result){ peer.command.child.wait_status,
	    peer.second.child.wait_status };
	return SPAWN_STARTED;
}
