/* SPDX-License-Identifier: MIT */
/*
 * The conduit from frames to messages: what was read is decoded where it lies
 * and sent from there, many messages with one call.  Of a message that has not
 * come whole yet nothing is sent.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "conduit.h"
#include "message.h"

#define READ_SIZE 65536		/* bytes: a pipe's capacity, see pipe(7) */

/* Whether decoding has stopped at something that has to be told. */
static bool
has_found(const struct unpack *unpack)
{
	return unpack->found == DECODE_TOO_LARGE ||
	    unpack->found == DECODE_MALFORMED || unpack->found == DECODE_CUT;
}

/* Tell who looks what decoding has stopped at, if that is a message. */
static void
watch_found(struct conduit *conduit)
{
	const struct unpack *unpack = &conduit->of.unpack;

	if (conduit->watch != NULL && unpack->found == DECODE_TOO_LARGE)
		watch_unkept(conduit->watch, conduit->direction,
		    unpack->decoded.whole);
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
		    unpack->region.data + unpack->start,
		    unpack->end - unpack->start, unpack->ended, &decoded);
		unpack->start += decoded.used;
		if (unpack->found == DECODE_MESSAGE) {
			/* sendmsg(2) does not write there. */
			unpack->messages[unpack->count++] = (struct iovec){
				(char *)decoded.message, decoded.size
			};
			if (conduit->watch != NULL)
				watch_piece(conduit->watch, conduit->direction,
				    decoded.message, decoded.size);
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
	if (unpack->start >= rest || unpack->region.size - unpack->end <
	    READ_SIZE) {
		memmove(unpack->region.data,
		    unpack->region.data + unpack->start, rest);
		unpack->end -= unpack->start;
		unpack->start = 0;
	}
	room = unpack->region.size - unpack->end;
	/* One read, one message; and not more than one can hold. */
	if (unpack->decoder.framing == FRAMING_RAW)
		return unpack->decoder.max > 0 ? unpack->decoder.max : 1;
	return room < READ_SIZE ? room : READ_SIZE;
}

static enum io
unpack_fill(struct conduit *conduit, struct endpoint *from, struct endpoint *to)
{
	struct unpack *unpack = &conduit->of.unpack;
	enum io result;
	size_t size;
	size_t moved;

	if (conduit->over)
		return IO_END;
	size = make_room(unpack);
	result = endpoint_read(from, unpack->region.data + unpack->end, size,
	    &moved);
	conduit_note_descriptors(conduit, from, to);
	if (result != IO_MOVED)
		return result;
	conduit->moved += moved;
	unpack->end += moved;
	if (moved == 0 && unpack->decoder.framing == FRAMING_RAW) {
		/* An empty message from a message socket. */
		unpack->messages[0] = (struct iovec){ NULL, 0 };
		unpack->next = 0;
		unpack->count = 1;
		unpack->first = unpack->decoder.number++;
		unpack->found = DECODE_MORE;
		if (conduit->watch != NULL)
			watch_piece(conduit->watch, conduit->direction, NULL,
			    0);
		return IO_MOVED;
	}
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
		ancillary_refuse(from->ancillary);
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

/* The first message of the batch could not be sent; true if others may be. */
static bool
pass_over(struct conduit *conduit, struct endpoint *from, struct fault *fault)
{
	struct unpack *unpack = &conduit->of.unpack;

	if (errno != EMSGSIZE && errno != ENOBUFS)
		return false;
	refuse_descriptors(from);
	*fault = (struct fault){
		.kind = FAULT_SEND,
		.error = errno,
		.message = unpack->first + unpack->next,
		.size = unpack->messages[unpack->next].iov_len,
	};
	unpack->next++;
	if (conduit->watch != NULL)
		watch_undelivered(conduit->watch, conduit->direction,
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
		if (result == IO_FAILED && pass_over(conduit, from, fault))
			return IO_MOVED;
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
	unpack->next = unpack->count = 0;
	unpack->start = unpack->end = 0;
	unpack->found = DECODE_END;
	return bytes;
}

static void
unpack_free(struct conduit *conduit)
{
	region_unmap(&conduit->of.unpack.region);
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
	return region_map(&unpack->region, room + READ_SIZE);
}
