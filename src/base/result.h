/* SPDX-License-Identifier: MIT */
/* What one attempt to move data came to: never a bare number. */
#ifndef RESULT_H
#define RESULT_H

#include <stdbool.h>
#include <stddef.h>

enum io {
	IO_MOVED,		/* a length, which may be 0, was moved */
	IO_AGAIN,		/* nothing now: ask poll(2), then try again */
	IO_END,			/* end of file */
	IO_TOO_LARGE,		/* a message is longer than there is room for */
	IO_FAILED,		/* the endpoint's error, or errno, is set */
};

/*
 * Whether error, an errno, says no more than "not now".  EINTR is one of these:
 * the loop looks at the signal first.
 */
bool io_is_temporary(int error);

/*
 * Whether error says that a system call is not available, here or for this
 * file, so that a simpler call has to do.  Some filters of seccomp(2) answer
 * EPERM instead of ENOSYS.  If EPERM has another cause, the simpler call fails
 * with it as well.
 */
bool io_is_refusal(int error);

/*
 * If error says that a send of size bytes failed for want of what poll(2) does
 * not wait for, wait a little and return true: it is to be tried again.  That
 * is memory for a message (ENOBUFS), unless it is so large that there will
 * never be enough, and room among the descriptors on their way (ETOOMANYREFS:
 * each user has a limit, see unix(7)).
 */
bool io_wait_for(int error, size_t size);

#endif
