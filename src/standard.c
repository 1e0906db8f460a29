/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>

#include "standard.h"

int
standard_hold(struct standard *standard)
{
	int fd;

	*standard = (struct standard){ { false } };
	for (fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
			continue;
		/* The lowest free number is fd: those below are taken. */
		if (open("/dev/null", O_RDWR | O_CLOEXEC) == -1)
			return -1;
		standard->closed[fd] = true;
	}
	return 0;
}
