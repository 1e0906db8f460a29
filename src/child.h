/* SPDX-License-Identifier: MIT */
/* The command once it runs: signal it, reap it, look at it. */
#ifndef CHILD_H
#define CHILD_H

#include <sys/types.h>

#include <stdbool.h>

#include "parse.h"

struct child {
	pid_t pid;
	bool reaped;
	int wait_status;	/* as waitpid(2) gives it, once reaped */
	const struct fd_list *fds;	/* the plan's: its end of the pair */
};

/*
 * Reap the child if it has ended.  It alone: a child that came to us through
 * our own exec is not ours.  True once it is reaped.  Should somebody else
 * have taken its status, which nobody can, that counts as an exit with 125.
 */
bool child_reap(struct child *child);

/*
 * Send it a signal, unless it has been reaped and its pid may be another's.
 * A refusal (the command changed its user) is nobody's error.
 */
void child_signal(const struct child *child, int number);

/*
 * The reader of its output has gone, and we are about to shut the socket down
 * for it.  If the child itself is blocked in a write to its end, send it the
 * SIGPIPE that a pipe would have sent: the kernel wakes such a writer with
 * EPIPE alone (unix(7) sockets; measured on Linux 6.18, 300 of 300).  Where
 * that cannot be seen nothing is done.  Call it when nothing is read from the
 * socket any more.
 */
void child_break_pipe(const struct child *child);

#endif
