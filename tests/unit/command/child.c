/* SPDX-License-Identifier: MIT */
/* A running command: only it is reaped; it is signalled until then. */
#include "config.h"

#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

#include <fcntl.h>
#include <limits.h>
#include <sched.h>

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
	struct capture said;
	int status;

	child_signal(&child, SIGKILL);
	child.reaped = false;
	child_signal(&child, SIGTERM);
	waitpid(child.pid, &status, 0);
	is_int(WTERMSIG(status), SIGTERM,
	    "a reaped child is not signalled");
	child_signal(&child, SIGTERM);
	child = (struct child){ .pid = INT_MAX };	/* there is none */
	capture_begin(&said, STDERR_FILENO);
	child_signal(&child, SIGTERM);
	capture_end(&said);
	is_str(said.text, "", "one that fails is not told");
}

/* The link of fd as /proc has it, or "" without /proc. */
static const char *
find_link(int fd)
{
	static char link[80];
	char path[40];
	ssize_t size;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	size = readlink(path, link, sizeof(link) - 1);
	link[size > 0 ? size : 0] = '\0';
	return link;
}

static void
test_ends(void)
{
	struct child child = { .pid = getpid() };
	int sockets[2], in[2], out[2];

	need(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0 &&
	    pipe(in) == 0 && pipe(out) == 0, "ends");
	ok(!child_is_end(&child, "socket:[0]") && !child_is_end(&child, ""),
	    "a child without an end has none");
	if (*find_link(0) == '\0') {
		skip("a child's ends are known by their links", "no /proc");
		return;
	}
	child_note_ends(&child, sockets[0], -1);
	ok(child_is_end(&child, find_link(sockets[0])) &&
	    !child_is_end(&child, find_link(sockets[1])) &&
	    !child_is_end(&child, find_link(in[0])),
	    "the end of a pair is one socket");
	child_note_ends(&child, in[0], out[1]);
	ok(child_is_end(&child, find_link(in[0])) &&
	    child_is_end(&child, find_link(out[1])) &&
	    !child_is_end(&child, find_link(sockets[0])),
	    "two pipes are both the child's ends");
#ifdef LINUX_EXTRAS
	ok(child_has_end_at(&child, in[0]) &&
	    child_has_end_at(&child, out[1]) &&
	    !child_has_end_at(&child, sockets[0]),
	    "the child's ends are found by their numbers");
	child.fds = &(struct fd_list){ (int[]){ sockets[0], out[1] }, 2 };
	ok(child_holds_end(&child), "a child may hold one end alone");
	child.fds = &(struct fd_list){ (int[]){ sockets[0], sockets[1] }, 2 };
	ok(!child_holds_end(&child), "or none");
	child.fds = &(struct fd_list){ (int[]){ in[0], out[1] }, 2 };
	child.reaped = true;
	ok(!child_holds_end(&child), "and does not once it has ended");
#else
	ok(!child_has_end_at(&child, in[0]), "no end is found by its number");
#endif
}

/* Its child and an orphan have ended. */
static int
reap_both(void)
{
	struct child child = { .pid = fork_child(42) };
	const struct child *children[] = { &child };
	pid_t other = fork_child(3);

	await_end(child.pid);
	await_end(other);
	child_reap_orphans(children, 1);
	ASK(child_reap(&child) && WEXITSTATUS(child.wait_status) == 42);
	child_reap_orphans(children, 1);
	ASK(waitpid(other, NULL, WNOHANG) == -1 && errno == ECHILD);
	return 0;
}

static int
reap_as_subreaper(void *argument)
{
	(void)argument;
#ifdef PR_SET_CHILD_SUBREAPER
	ASK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	return reap_both();
#else
	return 77;
#endif
}

#ifdef CLONE_NEWPID

/* Process 1 of a namespace. */
static int
reap_as_init(void *argument)
{
	(void)argument;
	ASK(getpid() == 1);
	return reap_both();
}

/* In a namespace of its own, as far as the user may have one. */
static int
reap_in_namespace(void *argument)
{
	int status;

	if (unshare(CLONE_NEWPID) == -1 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWPID) == -1)
		return 77;
	status = run_child(reap_as_init, argument);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

#else

static int
reap_in_namespace(void *argument)
{
	(void)argument;
	return 77;
}

#endif

static void
test_orphans(void)
{
	static const char name[] = "process 1 reaps orphans, and no child of "
	    "ours before its time";

	passes_or_skips(reap_as_subreaper, NULL,
	    "a subreaper reaps orphans, and no child of ours before its time",
	    "no subreapers");
	if (is_under_valgrind())
		elsewhere(name, "valgrind");
	else
		passes_or_skips(reap_in_namespace, NULL, name,
		    "no right to make a process-id namespace");
}

int
main(void)
{
	alarm(100);
	test_reap();
	test_orphans();
	test_signal();
	test_ends();
	return done_testing();
}
