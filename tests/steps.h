/* SPDX-License-Identifier: MIT */
/* Steps that peer and actor have in common.  Needs _GNU_SOURCE. */
#ifndef STEPS_H
#define STEPS_H

#include <sys/socket.h>

#include <fcntl.h>
#include <signal.h>

#include "instrument.h"

static bool forked;		/* this process is a child of do_fork() */
static volatile sig_atomic_t caught[65];

static inline void
note_signal(int number)
{
	caught[number] = 1;
}

static inline void
set_handler(int number, void (*handler)(int))
{
	struct sigaction action = { 0 };

	action.sa_handler = handler;
	expect(sigaction(number, &action, NULL) == 0, "signal");
}

/*
 * Wait until the signal has been caught.  It is blocked except in sigsuspend(2)
 * so that it cannot arrive between the question and the wait.
 */
static inline void
await_signal(int number)
{
	sigset_t block, saved;

	sigemptyset(&block);
	sigaddset(&block, number);
	sigprocmask(SIG_BLOCK, &block, &saved);
	sigdelset(&saved, number);
	while (!caught[number])
		sigsuspend(&saved);
	sigprocmask(SIG_SETMASK, &saved, NULL);
}

static inline void
set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	expect(flags != -1 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) != -1,
	    "nonblock");
}

/* Shut fd down, or close it if it is no socket. */
static inline void
shut_down(int fd, int how, const char *step)
{
	if (shutdown(fd, how) == 0)
		return;
	expect(errno == ENOTSOCK && close(fd) == 0, step);
}

/* Fork; returns how many of the steps behind it this process skips. */
static inline int
do_fork(char *const *steps)
{
	int skipped = 0;
	pid_t pid = fork();

	expect(pid != -1, "fork");
	if (pid == 0) {
		forked = true;
		return 0;
	}
	while (steps[skipped] != NULL && strcmp(steps[skipped], "parent") != 0)
		skipped++;
	return skipped;
}

#endif
