/* SPDX-License-Identifier: MIT */
/*
 * One of the two sides of a run: a command, or our standard input and output.
 * With a relay each side reads one channel and writes the other.  Without a
 * relay both sides are commands that have the two ends of one socket pair, and
 * we only wait for them.
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
 * Slots for poll(2) that a side has.  Standard input has the first and standard
 * output the second, and so do two pipes.  A socket has the first for both
 * directions.
 */
#define SIDE_SLOTS 2

struct side {
	struct child *child;	/* borrowed; NULL: standard input and output */
	struct pair *pair;	/* borrowed: the command has one end */
	int end;		/* its end of a dgram pair that we hold as */
				/* well, without a relay; or -1 */
	struct channel *input;	/* borrowed: it reads this; NULL: no relay */
	struct channel *output;	/* borrowed: it writes this; NULL: no relay */
	short src_events;	/* poll(2)'s last result for output's source */
	short dst_events;	/* the same for input's destination */
	struct termination termination;	/* of the command */
	bool hung_up;		/* nobody holds the command's end any more */
	int64_t active_at;	/* time that --linger counts from: its last */
				/* output, end or SIGCONT; see clock.h */
	uint64_t moved;		/* bytes and messages of output until then */
	/* For waiting_check_reader(), about the reader of its output: */
	int64_t stuck_since;	/* time when it last took something, or of */
				/* the first check; 0: not yet checked */
	uint64_t stuck_moved;	/* bytes and messages moved until then */
	int stuck_unread;	/* bytes that it had still to take then */
	struct sigpipe sigpipe;	/* while side_is_breaking() */
};

/*
 * Make the side of a command: child, which has one end of pair.  If both are
 * NULL, make that of standard input and output.  Both are borrowed.  The side
 * has no channels yet: see relay_init().
 */
void side_init(struct side *side, struct child *child, struct pair *pair);

/* Whether the side is a command that has not been reaped. */
bool side_is_running(const struct side *side);

/*
 * Reap the command if it has ended; it is not killed any more then.  Returns
 * true if this call reaped it, false if it runs or was reaped before.  If
 * waitpid(2) fails, prints a line, and the command counts as reaped with status
 * 125 (child.h).
 */
bool side_reap(struct side *side);

/*
 * Send the command SIGTERM in kill_after nanoseconds, and SIGKILL after the
 * same time again.  Does nothing if kill_after is PLAN_NEVER, or if no command
 * of this side runs.
 */
void side_schedule_kill(struct side *side, int64_t kill_after);

/*
 * Fill slots with what both channels want from this side; fd is -1 in a slot
 * that is not needed.  Our end of a pair stays in its slot even if no channel
 * wants anything, so that poll(2) reports the hang-up of the command's end.
 * After the hang-up it does not stay: poll(2) would return at once each time.
 * For the same reason a pipe from the command is there only to be read.
 */
void side_fill_slots(const struct side *side, struct pollfd slots[SIDE_SLOTS]);

/* Keep what poll(2) returned in slots for relay_advance(). */
void side_read_slots(struct side *side, const struct pollfd slots[SIDE_SLOTS]);

/*
 * Whether the command can neither send nor receive any more: it has closed its
 * end, or both its channels have ended.  Only with a relay.
 */
bool side_is_cut_off(const struct side *side);

/*
 * Whether more output can come only from other processes that hold the
 * command's end: it has been reaped, its output is open and none of it is
 * pending, in the channel or in a trace.  False once side_leave() has stopped
 * them.
 */
bool side_is_lingering(const struct side *side);

/*
 * Stop relaying for other processes that hold the command's end.  What they
 * write from now on is refused with EPIPE; what they have written is relayed,
 * and then the output ends.  The input counts as having no reader.  With two
 * pipes nothing is done while data waits to be read: call it again later.
 */
void side_leave(struct side *side);

/*
 * Whether the command's output has no reader any more, and our end still
 * accepts output: side_continue_break() is to be called.
 */
bool side_is_breaking(const struct side *side);

/*
 * The reader of this side's output has gone.  Standard input is closed at once.
 * For a command side_continue_break() has to be called at each
 * side_break_deadline(), the first of which is now.
 */
void side_begin_break(struct side *side);

/*
 * When to call side_continue_break(), as of clock.h: DEADLINE_NEVER unless
 * side_is_breaking().
 */
int64_t side_break_deadline(const struct side *side);

/*
 * Shut down our end, so that the command's next write fails.  Does nothing yet
 * if the command may be about to sleep in a write: that write would fail
 * without the SIGPIPE that a pipe brings (sigpipe.h).  now is the present time.
 */
void side_continue_break(struct side *side, int64_t now);

#endif
