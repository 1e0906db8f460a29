/* SPDX-License-Identifier: MIT */
/* Bytes in hexadecimal, for people.  Pure. */
#ifndef HEXDUMP_H
#define HEXDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/textbuf.h"

#define HEXDUMP_BYTES 16	/* in a row */
#define HEXDUMP_MAX 96		/* bytes of a row, more than it can have */

/*
 * Put a row of size bytes of data, 1 to HEXDUMP_BYTES: a blank, the offset in
 * six digits or more, two blanks, the bytes, more room after the eighth; if
 * beside, two blanks and the bytes as text, "." for what is not ASCII or not
 * seen; and a newline.
 */
void hexdump_row(struct textbuf *line, uint64_t offset,
    const unsigned char *data, size_t size, bool beside);

#endif
