/* SPDX-License-Identifier: MIT */
/*
 * A signalfd(2) that the linker puts in place of the system's
 * (-Wl,--wrap=signalfd), so that a test can run as on a system without it.
 */
#ifndef NO_SIGNALFD_H
#define NO_SIGNALFD_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>

/* If true, signalfd() fails with ENOSYS. */
static bool no_signalfd;

int __real_signalfd(int, const sigset_t *, int);
int __wrap_signalfd(int, const sigset_t *, int);

int
__wrap_signalfd(int fd, const sigset_t *mask, int flags)
{
	if (!no_signalfd)
		return __real_signalfd(fd, mask, flags);
	errno = ENOSYS;
	return -1;
}

#endif
