/* SPDX-License-Identifier: MIT */
/*
 * A line of text, or any record, built in memory of a fixed size.  Bytes that
 * do not fit are left out; nothing is allocated, nothing overflows.
 */
#ifndef TEXTBUF_H
#define TEXTBUF_H

#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct textbuf {
	char *data;		/* borrowed; not terminated by a NUL */
	size_t size;		/* bytes in data */
	size_t used;		/* bytes of these that have been put */
	bool cut;		/* something did not fit: no more is put */
};

/* An empty line in the size bytes at data. */
struct textbuf textbuf_in(char *data, size_t size);

/* How many bytes more would fit: 0 once the line has been cut. */
size_t textbuf_room(const struct textbuf *line);

/* Put size bytes of data, or as many as fit. */
void textbuf_put(struct textbuf *line, const void *data, size_t size);

/* Put one byte. */
void textbuf_put_byte(struct textbuf *line, char byte);

/* Put the text that printf(3) would print, cut to 199 bytes. */
#ifdef __GNUC__
__attribute__((format(printf, 2, 3)))
#endif
void textbuf_print(struct textbuf *line, const char *format, ...);

/*
 * Put time, in nanoseconds, as seconds with 1 to 9 decimals, without rounding.
 */
void textbuf_put_seconds(struct textbuf *line, int64_t time, int decimals);

/*
 * textbuf_put_shown() stops when fewer bytes than this are left.  A character
 * has at most four bytes, each shown by at most four (\xNN), which makes 16.
 * The three dots of textbuf_end() must fit after it, or they would overwrite a
 * part of it.
 */
#define TEXTBUF_SPARE 19

/*
 * Put untrusted bytes in a form that is safe on a terminal and can be converted
 * back.  Backslash, CR, newline, tab and escape become \\ \r \n \t \e.  \xNN
 * stands for each byte of any other control character, of a hidden one
 * (utf8_is_hidden()) and of invalid UTF-8; unless utf8, for each byte beyond
 * ASCII.
 *
 * Returns how many of the size bytes in data were put: all, unless room ran
 * out.  A character is never put in part.
 */
size_t textbuf_put_shown(struct textbuf *line, const char *data, size_t size,
    bool utf8);

/*
 * Put string as a word of a shell's command line: unchanged if no character in
 * it is special there, else in single quotes and escaped as above.
 */
void textbuf_put_word(struct textbuf *line, const char *string, bool utf8);

/* If something did not fit, make the line end in "...". */
void textbuf_end(struct textbuf *line);

#endif
