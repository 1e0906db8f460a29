/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 as RFC 3629 defines it: a character is one to four bytes, never
 * overlong, never a surrogate.  Pure.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The length, 1 to 4 bytes, of the character at the start of the size bytes in
 * data, with its code point in *code; 0 if no whole and valid one is there.
 */
size_t utf8_character(const char *data, size_t size, uint32_t *code);

/* How many of the size bytes in data, from the first on, are valid UTF-8. */
size_t utf8_valid(const char *data, size_t size);

/*
 * Whether the size bytes in data, at least 1, are the beginning of a character
 * that is not complete.
 */
bool utf8_is_cut(const char *data, size_t size);

/*
 * How many bytes at the end of data, which has size bytes, begin a character
 * that is not complete: 0 to 3.
 */
size_t utf8_cut_size(const char *data, size_t size);

/*
 * Whether a piece of a stream, size bytes in data, is text: without a NUL, and
 * valid UTF-8 except for a character that is cut at the start or the end.
 */
bool utf8_is_text(const char *data, size_t size);

/*
 * Whether the character with the code point code is invisible, or changes how
 * others are shown.  These are: controls (C0, DEL, C1); line and paragraph
 * separators; characters that change the direction of writing (Unicode Standard
 * Annex 9, section 2); characters shown as nothing
 * (Default_Ignorable_Code_Point: Unicode 16.0, DerivedCoreProperties.txt), such
 * as zero-width spaces, tags and variation selectors; and code points that are
 * never characters.
 */
bool utf8_is_hidden(uint32_t code);

#endif
