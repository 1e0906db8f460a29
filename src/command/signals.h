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

struct signals {
	int fd;			/* readable when a signal has come */
	int handler_fd;		/* where a handler writes, or -1: signalfd(2) */
	sigset_t taken;		/* the signals that come through fd */
	sigset_t entry_mask;	/* blocked on entry */
	sigset_t wait_mask;	/* for ppoll(2): lets handlers run */
	struct sigaction entry_child;	/* dispositions on entry of CHLD, */
	struct sigaction entry_pipe;	/* PIPE, */
	struct sigaction entry_size;	/* and XFSZ */
};

struct signal_event {
	int number;
	int code;		/* si_code: who sent it; see sigaction(2) */
};

/*
 * Block every signal and take over those that the relay handles: CHLD,
 * CONT, WINCH and all that can be caught and would end a process, but PIPE and
 * XFSZ, which are ignored from here on.  A blocked signal waits, so that none
 * is lost between here and signals_block().
 * Returns 0, or -1 with errno, and then too it is to be closed.
 */
int signals_open(struct signals *signals);

/*
 * A child has just been made, and still blocks every signal.  Send it the
 * terminal's signals that are pending for us, and note them in *early.  A
 * signal that came before the child existed has reached only us, since fork(2)
 * does not inherit pending signals.  One that came later is pending for the
 * child, too, and two of the same number count as one (tests/unit/kernel:
 * child_inherits_none, two_count_as_one).
 */
void signals_pass_early(pid_t child, sigset_t *early);

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
 * Block the signals that are taken and those that were blocked on entry, and
 * no others: a parent's state once the child is there, so that job control
 * works.
 */
void signals_block(const struct signals *signals);

/*
 * Take the next signal that has come, if any; those that are ignored are
 * passed over.  True with *event filled in, or false: no more for now.
 */
bool signals_next(struct signals *signals, struct signal_event *event);

/* Whether number was blocked on entry. */
bool signals_blocked_on_entry(const struct signals *signals, int number);

/* Whether event came from the terminal, to the whole foreground group. */
bool signal_from_terminal(const struct signal_event *event);

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
