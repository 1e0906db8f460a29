/* SPDX-License-Identifier: MIT */
/*
 * Pieces of a stream may end within a character of UTF-8.  Then the first bytes
 * of that character are carried over to the next piece, so that a piece of text
 * is valid UTF-8.  Pure.
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
 * Join what is carried and a piece of size bytes in data, which begins at
 * offset; carry the first bytes of a character that the piece cuts.  False if
 * that leaves nothing, though the piece is not empty.
 */
bool carry_join(struct carry *carry, const char *data, size_t size,
    uint64_t offset, struct joined *joined);

/* Take what is carried: nothing will complete it.  False if there is none. */
bool carry_end(struct carry *carry, struct joined *joined);

/*
 * How many of joined's first *size bytes are shown as text: all if they are
 * valid UTF-8, or less by the character that *size cuts.  False if they are not
 * text.
 */
bool joined_is_text(const struct joined *joined, size_t *size);

#endif
