/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation.  The caller's buffer is the only one, so a message is
 * looked at again from its first byte whenever more of it has come: a size in
 * front is short and read anew each time, but for a terminator the search
 * goes on where it stopped (scanned).  What cannot become a message is dropped
 * from the buffer as it comes:
 *
 *	dropped > 0	a line above max, which goes on to its terminator
 *	skipping	a message above max, of which skip bytes are to come,
 *			and then its trailer
 *	dead		everything
 */
#include "config.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "plan/framing.h"

/* The message's size in front of it. */
struct header {
	size_t size;		/* bytes of the header itself */
	uint64_t length;	/* bytes of the message */
	const char *wanted;	/* if that is no header, else NULL */
	size_t wrong;		/* the byte there that should have been it */
};

static bool
is_terminated(enum framing framing)
{
	return framing == FRAMING_LINE || framing == FRAMING_NULL;
}

static bool
is_little_endian(enum framing framing)
{
	return framing == FRAMING_U16LE || framing == FRAMING_U32LE;
}

/* The bytes of a binary size in front, 0 if there is none. */
static size_t
binary_size(enum framing framing)
{
	switch (framing) {
	case FRAMING_U16:
	case FRAMING_U16LE:
		return 2;
	case FRAMING_U32:
	case FRAMING_U32LE:
		return 4;
	case FRAMING_LINE:
	case FRAMING_NULL:
	case FRAMING_NETSTRING:
	case FRAMING_RAW:
		break;
	}
	return 0;
}

/* How far the byte at index i of a binary size is shifted. */
static size_t
binary_shift(enum framing framing, size_t i)
{
	return 8 * (is_little_endian(framing) ? i :
	    binary_size(framing) - 1 - i);
}

void
decoder_init(struct decoder *decoder, enum framing framing, size_t max)
{
	*decoder = (struct decoder){
		.framing = framing,
		.max = max,
		.number = 1,
	};
}

size_t
decoder_room(const struct decoder *decoder)
{
	size_t frame = binary_size(decoder->framing);

	if (is_terminated(decoder->framing))
		frame = 1;
	/* The header of one that is too large may be longer than max has it. */
	if (decoder->framing == FRAMING_NETSTRING)
		frame = FRAME_HEADER_MAX + FRAME_TRAILER_MAX;
	/* Where none may have a byte, that is to be noticed by the first. */
	if (decoder->framing == FRAMING_RAW && decoder->max == 0)
		frame = 1;
	return decoder->max > SIZE_MAX - frame ? SIZE_MAX :
	    decoder->max + frame;
}

static void
use(struct decoder *decoder, struct decoded *decoded, size_t size)
{
	decoder->offset += size;
	decoded->used += size;
}

/* The message has been used up: the next one begins. */
static void
next_message(struct decoder *decoder)
{
	decoder->number++;
	decoder->scanned = 0;
	decoder->dropped = 0;
	decoder->skipping = false;
}

/* The byte at index wrong of size bytes has no place there. */
static enum decode
malformed(struct decoder *decoder, size_t wrong, size_t size,
    const char *wanted, struct decoded *decoded)
{
	decoded->number = decoder->number;
	decoded->at = decoder->offset + wrong;
	decoded->wanted = wanted;
	decoder->dead = true;
	use(decoder, decoded, size);
	return DECODE_MALFORMED;
}

/*
 * The input has ended inside a message of which size bytes are here, its
 * header among them; that is all 0 if not even the header is whole.
 */
static enum decode
cut(struct decoder *decoder, const struct header *header, size_t size,
    struct decoded *decoded)
{
	decoded->number = decoder->number;
	decoded->whole = header->length;
	/* As large as whole if it is the trailer alone that is missing. */
	decoded->size = header->size == 0 ? 0 : size - header->size;
	decoder->dead = true;
	use(decoder, decoded, size);
	return DECODE_CUT;
}

/*
 * The end of a message of whole bytes has been found; frame bytes, with all
 * that belongs to it, are here.  Unless it is too large it begins at text.
 */
static enum decode
end_message(struct decoder *decoder, const char *text, uint64_t whole,
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
	use(decoder, decoded, frame);
	next_message(decoder);
	return is_large ? DECODE_TOO_LARGE : DECODE_MESSAGE;
}

/* The header at data announces more than is accepted. */
static enum decode
refuse_message(struct decoder *decoder, const struct header *header,
    struct decoded *decoded)
{
	decoded->number = decoder->number;
	decoded->whole = header->length;
	decoder->skipping = true;
	decoder->skip = header->length;
	use(decoder, decoded, header->size);
	return DECODE_TOO_LARGE;
}

static char
terminator(enum framing framing)
{
	return framing == FRAMING_LINE ? '\n' : '\0';
}

static const char *
find_terminator(const struct decoder *decoder, const char *data, size_t size)
{
	size_t scanned = decoder->scanned;

	return scanned == size ? NULL : memchr(data + scanned,
	    terminator(decoder->framing), size - scanned);
}

/* Of FRAMING_LINE, FRAMING_NULL. */
static enum decode
next_line(struct decoder *decoder, const char *data, size_t size, bool ended,
    struct decoded *decoded)
{
	const char *end = find_terminator(decoder, data, size);
	size_t length = end == NULL ? size : (size_t)(end - data);
	uint64_t whole = decoder->dropped + length;

	if (end != NULL)
		return end_message(decoder, data, whole, length + 1, decoded);
	if (ended)
		return whole == 0 ? DECODE_END :
		    end_message(decoder, data, whole, size, decoded);
	if (whole > decoder->max) {
		decoder->dropped = whole;
		decoder->scanned = 0;
		use(decoder, decoded, size);
	} else {
		decoder->scanned = size;
	}
	return DECODE_MORE;
}

static bool
wrong_byte(struct header *header, size_t index, const char *wanted)
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
		/* A zero in front and a number past counting end here. */
		if ((i == 1 && data[0] == '0') ||
		    sum > (UINT64_MAX - digit) / 10)
			return wrong_byte(header, i, "a colon");
		sum = sum * 10 + digit;
	}
	if (i == size)
		return false;
	if (i == 0)
		return wrong_byte(header, i, "a digit");
	if (data[i] != ':')
		return wrong_byte(header, i, "a colon");
	header->size = i + 1;
	header->length = sum;
	return true;
}

/*
 * Read the header at data.  False, and all of it 0, if it is not all there;
 * false with wanted set if it is none.
 */
static bool
read_header(enum framing framing, const char *data, size_t size,
    struct header *header)
{
	size_t width = binary_size(framing);
	size_t i;

	*header = (struct header){ 0 };
	if (framing == FRAMING_NETSTRING)
		return read_netstring_header(data, size, header);
	if (size < width)
		return false;
	header->size = width;
	for (i = 0; i < width; i++)
		header->length |= (uint64_t)(unsigned char)data[i] <<
		    binary_shift(framing, i);
	return true;
}

/* Of the framings with a size in front. */
static enum decode
next_sized(struct decoder *decoder, const char *data, size_t size, bool ended,
    struct decoded *decoded)
{
	char trailer[FRAME_TRAILER_MAX];
	size_t trailer_size = frame_trailer(decoder->framing, trailer);
	struct header header;
	size_t come, length;

	if (size == 0)
		return ended ? DECODE_END : DECODE_MORE;
	if (!read_header(decoder->framing, data, size, &header)) {
		if (header.wanted != NULL)
			return malformed(decoder, header.wrong, size,
			    header.wanted, decoded);
		return ended ? cut(decoder, &header, size, decoded) :
		    DECODE_MORE;
	}
	if (header.length > decoder->max)
		return refuse_message(decoder, &header, decoded);
	come = size - header.size;
	length = (size_t)header.length;
	if (come < length || come - length < trailer_size)
		return ended ? cut(decoder, &header, size, decoded) :
		    DECODE_MORE;
	if (trailer_size > 0 && data[header.size + length] != trailer[0])
		return malformed(decoder, header.size + length, size,
		    "a comma", decoded);
	return end_message(decoder, data + header.size, length,
	    header.size + length + trailer_size, decoded);
}

static enum decode
next_raw(struct decoder *decoder, const char *data, size_t size, bool ended,
    struct decoded *decoded)
{
	if (size == 0)
		return ended ? DECODE_END : DECODE_MORE;
	return end_message(decoder, data, size, size, decoded);
}

/*
 * Drop what is here of a message that is too large.  Still skipping if that
 * is not all of it; dead if its trailer is wrong.
 */
static enum decode
skip(struct decoder *decoder, const char *data, size_t size, bool ended,
    struct decoded *decoded)
{
	char trailer[FRAME_TRAILER_MAX];
	size_t trailer_size = frame_trailer(decoder->framing, trailer);
	size_t come = decoder->skip < size ? (size_t)decoder->skip : size;

	decoded->skipped = come;
	if (size - come < trailer_size || come < decoder->skip) {
		decoder->skip -= come;
		use(decoder, decoded, come);
		return ended ? DECODE_END : DECODE_MORE;
	}
	if (trailer_size > 0 && data[come] != trailer[0])
		return malformed(decoder, come, size, "a comma", decoded);
	use(decoder, decoded, come + trailer_size);
	next_message(decoder);
	return DECODE_MORE;
}

enum decode
decoder_next(struct decoder *decoder, const char *data, size_t size,
    bool ended, struct decoded *decoded)
{
	enum decode result;

	*decoded = (struct decoded){ 0 };
	if (decoder->dead) {
		use(decoder, decoded, size);
		return DECODE_END;
	}
	if (decoder->skipping) {
		result = skip(decoder, data, size, ended, decoded);
		if (decoder->skipping)
			return result;
		data += decoded->used;
		size -= decoded->used;
	}
	if (is_terminated(decoder->framing))
		return next_line(decoder, data, size, ended, decoded);
	if (decoder->framing == FRAMING_RAW)
		return next_raw(decoder, data, size, ended, decoded);
	return next_sized(decoder, data, size, ended, decoded);
}

/* Up to the end of what is dropped, which begins behind used bytes. */
static size_t
reach_of_skip(const struct decoder *decoder, size_t used, size_t size)
{
	char trailer[FRAME_TRAILER_MAX];
	size_t trailer_size = frame_trailer(decoder->framing, trailer);
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

size_t
frame_limit(enum framing framing)
{
	switch (binary_size(framing)) {
	case 2:
		return UINT16_MAX;
	case 4:
		return UINT32_MAX;
	default:
		return SIZE_MAX;
	}
}

static size_t
netstring_header(size_t size, char header[FRAME_HEADER_MAX])
{
	char text[FRAME_HEADER_MAX];
	size_t start = sizeof(text);

	text[--start] = ':';
	do {
		text[--start] = (char)('0' + size % 10);
		size /= 10;
	} while (size > 0);
	memcpy(header, text + start, sizeof(text) - start);
	return sizeof(text) - start;
}

size_t
frame_header(enum framing framing, size_t size, char header[FRAME_HEADER_MAX])
{
	size_t width = binary_size(framing);
	size_t i;

	assert(size <= frame_limit(framing));
	if (framing == FRAMING_NETSTRING)
		return netstring_header(size, header);
	for (i = 0; i < width; i++)
		header[i] = (char)(size >> binary_shift(framing, i) & 0xff);
	return width;
}

size_t
frame_trailer(enum framing framing, char trailer[FRAME_TRAILER_MAX])
{
	if (is_terminated(framing))
		trailer[0] = terminator(framing);
	else if (framing == FRAMING_NETSTRING)
		trailer[0] = ',';
	else
		return 0;
	return 1;
}

bool
frame_splits(enum framing framing, const char *message, size_t size)
{
	return is_terminated(framing) && size > 0 &&
	    memchr(message, terminator(framing), size) != NULL;
}
