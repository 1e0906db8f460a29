/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "command/signals-handlers.h"

/* A global, because a handler has no argument for it. */
static volatile sig_atomic_t handler_pipe = -1;

/* The handler.  All other signals are blocked while it runs (sa_mask). */
static void
write_event(int number, siginfo_t *info, void *context)
{
	const struct signal_event event = { number, info->si_code };
	int saved_errno = errno;

	(void)context;
	/*
	 * A pipe takes so few bytes whole or not at all.  A signal is lost only
	 * if thousands of others have not been read yet.
	 */
	(void)!write((int)handler_pipe, &event, sizeof(event));
	errno = saved_errno;
}

static int
create_pipe(struct signals *signals)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1)
		return -1;
	signals->fd = ends[0];
	signals->handler_fd = ends[1];
	handler_pipe = ends[1];
	return 0;
}

int
signals_install_handlers(struct signals *signals)
{
	struct sigaction action = { 0 };
	int number;

	if (create_pipe(signals) == -1)
		return -1;
	action.sa_sigaction = write_event;
	action.sa_flags = SA_SIGINFO;
	sigfillset(&action.sa_mask);
	for (number = 1; number <= SIGNAL_LAST; number++) {
		if (sigismember(&signals->taken, number) != 1 ||
		    signal_is_ignored(number))
			continue;
		if (sigaction(number, &action, NULL) == -1)
			return -1;
		sigdelset(&signals->wait_mask, number);
	}
	return 0;
}

int
signals_remove_handlers(const struct signals *signals)
{
	struct sigaction standard = { 0 };
	int result = 0;
	int number;

	standard.sa_handler = SIG_DFL;
	/* Of the taken signals, those with a handler are not in wait_mask. */
	for (number = 1; number <= SIGNAL_LAST; number++)
		if (sigismember(&signals->taken, number) == 1 &&
		    sigismember(&signals->wait_mask, number) == 0 &&
		    sigaction(number, &standard, NULL) == -1)
			result = -1;
	return result;
}

void
signals_run_handlers(const struct signals *signals)
{
	sigset_t before;

	if (signals->handler_fd == -1)
		return;
	sigprocmask(SIG_SETMASK, &signals->wait_mask, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
