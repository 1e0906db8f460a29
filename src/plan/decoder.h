/* SPDX-License-Identifier: MIT */
/*
 * Finds the messages in a stream of bytes.  The caller keeps what has been read
 * in a buffer; the result does not depend on how the stream was cut into
 * pieces.  Pure: nothing is allocated, read or written here.  However large a
 * message the input announces, the buffer need not hold more than
 * decoder_room() bytes.
 */
#ifndef DECODER_H
#define DECODER_H

#include "plan/framing.h"

enum decode {
	DECODE_MORE,		/* no whole message is there yet */
	DECODE_MESSAGE,		/* a message, which may be empty */
	DECODE_TOO_LARGE,	/* one larger than max; later ones still pass */
	DECODE_MALFORMED,	/* no netstring; what follows has no meaning */
	DECODE_CUT,		/* the input ended inside a message */
	DECODE_END,		/* the input has ended, all is reported */
};

/* A position in an input.  Callers read the first six members only. */
struct decoder {
	enum framing framing;
	const struct frame_layout *layout;	/* of framing */
	size_t max;		/* bytes of the largest message accepted */
	uint64_t number;	/* of the next message, from 1 */
	uint64_t offset;	/* of the next byte in the input, from 0 */
	bool skipping;		/* a message that was reported as too large */

	size_t scanned;		/* bytes from offset without a terminator */
	uint64_t dropped;	/* bytes of a line above max, so far */
	uint64_t skip;		/* bytes still to come of what is skipped */
	bool dead;		/* after DECODE_MALFORMED, DECODE_CUT */
};

/* What decoder_next() found.  Members that do not concern it are 0 or NULL. */
struct decoded {
	size_t used;		/* bytes of data to drop now */
	uint64_t number;	/* of the message */
	const char *message;	/* in data, borrowed */
	size_t size;		/* its bytes; if cut off, those that came */
	uint64_t whole;		/* bytes of one too large, or as announced */
	uint64_t skipped;	/* bytes dropped of a message too large */
	uint64_t at;		/* offset in the input of the wrong byte */
	const char *wanted;	/* what should be there, "a comma": constant */
};

/* Start before the first byte of an input.  max is in bytes, and may be 0. */
void decoder_init(struct decoder *decoder, enum framing framing, size_t max);

/*
 * The size of a buffer in which every message up to max is found and every
 * larger one noticed: at least 1; SIZE_MAX if it would be larger.  With
 * FRAMING_RAW it is max, so no read can bring a larger message.
 */
size_t decoder_room(const struct decoder *decoder);

/*
 * Find the next message in data, which are all size bytes that were read and
 * not yet dropped.  ended says that the input has ended: no more will be read.
 * Whatever the result, the caller uses the message, then drops the first
 * decoded->used bytes, 0 to size, and passes the others again with what it has
 * read since behind them.  Unless the result is DECODE_MORE or DECODE_END,
 * there may be another message without reading.
 *
 * DECODE_MORE	never if ended.  used is more than 0 if bytes are skipped.
 * DECODE_MESSAGE	message, size and number are set.  The frame is not part
 *		of the message.  The last line need not be terminated; if it
 *		is empty then, it is no message.
 * DECODE_TOO_LARGE	once for each message: whole (more than max) and number
 *		are set.  If a size is in front, as soon as that is read; the
 *		next calls drop the message, whatever their results, and set
 *		skipped to the number of bytes.  Else at its end.
 * DECODE_MALFORMED	FRAMING_NETSTRING only, as soon as the byte is there:
 *		at, wanted and number are set, and all is used.
 * DECODE_CUT	once, if ended, and if there is a size in front: number, whole
 *		and size are set; the last two are 0 if the size in front is
 *		not whole.  All is used.
 * DECODE_END	if ended, and always after DECODE_MALFORMED or DECODE_CUT.  All
 *		is used.  If the input ends inside a message that was reported
 *		as too large, that is not reported again.
 */
enum decode decoder_next(struct decoder *decoder, const char *data,
    size_t size, bool ended, struct decoded *decoded);

/*
 * How many of the size bytes in data, as for decoder_next(), belong to the
 * first message, or to the one that is being skipped: up to its end, or all.
 */
size_t decoder_reach(const struct decoder *decoder, const char *data,
    size_t size);

#endif
