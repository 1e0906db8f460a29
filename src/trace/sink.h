/* SPDX-License-Identifier: MIT */
/*
 * A sink is a file that events are written to in one format.  A format is a row
 * of the table in sink-format.c, with three functions in a file of its own.
 */
#ifndef SINK_H
#define SINK_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pages.h"
#include "base/textbuf.h"
#include "plan/names.h"
#include "trace/event.h"

struct sink;

struct sink_format {
	/*
	 * Called before the command starts: allocate the state, and put the
	 * head of the file into the record, which is written with the first
	 * event.  Write nothing yet: SIGPIPE and SIGXFSZ would still end the
	 * program.  Returns 0, or -1 with errno ENOMEM.
	 */
	int (*start)(struct sink *sink);
	/* Write event.  Nothing is allocated. */
	void (*event)(struct sink *sink, const struct trace_event *event);
	bool shows_wire;	/* with --wire: the bytes, not the messages */
	/* Write the end of the file; NULL if the format has none. */
	void (*finish)(struct sink *sink);
};

/* How a sink writes.  The defaults, of sink_options_init(), come last. */
struct sink_options {
	enum trace_format format;	/* FORMAT_BY_ENDING */
	bool append;		/* keep what is in the file; false */
	unsigned int events;	/* those shown: bits by kind; TRACE_ALL */
	size_t largest;		/* bytes of the largest piece; 65536 */
	size_t snaplen;		/* bytes shown of a piece; SIZE_MAX */
	/* Text and hexadecimal. */
	bool utf8;		/* the user's locale has UTF-8; false */
	bool color;		/* false */
	enum time_style time;	/* TIME_REL */
	/* pcapng. */
	uint16_t port;		/* the command's; 50001 */
};

/* How the file is written. */
enum sink_method {
	SINK_PLAIN,		/* ours alone, or poll(2) never reports room */
	SINK_NOWAIT,		/* shared: with RWF_NOWAIT */
	SINK_POLLED,		/* shared, without RWF_NOWAIT: after poll(2) */
};

struct sink {
	const struct sink_format *format;
	struct sink_options options;
	const struct trace_run *run;	/* borrowed */
	const char *name;	/* borrowed: the file's name, for messages */
	int fd;			/* owned; -1 once closed */
	enum sink_method method;
	bool is_polled;		/* poll(2) reports room in the file */
	int64_t waits_since;	/* time of the last progress, see clock.h */
	int64_t retry_at;	/* time to call sink_push() even if poll(2) */
				/* reports nothing, or DEADLINE_NEVER */
	unsigned int refusals;	/* writes in a row that failed with EAGAIN */
	bool in_lines;		/* others write lines to the file, too */
	int error;		/* errno of the failure that closed it; or 0 */
	bool told;		/* trace_failed() has returned it */
	bool is_ending;		/* to be closed once all is written */
	struct pages pages;	/* owned: memory of the record */
	struct textbuf record;	/* the output of one or more events */
	size_t written;		/* bytes of it that are in the file */
	void *state;		/* owned: the format's own, or NULL */
};

/* Indexed by enum trace_format. */
extern const struct sink_format sink_formats[];

void sink_options_init(struct sink_options *options);

/* The format that the ending of path selects; case is ignored. */
enum trace_format sink_format_of_file(const char *path);

/*
 * Make a sink of fd, which the sink will close, and start its format.  own
 * means that no other process shares the open file description.  Nothing is
 * written to fd yet.  Returns 0; or -1 with errno ENOMEM, and fd is not closed.
 */
int sink_open(struct sink *sink, int fd, bool own, const char *name,
    const struct sink_options *options, const struct trace_run *run);

/* Whether part of the record has still to be written. */
bool sink_is_behind(const struct sink *sink);

/* The slot for poll(2), to wait for room if the sink is behind. */
struct pollfd sink_slot(const struct sink *sink);

/*
 * Write as much of the record as there is room for.  May block only if others
 * share the file and RWF_NOWAIT does not work, or if poll(2) never reports room
 * in it: see sink.c.
 */
void sink_push(struct sink *sink);

/* Do not wait for the reader: if the sink is behind, it fails with EAGAIN. */
void sink_give_up(struct sink *sink);

/* Write the end of the format.  The file is closed once all is written. */
void sink_finish(struct sink *sink);

void sink_free(struct sink *sink);

/* The functions below are called by the formats, or defined by them. */

/*
 * Make sure that the record has room for size bytes more.  There is always room
 * for one event.  If too many events come while the reader takes nothing, the
 * sink fails with ENOBUFS, and the record is cleared.
 */
void sink_reserve(struct sink *sink, size_t size);

/* The record is complete: write as much of it as there is room for. */
void sink_flush(struct sink *sink);

/* How many of the size bytes of a piece are shown. */
size_t sink_shown(const struct sink *sink, size_t size);

int text_start(struct sink *sink);
void text_event(struct sink *sink, const struct trace_event *event);

int json_start(struct sink *sink);
void json_event(struct sink *sink, const struct trace_event *event);
void json_finish(struct sink *sink);

int pcapng_start(struct sink *sink);
void pcapng_event(struct sink *sink, const struct trace_event *event);
void pcapng_finish(struct sink *sink);

#endif
