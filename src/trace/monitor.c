/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "trace/monitor.h"
#include "trace/sink.h"

void
monitor_set_type(struct monitor *monitor, const char *type, bool messages)
{
	monitor->run.type = type;
	monitor->run.messages = messages;
	monitor->stats.messages = messages;
}

static void
put_event(struct monitor *monitor, struct trace_event *event)
{
	if (trace_wants(&monitor->trace, event->kind))
		monitor_clear(monitor);
	trace_event(&monitor->trace, event);
}

void
monitor_start(struct monitor *monitor, pid_t pid)
{
	struct trace_event event = { .kind = TRACE_START, .pid = pid };

	monitor->started = clock_now();
	put_event(monitor, &event);
	/* Report a failure now: the next event may come much later. */
	monitor_report_failures(monitor);
}

/*
 * Erase the meter before output goes to the same terminal.  If that output ends
 * within a line, the meter is not drawn again until the line has ended, since
 * it would overwrite the line.
 */
static void
make_way_for_output(struct monitor *monitor, const char *data, size_t size)
{
	if (!monitor->shares_terminal)
		return;
	monitor_clear(monitor);
	monitor->is_mid_line = !monitor->run.messages && size > 0 &&
	    data[size - 1] != '\n';
}

void
monitor_piece(struct monitor *monitor, enum trace_direction direction,
    const void *data, size_t size)
{
	struct stats_totals *totals = monitor_totals(monitor, direction);
	struct trace_event event = {
		.kind = monitor->run.messages ? TRACE_MESSAGE : TRACE_DATA,
		.direction = direction,
		.data = data,
		.size = size,
		.offset = totals->bytes,
		.number = totals->pieces + 1,
	};

	put_event(monitor, &event);
	stats_count(totals, size);
	if (direction == TRACE_FROM_COMMAND)
		make_way_for_output(monitor, data, size);
}

void
monitor_wire(struct monitor *monitor, enum trace_direction direction,
    const void *data, size_t size)
{
	struct stats_totals *totals = monitor_totals(monitor, direction);
	struct trace_event event = {
		.kind = TRACE_DATA,
		.direction = direction,
		.data = data,
		.size = size,
		.offset = totals->bytes,
		.is_wire = true,
	};

	if (size == 0)
		return;
	put_event(monitor, &event);
	totals->bytes += size;
}

void
monitor_message(struct monitor *monitor, enum trace_direction direction,
    const void *data, size_t size, uint64_t offset)
{
	struct trace_event event = {
		.kind = TRACE_MESSAGE,
		.direction = direction,
		.data = data,
		.size = size,
		.offset = offset,
		.number = monitor_totals(monitor, direction)->pieces + 1,
	};

	put_event(monitor, &event);
	monitor_count_message(monitor, direction, size);
	if (direction == TRACE_FROM_COMMAND)
		make_way_for_output(monitor, data, size);
}

void
monitor_stray(struct monitor *monitor, enum trace_direction direction,
    const void *data, size_t size, uint64_t offset)
{
	struct trace_event event = {
		.kind = TRACE_DATA,
		.direction = direction,
		.data = data,
		.size = size,
		.offset = offset,
	};

	put_event(monitor, &event);
}

void
monitor_count_message(struct monitor *monitor, enum trace_direction direction,
    uint64_t size)
{
	stats_count_message(monitor_totals(monitor, direction), (size_t)size);
}

void
monitor_fds(struct monitor *monitor, enum trace_direction direction,
    const int *fds, size_t count)
{
	struct trace_event event = {
		.kind = TRACE_FDS, .direction = direction, .fd_count = count
	};

	if (!trace_wants(&monitor->trace, TRACE_FDS))
		return;
	fd_info_find(monitor->fd_info, fds, count);
	event.fds = monitor->fd_info->fds;
	put_event(monitor, &event);
}

void
monitor_note(struct monitor *monitor, enum trace_kind kind,
    enum trace_direction direction)
{
	struct trace_event event = { .kind = kind, .direction = direction };

	put_event(monitor, &event);
}

void
monitor_eof(struct monitor *monitor, enum trace_direction direction, bool told)
{
	struct trace_event event = {
		.kind = TRACE_EOF, .direction = direction, .told = told
	};

	put_event(monitor, &event);
}

void
monitor_lost(struct monitor *monitor, enum trace_direction direction,
    uint64_t size, uint64_t offset)
{
	struct trace_event event = {
		.kind = TRACE_UNDELIVERED, .direction = direction,
		.size = (size_t)size,
		.offset = offset,
	};

	if (size == 0)
		return;
	monitor_totals(monitor, direction)->undelivered += size;
	put_event(monitor, &event);
}

void
monitor_undelivered(struct monitor *monitor, enum trace_direction direction,
    uint64_t size, uint64_t behind)
{
	monitor_lost(monitor, direction, size,
	    monitor_totals(monitor, direction)->bytes - behind - size);
}

void
monitor_unkept(struct monitor *monitor, enum trace_direction direction,
    uint64_t size)
{
	stats_count(monitor_totals(monitor, direction), (size_t)size);
	monitor_undelivered(monitor, direction, size, 0);
}

void
monitor_unread(struct monitor *monitor, enum trace_direction direction,
    uint64_t size)
{
	monitor_totals(monitor, direction)->bytes += size;
	monitor_undelivered(monitor, direction, size, 0);
}

void
monitor_signal(struct monitor *monitor, int number)
{
	struct trace_event event = {
		.kind = TRACE_SIGNAL, .direction = TRACE_TO_COMMAND,
		.signal = number
	};

	put_event(monitor, &event);
}

void
monitor_terminal_signal(struct monitor *monitor, int number)
{
	struct trace_event event = {
		.kind = TRACE_SIGNAL, .direction = TRACE_TO_COMMAND,
		.signal = number, .from_terminal = true
	};

	put_event(monitor, &event);
}

void
monitor_stall(struct monitor *monitor, int64_t duration)
{
	struct trace_event event = {
		.kind = TRACE_STALL, .duration = duration
	};

	put_event(monitor, &event);
}

void
monitor_timeout(struct monitor *monitor, int64_t duration)
{
	struct trace_event event = {
		.kind = TRACE_TIMEOUT, .duration = duration
	};

	put_event(monitor, &event);
}

bool
monitor_is_behind(const struct monitor *monitor)
{
	return monitor != NULL && monitor->trace.is_behind;
}

bool
monitor_read_slots(struct monitor *monitor, const struct pollfd *slots)
{
	if (!monitor_is_behind(monitor))
		return false;
	monitor_clear(monitor);
	return trace_read_slots(&monitor->trace, slots);
}

bool
monitor_needs_bytes(const struct monitor *monitor)
{
	return monitor != NULL && (monitor->trace.wanted & TRACE_BYTES);
}

void
monitor_report_failures(struct monitor *monitor)
{
	const struct sink *sink;

	while ((sink = trace_failed(&monitor->trace)) != NULL) {
		monitor_clear(monitor);
		diag_print("cannot write '%s': %s", sink->name,
		    strerror(sink->error));
		monitor->failed = true;
	}
}

void
monitor_ended_by(struct monitor *monitor, int number)
{
	monitor->ended_by = number;
}

static void
trace_ended_by(struct monitor *monitor)
{
	struct trace_event event = {
		.kind = TRACE_SIGNAL, .signal = monitor->ended_by
	};

	if (monitor->ended_by != 0)
		put_event(monitor, &event);
}

void
monitor_finish(struct monitor *monitor, int wait_status, int peer_status)
{
	struct trace_event event = {
		.kind = TRACE_EXIT,
		.wait_status = wait_status,
		.peer_status = peer_status,
		.stats = &monitor->stats,
	};

	monitor_clear(monitor);
	monitor->has_meter = false;
	monitor_settle(monitor);
	monitor->blocked_since[TRACE_TO_COMMAND] = 0;
	monitor->blocked_since[TRACE_FROM_COMMAND] = 0;
	trace_ended_by(monitor);
	put_event(monitor, &event);
	trace_finish(&monitor->trace);
}

void
monitor_report(struct monitor *monitor)
{
	monitor_report_failures(monitor);
	if (monitor->wants_stats)
		monitor_print(monitor);
}

void
monitor_not_run(struct monitor *monitor, int status, int error, int peer_status)
{
	struct trace_event event = {
		.kind = TRACE_EXIT,
		.wait_status = status << 8,
		.peer_status = peer_status,
		.error = error,
		.stats = &monitor->stats,
	};

	monitor->has_meter = false;
	put_event(monitor, &event);
	trace_finish(&monitor->trace);
	/* Signals are blocked here, so do not wait for a reader. */
	trace_give_up(&monitor->trace);
	monitor_report_failures(monitor);
}

int
monitor_greatest_fd(const struct monitor *monitor)
{
	int greatest = -1;
	size_t i;

	for (i = 0; i < monitor->trace.count; i++)
		if (monitor->trace.sinks[i].fd > greatest)
			greatest = monitor->trace.sinks[i].fd;
	return greatest;
}

void
monitor_free(struct monitor *monitor)
{
	trace_free(&monitor->trace);
	free(monitor->fd_info);
}
