/* SPDX-License-Identifier: MIT */
/*
 * Signals as data: the relay reads them from a descriptor.  The signal mask and
 * the dispositions on entry are kept, and restored for the command.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <sys/types.h>

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef SIGRTMAX
#define SIGNAL_LAST SIGRTMAX	/* the greatest signal number */
#else
#define SIGNAL_LAST (NSIG - 1)
#endif

struct signals {
	int fd;			/* readable when a signal has come; or -1 */
	int handler_fd;		/* where handlers write; or -1: signalfd(2) */
	sigset_t taken;		/* the signals that the relay handles */
	sigset_t entry_mask;	/* blocked on entry */
	sigset_t running_mask;	/* entry_mask and taken */
	sigset_t wait_mask;	/* the same without those with a handler */
	struct sigaction entry_child;	/* disposition of SIGCHLD on entry */
};

struct signal_event {
	int number;
	int code;		/* si_code, the origin; see sigaction(2) */
};

/*
 * Block every signal, and open signals->fd for those that the relay handles:
 * SIGCHLD, SIGCONT, SIGWINCH, and all that can be caught and would end a
 * process, except SIGPIPE and SIGXFSZ.  A blocked signal stays pending, so none
 * is lost before signals_begin().
 * Returns 0, or -1 with errno.  The caller calls signals_close() in both cases.
 */
int signals_open(struct signals *signals);

/*
 * As ppoll(2) for the count slots, until deadline (clock.h).  The last slot
 * must be that of signals->fd, since signals stay blocked.  poll(2) reads the
 * slots in order, so a signal that came before another slot became ready is
 * reported together with it.  We therefore never see what a command wrote
 * because of a signal before the signal itself.  Signal handlers, if they are
 * used, run only here, in signals_next() and in signals_wait_without_poll().
 * Returns what ppoll(2) does, with errno.
 */
int signals_poll(const struct signals *signals, struct pollfd *slots,
    nfds_t count, int64_t deadline);

/*
 * Sleep for 10 milliseconds, or until a signal handler has run.  It is used in
 * place of signals_poll() when that fails, so that the loop does not take all
 * the processor's time.
 */
void signals_wait_without_poll(struct signals *signals);

/*
 * Restore dispositions and mask as they were on entry.  The child calls it
 * before exec.  Async-signal-safe.  Returns 0, or -1 with errno.
 */
int signals_restore(const struct signals *signals);

/*
 * Block only the signals that the relay handles and those that were blocked on
 * entry, so that job control works, and ignore SIGPIPE and SIGXFSZ.  Call it
 * after the last command has been started, because commands inherit what is
 * ignored.
 */
void signals_begin(const struct signals *signals);

/*
 * Read the next signal, without waiting, into *event.  Signals that are ignored
 * are skipped.  Returns false if there is none.
 */
bool signals_next(struct signals *signals, struct signal_event *event);

/*
 * Whether a signal is pending that we handle, and that would have ended us on
 * entry.
 */
bool signals_are_to_end_us(const struct signals *signals);

/*
 * Let a message (diag.h) wait for its reader only until such a signal comes.
 * signals_open() calls it, and signals_close() ends it.
 */
void signals_limit_messages(const struct signals *signals);

/* Whether signal number was blocked on entry. */
bool signals_blocked_on_entry(const struct signals *signals, int number);

/*
 * Whether the terminal sent the signal to the whole foreground process group,
 * so that the command got it, too.
 */
bool signal_from_terminal(const struct signal_event *event);

/* Whether our process ignores signal number. */
bool signal_is_ignored(int number);

/*
 * Whether signal number can be caught, and ends a process by default.  SIGKILL
 * cannot be caught.
 */
bool signal_is_fatal(int number);

/*
 * End our process by the default action of signal number, without a core file.
 * Returns if that action does not end it: for a signal that is not fatal, or if
 * we are the first process of a container.
 */
void signal_die_of(int number);

/*
 * Close signals->fd, and restore the mask that was set on entry.  Pending and
 * later signals act as they would have on entry, except that SIGPIPE and
 * SIGXFSZ stay ignored.  Does nothing if signals->fd is -1.
 */
void signals_close(struct signals *signals);

#endif
