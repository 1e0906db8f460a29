/* SPDX-License-Identifier: MIT */
/* The first difference from a recorded talk, and how it is printed. */
#ifndef DIFFERENCE_H
#define DIFFERENCE_H

#include "config.h"

#include <stdbool.h>
#include <stddef.h>

#define DIFFERENCE_SHOWN 64	/* bytes shown of what was expected, or came */

/* Bytes, or words such as "the end". */
struct difference_text {
	char data[DIFFERENCE_SHOWN];
	size_t size;		/* bytes in data */
	bool is_cut;		/* there are more, which are not in data */
	bool is_words;
};

struct difference {
	bool is_found;
	bool is_open;		/* more bytes may be added to got */
	unsigned long line;	/* of the record */
	char what[100];		/* "byte 21 of the command" */
	struct difference_text expected;
	struct difference_text got;
};

/* The size bytes of a message at data, at most DIFFERENCE_SHOWN of them. */
struct difference_text difference_bytes(const char *data, size_t size);

/*
 * Append size bytes of a stream to text, up to the first newline, and at most
 * DIFFERENCE_SHOWN in all.  The rest is dropped.  So what is shown does not
 * depend on the pieces in which the stream came.
 */
void difference_extend(struct difference_text *text, const char *data,
    size_t size);

/* Whether difference_extend() would append nothing more. */
bool difference_is_full(const struct difference_text *text);

#define DIFFERENCE_END "the end"	/* nothing more is said */

/* Words, of at most DIFFERENCE_SHOWN bytes, which are printed unquoted. */
struct difference_text difference_words(const char *words);

/*
 * Set *difference: it is found at line of the record.  What differs there, such
 * as "byte 21 of the command", is made from format as printf(3) does.
 */
#ifdef __GNUC__
__attribute__((format(printf, 5, 6)))
#endif
void difference_note(struct difference *difference, unsigned long line,
    const struct difference_text *expected, const struct difference_text *got,
    const char *format, ...);

/* Whether what is shown is complete: more bytes would not change it. */
bool difference_is_complete(const struct difference *difference);

/* Whether the end came where something else was expected. */
bool difference_got_end(const struct difference *difference);

/*
 * Print "PATH:LINE: WHAT differs", and on two more lines what was expected and
 * what came, escaped as in text traces.
 */
void difference_print(const struct difference *difference, const char *path);

#endif
