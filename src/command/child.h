/* SPDX-License-Identifier: MIT */
/* The command once it runs: signal it, reap it, see whether it has its end. */
#ifndef CHILD_H
#define CHILD_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "base/fd-list.h"

struct child {
	pid_t pid;
	bool reaped;
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
 * Whether descriptor number of the child is its end of the pair.  False if the
 * system does not show it (proc(5)).
 */
bool child_has_end_at(const struct child *child, int number);

/* The same for any of the chosen numbers.  False once it has been reaped. */
bool child_holds_end(const struct child *child);

#endif
