/* SPDX-License-Identifier: MIT */
/*
 * A model of UTF-8 and of what is hidden: tables of the RFC and of Unicode, and
 * a search from their beginning.
 */
#ifndef CHARACTER_H
#define CHARACTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RFC 3629, section 4: UTF8-octets, the ranges of the bytes of a character. */
static const struct {
	size_t size;
	unsigned char ranges[4][2];
	uint32_t mask;		/* of the bits of the first byte */
} character_forms[] = {
	{ 1, { { 0x00, 0x7f } }, 0x7f },
	{ 2, { { 0xc2, 0xdf }, { 0x80, 0xbf } }, 0x1f },
	{ 3, { { 0xe0, 0xe0 }, { 0xa0, 0xbf }, { 0x80, 0xbf } }, 0xf },
	{ 3, { { 0xe1, 0xec }, { 0x80, 0xbf }, { 0x80, 0xbf } }, 0xf },
	{ 3, { { 0xed, 0xed }, { 0x80, 0x9f }, { 0x80, 0xbf } }, 0xf },
	{ 3, { { 0xee, 0xef }, { 0x80, 0xbf }, { 0x80, 0xbf } }, 0xf },
	{ 4, { { 0xf0, 0xf0 }, { 0x90, 0xbf }, { 0x80, 0xbf },
	    { 0x80, 0xbf } }, 7 },
	{ 4, { { 0xf1, 0xf3 }, { 0x80, 0xbf }, { 0x80, 0xbf },
	    { 0x80, 0xbf } }, 7 },
	{ 4, { { 0xf4, 0xf4 }, { 0x80, 0x8f }, { 0x80, 0xbf },
	    { 0x80, 0xbf } }, 7 },
};

/*
 * How many bytes, of the size bytes at data and of the character that form
 * describes, are as it wants them, from the first on.
 */
static inline size_t
character_match(size_t form, const char *data, size_t size)
{
	const unsigned char (*range)[2] = character_forms[form].ranges;
	size_t i;

	for (i = 0; i < size && i < character_forms[form].size; i++)
		if ((unsigned char)data[i] < range[i][0] ||
		    (unsigned char)data[i] > range[i][1])
			break;
	return i;
}

/* The size of the character at data, and its code point; 0 if none is there. */
static inline size_t
model_character(const char *data, size_t size, uint32_t *code)
{
	size_t form, i;

	for (form = 0; form < sizeof(character_forms) /
	    sizeof(character_forms[0]); form++) {
		if (character_match(form, data, size) <
		    character_forms[form].size)
			continue;
		*code = (unsigned char)data[0] & character_forms[form].mask;
		for (i = 1; i < character_forms[form].size; i++)
			*code = *code * 64 + ((unsigned char)data[i] & 63u);
		return character_forms[form].size;
	}
	return 0;
}

/* Whether the size bytes at data are a character that is not complete. */
static inline bool
model_is_cut(const char *data, size_t size)
{
	size_t form;

	for (form = 0; form < sizeof(character_forms) /
	    sizeof(character_forms[0]); form++)
		if (size < character_forms[form].size &&
		    character_match(form, data, size) == size)
			return size > 0;
	return false;
}

static inline size_t
model_valid(const char *data, size_t size)
{
	size_t done = 0;
	size_t length;
	uint32_t code;

	while ((length = model_character(data + done, size - done,
	    &code)) > 0)
		done += length;
	return done;
}

/* Unicode 16.0, DerivedCoreProperties.txt: Default_Ignorable_Code_Point. */
static const uint32_t character_ignorable[][2] = {
	{ 0x00ad, 0x00ad }, { 0x034f, 0x034f }, { 0x061c, 0x061c },
	{ 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f },
	{ 0x200b, 0x200f }, { 0x202a, 0x202e }, { 0x2060, 0x206f },
	{ 0x3164, 0x3164 }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 }, { 0xfff0, 0xfff8 }, { 0x1bca0, 0x1bca3 },
	{ 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
};

/* What src/base/utf8.h says of utf8_is_hidden(). */
static inline bool
model_is_hidden(uint32_t code)
{
	size_t i;

	for (i = 0; i < sizeof(character_ignorable) /
	    sizeof(character_ignorable[0]); i++)
		if (code >= character_ignorable[i][0] &&
		    code <= character_ignorable[i][1])
			return true;
	return code < 0x20 || (code >= 0x7f && code < 0xa0) ||	/* controls */
	    code == 0x2028 || code == 0x2029 ||	/* separators */
	    (code >= 0xfff9 && code <= 0xfffb) ||	/* annotations */
	    (code >= 0xfdd0 && code <= 0xfdef) ||	/* noncharacters */
	    code % 0x10000 >= 0xfffe;
}

/* Write the code point, which is no surrogate.  Returns how many bytes. */
static inline size_t
model_encode(uint32_t code, char *to)
{
	size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 :
	    code < 0x10000 ? 3 : 4;
	size_t i;

	for (i = size; i-- > 1; code /= 64)
		to[i] = (char)(0x80 | code % 64);
	to[0] = (char)(size == 1 ? code : (0xf00u >> size & 0xff) | code);
	return size;
}

#endif
