/* SPDX-License-Identifier: MIT */
/*
 * What a fuzz target is: a function that is given any bytes at all, and calls
 * abort(3) if what should hold does not.  Linked with libFuzzer
 * (https://llvm.org/docs/LibFuzzer.html) it searches for such bytes; linked
 * with replay.c it is a test of the files in its corpus.
 */
#ifndef TARGET_H
#define TARGET_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Returns 0.  data is borrowed, and must not be looked at past size bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Unless question is true, print what does not hold, and abort. */
__attribute__((format(printf, 2, 3)))
static inline void
hold(bool question, const char *what, ...)
{
	va_list arguments;

	if (question)
		return;
	va_start(arguments, what);
	fputs("this does not hold: ", stderr);
	vfprintf(stderr, what, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	abort();
}

#endif
