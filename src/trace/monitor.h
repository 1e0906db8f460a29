/* SPDX-License-Identifier: MIT */
/*
 * The traces, the totals and the meter of a relay.  If the user wants none of
 * them, there is no monitor, and nothing is measured, stamped or copied.
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
	struct fd_info *fd_info;	/* owned: of the descriptors traced */
	struct stats stats;
	bool wants_stats;	/* lines at the end, and on SIGUSR1 */
	bool has_meter;		/* on a terminal */
	struct progress meter;
	bool shares_terminal;	/* standard output is on a terminal, too, */
	bool is_mid_line;	/* and the last line there is not ended */
	int64_t draw_at;	/* time to draw the meter next */
	bool failed;		/* a trace was lost; a line has said so */
	int64_t started;	/* time, as of clock.h */
	int64_t blocked_since[3];	/* time, by direction; 0: it is not */
	int ended_by;		/* a signal that ends sockpair, or 0 */
};

/* Whether plan asks for a trace, totals or the meter. */
bool monitor_is_wanted(const struct plan *plan);

/*
 * Open the traces of plan, which is borrowed.  Opening a FIFO waits for its
 * reader.  Nothing is written to the traces before monitor_start().  Their
 * descriptors have none of the numbers chosen for the command.
 * Returns 0, or -1 after a message; call monitor_free() in either case.
 */
int monitor_open(struct monitor *monitor, const struct plan *plan);

/* The pair has been made; messages says whether it keeps their boundaries. */
void monitor_set_type(struct monitor *monitor, const char *type, bool messages);

/*
 * Each of these writes an event to every trace.  direction is TRACE_TO_COMMAND
 * or TRACE_FROM_COMMAND.
 */

/* The command has been started. */
void monitor_start(struct monitor *monitor, pid_t pid);

/* A piece of a stream, or a message, was read.  Call this before writing it. */
void monitor_piece(struct monitor *monitor, enum trace_direction direction,
    const void *data, size_t size);

/* Descriptors came along.  Call this before monitor_piece() for the data. */
void monitor_fds(struct monitor *monitor, enum trace_direction direction,
    const int *fds, size_t count);

/* An event of a kind that has no other data than its direction. */
void monitor_note(struct monitor *monitor, enum trace_kind kind,
    enum trace_direction direction);

/* The writer has ended; told says whether the reader could be notified. */
void monitor_eof(struct monitor *monitor, enum trace_direction direction,
    bool told);

/*
 * size bytes that were passed to monitor_piece() will not be delivered; behind
 * bytes came after them in the same direction.
 */
void monitor_undelivered(struct monitor *monitor,
    enum trace_direction direction, uint64_t size, uint64_t behind);

/* The same for size bytes that were read but not passed to monitor_piece(). */
void monitor_unkept(struct monitor *monitor, enum trace_direction direction,
    uint64_t size);

/* A signal was passed on to the command. */
void monitor_signal(struct monitor *monitor, int number);

/* Nothing moved for duration nanoseconds, so the command is ended. */
void monitor_timeout(struct monitor *monitor, int64_t duration);

/*
 * Whether a trace has still to write something; false if monitor is NULL.  The
 * relay must not read more then, so a trace whose reader is slow holds up the
 * writer just as a slow reader of the relayed data does.
 */
bool monitor_is_behind(const struct monitor *monitor);

/*
 * Write more to the traces, as trace_read_slots() does.  True if something was
 * written.
 */
bool monitor_read_slots(struct monitor *monitor, const struct pollfd *slots);

/* Whether monitor_piece() needs the bytes; if not, monitor_count() will do. */
bool monitor_needs_bytes(const struct monitor *monitor);

/* size bytes were moved without being read, as one piece; 0 is no piece. */
void monitor_count(struct monitor *monitor, enum trace_direction direction,
    size_t size);

/* How many descriptors came in all, and how many were not passed on. */
void monitor_passed(struct monitor *monitor, enum trace_direction direction,
    uint64_t came, uint64_t refused);

/* Whether the direction waits for its reader now, to count the time. */
void monitor_blocked(struct monitor *monitor, enum trace_direction direction,
    bool is_blocked);

/* The time to call monitor_draw() next, as of clock.h. */
int64_t monitor_deadline(const struct monitor *monitor);

/* Draw the meter, if now is the time. */
void monitor_draw(struct monitor *monitor, int64_t now);

/* Erase the meter, before others write to the terminal. */
void monitor_clear(struct monitor *monitor);

/* Print the totals: a line on standard error for each direction. */
void monitor_print(struct monitor *monitor);

/* Print a line for every trace that has failed since the last call. */
void monitor_report_failures(struct monitor *monitor);

/* A signal ends sockpair.  The event is written by monitor_finish(). */
void monitor_ended_by(struct monitor *monitor, int number);

/*
 * The command was reaped with wait_status, and the peer, if there is one, with
 * peer_status.  This is the last event; the traces may still be behind.
 */
void monitor_finish(struct monitor *monitor, int wait_status, int peer_status);

/* The traces are written, or given up: report failures and print the totals. */
void monitor_report(struct monitor *monitor);

/* The greatest descriptor that the traces are written to, or -1. */
int monitor_greatest_fd(const struct monitor *monitor);

/*
 * Instead of monitor_start() and monitor_finish(): the command could not be run
 * because of error, an errno.  status is our own exit status.  peer_status is
 * that of the peer, which has ended.
 */
void monitor_not_run(struct monitor *monitor, int status, int error,
    int peer_status);

void monitor_free(struct monitor *monitor);

/* For monitor.c; defined in monitor-totals.c. */

/* The totals of a direction. */
struct stats_totals *monitor_totals(struct monitor *monitor,
    enum trace_direction direction);

/* Add to the totals the time up to now. */
void monitor_settle(struct monitor *monitor);

#endif
