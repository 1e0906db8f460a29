/* SPDX-License-Identifier: MIT */
/*
 * One of the two sides that speak with each other: a command, or our standard
 * input and output.  With a relay between them each has a channel that it reads
 * and one that it writes.  Without a relay both are commands, which have only
 * to be waited for.
 */
#ifndef SIDE_H
#define SIDE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "command/child.h"
#include "command/sigpipe.h"
#include "command/terminate.h"
#include "socket/pair.h"
#include "transfer/channel.h"

/*
 * For each side: what it writes comes from the first, and what it reads goes to
 * the second.  The first serves for both ends of a socket.
 */
#define SIDE_SLOTS 2

struct side {
	struct child *child;	/* borrowed; NULL: standard input and output */
	const struct pair *pair;	/* borrowed: the command has one end */
	int end;		/* of a dgram without a relay: its end, or -1 */
	struct channel *input;	/* borrowed: what it reads; NULL: no relay */
	struct channel *output;	/* borrowed: what it writes; NULL: no relay */
	short src_events;	/* what poll(2) said of what it writes, and */
	short dst_events;	/* of what it reads */
	struct termination termination;
	bool hung_up;		/* nobody holds its end any more */
	int64_t active_at;	/* time when something came from it last */
	uint64_t moved;		/* bytes and messages, up to then */
	int64_t stuck_since;	/* time when its reader took something last, */
				/* see timers.c; 0: nobody has looked */
	uint64_t stuck_moved;	/* what had moved by then, */
	int stuck_unread;	/* and what the reader had still to take */
	struct sigpipe sigpipe;	/* see side_continue_break() */
};

/*
 * The side of a command, child, which has one end of pair; or of standard input
 * and output, if both are NULL.  It has no channels yet.
 */
void side_init(struct side *side, struct child *child,
    const struct pair *pair);

/* Whether it is a command that has not been reaped. */
bool side_is_running(const struct side *side);

/*
 * Reap its child, if that has ended and is not yet reaped.  True if so.  Prints
 * a line if the system refuses to tell its status.
 */
bool side_reap(struct side *side);

/*
 * The other side has ended: unless this one has too, end it kill_after
 * nanoseconds from now, or never, as PLAN_NEVER says.
 */
void side_schedule_kill(struct side *side, int64_t kill_after);

/*
 * What to ask poll(2): what either channel wants.  Our end of a pair is asked
 * for its hang-up even if that is nothing, but only until it has hung up (or
 * poll(2) would never sleep again).
 */
void side_fill_slots(const struct side *side, struct pollfd slots[SIDE_SLOTS]);

/* Note what poll(2) said. */
void side_read_slots(struct side *side, const struct pollfd slots[SIDE_SLOTS]);

/* Whether it has nobody to speak with any more. */
bool side_is_cut_off(const struct side *side);

/*
 * Whether it has been reaped, nothing of its output waits to be written, and
 * others who may hold its end are listened to.
 */
bool side_is_lingering(const struct side *side);

/*
 * No other holder of its end is to be listened or spoken to any more: its
 * output has ended, and what is sent to it is refused.
 */
void side_leave(struct side *side);

/*
 * Whether its output has no reader any more, and it has still to be stopped
 * from writing.
 */
bool side_is_breaking(const struct side *side);

/*
 * The reader of its output has gone.  Standard input is not read any more.  A
 * command is stopped from writing: side_continue_break() has to be called at
 * side_break_deadline().
 */
void side_begin_break(struct side *side);

/* When to call side_continue_break(), as of clock.h, or DEADLINE_NEVER. */
int64_t side_break_deadline(const struct side *side);

/*
 * Stop reading the command's output, once it has been sent SIGPIPE if it needs
 * that (sigpipe.h).  now is the time.
 */
void side_continue_break(struct side *side, int64_t now);

#endif
