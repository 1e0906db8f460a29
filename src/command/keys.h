/* SPDX-License-Identifier: MIT */
/*
 * Signals of the terminal's keys, such as ^C, that come while a command is
 * being started: the command gets each of them once.
 *
 * Theory of operation.  A key like ^C signals every process of the foreground
 * group.  If it comes before the child exists it reaches us alone, because a
 * child inherits no pending signals (tests/unit/kernel: child_inherits_none);
 * later it reaches both.  So while vfork(2) makes the child, these signals are
 * not blocked: a handler in us notes them, and does nothing else.  vfork(2)
 * does not begin while a signal is to be handled, and returns after the child's
 * exec (tests/unit/kernel: signal_before_vfork, vfork_waits_for_exec).  Thus
 * what we note before the child has begun has not reached the command, and is
 * sent to it.  What we note after that reached both.
 *
 * In the child the handler lets the signal do what it would do without us: the
 * child dies of it, even if its exec never comes back.  Only one that was
 * blocked on entry is noted, to be sent again and to be pending in the command.
 *
 * ^Z must not stop the child before its exec: we would wait for it, unable to
 * stop as well.  So the child drops it, and in us it stays blocked: if it is
 * pending once the command runs, the command has missed it, or is stopped by it
 * already, which a second one does not change.  SIGCONT cancels a pending ^Z,
 * so that one which follows it is not overtaken.
 */
#ifndef KEYS_H
#define KEYS_H

#include <sys/types.h>

#include <signal.h>

#include "command/signals.h"

#define KEY_COUNT 4		/* signals, see keys.c */

/* What keys_begin() changed, and keys_end() restores. */
struct keys {
	sigset_t mask;
	struct sigaction entry[KEY_COUNT];
};

/*
 * Handle the signals from now on, except those that are ignored.  signals is
 * open: every signal is blocked.  Only one struct keys can be in use at a time.
 * Results: 0, or -1 with errno, and nothing has changed.
 */
int keys_begin(struct keys *keys, const struct signals *signals);

/* The child calls this first. */
void keys_begin_child(void);

/*
 * The child has been created, or has not: restore mask and dispositions.  What
 * reached us is pending again, with the same siginfo_t.
 */
void keys_end(const struct keys *keys);

/* After that, and after the child's exec: send it the signals that it lacks. */
void keys_send(pid_t child);

#endif
