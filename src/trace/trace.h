/* SPDX-License-Identifier: MIT */
/*
 * A trace writes each event of a run to every open sink (sink.h) as it happens.
 * It never changes what is relayed.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/sink.h"

struct trace {
	const struct trace_run *run;	/* borrowed */
	struct sink *sinks;		/* owned */
	size_t count;			/* of sinks */
	int64_t started;		/* CLOCK_MONOTONIC; see is_started */
	bool is_started;

	/* Of all sinks; the functions below keep these up to date. */
	unsigned int wanted;		/* the set of kinds that sinks show */
	bool is_behind;			/* at least one is behind */
	int64_t retry_at;		/* time to call trace_read_slots(), */
					/* even if poll(2) reports nothing */
	int64_t waits_since;		/* time of the last progress of the */
					/* sink that has waited longest */

	/* The clocks, in nanoseconds; tests may set it. */
	void (*read_clocks)(int64_t *real, int64_t *monotonic);
};

/* A trace of run without a sink.  run must stay until trace_free(). */
void trace_init(struct trace *trace, const struct trace_run *run);

/*
 * Add a sink that writes to the file path, which is created with mode 0600 if
 * it does not exist.  Opening a FIFO waits for its reader.  "-", "/dev/stdout",
 * "/dev/stderr", "/dev/fd/N" and "/proc/self/fd/N" name a descriptor that the
 * program was started with; it is used as by trace_open_inherited().  The
 * sink's descriptor is close-on-exec.  If options give no format, the ending of
 * path selects it.  path is borrowed until trace_free(), options are copied.
 * All memory for the sink is allocated here; nothing is written before the
 * first event.
 * Returns 0, or -1 with errno: that of open(2); EBADF if the descriptor is not
 * open for writing; or ENOMEM.
 */
int trace_open_file(struct trace *trace, const char *path,
    const struct sink_options *options);

/*
 * The same for a duplicate of fd, which the caller keeps.  Other processes may
 * share fd, so its description is never made non-blocking or truncated.  name
 * is for messages, and its ending may select the format.
 */
int trace_open_fd(struct trace *trace, int fd, const char *name,
    const struct sink_options *options);

/*
 * The same for an fd that the program was started with; with errno EBADF if it
 * was not, or if fd is not open for writing.
 */
int trace_open_inherited(struct trace *trace, int fd, const char *name,
    const struct sink_options *options);

/* Whether an open sink shows events of this kind. */
bool trace_wants(const struct trace *trace, enum trace_kind kind);

/*
 * Stamp event with the time, and write it to every open sink that shows events
 * of its kind.  Times count from the first event, shown or not.  A sink without
 * room keeps the event in memory.  A sink that cannot be written to is closed;
 * the others go on.
 */
void trace_event(struct trace *trace, struct trace_event *event);

/* Fill in trace->count slots for poll(2): the room that each sink waits for. */
void trace_fill_slots(const struct trace *trace, struct pollfd *slots);

/*
 * Write more to the sinks for which poll(2) reports something in slots, and to
 * those whose time to retry has come.  True if something was written.
 */
bool trace_read_slots(struct trace *trace, const struct pollfd *slots);

/* Stop waiting for slow readers: every sink that is behind fails. */
void trace_give_up(struct trace *trace);

/*
 * Returns a sink that has failed and has not been returned before; or NULL.
 * The caller calls this after each event and after trace_finish().
 */
const struct sink *trace_failed(struct trace *trace);

/* End each format, and close every sink once all is written. */
void trace_finish(struct trace *trace);

void trace_free(struct trace *trace);

/* For trace-open.c: compute the members that are of all sinks. */
void trace_note_sinks(struct trace *trace);

#endif
