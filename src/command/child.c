/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "command/child.h"

/* The wait status of an exit with 125, which means that sockpair failed. */
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
is_unreaped(pid_t pid, const struct child *const *children, size_t count)
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
		/* WNOWAIT, because child_reap() may need this status. */
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == -1)
			return;
	} while (info.si_pid != 0 &&
	    !is_unreaped(info.si_pid, children, count) &&
	    waitpid(info.si_pid, NULL, WNOHANG) != -1);
}

void
child_note_end(struct child *child, int fd)
{
	struct stat status;

	if (fstat(fd, &status) == -1)
		return;
	child->end_device = status.st_dev;
	child->end = status.st_ino;
}

void
child_signal(const struct child *child, int number)
{
	if (!child->reaped)
		(void)kill(child->pid, number);
}

#ifdef LINUX_EXTRAS

bool
child_has_end_at(const struct child *child, int number)
{
	struct stat status;
	char path[60];

	snprintf(path, sizeof(path), "/proc/%ld/fd/%d", (long)child->pid,
	    number);
	return stat(path, &status) == 0 && status.st_ino == child->end &&
	    status.st_dev == child->end_device;
}

#else

bool
child_has_end_at(const struct child *child, int number)
{
	(void)child;
	(void)number;
	return false;
}

#endif

bool
child_holds_end(const struct child *child)
{
	size_t i;

	for (i = 0; i < child->fds->count && !child->reaped; i++)
		if (child_has_end_at(child, child->fds->fds[i]))
			return true;
	return false;
}
