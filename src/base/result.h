/* SPDX-License-Identifier: MIT */
/* The result of one attempt to move data, and the errno values of a failure. */
#ifndef RESULT_H
#define RESULT_H

#include <stdbool.h>
#include <stddef.h>

enum io {
	IO_MOVED,		/* data was moved, perhaps 0 bytes */
	IO_AGAIN,		/* nothing now: wait in poll(2), then retry */
	IO_END,			/* end of file */
	IO_TOO_LARGE,		/* there is not enough room for a message */
	IO_FAILED,		/* the endpoint's error, or errno, is set */
};

/*
 * Whether the call that failed with error, an errno, may succeed later: EAGAIN,
 * EWOULDBLOCK or EINTR.  After EINTR the main loop handles the signal first.
 */
bool io_is_temporary(int error);

/*
 * Whether error means that a system call is not available, on this system or
 * for this file, so that a simpler call has to be used.  Some seccomp(2)
 * filters return EPERM instead of ENOSYS.  If EPERM has another cause, the
 * simpler call fails with it as well.
 */
bool io_is_refusal(int error);

/*
 * True if a send of size bytes failed with error because it lacked a resource
 * that poll(2) cannot wait for; sleeps 1 ms first, and the caller tries again.
 * The resource is memory for a message (ENOBUFS), unless the message is so
 * large that there may never be enough; or room for descriptors in flight
 * (ETOOMANYREFS: each user has a limit, see unix(7)).
 */
bool io_wait_for(int error, size_t size);

#endif
