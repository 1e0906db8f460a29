/* SPDX-License-Identifier: MIT */
/* A model of base64, RFC 4648 section 4: bit by bit. */
#ifndef BASE64_MODEL_H
#define BASE64_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static inline int
model_digit(char character)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = character == '\0' ? NULL :
	    strchr(digits, character);

	return found == NULL ? -1 : (int)(found - digits);
}

static inline int
model_bit(const char *data, size_t size, size_t bit)
{
	return bit / 8 < size &&
	    ((unsigned char)data[bit / 8] >> (7 - bit % 8) & 1);
}

/* Whether text, of text_size characters, encodes the size bytes at data. */
static inline bool
model_is_encoded(const char *text, size_t text_size, const char *data,
    size_t size)
{
	size_t digits = (size * 8 + 5) / 6;
	size_t i, bit;

	if (text_size % 4 != 0 || text_size < digits ||
	    text_size - digits > 3)
		return false;
	for (i = digits; i < text_size; i++)
		if (text[i] != '=')
			return false;
	for (bit = 0; bit < digits * 6; bit++)
		if (model_digit(text[bit / 6]) == -1 ||
		    (model_digit(text[bit / 6]) >> (5 - bit % 6) & 1) !=
		    model_bit(data, size, bit))
			return false;
	return true;
}

/*
 * Decode size characters of text.  Returns how many bytes, or -1 if text is not
 * what encodes any.
 */
static inline long
model_decode(const char *text, size_t size, char *data)
{
	size_t digits = 0, bit, bytes;

	while (digits < size && model_digit(text[digits]) != -1)
		digits++;
	bytes = digits * 6 / 8;
	memset(data, 0, bytes);
	for (bit = 0; bit < bytes * 8; bit++)
		if (model_digit(text[bit / 6]) >> (5 - bit % 6) & 1)
			data[bit / 8] = (char)(data[bit / 8] |
			    1 << (7 - bit % 8));
	return model_is_encoded(text, size, data, bytes) ? (long)bytes : -1;
}

#endif
