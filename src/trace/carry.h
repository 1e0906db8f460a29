/* SPDX-License-Identifier: MIT */
/*
 * A piece of a stream may end within a character of UTF-8.  The first bytes of
 * that character are then carried over to the next piece, so that each piece of
 * text is valid UTF-8.  If they must be shown before that, carry_end() takes
 * them, and the bytes that continue the character are taken from the next piece
 * separately.  Pure.
 */
#ifndef CARRY_H
#define CARRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first bytes of a character; at first all members are 0. */
struct carry {
	char bytes[4];
	size_t size;
	uint64_t offset;	/* of the first of them in the stream */
	bool is_taken;		/* by carry_end(): they are carried no longer */
};

/* Bytes in two parts: those that were carried, then those of a piece. */
struct joined {
	char first[4];
	size_t first_size;
	const char *data;	/* borrowed */
	size_t size;
	uint64_t offset;	/* of the first byte in the stream */
};

/*
 * Join the carried bytes and a piece of size bytes in data, which begins at
 * offset in the stream.  If the joined bytes end within a character, carry its
 * first bytes.  Returns false if all bytes are carried; true also for an empty
 * piece while none are carried.
 */
bool carry_join(struct carry *carry, const char *data, size_t size,
    uint64_t offset, struct joined *joined);

/* Take the carried bytes alone into joined.  False if none are carried. */
bool carry_end(struct carry *carry, struct joined *joined);

/*
 * How many of the size bytes in data, which begin at offset in the stream,
 * continue the character whose first bytes carry_end() has taken.  Those bytes
 * are not for carry_join().
 */
size_t carry_rest(struct carry *carry, const char *data, size_t size,
    uint64_t offset);

/*
 * Whether the first *size bytes of joined are text: valid UTF-8, except for a
 * character that *size cuts.  If so, *size is reduced to leave out the bytes of
 * that character.
 */
bool joined_is_text(const struct joined *joined, size_t *size);

#endif
