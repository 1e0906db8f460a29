/* SPDX-License-Identifier: MIT */
/*
 * Messages in a stream of bytes: where each begins and ends.  A decoder finds
 * them in what has been read so far, however it was cut into pieces; frame_*
 * tell what to put around one.  Pure: nothing here is allocated, read or
 * written, and memory is bounded by the largest message that is accepted,
 * whatever the input announces.
 */
#ifndef FRAMING_H
#define FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A netstring is as D. J. Bernstein publishes it: the size in decimal, a colon,
 * the message, a comma (https://cr.yp.to/proto/netstrings.txt, 1997-02-01).
 */
enum framing {
	FRAMING_LINE,		/* a newline behind each */
	FRAMING_NULL,		/* a NUL behind each */
	FRAMING_NETSTRING,
	FRAMING_U16,		/* size in front: 2 bytes, big-endian */
	FRAMING_U16LE,		/* the same, little-endian */
	FRAMING_U32,		/* size in front: 4 bytes, big-endian */
	FRAMING_U32LE,		/* the same, little-endian */
	FRAMING_RAW,		/* none: what was read at once is a message */
};

enum decode {
	DECODE_MORE,		/* no whole message is there yet */
	DECODE_MESSAGE,		/* a message, which may be empty */
	DECODE_TOO_LARGE,	/* one larger than max; later ones still pass */
	DECODE_MALFORMED,	/* no netstring; what follows has no meaning */
	DECODE_CUT,		/* the input ended inside a message */
	DECODE_END,		/* the input has ended, and all of it is told */
};

/* Where in the input we are.  Those outside read the first five only. */
struct decoder {
	enum framing framing;
	size_t max;		/* bytes, largest message accepted */
	uint64_t number;	/* of the message that is next, from 1 */
	uint64_t offset;	/* of the next byte in the input, from 0 */
	bool skipping;		/* a message that was told to be too large */

	size_t scanned;		/* bytes from there that hold no terminator */
	uint64_t dropped;	/* bytes of a line, all above max */
	uint64_t skip;		/* its bytes that are still to come */
	bool dead;		/* after DECODE_MALFORMED, DECODE_CUT */
};

/* What decoder_next() found; what its result does not speak of is 0 or NULL. */
struct decoded {
	size_t used;		/* bytes of data to drop now */
	uint64_t number;	/* of the message that the result is about */
	const char *message;	/* in data, borrowed */
	size_t size;		/* bytes of it; if cut off, that had come */
	uint64_t whole;		/* bytes, of one too large, or as announced */
	uint64_t skipped;	/* bytes dropped of a message too large */
	uint64_t at;		/* offset in the input of the wrong byte */
	const char *wanted;	/* there: "a comma"; a constant */
};

/* Start before the first byte of an input.  max is in bytes, and may be 0. */
void decoder_init(struct decoder *decoder, enum framing framing, size_t max);

/*
 * The bytes that a buffer must be able to hold, so that every message up to
 * max is found and every larger one noticed; at least 1, and SIZE_MAX if it is
 * beyond that.  FRAMING_RAW: it is max, so that a read cannot bring more.
 */
size_t decoder_room(const struct decoder *decoder);

/*
 * Find the next message in data: all size bytes that were read and not yet
 * dropped.  So what the last call did not use stands at the front again, with
 * what has come since behind it.  ended says that nothing will come any more.
 * In any case the first decoded->used bytes are to be dropped, 0 to size, once
 * the message that lies among them is done with.  A result other than
 * DECODE_MORE and DECODE_END says that there may be another without reading.
 *
 * DECODE_MORE	not if ended.  used is more than 0 if bytes are skipped.
 * DECODE_MESSAGE	message, size and number are set.  Its frame is not
 *		part of it.  The last line need not be terminated; an empty
 *		rest is none.
 * DECODE_TOO_LARGE	once for each: whole (more than max) and number are
 *		set.  A message with a size in front gives this as soon as the
 *		size is read.  The next calls drop its bytes, whatever their
 *		results, and set skipped to their number.  A message without
 *		one gives this when its end has been found.
 * DECODE_MALFORMED	FRAMING_NETSTRING only, as soon as the byte is there:
 *		at, wanted and number are set, and all is used.
 * DECODE_CUT	once, if ended, not with FRAMING_LINE, FRAMING_NULL and
 *		FRAMING_RAW: number is set, and whole and size, but to 0 if
 *		the size in front was cut off itself.  All is used.
 * DECODE_END	if ended, or after DECODE_MALFORMED or DECODE_CUT, then for
 *		ever and with all used.  An input that ends inside a message
 *		that was told to be too large ends without another word.
 */
enum decode decoder_next(struct decoder *decoder, const char *data,
    size_t size, bool ended, struct decoded *decoded);

/*
 * How many of the size bytes in data, which decoder_next() would be given,
 * belong to the first message there, or to the one that is being dropped: up to
 * its end, or all.
 */
size_t decoder_reach(const struct decoder *decoder, const char *data,
    size_t size);

#define FRAME_HEADER_MAX 21	/* bytes: 20 digits hold 64 bits, and a colon */
#define FRAME_TRAILER_MAX 1	/* bytes */

/* The bytes of the largest message that framing can tell the size of. */
size_t frame_limit(enum framing framing);

/*
 * Write what stands in front of a message of size bytes, at most
 * frame_limit(), into header.  Returns its length, which may be 0.
 */
size_t frame_header(enum framing framing, size_t size,
    char header[FRAME_HEADER_MAX]);

/* Write what stands behind a message into trailer.  Returns its length. */
size_t frame_trailer(enum framing framing, char trailer[FRAME_TRAILER_MAX]);

/*
 * Whether message contains the byte that ends it, so that the other side will
 * take it for several; never with a size in front.
 */
bool frame_splits(enum framing framing, const char *message, size_t size);

#endif
