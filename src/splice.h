/* SPDX-License-Identifier: MIT */
/*
 * Bytes moved by the kernel, which never come to us: splice(2) and sendfile(2)
 * between our own stream socket and a pipe or a file.  Where there is no such
 * call, or the two ends do not allow it, nothing is ever begun.
 */
#ifndef SPLICE_H
#define SPLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "endpoint.h"

enum splice_way {
	SPLICE_UNKNOWN,		/* nobody has asked yet */
	SPLICE_NEVER,		/* these two ends do not allow it */
	SPLICE_DIRECT,		/* between a pipe and our socket */
	SPLICE_FILE,		/* from a file to our socket */
	SPLICE_THROUGH,		/* from our socket through a pipe to a file */
};

struct splice {
	enum splice_way way;
	bool begun;		/* there is something at from to be moved */
	int pipe[2];		/* owned: THROUGH's, or -1 */
	size_t held;		/* bytes in it */
	unsigned int doubts;	/* failures in a row with both ends ready */
};

void splice_init(struct splice *splice);

/*
 * from has something to be read, and nothing is pending: have it moved by the
 * next splice_move().  False if it cannot be: copy it.  The two ends must be
 * the same at every call.
 */
bool splice_begin(struct splice *splice, struct endpoint *from,
    struct endpoint *to);

/* 1 while something has been begun and not moved, else 0. */
size_t splice_pending(const struct splice *splice);

/*
 * Move once what there is; never blocks.
 *
 * IO_MOVED	*moved bytes were moved; or 0, and there is nothing there, or
 *		it has to be copied
 * IO_AGAIN	to has no room; *moved is 0, or what was moved all the same
 * IO_END	from has ended
 * IO_FAILED	errno is set, and is about to
 */
enum io splice_move(struct splice *splice, struct endpoint *from,
    struct endpoint *to, size_t *moved);

/*
 * Take back into data, of size bytes, what was taken for to and cannot be given
 * so after all: splice_move() has moved nothing and yet something is pending.
 * Returns how many bytes.
 */
size_t splice_rescue(struct splice *splice, void *data, size_t size);

/* Forget what has not been moved; returns bytes that are lost by that. */
uint64_t splice_drop(struct splice *splice);

void splice_free(struct splice *splice);

#endif
