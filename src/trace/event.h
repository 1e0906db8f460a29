/* SPDX-License-Identifier: MIT */
/* The events of a run.  Every trace has all of them, whatever its format. */
#ifndef EVENT_H
#define EVENT_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fd-list.h"
#include "trace/stats.h"

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

/* Descriptors in one event, at most: SCM_MAX_FD of Linux, see unix(7). */
#define TRACE_FDS_MAX 253

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

/* What an event of kind is called: "start", "data" and so on. */
const char *trace_kind_name(enum trace_kind kind);

#endif
