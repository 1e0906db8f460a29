/* SPDX-License-Identifier: MIT */
/* The character set of the user's locale. */
#ifndef CHARSET_H
#define CHARSET_H

#include <stdbool.h>

/*
 * Whether it is UTF-8.  Reads the locale's files with the first call, and sets
 * LC_CTYPE of the program, so that nothing but characters is translated.
 */
bool charset_is_utf8(void);

#endif
