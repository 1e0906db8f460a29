/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "play/ignore.h"

/*
 * With this flag regexec(3) is given the size of the text, and need not search
 * for its end at each match.  POSIX does not have it.
 */
#ifndef REG_STARTEND
#define REG_STARTEND 0
#endif

int
ignore_add(struct ignore *ignore, const char *pattern)
{
	char reason[200];
	regex_t *patterns;
	int error;

	if (*pattern == '\0') {
		diag_print("--ignore: '' is not a regular expression: it "
		    "matches nothing");
		return -1;
	}
	patterns = realloc(ignore->patterns,
	    (ignore->count + 1) * sizeof(*patterns));
	if (patterns == NULL) {
		diag_print("cannot allocate memory: %s", strerror(errno));
		return -1;
	}
	ignore->patterns = patterns;
	error = regcomp(&patterns[ignore->count], pattern,
	    REG_EXTENDED | REG_NEWLINE);
	if (error != 0) {
		regerror(error, &patterns[ignore->count], reason,
		    sizeof(reason));
		diag_print("--ignore: '%s' is not a regular expression: %s",
		    pattern, reason);
		return -1;
	}
	ignore->count++;
	return 0;
}

/*
 * Find the first match between text and end.  flags, and what is returned, are
 * those of regexec(3).
 */
static int
find_match(const regex_t *pattern, const char *text, const char *end,
    int flags, regmatch_t *match)
{
	*match = (regmatch_t){ .rm_so = 0, .rm_eo = (regoff_t)(end - text) };
	return text < end ?
	    regexec(pattern, text, 1, match, flags | REG_STARTEND) :
	    REG_NOMATCH;
}

/*
 * Copy the size bytes at src to dst, with the matches in them replaced.  They
 * contain no NUL, and one follows them.  dst may be src, or before it in the
 * same memory.  Returns the end of the copy, or NULL if there is no memory.
 */
static char *
replace_matches(const regex_t *pattern, char *dst, const char *src, size_t size)
{
	const char *end = src + size;
	regmatch_t match;
	size_t before;
	int flags = 0;
	char last;
	int result;

	while ((result = find_match(pattern, src, end, flags, &match)) == 0) {
		before = (size_t)match.rm_so;
		memmove(dst, src, before);
		dst += before;
		src += match.rm_eo;
		if (match.rm_eo > match.rm_so) {
			last = src[-1];
			*dst++ = IGNORED;
		} else {
			if (src == end)
				break;
			*dst++ = last = *src++;	/* an empty match */
		}
		flags = last == '\n' ? 0 : REG_NOTBOL;
	}
	if (result == REG_ESPACE)
		return NULL;
	memmove(dst, src, (size_t)(end - src));
	return dst + (end - src);
}

/*
 * Replace the matches in the size bytes at text, part by part if it contains
 * NULs, because regexec(3) stops at a NUL.
 * Returns the new size, or IGNORE_FAILED with errno ENOMEM.
 */
static size_t
apply_pattern(const regex_t *pattern, char *text, size_t size)
{
	const char *src = text;
	const char *end = text + size;
	char *dst = text;
	size_t length;

	for (;;) {
		length = strnlen(src, (size_t)(end - src));
		dst = replace_matches(pattern, dst, src, length);
		if (dst == NULL) {
			errno = ENOMEM;
			return IGNORE_FAILED;
		}
		src += length;
		if (src == end)
			break;
		src++;
		*dst++ = '\0';
	}
	*dst = '\0';
	return (size_t)(dst - text);
}

size_t
ignore_apply(const struct ignore *ignore, char *text, size_t size)
{
	size_t i;

	for (i = 0; i < ignore->count && size != IGNORE_FAILED; i++)
		size = apply_pattern(&ignore->patterns[i], text, size);
	return size;
}

void
ignore_free(struct ignore *ignore)
{
	size_t i;

	for (i = 0; i < ignore->count; i++)
		regfree(&ignore->patterns[i]);
	free(ignore->patterns);
}
