/* SPDX-License-Identifier: MIT */
/* The command once it runs: reaped alone, signalled while it is there. */
#include "config.h"

#include "command/child.h"
#include "tap.h"

/* Wait until pid has ended; its status stays there to be taken. */
static void
await_end(pid_t pid)
{
	siginfo_t info;

	need(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0,
	    "waitid");
}

/* A child that waits for a signal, or exits with status. */
static pid_t
start(int status)
{
	pid_t pid = fork();

	need(pid != -1, "fork");
	if (pid == 0) {
		alarm(60);
		while (status == -1)
			pause();
		_exit(status);
	}
	return pid;
}

static void
test_reap(void)
{
	struct child child = { .pid = start(-1) };
	pid_t other = start(3);
	int status;

	await_end(other);
	ok(!child_reap(&child) && !child.reaped,
	    "a child that runs is not reaped");
	ok(waitpid(other, &status, 0) == other && WEXITSTATUS(status) == 3,
	    "another child is left alone");
	child_signal(&child, SIGTERM);
	await_end(child.pid);
	ok(child_reap(&child) && child.reaped &&
	    WTERMSIG(child.wait_status) == SIGTERM,
	    "a child that has ended is, and its signal is known");
	ok(child_reap(&child) && WTERMSIG(child.wait_status) == SIGTERM,
	    "once reaped it stays so");

	child = (struct child){ .pid = start(42) };
	await_end(child.pid);
	ok(child_reap(&child) && WIFEXITED(child.wait_status) &&
	    WEXITSTATUS(child.wait_status) == 42, "an exit status is known");

	child = (struct child){ .pid = start(42) };
	need(waitpid(child.pid, NULL, 0) == child.pid, "waitpid");
	ok(child_reap(&child) && WIFEXITED(child.wait_status) &&
	    WEXITSTATUS(child.wait_status) == 125,
	    "a status that somebody else took is 125");
}

static void
test_signal(void)
{
	struct child child = { .pid = start(-1), .reaped = true };
	int status;

	child_signal(&child, SIGKILL);
	child.reaped = false;
	child_signal(&child, SIGTERM);
	waitpid(child.pid, &status, 0);
	is_int(WTERMSIG(status), SIGTERM,
	    "a pid that may be another's is not signalled");
	child_signal(&child, SIGTERM);
	child = (struct child){ .pid = 1 };
	child_signal(&child, 0);
	ok(true, "a refusal is nobody's error");
}

int
main(void)
{
	alarm(100);
	test_reap();
	test_signal();
	return done_testing();
}
