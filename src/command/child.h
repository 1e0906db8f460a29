/* SPDX-License-Identifier: MIT */
/* The command once it runs: signal it, reap it, look at it. */
#ifndef CHILD_H
#define CHILD_H

#include <sys/types.h>

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/fd-list.h"

struct child {
	pid_t pid;
	bool reaped;
	sigset_t early;		/* signals sent to it before it began */
	int wait_status;	/* as waitpid(2) gives it, once reaped */
	int error;		/* errno why it could not be started, or why */
				/* its status is unknown; or 0 */
	const struct fd_list *fds;	/* the plan's: its end of the pair */
	ino_t end;		/* the file number of its end, see stat(2) */
};

/*
 * Reap the child if it has ended, and no other process: a child that came to us
 * through our own exec is not ours.  True once it is reaped.  If the system
 * refuses to tell its status, that counts as an exit with 125, and error says
 * why.
 */
bool child_reap(struct child *child);

/*
 * As process 1, which inherits orphaned processes: reap those that have ended.
 * Stops at one of the count children that has not been reaped, and leaves its
 * status alone.
 */
void child_reap_orphans(const struct child *const *children, size_t count);

/*
 * Send it a signal, unless it has been reaped and its pid may be another's.
 * A refusal (the command changed its user) is nobody's error.
 */
void child_signal(const struct child *child, int number);

/*
 * Whether signals_pass_early() sent number to the child.  If so, the child
 * already has the first signal number that we read.  True only once.
 */
bool child_take_early(struct child *child, int number);

/* What the child is doing. */
enum child_activity {
	CHILD_RUNNING,		/* on a processor, or about to be */
	CHILD_WRITING,		/* asleep in a write to its end */
	CHILD_ELSEWHERE,	/* asleep elsewhere, ended, or not to be seen */
};

/*
 * See what the child itself does just now.  A write counts only if it
 * would bring SIGPIPE from a pipe that nobody reads.
 */
enum child_activity child_inspect(const struct child *child);

/*
 * Whether the child itself is seen to hold its end on one of the chosen
 * numbers.  False where that cannot be seen.
 */
bool child_holds_end(const struct child *child);

#endif
