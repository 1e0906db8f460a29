/* SPDX-License-Identifier: MIT */
/*
 * The Test Anything Protocol in a page.  A unit test is a program that calls
 * these and returns done_testing(): 0 even after failures, since automake
 * reads the lines and would count a non-zero status as one more error.
 */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count;

static inline bool
ok(bool passed, const char *name)
{
	printf("%sok %d - %s\n", passed ? "" : "not ", ++tap_count, name);
	fflush(stdout);
	return passed;
}

static inline bool
is_int(long long got, long long want, const char *name)
{
	bool passed = ok(got == want, name);

	if (!passed)
		printf("# got %lld, want %lld\n", got, want);
	return passed;
}

static inline bool
is_str(const char *got, const char *want, const char *name)
{
	bool same = got == want ||
	    (got != NULL && want != NULL && strcmp(got, want) == 0);
	bool passed = ok(same, name);

	if (!passed)
		printf("# got '%s', want '%s'\n", got ? got : "(null)",
		    want ? want : "(null)");
	return passed;
}

static inline void
skip(const char *name, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++tap_count, name, why);
}

static inline int
done_testing(void)
{
	printf("1..%d\n", tap_count);
	return 0;
}

#endif
