/* SPDX-License-Identifier: MIT */
/*
 * Eight bytes looked at together, whatever the machine's byte order, to pass
 * quickly over what needs no attention.  After "Bit Twiddling Hacks", by Sean
 * Eron Anderson: graphics.stanford.edu/~seander/bithacks.html.
 */
#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define BYTES_ONES UINT64_C(0x0101010101010101)
#define BYTES_HIGH UINT64_C(0x8080808080808080)

/* The eight bytes at data. */
static inline uint64_t
bytes_load(const void *data)
{
	uint64_t bytes;

	memcpy(&bytes, data, sizeof(bytes));
	return bytes;
}

/* Each of these is 0 unless one of the bytes is as asked, limit at most 128. */
static inline uint64_t
bytes_below(uint64_t bytes, unsigned char limit)
{
	return (bytes - BYTES_ONES * limit) & ~bytes & BYTES_HIGH;
}

static inline uint64_t
bytes_equal(uint64_t bytes, unsigned char byte)
{
	return bytes_below(bytes ^ BYTES_ONES * byte, 1);
}

static inline uint64_t
bytes_beyond_ascii(uint64_t bytes)
{
	return bytes & BYTES_HIGH;
}

#endif
