/* SPDX-License-Identifier: MIT */
/* Hexadecimal digits. */
#ifndef HEX_H
#define HEX_H

#include <stddef.h>
#include <stdint.h>

/*
 * Write the last count hexadecimal digits of value at to, in lower case and
 * with leading zeros.  count is at most 16.  Returns the address after them.
 */
static inline char *
hex_put(char *to, uint64_t value, size_t count)
{
	while (count-- > 0)
		*to++ = "0123456789abcdef"[value >> 4 * count & 15];
	return to;
}

#endif
