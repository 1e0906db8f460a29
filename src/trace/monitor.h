/* SPDX-License-Identifier: MIT */
/*
 * The traces and the totals of a relay.  If the user wants neither, there is no
 * monitor, and nothing is measured, stamped or copied.
 */
#ifndef MONITOR_H
#define MONITOR_H

#include <sys/types.h>

#include "plan/plan.h"
#include "trace/fd-info.h"
#include "trace/progress.h"
#include "trace/stats.h"
#include "trace/trace.h"

/* Bytes: no message is larger, see MESSAGE_LARGEST. */
#define MONITOR_LARGEST ((size_t)5 << 20)

struct monitor {
	struct trace_run run;
	struct trace trace;
	struct fd_info *fd_info;	/* owned: of the set told of last */
	struct stats stats;
	bool wants_stats;	/* lines at the end, and on SIGUSR1 */
	bool has_meter;		/* on a terminal */
	struct progress meter;
	bool shares_terminal;	/* standard output is on a terminal, too */
	bool is_mid_line;	/* and what was written there goes on */
	int64_t draw_at;	/* time when it is drawn next */
	bool failed;		/* a trace was lost; a line has said so */
	int64_t started;	/* time, as of clock.h */
	int64_t blocked_since[3];	/* time, by direction; 0: it is not */
	int ended_by;		/* a signal that ends us, or 0 */
};

/* Whether plan has anybody look. */
bool monitor_is_wanted(const struct plan *plan);

/*
 * Open the traces of plan, which is borrowed.  Opening a FIFO waits for its
 * reader.  Nothing is written to the traces before monitor_start().  Their
 * descriptors have none of the numbers chosen for the command.
 * Returns 0, or -1 after a message; free it all the same.
 */
int monitor_open(struct monitor *monitor, const struct plan *plan);

/* The pair has been made, and keeps boundaries or not. */
void monitor_set_type(struct monitor *monitor, const char *type, bool messages);

/*
 * Each is told to every trace.  Directions are TRACE_TO_COMMAND and
 * TRACE_FROM_COMMAND.
 */
void monitor_start(struct monitor *monitor, pid_t pid);
/* A piece of a stream, or a message, was read: before it is written. */
void monitor_piece(struct monitor *monitor, enum trace_direction direction,
    const void *data, size_t size);
/* Descriptors came with what is read next: before that is told. */
void monitor_fds(struct monitor *monitor, enum trace_direction direction,
    const int *fds, size_t count);
/* So many of them came in all, and could not be passed on. */
void monitor_passed(struct monitor *monitor, enum trace_direction direction,
    uint64_t came, uint64_t refused);
/* One of the events that say no more than that they happened. */
void monitor_note(struct monitor *monitor, enum trace_kind kind,
    enum trace_direction direction);
/* All is delivered; told says whether the reader could be told. */
void monitor_eof(struct monitor *monitor, enum trace_direction direction,
    bool told);
/*
 * size bytes that monitor knows of will not be delivered; behind bytes came
 * after them in the same direction.
 */
void monitor_undelivered(struct monitor *monitor,
    enum trace_direction direction, uint64_t size, uint64_t behind);
/*
 * The same for a message that was never kept, and never passed to
 * monitor_piece().  size is what was read of it.
 */
void monitor_unkept(struct monitor *monitor, enum trace_direction direction,
    uint64_t size);
void monitor_signal(struct monitor *monitor, int number);
void monitor_timeout(struct monitor *monitor, int64_t duration);

/*
 * Whether a trace has still to write something; false if monitor is NULL.  The
 * relay must not read more then, so a trace whose reader is slow holds up the
 * writer just as a slow reader of the relayed data does.
 */
bool monitor_is_behind(const struct monitor *monitor);

/*
 * Write on, as trace_read_slots() does; what poll(2) is asked is of the trace.
 * True if something was written.
 */
bool monitor_read_slots(struct monitor *monitor, const struct pollfd *slots);

/* Whether the bytes must be seen by us, not only be counted. */
bool monitor_needs_bytes(const struct monitor *monitor);

/* Bytes that were taken unseen; 0 is no piece. */
void monitor_count(struct monitor *monitor, enum trace_direction direction,
    size_t size);

/* The direction waits for its reader, or does so no more. */
void monitor_blocked(struct monitor *monitor, enum trace_direction direction,
    bool is_blocked);

/* When the meter is to be drawn next, as of clock.h. */
int64_t monitor_deadline(const struct monitor *monitor);

/* Draw the meter, if now is the time. */
void monitor_draw(struct monitor *monitor, int64_t now);

/* Take the meter away, before somebody else writes where it is. */
void monitor_clear(struct monitor *monitor);

/* A line on standard error for each direction. */
void monitor_print(struct monitor *monitor);

/* Tell of every trace that has failed since, in a line each. */
void monitor_report_failures(struct monitor *monitor);

/* A signal ends us: to be traced at the end. */
void monitor_ended_by(struct monitor *monitor, int number);

/*
 * The command was reaped with wait_status, and a second one, if there is one,
 * with peer_status; all is over, but for what the traces have still to write.
 */
void monitor_finish(struct monitor *monitor, int wait_status, int peer_status);

/* All that can be written is: report what failed, and the totals. */
void monitor_report(struct monitor *monitor);

/* The greatest descriptor that the traces are written to, or -1. */
int monitor_greatest_fd(const struct monitor *monitor);

/*
 * Instead of monitor_start() and monitor_finish(): the command could not be run
 * because of error, an errno.  status is our own exit status.  peer_status is
 * that of a second command, which has ended.
 */
void monitor_not_run(struct monitor *monitor, int status, int error,
    int peer_status);

void monitor_free(struct monitor *monitor);

#endif
