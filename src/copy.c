/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>

#include "copy.h"

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

enum io
copy_take(struct copy *copy, struct endpoint *from, size_t *moved)
{
	enum io result;

	*moved = 0;
	result = endpoint_read(from, copy->data, COPY_SIZE, moved);
	if (result == IO_MOVED) {
		copy->start = 0;
		copy->end = *moved;
	}
	return result;
}

enum io
copy_give(struct copy *copy, struct endpoint *to, size_t *moved)
{
	enum io result;

	*moved = 0;
	result = endpoint_write(to, copy->data + copy->start,
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
