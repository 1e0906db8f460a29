/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#ifdef LINUX_EXTRAS
#include <sys/syscall.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "command/child.h"

/* As waitpid(2) would give an exit with status 125: we failed. */
#define STATUS_LOST (125 << 8)

bool
child_reap(struct child *child)
{
	pid_t pid;

	if (child->reaped)
		return true;
	do {
		pid = waitpid(child->pid, &child->wait_status, WNOHANG);
	} while (pid == -1 && errno == EINTR);
	if (pid == -1) {
		child->wait_status = STATUS_LOST;
		child->error = errno;
	}
	child->reaped = pid != 0;
	return child->reaped;
}

static bool
is_one_of(pid_t pid, const struct child *const *children, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (children[i]->pid == pid && !children[i]->reaped)
			return true;
	return false;
}

void
child_reap_orphans(const struct child *const *children, size_t count)
{
	siginfo_t info;

	if (getpid() != 1)
		return;
	do {
		info.si_pid = 0;
		/* WNOWAIT: it may be a child whose status is needed later. */
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == -1)
			return;
	} while (info.si_pid != 0 && !is_one_of(info.si_pid, children, count) &&
	    waitpid(info.si_pid, NULL, WNOHANG) != -1);
}

void
child_signal(const struct child *child, int number)
{
	if (!child->reaped)
		(void)kill(child->pid, number);
}

bool
child_take_early(struct child *child, int number)
{
	if (sigismember(&child->early, number) != 1)
		return false;
	sigdelset(&child->early, number);
	return true;
}

#ifdef LINUX_EXTRAS

/* Whether number, of the child's descriptors, is its end. */
static bool
is_end(const struct child *child, int number)
{
	struct stat status;
	char path[60];

	snprintf(path, sizeof(path), "/proc/%ld/fd/%d", (long)child->pid,
	    number);
	return stat(path, &status) == 0 && S_ISSOCK(status.st_mode) &&
	    status.st_ino == child->end;
}

bool
child_holds_end(const struct child *child)
{
	size_t i;

	for (i = 0; i < child->fds->count && !child->reaped; i++)
		if (is_end(child, child->fds->fds[i]))
			return true;
	return false;
}

/*
 * Whether system call number, with these arguments, is a write to the child's
 * end that brings SIGPIPE if nobody reads.  The chosen numbers may be other
 * files by now, and the end may have others.
 */
static bool
is_write(const struct child *child, long number,
    const unsigned long arguments[4])
{
	unsigned long flags = 0;

	switch (number) {
	case SYS_write:
	case SYS_writev:
#ifdef SYS_sendfile
	case SYS_sendfile:
#endif
#ifdef SYS_sendfile64		/* where long has 32 bits */
	case SYS_sendfile64:
#endif
		break;
	case SYS_sendto:
		flags = arguments[3];
		break;
	case SYS_sendmsg:
		flags = arguments[2];
		break;
#ifdef SYS_sendmmsg
	case SYS_sendmmsg:
		flags = arguments[3];
		break;
#endif
#ifdef SYS_splice
	case SYS_splice:
		return is_end(child, (int)arguments[2]);
#endif
	default:
		return false;
	}
	return !(flags & MSG_NOSIGNAL) && is_end(child, (int)arguments[0]);
}

/*
 * proc(5): /proc/PID/syscall holds "running", or the number of the system call
 * that it sleeps in and its arguments in hexadecimal; to read it takes the
 * right to trace the child.
 */
enum child_activity
child_inspect(const struct child *child)
{
	char path[40];
	char text[256];
	unsigned long arguments[4];
	ssize_t size;
	long number;
	char *end;
	int fd;
	int i;

	if (child->reaped)
		return CHILD_ELSEWHERE;
	snprintf(path, sizeof(path), "/proc/%ld/syscall", (long)child->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return CHILD_ELSEWHERE;
	size = read(fd, text, sizeof(text) - 1);
	fd_close(&fd);
	if (size <= 0)
		return CHILD_ELSEWHERE;
	text[size] = '\0';
	if (strncmp(text, "running", 7) == 0)
		return CHILD_RUNNING;
	number = strtol(text, &end, 10);
	for (i = 0; i < 4; i++)
		arguments[i] = strtoul(end, &end, 16);
	return is_write(child, number, arguments) ?
	    CHILD_WRITING : CHILD_ELSEWHERE;
}

#else

bool
child_holds_end(const struct child *child)
{
	(void)child;
	return false;
}

enum child_activity
child_inspect(const struct child *child)
{
	(void)child;
	return CHILD_ELSEWHERE;
}

#endif
