/* SPDX-License-Identifier: MIT */
/*
 * What other processes wait for, and which of them hold an end of a child, as
 * far as /proc shows it.  A process may change any of this at any time, and
 * chooses its own name.  So show it to a user, but decide nothing by it.
 */
#ifndef PROCESS_H
#define PROCESS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "command/child.h"
#include "command/proc.h"

/*
 * Find the system call that process pid is in.  Returns whether it could be
 * read; see proc_find_call().
 */
bool process_find_call(pid_t pid, struct system_call *call);

#define PROCESS_TEXT_MAX 200	/* bytes, with the NUL; a longer text is cut */

/* A process as it is shown.  Both strings may contain any bytes. */
struct process {
	pid_t pid;
	char name[PROC_NAME_MAX];	/* as in ps(1); "?" if it is unknown */
	char text[PROCESS_TEXT_MAX];	/* what it is doing: "is stopped", */
			/* "in read on descriptor 0, a pipe"; or "cannot be */
			/* seen" */
};

/*
 * Fill in *shown for process pid, which is the child or holds its end.  If it
 * has several threads, the text is about one that reads or writes that end;
 * otherwise about one that runs, or else about the first one.
 */
void process_describe(pid_t pid, const struct child *child,
    struct process *shown);

/*
 * Find processes other than child and ourselves that have an end of child open,
 * and put up to most of them into found.  Returns how many.  *is_cut is set to
 * whether there may be more: more than most were found, or not all processes
 * could be inspected in a tenth of a second of processor time.
 */
size_t process_find_holders(const struct child *child, struct process *found,
    size_t most, bool *is_cut);

#endif
