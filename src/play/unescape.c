/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/swar.h"
#include "base/utf8.h"
#include "play/unescape.h"

#define UNIT_SIZE 6		/* bytes of an escaped UTF-16 unit: \uXXXX */
#define NO_UNIT UINT32_MAX

/* --- find ----------------------------------------------------------------- */

/* The value of a hexadecimal digit, or NO_UNIT. */
static uint32_t
digit_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return (uint32_t)(digit - '0');
	if (digit >= 'a' && digit <= 'f')
		return (uint32_t)(digit - 'a') + 10;
	if (digit >= 'A' && digit <= 'F')
		return (uint32_t)(digit - 'A') + 10;
	return NO_UNIT;
}

/* The UTF-16 unit that is escaped at the start of text, or NO_UNIT. */
static uint32_t
read_unit(const char *text, size_t size)
{
	uint32_t unit = 0;
	uint32_t digit;
	size_t i;

	if (size < UNIT_SIZE || text[0] != '\\' || text[1] != 'u')
		return NO_UNIT;
	for (i = 2; i < UNIT_SIZE; i++) {
		digit = digit_value(text[i]);
		if (digit == NO_UNIT)
			return NO_UNIT;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* The two halves of a pair: RFC 2781, section 2.1. */
static bool
is_high_surrogate(uint32_t unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static bool
is_low_surrogate(uint32_t unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

/*
 * The length of the escape of a code point, one unit or two, at the start of
 * text, with the code point in *code; 0 if it is not valid.
 */
static size_t
read_code(const char *text, size_t size, uint32_t *code)
{
	uint32_t low;

	*code = read_unit(text, size);
	if (*code == NO_UNIT || is_low_surrogate(*code))
		return 0;
	if (!is_high_surrogate(*code))
		return UNIT_SIZE;
	low = read_unit(text + UNIT_SIZE, size - UNIT_SIZE);
	if (low == NO_UNIT || !is_low_surrogate(low))
		return 0;
	*code = 0x10000 + ((*code & 0x3ff) << 10) + (low & 0x3ff);
	return 2 * UNIT_SIZE;
}

/* What the escape of a backslash and letter stands for, or 0. */
static char
short_escape(char letter)
{
	switch (letter) {
	case '"':
	case '\\':
	case '/':
		return letter;
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return 0;
	}
}

/* The length of the escape at the start of text, or 0 if it is not valid. */
static size_t
escape_length(const char *text, size_t size)
{
	uint32_t code;

	if (size >= 2 && short_escape(text[1]) != 0)
		return 2;
	return read_code(text, size, &code);
}

/*
 * Find the closing quote of the string at text, of which size bytes are left,
 * and check the escapes before it.  Returns NULL if there is none, or an escape
 * is not valid.
 */
static const char *
find_quote(const char *text, size_t size, bool *has_escapes)
{
	const char *end = text + size;
	const char *quote = memchr(text, '"', size);
	const char *escape;
	size_t length;

	while (quote != NULL) {
		escape = memchr(text, '\\', (size_t)(quote - text));
		if (escape == NULL)
			return quote;
		*has_escapes = true;
		for (text = escape; text < quote && *text == '\\';
		    text += length) {
			length = escape_length(text, (size_t)(end - text));
			if (length == 0)
				return NULL;
		}
		if (quote < text)	/* it was escaped */
			quote = memchr(text, '"', (size_t)(end - text));
	}
	return NULL;
}

/* Whether text is valid UTF-8 without controls below U+0020. */
static bool
is_text(const char *text, size_t size)
{
	uint64_t bytes;
	bool is_ascii = true;
	size_t i;

	for (i = 0; size - i >= 8; i += 8) {
		bytes = swar_load(text + i);
		if (swar_below(bytes, 0x20) != 0)
			return false;
		if (swar_beyond_ascii(bytes) != 0)
			is_ascii = false;
	}
	for (; i < size; i++) {
		if ((unsigned char)text[i] < 0x20)
			return false;
		if ((unsigned char)text[i] >= 0x80)
			is_ascii = false;
	}
	return is_ascii || utf8_valid(text, size) == size;
}

bool
json_string_find(struct json_string *string, const char *text, size_t size)
{
	const char *quote;

	*string = (struct json_string){ .text = text };
	quote = find_quote(text, size, &string->has_escapes);
	if (quote == NULL)
		return false;
	string->size = (size_t)(quote - text);
	return is_text(text, string->size);
}

/* --- decode --------------------------------------------------------------- */

/* Write the character code as UTF-8: RFC 3629, section 3.  Returns its end. */
static char *
put_character(char *to, uint32_t code)
{
	if (code < 0x80) {
		*to++ = (char)code;
		return to;
	}
	if (code < 0x800) {
		*to++ = (char)(0xc0 | code >> 6);
	} else {
		if (code < 0x10000) {
			*to++ = (char)(0xe0 | code >> 12);
		} else {
			*to++ = (char)(0xf0 | code >> 18);
			*to++ = (char)(0x80 | (code >> 12 & 0x3f));
		}
		*to++ = (char)(0x80 | (code >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (code & 0x3f));
	return to;
}

/*
 * Decode the escape at *from, before end, and set *from to what follows it.
 * Returns the end of what was written.
 */
static char *
put_escape(char *to, const char **from, const char *end)
{
	char byte = short_escape((*from)[1]);
	uint32_t code;

	if (byte != 0) {
		*from += 2;
		*to++ = byte;
		return to;
	}
	*from += read_code(*from, (size_t)(end - *from), &code);
	return put_character(to, code);
}

size_t
json_string_decode(const struct json_string *string, char *to)
{
	const char *from = string->text;
	const char *end = from + string->size;
	const char *start = to;
	const char *escape;
	size_t run;

	if (!string->has_escapes) {
		memmove(to, from, string->size);
		return string->size;
	}
	while (from < end) {
		escape = memchr(from, '\\', (size_t)(end - from));
		run = (size_t)((escape == NULL ? end : escape) - from);
		memmove(to, from, run);
		to += run;
		from += run;
		while (from < end && *from == '\\')
			to = put_escape(to, &from, end);
	}
	return (size_t)(to - start);
}
