/* SPDX-License-Identifier: MIT */
/* The totals of a monitor, and the meter that shows them. */
#include "config.h"

#include "base/clock.h"
#include "base/diag.h"
#include "trace/monitor.h"

#define DRAW_AFTER (SECOND / 5)	/* time between two drawings */

struct stats_totals *
monitor_totals(struct monitor *monitor, enum trace_direction direction)
{
	return direction == TRACE_TO_COMMAND ? &monitor->stats.to_command :
	    &monitor->stats.from_command;
}

void
monitor_count(struct monitor *monitor, enum trace_direction direction,
    size_t size)
{
	if (size > 0)
		stats_count(monitor_totals(monitor, direction), size);
}

void
monitor_passed(struct monitor *monitor, enum trace_direction direction,
    uint64_t came, uint64_t refused)
{
	monitor_totals(monitor, direction)->descriptors = came;
	monitor_totals(monitor, direction)->refused = refused;
}

/* Add the time that a direction has waited so far, if it is waiting. */
static void
settle_blocked(struct monitor *monitor, enum trace_direction direction,
    int64_t now)
{
	int64_t *since = &monitor->blocked_since[direction];

	if (*since == 0)
		return;
	monitor_totals(monitor, direction)->blocked += now - *since;
	*since = now;
}

void
monitor_settle(struct monitor *monitor)
{
	int64_t now = clock_now();

	settle_blocked(monitor, TRACE_TO_COMMAND, now);
	settle_blocked(monitor, TRACE_FROM_COMMAND, now);
	monitor->stats.duration = now - monitor->started;
}

void
monitor_blocked(struct monitor *monitor, enum trace_direction direction,
    bool is_blocked)
{
	int64_t *since = &monitor->blocked_since[direction];
	int64_t now;

	if (is_blocked == (*since != 0))
		return;
	now = clock_now();
	settle_blocked(monitor, direction, now);
	*since = is_blocked ? now : 0;
}

int64_t
monitor_deadline(const struct monitor *monitor)
{
	return monitor->has_meter ? monitor->draw_at : DEADLINE_NEVER;
}

void
monitor_draw(struct monitor *monitor, int64_t now)
{
	monitor->stats.duration = now - monitor->started;
	if (!monitor->is_mid_line)
		progress_draw(&monitor->meter, &monitor->stats);
	monitor->draw_at = deadline_after(now, DRAW_AFTER);
}

void
monitor_clear(struct monitor *monitor)
{
	if (monitor != NULL && monitor->has_meter)
		progress_clear(&monitor->meter);
}

void
monitor_print(struct monitor *monitor)
{
	char text[STATS_TEXT_MAX];

	monitor_clear(monitor);
	monitor_settle(monitor);
	stats_format_totals(&monitor->stats, &monitor->stats.to_command,
	    monitor->run.peer == NULL ? "standard input" : "peer to command",
	    text);
	diag_print("%s", text);
	stats_format_totals(&monitor->stats, &monitor->stats.from_command,
	    monitor->run.peer == NULL ? "standard output" : "command to peer",
	    text);
	diag_print("%s", text);
}
