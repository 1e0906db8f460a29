/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "play/long-string.h"

/* Whether key is the name of one of the members that may be long. */
static bool
is_bytes_key(const struct json_string *key)
{
	return (key->size == 4 && memcmp(key->text, "text", 4) == 0) ||
	    (key->size == 6 && memcmp(key->text, "base64", 6) == 0);
}

bool
long_string_find(struct json_string *found, const char *line, size_t size)
{
	bool is_value = false;	/* a colon came before */
	bool is_bytes = false;	/* the member is "text" or "base64" */
	size_t depth = 0;
	size_t at;

	for (at = 0; at < size; at++)
		switch (line[at]) {
		case '{':
		case '[':
			depth++;
			is_value = false;
			break;
		case '}':
		case ']':
			depth--;
			break;
		case ':':
			is_value = true;
			break;
		case ',':
			is_value = false;
			break;
		case '"':
			if (!json_string_find(found, line + at + 1,
			    size - at - 1))
				return false;
			at += 1 + found->size;
			if (depth != 1)
				break;
			if (!is_value)
				is_bytes = is_bytes_key(found);
			else if (is_bytes && found->size >= LONG_STRING_MIN)
				return true;
			break;
		default:
			break;
		}
	return false;
}
