/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/charset.h"
#include "base/diag.h"
#include "base/textbuf.h"
#include "play/difference.h"

struct difference_text
difference_bytes(const char *data, size_t size)
{
	struct difference_text text = { .size = size };

	if (size > sizeof(text.data)) {
		text.size = sizeof(text.data);
		text.is_cut = true;
	}
	if (text.size > 0)
		memcpy(text.data, data, text.size);
	return text;
}

bool
difference_is_full(const struct difference_text *text)
{
	return text->is_cut || (text->size > 0 &&
	    text->data[text->size - 1] == '\n');
}

void
difference_extend(struct difference_text *text, const char *data, size_t size)
{
	const char *newline = memchr(data, '\n', size);
	size_t room = sizeof(text->data) - text->size;

	if (difference_is_full(text))
		return;
	if (newline != NULL)
		size = (size_t)(newline - data) + 1;
	if (size > room) {
		size = room;
		text->is_cut = true;
	}
	memcpy(text->data + text->size, data, size);
	text->size += size;
}

struct difference_text
difference_words(const char *words)
{
	struct difference_text text = difference_bytes(words, strlen(words));

	text.is_words = true;
	return text;
}

void
difference_note(struct difference *difference, unsigned long line,
    const struct difference_text *expected, const struct difference_text *got,
    const char *format, ...)
{
	va_list arguments;

	*difference = (struct difference){
		.is_found = true,
		.line = line,
		.expected = *expected,
		.got = *got,
	};
	va_start(arguments, format);
	vsnprintf(difference->what, sizeof(difference->what), format,
	    arguments);
	va_end(arguments);
}

bool
difference_is_complete(const struct difference *difference)
{
	return !difference->is_open || difference_is_full(&difference->got);
}

bool
difference_got_end(const struct difference *difference)
{
	const struct difference_text *got = &difference->got;

	return got->is_words && got->size == strlen(DIFFERENCE_END) &&
	    memcmp(got->data, DIFFERENCE_END, got->size) == 0;
}

static void
put_text(struct textbuf *lines, const char *title,
    const struct difference_text *text)
{
	textbuf_print(lines, "%s: ", title);
	if (text->is_words) {
		textbuf_put(lines, text->data, text->size);
	} else {
		textbuf_put_byte(lines, '"');
		textbuf_put_shown(lines, text->data, text->size,
		    charset_is_utf8());
		textbuf_put(lines, "\"...", text->is_cut ? 4 : 1);
	}
	textbuf_put_byte(lines, '\n');
}

void
difference_print(const struct difference *difference, const char *path)
{
	char data[DIAG_LINE_MAX + 2 * (40 + 4 * DIFFERENCE_SHOWN +
	    TEXTBUF_SPARE)];
	struct textbuf lines = textbuf_in(data, sizeof(data));

	diag_put(&lines, "%s:%lu: %s differs", path, difference->line,
	    difference->what);
	put_text(&lines, "expected", &difference->expected);
	put_text(&lines, "got", &difference->got);
	diag_write(lines.data, lines.used);
}
