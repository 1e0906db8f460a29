/* SPDX-License-Identifier: MIT */
/* Ending a command that does not end by itself: SIGTERM, then SIGKILL. */
#ifndef TERMINATE_H
#define TERMINATE_H

#include <stdint.h>

#include "command/child.h"

enum terminate_step {
	TERMINATE_NOT,		/* there is no reason to, so far */
	TERMINATE_TERM,		/* SIGTERM at the deadline */
	TERMINATE_KILL,		/* SIGKILL at the deadline */
	TERMINATE_DONE,		/* no more can or need be done */
};

struct termination {
	enum terminate_step step;
	int64_t deadline;	/* of the step; see clock.h */
	int64_t delay;		/* nanoseconds before SIGTERM */
	int64_t grace;		/* nanoseconds between the two */
};

/* There is no reason to end anything. */
void terminate_init(struct termination *termination);

/*
 * SIGTERM after delay from now and SIGKILL after grace from then, both in
 * nanoseconds.  If SIGTERM has been sent already nothing changes.
 */
void terminate_begin(struct termination *termination, int64_t delay,
    int64_t grace);

/* If the deadline has come at time now, take the step. */
void terminate_continue(struct termination *termination,
    const struct child *child, int64_t now);

/* Time went by that the child could not use: the step waits anew from now. */
void terminate_restart(struct termination *termination, int64_t now);

/* The child has ended. */
void terminate_stop(struct termination *termination);

#endif
