/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation.  signals_open() blocks all signals.  Those that the
 * relay handles stay blocked until signals_close(), and are read from a
 * signalfd(2).  Where the system refuses that, they are read from the pipe of
 * signals-handlers.h.
 */
#include "config.h"

#include <sys/resource.h>
#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif
#ifdef HAVE_SIGNALFD
#include <sys/signalfd.h>
#endif

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/fd.h"
#include "base/result.h"
#include "command/signals-handlers.h"
#include "command/signals.h"

bool
signal_is_fatal(int number)
{
	switch (number) {
	case SIGKILL:
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
	case SIGCONT:
	case SIGCHLD:
	case SIGURG:
	case SIGWINCH:
#ifdef SIGINFO
	case SIGINFO:
#endif
		return false;
	default:
		return true;
	}
}

/*
 * Whether the relay handles signal number.  SIGSEGV and the like are among
 * them, since a process may send them.  If our own code causes one, it kills us
 * at once although it is blocked (tests/unit/kernel: blocked_fault_kills).
 */
static bool
is_taken(int number)
{
	if (number == SIGPIPE || number == SIGXFSZ)
		return false;
	return signal_is_fatal(number) || number == SIGCHLD ||
	    number == SIGCONT || number == SIGWINCH;
}

bool
signal_is_ignored(int number)
{
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 &&
	    !(action.sa_flags & SA_SIGINFO) && action.sa_handler == SIG_IGN;
}

static int
open_descriptor(struct signals *signals)
{
#ifdef HAVE_SIGNALFD
	signals->fd = signalfd(-1, &signals->taken, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals->fd != -1)
		return 0;
	if (!io_is_refusal(errno))
		return -1;
#endif
	return signals_install_handlers(signals);
}

bool
signals_are_to_end_us(const struct signals *signals)
{
	sigset_t pending;
	int number;

	sigemptyset(&pending);
	(void)sigpending(&pending);	/* it has no reason to fail */
	for (number = 1; number <= SIGNAL_LAST; number++)
		if (sigismember(&pending, number) == 1 &&
		    signal_is_fatal(number) &&
		    sigismember(&signals->taken, number) == 1 &&
		    !signals_blocked_on_entry(signals, number) &&
		    !signal_is_ignored(number))
			return true;
	return false;
}

static bool
is_not_to_end_us(const void *context)
{
	return !signals_are_to_end_us(context);
}

void
signals_limit_messages(const struct signals *signals)
{
	diag_set_wait(is_not_to_end_us, signals);
}

int
signals_open(struct signals *signals)
{
	struct sigaction standard = { 0 };
	sigset_t all;
	int number;

	signals->fd = signals->handler_fd = -1;
	standard.sa_handler = SIG_DFL;
	sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, &signals->entry_mask) == -1)
		return -1;
	signals->wait_mask = signals->entry_mask;
	sigemptyset(&signals->taken);
	for (number = 1; number <= SIGNAL_LAST; number++)
		if (is_taken(number) && sigaddset(&signals->taken, number) == 0)
			sigaddset(&signals->wait_mask, number);
	signals->running_mask = signals->wait_mask;
	signals_limit_messages(signals);
	/*
	 * If SIGCHLD were ignored, the kernel would reap the command itself,
	 * and its status would be lost (tests/unit/kernel: ignored_child_lost).
	 */
	if (sigaction(SIGCHLD, &standard, &signals->entry_child) == -1)
		return -1;
	return open_descriptor(signals);
}

int
signals_poll(const struct signals *signals, struct pollfd *slots,
    nfds_t count, int64_t deadline)
{
	struct timespec left;
	int result;

	result = ppoll(slots, count, deadline_left(deadline, &left),
	    signals->handler_fd != -1 ? &signals->wait_mask : NULL);
	/*
	 * ppoll(2) does not run handlers if a slot is ready (tests/unit/kernel:
	 * ready_hides_signal).
	 */
	if (result > 0 && signals->handler_fd != -1) {
		signals_run_handlers(signals);
		(void)poll(slots + count - 1, 1, 0);
	}
	/* A system call filter may allow poll(2) and refuse ppoll(2). */
	if (result == -1 && io_is_refusal(errno) && signals->handler_fd == -1)
		result = poll(slots, count, deadline_left_ms(deadline));
	return result;
}

void
signals_wait_without_poll(struct signals *signals)
{
	const struct timespec pause = { 0, 10000000 };
	sigset_t before;

	/* This mask lets signal handlers run. */
	sigprocmask(SIG_SETMASK, &signals->wait_mask, &before);
	nanosleep(&pause, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

int
signals_restore(const struct signals *signals)
{
	/*
	 * exec would remove handlers, too.  But a pending signal would run its
	 * handler before that, when the mask below is set.
	 */
	if (signals_remove_handlers(signals) == -1)
		return -1;
	/*
	 * SIG_DFL needs no restoring.  Its flags were 0 on entry, as
	 * signals_open() has set them, because exec clears them
	 * (tests/unit/kernel: exec_clears_flags).
	 */
	if (signals->entry_child.sa_handler != SIG_DFL &&
	    sigaction(SIGCHLD, &signals->entry_child, NULL) == -1)
		return -1;
	return sigprocmask(SIG_SETMASK, &signals->entry_mask, NULL);
}

/*
 * Ignore SIGPIPE and SIGXFSZ.  Then a write to a pipe without a reader fails
 * with EPIPE, and one beyond the limit on file sizes with EFBIG
 * (tests/unit/kernel: file_limit_no_signal).  Signals of this kind that are
 * pending are discarded.
 */
static void
ignore_failed_writes(void)
{
	struct sigaction ignore = { 0 };

	ignore.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigaction(SIGXFSZ, &ignore, NULL);
}

void
signals_begin(const struct signals *signals)
{
	ignore_failed_writes();
	sigprocmask(SIG_SETMASK, &signals->running_mask, NULL);
}

/* Read one event from the signalfd(2) or from the handlers' pipe. */
static bool
read_event(const struct signals *signals, struct signal_event *event)
{
#ifdef HAVE_SIGNALFD
	struct signalfd_siginfo info;

	if (signals->handler_fd == -1) {
		if (read(signals->fd, &info, sizeof(info)) !=
		    (ssize_t)sizeof(info))
			return false;
		event->number = (int)info.ssi_signo;
		event->code = info.ssi_code;
		return true;
	}
#endif
	return read(signals->fd, event, sizeof(*event)) ==
	    (ssize_t)sizeof(*event);
}

bool
signals_next(struct signals *signals, struct signal_event *event)
{
	signals_run_handlers(signals);
	while (read_event(signals, event))
		/*
		 * The kernel queues a blocked signal even if it is ignored
		 * (tests/unit/kernel: ignored_waits_blocked).
		 */
		if (!signal_is_ignored(event->number))
			return true;
	return false;
}

bool
signals_blocked_on_entry(const struct signals *signals, int number)
{
	return sigismember(&signals->entry_mask, number) == 1;
}

bool
signal_from_terminal(const struct signal_event *event)
{
#ifdef SI_KERNEL
	if (event->code != SI_KERNEL)
		return false;
	/*
	 * A terminal's signals have the code SI_KERNEL, and those of kill(2) do
	 * not.  But SIGALRM, SIGVTALRM, SIGPROF and SIGXCPU from the kernel's
	 * timers have it as well (tests/unit/kernel: key_has_kernel_code,
	 * kill_has_user_code, timer_has_kernel_code).
	 */
	switch (event->number) {
	case SIGINT:
	case SIGQUIT:
	case SIGWINCH:
		return true;
	case SIGHUP:
		/*
		 * When the terminal hangs up, the kernel sends SIGHUP to the
		 * session leader alone (tests/unit/kernel:
		 * hangup_tells_leader), and to the whole group once the leader
		 * has ended.
		 */
		return getsid(0) != getpid();
	default:
		return false;
	}
#else
	(void)event;
	return false;
#endif
}

void
signal_die_of(int number)
{
	struct sigaction action = { 0 };
	struct rlimit none = { 0, 0 };
	sigset_t set;

	/* The command has left a core file already, if there is to be one. */
	setrlimit(RLIMIT_CORE, &none);
#ifdef HAVE_SYS_PRCTL_H
	prctl(PR_SET_DUMPABLE, 0);	/* core_pattern may name a program */
#endif
	action.sa_handler = SIG_DFL;
	sigaction(number, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, number);
	raise(number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void
signals_close(struct signals *signals)
{
	diag_set_wait(NULL, NULL);
	if (signals->fd == -1)
		return;
	(void)signals_remove_handlers(signals);
	fd_close(&signals->fd);
	fd_close(&signals->handler_fd);
	ignore_failed_writes();
	sigprocmask(SIG_SETMASK, &signals->entry_mask, NULL);
}
