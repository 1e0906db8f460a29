/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <limits.h>

#include "base/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz0123456789+/";

static void
encode_group(char text[4], unsigned int bits)
{
	text[0] = digits[bits >> 18];
	text[1] = digits[bits >> 12 & 63];
	text[2] = digits[bits >> 6 & 63];
	text[3] = digits[bits & 63];
}

void
base64_encode(char *text, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (; size >= 3; size -= 3, bytes += 3, text += 4)
		encode_group(text, (unsigned int)bytes[0] << 16 |
		    (unsigned int)bytes[1] << 8 | bytes[2]);
	if (size == 0)
		return;
	encode_group(text, (unsigned int)bytes[0] << 16 |
	    (size == 2 ? (unsigned int)bytes[1] << 8 : 0));
	text[3] = '=';
	if (size == 1)
		text[2] = '=';
}

/* What each digit stands for, plus DIGIT; 0 for other characters. */
#define DIGIT 64
static const unsigned char values[UCHAR_MAX + 1] = {
	['A'] = 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77,
	    78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89,
	['a'] = 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 102,
	    103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115,
	['0'] = 116, 117, 118, 119, 120, 121, 122, 123, 124, 125,
	['+'] = 126,
	['/'] = 127,
};

/* The bits of four digits, or -1. */
static inline int
decode_group(const unsigned char text[4])
{
	int first = values[text[0]], second = values[text[1]];
	int third = values[text[2]], fourth = values[text[3]];

	if ((first & second & third & fourth & DIGIT) == 0)
		return -1;
	return (first - DIGIT) << 18 | (second - DIGIT) << 12 |
	    (third - DIGIT) << 6 | (fourth - DIGIT);
}

/*
 * Decode the last group, which may be padded.  Returns the number of bytes, or
 * -1.
 */
static int
decode_last(char bytes[3], const unsigned char text[4])
{
	unsigned char group[4] = { text[0], text[1], text[2], text[3] };
	int padding = 0;
	int bits;

	for (; padding < 2 && group[3 - padding] == '='; padding++)
		group[3 - padding] = 'A';	/* which stands for 0 */
	bits = decode_group(group);
	if (bits == -1 || (bits & ((1 << 8 * padding) - 1)) != 0)
		return -1;
	bytes[0] = (char)(bits >> 16);
	if (padding < 2)
		bytes[1] = (char)(bits >> 8);
	if (padding < 1)
		bytes[2] = (char)bits;
	return 3 - padding;
}

int
base64_decode(char *bytes, const char *text, size_t size, size_t *decoded)
{
	const unsigned char *next = (const unsigned char *)text;
	char *to = bytes;
	int bits, last;

	*decoded = 0;
	if (size % 4 != 0)
		return -1;
	if (size == 0)
		return 0;
	for (; size > 4; size -= 4, next += 4, to += 3) {
		bits = decode_group(next);
		if (bits == -1)
			return -1;
		to[0] = (char)(bits >> 16);
		to[1] = (char)(bits >> 8);
		to[2] = (char)bits;
	}
	last = decode_last(to, next);
	if (last == -1)
		return -1;
	*decoded = (size_t)(to - bytes) + (size_t)last;
	return 0;
}
