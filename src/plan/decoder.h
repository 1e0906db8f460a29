/* SPDX-License-Identifier: MIT */
/*
 * Finds the messages in a stream of bytes.  The caller keeps the bytes that it
 * has read in a buffer of decoder_room() bytes, which is enough however large a
 * message the input announces.  The result does not depend on the pieces in
 * which the stream was read.  Pure: nothing is allocated, read or written here.
 */
#ifndef DECODER_H
#define DECODER_H

#include "plan/framing.h"

enum decode {
	DECODE_MORE,		/* no whole message is there yet */
	DECODE_MESSAGE,		/* a message, which may be empty */
	DECODE_TOO_LARGE,	/* one larger than max; later ones still pass */
	DECODE_MALFORMED,	/* stray bytes, which begin no message */
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
	bool skipping;		/* dropping a message that was reported as */
				/* too large, or stray bytes: see is_lost */

	size_t scanned;		/* bytes from offset without a terminator */
	uint64_t dropped;	/* bytes of a line above max, so far */
	uint64_t skip;		/* bytes of the skipped message still to come */
	bool is_lost;		/* dropping stray bytes: in FRAMING_LSP up to */
				/* the next message, otherwise all */
	bool is_mid_line;	/* the search is inside a line */
	bool dead;		/* nothing more can be decoded */
};

/* What decoder_next() found.  Members that do not concern it are 0 or NULL. */
struct decoded {
	size_t used;		/* bytes of data to drop now */
	uint64_t number;	/* of the message */
	const char *message;	/* in data, borrowed; or stray bytes there */
	size_t size;		/* its bytes; if cut off, those that came */
	uint64_t whole;		/* bytes of a message too large or cut off */
	uint64_t skipped;	/* bytes dropped because decoder->skipping */
	uint64_t at;		/* offset in the input of stray bytes, or of */
				/* a message too large or cut off */
};

#define DECODE_TEXT_MAX 64	/* stray bytes that are shown */

/* Start before the first byte of an input.  max is in bytes, and may be 0. */
void decoder_init(struct decoder *decoder, enum framing framing, size_t max);

/*
 * The size of a buffer that holds every message up to max, and enough of a
 * larger one to detect it: at least 1; SIZE_MAX if it would be larger.  With
 * FRAMING_RAW it is max, so no read can return a larger message.
 */
size_t decoder_room(const struct decoder *decoder);

/*
 * Find the next message in data: all size bytes that the caller has read and
 * not yet dropped.  ended means that the input has ended and no more bytes
 * follow.  After each call the caller uses the message, then drops the first
 * decoded->used bytes, 0 to size.  It passes the rest again, followed by the
 * bytes that it has read since.  Unless the result is DECODE_MORE or
 * DECODE_END, data may contain another message.
 *
 * DECODE_MORE	never if ended.  used is more than 0 if bytes are skipped.
 * DECODE_MESSAGE	message, size and number are set.  The frame is not part
 *		of the message.  The last line need not be terminated; if it
 *		is empty and not terminated, it is no message.
 * DECODE_TOO_LARGE	once for each message: whole (more than max), number
 *		and at, where its first byte is, are set.  In framings with a
 *		size in front, it is reported as soon as the size is read; the
 *		next calls, whatever their results, drop the message and set
 *		skipped to the bytes dropped.  In other framings it is reported
 *		at the message's end.
 * DECODE_MALFORMED	stray bytes: they are not a netstring, or not a header
 *		of FRAMING_LSP.  at is the offset of the first one, message and
 *		size are those to show: up to the end of the line or to the
 *		first wrong byte, at most DECODE_TEXT_MAX.  number is that of
 *		the message expected there.  Nothing is used.  The next calls,
 *		whatever their results, drop all that follows and set skipped to
 *		the bytes dropped.  With FRAMING_LSP they drop only what comes
 *		before the next line that begins with "Content-Length:".
 * DECODE_CUT	once, if ended, in framings with a size or a header in front:
 *		number, at (where that begins), whole and size are set; the last
 *		two are 0 if the size or header is incomplete.  All is used.
 * DECODE_END	if ended, and always after DECODE_CUT.  All is used.  It also
 *		follows if the input ends while bytes are skipped.
 */
enum decode decoder_next(struct decoder *decoder, const char *data,
    size_t size, bool ended, struct decoded *decoded);

/*
 * How many of the size bytes in data, as for decoder_next(), belong to the
 * first message, or to the one that is being skipped: those up to its end, or
 * all.
 */
size_t decoder_reach(const struct decoder *decoder, const char *data,
    size_t size);

#endif
