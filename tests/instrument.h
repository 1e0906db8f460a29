/* SPDX-License-Identifier: MIT */
/* Functions that all scripted commands use.  Needs _GNU_SOURCE. */
#ifndef INSTRUMENT_H
#define INSTRUMENT_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_UNEXPECTED 99

/* Print a line and exit 99. */
static inline _Noreturn void
fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
	    strerror(errno));
	exit(EXIT_UNEXPECTED);
}

/* The same, unless done. */
static inline void
expect(bool done, const char *what)
{
	if (!done)
		fail(what);
}

/* Wait until the file path exists, a minute at most. */
static inline void
wait_for(const char *path)
{
	int turns;

	for (turns = 0; access(path, F_OK) == -1; turns++) {
		expect(turns < 6000, path);
		usleep(10000);
	}
}

#endif
