/* SPDX-License-Identifier: MIT */
/*
 * For tests/inject: a shared object that is loaded before the C library
 * (LD_PRELOAD) into sockpair and sockplay, and makes one of their calls fail.
 * These are the calls that strace(1) cannot disturb: allocations; close(2),
 * which must close the descriptor although it fails; and what the child of
 * vfork(2) calls, which strace counts like the calls of its parent.
 *
 * INJECT=PLACE:FUNCTION:NUMBER:ERROR[+]
 *	Call NUMBER of FUNCTION, counted from 1, fails with ERROR, a number;
 *	with +, all later ones do, too.  PLACE is p, the program, or c, its
 *	children before exec.  FUNCTION is memory for all allocations.
 *
 * INJECT_LOG=FILE
 *	Each call is appended as a line: PLACE, FUNCTION, the caller's place in
 *	the program's file, or 0 if that is a library, and "failed" if we made
 *	it fail.
 *
 * In other programs, which inherit the environment, nothing is done.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool active;
static pid_t program;
static uintptr_t base, end;	/* of the program in memory */

static char place;		/* of the call that is to fail */
static char function[32];
static unsigned long number;	/* how many calls are left up to it */
static int failure;
static bool for_good;
static const char *log_file;

static int
find_program(struct dl_phdr_info *info, size_t size, void *data)
{
	int i;

	(void)size;
	(void)data;
	base = info->dlpi_addr;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uintptr_t last = base + header->p_vaddr + header->p_memsz;

		if (header->p_type == PT_LOAD && last > end)
			end = last;
	}
	return 1;		/* the first is the program */
}

__attribute__((constructor)) static void
begin(void)
{
	const char *name = program_invocation_short_name;
	const char *text = getenv("INJECT");
	char more = '\0';

	if (strcmp(name, "sockpair") != 0 && strcmp(name, "sockplay") != 0)
		return;
	if (text != NULL && sscanf(text, "%c:%31[^:]:%lu:%d%c", &place,
	    function, &number, &failure, &more) >= 4)
		for_good = more == '+';
	log_file = getenv("INJECT_LOG");
	dl_iterate_phdr(find_program, NULL);
	program = (pid_t)syscall(SYS_getpid);
	active = true;
}

static void
write_line(char where, const char *name, const void *caller, bool failed)
{
	uintptr_t at = (uintptr_t)caller;
	char line[100];
	long fd;
	int size;

	size = snprintf(line, sizeof(line), "%c %s %lx%s\n", where, name,
	    at >= base && at < end ? (unsigned long)(at - base) : 0,
	    failed ? " failed" : "");
	fd = syscall(SYS_openat, AT_FDCWD, log_file,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (fd == -1)
		return;
	syscall(SYS_write, fd, line, size);
	syscall(SYS_close, fd);
}

/* Whether this call of name, in the function that contains it, fails now. */
static bool
fails(const char *name, const void *caller)
{
	bool now = false;
	char where;

	if (!active)
		return false;
	where = syscall(SYS_getpid) == program ? 'p' : 'c';
	if (where == place && number > 0 && strcmp(name, function) == 0) {
		now = number == 1;
		if (!now || !for_good)
			number--;
	}
	if (log_file != NULL) {
		int saved_errno = errno;

		write_line(where, name, caller, now);
		errno = saved_errno;
	}
	if (now)
		errno = failure;
	return now;
}

#define FAILS(name) fails(name, __builtin_return_address(0))

/* The functions of that name in the C library. */
#define REAL(type, name, parameters) \
	static type (*real)parameters; \
	if (real == NULL) \
		*(void **)&real = dlsym(RTLD_NEXT, #name)

/* --- allocations: those of the C library have names of their own, too --- */

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);

void *
malloc(size_t size)
{
	return FAILS("memory") ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	return FAILS("memory") ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *data, size_t size)
{
	return FAILS("memory") ? NULL : __libc_realloc(data, size);
}

char *
strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = FAILS("memory") ? NULL : __libc_malloc(size);

	return copy == NULL ? NULL : memcpy(copy, text, size);
}

int
setenv(const char *name, const char *value, int overwrite)
{
	REAL(int, setenv, (const char *, const char *, int));
	return FAILS("memory") ? -1 : real(name, value, overwrite);
}

int
putenv(char *text)
{
	REAL(int, putenv, (char *));
	return FAILS("memory") ? -1 : real(text);
}

void *
mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	REAL(void *, mmap, (void *, size_t, int, int, int, off_t));
	return FAILS("memory") ? MAP_FAILED :
	    real(at, size, protection, flags, fd, offset);
}

/* --- what is closed all the same --- */

int
close(int fd)
{
	bool failed = FAILS("close");
	int saved_errno = errno;
	int result = (int)syscall(SYS_close, fd);

	if (!failed)
		return result;
	errno = saved_errno;
	return -1;
}

/* --- what a child calls; the program's own are disturbed by strace --- */

#define WRAP(type, name, parameters, arguments) \
	type \
	name parameters \
	{ \
		REAL(type, name, parameters); \
		return FAILS(#name) ? -1 : real arguments; \
	}

WRAP(int, dup2, (int from, int to), (from, to))
WRAP(int, sigaction, (int which, const struct sigaction *action,
    struct sigaction *old), (which, action, old))
WRAP(int, sigprocmask, (int how, const sigset_t *set, sigset_t *old),
    (how, set, old))
WRAP(int, execvp, (const char *file, char *const argv[]), (file, argv))

int
open(const char *path, int flags, ...)
{
	va_list rest;
	unsigned int mode;
	REAL(int, open, (const char *, int, ...));

	va_start(rest, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(rest, unsigned int) : 0;
	va_end(rest);
	return FAILS("open") ? -1 : real(path, flags, mode);
}

int
prctl(int option, ...)
{
	unsigned long arguments[4];
	va_list rest;
	size_t i;
	REAL(int, prctl, (int, ...));

	va_start(rest, option);
	for (i = 0; i < 4; i++)
		arguments[i] = va_arg(rest, unsigned long);
	va_end(rest);
	return FAILS("prctl") ? -1 : real(option, arguments[0], arguments[1],
	    arguments[2], arguments[3]);
}
