/* SPDX-License-Identifier: MIT */
/*
 * The conduit from frames to messages: what was read is decoded where it lies
 * and sent from there, many messages with one call.  Of a message that has not
 * come whole yet nothing is sent.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "socket/message.h"
#include "transfer/conduit.h"

#define READ_SIZE 65536		/* bytes: a pipe's capacity, see pipe(7) */

/* Whether decoding has stopped at something that has to be told. */
static bool
has_found(const struct unpack *unpack)
{
	return unpack->found == DECODE_TOO_LARGE ||
	    unpack->found == DECODE_MALFORMED || unpack->found == DECODE_CUT;
}

/*
 * Trace what decoding has stopped at, if that is a message too large.  If only
 * its announced size has been read, it is not counted yet: its bytes may never
 * come.
 */
static void
watch_found(struct conduit *conduit)
{
	struct unpack *unpack = &conduit->of.unpack;

	if (conduit->monitor == NULL || unpack->found != DECODE_TOO_LARGE)
		return;
	unpack->skips = unpack->decoder.skipping;
	unpack->skipped = 0;
	if (!unpack->skips)
		monitor_unkept(conduit->monitor, conduit->direction,
		    unpack->decoded.whole);
}

/* The message that is dropped ends here: count the bytes of it that came. */
static void
end_skipped(struct conduit *conduit)
{
	struct unpack *unpack = &conduit->of.unpack;

	if (unpack->skips)
		monitor_unkept(conduit->monitor, conduit->direction,
		    unpack->skipped);
	unpack->skips = false;
}

/* Count what was dropped of a message that is too large, until it ends. */
static void
note_skipped(struct conduit *conduit, const struct decoded *decoded)
{
	struct unpack *unpack = &conduit->of.unpack;

	unpack->skipped += decoded->skipped;
	/* Any other result is about what follows the message. */
	if (unpack->found != DECODE_MORE || !unpack->decoder.skipping)
		end_skipped(conduit);
}

/*
 * Decode messages until there is a batch of them, something else than a
 * message, or no more.
 */
static void
decode_batch(struct conduit *conduit)
{
	struct unpack *unpack = &conduit->of.unpack;
	struct decoded decoded;

	unpack->next = unpack->count = 0;
	unpack->first = unpack->decoder.number;
	do {
		unpack->found = decoder_next(&unpack->decoder,
		    unpack->pages.data + unpack->start,
		    unpack->end - unpack->start, unpack->ended, &decoded);
		unpack->start += decoded.used;
		note_skipped(conduit, &decoded);
		if (unpack->found == DECODE_MESSAGE) {
			/* sendmsg(2) does not write there. */
			unpack->messages[unpack->count++] = (struct iovec){
				(char *)decoded.message, decoded.size
			};
			if (conduit->monitor != NULL)
				monitor_piece(conduit->monitor,
				    conduit->direction, decoded.message,
				    decoded.size);
		}
	} while (unpack->found == DECODE_MESSAGE &&
	    unpack->count < MESSAGE_BATCH);
	unpack->decoded = decoded;
	watch_found(conduit);
}

/* How much to read at once into the room behind what is there. */
static size_t
make_room(struct unpack *unpack)
{
	size_t rest = unpack->end - unpack->start;
	size_t room;

	/* To the front again, once that is cheap; or there is no more room. */
	if (unpack->start >= rest ||
	    unpack->pages.size - unpack->end < READ_SIZE) {
		memmove(unpack->pages.data,
		    unpack->pages.data + unpack->start, rest);
		unpack->end -= unpack->start;
		unpack->start = 0;
	}
	room = unpack->pages.size - unpack->end;
	/* One read, one message; and not more than one can hold. */
	if (unpack->decoder.framing == FRAMING_RAW)
		return unpack->decoder.max > 0 ? unpack->decoder.max : 1;
	return room < READ_SIZE ? room : READ_SIZE;
}

/*
 * How much to read at once.  Where descriptors come it is not more than to the
 * end of a message, so that they do not come with the bytes of another.
 */
static size_t
choose_size(struct unpack *unpack, struct endpoint *from)
{
	size_t size = make_room(unpack);
	size_t rest = unpack->end - unpack->start;
	size_t there;

	if (unpack->decoder.framing == FRAMING_RAW)
		return size;
	if (endpoint_announces(from, unpack->pages.data + unpack->end, size,
	    &there))
		return decoder_reach(&unpack->decoder,
		    unpack->pages.data + unpack->start, rest + there) - rest;
	/* No more than was inspected: descriptors may have come since. */
	return there > 0 ? there : size;
}

/* An empty message from a message socket. */
static void
take_empty(struct conduit *conduit)
{
	struct unpack *unpack = &conduit->of.unpack;

	unpack->messages[0] = (struct iovec){ NULL, 0 };
	unpack->next = 0;
	unpack->count = 1;
	unpack->first = unpack->decoder.number++;
	unpack->found = DECODE_MORE;
	if (conduit->monitor != NULL)
		monitor_piece(conduit->monitor, conduit->direction, NULL, 0);
}

/* One that had no room, and is lost. */
static void
take_too_large(struct conduit *conduit, size_t size)
{
	struct unpack *unpack = &conduit->of.unpack;

	unpack->next = unpack->count = 0;
	unpack->found = DECODE_TOO_LARGE;
	unpack->decoded = (struct decoded){
		.number = unpack->decoder.number++, .whole = size
	};
	watch_found(conduit);
}

/* What becomes of descriptors that came with size bytes. */
static enum ancillary_refusal
judge_descriptors(const struct unpack *unpack, size_t size, bool was_skipping)
{
	if (was_skipping)
		return REFUSAL_TOLD;
	return size == 0 && unpack->decoder.framing != FRAMING_RAW ?
	    REFUSAL_EMPTY : REFUSAL_NONE;
}

static enum io
unpack_fill(struct conduit *conduit, struct endpoint *from, struct endpoint *to)
{
	struct unpack *unpack = &conduit->of.unpack;
	bool is_raw = unpack->decoder.framing == FRAMING_RAW;
	bool was_skipping = unpack->decoder.skipping;
	enum io result;
	size_t size;
	size_t moved = 0;

	if (conduit->over)
		return IO_END;
	size = choose_size(unpack, from);
	result = endpoint_read(from, unpack->pages.data + unpack->end, size,
	    &moved);
	conduit_note_descriptors(conduit, from, to,
	    judge_descriptors(unpack, moved, was_skipping));
	if (result == IO_FAILED && from->error == EMSGSIZE && is_raw) {
		take_too_large(conduit, from->too_large);
		return IO_MOVED;
	}
	if (result != IO_MOVED)
		return result;
	conduit->moved += moved;
	unpack->end += moved;
	if (moved == 0 && is_raw)
		take_empty(conduit);
	else
		decode_batch(conduit);
	return IO_MOVED;
}

static void
unpack_end(struct conduit *conduit)
{
	struct unpack *unpack = &conduit->of.unpack;

	if (conduit->over)
		return;
	unpack->ended = true;
	decode_batch(conduit);
}

static size_t
unpack_pending(const struct conduit *conduit)
{
	const struct unpack *unpack = &conduit->of.unpack;

	return unpack->count - unpack->next + has_found(unpack);
}

/* The message that they came with will not be sent. */
static void
refuse_descriptors(struct endpoint *from)
{
	if (from->ancillary != NULL)
		ancillary_refuse(from->ancillary, REFUSAL_TOLD);
}

/* Tell what was found instead of a message, and decode on. */
static void
tell_found(struct conduit *conduit, struct endpoint *from, struct fault *fault)
{
	struct unpack *unpack = &conduit->of.unpack;

	refuse_descriptors(from);
	*fault = (struct fault){
		.message = unpack->decoded.number,
		.size = unpack->decoded.whole,
		.limit = unpack->decoder.max,
	};
	switch (unpack->found) {
	case DECODE_TOO_LARGE:
		fault->kind = FAULT_LARGE;
		fault->noun = "send";
		break;
	case DECODE_MALFORMED:
		fault->kind = FAULT_MALFORMED;
		fault->noun = unpack->decoded.wanted;
		fault->size = unpack->decoded.at;
		/* Nothing that follows can be understood. */
		conduit->over = true;
		break;
	default:
		fault->kind = FAULT_CUT;
	}
	decode_batch(conduit);
}

/* The bytes of the messages in the batch from number i on. */
static uint64_t
bytes_from(const struct unpack *unpack, unsigned int i)
{
	uint64_t bytes = 0;

	for (; i < unpack->count; i++)
		bytes += unpack->messages[i].iov_len;
	return bytes;
}

/*
 * The first message of the batch could not be sent, because of error.  True if
 * others may be sent.
 */
static bool
pass_over(struct conduit *conduit, struct endpoint *from, int error,
    struct fault *fault)
{
	struct unpack *unpack = &conduit->of.unpack;

	if (error != EMSGSIZE && error != ENOBUFS)
		return false;
	refuse_descriptors(from);
	*fault = (struct fault){
		.kind = FAULT_SEND,
		.error = error,
		.message = unpack->first + unpack->next,
		.size = unpack->messages[unpack->next].iov_len,
	};
	unpack->next++;
	if (conduit->monitor != NULL)
		monitor_undelivered(conduit->monitor, conduit->direction,
		    fault->size, bytes_from(unpack, unpack->next));
	return true;
}

static enum io
unpack_drain(struct conduit *conduit, struct endpoint *from,
    struct endpoint *to, struct fault *fault)
{
	struct unpack *unpack = &conduit->of.unpack;
	unsigned int sent;
	enum io result;

	for (;;) {
		if (unpack->next == unpack->count) {
			if (has_found(unpack)) {
				tell_found(conduit, from, fault);
				return IO_MOVED;
			}
			if (unpack->found != DECODE_MESSAGE)
				return IO_MOVED;
			decode_batch(conduit);
			continue;
		}
		result = message_send(to->fd, unpack->messages + unpack->next,
		    unpack->count - unpack->next, from->ancillary, &sent);
		if (result == IO_FAILED) {
			to->error = errno;
			return pass_over(conduit, from, to->error, fault) ?
			    IO_MOVED : IO_FAILED;
		}
		if (result != IO_MOVED)
			return result;
		for (; sent > 0; sent--) {
			conduit->moved += 1 +
			    unpack->messages[unpack->next].iov_len;
			unpack->next++;
		}
	}
}

static uint64_t
unpack_drop(struct conduit *conduit)
{
	struct unpack *unpack = &conduit->of.unpack;
	uint64_t bytes = bytes_from(unpack, unpack->next);

	/* They have been read: who looks is to see all that is lost. */
	while (unpack->found == DECODE_MESSAGE ||
	    unpack->found == DECODE_TOO_LARGE) {
		decode_batch(conduit);
		bytes += bytes_from(unpack, 0);
	}
	end_skipped(conduit);
	unpack->next = unpack->count = 0;
	unpack->start = unpack->end = 0;
	unpack->found = DECODE_END;
	return bytes;
}

static void
unpack_free(struct conduit *conduit)
{
	pages_unmap(&conduit->of.unpack.pages);
}

static const struct conduit_kind unpack_kind = {
	.fill = unpack_fill,
	.end = unpack_end,
	.drain = unpack_drain,
	.pending = unpack_pending,
	.drop = unpack_drop,
	.free = unpack_free,
};

int
conduit_open_unpack(struct conduit *conduit, enum framing framing,
    size_t largest)
{
	struct unpack *unpack = &conduit->of.unpack;
	size_t room;

	*conduit = (struct conduit){ .kind = &unpack_kind };
	unpack->found = DECODE_MORE;
	decoder_init(&unpack->decoder, framing, largest);
	room = decoder_room(&unpack->decoder);
	if (room > SIZE_MAX - READ_SIZE) {
		errno = ENOMEM;
		return -1;
	}
	return pages_map(&unpack->pages, room + READ_SIZE);
}
