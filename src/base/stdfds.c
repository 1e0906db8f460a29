/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/stdfds.h"

/*
 * Whether all three are open, by one call instead of three.  False also if one
 * was opened with O_PATH, because poll(2) reports POLLNVAL for it, too
 * (tests/unit/kernel: path_is_invalid).  So the caller then checks each.
 */
static bool
are_open(void)
{
	struct pollfd slots[3] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };
	int fd;

	if (poll(slots, 3, 0) == -1)
		return false;
	for (fd = 0; fd < 3; fd++)
		if (slots[fd].revents & POLLNVAL)
			return false;
	return true;
}

int
stdfds_hold(struct stdfds *stdfds)
{
	int fd;

	*stdfds = (struct stdfds){ { false } };
	if (are_open())
		return 0;
	for (fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
			continue;
		/* The lowest free number is fd: those below are taken. */
		if (open("/dev/null", O_RDWR | O_CLOEXEC) == -1)
			return -1;
		stdfds->closed[fd] = true;
	}
	return 0;
}

void
stdfds_release(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null == -1)
		return;
	(void)dup2(null, STDIN_FILENO);
	(void)dup2(null, STDOUT_FILENO);
	fd_close(&null);
}
