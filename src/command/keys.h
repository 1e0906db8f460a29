/* SPDX-License-Identifier: MIT */
/*
 * The terminal's signals that come while a command is being started, so that it
 * gets each of them once.
 *
 * Theory of operation.  A key like ^C signals every process of the foreground
 * group.  If it comes before the child exists it reaches us alone, because a
 * child inherits no pending signals (tests/unit/kernel: child_inherits_none);
 * later it reaches both.  So while vfork(2) makes the child, these signals are
 * not blocked: a handler notes them, and does nothing else, in us and in the
 * child until its exec.  vfork(2) does not begin while a signal is to be
 * handled, and returns after the exec (tests/unit/kernel: signal_before_vfork,
 * vfork_waits_for_exec).  Thus what we note before the child has begun, and
 * what the child notes, has not reached the command, and is sent to it.  What
 * we note after that reached both.
 *
 * Nor may ^Z stop the child before its exec: we would wait for it, unable to
 * stop as well.
 */
#ifndef KEYS_H
#define KEYS_H

#include <sys/types.h>

#include <signal.h>

#define KEY_COUNT 4		/* signals, see keys.c */

struct keys {
	sigset_t mask;		/* of the process, before and after */
	struct sigaction entry[KEY_COUNT];	/* and its dispositions */
};

/*
 * Handle the signals from now on, except those that are ignored.  Only one
 * struct keys can be in use at a time.  Results: 0, or -1 with errno, and
 * nothing has changed.
 */
int keys_begin(struct keys *keys);

/* In the child: its first act. */
void keys_begin_child(void);

/*
 * The child's exec has succeeded or failed; its pid, or -1 if there is none.
 * Send it the signals that it lacks, and restore mask and dispositions.  What
 * reached us is pending again, with the same siginfo_t.
 */
void keys_end(const struct keys *keys, pid_t child);

#endif
