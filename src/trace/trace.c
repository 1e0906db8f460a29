/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "trace/trace.h"

static void
read_clocks(int64_t *real, int64_t *monotonic)
{
	*real = clock_read(CLOCK_REALTIME);
	*monotonic = clock_now();
}

void
trace_note_sinks(struct trace *trace)
{
	const struct sink *sink;
	size_t i;

	trace->is_behind = false;
	trace->wanted = 0;
	trace->retry_at = trace->waits_since = DEADLINE_NEVER;
	for (i = 0; i < trace->count; i++) {
		sink = &trace->sinks[i];
		if (sink->fd != -1)
			trace->wanted |= sink->options.events;
		if (!sink_is_behind(sink))
			continue;
		trace->is_behind = true;
		trace->retry_at = deadline_sooner(trace->retry_at,
		    sink->retry_at);
		trace->waits_since = deadline_sooner(trace->waits_since,
		    sink->waits_since);
	}
}

void
trace_init(struct trace *trace, const struct trace_run *run)
{
	*trace = (struct trace){
		.run = run,
		.read_clocks = read_clocks,
	};
	trace_note_sinks(trace);
}

static void
stamp_event(struct trace *trace, struct trace_event *event)
{
	int64_t monotonic;

	trace->read_clocks(&event->real, &monotonic);
	if (!trace->is_started) {
		trace->started = monotonic;
		trace->is_started = true;
	}
	event->since = monotonic - trace->started;
}

/* Whether kind is one of events, a set. */
static bool
has_kind(unsigned int events, enum trace_kind kind)
{
	return events >> kind & 1;
}

bool
trace_wants(const struct trace *trace, enum trace_kind kind)
{
	return has_kind(trace->wanted, kind);
}

/*
 * Whether a sink shows event.  With --wire some formats show the messages, and
 * others the bytes of the stream.
 */
static bool
is_for_sink(const struct trace *trace, const struct sink *sink,
    const struct trace_event *event)
{
	if (sink->fd == -1 || !has_kind(sink->options.events, event->kind))
		return false;
	return trace->run->wire == NULL ||
	    !has_kind(TRACE_BYTES, event->kind) ||
	    event->is_wire == sink->format->shows_wire;
}

void
trace_event(struct trace *trace, struct trace_event *event)
{
	struct sink *sink;
	size_t i;

	if (trace->is_started && !trace_wants(trace, event->kind))
		return;
	stamp_event(trace, event);
	for (i = 0; i < trace->count; i++) {
		sink = &trace->sinks[i];
		if (is_for_sink(trace, sink, event))
			sink->format->event(sink, event);
	}
	trace_note_sinks(trace);
}

void
trace_fill_slots(const struct trace *trace, struct pollfd *slots)
{
	size_t i;

	for (i = 0; i < trace->count; i++)
		slots[i] = sink_slot(&trace->sinks[i]);
}

bool
trace_read_slots(struct trace *trace, const struct pollfd *slots)
{
	struct sink *sink;
	bool has_written = false;
	int64_t waits_since;
	size_t i;

	for (i = 0; i < trace->count; i++) {
		sink = &trace->sinks[i];
		if (!sink_is_behind(sink) || (slots[i].revents == 0 &&
		    clock_now() < sink->retry_at))
			continue;
		waits_since = sink->waits_since;
		sink_push(sink);
		has_written |= sink->waits_since != waits_since;
	}
	trace_note_sinks(trace);
	return has_written;
}

void
trace_give_up(struct trace *trace)
{
	size_t i;

	for (i = 0; i < trace->count; i++)
		sink_give_up(&trace->sinks[i]);
	trace_note_sinks(trace);
}

const struct sink *
trace_failed(struct trace *trace)
{
	struct sink *sink;
	size_t i;

	for (i = 0; i < trace->count; i++) {
		sink = &trace->sinks[i];
		if (sink->error != 0 && !sink->told) {
			sink->told = true;
			return sink;
		}
	}
	return NULL;
}

void
trace_finish(struct trace *trace)
{
	size_t i;

	for (i = 0; i < trace->count; i++)
		sink_finish(&trace->sinks[i]);
	trace_note_sinks(trace);
}

void
trace_free(struct trace *trace)
{
	size_t i;

	for (i = 0; i < trace->count; i++)
		sink_free(&trace->sinks[i]);
	free(trace->sinks);
	trace->sinks = NULL;
	trace->count = 0;
}
