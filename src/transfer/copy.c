/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "transfer/copy.h"

int
copy_init(struct copy *copy)
{
	*copy = (struct copy){ .data = malloc(COPY_SIZE) };
	return copy->data == NULL ? -1 : 0;
}

size_t
copy_pending(const struct copy *copy)
{
	return copy->end - copy->start;
}

/* Note what has been read into the empty buffer. */
static enum io
note_taken(struct copy *copy, enum io result, size_t moved)
{
	if (result == IO_MOVED) {
		copy->start = 0;
		copy->end = moved;
	}
	return result;
}

enum io
copy_take(struct copy *copy, struct endpoint *src, size_t *moved)
{
	enum io result;

	*moved = 0;
	result = endpoint_read(src, copy->data, COPY_SIZE, moved);
	return note_taken(copy, result, *moved);
}

/* The most bytes to read one by one per call; then others have a turn. */
#define SINGLE_MAX 4096

/*
 * The kernel reports that a set of descriptors comes among the next size bytes,
 * but not with which of them (tests/unit/kernel: peek_announces,
 * set_with_first_byte).  So read byte by byte until the set has come, and then
 * the rest in one read.  At most SINGLE_MAX bytes are read one by one per call.
 */
static enum io
read_set(struct copy *copy, struct endpoint *src, size_t size, size_t *moved)
{
	struct ancillary *ancillary = src->ancillary;
	uint64_t came = ancillary->came;
	size_t ahead = 0;
	enum io result;
	size_t got;

	do {
		got = 0;
		result = endpoint_read(src, copy->data + *moved,
		    ancillary->count == 0 ? 1 : size - *moved, &got);
		if (ancillary->count == 0)
			ahead += got;
		*moved += got;
	} while (result == IO_MOVED && *moved < size && ahead < SINGLE_MAX);
	if (ancillary->count > 0)
		ancillary->bytes_before_fds = ahead;
	src->ignore_peek = ancillary->came == came && *moved == size &&
	    size < COPY_SIZE;
	return *moved > 0 ? IO_MOVED : result;
}

enum io
copy_take_apart(struct copy *copy, struct endpoint *src, size_t *moved)
{
	size_t there;
	enum io result;

	*moved = 0;
	if (endpoint_announces(src, copy->data, COPY_SIZE, &there))
		result = read_set(copy, src, there, moved);
	else
		/* Not more than was looked at: a set may have come since. */
		result = endpoint_read(src, copy->data,
		    there > 0 ? there : COPY_SIZE, moved);
	return note_taken(copy, result, *moved);
}

enum io
copy_give(struct copy *copy, struct endpoint *dst, size_t *moved)
{
	enum io result;

	*moved = 0;
	result = endpoint_write(dst, copy->data + copy->start,
	    copy_pending(copy), moved);
	if (result == IO_MOVED)
		copy->start += *moved;
	return result;
}

void
copy_free(struct copy *copy)
{
	free(copy->data);
	copy->data = NULL;
}
