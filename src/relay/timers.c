/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation.  A timer is a row of one of the two tables below: a
 * function that computes its deadline from the state, and a function to call
 * once the deadline has come.  That call must change the state so that the
 * deadline is later, or never.  Otherwise the loop would not sleep any more.
 */
#include "config.h"

#include "base/clock.h"
#include "relay/stall.h"
#include "relay/timers.h"
#include "relay/waiting.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A timer of the whole run. */
struct run_timer {
	int64_t (*deadline)(const struct supervisor *supervisor);
	void (*handle)(struct supervisor *supervisor, int64_t now);
};

/* A timer of which each side has one. */
struct side_timer {
	int64_t (*deadline)(const struct supervisor *supervisor,
	    const struct side *side);
	void (*handle)(struct supervisor *supervisor, struct side *side,
	    int64_t now);
};

static int64_t
meter_deadline(const struct supervisor *supervisor)
{
	return supervisor->monitor == NULL ? DEADLINE_NEVER :
	    monitor_deadline(supervisor->monitor);
}

static void
draw_meter(struct supervisor *supervisor, int64_t now)
{
	monitor_draw(supervisor->monitor, now);
}

static int64_t
break_deadline(const struct supervisor *supervisor, const struct side *side)
{
	(void)supervisor;
	return side_break_deadline(side);
}

static void
continue_break(struct supervisor *supervisor, struct side *side, int64_t now)
{
	(void)supervisor;
	side_continue_break(side, now);
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

static void
time_out(struct supervisor *supervisor, int64_t now)
{
	struct side *side;

	(void)now;
	supervisor->timed_out = true;
	supervisor->command_timed_out =
	    side_is_running(&supervisor->sides[SIDE_COMMAND]);
	stall_print(supervisor, supervisor->plan->timeout);
	if (supervisor->monitor != NULL)
		monitor_timeout(supervisor->monitor, supervisor->plan->timeout);
	for (side = supervisor->sides; side < supervisor->sides + SIDE_COUNT;
	    side++)
		if (side_is_running(side))
			terminate_begin(&side->termination, 0,
			    plan_grace(supervisor->plan));
}

static int64_t
terminate_deadline(const struct supervisor *supervisor, const struct side *side)
{
	(void)supervisor;
	return side->termination.deadline;
}

static void
terminate(struct supervisor *supervisor, struct side *side, int64_t now)
{
	(void)supervisor;
	terminate_continue(&side->termination, side->child, now);
}

static const struct run_timer run_timers[] = {
	{ meter_deadline, draw_meter },
	{ waiting_trace_deadline, waiting_give_up_trace },
	{ waiting_report_deadline, waiting_report },
	{ stall_deadline, stall_handle },
	{ timeout_deadline, time_out },
};

/* After those of the run: --timeout makes SIGTERM due at once. */
static const struct side_timer side_timers[] = {
	{ break_deadline, continue_break },
	{ waiting_reader_deadline, waiting_check_reader },
	{ terminate_deadline, terminate },
	{ waiting_linger_deadline, waiting_end_linger },
};

int64_t
timers_next(const struct supervisor *supervisor)
{
	int64_t deadline = DEADLINE_NEVER;
	size_t i, j;

	for (i = 0; i < COUNT(run_timers); i++)
		deadline = deadline_sooner(deadline,
		    run_timers[i].deadline(supervisor));
	for (i = 0; i < COUNT(side_timers); i++)
		for (j = 0; j < SIDE_COUNT; j++)
			deadline = deadline_sooner(deadline,
			    side_timers[i].deadline(supervisor,
			    &supervisor->sides[j]));
	return deadline;
}

bool
timers_are_to_end_command(const struct supervisor *supervisor)
{
	int64_t now = clock_now();
	size_t i;

	for (i = 0; i < SIDE_COUNT; i++)
		if (now >= supervisor->sides[i].termination.deadline)
			return true;
	return now >= timeout_deadline(supervisor) ||
	    (supervisor->timed_out && supervise_has_command(supervisor));
}

void
timers_handle(struct supervisor *supervisor)
{
	int64_t now = clock_now();
	struct side *side;
	size_t i, j;

	for (i = 0; i < COUNT(run_timers); i++)
		if (now >= run_timers[i].deadline(supervisor))
			run_timers[i].handle(supervisor, now);
	for (i = 0; i < COUNT(side_timers); i++)
		for (j = 0; j < SIDE_COUNT; j++) {
			side = &supervisor->sides[j];
			if (now >= side_timers[i].deadline(supervisor, side))
				side_timers[i].handle(supervisor, side, now);
		}
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
	    supervisor->plan->linger == PLAN_NEVER &&
	    supervisor->plan->stall == PLAN_NEVER && !supervisor->plan->stats)
		return;
	supervisor->active_at = clock_now();
	for (i = 0; i < SIDE_COUNT; i++)
		note_side_activity(&supervisor->sides[i],
		    supervisor->active_at);
}

void
timers_postpone(struct supervisor *supervisor)
{
	int64_t now = clock_now();
	size_t i;

	for (i = 0; i < SIDE_COUNT; i++) {
		supervisor->sides[i].active_at = now;
		supervisor->sides[i].stuck_since = 0;
	}
}

void
timers_hurry(struct supervisor *supervisor)
{
	supervisor->hurried_at = clock_now();
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
