/* SPDX-License-Identifier: MIT */
/* Ending a child: SIGTERM at one deadline, SIGKILL at the next. */
#include "config.h"

#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "command/terminate.h"
#include "tap.h"

#define SECOND INT64_C(1000000000)

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
	struct ending ending;
	int64_t now;

	ending_init(&ending);
	ok(ending.deadline == DEADLINE_NEVER, "there is no reason at first");
	now = deadline_now();
	ending_begin(&ending, 3 * SECOND, 2 * SECOND);
	ok(ending.deadline >= now + 3 * SECOND &&
	    ending.deadline < now + 60 * SECOND,
	    "SIGTERM comes after the delay");
	ending_restart(&ending, 100 * SECOND);
	is_int(ending.deadline, 103 * SECOND, "lost time starts the delay anew");
	ending_stop(&ending);
	ok(ending.deadline == DEADLINE_NEVER, "an ended child is left alone");
	ending_begin(&ending, 0, 0);
	ok(ending.deadline == DEADLINE_NEVER, "and stays so");
}

static void
test_steps(void)
{
	struct ending ending;
	struct child child;
	int64_t now = deadline_now();

	child = start(false);
	ending_init(&ending);
	ending_begin(&ending, 0, 5 * SECOND);
	ending_continue(&ending, &child, now - SECOND);
	is_int(ending.step, ENDING_TERM, "before the deadline nothing is done");
	now = deadline_now();
	kill(child.pid, SIGSTOP);
	ending_continue(&ending, &child, now);
	is_int(end_signal(&child), SIGTERM,
	    "SIGTERM ends the child, even a stopped one");
	is_int(ending.deadline, now + 5 * SECOND, "SIGKILL waits for the grace");
	ending_begin(&ending, 0, 0);
	is_int(ending.deadline, now + 5 * SECOND,
	    "after SIGTERM a new reason changes nothing");
	ending_restart(&ending, 100 * SECOND);
	is_int(ending.deadline, 105 * SECOND, "lost time starts the grace anew");

	child = start(true);
	ending_init(&ending);
	ending_begin(&ending, 0, 0);
	now = deadline_now();
	ending_continue(&ending, &child, now);
	is_int(ending.step, ENDING_KILL, "SIGTERM may be ignored");
	ending_continue(&ending, &child, now);
	is_int(end_signal(&child), SIGKILL, "SIGKILL may not");
	is_int(ending.step, ENDING_DONE, "then nothing more can be done");
}

int
main(void)
{
	test_times();
	test_steps();
	return done_testing();
}
