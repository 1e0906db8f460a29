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
 *	is_lost		stray bytes, while skipping: up to a line that may begin
 *			a message of FRAMING_LSP; in other framings, everything
 *	dead		everything, after the end of the input
 */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "plan/decoder.h"
#include "plan/lsp.h"

/* The size in front of a message. */
struct header {
	size_t size;		/* bytes of the header itself; 0: incomplete */
	uint64_t length;	/* bytes of the message */
	bool is_wrong;		/* it is not a header */
	size_t wrong;		/* index of the byte that cannot be in one */
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
		frame = FRAME_DIGITS_MAX + 1 + FRAME_TRAILER_MAX;
	if (decoder->layout->is_lsp)
		frame = LSP_HEADER_MAX;
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

/*
 * The bytes at data are stray; length of them are worth showing.  The next
 * calls drop them, so that the caller can count them then.
 */
static enum decode
report_malformed(struct decoder *decoder, const char *data, size_t length,
    struct decoded *decoded)
{
	decoded->number = decoder->number;
	decoded->at = decoder->offset;
	decoded->message = data;
	decoded->size = length < DECODE_TEXT_MAX ? length : DECODE_TEXT_MAX;
	decoder->skipping = decoder->is_lost = decoder->is_mid_line = true;
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
	decoded->at = decoder->offset;
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
		decoded->at = decoder->offset - decoder->dropped;
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
	decoded->at = decoder->offset;
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

/* See read_header(). */
static void
refuse_header(struct header *header, size_t index)
{
	header->is_wrong = true;
	header->wrong = index;
}

/* See read_header(). */
static void
read_netstring_header(const char *data, size_t size, struct header *header)
{
	uint64_t sum = 0;
	uint64_t digit;
	size_t i;

	for (i = 0; i < size && isdigit((unsigned char)data[i]); i++) {
		digit = (uint64_t)(data[i] - '0');
		/* A first zero must be alone.  The number must fit 64 bits. */
		if ((i == 1 && data[0] == '0') ||
		    sum > (UINT64_MAX - digit) / 10) {
			refuse_header(header, i);
			return;
		}
		sum = sum * 10 + digit;
	}
	if (i == size)
		return;
	if (i == 0 || data[i] != ':') {
		refuse_header(header, i);
		return;
	}
	header->size = i + 1;
	header->length = sum;
}

/*
 * Read the size in front of a message, at data.  If a byte there is wrong,
 * is_wrong is set; if more bytes are needed, all members are 0.
 */
static void
read_header(const struct frame_layout *layout, const char *data, size_t size,
    struct header *header)
{
	size_t i;

	*header = (struct header){ 0 };
	if (layout->is_netstring) {
		read_netstring_header(data, size, header);
		return;
	}
	if (size < layout->width)
		return;
	header->size = layout->width;
	for (i = 0; i < layout->width; i++)
		header->length |= (uint64_t)(unsigned char)data[i] <<
		    frame_size_shift(layout, i);
}

/* Whether the trailer, if there is one, is at end. */
static bool
has_trailer(const struct decoder *decoder, const char *end)
{
	return decoder->layout->trailer_size == 0 ||
	    *end == decoder->layout->trailer;
}

/* Decode the message that header begins; see decoder_next(). */
static enum decode
decode_body(struct decoder *decoder, const struct header *header,
    const char *data, size_t size, bool ended, struct decoded *decoded)
{
	size_t trailer_size = decoder->layout->trailer_size;
	size_t end;

	if (header->size > 0 && header->length > decoder->max)
		return refuse_message(decoder, header, decoded);
	if (header->size == 0 || size - header->size < header->length ||
	    size - header->size - header->length < trailer_size)
		return ended ? report_cut(decoder, header, size, decoded) :
		    DECODE_MORE;
	end = header->size + (size_t)header->length;
	if (!has_trailer(decoder, data + end))
		return report_malformed(decoder, data, end + 1, decoded);
	return report_message(decoder, data + header->size, header->length,
	    end + trailer_size, decoded);
}

/* decoder_next() for the framings with a size in front. */
static enum decode
decode_sized(struct decoder *decoder, const char *data, size_t size, bool ended,
    struct decoded *decoded)
{
	struct header header;

	read_header(decoder->layout, data, size, &header);
	if (header.is_wrong)
		return report_malformed(decoder, data, header.wrong + 1,
		    decoded);
	return decode_body(decoder, &header, data, size, ended, decoded);
}

/*
 * The bytes of the line at data, as far as it has come, without its end.  Of an
 * empty line the end counts, so that there is something to show.
 */
static size_t
line_length(const char *data, size_t size)
{
	const char *end = memchr(data, '\n', size);
	size_t length = end == NULL ? size : (size_t)(end - data);
	size_t shown = length;

	if (end != NULL && length > 0 && end[-1] == '\r')
		shown--;
	return shown == 0 ? length + 1 : shown;
}

/* decoder_next() for FRAMING_LSP. */
static enum decode
decode_lsp(struct decoder *decoder, const char *data, size_t size, bool ended,
    struct decoded *decoded)
{
	struct header header = { 0 };
	struct lsp_header found;

	switch (lsp_read(data, size, &found)) {
	case LSP_NONE:
		return report_malformed(decoder, data,
		    line_length(data, size), decoded);
	case LSP_MORE:
		if (ended && !lsp_may_begin(data, size))
			return report_malformed(decoder, data,
			    line_length(data, size), decoded);
		break;
	case LSP_HEADER:
		header.size = found.size;
		header.length = found.length;
		break;
	}
	return decode_body(decoder, &header, data, size, ended, decoded);
}

/* Drop the stray bytes at data.  skipping stays true if more may follow. */
static enum decode
skip_lost(struct decoder *decoder, const char *data, size_t size, bool ended,
    struct decoded *decoded)
{
	bool found = false;
	size_t lost = size;

	if (decoder->layout->is_lsp)
		lost = lsp_find(data, size, &decoder->is_mid_line, &found);
	if (ended && !found)
		lost = size;
	decoded->skipped = lost;
	use_bytes(decoder, decoded, lost);
	decoder->skipping = decoder->is_lost = !found;
	return ended ? DECODE_END : DECODE_MORE;
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
	if (!has_trailer(decoder, data + come)) {
		use_bytes(decoder, decoded, come);
		return report_malformed(decoder, data + come, 1, decoded);
	}
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
		result = decoder->is_lost ?
		    skip_lost(decoder, data, size, ended, decoded) :
		    skip_message(decoder, data, size, ended, decoded);
		if (decoder->skipping)
			return result;
		data += decoded->used;
		size -= decoded->used;
	}
	if (layout->is_terminated)
		return decode_line(decoder, data, size, ended, decoded);
	if (size == 0)
		return ended ? DECODE_END : DECODE_MORE;
	if (layout->is_lsp)
		return decode_lsp(decoder, data, size, ended, decoded);
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

	if (copy.is_lost)
		return size;
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
