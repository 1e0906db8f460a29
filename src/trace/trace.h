/* SPDX-License-Identifier: MIT */
/*
 * Traces: what happens in a run, told as it happens to every sink that is open
 * (sink.h).  A trace never changes what is relayed.
 */
#ifndef TRACE_H
#define TRACE_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/parse.h"
#include "trace/stats.h"

struct sink;
struct sink_options;

/*
 * Each has a name, the same in every format: see trace_kind_name().  writer and
 * reader are those of the event's direction.
 */
enum trace_kind {
	TRACE_START,		/* the command runs */
	TRACE_DATA,		/* a piece of a stream was read */
	TRACE_MESSAGE,		/* a whole message was read */
	TRACE_FDS,		/* descriptors that come with what follows */
	TRACE_EOF,		/* the writer ended, and all is delivered */
	TRACE_SHUTDOWN,		/* the command reads no more; or, from a */
				/* command, it is told that nobody reads */
	TRACE_RESET,		/* the reader closed with bytes unread */
	TRACE_GONE,		/* the reader went away; of two commands: */
				/* it reads no more */
	TRACE_SIGNAL,		/* a signal was passed on to the command; */
				/* or, without a direction, ends us */
	TRACE_TIMEOUT,		/* --timeout ends the command, or both */
	TRACE_UNDELIVERED,	/* was read and could not be written */
	TRACE_EXIT,		/* the command was reaped, all is over */
};

/* Which direction an event is about; its writer and reader follow from it. */
enum trace_direction {
	TRACE_NEITHER,
	TRACE_TO_COMMAND,
	TRACE_FROM_COMMAND,
};

enum trace_mode { TRACE_NO_MODE, TRACE_READ, TRACE_WRITE, TRACE_BOTH };

/* A descriptor that was passed. */
struct trace_fd {
	int number;		/* while it is ours */
	enum trace_mode mode;	/* TRACE_NO_MODE: a socket, or not known */
	const char *target;	/* borrowed: as in /proc/self/fd, see proc(5) */
};

/* What holds for the whole run, known before the command starts. */
struct trace_run {
	char *const *command;		/* its argv, NULL at the end */
	const char *type;		/* of the pair, for people: "stream" */
	bool messages;			/* a piece is a message */
	const struct fd_list *fds;	/* where the command's end is */
	const char *peer;		/* the other command, or NULL */
};

/*
 * One event of any kind; the caller fills in what its kind has, and leaves the
 * rest 0.  Everything is borrowed for the call.
 */
struct trace_event {
	enum trace_kind kind;
	enum trace_direction direction;

	/* Stamped by trace_event(), in nanoseconds. */
	int64_t real;		/* CLOCK_REALTIME */
	int64_t since;		/* CLOCK_MONOTONIC, from the first event on */

	/* DATA, MESSAGE, UNDELIVERED. */
	const void *data;	/* the bytes; of UNDELIVERED not used */
	size_t size;		/* how many */
	uint64_t offset;	/* of the first in all that go this way */
	uint64_t number;	/* of the MESSAGE this way, from 1 on */

	const struct trace_fd *fds;	/* FDS */
	size_t fd_count;

	bool told;		/* EOF: the reader could be told of it */
	pid_t pid;		/* START: the command's */
	int signal;		/* SIGNAL: its number */
	int64_t duration;	/* TIMEOUT: nanoseconds without a byte */

	int wait_status;	/* EXIT: as waitpid(2) gives it; */
	int peer_status;	/* and the same of the run's peer, if any */
	int error;		/* EXIT: errno if it could not be run; or 0 */
	const struct stats *stats;	/* EXIT */
};

/* How sinks wait for a reader that does not keep up. */
struct trace_wait {
	/*
	 * Wait until poll(2) reports that fd may have room (never if fd is -1),
	 * until deadline (clock.h), or until something happens that the sink
	 * has to check.  The sink calls it again if it must wait longer; it has
	 * waited since then.  The caller handles signals here: it may end the
	 * program, but not call trace_event().  False if this sink must not wait
	 * any longer.
	 */
	bool (*until_writable)(void *argument, int fd, int64_t since,
	    int64_t deadline);
	void *argument;
	bool is_over;	/* set by the caller: fail instead of waiting */
};

struct trace {
	const struct trace_run *run;	/* borrowed */
	struct sink *sinks;		/* owned */
	size_t count;			/* of sinks */
	int64_t started;		/* CLOCK_MONOTONIC; see is_started */
	bool is_started;
	struct trace_wait wait;		/* the caller may set it */
	/* The clocks, in nanoseconds; tests may set it. */
	void (*read_clocks)(int64_t *real, int64_t *monotonic);
};

/* What an event of kind is called: "start", "data" and so on. */
const char *trace_kind_name(enum trace_kind kind);

/* A trace of run without a sink.  run must stay until trace_free(). */
void trace_init(struct trace *trace, const struct trace_run *run);

/*
 * Add a sink that writes to the file called path, which is created with mode
 * 0600 if it does not exist.  Opening a FIFO waits for its reader.  "-",
 * "/dev/stdout", "/dev/stderr", "/dev/fd/N" and "/proc/self/fd/N" name a
 * descriptor that the program was started with, which is used as by
 * trace_open_fd().  errno is EBADF if it is not open, or not for writing.  The
 * sink's descriptor is close-on-exec.  If options give no format, path's ending
 * chooses it.  path is borrowed until trace_free(), options are copied.  All
 * that the sink will need is allocated here; nothing is written before the
 * first event.  Returns 0, or -1 with errno: open(2)'s, or ENOMEM.
 */
int trace_open_file(struct trace *trace, const char *path,
    const struct sink_options *options);

/*
 * The same for a duplicate of fd, which stays the caller's.  fd may be shared
 * with other processes, and is never made non-blocking or truncated.  name is
 * for messages, and its ending may choose the format.
 */
int trace_open_fd(struct trace *trace, int fd, const char *name,
    const struct sink_options *options);

/* Whether there is a sink that events would go to. */
bool trace_is_open(const struct trace *trace);

/*
 * Stamp event, and write it to every sink that is open.  Waits for a sink's
 * reader; never loses or delays an event.  A sink that cannot be written to is
 * closed; the others go on.
 */
void trace_event(struct trace *trace, struct trace_event *event);

/*
 * A sink that has failed and has not been returned before, with its name and
 * its error; or NULL.  To be asked after each event, and after the finish.
 */
const struct sink *trace_failed(struct trace *trace);

/* Write what ends each format, and close every sink. */
void trace_finish(struct trace *trace);

void trace_free(struct trace *trace);

#endif
