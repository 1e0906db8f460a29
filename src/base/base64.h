/* SPDX-License-Identifier: MIT */
/* Base64, RFC 4648 section 4.  Pure. */
#ifndef BASE64_H
#define BASE64_H

#include <stddef.h>

/* How many characters encode size bytes. */
#define BASE64_SIZE(size) (((size) + 2) / 3 * 4)

/*
 * Encode the size bytes in data into BASE64_SIZE(size) characters at text, with
 * padding and without a NUL.  A longer whole may be encoded in parts if all
 * but the last are of a multiple of 3 bytes.
 */
void base64_encode(char *text, const void *data, size_t size);

#endif
