/* SPDX-License-Identifier: MIT */
/*
 * The strings of JSON, RFC 8259 section 7, in the bytes of a file.  A string is
 * checked first, and can then be decoded in place, which cannot fail.  Pure.
 */
#ifndef UNESCAPE_H
#define UNESCAPE_H

#include <stdbool.h>
#include <stddef.h>

/* A valid string: the bytes between its quotes. */
struct json_string {
	const char *text;	/* borrowed */
	size_t size;
	bool has_escapes;	/* else it stands for these bytes themselves */
};

/*
 * Find the string whose opening quote is just before the size bytes at text.
 * False if it is not valid: without a closing quote, not UTF-8, with a control
 * character below U+0020, an escape that JSON does not have, or half a
 * surrogate pair.
 */
bool json_string_find(struct json_string *string, const char *text,
    size_t size);

/*
 * Decode string into to, in UTF-8.  to needs room for string->size bytes,
 * because no string is shorter than what it stands for.  It may be in the same
 * memory, at string->text or before it.  Returns the number of bytes written.
 */
size_t json_string_decode(const struct json_string *string, char *to);

#endif
