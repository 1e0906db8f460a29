/* SPDX-License-Identifier: MIT */
/*
 * A writev(2) that the linker puts in place of the system's
 * (-Wl,--wrap=writev), so that a test can have a file that takes nothing.
 */
#ifndef WRITES_NOTHING_H
#define WRITES_NOTHING_H

#include <sys/types.h>
#include <sys/uio.h>

#include <stdbool.h>

/* If true, writev() writes nothing, and does not fail. */
static bool writes_nothing;

ssize_t __real_writev(int fd, const struct iovec *iov, int count);
ssize_t __wrap_writev(int fd, const struct iovec *iov, int count);

ssize_t
__wrap_writev(int fd, const struct iovec *iov, int count)
{
	return writes_nothing ? 0 : __real_writev(fd, iov, count);
}

#endif
