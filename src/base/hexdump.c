/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "base/hex.h"
#include "base/hexdump.h"

#define WIDTH (3 * HEXDUMP_BYTES)	/* columns of the digits */

/* Write the offset of a row, in six or more digits.  Returns its end. */
static char *
put_offset(char *to, uint64_t offset)
{
	size_t count = 6;

	while (count < 16 && offset >> 4 * count > 0)
		count++;
	*to++ = ' ';
	to = hex_put(to, offset, count);
	*to++ = ' ';
	*to++ = ' ';
	return to;
}

/* Write the bytes of a row, two digits each, padded.  Returns the end. */
static char *
put_hex_bytes(char *to, const unsigned char *data, size_t size)
{
	size_t i;

	memset(to, ' ', WIDTH);
	for (i = 0; i < size; i++)
		hex_put(to + 3 * i + (i >= HEXDUMP_BYTES / 2), data[i], 2);
	return to + WIDTH;
}

static char *
put_beside(char *to, const unsigned char *data, size_t size)
{
	size_t i;

	*to++ = ' ';
	*to++ = ' ';
	for (i = 0; i < size; i++)
		*to++ = (unsigned char)(data[i] - ' ') < 0x7f - ' ' ?
		    (char)data[i] : '.';
	return to;
}

void
hexdump_row(struct textbuf *line, uint64_t offset, const unsigned char *data,
    size_t size)
{
	char row[HEXDUMP_MAX];
	char *end;

	end = put_offset(row, offset);
	end = put_hex_bytes(end, data, size);
	end = put_beside(end, data, size);
	*end++ = '\n';
	textbuf_put(line, row, (size_t)(end - row));
}
