/* SPDX-License-Identifier: MIT */
/* For unit tests of command lines: what they print is kept. */
#ifndef WORDS_H
#define WORDS_H

#include "plan/command-line.h"
#include "tap.h"

#define WORDS 12

static struct capture said;	/* on standard error */

/* Call parse with these words, and the plan that it is to fill. */
static inline enum options_result
parse_words(const char *const words[WORDS],
    enum options_result (*parse)(int, const char **))
{
	const char *argv[WORDS + 1] = { NULL };
	enum options_result result;
	int argc;

	for (argc = 0; argc < WORDS && words[argc] != NULL; argc++)
		argv[argc] = words[argc];
	capture_begin(&said, STDERR_FILENO);
	result = parse(argc, argv);
	capture_end(&said);
	return result;
}

/* Words that are refused, and the line that says why. */
struct wrong {
	const char *words[WORDS];
	const char *said;
};

#endif
