/* SPDX-License-Identifier: MIT */
/*
 * Tests of eight bytes at once, independent of the machine's byte order, to
 * skip quickly the bytes that need no attention.  After "Bit Twiddling Hacks",
 * by Sean Eron Anderson: graphics.stanford.edu/~seander/bithacks.html.
 */
#ifndef SWAR_H
#define SWAR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define SWAR_ONES UINT64_C(0x0101010101010101)
#define SWAR_HIGH UINT64_C(0x8080808080808080)

/* The eight bytes at data. */
static inline uint64_t
swar_load(const void *data)
{
	uint64_t bytes;

	memcpy(&bytes, data, sizeof(bytes));
	return bytes;
}

/*
 * Each of these returns 0 if none of the eight bytes is below limit (at most
 * 128), equals byte, or is 128 or more; else another number.
 */
static inline uint64_t
swar_below(uint64_t bytes, unsigned char limit)
{
	return (bytes - SWAR_ONES * limit) & ~bytes & SWAR_HIGH;
}

static inline uint64_t
swar_equal(uint64_t bytes, unsigned char byte)
{
	return swar_below(bytes ^ SWAR_ONES * byte, 1);
}

static inline uint64_t
swar_beyond_ascii(uint64_t bytes)
{
	return bytes & SWAR_HIGH;
}

#endif
