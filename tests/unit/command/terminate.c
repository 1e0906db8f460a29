/* SPDX-License-Identifier: MIT */
/* End a child: SIGTERM at one deadline, SIGKILL at the next. */
#include "config.h"

#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "command/terminate.h"
#include "tap.h"

/* Fork a child that waits for a signal, and may ignore SIGTERM. */
static struct child
fork_child(bool ignores)
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
	    "there is no deadline at first");
	now = clock_now();
	terminate_begin(&termination, 3 * SECOND, 2 * SECOND);
	ok(termination.deadline >= now + 3 * SECOND &&
	    termination.deadline < now + 60 * SECOND,
	    "SIGTERM comes after the delay");
	terminate_restart(&termination, 100 * SECOND);
	is_int(termination.deadline, 103 * SECOND,
	    "a restart begins the delay again");
	terminate_stop(&termination);
	ok(termination.deadline == DEADLINE_NEVER,
	    "there is no deadline after the child has ended");
	terminate_begin(&termination, 0, 0);
	ok(termination.deadline == DEADLINE_NEVER,
	    "it cannot begin after that");
}

static void
test_steps(void)
{
	struct termination termination;
	struct child child;
	siginfo_t info;
	int64_t now = clock_now();

	alarm(60);
	child = fork_child(false);
	terminate_init(&termination);
	terminate_begin(&termination, 0, 5 * SECOND);
	terminate_continue(&termination, &child, now - SECOND);
	is_int(termination.step, TERMINATE_TERM,
	    "before the deadline no signal is sent");
	now = clock_now();
	/* Before it has stopped, SIGTERM would come first. */
	kill(child.pid, SIGSTOP);
	need(waitid(P_PID, (id_t)child.pid, &info, WSTOPPED | WNOWAIT) == 0,
	    "waitid");
	terminate_continue(&termination, &child, now);
	is_int(end_signal(&child), SIGTERM,
	    "SIGTERM ends the child, even if it is stopped");
	is_int(termination.deadline, now + 5 * SECOND,
	    "SIGKILL comes after the grace");
	terminate_begin(&termination, 0, 0);
	is_int(termination.deadline, now + 5 * SECOND,
	    "after SIGTERM a second begin changes nothing");
	terminate_restart(&termination, 100 * SECOND);
	is_int(termination.deadline, 105 * SECOND,
	    "a restart begins the grace again");

	child = fork_child(true);
	terminate_init(&termination);
	terminate_begin(&termination, 0, 0);
	now = clock_now();
	terminate_continue(&termination, &child, now);
	is_int(termination.step, TERMINATE_KILL,
	    "SIGKILL follows if SIGTERM is ignored");
	terminate_continue(&termination, &child, now);
	is_int(end_signal(&child), SIGKILL,
	    "SIGKILL ends a child that ignores SIGTERM");
	is_int(termination.step, TERMINATE_DONE,
	    "SIGKILL is the last step");
}

int
main(void)
{
	test_times();
	test_steps();
	return done_testing();
}
