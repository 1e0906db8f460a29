/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "play/buffer.h"

int
buffer_add(struct buffer *buffer, const char *data, size_t size)
{
	size_t need = buffer->size + size + 1;
	char *larger;

	if (need > buffer->room) {
		need = need < 128 ? 256 : 2 * need;
		larger = realloc(buffer->data, need);
		if (larger == NULL)
			return -1;
		buffer->data = larger;
		buffer->room = need;
	}
	memcpy(buffer->data + buffer->size, data, size);
	buffer->size += size;
	buffer->data[buffer->size] = '\0';
	return 0;
}

int
buffer_set(struct buffer *buffer, const char *data, size_t size)
{
	buffer->size = 0;
	return buffer_add(buffer, data, size);
}

int
buffer_ignore(struct buffer *buffer, const struct ignore *ignore)
{
	size_t size = ignore_apply(ignore, buffer->data, buffer->size);

	if (size == IGNORE_FAILED)
		return -1;
	buffer->size = size;
	return 0;
}

void
buffer_free(struct buffer *buffer)
{
	free(buffer->data);
}
