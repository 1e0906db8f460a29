/* SPDX-License-Identifier: MIT */
/*
 * Signals of the terminal's keys, such as ^C, that come while a command is
 * being started: the command gets each of them once.
 *
 * Theory of operation.  A key signals every process of the foreground group.
 * If it is pressed before the child exists, the signal reaches us alone,
 * because a child inherits no pending signals (tests/unit/kernel:
 * child_inherits_none).  If it is pressed later, the signal reaches both.  So
 * these signals are not blocked while vfork(2) creates the child, and a handler
 * notes each that reaches us.  The kernel does not create the child while a
 * signal is still to be handled, and vfork(2) returns after the exec
 * (tests/unit/kernel: signal_before_vfork, vfork_waits_for_exec).  So the
 * command lacks exactly the signals that we noted before the child called
 * keys_begin_child().  keys_send() sends them.
 *
 * In the child the handler lets the signal have its default action: the child
 * dies, even if its exec does not return.  But if the signal was blocked on
 * entry, the handler notes it, and keys_send() sends it, so that it is pending
 * in the command.
 *
 * SIGTSTP (^Z) must not stop the child before its exec: we would wait for the
 * child in vfork(2), and could not be stopped ourselves.  So the child discards
 * it.  In our process it stays blocked.  If it is pending after the exec,
 * either the command lacks it, or it has stopped the command already, and a
 * second one has no effect.  So keys_send() sends it.  SIGCONT removes a
 * pending SIGTSTP, so one that was followed by SIGCONT is not sent.
 */
#ifndef KEYS_H
#define KEYS_H

#include <sys/types.h>

#include <signal.h>

#include "command/signals.h"

#define KEY_COUNT 4		/* the number of signals, see keys.c */

/* What keys_begin() changed, and keys_end() restores. */
struct keys {
	sigset_t mask;
	struct sigaction entry[KEY_COUNT];
};

/*
 * Install the handlers and unblock their signals, except those that are
 * ignored.  signals is from signals_open(), and all signals are blocked; it is
 * used until keys_end().  Only one struct keys can be in use at a time.
 * Returns 0; or -1 with errno, and nothing has changed.
 */
int keys_begin(struct keys *keys, const struct signals *signals);

/* The child calls this first. */
void keys_begin_child(void);

/*
 * Restore mask and dispositions.  Call it when vfork(2) has returned, even if
 * it failed.  The signals that we noted are pending for us again, with the same
 * siginfo_t.
 */
void keys_end(const struct keys *keys);

/*
 * Send child, a pid, the signals that it lacks.  Call it after keys_end(), and
 * after the child's exec has succeeded.
 */
void keys_send(pid_t child);

#endif
