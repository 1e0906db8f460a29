/* SPDX-License-Identifier: MIT */
/*
 * Signals as data: the relay reads them from a descriptor.  What they were on
 * entry is kept for the command, which gets it back to the letter.
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
	int fd;			/* readable when a signal has come */
	int handler_fd;		/* where a handler writes, or -1: signalfd(2) */
	sigset_t taken;		/* the signals that come through fd */
	sigset_t entry_mask;	/* blocked on entry */
	sigset_t running_mask;	/* after signals_begin(): those, and taken */
	sigset_t wait_mask;	/* for ppoll(2): lets handlers run */
	struct sigaction entry_child;	/* disposition of CHLD on entry */
};

struct signal_event {
	int number;
	int code;		/* si_code: who sent it; see sigaction(2) */
};

/*
 * Block every signal and take over those that the relay handles: CHLD, CONT,
 * WINCH and all that can be caught and would end a process, but PIPE and XFSZ.
 * A blocked signal waits, so that none is lost before signals_begin().
 * Returns 0, or -1 with errno, and then too it is to be closed.
 */
int signals_open(struct signals *signals);

/*
 * As ppoll(2) over count slots, until deadline (clock.h): where signals come
 * by handlers, they run only here.
 */
int signals_poll(const struct signals *signals, struct pollfd *slots,
    nfds_t count, int64_t deadline);

/*
 * Instead of signals_poll() that fails: let signals come for 10 milliseconds,
 * and leave the processor to others.
 */
void signals_wait_without_poll(struct signals *signals);

/*
 * In a child, before exec: dispositions and mask as they were on entry.
 * Only async-signal-safe calls are made.  Returns 0, or -1 with errno.
 */
int signals_restore(const struct signals *signals);

/*
 * All commands have been started, and take no more from us: block only the
 * signals that are taken and those that were blocked on entry, so that job
 * control works, and ignore PIPE and XFSZ.
 */
void signals_begin(const struct signals *signals);

/*
 * Take the next signal that has come, if any; those that are ignored are
 * passed over.  True with *event filled in, or false: no more for now.
 */
bool signals_next(struct signals *signals, struct signal_event *event);

/* Whether number was blocked on entry. */
bool signals_blocked_on_entry(const struct signals *signals, int number);

/* Whether event came from the terminal, to the whole foreground group. */
bool signal_from_terminal(const struct signal_event *event);

/* Whether the disposition of number is to ignore it. */
bool signal_is_ignored(int number);

/* Whether a process that does not care about number dies of it. */
bool signal_is_fatal(int number);

/*
 * Die of signal number as if it had never been caught, without a core file.
 * Returns only if that fails, as it does for a container's first process.
 */
void signal_die_of(int number);

/*
 * Nothing more is to be handled: let those that wait, or are still to come, do
 * what they would have done on entry.  Does nothing if fd is -1.
 */
void signals_close(struct signals *signals);

#endif
