/* SPDX-License-Identifier: MIT */
/*
 * A sink whose reader takes nothing, so that what is put into it stays in its
 * record, to be looked at.
 */
#ifndef HELD_H
#define HELD_H

#include "trace/sink.h"
#include "every.h"

struct held {
	struct sink sink;
	struct trace_run run;
	struct fd_list fds;
	int numbers[2];
	char *command[2];
};

static inline void
held_open(struct held *held, enum trace_format format)
{
	static char program[] = "cat";
	struct sink_options options;
	int fd = open("/dev/null", O_WRONLY);

	need(fd != -1, "/dev/null");
	*held = (struct held){
		.numbers = { 0, 1 }, .command = { program, NULL },
	};
	held->fds = (struct fd_list){ held->numbers, 2 };
	held->run = (struct trace_run){
		.command = held->command, .type = "stream", .fds = &held->fds,
	};
	sink_options_init(&options);
	options.format = format;
	options.time = TIME_NONE;
	need(sink_open(&held->sink, fd, true, "-", &options, &held->run) == 0,
	    "sink_open");
	/* As if the reader had refused: sink_flush() waits for poll(2). */
	held->sink.refusals = 1;
}

/* Bytes that were read. */
static inline void
held_data(struct held *held, enum trace_direction direction,
    const char *data, size_t size, uint64_t offset)
{
	const struct trace_event event = {
		.kind = TRACE_DATA, .direction = direction,
		.data = data, .size = size, .offset = offset,
	};

	held->sink.format->event(&held->sink, &event);
}

/* An event without bytes. */
static inline void
held_event(struct held *held, enum trace_kind kind,
    enum trace_direction direction)
{
	const struct trace_event event = {
		.kind = kind, .direction = direction,
	};

	held->sink.format->event(&held->sink, &event);
}

/* Forget what was put. */
static inline void
held_clear(struct held *held)
{
	held->sink.record.used = 0;
	held->sink.record.cut = false;
}

static inline void
held_close(struct held *held)
{
	close(held->sink.fd);
	held->sink.fd = -1;
	sink_free(&held->sink);
}

#endif
