/* SPDX-License-Identifier: MIT */
/* Bytes in hexadecimal, for people.  Pure. */
#ifndef HEXDUMP_H
#define HEXDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/textbuf.h"

#define HEXDUMP_BYTES 16	/* in a row */
#define HEXDUMP_MAX 96		/* bytes; every row is shorter */

/*
 * Append a row with the size bytes of data, 1 to HEXDUMP_BYTES, to line: a
 * blank, offset in six or more hexadecimal digits, two blanks, the bytes, with
 * one more blank after the eighth; two blanks and the bytes as text, with "."
 * for each byte that is not printable ASCII; and a newline.
 */
void hexdump_row(struct textbuf *line, uint64_t offset,
    const unsigned char *data, size_t size);

#endif
