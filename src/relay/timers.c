/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "relay/timers.h"

#define TELL_AFTER (2 * SECOND)		/* a user's patience with silence */
#define GIVE_UP_AFTER SECOND	/* whoever ends us waits for our exit */
/*
 * The same for a socket, which has room again only after a whole message
 * (tests/unit/kernel: room_by_message).
 */
#define GIVE_UP_SOCKET_AFTER (5 * SECOND)

/* When others who hold the side's end have been waited for long enough. */
static int64_t
linger_deadline(const struct supervisor *supervisor, const struct side *side)
{
	if (supervisor->plan->linger == PLAN_NEVER || !side_is_lingering(side))
		return DEADLINE_NEVER;
	return deadline_after(side->active_at, supervisor->plan->linger);
}

static int64_t
timeout_deadline(const struct supervisor *supervisor)
{
	if (supervisor->plan->timeout == PLAN_NEVER ||
	    supervisor->relay == NULL || supervisor->timed_out ||
	    !supervise_has_command(supervisor))
		return DEADLINE_NEVER;
	return deadline_after(supervisor->active_at, supervisor->plan->timeout);
}

static int64_t
report_deadline(const struct supervisor *supervisor)
{
	if (supervisor->relay == NULL || supervisor->reported_waiting ||
	    supervise_has_command(supervisor))
		return DEADLINE_NEVER;
	return deadline_after(supervisor->reaped_at, TELL_AFTER);
}

/* Whether a signal ends us, or a signal or --timeout has ended all commands. */
static bool
is_hurried(const struct supervisor *supervisor)
{
	if (supervisor->fatal_signal != 0)
		return true;
	return !supervise_has_command(supervisor) &&
	    (supervisor->was_ended || supervisor->pending_fatal != 0 ||
	    supervisor->timed_out);
}

/* When to stop waiting for the reader of a trace, which takes nothing. */
static int64_t
trace_deadline(const struct supervisor *supervisor)
{
	int64_t hurried = supervisor->fatal_signal != 0 ?
	    supervisor->hurried_at : supervisor->reaped_at;
	int64_t since;

	if (!is_hurried(supervisor) || !monitor_is_behind(supervisor->monitor))
		return DEADLINE_NEVER;
	since = supervisor->monitor->trace.waits_since;
	return deadline_after(since > hurried ? since : hurried,
	    GIVE_UP_AFTER);
}

void
timers_hurry(struct supervisor *supervisor)
{
	supervisor->hurried_at = clock_now();
}

/*
 * When to check whether the reader of the side's output takes anything: at
 * once for the first time, then when the reader has had its time.  Never unless
 * output is pending and is_hurried().
 */
static int64_t
stuck_deadline(const struct supervisor *supervisor, const struct side *side)
{
	if (side->child == NULL || side->output == NULL ||
	    !is_hurried(supervisor) || channel_pending(side->output) == 0 ||
	    monitor_is_behind(supervisor->monitor))
		return DEADLINE_NEVER;
	return side->stuck_since == 0 ? supervisor->reaped_at :
	    deadline_after(side->stuck_since, side->output->dst.is_socket ?
	    GIVE_UP_SOCKET_AFTER : GIVE_UP_AFTER);
}

/*
 * Whether the reader of the side's output has taken nothing since the last
 * call.  A slow reader may have taken less than makes room for a write: a pipe
 * has room again after a whole page, a unix socket after a whole message
 * (tests/unit/kernel: pipe_room_by_page, room_by_message).  So compare what is
 * left for the reader to take (tests/unit/kernel: pipe_unread,
 * unread_one_number).
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
timers_next(const struct supervisor *supervisor)
{
	int64_t deadline = deadline_sooner(timeout_deadline(supervisor),
	    trace_deadline(supervisor));
	const struct side *side;
	size_t i;

	if (supervisor->monitor != NULL)
		deadline = deadline_sooner(deadline,
		    monitor_deadline(supervisor->monitor));
	for (i = 0; i < SIDE_COUNT; i++) {
		side = &supervisor->sides[i];
		deadline = deadline_sooner(deadline,
		    side->termination.deadline);
		deadline = deadline_sooner(deadline,
		    side_break_deadline(side));
		deadline = deadline_sooner(deadline,
		    linger_deadline(supervisor, side));
		deadline = deadline_sooner(deadline,
		    stuck_deadline(supervisor, side));
	}
	return deadline_sooner(deadline, report_deadline(supervisor));
}

/* Tell a person at a terminal why the prompt does not come back. */
static void
report_waiting(struct supervisor *supervisor)
{
	supervisor->reported_waiting = true;
	if (isatty(STDERR_FILENO) != 1)
		return;
	if (supervisor->monitor != NULL)
		monitor_clear(supervisor->monitor);
	if (monitor_is_behind(supervisor->monitor))
		diag_print("%s ended; waiting for the reader of a trace",
		    supervisor->sides[SIDE_OTHER].child != NULL ?
		    "the commands have" : "the command has");
	else if (supervisor->sides[SIDE_OTHER].child != NULL)
		diag_print("the commands have ended; "
		    "waiting for others that hold their sockets");
	else if (supervise_is_lingering(supervisor))
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
give_up(struct supervisor *supervisor, struct side *side)
{
	uint64_t lost = channel_give_up(side->output);

	if (supervisor->monitor != NULL)
		monitor_clear(supervisor->monitor);
	diag_hurry();
	diag_print("cannot write %s: its reader does not read; "
	    "%" PRIu64 " B undelivered", side->output->dst.name, lost);
	supervisor->failed = true;
}

static void
time_out(struct supervisor *supervisor)
{
	size_t i;

	supervisor->timed_out = true;
	supervisor->command_timed_out =
	    side_is_running(&supervisor->sides[SIDE_COMMAND]);
	if (supervisor->monitor != NULL)
		monitor_timeout(supervisor->monitor, supervisor->plan->timeout);
	for (i = 0; i < SIDE_COUNT; i++)
		if (side_is_running(&supervisor->sides[i]))
			terminate_begin(&supervisor->sides[i].termination, 0,
			    plan_grace(supervisor->plan));
}

static void
handle_ending(struct supervisor *supervisor, int64_t now)
{
	struct side *side;
	size_t i;

	if (now >= timeout_deadline(supervisor))
		time_out(supervisor);
	for (i = 0; i < SIDE_COUNT; i++) {
		side = &supervisor->sides[i];
		terminate_continue(&side->termination, side->child, now);
	}
}

/* True if nobody is left to wait for. */
static bool
handle_linger(struct supervisor *supervisor, int64_t now)
{
	struct side *side;
	size_t i;

	for (i = 0; i < SIDE_COUNT; i++) {
		side = &supervisor->sides[i];
		if (now < linger_deadline(supervisor, side))
			continue;
		if (supervise_is_lingering(supervisor))
			return true;
		side_leave(side);
	}
	return false;
}

bool
timers_handle(struct supervisor *supervisor)
{
	int64_t now = clock_now();
	struct side *side;
	size_t i;

	if (supervisor->monitor != NULL)
		monitor_draw(supervisor->monitor, now);
	if (now >= trace_deadline(supervisor)) {
		diag_hurry();
		trace_give_up(&supervisor->monitor->trace);
	}
	for (i = 0; i < SIDE_COUNT; i++) {
		side = &supervisor->sides[i];
		if (now >= side_break_deadline(side))
			side_continue_break(side, now);
	}
	if (now >= report_deadline(supervisor))
		report_waiting(supervisor);
	for (i = 0; i < SIDE_COUNT; i++) {
		side = &supervisor->sides[i];
		if (now >= stuck_deadline(supervisor, side) &&
		    is_stuck(side, now))
			give_up(supervisor, side);
	}
	handle_ending(supervisor, now);
	return handle_linger(supervisor, now);
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
timers_note_activity(struct supervisor *supervisor)
{
	size_t i;

	if (supervisor->relay->moved == supervisor->moved)
		return;
	supervisor->moved = supervisor->relay->moved;
	if (supervisor->plan->timeout == PLAN_NEVER &&
	    supervisor->plan->linger == PLAN_NEVER)
		return;
	supervisor->active_at = clock_now();
	for (i = 0; i < SIDE_COUNT; i++)
		note_side_activity(&supervisor->sides[i],
		    supervisor->active_at);
}

void
timers_note_unheard(struct supervisor *supervisor)
{
	int64_t now = clock_now();
	size_t i;

	for (i = 0; i < SIDE_COUNT; i++) {
		supervisor->sides[i].active_at = now;
		supervisor->sides[i].stuck_since = 0;
	}
}

void
timers_note_reaped(struct supervisor *supervisor, struct side *side)
{
	supervisor->reaped_at = supervisor->active_at = clock_now();
	side->active_at = supervisor->active_at;
}

void
timers_restart(struct supervisor *supervisor)
{
	int64_t now = clock_now();
	size_t i;

	supervisor->active_at = now;
	if (!supervise_has_command(supervisor))
		supervisor->reaped_at = now;
	for (i = 0; i < SIDE_COUNT; i++) {
		supervisor->sides[i].active_at = now;
		terminate_restart(&supervisor->sides[i].termination, now);
	}
}
