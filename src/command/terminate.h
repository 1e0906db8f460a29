/* SPDX-License-Identifier: MIT */
/* End a command that does not end by itself: SIGTERM first, then SIGKILL. */
#ifndef TERMINATE_H
#define TERMINATE_H

#include <stdint.h>

#include "command/child.h"

enum terminate_step {
	TERMINATE_NOT,		/* not begun */
	TERMINATE_TERM,		/* next: SIGTERM at the deadline */
	TERMINATE_KILL,		/* next: SIGKILL at the deadline */
	TERMINATE_DONE,		/* SIGKILL was sent, or the child has ended */
};

struct termination {
	enum terminate_step step;
	int64_t deadline;	/* of the next step, see clock.h */
	int64_t delay;		/* nanoseconds before SIGTERM */
	int64_t grace;		/* nanoseconds from SIGTERM to SIGKILL */
};

/* Set *termination to TERMINATE_NOT. */
void terminate_init(struct termination *termination);

/*
 * Plan SIGTERM for delay nanoseconds from now, and SIGKILL for grace
 * nanoseconds after that.  This replaces an earlier plan, unless SIGTERM has
 * been sent or terminate_stop() called: then nothing changes.
 */
void terminate_begin(struct termination *termination, int64_t delay,
    int64_t grace);

/*
 * If the deadline is not after now (clock.h), send child the signal of the
 * step, and go on to the next step.
 */
void terminate_continue(struct termination *termination,
    const struct child *child, int64_t now);

/*
 * Let the delay, or the grace, of the current step begin again at now
 * (clock.h).  It is used when child could not run for a while.
 */
void terminate_restart(struct termination *termination, int64_t now);

/* The child has ended, or no further signal is to be sent. */
void terminate_stop(struct termination *termination);

#endif
