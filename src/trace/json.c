/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "base/base64.h"
#include "base/hex.h"
#include "base/swar.h"
#include "base/utf8.h"
#include "trace/json.h"

#define TEXT_PART 8192		/* bytes of text escaped at a time */
#define BASE64_PART 12288	/* bytes encoded at a time: 3 * 2^12 */
#define ESCAPE_MAX 6		/* bytes of the longest escape: \u0000 */

void
json_put(struct sink *sink, const char *string)
{
	sink_reserve(sink, 200);
	textbuf_put(&sink->record, string, strlen(string));
}

/* Whether an ASCII byte is escaped: RFC 8259, section 7, or a control. */
static bool
is_special(unsigned char byte)
{
	return byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7f;
}

/* Whether any of eight bytes is special or not ASCII. */
static bool
need_care(const char *data)
{
	uint64_t bytes = swar_load(data);

	return (swar_below(bytes, 0x20) | swar_equal(bytes, '"') |
	    swar_equal(bytes, '\\') | swar_equal(bytes, 0x7f) |
	    swar_beyond_ascii(bytes)) != 0;
}

static char *
put_unit(char *to, uint32_t unit)
{
	*to++ = '\\';
	*to++ = 'u';
	return hex_put(to, unit, 4);
}

/* Escape a code point; above U+FFFF as two UTF-16 units: section 7. */
static char *
put_code(char *to, uint32_t code)
{
	if (code < 0x10000)
		return put_unit(to, code);
	code -= 0x10000;
	to = put_unit(to, 0xd800 + (code >> 10));
	return put_unit(to, 0xdc00 + (code & 0x3ff));
}

/* Escape a special byte of ASCII at to.  Returns the end of the output. */
static char *
put_special(char *to, char byte)
{
	static const char special[] = "\"\\\n\r\t";
	static const char letters[] = "\"\\nrt";
	const char *found = byte == '\0' ? NULL : strchr(special, byte);

	if (found == NULL)
		return put_code(to, (unsigned char)byte);
	*to++ = '\\';
	*to++ = letters[found - special];
	return to;
}

/*
 * Put the character at the start of the size bytes in data, escaped if it is
 * hidden.  Sets *length to its length.  Returns the end of the output.
 */
static char *
put_character(char *to, const char *data, size_t size, size_t *length)
{
	uint32_t code;

	*length = utf8_character(data, size, &code);
	if (utf8_is_hidden(code))
		return put_code(to, code);
	memcpy(to, data, *length);
	return to + *length;
}

/*
 * Escape characters of data, which has size bytes, until at least stop bytes
 * are done.  Sets *done to the number of bytes that were.  Returns the end of
 * the output.
 */
static char *
escape_some(char *to, const char *data, size_t stop, size_t size,
    size_t *done)
{
	size_t length;

	for (*done = 0; *done < stop; *done += length) {
		length = 1;
		if ((unsigned char)data[*done] >= 0x80)
			to = put_character(to, data + *done, size - *done,
			    &length);
		else if (is_special((unsigned char)data[*done]))
			to = put_special(to, data[*done]);
		else
			*to++ = data[*done];
	}
	return to;
}

/* Escape size bytes, whole characters.  Returns the end of the output. */
static char *
escape_text(char *to, const char *data, size_t size)
{
	size_t done;

	for (; size >= 8; data += done, size -= done) {
		done = 8;
		if (need_care(data)) {
			to = escape_some(to, data, 8, size, &done);
		} else {
			memcpy(to, data, 8);
			to += 8;
		}
	}
	return escape_some(to, data, size, size, &done);
}

/* How many bytes to escape at once: at most TEXT_PART, whole characters. */
static size_t
choose_part(const char *text, size_t size)
{
	size_t part = TEXT_PART;

	if (size <= part)
		return size;
	/* A continuation is 10xxxxxx: RFC 3629, section 3. */
	while (((unsigned char)text[part] & 0xc0) == 0x80)
		part--;
	return part;
}

/* Put size bytes of text, whole characters, as part of a string. */
static void
put_escaped(struct sink *sink, const char *text, size_t size)
{
	struct textbuf *record = &sink->record;
	char *end;
	size_t part;

	for (; size > 0; text += part, size -= part) {
		part = choose_part(text, size);
		sink_reserve(sink, TEXT_PART * ESCAPE_MAX);
		end = escape_text(record->data + record->used, text, part);
		record->used = (size_t)(end - record->data);
	}
}

void
json_put_text(struct sink *sink, const char *first, size_t first_size,
    const char *text, size_t size)
{
	json_put(sink, "\"");
	put_escaped(sink, first, first_size);
	put_escaped(sink, text, size);
	json_put(sink, "\"");
}

/* Encode size bytes of data: a multiple of 3, or the last of the string. */
static void
put_encoded(struct sink *sink, const char *data, size_t size)
{
	size_t part;

	for (; size > 0; data += part, size -= part) {
		part = size < BASE64_PART ? size : BASE64_PART;
		sink_reserve(sink, BASE64_SIZE(BASE64_PART));
		base64_encode(sink->record.data + sink->record.used, data,
		    part);
		sink->record.used += BASE64_SIZE(part);
	}
}

void
json_put_base64(struct sink *sink, const char *first,
    size_t first_size, const char *data, size_t size)
{
	char joint[6] = { 0 };
	size_t joined;

	/* Base64 encodes groups of 3 bytes: complete the last one from data. */
	for (joined = 0; joined < first_size; joined++)
		joint[joined] = first[joined];
	for (; joined % 3 != 0 && size > 0; joined++, data++, size--)
		joint[joined] = *data;
	json_put(sink, "\"");
	put_encoded(sink, joint, joined);
	put_encoded(sink, data, size);
	json_put(sink, "\"");
}

void
json_put_any(struct sink *sink, const char *string)
{
	size_t size = strlen(string);

	if (utf8_valid(string, size) == size) {
		json_put_text(sink, NULL, 0, string, size);
		return;
	}
	json_put(sink, "{\"base64\":");
	json_put_base64(sink, NULL, 0, string, size);
	json_put(sink, "}");
}
