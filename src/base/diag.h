/* SPDX-License-Identifier: MIT */
/*
 * Messages on standard error: each in one write(2), if there is room for it,
 * and one line unless it is put together by diag_put().
 */
#ifndef DIAG_H
#define DIAG_H

#include "config.h"

#include <stdbool.h>
#include <stddef.h>

struct textbuf;

/*
 * Set the name that messages begin with, at most 32 bytes, borrowed.  It is
 * "sockpair" unless this is called.
 */
void diag_set_program(const char *name);

/*
 * Print the program's name, ": ", the text made from format and its arguments
 * as printf(3) does, and a newline.  The text may quote the user's input, so it
 * is escaped as in traces (textbuf_put_shown()): it stays one line, contains no
 * control character for a terminal, and hides no character.  A text of more
 * than a few hundred characters is cut and ends in "...".  errno is kept.
 *
 * The texts of errors have one of these forms:
 *	--OPTION: 'TEXT' is not a NOUN		(or needs, or cannot go with)
 *	cannot VERB NOUN: reason
 *	byte N of NOUN is no NOUN: 'TEXT'	(about data; N counts from 0)
 *	FILE:LINE: what is wrong, or differs	(sockplay, about its FILE)
 */
#ifdef __GNUC__
__attribute__((format(printf, 1, 2)))
#endif
void diag_print(const char *format, ...);

/* The same for a text of size bytes, which may contain NULs. */
void diag_print_text(const char *text, size_t size);

#define DIAG_LINE_MAX 4096	/* bytes of the longest line of diag_print() */

/*
 * A message of several lines.  diag_put() puts the line that diag_print() would
 * print; the caller may put further ones, which have no name in front and which
 * it escapes itself; diag_write() writes them all at once, as they are.
 * lines needs DIAG_LINE_MAX bytes for each diag_put().
 */
#ifdef __GNUC__
__attribute__((format(printf, 2, 3)))
#endif
void diag_put(struct textbuf *lines, const char *format, ...);
void diag_write(const char *lines, size_t size);

/*
 * While standard error has no room for a message, its reader is waited for.
 * From now on may(context) is asked ten times a second whether to wait on: if
 * it is false, what is left of the message is dropped.  With NULL nobody is
 * asked.  context is borrowed until the next call.  Where signals are blocked,
 * nothing else would end the wait.
 */
void diag_set_wait(bool (*may)(const void *context), const void *context);

/*
 * From now on drop a message that standard error has no room for: the program
 * is about to end, and must not wait for a reader that may not read.
 */
void diag_hurry(void);

#endif
