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

/*
 * Decode the size characters of text into bytes, which needs room for
 * size / 4 * 3 bytes, and set *decoded to their number.  bytes may be in the
 * same memory, at text or before it.
 * Returns 0; or -1 if text is not what base64_encode() makes: it must have its
 * padding and no white space, and the unused bits of its last digit must be 0.
 */
int base64_decode(char *bytes, const char *text, size_t size, size_t *decoded);

#endif
