/* SPDX-License-Identifier: MIT */
/*
 * For tests/coverage, which puts it before every file: processes that end
 * without exit(3) leave their counts all the same.  exec and fork see to
 * themselves.
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
