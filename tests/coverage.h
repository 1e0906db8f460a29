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
 * Some tests limit the memory of a process, which libgcov needs.  A soft limit
 * can be lifted; with a hard one these counts are lost.
 */
static inline _Noreturn void
coverage_exit(int status)
{
	struct rlimit memory;

	if (getrlimit(RLIMIT_AS, &memory) == 0) {
		memory.rlim_cur = memory.rlim_max;
		setrlimit(RLIMIT_AS, &memory);
	}
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
