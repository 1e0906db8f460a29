/* SPDX-License-Identifier: MIT */
/*
 * For unit tests of traces: a run, a clock that moves a millisecond an event,
 * and a sink whose file is read back.
 */
#ifndef SINKS_H
#define SINKS_H

#include <sys/stat.h>

#include "trace/trace.h"
#include "tap.h"

#define SINKS_REAL INT64_C(1768478400000000000)	/* 2026-01-15T12:00:00Z */

static int64_t sinks_now;

static inline void
sinks_read_clocks(int64_t *real, int64_t *monotonic)
{
	*real = SINKS_REAL + sinks_now;
	*monotonic = INT64_C(77000000000) + sinks_now;
	sinks_now += 1000000;
}

/* A trace into one file. */
struct sinks {
	struct trace trace;
	struct trace_run run;
	struct sink_options options;
	struct fd_list fds;
	int numbers[2];
	char *command[3];
	uint64_t to_command;	/* bytes so far, */
	uint64_t from_command;	/* each way */
	char path[40];
	char *content;		/* owned: of the file, NUL added */
	size_t size;
};

/* A stream's trace; change what should be different, then open it. */
static inline void
sinks_init(struct sinks *sinks, const char *format)
{
	static char program[] = "cat";
	static char argument[] = "a b";
	int value;

	*sinks = (struct sinks){
		.numbers = { 0, 1 },
		.command = { program, argument, NULL },
		.path = "/tmp/sockpair-unit.XXXXXX",
	};
	sinks->fds = (struct fd_list){ sinks->numbers, 2 };
	sinks->run = (struct trace_run){
		.command = sinks->command, .type = "stream",
		.fds = &sinks->fds,
	};
	sink_options_init(&sinks->options);
	sinks->options.largest = 5 << 20;
	need(names_value(format_names, format, &value), "a format");
	sinks->options.format = (enum trace_format)value;
	trace_init(&sinks->trace, &sinks->run);
	sinks->trace.read_clocks = sinks_read_clocks;
	sinks_now = 0;
}

static inline void
sinks_open(struct sinks *sinks)
{
	int fd = mkstemp(sinks->path);

	need(fd != -1, "mkstemp");
	close(fd);
	need(trace_open_file(&sinks->trace, sinks->path, &sinks->options) == 0,
	    "trace_open_file");
}

/* The trace goes to a descriptor in place of a file. */
static inline void
sinks_open_fd(struct sinks *sinks, int fd, const char *name)
{
	need(trace_open_fd(&sinks->trace, fd, name, &sinks->options) == 0,
	    name);
}

/* One more event; nothing but its kind and direction is set. */
static inline void
sinks_event(struct sinks *sinks, enum trace_kind kind,
    enum trace_direction direction)
{
	struct trace_event event = { .kind = kind, .direction = direction };

	trace_event(&sinks->trace, &event);
}

/* The command begins to run. */
static inline void
sinks_begin(struct sinks *sinks)
{
	struct trace_event event = { .kind = TRACE_START, .pid = 4242 };

	trace_event(&sinks->trace, &event);
}

/* Write what is left, as the readers make room. */
static inline void
sinks_write_all(struct trace *trace)
{
	struct pollfd slots[8];

	need(trace->count <= sizeof(slots) / sizeof(slots[0]), "slots");
	while (trace->is_behind) {
		trace_fill_slots(trace, slots);
		need(poll(slots, trace->count, 10) != -1, "poll");
		(void)trace_read_slots(trace, slots);
	}
}

/* One more piece, or the first message, of size bytes. */
static inline void
sinks_data(struct sinks *sinks, enum trace_direction direction,
    const void *data, size_t size)
{
	uint64_t *offset = direction == TRACE_TO_COMMAND ?
	    &sinks->to_command : &sinks->from_command;
	struct trace_event event = {
		.kind = sinks->run.messages ? TRACE_MESSAGE : TRACE_DATA,
		.direction = direction,
		.data = data,
		.size = size,
		.offset = *offset,
		.number = 1,
	};

	trace_event(&sinks->trace, &event);
	*offset += size;
}

/* The command has ended. */
static inline void
sinks_exit(struct sinks *sinks, int wait_status)
{
	static const struct stats stats = {
		.to_command = { .bytes = 68, .pieces = 1 },
		.from_command = { .bytes = 70, .pieces = 2 },
		.duration = 1002400000,
	};
	struct trace_event event = {
		.kind = TRACE_EXIT,
		.wait_status = wait_status,
		.stats = &stats,
	};

	trace_event(&sinks->trace, &event);
}

/* Finish the trace; content and size are then those of its file. */
static inline void
sinks_close(struct sinks *sinks)
{
	struct stat status;
	int fd;

	trace_finish(&sinks->trace);
	sinks_write_all(&sinks->trace);
	fd = open(sinks->path, O_RDONLY);
	need(fd != -1 && fstat(fd, &status) == 0, sinks->path);
	sinks->size = (size_t)status.st_size;
	sinks->content = calloc(1, sinks->size + 1);
	need(sinks->content != NULL && read(fd, sinks->content, sinks->size) ==
	    (ssize_t)sinks->size, "read");
	close(fd);
	unlink(sinks->path);
}

static inline void
sinks_free(struct sinks *sinks)
{
	trace_free(&sinks->trace);
	free(sinks->content);
}

#endif
