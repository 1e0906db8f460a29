/* SPDX-License-Identifier: MIT */
/* How messages are delimited in a stream of bytes.  Pure. */
#ifndef FRAMING_H
#define FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A netstring is as D. J. Bernstein defines it: the size in decimal, a colon,
 * the message, a comma (https://cr.yp.to/proto/netstrings.txt, 1997-02-01).
 */
enum framing {
	FRAMING_LINE,		/* a newline after each */
	FRAMING_NULL,		/* a NUL after each */
	FRAMING_NETSTRING,
	FRAMING_U16,		/* size in front: 2 bytes, big-endian */
	FRAMING_U16LE,		/* the same, little-endian */
	FRAMING_U32,		/* size in front: 4 bytes, big-endian */
	FRAMING_U32LE,		/* the same, little-endian */
	FRAMING_LSP,		/* header fields in front: see lsp.h */
	FRAMING_RAW,		/* none: each read returns one message */
};

/* The bytes before and after a message. */
struct frame_layout {
	size_t width;		/* bytes of a binary size in front, or 0 */
	bool is_little_endian;	/* the binary size is */
	bool is_netstring;	/* in front are a decimal size and a colon */
	bool is_lsp;		/* in front is a header of fields: see lsp.h */
	bool is_terminated;	/* there is no size: the trailer is its end */
	size_t trailer_size;	/* bytes after it: 0 or 1 */
	char trailer;
};

/* Indexed by enum framing. */
extern const struct frame_layout frame_layouts[];

#define FRAME_DIGITS_MAX 20	/* of a decimal size: enough for 64 bits */
/* In bytes: the header of lsp has 20 around the digits. */
#define FRAME_HEADER_MAX (FRAME_DIGITS_MAX + 20)
#define FRAME_TRAILER_MAX 1	/* bytes */

/* The size in bytes of the largest message that framing can carry. */
size_t frame_limit(enum framing framing);

/*
 * Write the bytes that precede a message of size bytes, at most frame_limit(),
 * into header.  Returns how many they are, perhaps 0.
 */
size_t frame_header(enum framing framing, size_t size,
    char header[FRAME_HEADER_MAX]);

/* Write the bytes that follow a message into trailer.  Returns 0 or 1. */
size_t frame_trailer(enum framing framing, char trailer[FRAME_TRAILER_MAX]);

/* How many bits the byte at index i of a binary size is shifted left. */
size_t frame_size_shift(const struct frame_layout *layout, size_t i);

/*
 * Whether message, of size bytes, contains the terminator, so that its reader
 * will take it for several messages.  False in framings with a size in front.
 */
bool frame_splits(enum framing framing, const char *message, size_t size);

#endif
