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
has_found(const struct conduit_decode *decode)
{
	return decode->found == DECODE_TOO_LARGE ||
	    decode->found == DECODE_MALFORMED || decode->found == DECODE_CUT;
}

/*
 * Trace what decoding has stopped at, if that is a message too large.  If only
 * its announced size has been read, it is not counted yet: its bytes may never
 * come.
 */
static void
watch_found(struct conduit *conduit)
{
	struct conduit_decode *decode = &conduit->of.decode;

	if (conduit->monitor == NULL || decode->found != DECODE_TOO_LARGE)
		return;
	decode->skips = decode->decoder.skipping;
	decode->skipped = 0;
	if (!decode->skips)
		monitor_unkept(conduit->monitor, conduit->direction,
		    decode->decoded.whole);
}

/* The message that is dropped ends here: count the bytes of it that came. */
static void
end_skipped(struct conduit *conduit)
{
	struct conduit_decode *decode = &conduit->of.decode;

	if (decode->skips)
		monitor_unkept(conduit->monitor, conduit->direction,
		    decode->skipped);
	decode->skips = false;
}

/* Count what was dropped of a message that is too large, until it ends. */
static void
note_skipped(struct conduit *conduit, const struct decoded *decoded)
{
	struct conduit_decode *decode = &conduit->of.decode;

	decode->skipped += decoded->skipped;
	/* Any other result is about what follows the message. */
	if (decode->found != DECODE_MORE || !decode->decoder.skipping)
		end_skipped(conduit);
}

/*
 * Decode messages until there is a batch of them, something else than a
 * message, or no more; or a trace does not keep up.
 */
static void
decode_batch(struct conduit *conduit)
{
	struct conduit_decode *decode = &conduit->of.decode;
	struct decoded decoded;

	decode->next = decode->count = 0;
	decode->first = decode->decoder.number;
	do {
		decode->found = decoder_next(&decode->decoder,
		    decode->pages.data + decode->start,
		    decode->end - decode->start, decode->ended, &decoded);
		decode->start += decoded.used;
		note_skipped(conduit, &decoded);
		if (decode->found == DECODE_MESSAGE) {
			/* sendmsg(2) does not write there. */
			decode->messages[decode->count++] = (struct iovec){
				(char *)decoded.message, decoded.size
			};
			if (conduit->monitor != NULL)
				monitor_piece(conduit->monitor,
				    conduit->direction, decoded.message,
				    decoded.size);
		}
	} while (decode->found == DECODE_MESSAGE &&
	    decode->count < MESSAGE_BATCH && !conduit_is_behind(conduit));
	decode->decoded = decoded;
	watch_found(conduit);
}

/* How much to read at once into the room behind what is there. */
static size_t
make_room(struct conduit_decode *decode)
{
	size_t rest = decode->end - decode->start;
	size_t room;

	/* To the front again, once that is cheap; or there is no more room. */
	if (decode->start >= rest ||
	    decode->pages.size - decode->end < READ_SIZE) {
		memmove(decode->pages.data,
		    decode->pages.data + decode->start, rest);
		decode->end -= decode->start;
		decode->start = 0;
	}
	room = decode->pages.size - decode->end;
	/* One read, one message; and not more than one can hold. */
	if (decode->decoder.framing == FRAMING_RAW)
		return decode->decoder.max > 0 ? decode->decoder.max : 1;
	return room < READ_SIZE ? room : READ_SIZE;
}

/*
 * How much to read at once.  Where descriptors come it is not more than to the
 * end of a message, so that they do not come with the bytes of another.
 */
static size_t
choose_size(struct conduit *conduit, struct endpoint *src)
{
	struct conduit_decode *decode = &conduit->of.decode;
	size_t size = make_room(decode);
	size_t rest = decode->end - decode->start;
	bool has_set;

	if (decode->decoder.framing == FRAMING_RAW)
		return size;
	size = endpoint_inspect(src, decode->pages.data + decode->end, size,
	    &conduit->ancillary, &has_set);
	return has_set ? decoder_reach(&decode->decoder,
	    decode->pages.data + decode->start, rest + size) - rest : size;
}

/* An empty message from a message socket. */
static void
take_empty(struct conduit *conduit)
{
	struct conduit_decode *decode = &conduit->of.decode;

	decode->messages[0] = (struct iovec){ NULL, 0 };
	decode->next = 0;
	decode->count = 1;
	decode->first = decode->decoder.number++;
	decode->found = DECODE_MORE;
	if (conduit->monitor != NULL)
		monitor_piece(conduit->monitor, conduit->direction, NULL, 0);
}

/* One that had no room, and is lost. */
static void
take_too_large(struct conduit *conduit, size_t size)
{
	struct conduit_decode *decode = &conduit->of.decode;

	decode->next = decode->count = 0;
	decode->found = DECODE_TOO_LARGE;
	decode->decoded = (struct decoded){
		.number = decode->decoder.number++, .whole = size
	};
	watch_found(conduit);
}

/* What becomes of descriptors that came with size bytes. */
static enum ancillary_refusal
judge_descriptors(const struct conduit_decode *decode, size_t size,
    bool was_skipping)
{
	if (was_skipping)
		return REFUSAL_TOLD;
	return size == 0 && decode->decoder.framing != FRAMING_RAW ?
	    REFUSAL_EMPTY : REFUSAL_NONE;
}

static enum io
decode_fill(struct conduit *conduit, struct endpoint *src, struct endpoint *dst)
{
	struct conduit_decode *decode = &conduit->of.decode;
	bool is_raw = decode->decoder.framing == FRAMING_RAW;
	bool was_skipping = decode->decoder.skipping;
	enum io result;
	size_t size;
	size_t moved = 0;

	if (conduit->at_eof)
		return IO_END;
	size = choose_size(conduit, src);
	result = endpoint_read(src, decode->pages.data + decode->end, size,
	    &moved, &conduit->ancillary);
	conduit_note_descriptors(conduit, dst,
	    judge_descriptors(decode, moved, was_skipping));
	if (result == IO_TOO_LARGE && is_raw) {
		take_too_large(conduit, moved);
		return IO_MOVED;
	}
	if (result != IO_MOVED)
		return result;
	conduit->moved += moved;
	decode->end += moved;
	if (moved == 0 && is_raw)
		take_empty(conduit);
	else
		decode_batch(conduit);
	return IO_MOVED;
}

static void
decode_end(struct conduit *conduit)
{
	struct conduit_decode *decode = &conduit->of.decode;

	if (conduit->at_eof)
		return;
	decode->ended = true;
	decode_batch(conduit);
}

static size_t
decode_pending(const struct conduit *conduit)
{
	const struct conduit_decode *decode = &conduit->of.decode;

	/* Behind a message there may be more of what has been read. */
	return decode->count - decode->next + has_found(decode) +
	    (decode->found == DECODE_MESSAGE);
}

/* Tell what was found instead of a message, and decode on. */
static void
report_found(struct conduit *conduit, struct fault *fault)
{
	struct conduit_decode *decode = &conduit->of.decode;

	ancillary_refuse(&conduit->ancillary, REFUSAL_TOLD);
	*fault = (struct fault){
		.message = decode->decoded.number,
		.size = decode->decoded.whole,
		.limit = decode->decoder.max,
	};
	switch (decode->found) {
	case DECODE_TOO_LARGE:
		fault->kind = FAULT_LARGE;
		fault->noun = "send";
		break;
	case DECODE_MALFORMED:
		fault->kind = FAULT_MALFORMED;
		fault->noun = decode->decoded.wanted;
		fault->size = decode->decoded.at;
		/* Nothing that follows can be understood. */
		conduit->at_eof = true;
		break;
	default:
		fault->kind = FAULT_CUT;
	}
	decode_batch(conduit);
}

/* The bytes of the messages in the batch from number i on. */
static uint64_t
bytes_from(const struct conduit_decode *decode, unsigned int i)
{
	uint64_t bytes = 0;

	for (; i < decode->count; i++)
		bytes += decode->messages[i].iov_len;
	return bytes;
}

/* The next message of the batch is too large to be sent, by error. */
static void
pass_over(struct conduit *conduit, int error, struct fault *fault)
{
	struct conduit_decode *decode = &conduit->of.decode;

	ancillary_refuse(&conduit->ancillary, REFUSAL_TOLD);
	*fault = (struct fault){
		.kind = FAULT_SEND,
		.error = error,
		.message = decode->first + decode->next,
		.size = decode->messages[decode->next].iov_len,
	};
	decode->next++;
	if (conduit->monitor != NULL)
		monitor_undelivered(conduit->monitor, conduit->direction,
		    fault->size, bytes_from(decode, decode->next));
}

static enum io
decode_drain(struct conduit *conduit, struct endpoint *src,
    struct endpoint *dst, struct fault *fault)
{
	struct conduit_decode *decode = &conduit->of.decode;
	unsigned int sent;
	enum io result;

	(void)src;
	for (;;) {
		if (decode->next == decode->count) {
			if (has_found(decode)) {
				report_found(conduit, fault);
				return IO_MOVED;
			}
			if (decode->found != DECODE_MESSAGE)
				return IO_MOVED;
			decode_batch(conduit);
			if (conduit_is_behind(conduit))
				return IO_MOVED;
			continue;
		}
		result = message_send(dst->fd, decode->messages + decode->next,
		    decode->count - decode->next, &conduit->ancillary, &sent);
		if (result == IO_TOO_LARGE) {
			pass_over(conduit, errno, fault);
			return IO_MOVED;
		}
		if (result == IO_FAILED)
			dst->error = errno;
		if (result != IO_MOVED)
			return result;
		for (; sent > 0; sent--) {
			conduit->moved += 1 +
			    decode->messages[decode->next].iov_len;
			decode->next++;
		}
	}
}

static uint64_t
decode_drop(struct conduit *conduit)
{
	struct conduit_decode *decode = &conduit->of.decode;
	uint64_t bytes = bytes_from(decode, decode->next);

	/* They have been read: who looks is to see all that is lost. */
	while (decode->found == DECODE_MESSAGE ||
	    decode->found == DECODE_TOO_LARGE) {
		decode_batch(conduit);
		bytes += bytes_from(decode, 0);
	}
	end_skipped(conduit);
	decode->next = decode->count = 0;
	decode->start = decode->end = 0;
	decode->found = DECODE_END;
	return bytes;
}

static void
decode_free(struct conduit *conduit)
{
	pages_unmap(&conduit->of.decode.pages);
}

static const struct conduit_kind decode_kind = {
	.fill = decode_fill,
	.end = decode_end,
	.drain = decode_drain,
	.pending = decode_pending,
	.drop = decode_drop,
	.free = decode_free,
};

int
conduit_open_decode(struct conduit *conduit, enum framing framing,
    size_t largest)
{
	struct conduit_decode *decode = &conduit->of.decode;
	size_t room;

	*conduit = (struct conduit){ .kind = &decode_kind };
	decode->found = DECODE_MORE;
	decoder_init(&decode->decoder, framing, largest);
	room = decoder_room(&decode->decoder);
	if (room > SIZE_MAX - READ_SIZE) {
		errno = ENOMEM;
		return -1;
	}
	return pages_map(&decode->pages, room + READ_SIZE);
}
