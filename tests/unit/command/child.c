/* SPDX-License-Identifier: MIT */
/* A running command: only it is reaped; it is signalled until then. */
#include "config.h"

#include "command/child.h"
#include "tap.h"

/* Wait until pid has ended, but do not reap it. */
static void
await_end(pid_t pid)
{
	siginfo_t info;

	need(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0,
	    "waitid");
}

/* Fork a child that exits with status; if it is -1, it waits for a signal. */
static pid_t
fork_child(int status)
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
	struct child child = { .pid = fork_child(-1) };
	pid_t other = fork_child(3);
	int status;

	await_end(other);
	ok(!child_reap(&child) && !child.reaped,
	    "a running child is not reaped");
	ok(waitpid(other, &status, 0) == other && WEXITSTATUS(status) == 3,
	    "another child that has ended is not reaped");
	child_signal(&child, SIGTERM);
	await_end(child.pid);
	ok(child_reap(&child) && child.reaped &&
	    WTERMSIG(child.wait_status) == SIGTERM,
	    "an ended child is reaped, with the signal that ended it");
	ok(child_reap(&child) && WTERMSIG(child.wait_status) == SIGTERM,
	    "a reaped child stays reaped, with its status");

	child = (struct child){ .pid = fork_child(42) };
	await_end(child.pid);
	ok(child_reap(&child) && WIFEXITED(child.wait_status) &&
	    WEXITSTATUS(child.wait_status) == 42,
	    "the exit status of a child is kept");

	child = (struct child){ .pid = fork_child(42) };
	need(waitpid(child.pid, NULL, 0) == child.pid, "waitpid");
	ok(child_reap(&child) && WIFEXITED(child.wait_status) &&
	    WEXITSTATUS(child.wait_status) == 125,
	    "a child that was reaped elsewhere has status 125");
}

static void
test_signal(void)
{
	struct child child = { .pid = fork_child(-1), .reaped = true };
	int status;

	child_signal(&child, SIGKILL);
	child.reaped = false;
	child_signal(&child, SIGTERM);
	waitpid(child.pid, &status, 0);
	is_int(WTERMSIG(status), SIGTERM,
	    "a reaped child is not signalled");
	child_signal(&child, SIGTERM);
	child = (struct child){ .pid = 1 };
	child_signal(&child, 0);
	ok(true, "a signal that is refused is no error");
}

int
main(void)
{
	alarm(100);
	test_reap();
	test_signal();
	return done_testing();
}
