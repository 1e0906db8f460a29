/* SPDX-License-Identifier: MIT */
/* For tests of strings of JSON, as sockplay reads them. */
#ifndef UNESCAPE_TEST_H
#define UNESCAPE_TEST_H

#include "play/unescape.h"

/*
 * Whether the size bytes at text are a valid string.  If so, decode it in
 * place.  There is one byte more in text, for the closing quote.
 */
static inline bool
decode_in_place(char *text, size_t *size)
{
	struct json_string string;

	text[*size] = '"';
	if (!json_string_find(&string, text, *size + 1) ||
	    string.size != *size)
		return false;
	*size = json_string_decode(&string, text);
	return true;
}

#endif
