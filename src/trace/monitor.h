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

/* Bytes; every message is smaller, see MESSAGE_LARGEST. */
#define MONITOR_LARGEST ((size_t)5 << 20)

struct monitor {
	struct trace_run run;
	struct trace trace;
	struct fd_info *fd_info;	/* owned: of the descriptors traced */
	struct stats stats;
	bool wants_stats;	/* lines at the end, and on SIGUSR1 */
	bool has_meter;		/* on a terminal */
	struct progress meter;
	bool shares_terminal;	/* standard output is a terminal as well */
	bool is_mid_line;	/* the last line there has no newline yet */
	int64_t draw_at;	/* time to draw the meter next */
	bool failed;		/* a trace has failed, which is reported */
	int64_t started;	/* time, as of clock.h */
	int64_t blocked_since[3];	/* time, by direction; 0: not blocked */
	int ended_by;		/* a signal that ends sockpair, or 0 */
};

/* Whether plan asks for a trace, totals or the meter. */
bool monitor_is_wanted(const struct plan *plan);

/*
 * Open the traces of plan, which is borrowed.  Opening a FIFO waits for its
 * reader.  Nothing is written to the traces before monitor_start().  Their
 * descriptors may have numbers of plan->fds: they are close-on-exec, and the
 * command's end takes its numbers in the child only.
 * Returns 0, or -1 after printing a message.  The caller calls monitor_free()
 * in both cases.
 */
int monitor_open(struct monitor *monitor, const struct plan *plan);

/* Set the type of the pair, and whether it keeps message boundaries. */
void monitor_set_type(struct monitor *monitor, const char *type, bool messages);

/*
 * Each of the next functions writes an event to every trace.  direction is
 * TRACE_TO_COMMAND or TRACE_FROM_COMMAND.
 */

/* The command has been started. */
void monitor_start(struct monitor *monitor, pid_t pid);

/* A piece of a stream, or a message, was read.  Call this before writing it. */
void monitor_piece(struct monitor *monitor, enum trace_direction direction,
    const void *data, size_t size);

/*
 * The next four are for messages in a stream, in place of monitor_piece().
 *
 * Bytes of the command's stream were read, or are going to be written.
 */
void monitor_wire(struct monitor *monitor, enum trace_direction direction,
    const void *data, size_t size);

/* A message was read; its first byte has offset in the command's stream. */
void monitor_message(struct monitor *monitor, enum trace_direction direction,
    const void *data, size_t size, uint64_t offset);

/* Stray bytes of the command's stream (decoder.h), which are dropped. */
void monitor_stray(struct monitor *monitor, enum trace_direction direction,
    const void *data, size_t size, uint64_t offset);

/* A message was dropped after size bytes of it had come: only count it. */
void monitor_count_message(struct monitor *monitor,
    enum trace_direction direction, uint64_t size);

/* Descriptors came along.  Call this before monitor_piece() for the data. */
void monitor_fds(struct monitor *monitor, enum trace_direction direction,
    const int *fds, size_t count);

/* An event of a kind that has a direction and no other members. */
void monitor_note(struct monitor *monitor, enum trace_kind kind,
    enum trace_direction direction);

/* The writer has ended; told says whether the reader could be notified. */
void monitor_eof(struct monitor *monitor, enum trace_direction direction,
    bool told);

/*
 * size bytes that were passed to monitor_piece() will not be delivered.  behind
 * is how many bytes were passed after them in the same direction.
 */
void monitor_undelivered(struct monitor *monitor,
    enum trace_direction direction, uint64_t size, uint64_t behind);

/* The same for size bytes at offset of the command's stream. */
void monitor_lost(struct monitor *monitor, enum trace_direction direction,
    uint64_t size, uint64_t offset);

/* The same for size bytes that were read but not passed to monitor_piece(). */
void monitor_unkept(struct monitor *monitor, enum trace_direction direction,
    uint64_t size);

/*
 * size bytes that waited in our own socket are dropped unread: count them as
 * bytes, but not as a piece, and trace them as undelivered.
 */
void monitor_unread(struct monitor *monitor, enum trace_direction direction,
    uint64_t size);

/* A signal was passed on to the command. */
void monitor_signal(struct monitor *monitor, int number);

/* The terminal has sent signal number to the command as well as to us. */
void monitor_terminal_signal(struct monitor *monitor, int number);

/* No byte moved for duration nanoseconds, which --stall has reported. */
void monitor_stall(struct monitor *monitor, int64_t duration);

/* No byte moved for duration nanoseconds, so the command is terminated. */
void monitor_timeout(struct monitor *monitor, int64_t duration);

/*
 * Whether a trace is behind: it has something still to write.  False if monitor
 * is NULL.  The relay must not read while a trace is behind, so that a slow
 * reader of a trace holds up the writer as a slow reader of the data does.
 */
bool monitor_is_behind(const struct monitor *monitor);

/*
 * Write more to the traces, as trace_read_slots() does.  True if something was
 * written.
 */
bool monitor_read_slots(struct monitor *monitor, const struct pollfd *slots);

/*
 * Whether a trace shows bytes, so that monitor_piece() must be called; else
 * monitor_count() is enough.  False if monitor is NULL.
 */
bool monitor_needs_bytes(const struct monitor *monitor);

/* Count a piece of size bytes that was moved without being read.  0 is none. */
void monitor_count(struct monitor *monitor, enum trace_direction direction,
    size_t size);

/* Set the totals: came descriptors received, refused of them not passed on. */
void monitor_passed(struct monitor *monitor, enum trace_direction direction,
    uint64_t came, uint64_t refused);

/* Note whether direction waits for its reader now; the totals have the time. */
void monitor_blocked(struct monitor *monitor, enum trace_direction direction,
    bool is_blocked);

/* The deadline (clock.h) to call monitor_draw() next. */
int64_t monitor_deadline(const struct monitor *monitor);

/* Draw the meter, and set the next monitor_deadline().  now: see clock.h. */
void monitor_draw(struct monitor *monitor, int64_t now);

/*
 * Erase the meter, before anything else is written to the terminal.  Does
 * nothing if monitor is NULL.
 */
void monitor_clear(struct monitor *monitor);

/* Print the totals: a line on standard error for each direction. */
void monitor_print(struct monitor *monitor);

/* Print a line for every trace that has failed since the last call. */
void monitor_report_failures(struct monitor *monitor);

/* A signal ends sockpair.  The event is written by monitor_finish(). */
void monitor_ended_by(struct monitor *monitor, int number);

/*
 * The command was reaped with wait_status, and the peer, if there is one, with
 * peer_status.  This writes the last event; the traces may still be behind.
 */
void monitor_finish(struct monitor *monitor, int wait_status, int peer_status);

/* Report failed traces and print the totals: the traces are written or lost. */
void monitor_report(struct monitor *monitor);

/* The greatest descriptor of a trace, or -1. */
int monitor_greatest_fd(const struct monitor *monitor);

/*
 * Called instead of monitor_start() and monitor_finish() if the command could
 * not be run because of error, an errno.  status is our own exit status.
 * peer_status is the wait status of the peer, which has ended.
 */
void monitor_not_run(struct monitor *monitor, int status, int error,
    int peer_status);

void monitor_free(struct monitor *monitor);

/* The functions below are for monitor.c, and defined in monitor-totals.c. */

/* The totals of a direction. */
struct stats_totals *monitor_totals(struct monitor *monitor,
    enum trace_direction direction);

/* Add the time up to now to the totals. */
void monitor_settle(struct monitor *monitor);

#endif
