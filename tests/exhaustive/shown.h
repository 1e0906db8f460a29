/* SPDX-License-Identifier: MIT */
/*
 * A model of text for people: what is put for bytes (src/base/textbuf.h), and a
 * reader of traces as text and in hexadecimal (src/trace/sink-text.c).
 */
#ifndef SHOWN_H
#define SHOWN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "character.h"

/* What is put for the character or byte at data; *length is its size. */
static inline size_t
model_shown_one(const char *data, size_t size, bool utf8, char *to,
    size_t *length)
{
	static const char *const escapes[] = {
		['\\'] = "\\\\", ['\r'] = "\\r", ['\n'] = "\\n",
		['\t'] = "\\t", ['\033'] = "\\e",
	};
	unsigned char byte = (unsigned char)*data;
	uint32_t code = 0;
	size_t i;

	*length = model_character(data, size, &code);
	if (byte < sizeof(escapes) / sizeof(escapes[0]) &&
	    escapes[byte] != NULL)
		return (size_t)sprintf(to, "%s", escapes[byte]);
	if (*length > 0 && !model_is_hidden(code) && (utf8 || byte < 0x80)) {
		memcpy(to, data, *length);
		return *length;
	}
	if (*length == 0)
		*length = 1;
	for (i = 0; i < *length; i++)
		sprintf(to + 4 * i, "\\x%02x", (unsigned char)data[i]);
	return 4 * *length;
}

static inline size_t
model_shown(const char *data, size_t size, bool utf8, char *to)
{
	char *start = to;
	size_t length;

	for (; size > 0; data += length, size -= length)
		to += model_shown_one(data, size, utf8, to, &length);
	return (size_t)(to - start);
}

/* What the escapes in size bytes of text stand for. */
static inline size_t
model_unescape(const char *text, size_t size, char *to)
{
	static const char letters[] = "\\rnte", meanings[] = "\\\r\n\t\033";
	char digits[3] = "";
	char *start = to;
	size_t i;

	for (i = 0; i < size; i++) {
		if (text[i] != '\\') {
			*to++ = text[i];
		} else if (text[++i] == 'x') {
			memcpy(digits, text + i + 1, 2);
			*to++ = (char)strtoul(digits, NULL, 16);
			i += 2;
		} else {
			*to++ = meanings[strchr(letters, text[i]) - letters];
		}
	}
	return (size_t)(to - start);
}

/* Whether nothing in text is obeyed by a terminal, or hidden. */
static inline bool
model_is_harmless(const char *text, size_t size, bool utf8, const char *allowed)
{
	size_t length;
	uint32_t code;

	for (; size > 0; text += length, size -= length) {
		length = model_character(text, size, &code);
		if (length == 0 || (length > 1 && !utf8) ||
		    (model_is_hidden(code) && (code == 0 || code >= 0x80 ||
		    strchr(allowed, (int)code) == NULL)))
			return false;
	}
	return true;
}

/*
 * The bytes of a row in hexadecimal, which begins at text and is for the bytes
 * from offset on.
 */
static inline size_t
model_read_row(const char *text, uint64_t offset, char *to)
{
	char *start = to;
	char *end;
	size_t i;

	if (strtoull(text, &end, 16) != offset)
		return 0;
	for (i = 0; i < 16; i++) {
		text = end + (i == 0 || i == 8 ? 2 : 1);
		if (*text == ' ')
			break;
		*to++ = (char)strtoul(text, &end, 16);
	}
	return (size_t)(to - start);
}

/* A line of text, without the newline that ends it. */
static inline size_t
model_read_text(const char *text, size_t size, char *to)
{
	bool is_ended = true;
	size_t slashes = 0;
	size_t done;

	while (slashes < size && text[size - 1 - slashes] == '\\')
		slashes++;
	if (slashes % 2 == 1) {
		is_ended = false;
		size--;
	}
	done = model_unescape(text, size, to);
	if (is_ended)
		to[done++] = '\n';
	return done;
}

/*
 * Read the bytes of a trace, size bytes of text, whose lines have this mark;
 * the first is at offset.  SIZE_MAX if the trace is not as it should be.
 */
static inline size_t
model_read_trace(const char *text, size_t size, char mark, uint64_t offset,
    char *to)
{
	const char *end = text + size;
	const char *newline;
	size_t done = 0;
	size_t digits;

	for (; text < end; text = newline + 1) {
		newline = memchr(text, '\n', (size_t)(end - text));
		if (newline == NULL || newline - text < 4 || text[1] != ' ')
			return SIZE_MAX;
		digits = strspn(text + 2, "0123456789abcdef");
		if (*text != mark)
			continue;
		if (text[2] == ' ')
			done += model_read_text(text + 4,
			    (size_t)(newline - text - 4), to + done);
		/* An event without bytes, or before them, has a name there. */
		else if (digits >= 6 && text[2 + digits] == ' ')
			done += model_read_row(text + 2, offset + done,
			    to + done);
	}
	return done;
}

#endif
