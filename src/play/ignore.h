/* SPDX-License-Identifier: MIT */
/* --ignore: what may differ from a recorded talk. */
#ifndef IGNORE_H
#define IGNORE_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ignore {
	regex_t *patterns;	/* owned */
	size_t count;
	bool has_backslash;	/* a pattern has one */
};

/*
 * Add a POSIX extended regular expression (regex(7)).  In a message of several
 * lines, ^ and $ match at each of them, and "." matches no newline.
 * Returns 0, or -1 after printing a message.
 */
int ignore_add(struct ignore *ignore, const char *pattern);

#define IGNORED '\1'		/* stands for a match */

#define IGNORE_FAILED SIZE_MAX

/*
 * Replace each match of a pattern in the size bytes at text by one byte
 * IGNORED, in place.  text is a line without its newline, or a message, and a
 * NUL must follow it.  Each pattern is applied to the result of those before
 * it.  An empty match changes nothing.  A NUL in text separates lines, as a
 * newline does, and no match contains one.
 * Returns the new size, and a NUL follows the new text; or IGNORE_FAILED with
 * errno ENOMEM, and the contents of text are undefined.
 * If matching takes some seconds of processor time, a message is printed and the
 * program exits, because nothing else can interrupt regexec(3).
 */
size_t ignore_apply(const struct ignore *ignore, char *text, size_t size);

void ignore_free(struct ignore *ignore);

#endif
