/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/swar.h"
#include "base/textbuf.h"
#include "base/utf8.h"

struct textbuf
textbuf_in(char *data, size_t size)
{
	return (struct textbuf){ .data = data, .size = size };
}

size_t
textbuf_room(const struct textbuf *line)
{
	return line->cut ? 0 : line->size - line->used;
}

void
textbuf_put(struct textbuf *line, const void *data, size_t size)
{
	if (size > textbuf_room(line)) {
		size = textbuf_room(line);
		line->cut = true;
	}
	if (size > 0)
		memcpy(line->data + line->used, data, size);
	line->used += size;
}

void
textbuf_put_byte(struct textbuf *line, char byte)
{
	textbuf_put(line, &byte, 1);
}

void
textbuf_print(struct textbuf *line, const char *format, ...)
{
	char text[200];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	if ((size_t)length >= sizeof(text))
		length = sizeof(text) - 1;
	textbuf_put(line, text, (size_t)length);
}

void
textbuf_put_seconds(struct textbuf *line, int64_t time, int decimals)
{
	int64_t unit = SECOND;
	int i;

	for (i = 0; i < decimals; i++)
		unit /= 10;
	textbuf_print(line, "%lld.%0*d", (long long)(time / SECOND), decimals,
	    (int)(time % SECOND / unit));
}

static void
put_escape(struct textbuf *line, unsigned char byte)
{
	static const char special[] = "\\\r\n\t\033";
	static const char letters[] = "\\rnte";
	const char *found = byte == '\0' ? NULL : strchr(special, byte);
	char escape[4] = { '\\', 'x' };

	if (found != NULL)
		escape[1] = letters[found - special];
	else
		hex_put(escape + 2, byte, 2);
	textbuf_put(line, escape, found != NULL ? 2 : 4);
}

static bool
is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x7f && byte != '\\';
}

/* Whether all of eight bytes are plain. */
static bool
are_plain(const char *data)
{
	uint64_t bytes = swar_load(data);

	return (swar_below(bytes, 0x20) | swar_equal(bytes, '\\') |
	    swar_equal(bytes, 0x7f) | swar_beyond_ascii(bytes)) == 0;
}

/* How many of the size bytes in data, from the first on, are plain. */
static size_t
plain_run(const char *data, size_t size)
{
	size_t run = 0;

	while (size - run >= 8 && are_plain(data + run))
		run += 8;
	while (run < size && is_plain((unsigned char)data[run]))
		run++;
	return run;
}

/* The length of the character beyond ASCII that is put unchanged; 0 if none. */
static size_t
visible_character(const char *data, size_t size)
{
	uint32_t code;
	size_t length = utf8_character(data, size, &code);

	return length > 1 && !utf8_is_hidden(code) ? length : 0;
}

/* How many bytes to escape: a whole character, or one invalid byte. */
static size_t
escaped_character(const char *data, size_t size)
{
	uint32_t code;
	size_t length = utf8_character(data, size, &code);

	return length == 0 ? 1 : length;
}

size_t
textbuf_put_shown(struct textbuf *line, const char *data, size_t size,
    bool utf8)
{
	size_t done = 0;
	size_t length;
	size_t i;

	while (done < size && textbuf_room(line) >= TEXTBUF_SPARE) {
		length = plain_run(data + done, size - done);
		if (length > textbuf_room(line))
			length = textbuf_room(line);
		if (length == 0 && utf8)
			length = visible_character(data + done, size - done);
		textbuf_put(line, data + done, length);
		done += length;
		if (length > 0)
			continue;
		length = escaped_character(data + done, size - done);
		for (i = 0; i < length; i++, done++)
			put_escape(line, (unsigned char)data[done]);
	}
	if (done < size)
		line->cut = true;
	return done;
}

void
textbuf_put_word(struct textbuf *line, const char *string, bool utf8)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%_+=:,./-";
	size_t size = strlen(string);
	size_t run;

	if (size > 0 && strspn(string, safe) == size) {
		textbuf_put(line, string, size);
		return;
	}
	textbuf_put_byte(line, '\'');
	for (;;) {
		run = strcspn(string, "'");
		textbuf_put_shown(line, string, run, utf8);
		string += run;
		if (*string == '\0')
			break;
		textbuf_put(line, "'\\''", 4);
		string++;
	}
	textbuf_put_byte(line, '\'');
}

void
textbuf_end(struct textbuf *line)
{
	static const char dots[] = "...";
	size_t size = sizeof(dots) - 1;

	if (!line->cut || line->size < size)
		return;
	if (line->size - line->used < size)
		line->used = line->size - size;
	memcpy(line->data + line->used, dots, size);
	line->used += size;
}
