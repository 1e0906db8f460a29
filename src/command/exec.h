/* SPDX-License-Identifier: MIT */
/*
 * A command that is to be started, as data, and what its process does before
 * it is that command.
 */
#ifndef EXEC_H
#define EXEC_H

#include <sys/types.h>

#include <stdbool.h>

#include "base/fd-list.h"
#include "base/stdfds.h"
#include "command/signals.h"

/* All pointers are borrowed. */
struct exec {
	char *const *argv;	/* NULL at the end */
	const struct fd_list *fds;	/* where its end is placed; not empty */
	const char *option;	/* the option that chose them, for messages */
	int end;		/* of the pair, and on none of these numbers */
	bool null_input;	/* its 0, if not chosen, is /dev/null */
	bool error_output;	/* its 1, if not chosen, is standard error */
	bool die_with_parent;
	char *listen_pid;	/* see environment_write_pid(); or NULL */
};

enum exec_step {
	STEP_PARENT,		/* being tied to the parent's life */
	STEP_NULL,		/* /dev/null for its standard input */
	STEP_PLACE,		/* its end on the chosen numbers */
	STEP_SIGNALS,		/* signals as they were on entry */
	STEP_EXEC,
};

/* What went wrong on the way; shorter than PIPE_BUF. */
struct exec_failure {
	enum exec_step step;
	int error;		/* errno */
	int number;		/* the descriptor that it was about */
};

/*
 * In the child, after fork: become the command.  parent is the pid of the
 * process that forked.  Only async-signal-safe calls are made.  Returns only
 * if that fails, with *failure filled in.
 */
void exec_become(const struct exec *command, const struct stdfds *stdfds,
    const struct signals *signals, pid_t parent, struct exec_failure *failure);

#endif
