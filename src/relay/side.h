/* SPDX-License-Identifier: MIT */
/*
 * A side: a command that speaks with another side.  With a relay between them
 * it has a channel that it reads and one that it writes, over our end of its
 * pair.  Without a relay both are NULL, and it has only to be waited for.
 */
#ifndef SIDE_H
#define SIDE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "command/child.h"
#include "command/terminate.h"
#include "socket/pair.h"
#include "transfer/channel.h"

struct side {
	struct child *child;	/* borrowed */
	const struct pair *pair;	/* borrowed: it has one end of it */
	struct channel *input;	/* borrowed: what it reads */
	struct channel *output;	/* borrowed: what it writes */
	struct termination termination;
	bool hung_up;		/* nobody holds its end any more */
	int64_t active_at;	/* time when something came from it last */
	uint64_t moved;		/* bytes and messages, up to then */
	int64_t stuck_since;	/* time when its reader took something last, */
				/* see timers.c; 0: nobody has looked */
	uint64_t stuck_moved;	/* what had moved by then, */
	int stuck_unread;	/* and what the reader had still to take */
	int64_t inspect_at;	/* time, and */
	int64_t inspected_until;	/* time: see side_continue_break() */
};

/*
 * A side with one end of pair, and its channels, or NULL for both; its child
 * is the caller's to set.
 */
void side_init(struct side *side, const struct pair *pair,
    struct channel *input, struct channel *output);

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
 * What to ask poll(2) of our end: what either channel wants; and even if that
 * is nothing, to hear of its hang-up, once (or poll(2) would never sleep
 * again).
 */
struct pollfd side_slot(const struct side *side);

/* Note what poll(2) said of it. */
void side_handle_events(struct side *side, short revents);

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

/* Whether it has still to be told that nobody reads its output. */
bool side_is_breaking(const struct side *side);

/*
 * The reader of its output has gone, and the channel has been broken: tell the
 * side, as a pipe would, at the times of side_inspect_deadline().
 */
void side_begin_break(struct side *side);

/* When to call side_continue_break(), as of clock.h. */
int64_t side_inspect_deadline(const struct side *side);

void side_continue_break(struct side *side, int64_t now);

#endif
