/* SPDX-License-Identifier: MIT */
/* Ending a command that does not end by itself: SIGTERM, then SIGKILL. */
#ifndef TERMINATE_H
#define TERMINATE_H

#include <stdint.h>

#include "command/child.h"

enum ending_step {
	ENDING_NOT,		/* there is no reason to, so far */
	ENDING_TERM,		/* SIGTERM at the deadline */
	ENDING_KILL,		/* SIGKILL at the deadline */
	ENDING_DONE,		/* no more can or need be done */
};

struct ending {
	enum ending_step step;
	int64_t deadline;	/* of the step; see clock.h */
	int64_t delay;		/* nanoseconds before SIGTERM */
	int64_t grace;		/* nanoseconds between the two */
};

/* There is no reason to end anything. */
void ending_init(struct ending *ending);

/*
 * SIGTERM after delay from now and SIGKILL after grace from then, both in
 * nanoseconds.  If SIGTERM has been sent already nothing changes.
 */
void ending_begin(struct ending *ending, int64_t delay, int64_t grace);

/* If the deadline has come at time now, take the step. */
void ending_continue(struct ending *ending, const struct child *child,
    int64_t now);

/* Time went by that the child could not use: the step waits anew from now. */
void ending_restart(struct ending *ending, int64_t now);

/* The child has ended. */
void ending_stop(struct ending *ending);

#endif
