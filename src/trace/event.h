/* SPDX-License-Identifier: MIT */
/*
 * The events of a run.  A trace contains all of them, or the kinds that
 * --events names.  "The writer" and "the reader" are those of the event's
 * direction.
 */
#ifndef EVENT_H
#define EVENT_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fd-list.h"
#include "plan/names.h"
#include "trace/stats.h"

/* The direction that an event is about. */
enum trace_direction {
	TRACE_NEITHER,
	TRACE_TO_COMMAND,
	TRACE_FROM_COMMAND,
};

enum trace_mode { TRACE_NO_MODE, TRACE_READ, TRACE_WRITE, TRACE_BOTH };

/* The most descriptors in one event: SCM_MAX_FD of Linux, see unix(7). */
#define TRACE_FDS_MAX 253

/* A descriptor that was passed. */
struct trace_fd {
	int number;		/* its number in our process */
	enum trace_mode mode;	/* TRACE_NO_MODE: a socket, or not known */
	const char *target;	/* borrowed: as in /proc/self/fd, see proc(5) */
};

/* Facts about the whole run, known before the command starts. */
struct trace_run {
	char *const *command;		/* its argv, NULL at the end */
	const char *type;		/* of the pair, for people: "stream" */
	const char *wire;		/* the framing of messages in the */
					/* command's stream, or NULL */
	bool messages;			/* a piece is a message */
	const struct fd_list *fds;	/* where the command's end is */
	const char *peer;		/* the other command, or NULL */
};

/*
 * One event of any kind.  The caller fills in the members that belong to the
 * kind, and leaves the others 0.  All pointers are borrowed for the call.
 */
struct trace_event {
	enum trace_kind kind;
	enum trace_direction direction;

	/* Stamped by trace_event(), in nanoseconds. */
	int64_t real;		/* CLOCK_REALTIME */
	int64_t since;		/* CLOCK_MONOTONIC, since the first event */

	/* DATA, MESSAGE, UNDELIVERED. */
	const void *data;	/* the bytes; not used by UNDELIVERED */
	size_t size;		/* how many */
	uint64_t offset;	/* of the first byte in its direction */
	uint64_t number;	/* of the MESSAGE in its direction, from 1 */
	bool is_wire;		/* DATA: bytes of a stream whose messages are */
				/* events, too; for sinks with shows_wire */

	const struct trace_fd *fds;	/* FDS */
	size_t fd_count;

	bool told;		/* EOF: the reader could be notified */
	pid_t pid;		/* START: the command's */
	int signal;		/* SIGNAL: its number */
	bool from_terminal;	/* SIGNAL: the command got it from there */
	int64_t duration;	/* STALL, TIMEOUT: nanoseconds without a byte */

	int wait_status;	/* EXIT: from waitpid(2) */
	int peer_status;	/* EXIT: the same of run's peer, if any */
	int error;		/* EXIT: errno if it could not be run; or 0 */
	const struct stats *stats;	/* EXIT */
};

#endif
