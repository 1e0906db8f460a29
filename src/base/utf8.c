/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "base/swar.h"
#include "base/utf8.h"

/* The length of a character with this first byte; 0 if there is none. */
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

/* Whether each of the size bytes in data may follow those before it. */
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
	/* The bits of the first byte that belong to the code point. */
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

/* How many of the size bytes in bytes, from the first on, are ASCII. */
static size_t
ascii_run(const unsigned char *bytes, size_t size)
{
	size_t run = 0;

	while (size - run >= 8 && !swar_beyond_ascii(swar_load(bytes + run)))
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

size_t
utf8_cut_size(const char *data, size_t size)
{
	size_t cut;

	for (cut = 1; cut < 4 && cut <= size; cut++)
		if (utf8_is_cut(data + size - cut, cut))
			return cut;
	return 0;
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

/*
 * Ranges of code points, first to last, in ascending order.  Those without a
 * remark have the property Default_Ignorable_Code_Point.  The unassigned code
 * points of these blocks have it as well, so later versions of Unicode add no
 * others.
 */
static const struct {
	uint32_t first;
	uint32_t last;
} hidden[] = {
	{ 0x0000, 0x001f },	/* C0 */
	{ 0x007f, 0x009f },	/* DEL, C1 */
	{ 0x00ad, 0x00ad },
	{ 0x034f, 0x034f },
	{ 0x061c, 0x061c },
	{ 0x115f, 0x1160 },
	{ 0x17b4, 0x17b5 },
	{ 0x180b, 0x180f },
	{ 0x200b, 0x200f },
	{ 0x2028, 0x202e },	/* 2028 and 2029 are separators */
	{ 0x2060, 0x206f },
	{ 0x3164, 0x3164 },
	{ 0xfdd0, 0xfdef },	/* never characters: section 23.7 */
	{ 0xfe00, 0xfe0f },
	{ 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 },
	{ 0xfff0, 0xfffb },	/* fff9 and later enclose annotations */
	{ 0x1bca0, 0x1bca3 },
	{ 0x1d173, 0x1d17a },
	{ 0xe0000, 0xe0fff },
};

bool
utf8_is_hidden(uint32_t code)
{
	size_t low = 0;
	size_t high = sizeof(hidden) / sizeof(hidden[0]);
	size_t middle;

	/* A shortcut for most of Chinese, Japanese and Korean. */
	if (code > 0x3164 && code < 0xfdd0)
		return false;
	/* The last two of each plane are never characters: section 23.7. */
	if ((code & 0xfffe) == 0xfffe)
		return true;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (code > hidden[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	return low < sizeof(hidden) / sizeof(hidden[0]) &&
	    code >= hidden[low].first;
}
