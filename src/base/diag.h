/* SPDX-License-Identifier: MIT */
/* Messages on standard error: always one line, in one write(2). */
#ifndef DIAG_H
#define DIAG_H

#include "config.h"

#include <stddef.h>

/*
 * Print "sockpair: ", the text made from format and its arguments as printf(3)
 * would, and a newline.  The text may quote the user's input, so it is escaped
 * as in traces (textbuf_put_shown()): it stays one line, sends no control to a
 * terminal and hides no character.  A text of more than a few hundred
 * characters is cut and ends in "...".  errno is kept.
 *
 * The texts have one of three forms:
 *	--OPTION: 'TEXT' is not a NOUN		(or needs, or cannot go with)
 *	cannot VERB NOUN: reason
 *	byte N of NOUN is no NOUN: 'TEXT'	(about data; N counts from 0)
 */
#ifdef __GNUC__
__attribute__((format(printf, 1, 2)))
#endif
void diag_print(const char *format, ...);

/* The same for a text of size bytes, which may contain NULs. */
void diag_print_text(const char *text, size_t size);

/*
 * From now on drop a message that standard error has no room for: sockpair is
 * about to end, and must not wait for a reader that may not read.
 */
void diag_hurry(void);

#endif
