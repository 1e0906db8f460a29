/* SPDX-License-Identifier: MIT */
/* What we say on standard error: always one line, in one write(2). */
#ifndef DIAG_H
#define DIAG_H

#include "config.h"

/*
 * Print "sockpair: ", the text made from format and its arguments as printf(3)
 * would, and a newline.  The text may quote the user's: it is shown as it is in
 * traces (line_put_shown()), so that a line stays a line, a terminal obeys
 * nothing and no character hides; what is longer than a line of a few hundred
 * characters ends in "...".  errno is kept.
 *
 * The texts have one of two forms:
 *	--OPTION: 'TEXT' is not a NOUN		(or needs, or cannot go with)
 *	cannot VERB NOUN: reason
 */
#ifdef __GNUC__
__attribute__((format(printf, 1, 2)))
#endif
void diag_print(const char *format, ...);

/*
 * From now on leave out what standard error does not take at once: we are to
 * end, and its reader may not read.
 */
void diag_hurry(void);

#endif
