/* SPDX-License-Identifier: MIT */
/* The result of one attempt to move data, and what an errno says of it. */
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
 * Whether the call that failed with error, an errno, may succeed later: EAGAIN,
 * EWOULDBLOCK or EINTR.  After EINTR the main loop handles the signal first.
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
 * True if a send of size bytes failed with error for a resource that poll(2)
 * cannot wait for; sleeps a millisecond first, and the caller tries again.  The
 * resource is memory for a message (ENOBUFS), unless it is so large that there
 * may never be enough, or room for descriptors in flight (ETOOMANYREFS: each
 * user has a limit, see unix(7)).
 */
bool io_wait_for(int error, size_t size);

#endif
