/* SPDX-License-Identifier: MIT */
/*
 * tests/coverage lets libgcov call these in place of functions of the C
 * library: what a test does to a process must not reach libgcov, and what
 * libgcov says must not reach a test.
 */
#define _GNU_SOURCE
#include <sys/resource.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>

int __open(const char *path, int flags, ...);
int coverage_open(const char *path, int flags, ...);
int coverage_fprintf(FILE *stream, const char *format, ...);
int coverage_vfprintf(FILE *stream, const char *format, va_list arguments);

/*
 * A process that has no free descriptor borrows one above its soft limit; with
 * a hard limit these counts are lost.
 */
static int
open_above_limit(const char *path, int flags, mode_t mode)
{
	struct rlimit old, all;
	int fd;

	if (getrlimit(RLIMIT_NOFILE, &old) != 0)
		return -1;
	all = old;
	all.rlim_cur = all.rlim_max;
	setrlimit(RLIMIT_NOFILE, &all);
	fd = __open(path, flags, mode);
	/* The command that this process may exec is to have its limit. */
	setrlimit(RLIMIT_NOFILE, &old);
	return fd;
}

/*
 * Not open(2) itself, which some tests replace by one that fails (ld --wrap).
 */
int
coverage_open(const char *path, int flags, ...)
{
	struct rlimit size;
	va_list arguments;
	mode_t mode;
	int fd;

	va_start(arguments, flags);
	mode = va_arg(arguments, mode_t);
	va_end(arguments);
	/* A write beyond this would be a SIGXFSZ. */
	if (getrlimit(RLIMIT_FSIZE, &size) == 0 &&
	    size.rlim_cur != RLIM_INFINITY) {
		errno = EFBIG;
		return -1;
	}
	fd = __open(path, flags, mode);
	if (fd < 0 && errno == EMFILE)
		fd = open_above_limit(path, flags, mode);
	return fd;
}

/* The tests look at standard error. */
int
coverage_fprintf(FILE *stream, const char *format, ...)
{
	(void)stream;
	(void)format;
	return 0;
}

int
coverage_vfprintf(FILE *stream, const char *format, va_list arguments)
{
	(void)stream;
	(void)format;
	(void)arguments;
	return 0;
}
