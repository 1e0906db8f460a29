/* SPDX-License-Identifier: MIT */
/*
 * A sink is a file that events are written to in some format.  A format is a
 * row of the table in sink.c, with three functions in a file of its own.
 */
#ifndef SINK_H
#define SINK_H

#include <sys/uio.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/textbuf.h"
#include "plan/names.h"
#include "trace/event.h"

struct sink;

struct sink_format {
	const char *endings;	/* of files: ".a", or ".a .b"; "" for none */
	/*
	 * Before the command starts: allocate the state, and put the head of
	 * the file into the record, which the first event writes.  Nothing is
	 * written yet: SIGPIPE and SIGXFSZ would still end the program.
	 * Returns 0, or -1 with errno ENOMEM.
	 */
	int (*start)(struct sink *sink);
	/* Write event.  Nothing is allocated. */
	void (*event)(struct sink *sink, const struct trace_event *event);
	/* Write what the file ends with. */
	void (*finish)(struct sink *sink);
};

/* How a sink is to write; sink_options_init() gives the defaults. */
struct sink_options {
	enum trace_format format;	/* FORMAT_BY_ENDING */
	bool append;		/* to what is in the file */
	size_t snaplen;		/* show so many bytes of a piece; SIZE_MAX */
	/* Text and hexadecimal. */
	bool utf8;		/* the reader's locale has UTF-8; false */
	bool beside;		/* text beside hexadecimal; false */
	bool color;		/* false */
	enum time_style time;	/* TIME_REL */
	/* pcapng. */
	uint16_t port;		/* the command's; 50001 */
};

/* How sinks wait for a reader that does not keep up. */
struct sink_wait {
	/*
	 * Wait until poll(2) reports that fd may have room (never if fd is -1),
	 * until deadline (clock.h), or until something happens that the sink
	 * has to check.  The sink calls it again if it must wait longer; it has
	 * waited since then.  The caller handles signals here: it may end the
	 * program, but not call trace_event().  False if this sink must not
	 * wait any longer.
	 */
	bool (*until_writable)(void *argument, int fd, int64_t since,
	    int64_t deadline);
	void *argument;
	bool is_over;	/* set by the caller: fail instead of waiting */
};

struct sink {
	const struct sink_format *format;
	struct sink_options options;
	const struct trace_run *run;	/* borrowed */
	const struct sink_wait *wait;	/* borrowed */
	const char *name;	/* borrowed: of the file, for messages */
	int fd;			/* owned; -1 once closed */
	bool own;		/* nobody shares the file's description */
	bool is_polled;		/* poll(2) reports room in the file */
	int64_t waits_since;	/* time of the last progress, see clock.h */
	bool no_nowait;		/* RWF_NOWAIT does not work here */
	bool in_lines;		/* others write lines there, too */
	int error;		/* errno of what closed it; 0 */
	bool told;		/* trace_failed() has returned it */
	struct textbuf record;	/* owned: what is being made */
	void *state;		/* owned: the format's own, or NULL */
};

void sink_options_init(struct sink_options *options);

/* The format for a file called path: by its ending, else text. */
enum trace_format sink_format_of_file(const char *path);

/*
 * Make a sink of fd, which the sink will close, and start its format.  own says
 * that nobody else shares the file's description.  Nothing is written to fd
 * yet.  Returns 0; or -1 with errno ENOMEM, and fd is
 * not closed.
 */
int sink_open(struct sink *sink, int fd, bool own, const char *name,
    const struct sink_options *options, const struct trace_run *run,
    const struct sink_wait *wait);

/* Write what ends the format, and close the file. */
void sink_finish(struct sink *sink);

void sink_free(struct sink *sink);

/* For the formats. */

/*
 * The record that is being made in sink->record is written by sink_flush() in
 * one write(2), or, in_lines, in as few as keep lines whole.  It has room for
 * every record of a piece of 64 KiB; a larger one is made in parts, with
 * sink_reserve() before each.
 */
#define SINK_RECORD_MAX ((size_t)1 << 20)	/* bytes */

/* Make sure that size more bytes fit, or write what there is. */
void sink_reserve(struct sink *sink, size_t size);

/* Write the record that has been made, whole, and begin anew. */
void sink_flush(struct sink *sink);

/*
 * Write the count parts in one writev(2), unless it is cut short; parts is
 * used up.  Waits while the reader is slow.  A sink that has failed takes
 * everything and does nothing.
 */
void sink_write(struct sink *sink, struct iovec *parts, int count);

/* How many bytes of event's data are to be shown. */
size_t sink_shown(const struct sink *sink, const struct trace_event *event);

int text_start(struct sink *sink);
int hex_start(struct sink *sink);
void text_event(struct sink *sink, const struct trace_event *event);
void text_finish(struct sink *sink);

int json_start(struct sink *sink);
void json_event(struct sink *sink, const struct trace_event *event);
void json_finish(struct sink *sink);

int pcapng_start(struct sink *sink);
void pcapng_event(struct sink *sink, const struct trace_event *event);
void pcapng_finish(struct sink *sink);

#endif
