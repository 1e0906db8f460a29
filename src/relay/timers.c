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

/* When others who hold the side's end have been waited for long enough. */
static int64_t
linger_deadline(const struct relay *relay, const struct side *side)
{
	if (relay->plan->linger == PLAN_NEVER || !side_is_lingering(side))
		return DEADLINE_NEVER;
	return deadline_after(side->active_at, relay->plan->linger);
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
report_deadline(const struct relay *relay)
{
	if (relay->reported_waiting || relay_has_command(relay))
		return DEADLINE_NEVER;
	return deadline_after(relay->reaped_at, TELL_AFTER);
}

/* Whether a signal ends us, or a signal or --timeout has ended all commands. */
static bool
is_hurried(const struct relay *relay)
{
	if (relay->fatal_signal != 0)
		return true;
	return !relay_has_command(relay) &&
	    (relay->was_ended || relay->pending_fatal != 0 || relay->timed_out);
}

int64_t
timers_giving_up(const struct relay *relay, int64_t since)
{
	int64_t hurried = relay->fatal_signal != 0 ? relay->hurried_at :
	    relay->reaped_at;

	if (!is_hurried(relay))
		return DEADLINE_NEVER;
	return deadline_after(since > hurried ? since : hurried,
	    GIVE_UP_AFTER);
}

void
timers_hurry(struct relay *relay)
{
	relay->hurried_at = clock_now();
}

/*
 * When to check whether the reader of the side's output takes anything: at
 * once for the first time, then when the reader has had its time.  Never unless
 * output is pending and is_hurried().
 */
static int64_t
stuck_deadline(const struct relay *relay, const struct side *side)
{
	if (!is_hurried(relay) || channel_pending(side->output) == 0)
		return DEADLINE_NEVER;
	return side->stuck_since == 0 ? relay->reaped_at :
	    deadline_after(side->stuck_since, side->output->dst.is_socket ?
	    GIVE_UP_SOCKET_AFTER : GIVE_UP_AFTER);
}

/*
 * Whether the reader of the side's output has taken nothing since the last
 * call.  A slow reader may have taken less than makes room for a write: a pipe
 * has room again after a whole page, a unix socket after a whole message.  So
 * compare what is left for the reader to take.
 */
static bool
is_stuck(struct side *side, int64_t now)
{
	uint64_t moved = side->output->conduit.moved;
	int unread = endpoint_unread(&side->output->dst);

	if (side->stuck_since != 0 && side->stuck_moved == moved &&
	    side->stuck_unread == unread)
		return true;
	side->stuck_since = now;
	side->stuck_moved = moved;
	side->stuck_unread = unread;
	return false;
}

int64_t
timers_next_ending(const struct relay *relay)
{
	int64_t deadline = timeout_deadline(relay);
	size_t i;

	for (i = 0; i < relay->side_count; i++)
		deadline = deadline_sooner(deadline,
		    relay->sides[i].termination.deadline);
	return deadline;
}

int64_t
timers_next(const struct relay *relay)
{
	int64_t deadline = timers_next_ending(relay);
	const struct side *side;
	size_t i;

	if (relay->monitor != NULL)
		deadline = deadline_sooner(deadline,
		    monitor_deadline(relay->monitor));
	for (i = 0; i < relay->side_count; i++) {
		side = &relay->sides[i];
		deadline = deadline_sooner(deadline,
		    side_inspect_deadline(side));
		deadline = deadline_sooner(deadline,
		    linger_deadline(relay, side));
		deadline = deadline_sooner(deadline,
		    stuck_deadline(relay, side));
	}
	return deadline_sooner(deadline, report_deadline(relay));
}

int64_t
timers_next_try(const struct relay *relay)
{
	return deadline_sooner(channel_retry_deadline(&relay->to_command),
	    channel_retry_deadline(&relay->from_command));
}

/* Tell a person at a terminal why the prompt does not come back. */
static void
report_waiting(struct relay *relay)
{
	relay->reported_waiting = true;
	if (isatty(STDERR_FILENO) != 1)
		return;
	if (relay->monitor != NULL)
		monitor_clear(relay->monitor);
	if (relay->side_count > 1)
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
 * The reader of the side's output takes nothing: drop the rest of the output,
 * and report its size.
 */
static void
give_up(struct relay *relay, struct side *side)
{
	uint64_t lost = channel_give_up(side->output);

	if (relay->monitor != NULL)
		monitor_clear(relay->monitor);
	diag_hurry();
	diag_print("cannot write %s: its reader does not read; "
	    "%" PRIu64 " B undelivered", side->output->dst.name, lost);
	relay->failed = true;
}

static void
time_out(struct relay *relay)
{
	size_t i;

	relay->timed_out = true;
	relay->command_timed_out =
	    !relay->sides[RELAY_COMMAND].child->reaped;
	if (relay->monitor != NULL)
		monitor_timeout(relay->monitor, relay->plan->timeout);
	for (i = 0; i < relay->side_count; i++)
		terminate_begin(&relay->sides[i].termination, 0,
		    plan_grace(relay->plan));
}

static void
handle_ending(struct relay *relay, int64_t now)
{
	struct side *side;
	size_t i;

	if (now >= timeout_deadline(relay))
		time_out(relay);
	for (i = 0; i < relay->side_count; i++) {
		side = &relay->sides[i];
		terminate_continue(&side->termination, side->child, now);
	}
}

void
timers_handle_ending(struct relay *relay)
{
	handle_ending(relay, clock_now());
}

/* True if nobody is left to wait for. */
static bool
handle_linger(struct relay *relay, int64_t now)
{
	struct side *side;
	size_t i;

	for (i = 0; i < relay->side_count; i++) {
		side = &relay->sides[i];
		if (now < linger_deadline(relay, side))
			continue;
		if (relay_is_lingering(relay))
			return true;
		side_leave(side);
	}
	return false;
}

bool
timers_handle(struct relay *relay)
{
	int64_t now = clock_now();
	struct side *side;
	size_t i;

	if (relay->monitor != NULL)
		monitor_draw(relay->monitor, now);
	for (i = 0; i < relay->side_count; i++) {
		side = &relay->sides[i];
		if (now >= side_inspect_deadline(side))
			side_continue_break(side, now);
	}
	if (now >= report_deadline(relay))
		report_waiting(relay);
	for (i = 0; i < relay->side_count; i++) {
		side = &relay->sides[i];
		if (now >= stuck_deadline(relay, side) &&
		    is_stuck(side, now))
			give_up(relay, side);
	}
	handle_ending(relay, now);
	return handle_linger(relay, now);
}

static void
note_side_activity(struct side *side, int64_t now)
{
	if (side->output->conduit.moved == side->moved)
		return;
	side->moved = side->output->conduit.moved;
	side->active_at = now;
}

void
timers_note_activity(struct relay *relay)
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
	for (i = 0; i < relay->side_count; i++)
		note_side_activity(&relay->sides[i], relay->active_at);
}

void
timers_note_reaped(struct relay *relay, struct side *side)
{
	relay->reaped_at = relay->active_at = clock_now();
	side->active_at = relay->active_at;
}

void
timers_restart(struct relay *relay)
{
	int64_t now = clock_now();
	size_t i;

	relay->active_at = now;
	if (!relay_has_command(relay))
		relay->reaped_at = now;
	for (i = 0; i < relay->side_count; i++) {
		relay->sides[i].active_at = now;
		terminate_restart(&relay->sides[i].termination, now);
	}
}
