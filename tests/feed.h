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
	size_t large_end;	/* where in input a message to skip ends; 0: */
				/* there is none */
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

/*
 * What decoder_reach() has said of data, size bytes, and cannot be so after the
 * result that it led to; or NULL.
 */
static inline const char *
feed_reach_fault(struct feed *feed, size_t reach, bool was_skipping,
    enum decode result, const struct decoded *decoded, size_t size)
{
	size_t end = feed->used + size;	/* of data, in input */
	size_t used_end = feed->used + decoded->used;
	char trailer[FRAME_TRAILER_MAX];
	size_t large_end = 0;

	if (feed->decoder.skipping && result == DECODE_TOO_LARGE)
		large_end = decoded->whole > feed->size ? SIZE_MAX :
		    used_end + (size_t)decoded->whole +
		    frame_trailer(feed->decoder.framing, trailer);
	else if (feed->decoder.skipping && result != DECODE_MALFORMED)
		large_end = feed->large_end;
	if (was_skipping && feed->large_end > 0 && feed->large_end < end)
		end = feed->large_end;
	else if (!was_skipping && large_end > 0 && large_end < end)
		end = large_end;
	else if (!was_skipping && !feed->decoder.skipping &&
	    (result == DECODE_MESSAGE || result == DECODE_TOO_LARGE))
		end = used_end;
	feed->large_end = large_end;
	return feed->used + reach == end ? NULL :
	    "the reach is not that of the first message";
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
 * The bytes of the next piece: those up to the next place to cut.  Bit i of
 * places is a cut behind byte i.
 */
static inline size_t
feed_piece_at(const struct feed *feed, uint64_t places)
{
	size_t piece = 1;

	while (feed->given + piece < feed->size &&
	    !(places >> (feed->given + piece - 1) & 1))
		piece++;
	return piece;
}

/* One call of the decoder.  Returns NULL or a fault. */
static inline const char *
feed_next(struct feed *feed, enum decode *result, struct decoded *decoded)
{
	const char *data = feed->input + feed->used;
	size_t size = feed->given - feed->used;
	size_t reach = decoder_reach(&feed->decoder, data, size);
	bool was_skipping = feed->decoder.skipping;
	const char *fault;

	*result = decoder_next(&feed->decoder, data, size, feed->ended,
	    decoded);
	fault = feed_fault(feed, *result, decoded, data, size);
	return fault != NULL ? fault : feed_reach_fault(feed, reach,
	    was_skipping, *result, decoded, size);
}

/* feed_input() with cuts, or feed_input_at() without. */
static inline const char *
feed_run(enum framing framing, size_t max, const char *input, size_t size,
    const struct cuts *cuts, uint64_t places, FILE *log, FILE *frames)
{
	struct feed feed = { .input = input, .size = size };
	struct decoded decoded;
	const char *fault;
	enum decode result;
	bool late_end = cuts != NULL ? cuts->late_end :
	    size > 0 && (places >> (size - 1) & 1);
	uint32_t seed = cuts != NULL ? cuts->seed : 0;
	size_t piece = cuts != NULL ? cuts->first : 0;

	decoder_init(&feed.decoder, framing, max);
	for (;;) {
		fault = feed_next(&feed, &result, &decoded);
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
		if (cuts == NULL)
			piece = feed_piece_at(&feed, places);
		if (!feed_more(&feed, piece, late_end))
			return "there is no room, and more is wanted";
		if (cuts != NULL)
			piece = seed == 0 ? cuts->rest :
			    feed_random(&seed) % (cuts->rest + 1);
	}
	if (feed.used != size)
		return "something was not used";
	if (log != NULL)
		fputs("end", log);
	return NULL;
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
	return feed_run(framing, max, input, size, cuts, 0, log, frames);
}

/*
 * The same, cut behind each byte whose bit is set in places.  Behind the last
 * byte this means that the end is noticed later.  size is at most 64.
 */
static inline const char *
feed_input_at(enum framing framing, size_t max, const char *input, size_t size,
    uint64_t places, FILE *log, FILE *frames)
{
	return feed_run(framing, max, input, size, NULL, places, log, frames);
}

#endif
