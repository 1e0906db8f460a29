/* SPDX-License-Identifier: MIT */
/*
 * The conduit that copies bytes.  The buffer is read into only when it is
 * empty, so what one read brought is written before more is taken: nothing is
 * read ahead that the reader cannot get soon, memory is bounded, and a full
 * reader holds up its own writer and nobody else.
 */
#include "config.h"

#include <stdlib.h>

#include "conduit.h"

#define BUFFER_SIZE 65536	/* bytes: a pipe's capacity, see pipe(7) */

static enum io
copy_fill(struct conduit *conduit, struct endpoint *from)
{
	struct copy *copy = &conduit->of.copy;
	enum io result;
	size_t moved;

	result = endpoint_read(from, copy->data, copy->size, &moved);
	if (result == IO_MOVED) {
		copy->start = 0;
		copy->end = moved;
		conduit->moved += moved;
	}
	return result;
}

static void
copy_end(struct conduit *conduit)
{
	(void)conduit;
}

static size_t
copy_pending(const struct conduit *conduit)
{
	return conduit->of.copy.end - conduit->of.copy.start;
}

static enum io
copy_drain(struct conduit *conduit, struct endpoint *to, struct fault *fault)
{
	struct copy *copy = &conduit->of.copy;
	enum io result;
	size_t moved;

	(void)fault;
	while (copy_pending(conduit) > 0) {
		result = endpoint_write(to, copy->data + copy->start,
		    copy_pending(conduit), &moved);
		if (result != IO_MOVED)
			return result;
		copy->start += moved;
		conduit->moved += moved;
		/* A signal may have cut it short: look before more. */
		if (to->may_block)
			return IO_AGAIN;
	}
	return IO_MOVED;
}

static uint64_t
copy_drop(struct conduit *conduit)
{
	size_t pending = copy_pending(conduit);

	conduit->of.copy.start = conduit->of.copy.end = 0;
	return pending;
}

static void
copy_free(struct conduit *conduit)
{
	free(conduit->of.copy.data);
	conduit->of.copy.data = NULL;
}

static const struct conduit_kind copy_kind = {
	.fill = copy_fill,
	.end = copy_end,
	.drain = copy_drain,
	.pending = copy_pending,
	.drop = copy_drop,
	.free = copy_free,
};

int
conduit_open_copy(struct conduit *conduit)
{
	*conduit = (struct conduit){ .kind = &copy_kind };
	conduit->of.copy.size = BUFFER_SIZE;
	conduit->of.copy.data = malloc(BUFFER_SIZE);
	return conduit->of.copy.data == NULL ? -1 : 0;
}
