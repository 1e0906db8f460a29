/* SPDX-License-Identifier: MIT */
/*
 * A channel carries one direction: from an endpoint that is read, through a
 * conduit, to an endpoint that is written.  A relay is two of them.
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
 *	open  open	data are moved
 *	-     open	what was read is written; then CHANNEL_FLUSHED, and
 *			channel_finish()
 *	open  -		CHANNEL_REFUSED and channel_break(): no more is read
 *	-     -		closed
 *
 * While dst is open, the conduit says what comes next, and is_blocked when:
 *
 *	pending	has_backlog is_blocked
 *	0	false	    -		read src, once it is ready
 *	0	true	    -		go on with what was read, at once
 *	> 0	-	    false	write to dst, at once
 *	> 0	-	    true	write once poll(2) reports room, or at
 *					retry_at
 *
 * Nothing of this is done while a trace is behind: see monitor_is_behind().
 */
struct channel {
	struct endpoint src;
	struct endpoint dst;
	bool src_open;		/* more may be read */
	bool dst_open;		/* more may be written, or end of file sent */
	bool dst_failed;	/* a write failed; the reader may be there */
	bool src_half_closed;	/* its writer ended, but did not go away */
	bool is_blocked;	/* dst had no room when it was last tried */
	int64_t retry_at;	/* time to retry the write, see clock.h */
	int64_t check_at;	/* time to check again whether src may be */
				/* read: see endpoint_awaits_password(); or 0 */
	struct conduit conduit;	/* owned */
	uint64_t undelivered;	/* bytes read that the reader refused */
};

enum channel_result {
	CHANNEL_OPEN,		/* it goes on */
	CHANNEL_FLUSHED,	/* src has ended, and dst has got it all */
	CHANNEL_REFUSED,	/* dst takes no more; close it */
	CHANNEL_CLOSED,		/* it has been closed */
};

/*
 * A channel that has not begun.  The conduit and then the endpoints are the
 * caller's to open, before the first step.
 */
void channel_init(struct channel *channel);

/* From now on monitor sees what happens in this direction. */
void channel_monitor(struct channel *channel, struct monitor *monitor,
    enum trace_direction direction);

/*
 * The events to poll(2) each end for; 0 for none.  src has some only while it
 * would be read.
 */
short channel_src_events(const struct channel *channel);
short channel_dst_events(const struct channel *channel);

/*
 * Whether to pass dst to poll(2).  Even while nothing is to be written, if
 * poll(2) then reports that the reader has gone.
 */
bool channel_polls_dst(const struct channel *channel);

/*
 * When to call channel_step() again even if poll(2) reports nothing, as of
 * clock.h.  There are three reasons.  The reader of a socket may have shut it
 * down for reading: while the queue is full only a write reports that
 * (tests/unit/kernel: full_shutdown_untold), and a datagram only once there is
 * room.  poll(2) does not report room in some files.  And src may be a terminal
 * on which a password is asked for.
 */
int64_t channel_retry_deadline(const struct channel *channel);

/*
 * Whether to call channel_step() without waiting for poll(2): more data is
 * wanted, and is there in a way that poll(2) cannot report; or data is pending,
 * and dst is not known to be full; or the channel has ended, and has to be
 * closed.
 */
bool channel_is_ready(const struct channel *channel);

/*
 * Move what can be moved without waiting.  src and dst are what poll(2) has
 * reported of each end, 0 for nothing.  *fault is filled in; if it is a fault
 * and the channel is open, step once more after it has been reported.
 *
 * After CHANNEL_FLUSHED call channel_finish(), after CHANNEL_REFUSED
 * channel_break() and channel_stop_reading().  An error of src ends it like an
 * end of file; an error of dst refuses.  A reader that went away is no fault.
 */
enum channel_result channel_step(struct channel *channel, short src,
    short dst, struct fault *fault);

/* How much was read and not yet written: 0 for nothing, else some number. */
size_t channel_pending(const struct channel *channel);

/* Read no more, and notify the writer; what waits is still delivered. */
void channel_stop_reading(struct channel *channel);

/* Everything is delivered: notify the reader.  *fault as in channel_step(). */
void channel_finish(struct channel *channel, struct fault *fault);

/*
 * The reader is gone or fails: drop and count what waits, and notify the
 * reader.  Nothing is read any more, but channel_stop_reading() has still to
 * notify the writer.
 */
void channel_break(struct channel *channel);

/*
 * The reader is there, and takes nothing: drop and count what waits, here and
 * in our own socket that is read.  Returns how many bytes are lost in all.
 */
uint64_t channel_give_up(struct channel *channel);

void channel_free(struct channel *channel);

#endif
