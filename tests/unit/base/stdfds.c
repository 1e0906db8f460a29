/* SPDX-License-Identifier: MIT */
/* Descriptors 0 to 2, each open or closed on entry. */
#include "config.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include "base/stdfds.h"
#include "tap.h"

static bool
is_null(int fd)
{
	struct stat null, status;

	return stat("/dev/null", &null) == 0 && fstat(fd, &status) == 0 &&
	    S_ISCHR(status.st_mode) && status.st_rdev == null.st_rdev;
}

/*
 * Open 0 to 2 as pipe ends, and close those in the bits of *argument.
 * Returns 0, or the number of the first question with a wrong answer.
 */
static int
hold(void *argument)
{
	int bits = *(const int *)argument;
	struct stdfds stdfds;
	int ends[2];
	bool closed;
	int flags;
	int fd;

	if (pipe(ends) == -1)
		return 1;
	for (fd = 0; fd < 3; fd++)
		if (dup2(ends[1], fd) == -1)
			return 1;
	for (fd = 0; fd < 3; fd++)
		if (bits & 1 << fd)
			close(fd);
	memset(&stdfds, 1, sizeof(stdfds));
	if (stdfds_hold(&stdfds) != 0)
		return 2;
	for (fd = 0; fd < 3; fd++) {
		closed = bits & 1 << fd;
		flags = fcntl(fd, F_GETFD);
		if (stdfds.closed[fd] != closed)
			return 3;
		if (flags == -1 || is_null(fd) != closed)
			return 4;
		if (((flags & FD_CLOEXEC) != 0) != closed)
			return 5;
		if (closed && (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDWR)
			return 6;
	}
	return open("/dev/null", O_RDONLY) > 2 ? 0 : 7;
}

/* Nothing may be opened. */
static int
hold_nothing(void *argument)
{
	struct rlimit none = { 0, 0 };
	struct stdfds stdfds;

	(void)argument;
	close(1);
	setrlimit(RLIMIT_NOFILE, &none);
	return stdfds_hold(&stdfds) == -1 && errno == EMFILE ? 0 : 1;
}

/* One may be opened, and two are closed. */
static int
hold_some(void *argument)
{
	struct rlimit limit = { 1, 1 };
	struct stdfds stdfds;

	(void)argument;
	close(0);
	close(1);
	setrlimit(RLIMIT_NOFILE, &limit);
	return stdfds_hold(&stdfds) == -1 && errno == EMFILE &&
	    stdfds.closed[0] && is_null(0) ? 0 : 1;
}

/* poll(2) takes one that only stands for a place for closed. */
static int
hold_place(void *argument)
{
	struct stdfds stdfds;

	(void)argument;
	close(0);
#ifdef O_PATH
	if (open("/", O_PATH) != 0)
		return 1;
#else
	if (open("/", O_RDONLY) != 0)
		return 1;
#endif
	return stdfds_hold(&stdfds) == 0 && !stdfds.closed[0] && !is_null(0) ?
	    0 : 2;
}

/* Whoever reads what we wrote to sees its end, once we have let go. */
static int
release(void *argument)
{
	int ends[2];
	char byte;

	(void)argument;
	ASK(pipe2(ends, O_CLOEXEC) == 0);
	ASK(dup2(ends[1], STDIN_FILENO) == STDIN_FILENO &&
	    dup2(ends[1], STDOUT_FILENO) == STDOUT_FILENO);
	close(ends[1]);
	stdfds_release();
	ASK(is_null(STDIN_FILENO) && is_null(STDOUT_FILENO));
	ASK(read(ends[0], &byte, 1) == 0);
	return 0;
}

int
main(void)
{
	char title[80];
	int bits;

	for (bits = 0; bits < 8; bits++) {
		snprintf(title, sizeof(title), "closed on entry:%s%s%s%s",
		    bits == 0 ? " none" : "", bits & 1 ? " 0" : "",
		    bits & 2 ? " 1" : "", bits & 4 ? " 2" : "");
		is_int(run_child(hold, &bits), 0, title);
	}
	is_int(run_child(hold_place, NULL), 0,
	    "one that only stands for a place is open");
	is_int(run_child(release, NULL), 0,
	    "standard input and output are let go");
	passes_bare(hold_nothing, NULL,
	    "without a descriptor to be had it fails");
	passes_bare(hold_some, NULL,
	    "what was held before the failure stays held");
	return done_testing();
}
