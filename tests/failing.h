/* SPDX-License-Identifier: MIT */
/*
 * Calls that fail on request, for unit tests that try each in turn.  The linker
 * puts these functions before the library's: link this with
 * -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc.
 */
#ifndef FAILING_H
#define FAILING_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

static unsigned int left;	/* calls up to the one that fails, or 0 */
static bool for_ever;		/* and all after it */
static bool *has_failed = &(bool){ false };

/* Count a call.  If it is to fail, set errno to error. */
static inline bool
fails_now(int error)
{
	if (left == 0 || (left > 1 && --left > 0))
		return false;
	if (!for_ever)
		left = 0;
	*has_failed = true;
	errno = error;
	return true;
}

/* The test says whether an allocation is to fail, by fails_now(). */
static bool allocation_fails(void);

/* Wrap a function of some type, parameters and arguments, and its failure. */
#define WRAP(type, function, parameters, arguments, fails, failure) \
	type __real_##function parameters; \
	type __wrap_##function parameters; \
	type __wrap_##function parameters \
	{ \
		return fails() ? failure : __real_##function arguments; \
	}

WRAP(void *, malloc, (size_t size), (size), allocation_fails, NULL)
WRAP(void *, calloc, (size_t count, size_t size), (count, size),
    allocation_fails, NULL)
WRAP(void *, realloc, (void *data, size_t size), (data, size),
    allocation_fails, NULL)

#endif
