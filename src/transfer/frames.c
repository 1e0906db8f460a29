/* SPDX-License-Identifier: MIT */
/*
 * The bytes that were read are decoded in place and written from there, many
 * messages with one call.  No part of a message is written before the whole
 * message has been read.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "transfer/conduit.h"

#define READ_SIZE 65536		/* bytes: a pipe's capacity, see pipe(7) */

/* A message was read, which begins at offset in src: it is pending now. */
static void
take_message(struct conduit *conduit, const char *message, size_t size,
    uint64_t offset)
{
	struct frames *frames = &conduit->of.frames;

	/* sendmsg(2) only reads, but has no const in its type. */
	frames->messages[frames->count++] = (struct iovec){
		(char *)message, size
	};
	frames->tracer->message(conduit, message, size, offset);
}

/* If bytes were being skipped, that is over: trace those that have come. */
static void
end_skipped(struct conduit *conduit)
{
	struct frames *frames = &conduit->of.frames;

	if (frames->is_skipping)
		frames->tracer->skipped(conduit, frames->skipped,
		    frames->skipped_at, !frames->is_stray);
	frames->is_skipping = frames->is_stray = false;
	frames->skipped = 0;
}

/*
 * A message of size bytes, at offset, is too large.  If only its size has been
 * read so far, it is counted when it ends: its bytes may never come.
 */
static void
take_too_large(struct conduit *conduit, uint64_t number, uint64_t size,
    uint64_t offset)
{
	struct frames *frames = &conduit->of.frames;

	frames->fault = (struct fault){
		.kind = FAULT_LARGE,
		.noun = frames->verb,
		.message = number,
		.size = size,
		.limit = frames->decoder.max,
	};
	frames->is_skipping = frames->decoder.skipping;
	frames->skipped_at = offset;
	if (!frames->is_skipping)
		frames->tracer->skipped(conduit, size, offset, true);
}

/* The next bytes in src are stray: drop them, and report the first ones. */
static void
take_malformed(struct conduit *conduit, const struct decoded *decoded)
{
	struct frames *frames = &conduit->of.frames;

	frames->is_skipping = frames->is_stray = true;
	frames->skipped_at = decoded->at;
	if (frames->reported_stray)
		return;
	frames->reported_stray = true;
	frames->fault = (struct fault){
		.kind = FAULT_MALFORMED,
		.noun = frames->source,
		.framing = frames->decoder.framing,
		.text = decoded->message,
		.size = decoded->size,
		.offset = decoded->at,
	};
}

/* src ended inside a message, of which size bytes are at data. */
static void
take_cut(struct conduit *conduit, const struct decoded *decoded,
    const char *data, size_t size)
{
	struct frames *frames = &conduit->of.frames;

	frames->fault = (struct fault){
		.kind = FAULT_CUT,
		.noun = frames->source,
		.message = decoded->number,
	};
	if (frames->tracer->stray == NULL)
		return;
	frames->tracer->stray(conduit, data, size, decoded->at);
	frames->tracer->skipped(conduit, size, decoded->at, false);
}

/* size bytes at offset were skipped before the decoder found something. */
static void
take_skipped(struct conduit *conduit, enum decode found, const char *data,
    size_t size, uint64_t offset)
{
	struct frames *frames = &conduit->of.frames;

	frames->skipped += size;
	if (frames->is_stray && size > 0 && frames->tracer->stray != NULL)
		frames->tracer->stray(conduit, data, size, offset);
	/* Any other result is about bytes after the skipped ones. */
	if (found != DECODE_MORE || !frames->decoder.skipping)
		end_skipped(conduit);
}

/* Take the result of the decoder, which was given the bytes at data. */
static void
take_found(struct conduit *conduit, enum decode found, const char *data,
    const struct decoded *decoded)
{
	struct frames *frames = &conduit->of.frames;
	uint64_t offset = frames->decoder.offset - decoded->used;
	size_t skipped = (size_t)decoded->skipped;

	take_skipped(conduit, found, data, skipped, offset);
	switch (found) {
	case DECODE_MESSAGE:
		take_message(conduit, decoded->message, decoded->size,
		    offset + (size_t)(decoded->message - data));
		break;
	case DECODE_TOO_LARGE:
		take_too_large(conduit, decoded->number, decoded->whole,
		    decoded->at);
		break;
	case DECODE_MALFORMED:
		take_malformed(conduit, decoded);
		break;
	case DECODE_CUT:
		take_cut(conduit, decoded, data + skipped,
		    decoded->used - skipped);
		break;
	case DECODE_MORE:
	case DECODE_END:
		break;
	}
}

static void
begin_batch(struct frames *frames)
{
	frames->next = frames->count = 0;
	frames->first = frames->decoder.number;
}

/*
 * Decode messages until the batch is full, the decoder finds no message, or a
 * trace does not keep up.
 */
static void
decode_batch(struct conduit *conduit)
{
	struct frames *frames = &conduit->of.frames;
	struct decoded decoded;
	enum decode found;
	const char *data;

	do {
		data = frames->pages.data + frames->start;
		found = decoder_next(&frames->decoder, data,
		    frames->end - frames->start, frames->ended, &decoded);
		frames->start += decoded.used;
		take_found(conduit, found, data, &decoded);
	} while (found == DECODE_MESSAGE && frames->count < MESSAGE_BATCH &&
	    !monitor_is_behind(conduit->monitor));
	conduit->has_backlog = found != DECODE_MORE && found != DECODE_END &&
	    found != DECODE_CUT;
}

/* Make room after the bytes in the buffer; returns how much to read at once. */
static size_t
make_read_room(struct frames *frames)
{
	size_t rest = frames->end - frames->start;
	size_t room;

	/* Move them to the front if that is cheap, or if room is short. */
	if (frames->start >= rest ||
	    frames->pages.size - frames->end < READ_SIZE) {
		memmove(frames->pages.data,
		    frames->pages.data + frames->start, rest);
		frames->end -= frames->start;
		frames->start = 0;
	}
	room = frames->pages.size - frames->end;
	/* Without framing, one read is one message of at most max bytes. */
	if (frames->decoder.framing == FRAMING_RAW)
		return decoder_room(&frames->decoder);
	return room < READ_SIZE ? room : READ_SIZE;
}

/*
 * How much to read at once.  If descriptors come with the data, it is at most
 * up to the end of a message, so that they do not go with another message.
 */
static size_t
choose_size(struct conduit *conduit, struct endpoint *src,
    const struct endpoint *dst)
{
	struct frames *frames = &conduit->of.frames;
	size_t size = make_read_room(frames);
	size_t rest = frames->end - frames->start;
	bool has_set;

	if (frames->decoder.framing == FRAMING_RAW || !dst->is_unix)
		return size;
	size = endpoint_inspect(src, frames->pages.data + frames->end, size,
	    &has_set);
	return has_set ? decoder_reach(&frames->decoder,
	    frames->pages.data + frames->start, rest + size) - rest : size;
}

/* Whether and why to refuse descriptors that came with size bytes. */
static enum ancillary_refusal
judge_descriptors(const struct frames *frames, size_t size,
    bool was_skipping)
{
	if (was_skipping)
		return REFUSAL_TOLD;
	return size == 0 && frames->decoder.framing != FRAMING_RAW ?
	    REFUSAL_EMPTY : REFUSAL_NONE;
}

/*
 * Read once into the buffer.  Without framing a read returns a message, which
 * may be empty or too large: such a message is taken here.
 */
static enum io
read_frames(struct conduit *conduit, struct endpoint *src, struct endpoint *dst)
{
	struct frames *frames = &conduit->of.frames;
	bool is_raw = frames->decoder.framing == FRAMING_RAW;
	bool was_skipping = frames->decoder.skipping;
	size_t size = choose_size(conduit, src, dst);
	char *data = frames->pages.data + frames->end;
	size_t moved = 0;
	enum io result;

	result = endpoint_read(src, data, size, &moved, &conduit->ancillary);
	conduit_note_descriptors(conduit, dst,
	    judge_descriptors(frames, moved, was_skipping));
	if (result == IO_TOO_LARGE && is_raw) {
		take_too_large(conduit, frames->decoder.number++, moved,
		    frames->decoder.offset);
		return IO_MOVED;
	}
	if (result != IO_MOVED)
		return result;
	conduit->moved += moved;
	frames->end += moved;
	if (frames->tracer->bytes != NULL)
		frames->tracer->bytes(conduit, data, moved);
	if (moved == 0 && is_raw) {
		take_message(conduit, data, 0, frames->decoder.offset);
		frames->decoder.number++;
	}
	return IO_MOVED;
}

enum io
frames_fill(struct conduit *conduit, struct endpoint *src, struct endpoint *dst)
{
	struct frames *frames = &conduit->of.frames;
	enum io result;

	begin_batch(frames);
	if (!conduit->has_backlog) {
		result = read_frames(conduit, src, dst);
		if (result != IO_MOVED)
			return result;
	}
	decode_batch(conduit);
	return IO_MOVED;
}

void
frames_end(struct conduit *conduit)
{
	struct frames *frames = &conduit->of.frames;

	if (frames->ended)
		return;
	frames->ended = true;
	begin_batch(frames);
	decode_batch(conduit);
}

size_t
frames_pending(const struct conduit *conduit)
{
	const struct frames *frames = &conduit->of.frames;

	return frames->count - frames->next +
	    (frames->fault.kind != FAULT_NONE);
}

enum io
frames_report(struct conduit *conduit, struct fault *fault)
{
	struct frames *frames = &conduit->of.frames;

	if (frames->fault.kind == FAULT_NONE)
		return IO_MOVED;
	ancillary_refuse(&conduit->ancillary, REFUSAL_TOLD);
	*fault = frames->fault;
	frames->fault.kind = FAULT_NONE;
	return fault->kind == FAULT_MALFORMED && !frames->goes_on ? IO_END :
	    IO_MOVED;
}

uint64_t
frames_bytes_from(const struct frames *frames, unsigned int i)
{
	uint64_t bytes = 0;

	for (; i < frames->count; i++)
		bytes += frames->messages[i].iov_len;
	return bytes;
}

uint64_t
frames_held(const struct conduit *conduit)
{
	const struct frames *frames = &conduit->of.frames;

	return frames_bytes_from(frames, frames->next) +
	    (frames->end - frames->start);
}

uint64_t
frames_drop(struct conduit *conduit)
{
	struct frames *frames = &conduit->of.frames;
	uint64_t bytes = frames_bytes_from(frames, frames->next);

	/* Messages that were read are traced even if they are dropped. */
	while (conduit->has_backlog) {
		begin_batch(frames);
		decode_batch(conduit);
		bytes += frames_bytes_from(frames, 0);
	}
	end_skipped(conduit);
	begin_batch(frames);
	frames->fault.kind = FAULT_NONE;
	frames->start = frames->end = 0;
	/* The decoder has seen bytes that are no longer there. */
	frames->ended = true;
	return bytes;
}

void
frames_free(struct conduit *conduit)
{
	pages_unmap(&conduit->of.frames.pages);
}

int
frames_open(struct frames *frames, enum framing framing, size_t largest,
    const struct frames_tracer *tracer)
{
	size_t room;

	frames->tracer = tracer;
	decoder_init(&frames->decoder, framing, largest);
	room = decoder_room(&frames->decoder);
	if (room > SIZE_MAX - READ_SIZE) {
		errno = ENOMEM;
		return -1;
	}
	return pages_map(&frames->pages, room + READ_SIZE);
}
