/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/stat.h>
#include <sys/wait.h>
#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
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

/*
 * Whether processes whose parents have ended become our children.  A program
 * that made itself a subreaper, and became us by exec, is still one.
 */
static bool
inherits_orphans(void)
{
#ifdef PR_GET_CHILD_SUBREAPER
	int is_subreaper = 0;

	if (prctl(PR_GET_CHILD_SUBREAPER, &is_subreaper) == 0 && is_subreaper)
		return true;
#endif
	return getpid() == 1;
}

void
child_reap_orphans(const struct child *const *children, size_t count)
{
	siginfo_t info;

	if (!inherits_orphans())
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

/* Returns st_ino of fd, or 0. */
static ino_t
file_number(int fd)
{
	struct stat status;

	return fd != -1 && fstat(fd, &status) == 0 ? status.st_ino : 0;
}

void
child_note_ends(struct child *child, int end, int write)
{
	child->ends[0] = file_number(end);
	child->ends[1] = file_number(write);
}

bool
child_is_end(const struct child *child, const char *link)
{
	char end[40];
	size_t i;

	for (i = 0; i < 2 && child->ends[i] != 0; i++) {
		snprintf(end, sizeof(end), "%s:[%ju]",
		    child->ends[1] != 0 ? "pipe" : "socket",
		    (uintmax_t)child->ends[i]);
		if (strcmp(link, end) == 0)
			return true;
	}
	return false;
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
	char path[60];
	char link[40];
	ssize_t size;

	snprintf(path, sizeof(path), "/proc/%ld/fd/%d", (long)child->pid,
	    number);
	size = readlink(path, link, sizeof(link) - 1);
	link[size > 0 ? size : 0] = '\0';
	return child_is_end(child, link);
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
