/* SPDX-License-Identifier: MIT */
/*
 * The long string of a line: nearly all of a large record is in its "text" or
 * "base64".  A parser of JSON copies a string several times, byte by byte, so
 * such a string is decoded separately from the rest of its line.
 */
#ifndef LONG_STRING_H
#define LONG_STRING_H

#include "play/unescape.h"

/* A shorter string is not worth the effort. */
#define LONG_STRING_MIN 64	/* bytes between the quotes */

/*
 * Find the first long and valid string in the size bytes at line that is the
 * value of "text" or "base64".  This is no parser: it takes for granted that
 * line is a JSON object.  The caller finds out by parsing the line with "" in
 * place of the string, which is an object if and only if the whole line is.
 * Returns false if there is no such string.
 */
bool long_string_find(struct json_string *found, const char *line, size_t size);

#endif
