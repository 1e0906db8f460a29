/* SPDX-License-Identifier: MIT */
/* The change to handlers: what it is good for, and that it may fail. */
#include "config.h"

#include <sys/resource.h>
#include <sys/time.h>
#ifdef __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include <poll.h>
#include <stddef.h>

#include "command/signals.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Some of those that are taken. */
static const int taken[] = {
	SIGHUP, SIGINT, SIGUSR1, SIGALRM, SIGTERM, SIGCONT, SIGWINCH, SIGSYS,
};

static bool
disposition_is(int number, void (*handler)(int))
{
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 &&
	    action.sa_handler == handler;
}

static void
enter(void)
{
	size_t i;

	for (i = 0; i < COUNT(taken); i++)
		signal(taken[i], SIG_DFL);
	signal(SIGUSR1, SIG_IGN);
}

static int
interrupts(void *argument)
{
	const struct itimerval ticks = { { 0, 20000 }, { 0, 20000 } };
	struct signals signals;
	struct signal_event event;
	char block[4096] = { 0 };
	ssize_t put;
	int ends[2];

	(void)argument;
	enter();
	ASK(signals_open(&signals) == 0);
	ASK(signals_use_handlers(&signals) == 0);
	ASK(pipe(ends) == 0);
	setitimer(ITIMER_REAL, &ticks, NULL);
	signals_unblock(&signals);
	do {
		put = write(ends[1], block, sizeof(block));
	} while (put == (ssize_t)sizeof(block) || (put == -1 &&
	    errno == EINTR && poll(&(struct pollfd){ .fd = ends[1],
	    .events = POLLOUT }, 1, 0) == 1));
	ASK(put == -1 && errno == EINTR);
	signals_block(&signals);
	ASK(signals_next(&signals, &event) && event.number == SIGALRM);
	return 0;
}

/* A mode that could not be changed: is all as it was? */
static int
is_as_before(struct signals *signals, const struct signals *before)
{
	struct signal_event event;
	size_t i;

	ASK(signals->fd == before->fd);
	ASK(signals->handler_fd == before->handler_fd);
	for (i = 0; i < COUNT(taken); i++)
		ASK(sigismember(&signals->wait_mask, taken[i]) ==
		    sigismember(&before->wait_mask, taken[i]));
	kill(getpid(), SIGTERM);
	ASK(signals_next(signals, &event) && event.number == SIGTERM);
	for (i = 0; i < COUNT(taken); i++)
		ASK(disposition_is(taken[i], SIG_DFL) ||
		    disposition_is(taken[i], SIG_IGN));
	return 0;
}

static int
fails_without_descriptors(void *argument)
{
	struct signals signals, before;
	struct rlimit none = { 0, 0 };

	(void)argument;
	enter();
	ASK(signals_open(&signals) == 0);
	before = signals;
	setrlimit(RLIMIT_NOFILE, &none);
	ASK(signals_use_handlers(&signals) == -1 && errno == EMFILE);
	return is_as_before(&signals, &before);
}

#ifdef __linux__

/* From here on the kernel refuses to change SIGWINCH. */
static bool
forbid_winch(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigaction, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SIGWINCH, 0, 3),
		/* To ask is allowed: that has no new action. */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { COUNT(filter), filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int
fails_half_way(void *argument)
{
	struct signals signals, before;

	(void)argument;
	enter();
	ASK(signals_open(&signals) == 0);
	before = signals;
	if (!forbid_winch() || signal(SIGWINCH, SIG_DFL) != SIG_ERR)
		return 77;
	ASK(signals_use_handlers(&signals) == -1 && errno == EACCES);
	return is_as_before(&signals, &before);
}

#else

static int
fails_half_way(void *argument)
{
	(void)argument;
	return 77;
}

#endif

static void
test_failures(void)
{
	static const char half_way[] =
	    "handlers that cannot all be installed leave all as it was";
	int status;

#ifdef HAVE_SIGNALFD
	passes_bare(fails_without_descriptors, NULL,
	    "handlers without a pipe leave all as it was");
	if (is_under_valgrind()) {
		elsewhere(half_way, "valgrind has no seccomp");
		return;
	}
	status = run_child(fails_half_way, NULL);
	if (WEXITSTATUS(status) == 77)
		skip(half_way, "no seccomp");
	else
		is_int(status, 0, half_way);
#else
	(void)status, (void)fails_without_descriptors, (void)fails_half_way;
	elsewhere(half_way, "there is no other mode");
#endif
}

int
main(void)
{
	passes_bare(interrupts, NULL,
	    "a handler interrupts a write that blocks");
	test_failures();
	return done_testing();
}
