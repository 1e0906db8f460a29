/* SPDX-License-Identifier: MIT */
/* What one attempt to move data came to: never a bare number. */
#ifndef IO_H
#define IO_H

enum io {
	IO_MOVED,		/* a length, which may be 0, was moved */
	IO_AGAIN,		/* nothing now: ask poll(2), then try again */
	IO_END,			/* end of file */
	IO_FAILED,		/* errno is set */
};

#endif
