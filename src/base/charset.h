/* SPDX-License-Identifier: MIT */
/* The character set of the user's locale. */
#ifndef CHARSET_H
#define CHARSET_H

#include <stdbool.h>

/*
 * Whether that character set is UTF-8.  The first call reads the locale's files
 * and sets the program's LC_CTYPE.  It sets no other category, so messages and
 * numbers stay as they are.
 */
bool charset_is_utf8(void);

#endif
