/* SPDX-License-Identifier: MIT */
/*
 * Play one side of a recorded talk: say what it said, compare what the other
 * side says.
 *
 * Theory of operation.  A step of our side is said once all that the other side
 * said before it in the record has come and agreed.  What comes is read at any
 * time, also while there is no room for what we say, so no side waits for the
 * other because both have much to say.  When the whole record has been said and
 * has come, we half-close; if the other side then says more, it differs.  After
 * a difference, we half-close, and drop what comes for a while, so that a
 * command can end by itself.
 */
#ifndef PLAYER_H
#define PLAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "command/child.h"
#include "command/signals.h"
#include "command/sigpipe.h"
#include "command/terminate.h"
#include "play/expect.h"
#include "play/say.h"

enum verdict {
	VERDICT_SAME,		/* so far all is as recorded */
	VERDICT_DIFFERENT,	/* something differs, and will be printed */
	VERDICT_TIMED_OUT,	/* what was awaited has been printed */
	VERDICT_FAILED,		/* an error has been printed, or a signal */
				/* has ended the play */
};

struct player {
	/* Set by the caller. */
	const struct record *record;
	const struct ignore *ignore;
	struct link *link;
	enum speaker speaker;	/* our side */
	struct child *child;	/* the command; NULL: there is none */
	struct signals *signals;	/* likewise */
	int64_t timeout;	/* nanoseconds, or PLAN_NEVER */
	int64_t grace;		/* nanoseconds from SIGTERM to SIGKILL */

	/* Results. */
	enum verdict verdict;
	int fatal_signal;	/* the signal that is to end us, or 0 */

	/* The player's own. */
	struct say say;
	struct expect expect;
	struct termination termination;
	int64_t active_at;	/* when something last happened (clock.h) */
	int64_t give_up_at;	/* until then, what comes is dropped */
	bool is_leaving;	/* we are about to read no more: sigpipe.h */
	struct sigpipe sigpipe;
	bool has_no_room;	/* the next step waits for room */
	bool is_saying;		/* more steps may be said without waiting */
	bool is_drained;	/* the child was reaped, and nothing waits */
	bool is_printed;	/* the difference */
};

/*
 * Play the record to its end.  Afterwards player->child, if it is not NULL, has
 * been reaped, and its status has been compared.  Messages are printed as soon
 * as they are known.
 */
void player_run(struct player *player);

#endif
