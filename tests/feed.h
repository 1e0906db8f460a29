/* SPDX-License-Identifier: MIT */
/*
 * Feed an input to a decoder in pieces, as the relay does from a buffer of
 * bounded size, and log each result:
 *
 *	1=abc		message 1 is "abc"
 *	2>70		message 2 is too large: 70 bytes
 *	3!17 x:y	instead of message 3 there is "x:y" at 17
 *	4/2 of 5	message 4 was cut off: 2 of 5 bytes had come
 *	end
 *
 * A bar follows each result except end.  For unit tests and fuzz targets.
 */
#ifndef FEED_H
#define FEED_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "plan/decoder.h"

/* How an input is cut into pieces. */
struct cuts {
	size_t first;		/* bytes of the first piece */
	size_t rest;		/* of each other one, not 0 */
	uint32_t seed;		/* unless 0, each is from 0 to rest instead */
	bool late_end;		/* the end is noticed only after the last */
};

struct feed {
	struct decoder decoder;
	const char *input;
	size_t size;
	size_t used;		/* bytes of input that were dropped */
	size_t given;		/* bytes of input that the decoder has seen */
	bool ended;
};

static inline uint32_t
feed_random(uint32_t *seed)
{
	/* Numerical Recipes in C, second edition, 7.1. */
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static inline void
feed_frame(FILE *frames, enum framing framing, const char *message,
    size_t size)
{
	char header[FRAME_HEADER_MAX];
	char trailer[FRAME_TRAILER_MAX];

	fwrite(header, 1, frame_header(framing, size, header), frames);
	fwrite(message, 1, size, frames);
	fwrite(trailer, 1, frame_trailer(framing, trailer), frames);
}

static inline void
feed_note(FILE *log, enum decode result, const struct decoded *decoded)
{
	if (result != DECODE_MORE && result != DECODE_END)
		fprintf(log, "%" PRIu64, decoded->number);
	switch (result) {
	case DECODE_MESSAGE:
		fputc('=', log);
		fwrite(decoded->message, 1, decoded->size, log);
		break;
	case DECODE_TOO_LARGE:
		fprintf(log, ">%" PRIu64, decoded->whole);
		break;
	case DECODE_MALFORMED:
		fprintf(log, "!%" PRIu64 " ", decoded->at);
		fwrite(decoded->message, 1, decoded->size, log);
		break;
	case DECODE_CUT:
		fprintf(log, "/%zu of %" PRIu64, decoded->size,
		    decoded->whole);
		break;
	case DECODE_MORE:
	case DECODE_END:
		return;
	}
	fputc('|', log);
}

/* What a result claims of data, size bytes, and cannot be so; or NULL. */
static inline const char *
feed_fault(const struct feed *feed, enum decode result,
    const struct decoded *decoded, const char *data, size_t size)
{
	const struct decoder *decoder = &feed->decoder;

	if (decoded->used > size)
		return "more is used than there is";
	if (decoder->offset != feed->used + decoded->used)
		return "the offset is not the sum of what was used";
	switch (result) {
	case DECODE_MORE:
		return feed->ended ? "more is wanted after the end" : NULL;
	case DECODE_MESSAGE:
		if (decoded->message < data || decoded->size > decoded->used ||
		    (size_t)(decoded->message - data) >
		    decoded->used - decoded->size)
			return "the message is not in what is used";
		return decoded->size > decoder->max ?
		    "the message is larger than max" : NULL;
	case DECODE_TOO_LARGE:
		return decoded->whole <= decoder->max ?
		    "what is told to be too large is not" : NULL;
	case DECODE_MALFORMED:
		if (decoded->at < feed->used ||
		    decoded->at >= feed->used + size)
			return "it is not where it should begin";
		if (decoded->size > DECODE_TEXT_MAX ||
		    decoded->message < data ||
		    decoded->message + decoded->size > data + size)
			return "what is no message is not there";
		return NULL;
	case DECODE_CUT:
		if (!feed->ended || decoded->size > decoded->whole)
			return "nothing is cut off";
		return decoded->used < size ? "some is left" : NULL;
	case DECODE_END:
		return decoded->used < size ? "some is left" : NULL;
	}
	return "an unknown result";
}

/* Give the decoder more.  False if there is no room for it. */
static inline bool
feed_more(struct feed *feed, size_t piece, bool late_end)
{
	size_t room = decoder_room(&feed->decoder) -
	    (feed->given - feed->used);
	size_t left = feed->size - feed->given;

	if (left > 0 && room == 0)
		return false;
	if (piece > room)
		piece = room;
	if (left == 0)
		feed->ended = true;
	if (piece > left)
		piece = left;
	feed->given += piece;
	if (feed->given == feed->size && !late_end)
		feed->ended = true;
	return true;
}

/*
 * Feed input, size bytes, to a decoder of framing and max.  log gets what
 * is described above, frames the messages, framed again; either may be NULL.
 * Returns NULL, or a fault of the decoder in words.
 */
static inline const char *
feed_input(enum framing framing, size_t max, const char *input, size_t size,
    const struct cuts *cuts, FILE *log, FILE *frames)
{
	struct feed feed = { .input = input, .size = size };
	struct decoded decoded;
	const char *fault;
	enum decode result;
	uint32_t seed = cuts->seed;
	size_t piece = cuts->first;

	decoder_init(&feed.decoder, framing, max);
	for (;;) {
		result = decoder_next(&feed.decoder, input + feed.used,
		    feed.given - feed.used, feed.ended, &decoded);
		fault = feed_fault(&feed, result, &decoded, input + feed.used,
		    feed.given - feed.used);
		if (fault != NULL)
			return fault;
		if (log != NULL)
			feed_note(log, result, &decoded);
		if (result == DECODE_MESSAGE && frames != NULL)
			feed_frame(frames, framing, decoded.message,
			    decoded.size);
		feed.used += decoded.used;
		if (result == DECODE_END && feed.ended)
			break;
		if (result != DECODE_MORE && result != DECODE_END)
			continue;
		if (!feed_more(&feed, piece, cuts->late_end))
			return "there is no room, and more is wanted";
		piece = seed == 0 ? cuts->rest :
		    feed_random(&seed) % (cuts->rest + 1);
	}
	if (feed.used != size)
		return "something was not used";
	if (log != NULL)
		fputs("end", log);
	return NULL;
}

#endif
