/* SPDX-License-Identifier: MIT */
/*
 * A channel carries one direction: from an endpoint that is read (src), through
 * a conduit, to an endpoint that is written (dst).  A relay has two channels.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transfer/conduit.h"

/*
 * src_open and dst_open only ever go from true to false:
 *
 *	src   dst
 *	open  open	data is moved
 *	-     open	data that was read is written; then CHANNEL_FLUSHED,
 *			and channel_finish()
 *	open  -		after CHANNEL_REFUSED and channel_break(): no data is
 *			read
 *	-     -		closed
 *
 * While dst is open, the next action depends on the conduit and is_blocked:
 *
 *	pending	has_backlog is_blocked
 *	0	false	    -		read src once it is ready
 *	0	true	    -		continue with the backlog at once
 *	> 0	-	    false	write to dst at once
 *	> 0	-	    true	write once poll(2) reports room, or at
 *					retry_at
 *
 * No action is taken while a trace is behind: see monitor_is_behind().
 */
struct channel {
	struct endpoint src;
	struct endpoint dst;
	bool src_open;		/* more may be read */
	bool dst_open;		/* more may be written, or end of file sent */
	bool dst_failed;	/* a write failed; the reader may still exist */
	bool is_broken;		/* channel_break(): dst takes no more */
	bool src_half_closed;	/* its writer half-closed and did not go away */
	bool is_blocked;	/* dst had no room when it was last tried */
	int64_t retry_at;	/* time to retry the write, see clock.h */
	int64_t check_at;	/* time to check again whether src may be */
				/* read: see endpoint_awaits_password(); or 0 */
	struct conduit conduit;	/* owned */
	uint64_t undelivered;	/* bytes read that the reader refused */
};

enum channel_result {
	CHANNEL_OPEN,		/* the channel goes on */
	CHANNEL_FLUSHED,	/* src has ended, and all is written to dst */
	CHANNEL_REFUSED,	/* dst takes no more data: close it */
	CHANNEL_CLOSED,		/* dst has been closed */
};

/*
 * Set the initial state.  The caller opens the conduit and then the endpoints
 * before the first step.
 */
void channel_init(struct channel *channel);

/* Report the events of this direction to monitor from now on. */
void channel_monitor(struct channel *channel, struct monitor *monitor,
    enum trace_direction direction);

/*
 * The events of each end to wait for in poll(2); 0 for none.  src has an event
 * only while the channel wants to read it.
 */
short channel_src_events(const struct channel *channel);
short channel_dst_events(const struct channel *channel);

/*
 * Whether to pass dst to poll(2): while data is to be written, and for files of
 * which poll(2) reports a lost reader, always.
 */
bool channel_polls_dst(const struct channel *channel);

/*
 * The deadline (clock.h) to call channel_step() again even if poll(2) reports
 * nothing.  There are four reasons.  The reader of a socket may have shut it
 * down for reading: while the queue is full, only a write reports that
 * (tests/unit/kernel: full_shutdown_untold), and a write of a datagram only
 * once there is room.  poll(2) does not report room in some files.  Nor does it
 * report that a reader has read all of a chunk.  src may be a terminal on which
 * a program asks for a password.
 */
int64_t channel_retry_deadline(const struct channel *channel);

/*
 * Whether to call channel_step() without waiting in poll(2): the channel wants
 * data, which is there in a way that poll(2) cannot report; or data is pending
 * and dst is not known to be full; or the channel has ended and is to be
 * closed.
 */
bool channel_is_ready(const struct channel *channel);

/*
 * Move the data that can be moved without waiting.  src and dst are the events
 * that poll(2) has reported of each end, or 0.  *fault is filled in.  If it is
 * not FAULT_NONE and the channel is open, the caller reports it and calls
 * channel_step() again.
 *
 * After CHANNEL_FLUSHED the caller calls channel_finish(), after
 * CHANNEL_REFUSED channel_break() and channel_stop_reading().  An error of src
 * is a fault and ends src as end of file does.  An error of dst is a fault and
 * leads to CHANNEL_REFUSED; so does a reader that went away, which is no fault.
 */
enum channel_result channel_step(struct channel *channel, short src,
    short dst, struct fault *fault);

/* 0 if all data that was read has been written; else another number. */
size_t channel_pending(const struct channel *channel);

/* How many bytes have been read and not yet written. */
uint64_t channel_held(const struct channel *channel);

/*
 * How many bytes wait to be written: those read, and those in src if it has a
 * queue.
 */
uint64_t channel_waiting(const struct channel *channel);

/* Read no more, and notify the writer.  Pending data is still delivered. */
void channel_stop_reading(struct channel *channel);

/*
 * The same, as if src had ended: a message of which only a part has come is
 * delivered as a last line, or reported.
 */
void channel_end(struct channel *channel);

/* All data is delivered: notify the reader.  *fault as in channel_step(). */
void channel_finish(struct channel *channel, struct fault *fault);

/*
 * The reader has gone, or writing to it failed: drop and count the pending
 * data, and notify the reader.  Nothing is read any more.  The caller then
 * calls channel_stop_reading(), to notify the writer.
 */
void channel_break(struct channel *channel);

/*
 * The reader exists and takes nothing: drop and count the pending data, and the
 * data that waits in src if that is our own socket.  Returns how many bytes of
 * this direction are lost in all.
 */
uint64_t channel_give_up(struct channel *channel);

void channel_free(struct channel *channel);

#endif
