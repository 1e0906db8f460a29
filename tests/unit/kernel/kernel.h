/* SPDX-License-Identifier: MIT */
/*
 * What Linux does that src/ relies on: a function for each fact, in a table at
 * the end of each file.  A comment in src/ cites a fact by the function's name.
 * The functions call nothing of src/.  If one fails, the kernel differs from
 * the one that the code was written for.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <sys/mman.h>
#include <sys/utsname.h>

#include <poll.h>
#include <time.h>

#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* What a check returns if it can neither confirm nor refute the fact here. */
#define UNKNOWN 77

struct fact {
	int (*check)(void);	/* in a child: 0, it holds; 1; or UNKNOWN */
	const char *name;
	const char *sentence;
};

#define FACT(function, sentence) { function, #function, sentence }

#define REASON_MAX 200

/* Shared with the child: why the result is UNKNOWN. */
static char *fact_reason;

static inline int
unknown(const char *reason)
{
	snprintf(fact_reason, REASON_MAX, "%s", reason);
	return UNKNOWN;
}

/* Why this is not the kernel that it says it is, or NULL. */
static inline const char *
why_not_linux(void)
{
	struct utsname name;

	need(uname(&name) == 0, "uname");
	/* gVisor says that it is Linux, with a date that no kernel has. */
	if (strstr(name.release, "gvisor") != NULL ||
	    strstr(name.version, "Sun Jan 10 15:06:54 PST 2016") != NULL)
		return "gVisor is not Linux";
	return NULL;
}

static inline int
call_check(void *fact)
{
	return ((const struct fact *)fact)->check();
}

static inline void
check_fact(struct fact *fact, const char *why_not)
{
	char title[REASON_MAX];
	int status;

	snprintf(title, sizeof(title), "%s: %s", fact->name, fact->sentence);
	if (is_under_valgrind()) {
		elsewhere(title, "valgrind");
		return;
	}
	if (why_not != NULL) {
		skip(title, why_not);
		return;
	}
	status = run_child(call_check, fact);
	if (WIFEXITED(status) && WEXITSTATUS(status) == UNKNOWN)
		skip(title, fact_reason);
	else
		is_int(status, 0, title);
}

static inline int
check_facts(struct fact *facts, size_t count)
{
	const char *why_not = why_not_linux();
	size_t i;

	fact_reason = mmap(NULL, REASON_MAX, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	need(fact_reason != MAP_FAILED, "mmap");
	/* Whatever our caller ignores: a child is found, an alarm ends it. */
	signal(SIGCHLD, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	for (i = 0; i < count; i++)
		check_fact(&facts[i], why_not);
	return done_testing();
}

/* A new regular file that has no name any more, and what that was. */
static inline int
open_unnamed(char *path, size_t size)
{
	const char *directory = getenv("TMPDIR");
	int fd;

	snprintf(path, size, "%s/kernel.XXXXXX",
	    directory != NULL ? directory : "/tmp");
	fd = mkstemp(path);
	need(fd != -1 && unlink(path) == 0, "mkstemp");
	return fd;
}

/* What poll(2) says of fd now. */
static inline short
poll_now(int fd, short events)
{
	struct pollfd slot = { .fd = fd, .events = events };

	need(poll(&slot, 1, 0) != -1, "poll");
	return slot.revents;
}

/* The errno of a call that must fail, or 0 if it has not. */
static inline int
error_of(ssize_t result)
{
	return result == -1 ? errno : 0;
}

/* A little time, in which nothing is to happen, or between two looks. */
static inline void
pause_ms(long milliseconds)
{
	const struct timespec pause = { 0, milliseconds * 1000000 };

	nanosleep(&pause, NULL);
}

/* The state of process pid, as proc(5) has it; or 0. */
static inline char
state_of(pid_t pid)
{
	char path[40];
	char text[400];
	const char *name_end;
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return 0;
	size = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (size <= 0)
		return 0;
	text[size] = '\0';
	name_end = strrchr(text, ')');
	return name_end == NULL || strlen(name_end) < 3 ? '\0' : name_end[2];
}

static inline bool
has_proc(void)
{
	return state_of(getpid()) != 0;
}

/*
 * Start a child that makes one call, by function with argument, and exits with
 * its result.  Returns its pid once the child sleeps, in that call, or -1 if
 * it has ended.
 */
static inline pid_t
start_asleep(int (*function)(int), int argument)
{
	pid_t pid = fork();
	char state;

	need(pid != -1, "fork");
	if (pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		alarm(50);
		_exit(function(argument));
	}
	while ((state = state_of(pid)) != 'S') {
		if (state == 'Z' || state == 0)
			return -1;
		pause_ms(1);
	}
	return pid;
}

static inline int
await_end(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) == -1)
		need(errno == EINTR, "waitpid");
	return status;
}

/* Whether it sleeps on, as far as can be seen in a tenth of a second. */
static inline bool
sleeps_on(pid_t pid)
{
	pause_ms(100);
	return waitpid(pid, NULL, WNOHANG) == 0;
}

/* The wait status of an exit with code. */
static inline int
exit_with(int code)
{
	return code << 8;
}

#endif
