/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "word.h"
#include "utf8.h"

/* The length of the character that first begins; 0 if it begins none. */
static size_t
length_by_first(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2)
		return 0;	/* a continuation, or overlong */
	if (first < 0xe0)
		return 2;
	if (first < 0xf0)
		return 3;
	return first < 0xf5 ? 4 : 0;
}

static bool
is_continuation(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/* Whether second may follow first: RFC 3629, section 4. */
static bool
is_second(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0 && second <= 0xbf;
	case 0xed:
		return second >= 0x80 && second <= 0x9f;
	case 0xf0:
		return second >= 0x90 && second <= 0xbf;
	case 0xf4:
		return second >= 0x80 && second <= 0x8f;
	default:
		return is_continuation(second);
	}
}

/* Whether the size bytes in data may be the first of a character. */
static inline bool
may_begin(const unsigned char *data, size_t size)
{
	size_t i;

	if (size > 1 && !is_second(data[0], data[1]))
		return false;
	for (i = 2; i < size; i++)
		if (!is_continuation(data[i]))
			return false;
	return true;
}

size_t
utf8_character(const char *data, size_t size, uint32_t *code)
{
	/* How much of the first byte belongs to the number, by length. */
	static const unsigned char masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const unsigned char *bytes = (const unsigned char *)data;
	size_t length;
	size_t i;

	length = size == 0 ? 0 : length_by_first(bytes[0]);
	if (length == 0 || length > size || !may_begin(bytes, length))
		return 0;
	*code = bytes[0] & masks[length];
	for (i = 1; i < length; i++)
		*code = *code << 6 | (bytes[i] & 0x3f);
	return length;
}

/* How many of the size bytes in bytes are ASCII, at least. */
static size_t
ascii_run(const unsigned char *bytes, size_t size)
{
	size_t run = 0;

	while (size - run >= 8 && !word_beyond_ascii(word_load(bytes + run)))
		run += 8;
	while (run < size && bytes[run] < 0x80)
		run++;
	return run;
}

size_t
utf8_valid(const char *data, size_t size)
{
	const unsigned char *bytes = (const unsigned char *)data;
	size_t length;
	size_t done = 0;

	for (;;) {
		done += ascii_run(bytes + done, size - done);
		if (done == size)
			return done;
		length = length_by_first(bytes[done]);
		if (length == 0 || length > size - done ||
		    !may_begin(bytes + done, length))
			return done;
		done += length;
	}
}

bool
utf8_is_cut(const char *data, size_t size)
{
	const unsigned char *bytes = (const unsigned char *)data;

	return length_by_first(bytes[0]) > size && may_begin(bytes, size);
}

bool
utf8_is_text(const char *data, size_t size)
{
	size_t start = 0;

	if (size > 0 && memchr(data, '\0', size) != NULL)
		return false;
	while (start < size && start < 3 &&
	    is_continuation((unsigned char)data[start]))
		start++;
	start += utf8_valid(data + start, size - start);
	return start == size || utf8_is_cut(data + start, size - start);
}

bool
utf8_is_hidden(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) ||
	    code == 0x061c || code == 0x200e || code == 0x200f ||
	    (code >= 0x2028 && code <= 0x202e) ||
	    (code >= 0x2066 && code <= 0x2069);
}
