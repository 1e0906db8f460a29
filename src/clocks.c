/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <unistd.h>

#include "clocks.h"
#include "deadline.h"
#include "diag.h"

#define SECOND INT64_C(1000000000)	/* nanoseconds */
#define KILL_AFTER_TIMEOUT (5 * SECOND)	/* unless --kill-after says else */
#define TELL_AFTER (2 * SECOND)		/* a user's patience with silence */

static int64_t
linger_deadline(const struct relay *relay)
{
	if (relay->plan->linger == PLAN_NEVER ||
	    !party_is_lingering(&relay->command))
		return DEADLINE_NEVER;
	return deadline_after(relay->active_at, relay->plan->linger);
}

static int64_t
timeout_deadline(const struct relay *relay)
{
	if (relay->plan->timeout == PLAN_NEVER ||
	    relay->command.child->reaped || relay->timed_out)
		return DEADLINE_NEVER;
	return deadline_after(relay->active_at, relay->plan->timeout);
}

static int64_t
tell_deadline(const struct relay *relay)
{
	if (!relay->command.child->reaped || relay->told_waiting)
		return DEADLINE_NEVER;
	return deadline_after(relay->reaped_at, TELL_AFTER);
}

int64_t
clocks_next_ending(const struct relay *relay)
{
	return deadline_sooner(relay->command.ending.deadline,
	    timeout_deadline(relay));
}

int64_t
clocks_next(const struct relay *relay)
{
	int64_t deadline = clocks_next_ending(relay);

	if (relay->watch != NULL)
		deadline = deadline_sooner(deadline,
		    watch_deadline(relay->watch));
	deadline = deadline_sooner(deadline,
	    party_look_deadline(&relay->command));
	deadline = deadline_sooner(deadline, linger_deadline(relay));
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
	if (party_is_lingering(&relay->command))
		diag_print("the command has ended; "
		    "waiting for others that hold its socket");
	else
		diag_print("the command has ended; "
		    "waiting for the reader of standard output");
}

static void
hear_ending(struct relay *relay, int64_t now)
{
	struct party *command = &relay->command;

	if (now >= timeout_deadline(relay)) {
		relay->timed_out = true;
		if (relay->watch != NULL)
			watch_timeout(relay->watch, relay->plan->timeout);
		ending_begin(&command->ending, 0,
		    relay->plan->kill_after != PLAN_NEVER ?
		    relay->plan->kill_after : KILL_AFTER_TIMEOUT);
	}
	ending_continue(&command->ending, command->child, now);
}

void
clocks_hear_ending(struct relay *relay)
{
	hear_ending(relay, deadline_now());
}

bool
clocks_hear(struct relay *relay)
{
	int64_t now = deadline_now();

	if (relay->watch != NULL)
		watch_draw(relay->watch, now);
	if (now >= party_look_deadline(&relay->command))
		party_continue_break(&relay->command, now);
	if (now >= tell_deadline(relay))
		tell_waiting(relay);
	hear_ending(relay, now);
	return now >= linger_deadline(relay);
}

void
clocks_note_activity(struct relay *relay)
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

void
clocks_note_reaped(struct relay *relay)
{
	relay->reaped_at = relay->active_at = deadline_now();
}

void
clocks_restart(struct relay *relay)
{
	int64_t now = deadline_now();

	relay->active_at = now;
	if (relay->command.child->reaped)
		relay->reaped_at = now;
	ending_restart(&relay->command.ending, now);
}
