/* SPDX-License-Identifier: MIT */
/*
 * Signals, each case in a child of its own and in two modes: read from a
 * signalfd(2), if the system has it, and written into a pipe by handlers.
 */
#include "config.h"

#include <sys/wait.h>

#include <poll.h>

#include "base/clock.h"
#include "command/signals.h"
#include "no-signalfd.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define LAST 65

static const int taken[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE,
	SIGUSR1, SIGSEGV, SIGUSR2, SIGALRM, SIGTERM, SIGCHLD, SIGCONT,
	SIGXCPU, SIGVTALRM, SIGPROF, SIGWINCH, SIGSYS,
};

static const int not_taken[] = {
	SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGPIPE, SIGXFSZ,
};

static void
set(int number, void (*handler)(int))
{
	struct sigaction action = { 0 };

	action.sa_handler = handler;
	sigaction(number, &action, NULL);
}

static bool
disposition_is(int number, void (*handler)(int))
{
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 &&
	    action.sa_handler == handler;
}

/*
 * Set signals as a process may find them on entry: by default, ignored,
 * blocked, ignored and blocked.
 */
static void
enter(void)
{
	sigset_t mask;
	int number;

	for (number = 1; number < LAST; number++)
		set(number, SIG_DFL);
	set(SIGHUP, SIG_IGN);
	set(SIGCHLD, SIG_IGN);
	set(SIGXFSZ, SIG_IGN);
	set(SIGUSR2, SIG_IGN);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigaddset(&mask, SIGUSR2);
	sigaddset(&mask, SIGTSTP);
	sigaddset(&mask, SIGPIPE);
	sigprocmask(SIG_SETMASK, &mask, NULL);
}

static int
open_signals(struct signals *signals, const void *handlers)
{
	enter();
	no_signalfd = *(const bool *)handlers;
	return signals_open(signals);
}

static bool
next(struct signals *signals, struct signal_event *event)
{
	signals_begin(signals);
	return signals_next(signals, event);
}

/*
 * As ppoll(2): see --wrap.  On request it gives ENOSYS as under a filter, or a
 * signal and data that come just before the kernel looks.
 */
static bool no_ppoll;
static bool signal_and_write;
static int data_end;		/* what is written here is data */

int __real_ppoll(struct pollfd *, nfds_t, const struct timespec *,
    const sigset_t *);
int __wrap_ppoll(struct pollfd *, nfds_t, const struct timespec *,
    const sigset_t *);

int
__wrap_ppoll(struct pollfd *slots, nfds_t count, const struct timespec *left,
    const sigset_t *mask)
{
	if (no_ppoll) {
		errno = ENOSYS;
		return -1;
	}
	if (signal_and_write && (kill(getpid(), SIGINT) == -1 ||
	    write(data_end, "x", 1) != 1))
		return -1;
	return __real_ppoll(slots, count, left, mask);
}

/* Open signals, and make the slots of a pipe's data and of the signals. */
static int
open_slots(struct signals *signals, const void *handlers,
    struct pollfd slots[2])
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) == -1 ||
	    open_signals(signals, handlers) == -1)
		return -1;
	data_end = ends[1];
	slots[0] = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	slots[1] = (struct pollfd){ .fd = signals->fd, .events = POLLIN };
	return 0;
}

/* With handlers poll(2) would miss a signal that comes before it. */
static int
polls_without_ppoll(void *handlers)
{
	struct signals signals;
	struct pollfd slots[2];

	ASK(open_slots(&signals, handlers, slots) == 0);
	ASK(write(data_end, "x", 1) == 1);
	ASK(signals_poll(&signals, slots, 2, DEADLINE_NEVER) == 1);
	no_ppoll = true;
	slots[0].revents = 0;
	if (signals.handler_fd != -1) {
		ASK(signals_poll(&signals, slots, 2, 0) == -1);
		ASK(errno == ENOSYS);
		return 0;
	}
	ASK(signals_poll(&signals, slots, 2, DEADLINE_NEVER) == 1);
	ASK(slots[0].revents == POLLIN && slots[1].revents == 0);
	return 0;
}

/* A command has written because of a signal, which we got as well. */
static int
polls_signal_with_data(void *handlers)
{
	struct signals signals;
	struct signal_event event;
	struct pollfd slots[2];

	ASK(open_slots(&signals, handlers, slots) == 0);
	signals_begin(&signals);
	signal_and_write = true;
	ASK(signals_poll(&signals, slots, 2, DEADLINE_NEVER) > 0);
	ASK(slots[0].revents == POLLIN && slots[1].revents == POLLIN);
	ASK(signals_next(&signals, &event) && event.number == SIGINT);
	return 0;
}

/* A handler runs between any two steps of ours. */
static int
keeps_errno(void *handlers)
{
	struct signals signals;

	ASK(open_signals(&signals, handlers) == 0);
	kill(getpid(), SIGTERM);
	errno = EXDEV;
	sigprocmask(SIG_SETMASK, &signals.wait_mask, NULL);
	ASK(errno == EXDEV);
	return 0;
}

static int
opens(void *handlers)
{
	struct signals signals;
	sigset_t mask;
	int number;
	int count = count_descriptors();

	ASK(open_signals(&signals, handlers) == 0);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (number = 1; number < 32; number++)
		ASK(number == SIGKILL || number == SIGSTOP ||
		    sigismember(&mask, number) == 1);
	ASK(sigismember(&mask, SIGRTMIN) == 1);
	ASK(sigismember(&mask, SIGRTMAX) == 1);
	ASK(!disposition_is(SIGCHLD, SIG_IGN));
	ASK(disposition_is(SIGHUP, SIG_IGN));
	ASK(signals_blocked_on_entry(&signals, SIGUSR1));
	ASK(signals_blocked_on_entry(&signals, SIGTSTP));
	ASK(!signals_blocked_on_entry(&signals, SIGTERM));
	ASK(fcntl(signals.fd, F_GETFL) & O_NONBLOCK);
	ASK(fcntl(signals.fd, F_GETFD) & FD_CLOEXEC);
	ASK(signals.handler_fd == -1 ||
	    fcntl(signals.handler_fd, F_GETFD) & FD_CLOEXEC);
	signals_close(&signals);
	ASK(signals.fd == -1 && signals.handler_fd == -1);
	ASK(count_descriptors() == count);
	return 0;
}

static int
blocks(void *handlers)
{
	struct signals signals;
	sigset_t mask;
	size_t i;

	ASK(open_signals(&signals, handlers) == 0);
	kill(getpid(), SIGPIPE);
	signals_begin(&signals);
	ASK(disposition_is(SIGPIPE, SIG_IGN));
	ASK(disposition_is(SIGXFSZ, SIG_IGN));
	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (i = 0; i < COUNT(taken); i++)
		ASK(sigismember(&mask, taken[i]) == 1);
	ASK(sigismember(&mask, SIGRTMIN) == 1);
	ASK(sigismember(&mask, SIGRTMAX) == 1);
	for (i = 0; i < COUNT(not_taken); i++)
		ASK(sigismember(&mask, not_taken[i]) ==
		    signals_blocked_on_entry(&signals, not_taken[i]));
	return 0;
}

static int
reads(void *handlers)
{
	struct signals signals;
	struct signal_event event;
	size_t i;

	ASK(open_signals(&signals, handlers) == 0);
	ASK(!next(&signals, &event));
	for (i = 0; i < COUNT(taken); i++) {
		if (disposition_is(taken[i], SIG_IGN))
			continue;
		event = (struct signal_event){ 0, 77 };
		kill(getpid(), taken[i]);
		ASK(next(&signals, &event));
		ASK(event.number == taken[i] && event.code == SI_USER);
		ASK(!next(&signals, &event));
	}
	raise(SIGTERM);
	ASK(next(&signals, &event) && event.number == SIGTERM);
	ASK(event.code == SI_TKILL);
	for (i = 0; i < 3; i++)
		kill(getpid(), SIGRTMIN + 1);
	for (i = 0; i < 3; i++)
		ASK(next(&signals, &event) && event.number == SIGRTMIN + 1);
	kill(getpid(), SIGPIPE);
	kill(getpid(), SIGXFSZ);
	kill(getpid(), SIGURG);
	ASK(!next(&signals, &event));
	return 0;
}

/* HUP is ignored, and USR1 was blocked on entry. */
static int
knows_what_ends_us(void *handlers)
{
	struct signals signals;

	ASK(open_signals(&signals, handlers) == 0);
	ASK(!signals_are_to_end_us(&signals));
	kill(getpid(), SIGHUP);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGWINCH);
	kill(getpid(), SIGURG);
	ASK(!signals_are_to_end_us(&signals));
	kill(getpid(), SIGTERM);
	ASK(signals_are_to_end_us(&signals));
	signals_begin(&signals);
	ASK(signals_are_to_end_us(&signals));
	return 0;
}

static int
skips_ignored(void *handlers)
{
	struct signals signals;
	struct signal_event event;

	ASK(open_signals(&signals, handlers) == 0);
	kill(getpid(), SIGHUP);
	kill(getpid(), SIGUSR2);
	ASK(!next(&signals, &event));
	kill(getpid(), SIGHUP);
	kill(getpid(), SIGTERM);
	ASK(next(&signals, &event) && event.number == SIGTERM);
	ASK(!next(&signals, &event));
	return 0;
}

/* The signal comes between signals_open() and signals_begin(). */
static int
keeps_early_signal(void *handlers)
{
	struct signals signals;
	struct signal_event event;

	ASK(open_signals(&signals, handlers) == 0);
	kill(getpid(), SIGUSR1);
	ASK(next(&signals, &event) && event.number == SIGUSR1);
	return 0;
}

static int
reaps(void *handlers)
{
	struct signals signals;
	struct signal_event event;
	siginfo_t info;
	int status;
	pid_t pid;

	ASK(open_signals(&signals, handlers) == 0);
	pid = fork();
	if (pid == 0)
		_exit(3);
	ASK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
	ASK(next(&signals, &event) && event.number == SIGCHLD);
	ASK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 3);
	return 0;
}

static int
restores(void *handlers)
{
	struct signals signals;
	struct sigaction before[LAST], after;
	sigset_t mask_before, mask_after;
	int number;

	enter();
	sigprocmask(SIG_SETMASK, NULL, &mask_before);
	for (number = 1; number < LAST; number++)
		sigaction(number, NULL, &before[number]);
	ASK(open_signals(&signals, handlers) == 0);
	ASK(signals_restore(&signals) == 0);
	sigprocmask(SIG_SETMASK, NULL, &mask_after);
	for (number = 1; number < LAST; number++) {
		ASK(sigismember(&mask_before, number) ==
		    sigismember(&mask_after, number));
		if (sigaction(number, NULL, &after) == 0)
			ASK(before[number].sa_handler == after.sa_handler);
	}
	return 0;
}

/* The pending signal acts by the disposition of entry; no handler runs. */
static int
restores_with_pending(void *handlers)
{
	struct signals signals;

	if (open_signals(&signals, handlers) == -1)
		return 1;
	kill(getpid(), SIGTERM);
	signals_restore(&signals);
	return 0;
}

/* A pending signal that was not read has its default action. */
static int
dies_when_closed(void *handlers)
{
	struct signals signals;

	no_signalfd = *(bool *)handlers;
	ASK(signals_open(&signals) == 0);
	kill(getpid(), SIGTERM);
	signals_close(&signals);
	return 1;
}

/* SIGPIPE and SIGXFSZ do not end us. */
static int
closes_with_failed_write(void *handlers)
{
	struct signals signals;

	no_signalfd = *(bool *)handlers;
	ASK(signals_open(&signals) == 0);
	kill(getpid(), SIGPIPE);
	kill(getpid(), SIGXFSZ);
	signals_close(&signals);
	return 0;
}

int
main(void)
{
	static const struct {
		int (*function)(void *);
		int want;
		const char *name;
	} rows[] = {
		{ opens, 0,
		    "every signal is blocked, and SIGCHLD is not ignored" },
		{ blocks, 0, "only those of the relay and of entry stay so" },
		{ reads, 0,
		    "each of the relay's signals is read, and no other" },
		{ knows_what_ends_us, 0,
		    "a pending signal is known that would end us" },
		{ skips_ignored, 0, "an ignored signal is skipped" },
		{ keeps_early_signal, 0,
		    "a signal before signals_begin() is not lost" },
		{ reaps, 0, "if SIGCHLD was ignored, no status is lost" },
		{ keeps_errno, 0, "a signal that comes leaves errno alone" },
		{ polls_without_ppoll, 0,
		    "where ppoll(2) is refused, poll(2) waits" },
		{ polls_signal_with_data, 0,
		    "a signal is reported with what was written after it" },
		{ restores, 0, "dispositions and mask of entry are restored" },
		{ restores_with_pending, SIGTERM,
		    "a pending signal acts as it would have on entry" },
		{ dies_when_closed, SIGTERM,
		    "a signal that was not read acts on close" },
		{ closes_with_failed_write, 0,
		    "a pending SIGPIPE or SIGXFSZ does not act on close" },
	};
	char title[100];
	bool handlers;
	int mode;
	size_t i;

	for (mode = 0; mode < 2; mode++)
		for (i = 0; i < COUNT(rows); i++) {
			handlers = mode == 1;
			snprintf(title, sizeof(title), "%s (%s)", rows[i].name,
			    handlers ? "handlers" : "as opened");
			if (is_under_valgrind() &&
			    (handlers || rows[i].function == reads))
				elsewhere(title, "valgrind gets signals first");
			else
				is_int(run_child(rows[i].function, &handlers),
				    rows[i].want, title);
		}
	return done_testing();
}
