/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/stat.h>
#ifdef LINUX_EXTRAS
#include <sys/sysmacros.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/nowait.h"

#if defined RWF_NOWAIT && defined HAVE_PREADV2 && defined HAVE_PWRITEV2
#define USE_NOWAIT 1
#else
#define USE_NOWAIT 0
#endif

ssize_t
nowait_read(int fd, void *data, size_t size)
{
#if USE_NOWAIT
	struct iovec iov = { data, size };

	return preadv2(fd, &iov, 1, -1, RWF_NOWAIT);
#else
	(void)fd, (void)data, (void)size;
	errno = ENOSYS;
	return -1;
#endif
}

ssize_t
nowait_writev(int fd, const struct iovec *iov, int count)
{
#if USE_NOWAIT
	return pwritev2(fd, iov, count, -1, RWF_NOWAIT);
#else
	(void)fd, (void)iov, (void)count;
	errno = ENOSYS;
	return -1;
#endif
}

/*
 * A terminal that is full and whose other side is closed reports POLLHUP alone,
 * but a write would wait.
 */
bool
nowait_is_ready(int fd, short events)
{
	struct pollfd slot = { .fd = fd, .events = events };

	return poll(&slot, 1, 0) == 1 &&
	    (events == POLLIN || slot.revents != POLLHUP);
}

bool
nowait_reports_room(int fd)
{
	struct pollfd slot = { .fd = fd, .events = POLLOUT };
	struct stat status;

	if (fstat(fd, &status) == -1)
		return true;
	if (S_ISREG(status.st_mode))
		return false;
	if (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) ||
	    isatty(fd) == 1)
		return true;
	return poll(&slot, 1, 0) == 1 && slot.revents & (POLLOUT | POLLHUP);
}

#ifdef LINUX_EXTRAS
/*
 * Whether opening fd again gives the same file.  False for a regular file,
 * since the new description would have an offset of its own.  False for the
 * master of a pseudo-terminal, since opening /dev/ptmx or /dev/pts/ptmx makes a
 * new terminal (tests/unit/kernel: fifo_reopened, terminal_reopened,
 * master_reopened).
 */
static bool
is_same_if_reopened(int fd)
{
	struct stat status;

	if (fstat(fd, &status) == -1)
		return false;
	if (S_ISFIFO(status.st_mode))
		return true;
	return isatty(fd) == 1 && !(major(status.st_rdev) == 5 &&
	    minor(status.st_rdev) == 2);
}
#endif

int
nowait_reopen(int fd, int mode)
{
#ifdef LINUX_EXTRAS
	char path[40];

	if (!is_same_if_reopened(fd))
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
#else
	(void)fd, (void)mode;
	return -1;
#endif
}
