/* SPDX-License-Identifier: MIT */
/* Hexadecimal digits. */
#ifndef HEX_H
#define HEX_H

#include <stddef.h>
#include <stdint.h>

/*
 * Write the last count digits of value, at most 16, to to, in lower case and
 * with zeros in front.  Returns the byte behind them.
 */
static inline char *
hex_put(char *to, uint64_t value, size_t count)
{
	while (count-- > 0)
		*to++ = "0123456789abcdef"[value >> 4 * count & 15];
	return to;
}

#endif
