/* SPDX-License-Identifier: MIT */
#include "config.h"

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
