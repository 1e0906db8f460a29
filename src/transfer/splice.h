/* SPDX-License-Identifier: MIT */
/*
 * Bytes moved by the kernel, without a copy in our memory: splice(2) between
 * our own stream socket and a pipe.  If the system has no such call, or the two
 * ends do not allow it, splice_begin() is always false.
 *
 * Regular files are copied.  splice(2) and sendfile(2) move a file's position
 * without the lock that read(2) and write(2) take.  So two processes that share
 * it, as in "sockpair COMMAND >log 2>&1", would overwrite each other's bytes or
 * read the same ones twice (tests/unit/kernel: splice_shares_position,
 * sendfile_shares_position).
 */
#ifndef SPLICE_H
#define SPLICE_H

#include <stdbool.h>
#include <stddef.h>

#include "transfer/endpoint.h"

enum splice_use {
	SPLICE_UNKNOWN,		/* the first splice_begin() finds it out */
	SPLICE_NEVER,		/* these two ends do not allow it */
	SPLICE_DIRECT,		/* between a pipe and our socket */
};

/* All 0 at first. */
struct splice {
	enum splice_use use;
	size_t most;		/* src has data: move at most so many bytes; */
				/* or 0 */
	unsigned int doubts;	/* failures in a row while both were ready */
};

/*
 * src is ready, and no data is pending: prepare splice_move() to move its data.
 * False if the data has to be copied instead, or if descriptors come with it,
 * or none of it is there yet.  The two ends must be the same at every call.
 */
bool splice_begin(struct splice *splice, struct endpoint *src,
    struct endpoint *dst);

/*
 * Move data once; never blocks.
 *
 * IO_MOVED	*moved bytes were moved; if that is 0, no data is there, or it
 *		has to be copied
 * IO_AGAIN	dst has no room; *moved is 0
 * IO_END	src has ended
 * IO_FAILED	a write failed for good; dst->error is set
 */
enum io splice_move(struct splice *splice, struct endpoint *src,
    struct endpoint *dst, size_t *moved);

#endif
