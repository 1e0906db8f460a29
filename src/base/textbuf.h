/* SPDX-License-Identifier: MIT */
/*
 * A line of text, or any record, put together in memory of a fixed size.  What
 * does not fit is left out; nothing is allocated, nothing overflows.
 */
#ifndef TEXTBUF_H
#define TEXTBUF_H

#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct textbuf {
	char *data;		/* borrowed; not terminated by a NUL */
	size_t size;		/* bytes that it has room for */
	size_t used;		/* bytes of them that have been put */
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

/* Put what printf(3) would print: at most 199 bytes. */
#ifdef __GNUC__
__attribute__((format(printf, 2, 3)))
#endif
void textbuf_print(struct textbuf *line, const char *format, ...);

/*
 * Put time, in nanoseconds, as seconds with 1 to 9 decimals; the rest is cut
 * off.
 */
void textbuf_put_seconds(struct textbuf *line, int64_t time, int decimals);

/*
 * textbuf_put_shown() stops when fewer bytes are left.  A character has at most
 * four bytes, and each of them takes at most four as \xNN.  Behind it there is
 * room for the dots of textbuf_end(), which would else replace a part of it.
 */
#define TEXTBUF_SPARE 19

/*
 * Put bytes that others chose, so that they can be read on a terminal and
 * turned back: \\ \r \n \t \e for these, \xNN for every other byte of a
 * control character, of one that hides (utf8_is_hidden()), and of what is not
 * valid UTF-8; unless utf8, of everything beyond ASCII.
 *
 * Returns how many of the size bytes in data were put: all, unless room ran
 * out.  A character is never put in part.
 */
size_t textbuf_put_shown(struct textbuf *line, const char *data, size_t size,
    bool utf8);

/*
 * Put string as a word of a shell's command line: as it is if nothing in it is
 * special there, else in single quotes, shown as above.
 */
void textbuf_put_word(struct textbuf *line, const char *string, bool utf8);

/* If something did not fit, let the line end in "...". */
void textbuf_end(struct textbuf *line);

#endif
