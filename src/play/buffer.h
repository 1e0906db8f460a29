/* SPDX-License-Identifier: MIT */
/* Bytes in memory that grows: a line, or a message, for --ignore. */
#ifndef BUFFER_H
#define BUFFER_H

#include <stddef.h>

#include "play/ignore.h"

struct buffer {
	char *data;		/* owned; a NUL follows, as ignore.h asks */
	size_t size;		/* bytes in data, without that NUL */
	size_t room;		/* bytes allocated */
};

/*
 * All members are 0 at first.  Each of the next three functions returns 0, or
 * -1 with errno ENOMEM.  Before buffer_ignore(), one of the other two must have
 * returned 0.
 */

/* Append size bytes of data to buffer. */
int buffer_add(struct buffer *buffer, const char *data, size_t size);

/* Make buffer a copy of the size bytes in data. */
int buffer_set(struct buffer *buffer, const char *data, size_t size);

/* Replace what is ignored in buffer; after -1, its contents are undefined. */
int buffer_ignore(struct buffer *buffer, const struct ignore *ignore);

void buffer_free(struct buffer *buffer);

#endif
