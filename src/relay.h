/* SPDX-License-Identifier: MIT */
/*
 * The relay: two channels between two sides, the signals, the clock, and the
 * decision when it is over.
 */
#ifndef RELAY_H
#define RELAY_H

#include "channel.h"
#include "child.h"
#include "pair.h"
#include "party.h"
#include "plan.h"
#include "signals.h"

struct relay {
	const struct plan *plan;
	struct signals *signals;
	struct watch *watch;	/* NULL: nobody looks */
	struct channel to_command;
	struct channel from_command;
	struct party command;
	bool failed;		/* data was lost; a line has said so */
	bool timed_out;
	bool told_waiting;	/* see tell_waiting() */
	int owed;		/* a signal: see hearing_is_owed(); or 0 */
	int died_of;		/* a signal that we could not die of, or 0 */
	int64_t reaped_at;	/* time; both times move on with SIGCONT */
	int64_t active_at;	/* time when a byte last moved */
	uint64_t moved;		/* bytes, up to then */
};

/* What relay_run() leaves for the report. */
struct relay_result {
	bool failed;		/* as above */
	bool timed_out;		/* --timeout fired before the command ended */
	int died_of;		/* a signal that should have ended us, or 0 */
};

/*
 * Allocate all that the relay of plan over pair will need; nothing is
 * allocated later.  watch is NULL if nobody looks.  All are borrowed.
 * Returns 0, or -1 with errno ENOMEM, and then too it must be freed.
 */
int relay_init(struct relay *relay, const struct plan *plan,
    const struct pair *pair, struct watch *watch);

/*
 * Relay standard input to our end of the pair and from there to standard
 * output until child has been reaped and its output has ended and is written,
 * or nobody takes it.  relay has been initialised, closed[n] says that
 * descriptor n was closed on entry.  All are borrowed; child is reaped on
 * return.  Prints a line for every error of standard input or output.
 *
 * Does not return if a signal ends us, which it does once no command is left;
 * unless that fails, as it does for a container's first process.
 */
struct relay_result relay_run(struct relay *relay, struct signals *signals,
    struct child *child, const bool closed[3]);

void relay_free(struct relay *relay);

#endif
