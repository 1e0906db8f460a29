/* SPDX-License-Identifier: MIT */
/*
 * tests/coverage includes this before every source file, so that processes that
 * end without exit(3) write their counts, too.  gcc does that itself for exec
 * and fork(2), not for vfork(2).
 */
#ifndef COVERAGE_H
#define COVERAGE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/resource.h>
#include <sys/types.h>

#include <signal.h>
#include <unistd.h>

void __gcov_dump(void);
void __gcov_reset(void);

/*
 * Some tests take memory and descriptors away from a process, which libgcov
 * needs.  Only root can have them back; others lose these counts.
 */
static inline _Noreturn void
coverage_exit(int status)
{
	const struct rlimit memory = { RLIM_INFINITY, RLIM_INFINITY };
	const struct rlimit files = { 1024, 1024 };

	if (setrlimit(RLIMIT_AS, &memory) == 0 &&
	    setrlimit(RLIMIT_NOFILE, &files) == 0)
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

/*
 * The child counts in our memory, and writes these counts before its exec or
 * _exit.  libgcov then writes nothing more until a reset.
 */
#define vfork() __extension__ ({ \
	__gcov_dump(); \
	__gcov_reset(); \
	pid_t coverage_pid = vfork(); \
	if (coverage_pid > 0) \
		__gcov_reset(); \
	coverage_pid; \
})
#define _exit coverage_exit
#define raise coverage_raise

#endif
