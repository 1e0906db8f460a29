/* SPDX-License-Identifier: MIT */
/*
 * How an endpoint is read and written without blocking: its way, which may turn
 * out to be another at the first try.  For endpoint.c.
 */
#ifndef NONBLOCK_H
#define NONBLOCK_H

#include <sys/uio.h>

#include "transfer/endpoint.h"

/* What to try first of that which no kind of file decides. */
#if defined RWF_NOWAIT && defined HAVE_PREADV2 && defined HAVE_PWRITEV2
#define USE_NOWAIT 1
#define WAY_FIRST WAY_NOWAIT
#else
#define USE_NOWAIT 0
#define WAY_FIRST WAY_POLLED
#endif

/*
 * Open the file behind endpoint once more, for us alone and non-blocking.
 * Returns its descriptor, or -1.
 *
 * Never for a regular file (it would have an offset of its own), nor for the
 * master of a pseudo-terminal, whose device makes a new one when opened.
 */
int way_reopen(const struct endpoint *endpoint);

/*
 * One attempt to read or write, without waiting.  Results as of endpoint_read()
 * and endpoint_writev(), except that ECONNRESET is a failure like others.
 * Received descriptors are put into the endpoint's ancillary.  A set that waits
 * there is sent along.
 */
enum io way_read(struct endpoint *endpoint, void *data, size_t size,
    size_t *moved);
enum io way_write(struct endpoint *endpoint, const struct iovec *iov,
    int count, size_t *moved);

#endif
