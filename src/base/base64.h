/* SPDX-License-Identifier: MIT */
/* Base64, RFC 4648 section 4.  Pure. */
#ifndef BASE64_H
#define BASE64_H

#include <stddef.h>

/* The number of characters that encode size bytes. */
#define BASE64_SIZE(size) (((size) + 2) / 3 * 4)

/*
 * Encode the size bytes in data into BASE64_SIZE(size) characters at text, with
 * padding and without a NUL.  Data may be encoded in pieces if the size of each
 * piece but the last is a multiple of 3.
 */
void base64_encode(char *text, const void *data, size_t size);

#endif
