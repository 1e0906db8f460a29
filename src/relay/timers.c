/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "relay/timers.h"

#define SECOND INT64_C(1000000000)	/* nanoseconds */
#define TELL_AFTER (2 * SECOND)		/* a user's patience with silence */
#define GIVE_UP_AFTER SECOND	/* whoever ends us waits for our exit */
/* The same for a socket, which has room again only after a whole message. */
#define GIVE_UP_SOCKET_AFTER (5 * SECOND)

/* When others who hold the party's end have been waited for long enough. */
static int64_t
linger_deadline(const struct relay *relay, const struct party *party)
{
	if (relay->plan->linger == PLAN_NEVER || !party_is_lingering(party))
		return DEADLINE_NEVER;
	return deadline_after(party->active_at, relay->plan->linger);
}

static int64_t
timeout_deadline(const struct relay *relay)
{
	if (relay->plan->timeout == PLAN_NEVER || relay->timed_out ||
	    !relay_has_command(relay))
		return DEADLINE_NEVER;
	return deadline_after(relay->active_at, relay->plan->timeout);
}

static int64_t
tell_deadline(const struct relay *relay)
{
	if (relay->told_waiting || relay_has_command(relay))
		return DEADLINE_NEVER;
	return deadline_after(relay->reaped_at, TELL_AFTER);
}

/* Whether a signal ends us, or a signal or --timeout has ended all commands. */
static bool
is_hurried(const struct relay *relay)
{
	if (relay->died_of != 0)
		return true;
	return !relay_has_command(relay) &&
	    (relay->was_ended || relay->owed != 0 || relay->timed_out);
}

int64_t
clocks_giving_up(const struct relay *relay, int64_t since)
{
	int64_t hurried = relay->died_of != 0 ? relay->hurried_at :
	    relay->reaped_at;

	if (!is_hurried(relay))
		return DEADLINE_NEVER;
	return deadline_after(since > hurried ? since : hurried,
	    GIVE_UP_AFTER);
}

void
clocks_hurry(struct relay *relay)
{
	relay->hurried_at = clock_now();
}

/*
 * When to check whether the reader of the party's output takes anything: at
 * once for the first time, then when the reader has had its time.  Never unless
 * output is pending and is_hurried().
 */
static int64_t
stuck_deadline(const struct relay *relay, const struct party *party)
{
	if (!is_hurried(relay) || channel_pending(party->output) == 0)
		return DEADLINE_NEVER;
	return party->stuck_since == 0 ? relay->reaped_at :
	    deadline_after(party->stuck_since, party->output->dst.is_socket ?
	    GIVE_UP_SOCKET_AFTER : GIVE_UP_AFTER);
}

/*
 * Whether the reader of the party's output has taken nothing since the last
 * call.  A slow reader may have taken less than makes room for a write: a pipe
 * has room again after a whole page, a unix socket after a whole message.  So
 * compare what is left for the reader to take.
 */
static bool
is_stuck(struct party *party, int64_t now)
{
	uint64_t moved = party->output->conduit.moved;
	int unread = endpoint_unread(&party->output->dst);

	if (party->stuck_since != 0 && party->stuck_moved == moved &&
	    party->stuck_unread == unread)
		return true;
	party->stuck_since = now;
	party->stuck_moved = moved;
	party->stuck_unread = unread;
	return false;
}

int64_t
clocks_next_ending(const struct relay *relay)
{
	int64_t deadline = timeout_deadline(relay);
	size_t i;

	for (i = 0; i < relay->party_count; i++)
		deadline = deadline_sooner(deadline,
		    relay->parties[i].termination.deadline);
	return deadline;
}

int64_t
clocks_next(const struct relay *relay)
{
	int64_t deadline = clocks_next_ending(relay);
	const struct party *party;
	size_t i;

	if (relay->monitor != NULL)
		deadline = deadline_sooner(deadline,
		    monitor_deadline(relay->monitor));
	for (i = 0; i < relay->party_count; i++) {
		party = &relay->parties[i];
		deadline = deadline_sooner(deadline,
		    party_look_deadline(party));
		deadline = deadline_sooner(deadline,
		    linger_deadline(relay, party));
		deadline = deadline_sooner(deadline,
		    stuck_deadline(relay, party));
	}
	return deadline_sooner(deadline, tell_deadline(relay));
}

int64_t
clocks_next_try(const struct relay *relay)
{
	return deadline_sooner(channel_retry_deadline(&relay->to_command),
	    channel_retry_deadline(&relay->from_command));
}

/* Tell a person at a terminal why the prompt does not come back. */
static void
tell_waiting(struct relay *relay)
{
	relay->told_waiting = true;
	if (isatty(STDERR_FILENO) != 1)
		return;
	if (relay->monitor != NULL)
		monitor_clear(relay->monitor);
	if (relay->party_count > 1)
		diag_print("the commands have ended; "
		    "waiting for others that hold their sockets");
	else if (relay_is_lingering(relay))
		diag_print("the command has ended; "
		    "waiting for others that hold its socket");
	else
		diag_print("the command has ended; "
		    "waiting for the reader of standard output");
}

/*
 * The reader of the party's output takes nothing: drop the rest of the output,
 * and report its size.
 */
static void
give_up(struct relay *relay, struct party *party)
{
	uint64_t lost = channel_give_up(party->output);

	if (relay->monitor != NULL)
		monitor_clear(relay->monitor);
	diag_hurry();
	diag_print("cannot write %s: its reader does not read; "
	    "%" PRIu64 " B undelivered", party->output->dst.name, lost);
	relay->failed = true;
}

static void
time_out(struct relay *relay)
{
	size_t i;

	relay->timed_out = true;
	relay->command_timed_out =
	    !relay->parties[RELAY_COMMAND].child->reaped;
	if (relay->monitor != NULL)
		monitor_timeout(relay->monitor, relay->plan->timeout);
	for (i = 0; i < relay->party_count; i++)
		terminate_begin(&relay->parties[i].termination, 0,
		    plan_grace(relay->plan));
}

static void
hear_ending(struct relay *relay, int64_t now)
{
	struct party *party;
	size_t i;

	if (now >= timeout_deadline(relay))
		time_out(relay);
	for (i = 0; i < relay->party_count; i++) {
		party = &relay->parties[i];
		terminate_continue(&party->termination, party->child, now);
	}
}

void
clocks_hear_ending(struct relay *relay)
{
	hear_ending(relay, clock_now());
}

/* True if nobody is left to wait for. */
static bool
hear_linger(struct relay *relay, int64_t now)
{
	struct party *party;
	size_t i;

	for (i = 0; i < relay->party_count; i++) {
		party = &relay->parties[i];
		if (now < linger_deadline(relay, party))
			continue;
		if (relay_is_lingering(relay))
			return true;
		party_leave(party);
	}
	return false;
}

bool
clocks_hear(struct relay *relay)
{
	int64_t now = clock_now();
	struct party *party;
	size_t i;

	if (relay->monitor != NULL)
		monitor_draw(relay->monitor, now);
	for (i = 0; i < relay->party_count; i++) {
		party = &relay->parties[i];
		if (now >= party_look_deadline(party))
			party_continue_break(party, now);
	}
	if (now >= tell_deadline(relay))
		tell_waiting(relay);
	for (i = 0; i < relay->party_count; i++) {
		party = &relay->parties[i];
		if (now >= stuck_deadline(relay, party) &&
		    is_stuck(party, now))
			give_up(relay, party);
	}
	hear_ending(relay, now);
	return hear_linger(relay, now);
}

static void
note_party_activity(struct party *party, int64_t now)
{
	if (party->output->conduit.moved == party->moved)
		return;
	party->moved = party->output->conduit.moved;
	party->active_at = now;
}

void
clocks_note_activity(struct relay *relay)
{
	uint64_t moved = relay->to_command.conduit.moved +
	    relay->from_command.conduit.moved;
	size_t i;

	if (moved == relay->moved)
		return;
	relay->moved = moved;
	if (relay->plan->timeout == PLAN_NEVER &&
	    relay->plan->linger == PLAN_NEVER)
		return;
	relay->active_at = clock_now();
	for (i = 0; i < relay->party_count; i++)
		note_party_activity(&relay->parties[i], relay->active_at);
}

void
clocks_note_reaped(struct relay *relay, struct party *party)
{
	relay->reaped_at = relay->active_at = clock_now();
	party->active_at = relay->active_at;
}

void
clocks_restart(struct relay *relay)
{
	int64_t now = clock_now();
	size_t i;

	relay->active_at = now;
	if (!relay_has_command(relay))
		relay->reaped_at = now;
	for (i = 0; i < relay->party_count; i++) {
		relay->parties[i].active_at = now;
		terminate_restart(&relay->parties[i].termination, now);
	}
}
