/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <time.h>

#include "base/result.h"

/* Bytes: for a smaller message the kernel finds the memory sooner or later. */
#define SMALL 65536

bool
io_is_temporary(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

bool
io_is_refusal(int error)
{
	return error == EOPNOTSUPP || error == ENOSYS || error == EINVAL ||
	    error == EPERM;
}

bool
io_wait_for(int error, size_t size)
{
	const struct timespec pause = { 0, 1000000 };

	if (error != ETOOMANYREFS && (error != ENOBUFS || size >= SMALL))
		return false;
	nanosleep(&pause, NULL);
	return true;
}
