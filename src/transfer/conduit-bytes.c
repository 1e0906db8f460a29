/* SPDX-License-Identifier: MIT */
/*
 * The conduit of bytes.  It begins by copying, which answers soonest; once the
 * pieces are large it lets the kernel move them (see splice.h), if the two ends
 * allow it; and when they have become small again it goes back.
 */
#include "config.h"

#include "transfer/conduit.h"

/*
 * Bytes of a piece that is large, and of one that is small; how many of these
 * in a row decide.  Between them nothing changes.
 */
#define LARGE 32768
#define LARGE_RUN 2
#define SMALL 8192
#define SMALL_RUN 16

/* A build for tests tries to splice from the first byte on. */
#ifdef SPLICE_AT_ONCE
#define BEGIN_SPLICING true
#else
#define BEGIN_SPLICING false
#endif

static size_t
bytes_pending(const struct conduit *conduit)
{
	const struct conduit_bytes *bytes = &conduit->of.bytes;

	return copy_pending(&bytes->copy) + splice_pending(&bytes->splice);
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

/* Whether the bytes have to come to us. */
static bool
must_see(const struct conduit *conduit)
{
	return conduit->monitor != NULL &&
	    monitor_needs_bytes(conduit->monitor);
}

static enum io
bytes_fill(struct conduit *conduit, struct endpoint *src, struct endpoint *dst)
{
	struct conduit_bytes *bytes = &conduit->of.bytes;
	enum io result;
	size_t moved;

	if (bytes->is_splicing && !must_see(conduit) &&
	    splice_begin(&bytes->splice, src, dst))
		return IO_MOVED;
	if (src->ancillary != NULL && endpoint_carries_descriptors(dst))
		result = copy_take_apart(&bytes->copy, src, &moved);
	else
		result = copy_take(&bytes->copy, src, &moved);
	if (result == IO_MOVED)
		conduit->moved += moved;
	/* An empty message of another's socket is nothing to a stream. */
	conduit_note_descriptors(conduit, src, dst, moved == 0 ?
	    REFUSAL_EMPTY : REFUSAL_NONE);
	if (result == IO_MOVED && conduit->monitor != NULL)
		monitor_piece(conduit->monitor, conduit->direction,
		    bytes->copy.data, moved);
	if (result == IO_MOVED && !bytes->is_splicing)
		choose_method(bytes, moved);
	return result;
}

static void
bytes_end(struct conduit *conduit)
{
	(void)conduit;
}

/* Give what was copied. */
static enum io
drain_copy(struct conduit *conduit, struct endpoint *dst)
{
	struct copy *copy = &conduit->of.bytes.copy;
	enum io result;
	size_t moved;

	while (copy_pending(copy) > 0) {
		result = copy_give(copy, dst, &moved);
		if (result != IO_MOVED)
			return result;
		conduit->moved += moved;
	}
	return IO_MOVED;
}

static enum io
bytes_drain(struct conduit *conduit, struct endpoint *src,
    struct endpoint *dst, struct fault *fault)
{
	struct conduit_bytes *bytes = &conduit->of.bytes;
	enum io result;
	size_t moved;

	(void)fault;
	if (copy_pending(&bytes->copy) > 0)
		return drain_copy(conduit, dst);
	result = splice_move(&bytes->splice, src, dst, &moved);
	conduit->moved += moved;
	if (conduit->monitor != NULL)
		monitor_count(conduit->monitor, conduit->direction, moved);
	if (moved > 0)
		choose_method(bytes, moved);
	return result;
}

static uint64_t
bytes_drop(struct conduit *conduit)
{
	struct conduit_bytes *bytes = &conduit->of.bytes;
	uint64_t sum = copy_pending(&bytes->copy);

	bytes->copy.start = bytes->copy.end = 0;
	splice_drop(&bytes->splice);
	return sum;
}

static void
bytes_free(struct conduit *conduit)
{
	copy_free(&conduit->of.bytes.copy);
}

static const struct conduit_kind bytes_kind = {
	.fill = bytes_fill,
	.end = bytes_end,
	.drain = bytes_drain,
	.pending = bytes_pending,
	.drop = bytes_drop,
	.free = bytes_free,
};

int
conduit_open_bytes(struct conduit *conduit)
{
	struct conduit_bytes *bytes = &conduit->of.bytes;

	*conduit = (struct conduit){ .kind = &bytes_kind };
	splice_init(&bytes->splice);
	bytes->is_splicing = BEGIN_SPLICING;
	return copy_init(&bytes->copy);
}
