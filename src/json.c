/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "base64.h"
#include "word.h"
#include "json.h"
#include "utf8.h"

#define TEXT_PART 8192		/* bytes of text escaped at a time */
#define BASE64_PART 12288	/* bytes encoded at a time: 3 * 2^12 */
#define ESCAPE_MAX 6		/* bytes of \u0000 */

void
json_put(struct sink *sink, const char *string)
{
	sink_reserve(sink, 200);
	line_put(&sink->record, string, strlen(string));
}

/* Whether RFC 8259, section 7, or a terminal wants byte escaped. */
static bool
is_special(unsigned char byte)
{
	/* 0xc2 begins the C1 controls. */
	return byte < 0x20 || byte == '"' || byte == '\\' ||
	    byte == 0x7f || byte == 0xc2;
}

/* The same of any of eight bytes. */
static bool
have_special(const unsigned char *data)
{
	uint64_t bytes = word_load(data);

	return (word_below(bytes, 0x20) | word_equal(bytes, '"') |
	    word_equal(bytes, '\\') | word_equal(bytes, 0x7f) |
	    word_equal(bytes, 0xc2)) != 0;
}

static char *
put_code(char *to, unsigned char code)
{
	static const char digits[] = "0123456789abcdef";

	memcpy(to, "\\u00", 4);
	to[4] = digits[code >> 4];
	to[5] = digits[code & 15];
	return to + ESCAPE_MAX;
}

/* Put a special byte of ASCII at to; returns where the next one goes. */
static char *
put_special(char *to, unsigned char byte)
{
	static const char special[] = "\"\\\n\r\t";
	static const char letters[] = "\"\\nrt";
	const char *found = byte == '\0' ? NULL : strchr(special, byte);

	if (found == NULL)
		return put_code(to, byte);
	*to++ = '\\';
	*to++ = letters[found - special];
	return to;
}

/*
 * Escape at least one byte of data, as far as stop or a byte beyond; end is
 * where data ends.  Returns where the next byte goes.
 */
static char *
escape_some(char *to, const unsigned char **data, const unsigned char *stop,
    const unsigned char *end)
{
	const unsigned char *from = *data;

	while (from < stop) {
		if (!is_special(*from)) {
			*to++ = (char)*from++;
		} else if (*from != 0xc2) {
			to = put_special(to, *from++);
		} else if (end - from > 1 && from[1] < 0xa0) {
			to = put_code(to, from[1]);
			from += 2;
		} else {
			*to++ = (char)*from++;
		}
	}
	*data = from;
	return to;
}

/*
 * Escape size bytes of data, which are valid UTF-8 but may end within a
 * character, to to; returns where the next byte goes.
 */
static char *
escape(char *to, const unsigned char *data, size_t size)
{
	const unsigned char *end = data + size;

	while (end - data >= 8) {
		if (have_special(data)) {
			to = escape_some(to, &data, data + 8, end);
			continue;
		}
		memcpy(to, data, 8);
		to += 8;
		data += 8;
	}
	return escape_some(to, &data, end, end);
}

void
json_put_text(struct sink *sink, const char *text, size_t size)
{
	const unsigned char *data = (const unsigned char *)text;
	struct line *record = &sink->record;
	char *to;
	size_t part;

	json_put(sink, "\"");
	for (; size > 0; size -= part) {
		part = size < TEXT_PART ? size : TEXT_PART;
		/* Leave the two of a C1 control together. */
		if (part < size && data[part - 1] == 0xc2)
			part--;
		sink_reserve(sink, TEXT_PART * ESCAPE_MAX);
		to = escape(record->data + record->used, data, part);
		record->used = (size_t)(to - record->data);
		data += part;
	}
	json_put(sink, "\"");
}

void
json_put_base64(struct sink *sink, const char *data, size_t size)
{
	size_t part;

	json_put(sink, "\"");
	for (; size > 0; size -= part) {
		part = size < BASE64_PART ? size : BASE64_PART;
		sink_reserve(sink, BASE64_SIZE(BASE64_PART));
		base64_encode(sink->record.data + sink->record.used, data,
		    part);
		sink->record.used += BASE64_SIZE(part);
		data += part;
	}
	json_put(sink, "\"");
}

void
json_put_any(struct sink *sink, const char *string)
{
	size_t size = strlen(string);

	if (utf8_valid(string, size) == size) {
		json_put_text(sink, string, size);
		return;
	}
	json_put(sink, "{\"base64\":");
	json_put_base64(sink, string, size);
	json_put(sink, "}");
}
