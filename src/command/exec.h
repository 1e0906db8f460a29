/* SPDX-License-Identifier: MIT */
/* What a new process does before its exec, to become the command. */
#ifndef EXEC_H
#define EXEC_H

#include <sys/types.h>

#include <stdbool.h>

#include "base/fd-list.h"
#include "base/stdfds.h"
#include "command/signals.h"

/* A command to be started.  All pointers are borrowed. */
struct exec {
	char *const *argv;	/* ends with NULL */
	const struct fd_list *fds;	/* where to place its end; not empty */
	const char *option;	/* the option that gave fds, for messages */
	int end;		/* its end of the pair, or with has_pipes the */
				/* pipe for fds[0]; not a number in fds */
	bool has_pipes;		/* two pipes in place of one end; fds has two */
				/* numbers */
	int end_write;		/* with has_pipes: the pipe for fds[1]; not a */
				/* number in fds */
	bool null_input;	/* unless 0 is in fds, 0 is /dev/null */
	bool error_output;	/* unless 1 is in fds, 1 is standard error */
	bool die_with_parent;	/* the kernel kills it when we end */
	char *listen_pid;	/* see environment_write_pid(); or NULL */
};

enum exec_step {
	STEP_PARENT,		/* request the parent-death signal */
	STEP_NULL,		/* open /dev/null as standard input */
	STEP_PLACE,		/* put a file on one of its numbers */
	STEP_SIGNALS,		/* restore signals as they were on entry */
	STEP_EXEC,		/* execvp(3) */
};

/* Why exec_become() failed.  Smaller than PIPE_BUF. */
struct exec_failure {
	enum exec_step step;
	int error;		/* errno */
	int number;		/* STEP_PLACE: the descriptor number */
};

/*
 * Turn the calling process, a new child, into command.
 *
 * stdfds says which of descriptors 0 to 2 were closed on entry: they are closed
 * for the command as well, unless its end is placed there.  signals is from
 * signals_open().  parent is the pid of the process that forked; it is used
 * only if command->die_with_parent is set.
 *
 * Only async-signal-safe calls are made.  Returns only if a step fails, with
 * *failure filled in.  If die_with_parent is set and the parent has ended
 * already, the process kills itself.
 */
void exec_become(const struct exec *command, const struct stdfds *stdfds,
    const struct signals *signals, pid_t parent, struct exec_failure *failure);

#endif
