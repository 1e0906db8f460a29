/* SPDX-License-Identifier: MIT */
/*
 * The conduit from frames to messages.  The bytes that were read are decoded in
 * place and sent from there, many messages with one call.  No part of a message
 * is sent before the whole message has been read.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "socket/message.h"
#include "transfer/conduit.h"

#define READ_SIZE 65536		/* bytes: a pipe's capacity, see pipe(7) */

/* A message was read: it is pending, and traced. */
static void
take_message(struct conduit *conduit, const char *message, size_t size)
{
	struct conduit_decode *decode = &conduit->of.decode;

	/* sendmsg(2) only reads, but has no const in its type. */
	decode->messages[decode->count++] = (struct iovec){
		(char *)message, size
	};
	if (conduit->monitor != NULL)
		monitor_piece(conduit->monitor, conduit->direction, message,
		    size);
}

/* The end of a message that is too large: count its bytes that came. */
static void
end_skipped(struct conduit *conduit)
{
	struct conduit_decode *decode = &conduit->of.decode;

	if (decode->is_skipping && conduit->monitor != NULL)
		monitor_unkept(conduit->monitor, conduit->direction,
		    decode->skipped);
	decode->is_skipping = false;
	decode->skipped = 0;
}

/*
 * A message of size bytes is too large.  If only its size has been read so far,
 * it is counted when it ends: its bytes may never come.
 */
static void
take_too_large(struct conduit *conduit, uint64_t number, uint64_t size)
{
	struct conduit_decode *decode = &conduit->of.decode;

	decode->fault = (struct fault){
		.kind = FAULT_LARGE,
		.noun = "send",
		.message = number,
		.size = size,
		.limit = decode->decoder.max,
	};
	decode->is_skipping = decode->decoder.skipping;
	if (!decode->is_skipping && conduit->monitor != NULL)
		monitor_unkept(conduit->monitor, conduit->direction, size);
}

/* Take the result of the decoder. */
static void
take_found(struct conduit *conduit, enum decode found,
    const struct decoded *decoded)
{
	struct conduit_decode *decode = &conduit->of.decode;

	decode->skipped += decoded->skipped;
	/* Any other result is about what follows the skipped message. */
	if (found != DECODE_MORE || !decode->decoder.skipping)
		end_skipped(conduit);
	switch (found) {
	case DECODE_MESSAGE:
		take_message(conduit, decoded->message, decoded->size);
		break;
	case DECODE_TOO_LARGE:
		take_too_large(conduit, decoded->number, decoded->whole);
		break;
	case DECODE_MALFORMED:
		decode->fault = (struct fault){
			.kind = FAULT_MALFORMED,
			.noun = decoded->wanted,
			.message = decoded->number,
			.size = decoded->at,
		};
		break;
	case DECODE_CUT:
		decode->fault = (struct fault){
			.kind = FAULT_CUT, .message = decoded->number
		};
		break;
	case DECODE_MORE:
	case DECODE_END:
		break;
	}
}

static void
begin_batch(struct conduit_decode *decode)
{
	decode->next = decode->count = 0;
	decode->first = decode->decoder.number;
}

/*
 * Decode messages until the batch is full, the decoder finds no message, or a
 * trace does not keep up.
 */
static void
decode_batch(struct conduit *conduit)
{
	struct conduit_decode *decode = &conduit->of.decode;
	struct decoded decoded;
	enum decode found;

	do {
		found = decoder_next(&decode->decoder,
		    decode->pages.data + decode->start,
		    decode->end - decode->start, decode->ended, &decoded);
		decode->start += decoded.used;
		take_found(conduit, found, &decoded);
	} while (found == DECODE_MESSAGE && decode->count < MESSAGE_BATCH &&
	    !monitor_is_behind(conduit->monitor));
	conduit->has_backlog = found == DECODE_MESSAGE ||
	    found == DECODE_TOO_LARGE;
}

/* Make room after the bytes in the buffer; returns how much to read at once. */
static size_t
make_read_room(struct conduit_decode *decode)
{
	size_t rest = decode->end - decode->start;
	size_t room;

	/* Move them to the front if that is cheap, or if room is short. */
	if (decode->start >= rest ||
	    decode->pages.size - decode->end < READ_SIZE) {
		memmove(decode->pages.data,
		    decode->pages.data + decode->start, rest);
		decode->end -= decode->start;
		decode->start = 0;
	}
	room = decode->pages.size - decode->end;
	/* Without framing, one read is one message of at most max bytes. */
	if (decode->decoder.framing == FRAMING_RAW)
		return decoder_room(&decode->decoder);
	return room < READ_SIZE ? room : READ_SIZE;
}

/*
 * How much to read at once.  If descriptors come with the data, it is at most
 * up to the end of a message, so that they do not go with another message.
 */
static size_t
choose_size(struct conduit *conduit, struct endpoint *src)
{
	struct conduit_decode *decode = &conduit->of.decode;
	size_t size = make_read_room(decode);
	size_t rest = decode->end - decode->start;
	bool has_set;

	if (decode->decoder.framing == FRAMING_RAW)
		return size;
	size = endpoint_inspect(src, decode->pages.data + decode->end, size,
	    &has_set);
	return has_set ? decoder_reach(&decode->decoder,
	    decode->pages.data + decode->start, rest + size) - rest : size;
}

/* Whether and why to refuse descriptors that came with size bytes. */
static enum ancillary_refusal
judge_descriptors(const struct conduit_decode *decode, size_t size,
    bool was_skipping)
{
	if (was_skipping)
		return REFUSAL_TOLD;
	return size == 0 && decode->decoder.framing != FRAMING_RAW ?
	    REFUSAL_EMPTY : REFUSAL_NONE;
}

/*
 * Read once into the buffer.  Without framing a read returns a message, which
 * may be empty or too large: such a message is taken here.
 */
static enum io
read_frames(struct conduit *conduit, struct endpoint *src, struct endpoint *dst)
{
	struct conduit_decode *decode = &conduit->of.decode;
	bool is_raw = decode->decoder.framing == FRAMING_RAW;
	bool was_skipping = decode->decoder.skipping;
	size_t size = choose_size(conduit, src);
	size_t moved = 0;
	enum io result;

	result = endpoint_read(src, decode->pages.data + decode->end, size,
	    &moved, &conduit->ancillary);
	conduit_note_descriptors(conduit, dst,
	    judge_descriptors(decode, moved, was_skipping));
	if (result == IO_TOO_LARGE && is_raw) {
		take_too_large(conduit, decode->decoder.number++, moved);
		return IO_MOVED;
	}
	if (result != IO_MOVED)
		return result;
	conduit->moved += moved;
	decode->end += moved;
	if (moved == 0 && is_raw) {
		take_message(conduit, NULL, 0);
		decode->decoder.number++;
	}
	return IO_MOVED;
}

static enum io
decode_fill(struct conduit *conduit, struct endpoint *src, struct endpoint *dst)
{
	struct conduit_decode *decode = &conduit->of.decode;
	enum io result;

	begin_batch(decode);
	if (!conduit->has_backlog) {
		result = read_frames(conduit, src, dst);
		if (result != IO_MOVED)
			return result;
	}
	decode_batch(conduit);
	return IO_MOVED;
}

static void
decode_end(struct conduit *conduit)
{
	struct conduit_decode *decode = &conduit->of.decode;

	decode->ended = true;
	begin_batch(decode);
	decode_batch(conduit);
}

static size_t
decode_pending(const struct conduit *conduit)
{
	const struct conduit_decode *decode = &conduit->of.decode;

	return decode->count - decode->next +
	    (decode->fault.kind != FAULT_NONE);
}

/*
 * All messages have been sent: report the fault after them, if there is one.
 * Nothing after a malformed frame can be decoded, so src ends there.
 */
static enum io
report_found(struct conduit *conduit, struct fault *fault)
{
	struct conduit_decode *decode = &conduit->of.decode;

	if (decode->fault.kind == FAULT_NONE)
		return IO_MOVED;
	ancillary_refuse(&conduit->ancillary, REFUSAL_TOLD);
	*fault = decode->fault;
	decode->fault.kind = FAULT_NONE;
	return fault->kind == FAULT_MALFORMED ? IO_END : IO_MOVED;
}

/* The bytes of the messages in the batch from number i on. */
static uint64_t
decode_bytes_from(const struct conduit_decode *decode, unsigned int i)
{
	uint64_t bytes = 0;

	for (; i < decode->count; i++)
		bytes += decode->messages[i].iov_len;
	return bytes;
}

/* Skip the next message of the batch, whose send failed with error. */
static void
decode_pass_over(struct conduit *conduit, int error, struct fault *fault)
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
		    fault->size, decode_bytes_from(decode, decode->next));
}

static enum io
decode_drain(struct conduit *conduit, struct endpoint *src,
    struct endpoint *dst, struct fault *fault)
{
	struct conduit_decode *decode = &conduit->of.decode;
	unsigned int sent;
	enum io result;

	(void)src;
	while (decode->next < decode->count) {
		result = message_send(dst->fd, decode->messages + decode->next,
		    decode->count - decode->next, &conduit->ancillary, &sent);
		if (result == IO_TOO_LARGE) {
			decode_pass_over(conduit, errno, fault);
			return IO_MOVED;
		}
		if (result == IO_FAILED)
			dst->error = errno;
		if (result != IO_MOVED)
			return result;
		for (; sent > 0; sent--)
			conduit->moved += 1 +
			    decode->messages[decode->next++].iov_len;
	}
	return report_found(conduit, fault);
}

static uint64_t
decode_drop(struct conduit *conduit)
{
	struct conduit_decode *decode = &conduit->of.decode;
	uint64_t bytes = decode_bytes_from(decode, decode->next);

	/* Messages that were read are traced even if they are dropped. */
	while (conduit->has_backlog) {
		begin_batch(decode);
		decode_batch(conduit);
		bytes += decode_bytes_from(decode, 0);
	}
	end_skipped(conduit);
	begin_batch(decode);
	decode->fault.kind = FAULT_NONE;
	decode->start = decode->end = 0;
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
	decoder_init(&decode->decoder, framing, largest);
	room = decoder_room(&decode->decoder);
	if (room > SIZE_MAX - READ_SIZE) {
		errno = ENOMEM;
		return -1;
	}
	return pages_map(&decode->pages, room + READ_SIZE);
}
