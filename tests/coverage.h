/* SPDX-License-Identifier: MIT */
/*
 * tests/coverage includes this before every source file, so that processes that
 * end without exit(3) write their counts, too.  gcc does that itself for exec
 * and fork.
 */
#ifndef COVERAGE_H
#define COVERAGE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/types.h>

#include <signal.h>
#include <unistd.h>

void __gcov_dump(void);
void __gcov_reset(void);

static inline _Noreturn void
coverage_exit(int status)
{
	__gcov_dump();
	_exit(status);
}

/* A signal may end us here, or not at all. */
static inline int
coverage_raise(int number)
{
	__gcov_dump();
	__gcov_reset();
	return raise(number);
}

#define _exit coverage_exit
#define raise coverage_raise

#endif
