/* SPDX-License-Identifier: MIT */
/*
 * Bytes, copied through a buffer.  It is read into only when it is empty, so
 * what one read brought is written before more is taken: nothing is read ahead
 * that the reader cannot get soon, memory is bounded, and a full reader holds
 * up its own writer and nobody else.
 */
#ifndef COPY_H
#define COPY_H

#include <stddef.h>

#include "transfer/endpoint.h"

#define COPY_SIZE 65536		/* bytes: a pipe's capacity, see pipe(7) */

struct copy {
	char *data;		/* owned; COPY_SIZE bytes */
	size_t start;		/* of what is pending */
	size_t end;
};

/* Allocate the buffer.  Returns 0, or -1 with errno ENOMEM. */
int copy_init(struct copy *copy);

/* Bytes that were taken and not yet given. */
size_t copy_pending(const struct copy *copy);

/*
 * Read once from src, while nothing is pending.  Results as of
 * endpoint_read(), with *moved set to 0 if nothing was.
 */
enum io copy_take(struct copy *copy, struct endpoint *src, size_t *moved);

/*
 * The same of a stream whose descriptors are passed on: each set with the byte
 * that it came with.  More reads than one then.
 */
enum io copy_take_apart(struct copy *copy, struct endpoint *src, size_t *moved);

/*
 * Write once to dst what is pending.  Results as of endpoint_write(), with
 * *moved set to 0 if nothing was.
 */
enum io copy_give(struct copy *copy, struct endpoint *dst, size_t *moved);

void copy_free(struct copy *copy);

#endif
