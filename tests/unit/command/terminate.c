/* SPDX-License-Identifier: MIT */
/* Ending a child: SIGTERM at one deadline, SIGKILL at the next. */
#include "config.h"

#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "command/terminate.h"
#include "tap.h"

/* A child that ignores SIGTERM, or not, and waits. */
static struct child
start(bool ignores)
{
	struct child child = { .pid = -1 };
	sigset_t block, saved;

	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, &saved);
	child.pid = fork();
	if (child.pid == 0) {
		signal(SIGTERM, ignores ? SIG_IGN : SIG_DFL);
		sigprocmask(SIG_SETMASK, &saved, NULL);
		for (;;)
			pause();
	}
	sigprocmask(SIG_SETMASK, &saved, NULL);
	return child;
}

static int
end_signal(const struct child *child)
{
	int status;

	if (waitpid(child->pid, &status, 0) == -1 || !WIFSIGNALED(status))
		return -1;
	return WTERMSIG(status);
}

static void
test_times(void)
{
	struct termination termination;
	int64_t now;

	terminate_init(&termination);
	ok(termination.deadline == DEADLINE_NEVER,
	    "there is no reason at first");
	now = clock_now();
	terminate_begin(&termination, 3 * SECOND, 2 * SECOND);
	ok(termination.deadline >= now + 3 * SECOND &&
	    termination.deadline < now + 60 * SECOND,
	    "SIGTERM comes after the delay");
	terminate_restart(&termination, 100 * SECOND);
	is_int(termination.deadline, 103 * SECOND,
	    "lost time starts the delay anew");
	terminate_stop(&termination);
	ok(termination.deadline == DEADLINE_NEVER,
	    "an ended child is left alone");
	terminate_begin(&termination, 0, 0);
	ok(termination.deadline == DEADLINE_NEVER, "and stays so");
}

static void
test_steps(void)
{
	struct termination termination;
	struct child child;
	int64_t now = clock_now();

	child = start(false);
	terminate_init(&termination);
	terminate_begin(&termination, 0, 5 * SECOND);
	terminate_continue(&termination, &child, now - SECOND);
	is_int(termination.step, TERMINATE_TERM,
	    "before the deadline nothing is done");
	now = clock_now();
	kill(child.pid, SIGSTOP);
	terminate_continue(&termination, &child, now);
	is_int(end_signal(&child), SIGTERM,
	    "SIGTERM ends the child, even a stopped one");
	is_int(termination.deadline, now + 5 * SECOND,
	    "SIGKILL waits for the grace");
	terminate_begin(&termination, 0, 0);
	is_int(termination.deadline, now + 5 * SECOND,
	    "after SIGTERM a new reason changes nothing");
	terminate_restart(&termination, 100 * SECOND);
	is_int(termination.deadline, 105 * SECOND,
	    "lost time starts the grace anew");

	child = start(true);
	terminate_init(&termination);
	terminate_begin(&termination, 0, 0);
	now = clock_now();
	terminate_continue(&termination, &child, now);
	is_int(termination.step, TERMINATE_KILL, "SIGTERM may be ignored");
	terminate_continue(&termination, &child, now);
	is_int(end_signal(&child), SIGKILL, "SIGKILL may not");
	is_int(termination.step, TERMINATE_DONE,
	    "then nothing more can be done");
}

int
main(void)
{
	test_times();
	test_steps();
	return done_testing();
}
