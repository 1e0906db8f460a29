/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "trace/monitor.h"
#include "trace/sink.h"

#define DRAW_AFTER INT64_C(200000000)	/* nanoseconds between two meters */

void
watch_set_type(struct watch *watch, const char *type, bool messages)
{
	watch->run.type = type;
	watch->run.messages = messages;
	watch->stats.messages = messages;
}

static void
tell(struct watch *watch, struct trace_event *event)
{
	int saved_errno = errno;

	if (!trace_is_open(&watch->trace))
		return;
	watch_clear(watch);
	watch->is_writing = true;
	trace_event(&watch->trace, event);
	watch->is_writing = false;
	errno = saved_errno;
}

static void
tell_late_signals(struct watch *watch)
{
	struct trace_event event = {
		.kind = TRACE_SIGNAL, .direction = TRACE_TO_COMMAND
	};
	size_t i;

	for (i = 0; i < watch->signal_count; i++) {
		event.signal = watch->signals[i];
		tell(watch, &event);
	}
	watch->signal_count = 0;
}

static void
tell_late_timeout(struct watch *watch)
{
	struct trace_event event = {
		.kind = TRACE_TIMEOUT, .duration = watch->late_timeout
	};

	if (watch->late_timeout == 0)
		return;
	watch->late_timeout = 0;
	tell(watch, &event);
}

/* What could not be told while another event was under way. */
static void
tell_late(struct watch *watch)
{
	tell_late_signals(watch);
	tell_late_timeout(watch);
}

static struct stats_way *
way_of(struct watch *watch, enum trace_direction direction)
{
	return direction == TRACE_TO_COMMAND ? &watch->stats.to_command :
	    &watch->stats.from_command;
}

void
watch_start(struct watch *watch, pid_t pid)
{
	struct trace_event event = { .kind = TRACE_START, .pid = pid };

	watch->started = clock_now();
	tell(watch, &event);
	/* Report a failure now: the next event may come much later. */
	watch_tell_failures(watch);
}

void
watch_count(struct watch *watch, enum trace_direction direction, size_t size)
{
	if (size > 0)
		stats_count(way_of(watch, direction), size);
}

/* The meter must neither stand before what is written nor wipe it away. */
static void
make_way(struct watch *watch, const char *data, size_t size)
{
	if (!watch->has_company)
		return;
	watch_clear(watch);
	watch->is_mid_line = !watch->run.messages && size > 0 &&
	    data[size - 1] != '\n';
}

void
watch_piece(struct watch *watch, enum trace_direction direction,
    const void *data, size_t size)
{
	struct stats_way *way = way_of(watch, direction);
	struct trace_event event = {
		.kind = watch->run.messages ? TRACE_MESSAGE : TRACE_DATA,
		.direction = direction,
		.data = data,
		.size = size,
		.offset = way->bytes,
		.number = way->pieces + 1,
	};

	tell_late(watch);
	tell(watch, &event);
	stats_count(way, size);
	if (direction == TRACE_FROM_COMMAND)
		make_way(watch, data, size);
}

void
watch_fds(struct watch *watch, enum trace_direction direction,
    const int *fds, size_t count)
{
	struct trace_event event = {
		.kind = TRACE_FDS, .direction = direction, .fd_count = count
	};

	int saved_errno = errno;

	if (!trace_is_open(&watch->trace))
		return;
	targets_find(watch->targets, fds, count);
	errno = saved_errno;
	event.fds = watch->targets->fds;
	tell_late(watch);
	tell(watch, &event);
}

void
watch_passed(struct watch *watch, enum trace_direction direction,
    uint64_t came, uint64_t refused)
{
	way_of(watch, direction)->descriptors = came;
	way_of(watch, direction)->refused = refused;
}

void
watch_note(struct watch *watch, enum trace_kind kind,
    enum trace_direction direction)
{
	struct trace_event event = { .kind = kind, .direction = direction };

	tell_late(watch);
	tell(watch, &event);
}

void
watch_eof(struct watch *watch, enum trace_direction direction, bool told)
{
	struct trace_event event = {
		.kind = TRACE_EOF, .direction = direction, .told = told
	};

	tell_late(watch);
	tell(watch, &event);
}

void
watch_undelivered(struct watch *watch, enum trace_direction direction,
    uint64_t size, uint64_t behind)
{
	struct stats_way *way = way_of(watch, direction);
	struct trace_event event = {
		.kind = TRACE_UNDELIVERED, .direction = direction,
		.size = (size_t)size,
		.offset = way->bytes - behind - size,
	};

	if (size == 0)
		return;
	way->undelivered += size;
	tell(watch, &event);
}

void
watch_unkept(struct watch *watch, enum trace_direction direction,
    uint64_t size)
{
	stats_count(way_of(watch, direction), (size_t)size);
	watch_undelivered(watch, direction, size, 0);
}

void
watch_signal(struct watch *watch, int number)
{
	if (watch->signal_count < WATCH_SIGNALS)
		watch->signals[watch->signal_count++] = number;
	if (!watch->is_writing)
		tell_late(watch);
}

void
watch_timeout(struct watch *watch, int64_t duration)
{
	watch->late_timeout = duration;
	if (!watch->is_writing)
		tell_late(watch);
}

bool
watch_needs_bytes(const struct watch *watch)
{
	return watch->trace.count > 0;
}

/* Add what a direction has waited so far, if it still waits. */
static void
settle_blocked(struct watch *watch, enum trace_direction direction,
    int64_t now)
{
	int64_t *since = &watch->blocked_since[direction];

	if (*since == 0)
		return;
	way_of(watch, direction)->blocked += now - *since;
	*since = now;
}

/* Bring the totals up to date. */
static void
settle(struct watch *watch)
{
	int64_t now = clock_now();

	settle_blocked(watch, TRACE_TO_COMMAND, now);
	settle_blocked(watch, TRACE_FROM_COMMAND, now);
	watch->stats.duration = now - watch->started;
}

void
watch_blocked(struct watch *watch, enum trace_direction direction,
    bool is_blocked)
{
	int64_t *since = &watch->blocked_since[direction];
	int64_t now;

	if (is_blocked == (*since != 0))
		return;
	now = clock_now();
	settle_blocked(watch, direction, now);
	*since = is_blocked ? now : 0;
}

int64_t
watch_deadline(const struct watch *watch)
{
	return watch->has_meter ? watch->draw_at : DEADLINE_NEVER;
}

void
watch_draw(struct watch *watch, int64_t now)
{
	int saved_errno = errno;

	if (now < watch_deadline(watch))
		return;
	watch->stats.duration = now - watch->started;
	if (!watch->is_mid_line)
		progress_draw(&watch->meter, &watch->stats);
	watch->draw_at = deadline_after(now, DRAW_AFTER);
	errno = saved_errno;
}

void
watch_clear(struct watch *watch)
{
	int saved_errno = errno;

	if (watch->has_meter)
		progress_clear(&watch->meter);
	errno = saved_errno;
}

void
watch_print(struct watch *watch)
{
	char text[STATS_TEXT_MAX];

	watch_clear(watch);
	settle(watch);
	stats_format_way(&watch->stats, &watch->stats.to_command,
	    watch->run.peer == NULL ? "standard input" : "peer to command",
	    text);
	diag_print("%s", text);
	stats_format_way(&watch->stats, &watch->stats.from_command,
	    watch->run.peer == NULL ? "standard output" : "command to peer",
	    text);
	diag_print("%s", text);
}

void
watch_tell_failures(struct watch *watch)
{
	const struct sink *sink;

	while ((sink = trace_failed(&watch->trace)) != NULL) {
		watch_clear(watch);
		diag_print("cannot write '%s': %s", sink->name,
		    strerror(sink->error));
		watch->failed = true;
	}
}

void
watch_ended_by(struct watch *watch, int number)
{
	watch->ended_by = number;
}

static void
tell_ended_by(struct watch *watch)
{
	struct trace_event event = {
		.kind = TRACE_SIGNAL, .signal = watch->ended_by
	};

	if (watch->ended_by != 0)
		tell(watch, &event);
}

void
watch_finish(struct watch *watch, int wait_status, int peer_status)
{
	struct trace_event event = {
		.kind = TRACE_EXIT,
		.wait_status = wait_status,
		.peer_status = peer_status,
		.stats = &watch->stats,
	};

	watch_clear(watch);
	watch->has_meter = false;
	settle(watch);
	watch->blocked_since[TRACE_TO_COMMAND] = 0;
	watch->blocked_since[TRACE_FROM_COMMAND] = 0;
	tell_late(watch);
	tell_ended_by(watch);
	tell(watch, &event);
	trace_finish(&watch->trace);
	watch_tell_failures(watch);
	if (watch->wants_stats)
		watch_print(watch);
}

void
watch_not_run(struct watch *watch, int status, int error, int peer_status)
{
	struct trace_event event = {
		.kind = TRACE_EXIT,
		.wait_status = status << 8,
		.peer_status = peer_status,
		.error = error,
		.stats = &watch->stats,
	};

	watch->has_meter = false;
	/* Signals are blocked here: wait for no reader. */
	watch->trace.wait.is_over = true;
	tell(watch, &event);
	trace_finish(&watch->trace);
	watch_tell_failures(watch);
}

void
watch_free(struct watch *watch)
{
	trace_free(&watch->trace);
	free(watch->targets);
}
