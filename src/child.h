/* SPDX-License-Identifier: MIT */
/* The command once it runs: signal it, reap it, look at it. */
#ifndef CHILD_H
#define CHILD_H

#include <sys/types.h>

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "parse.h"

struct child {
	pid_t pid;
	bool reaped;
	sigset_t early;		/* signals that it was sent before it began */
	int wait_status;	/* as waitpid(2) gives it, once reaped */
	int error;		/* errno: it could not be started, or its */
				/* status could not be had; or 0 */
	const struct fd_list *fds;	/* the plan's: its end of the pair */
	ino_t end;		/* the file number of its end, see stat(2) */
};

/*
 * Reap the child if it has ended.  It alone: a child that came to us through
 * our own exec is not ours.  True once it is reaped.  If its status cannot be
 * had, since the system refuses to tell it, that counts as an exit with 125,
 * and error says why.
 */
bool child_reap(struct child *child);

/*
 * As process 1, which is given the processes whose parent has ended: reap those
 * that have ended.  Stops at one of the count children that has not been
 * reaped, whose status is left alone.
 */
void child_reap_orphans(const struct child *const *children, size_t count);

/*
 * Send it a signal, unless it has been reaped and its pid may be another's.
 * A refusal (the command changed its user) is nobody's error.
 */
void child_signal(const struct child *child, int number);

/*
 * Whether it was sent number before it began (signals_pass_early()), and so has
 * got the first that we read.  True once only.
 */
bool child_take_early(struct child *child, int number);

/* What a look at the child found it doing. */
enum child_activity {
	CHILD_RUNNING,		/* on a processor, or about to be */
	CHILD_WRITING,		/* asleep in a write to its end */
	CHILD_ELSEWHERE,	/* asleep elsewhere, ended, or not to be seen */
};

/*
 * Look at what the child itself does just now.  A write counts only if it
 * would bring SIGPIPE from a pipe that nobody reads.
 */
enum child_activity child_look(const struct child *child);

/*
 * Whether the child itself is seen to hold its end on one of the chosen
 * numbers.  False where that cannot be seen.
 */
bool child_holds_end(const struct child *child);

#endif
