/* SPDX-License-Identifier: MIT */
/*
 * A running command: signal it, reap it, find out whether it still has its end
 * of the socket pair open.
 */
#ifndef CHILD_H
#define CHILD_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "base/fd-list.h"

struct child {
	pid_t pid;
	bool reaped;
	int wait_status;	/* from waitpid(2); valid once reaped */
	int error;		/* errno of a failed start, or of a failed */
				/* waitpid(2); or 0 */
	const struct fd_list *fds;	/* where its end was placed; borrowed */
	ino_t ends[2];		/* st_ino of its end, see stat(2), and 0; */
				/* or of the pipes that it reads and writes */
};

/*
 * Reap the child if it has ended; do not wait for it.  No other process is
 * reaped, since we may have inherited children through our own exec.
 * Returns true once the child is reaped, and wait_status is set.  If waitpid(2)
 * fails, wait_status is that of an exit with 125, and child->error is errno.
 */
bool child_reap(struct child *child);

/*
 * If we inherit orphaned processes, as process 1 does, reap those that have
 * ended.  children are the count commands that we started.  The function stops
 * at one of these that is not reaped yet: child_reap() is to find its status.
 */
void child_reap_orphans(const struct child *const *children, size_t count);

/*
 * Send signal number to the child.  Does nothing once the child is reaped,
 * because another process may have its pid then.  Errors are ignored: the
 * command may run as another user by now.
 */
void child_signal(const struct child *child, int number);

/*
 * Note what the child's end is: the socket end, and write is -1; or the pipes
 * end, which it reads, and write.
 */
void child_note_ends(struct child *child, int end, int write);

/*
 * Whether link, what readlink(2) gives for an entry of /proc/PID/fd, is the
 * child's end of the pair or one of its pipes.
 */
bool child_is_end(const struct child *child, const char *link);

/*
 * Whether descriptor number of the child is its end of the pair, according to
 * /proc/PID/fd (proc(5)).  False if that cannot be read.
 */
bool child_has_end_at(const struct child *child, int number);

/*
 * Whether any number in child->fds is still the child's end of the pair.  False
 * once the child is reaped.
 */
bool child_holds_end(const struct child *child);

#endif
