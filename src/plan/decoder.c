/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation.  The caller's buffer is the only one, so each call sees
 * an incomplete message again from its first byte.  A size in front is short
 * and is read again each time.  The search for a terminator continues where it
 * stopped (scanned).  The bytes of a message that is too large are dropped from
 * the buffer as they arrive:
 *
 *	dropped > 0	a line above max, up to its terminator
 *	skipping	a message above max: skip more bytes, then its trailer
 *	dead		everything
 */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "plan/decoder.h"

/* The size in front of a message. */
struct header {
	size_t size;		/* bytes of the header itself */
	uint64_t length;	/* bytes of the message */
	const char *wanted;	/* if a byte is wrong: what should be there */
	size_t wrong;		/* index of that byte */
};

void
decoder_init(struct decoder *decoder, enum framing framing, size_t max)
{
	*decoder = (struct decoder){
		.framing = framing,
		.layout = &frame_layouts[framing],
		.max = max,
		.number = 1,
	};
}

size_t
decoder_room(const struct decoder *decoder)
{
	size_t frame = decoder->layout->width + decoder->layout->trailer_size;

	/* The size of a message above max may have more digits than max. */
	if (decoder->layout->is_netstring)
		frame = FRAME_HEADER_MAX + FRAME_TRAILER_MAX;
	/* If no message may have a byte, the first byte is one too many. */
	if (frame == 0 && decoder->max == 0)
		frame = 1;
	return decoder->max > SIZE_MAX - frame ? SIZE_MAX :
	    decoder->max + frame;
}

static void
use_bytes(struct decoder *decoder, struct decoded *decoded, size_t size)
{
	decoder->offset += size;
	decoded->used += size;
}

/* All bytes of a message are used: the next message begins. */
static void
begin_next(struct decoder *decoder)
{
	decoder->number++;
	decoder->scanned = 0;
	decoder->dropped = 0;
	decoder->skipping = false;
}

/* The byte at index wrong of size bytes is not the one that wanted names. */
static enum decode
report_malformed(struct decoder *decoder, size_t wrong, size_t size,
    const char *wanted, struct decoded *decoded)
{
	decoded->number = decoder->number;
	decoded->at = decoder->offset + wrong;
	decoded->wanted = wanted;
	decoder->dead = true;
	use_bytes(decoder, decoded, size);
	return DECODE_MALFORMED;
}

/*
 * The input has ended inside a message, of which size bytes are here, with its
 * header.  header is all 0 if it is incomplete.
 */
static enum decode
report_cut(struct decoder *decoder, const struct header *header, size_t size,
    struct decoded *decoded)
{
	decoded->number = decoder->number;
	decoded->whole = header->length;
	/* This equals whole if only the trailer is missing. */
	decoded->size = header->size == 0 ? 0 : size - header->size;
	decoder->dead = true;
	use_bytes(decoder, decoded, size);
	return DECODE_CUT;
}

/*
 * The end of a message of whole bytes has been found.  It uses frame bytes of
 * the data here, header and trailer included.  The message begins at text,
 * unless it is too large.
 */
static enum decode
report_message(struct decoder *decoder, const char *text, uint64_t whole,
    size_t frame, struct decoded *decoded)
{
	bool is_large = whole > decoder->max;

	decoded->number = decoder->number;
	if (is_large) {
		decoded->whole = whole;
	} else {
		decoded->message = text;
		decoded->size = (size_t)whole;
	}
	use_bytes(decoder, decoded, frame);
	begin_next(decoder);
	return is_large ? DECODE_TOO_LARGE : DECODE_MESSAGE;
}

/* The header announces a message larger than max. */
static enum decode
refuse_message(struct decoder *decoder, const struct header *header,
    struct decoded *decoded)
{
	decoded->number = decoder->number;
	decoded->whole = header->length;
	decoder->skipping = true;
	decoder->skip = header->length;
	use_bytes(decoder, decoded, header->size);
	return DECODE_TOO_LARGE;
}

static const char *
find_terminator(const struct decoder *decoder, const char *data, size_t size)
{
	size_t scanned = decoder->scanned;

	return scanned == size ? NULL : memchr(data + scanned,
	    decoder->layout->trailer, size - scanned);
}

/* decoder_next() for the framings with a terminator. */
static enum decode
decode_line(struct decoder *decoder, const char *data, size_t size, bool ended,
    struct decoded *decoded)
{
	const char *end = find_terminator(decoder, data, size);
	size_t length = end == NULL ? size : (size_t)(end - data);
	uint64_t whole = decoder->dropped + length;

	if (end != NULL)
		return report_message(decoder, data, whole, length + 1,
		    decoded);
	if (ended)
		return whole == 0 ? DECODE_END :
		    report_message(decoder, data, whole, size, decoded);
	if (whole > decoder->max) {
		decoder->dropped = whole;
		decoder->scanned = 0;
		use_bytes(decoder, decoded, size);
	} else {
		decoder->scanned = size;
	}
	return DECODE_MORE;
}

static bool
is_wrong(struct header *header, size_t index, const char *wanted)
{
	header->wanted = wanted;
	header->wrong = index;
	return false;
}

/* See read_header(). */
static bool
read_netstring_header(const char *data, size_t size, struct header *header)
{
	uint64_t sum = 0;
	uint64_t digit;
	size_t i;

	for (i = 0; i < size && isdigit((unsigned char)data[i]); i++) {
		digit = (uint64_t)(data[i] - '0');
		/* A first zero must be alone.  The number must fit 64 bits. */
		if ((i == 1 && data[0] == '0') ||
		    sum > (UINT64_MAX - digit) / 10)
			return is_wrong(header, i, "a colon");
		sum = sum * 10 + digit;
	}
	if (i == size)
		return false;
	if (i == 0)
		return is_wrong(header, i, "a digit");
	if (data[i] != ':')
		return is_wrong(header, i, "a colon");
	header->size = i + 1;
	header->length = sum;
	return true;
}

/*
 * Read the header at data.  False, with wanted set, if a byte is wrong; false,
 * with all members 0, if more bytes are needed.
 */
static bool
read_header(const struct frame_layout *layout, const char *data, size_t size,
    struct header *header)
{
	size_t i;

	*header = (struct header){ 0 };
	if (layout->is_netstring)
		return read_netstring_header(data, size, header);
	if (size < layout->width)
		return false;
	header->size = layout->width;
	for (i = 0; i < layout->width; i++)
		header->length |= (uint64_t)(unsigned char)data[i] <<
		    frame_size_shift(layout, i);
	return true;
}

/* Whether the trailer, if there is one, is at end. */
static bool
has_trailer(const struct decoder *decoder, const char *end)
{
	return decoder->layout->trailer_size == 0 ||
	    *end == decoder->layout->trailer;
}

/* decoder_next() for the framings with a size in front. */
static enum decode
decode_sized(struct decoder *decoder, const char *data, size_t size, bool ended,
    struct decoded *decoded)
{
	size_t trailer_size = decoder->layout->trailer_size;
	struct header header;
	bool has_header = read_header(decoder->layout, data, size, &header);
	size_t end;

	if (header.wanted != NULL)
		return report_malformed(decoder, header.wrong, size,
		    header.wanted, decoded);
	if (has_header && header.length > decoder->max)
		return refuse_message(decoder, &header, decoded);
	if (!has_header || size - header.size < header.length ||
	    size - header.size - header.length < trailer_size)
		return ended ? report_cut(decoder, &header, size, decoded) :
		    DECODE_MORE;
	end = header.size + (size_t)header.length;
	if (!has_trailer(decoder, data + end))
		return report_malformed(decoder, end, size, "a comma",
		    decoded);
	return report_message(decoder, data + header.size, header.length,
	    end + trailer_size, decoded);
}

/*
 * Drop the bytes here of a message that is too large.  skipping stays true if
 * more of its bytes follow; dead becomes true if its trailer is wrong.
 */
static enum decode
skip_message(struct decoder *decoder, const char *data, size_t size, bool ended,
    struct decoded *decoded)
{
	size_t trailer_size = decoder->layout->trailer_size;
	size_t come = decoder->skip < size ? (size_t)decoder->skip : size;

	decoded->skipped = come;
	if (size - come < trailer_size || come < decoder->skip) {
		decoder->skip -= come;
		use_bytes(decoder, decoded, come);
		return ended ? DECODE_END : DECODE_MORE;
	}
	if (!has_trailer(decoder, data + come))
		return report_malformed(decoder, come, size, "a comma",
		    decoded);
	use_bytes(decoder, decoded, come + trailer_size);
	begin_next(decoder);
	return DECODE_MORE;
}

enum decode
decoder_next(struct decoder *decoder, const char *data, size_t size,
    bool ended, struct decoded *decoded)
{
	const struct frame_layout *layout = decoder->layout;
	enum decode result;

	*decoded = (struct decoded){ 0 };
	if (decoder->dead) {
		use_bytes(decoder, decoded, size);
		return DECODE_END;
	}
	if (decoder->skipping) {
		result = skip_message(decoder, data, size, ended, decoded);
		if (decoder->skipping)
			return result;
		data += decoded->used;
		size -= decoded->used;
	}
	if (layout->is_terminated)
		return decode_line(decoder, data, size, ended, decoded);
	if (size == 0)
		return ended ? DECODE_END : DECODE_MORE;
	if (layout->is_netstring || layout->width > 0)
		return decode_sized(decoder, data, size, ended, decoded);
	return report_message(decoder, data, size, size, decoded);
}

/* decoder_reach() for a message to skip, whose bytes begin at index used. */
static size_t
reach_of_skip(const struct decoder *decoder, size_t used, size_t size)
{
	size_t trailer_size = decoder->layout->trailer_size;
	size_t rest = size - used;

	if (rest <= trailer_size || decoder->skip >= rest - trailer_size)
		return size;
	return used + (size_t)decoder->skip + trailer_size;
}

size_t
decoder_reach(const struct decoder *decoder, const char *data, size_t size)
{
	struct decoder copy = *decoder;
	struct decoded decoded;

	if (copy.skipping)
		return reach_of_skip(&copy, 0, size);
	switch (decoder_next(&copy, data, size, false, &decoded)) {
	case DECODE_MESSAGE:
		return decoded.used;
	case DECODE_TOO_LARGE:
		return copy.skipping ?
		    reach_of_skip(&copy, decoded.used, size) : decoded.used;
	default:
		return size;
	}
}
