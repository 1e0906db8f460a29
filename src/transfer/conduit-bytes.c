/* SPDX-License-Identifier: MIT */
/*
 * The conduit of bytes.  It begins by copying, which has the lowest latency.
 * Once the pieces are large the kernel moves them (see splice.h), if the two
 * ends allow that.  When the pieces have become small it copies again.
 *
 * The copy buffer is filled only while it is empty.  So no data is read ahead
 * of a slow reader, memory is bounded, and backpressure reaches the writer of
 * this direction alone.
 */
#include "config.h"

#include <stdlib.h>

#include "transfer/conduit.h"

/*
 * A piece of LARGE bytes or more is large; one of fewer than SMALL bytes is
 * small.  LARGE_RUN large pieces in a row start splicing, SMALL_RUN small ones
 * stop it.  Any other piece begins the row again.
 */
#define LARGE 32768
#define LARGE_RUN 2
#define SMALL 8192
#define SMALL_RUN 16

/* A build for tests splices from the first byte on. */
#ifdef SPLICE_AT_ONCE
#define BEGIN_SPLICING true
#else
#define BEGIN_SPLICING false
#endif

/* The most bytes to read one by one per call; then the relay goes on. */
#define SINGLE_MAX 4096

static size_t
bytes_pending(const struct conduit *conduit)
{
	const struct conduit_bytes *bytes = &conduit->of.bytes;

	return bytes->end - bytes->start + (bytes->splice.most > 0);
}

/* Note the size of a piece that was moved, and choose how the next is moved. */
static void
choose_method(struct conduit_bytes *bytes, size_t moved)
{
	bool is_other = bytes->is_splicing ? moved < SMALL : moved >= LARGE;

	if (bytes->is_splicing && BEGIN_SPLICING)
		return;
	bytes->run = is_other ? bytes->run + 1 : 0;
	if (bytes->run < (bytes->is_splicing ? SMALL_RUN : LARGE_RUN))
		return;
	bytes->is_splicing = !bytes->is_splicing;
	bytes->run = 0;
}

/* Whether the bytes must be copied through our memory. */
static bool
must_copy(const struct conduit *conduit)
{
	return !conduit->of.bytes.is_splicing ||
	    monitor_needs_bytes(conduit->monitor);
}

/*
 * Descriptors come with one of the next size bytes.  The kernel does not say
 * with which (tests/unit/kernel: peek_announces, set_with_first_byte), so read
 * byte by byte until they have come, and then the rest in one read.
 */
static enum io
read_to_set(struct conduit *conduit, struct endpoint *src, size_t size,
    size_t *moved)
{
	char *data = conduit->of.bytes.data;
	struct ancillary *ancillary = &conduit->ancillary;
	uint64_t came = ancillary->came;
	size_t rest = 0;
	size_t got;
	enum io result;

	do {
		got = 0;
		result = endpoint_read(src, data + *moved, 1, &got, ancillary);
		*moved += got;
	} while (result == IO_MOVED && ancillary->count == 0 &&
	    *moved < size && *moved < SINGLE_MAX);
	if (*moved == 0)
		return result;
	if (ancillary->count > 0) {
		ancillary->bytes_before_fds = *moved - 1;
		if (*moved < size)
			(void)endpoint_read(src, data + *moved, size - *moved,
			    &rest, ancillary);
		*moved += rest;
	} else if (*moved == size && ancillary->came == came &&
	    !ancillary->was_cut) {
		src->ignore_peek = true;
	}
	return IO_MOVED;
}

/* Read once; or, if dst can be sent descriptors, up to the end of a set. */
static enum io
bytes_read(struct conduit *conduit, struct endpoint *src, struct endpoint *dst,
    size_t *moved)
{
	char *data = conduit->of.bytes.data;
	bool has_set = false;
	size_t size = BYTES_SIZE;

	if (dst->is_unix)
		size = endpoint_inspect(src, data, size, &has_set);
	return has_set ? read_to_set(conduit, src, size, moved) :
	    endpoint_read(src, data, size, moved, &conduit->ancillary);
}

static enum io
bytes_fill(struct conduit *conduit, struct endpoint *src, struct endpoint *dst)
{
	struct conduit_bytes *bytes = &conduit->of.bytes;
	enum io result;
	size_t moved = 0;

	if (!must_copy(conduit) && splice_begin(&bytes->splice, src, dst))
		return IO_MOVED;
	result = bytes_read(conduit, src, dst, &moved);
	/* An empty message of an inherited socket is no data for a stream. */
	conduit_note_descriptors(conduit, dst, moved == 0 ?
	    REFUSAL_EMPTY : REFUSAL_NONE);
	if (result != IO_MOVED)
		return result;
	bytes->start = 0;
	bytes->end = moved;
	conduit->moved += moved;
	if (conduit->monitor != NULL)
		monitor_piece(conduit->monitor, conduit->direction,
		    bytes->data, moved);
	if (!bytes->is_splicing)
		choose_method(bytes, moved);
	return IO_MOVED;
}

static void
bytes_end(struct conduit *conduit)
{
	(void)conduit;
}

/* Write what was copied. */
static enum io
drain_copied(struct conduit *conduit, struct endpoint *dst)
{
	struct conduit_bytes *bytes = &conduit->of.bytes;
	enum io result;
	size_t moved;

	while (bytes->start < bytes->end) {
		result = endpoint_write(dst, bytes->data + bytes->start,
		    bytes->end - bytes->start, &moved, &conduit->ancillary);
		if (result != IO_MOVED)
			return result;
		bytes->start += moved;
		conduit->moved += moved;
	}
	return IO_MOVED;
}

static enum io
drain_spliced(struct conduit *conduit, struct endpoint *src,
    struct endpoint *dst)
{
	struct conduit_bytes *bytes = &conduit->of.bytes;
	enum io result;
	size_t moved;

	result = splice_move(&bytes->splice, src, dst, &moved);
	conduit->moved += moved;
	if (conduit->monitor != NULL)
		monitor_count(conduit->monitor, conduit->direction, moved);
	if (moved > 0)
		choose_method(bytes, moved);
	return result;
}

static enum io
bytes_drain(struct conduit *conduit, struct endpoint *src,
    struct endpoint *dst, struct fault *fault)
{
	(void)fault;
	return conduit->of.bytes.splice.most > 0 ?
	    drain_spliced(conduit, src, dst) : drain_copied(conduit, dst);
}

static uint64_t
bytes_held(const struct conduit *conduit)
{
	return conduit->of.bytes.end - conduit->of.bytes.start;
}

static uint64_t
bytes_drop(struct conduit *conduit)
{
	struct conduit_bytes *bytes = &conduit->of.bytes;
	uint64_t sum = bytes->end - bytes->start;

	bytes->start = bytes->end = 0;
	/* Data that was not moved is still in src. */
	bytes->splice.most = 0;
	return sum;
}

static void
bytes_free(struct conduit *conduit)
{
	free(conduit->of.bytes.data);
	conduit->of.bytes.data = NULL;
}

static const struct conduit_kind bytes_kind = {
	.fill = bytes_fill,
	.end = bytes_end,
	.drain = bytes_drain,
	.pending = bytes_pending,
	.held = bytes_held,
	.drop = bytes_drop,
	.free = bytes_free,
};

int
conduit_open_bytes(struct conduit *conduit)
{
	struct conduit_bytes *bytes = &conduit->of.bytes;

	*conduit = (struct conduit){ .kind = &bytes_kind };
	bytes->is_splicing = BEGIN_SPLICING;
	bytes->data = malloc(BYTES_SIZE);
	return bytes->data == NULL ? -1 : 0;
}
