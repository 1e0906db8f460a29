/* SPDX-License-Identifier: MIT */
/*
 * The Test Anything Protocol in a page.  A unit test is a program that calls
 * these functions and returns done_testing().  That is 0 even after failures,
 * since automake reads the lines and would count a non-zero status as one more
 * error.
 *
 * After these come a few tools: to run a function in a child, to capture the
 * data that is written to a descriptor, and to make memory scarce.
 */
#ifndef TAP_H
#define TAP_H

#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static int tap_count;

static inline bool
ok(bool passed, const char *name)
{
	printf("%sok %d - %s\n", passed ? "" : "not ", ++tap_count, name);
	fflush(stdout);
	return passed;
}

static inline bool
is_int(long long got, long long want, const char *name)
{
	bool passed = ok(got == want, name);

	if (!passed)
		printf("# got %lld, want %lld\n", got, want);
	fflush(stdout);
	return passed;
}

static inline bool
is_str(const char *got, const char *want, const char *name)
{
	bool same = got == want ||
	    (got != NULL && want != NULL && strcmp(got, want) == 0);
	bool passed = ok(same, name);

	if (!passed)
		printf("# got '%s', want '%s'\n", got ? got : "(null)",
		    want ? want : "(null)");
	fflush(stdout);
	return passed;
}

static inline bool
is_mem(const void *got, size_t got_size, const void *want, size_t want_size,
    const char *name)
{
	bool passed = ok(got_size == want_size &&
	    (want_size == 0 || memcmp(got, want, want_size) == 0), name);

	if (!passed)
		printf("# got %zu bytes, want %zu\n", got_size, want_size);
	fflush(stdout);
	return passed;
}

static inline void
skip(const char *name, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++tap_count, name, why);
	fflush(stdout);
}

/* A case that other builds, or runs without a checker, show: not counted. */
static inline void
elsewhere(const char *name, const char *why)
{
	printf("# elsewhere: %s (%s)\n", name, why);
	fflush(stdout);
}

static inline int
done_testing(void)
{
	printf("1..%d\n", tap_count);
	return 0;
}

/* Unless done, give up: a test that cannot be set up shows nothing. */
static inline void
need(bool done, const char *what)
{
	if (done)
		return;
	printf("Bail out! %s: %s\n", what, strerror(errno));
	fflush(stdout);
	_exit(1);
}

/* Start a child that exits with what function returns; its pid. */
static inline pid_t
start_child(int (*function)(void *), void *argument)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	need(pid != -1, "fork");
	if (pid == 0) {
		alarm(60);
		_exit(function(argument));
	}
	return pid;
}

/* The wait status of such a child. */
static inline int
run_child(int (*function)(void *), void *argument)
{
	pid_t pid = start_child(function, argument);
	int status;

	while (waitpid(pid, &status, 0) == -1)
		need(errno == EINTR, "waitpid");
	return status;
}

/* Whether valgrind runs us: it has limits, signals, descriptors of its own. */
static inline bool
is_under_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload != NULL && strstr(preload, "vgpreload") != NULL;
}

/* Whether an emulator runs us, some ten times as slowly: see tests/machine. */
static inline bool
is_emulated(void)
{
	return getenv("MACHINE_LACKS") != NULL;
}

/* Whether the emulator that runs us lacks the fact. */
static inline bool
lacks(const char *fact)
{
	const char *lacking = getenv("MACHINE_LACKS");
	const char *found = lacking == NULL ? NULL : strstr(lacking, fact);

	return found != NULL && (found == lacking || found[-1] == ' ') &&
	    strchr(" ", found[strlen(fact)]) != NULL;
}

/* Run function in a child, which must exit 0; not under valgrind. */
static inline void
passes_bare(int (*function)(void *), void *argument, const char *name)
{
	if (is_under_valgrind())
		elsewhere(name, "valgrind");
	else
		is_int(run_child(function, argument), 0, name);
}

/* Run function in a child: it must exit 0, or 77 to skip the case for why. */
static inline void
passes_or_skips(int (*function)(void *), void *argument, const char *name,
    const char *why)
{
	int status = run_child(function, argument);

	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip(name, why);
	else
		is_int(status, 0, name);
}

/*
 * For a function that run_child() calls: unless question is true, print it and
 * fail.
 */
#define ASK(question) do { \
	if (!(question)) { \
		fprintf(stderr, "# no: %s\n", #question); \
		return 1; \
	} \
} while (0)

/* The data written to fd between begin and end, and the number of writes. */
struct capture {
	int fd;
	int saved;
	int reader;
	int writes;
	size_t size;
	char text[8192];
};

static inline void
capture_begin(struct capture *capture, int fd)
{
	int ends[2];

	fflush(stdout);
	/* A write is a message, so that they can be counted. */
	need(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) == 0,
	    "socketpair");
	*capture = (struct capture){ .fd = fd };
	capture->reader = fcntl(ends[0], F_DUPFD_CLOEXEC, 100);
	capture->saved = fcntl(fd, F_DUPFD_CLOEXEC, 100);
	need(capture->reader != -1 && dup2(ends[1], fd) == fd, "dup2");
	close(ends[0]);
	close(ends[1]);
}

static inline void
capture_end(struct capture *capture)
{
	size_t room;
	ssize_t got;

	fflush(stdout);
	for (;;) {
		room = sizeof(capture->text) - 1 - capture->size;
		got = recv(capture->reader, capture->text + capture->size,
		    room, MSG_DONTWAIT);
		if (got == -1)
			break;
		capture->size += (size_t)got;
		capture->writes++;
	}
	close(capture->reader);
	close(capture->fd);
	if (capture->saved != -1) {
		dup2(capture->saved, capture->fd);
		close(capture->saved);
	}
}

/* Open a terminal: its master in *master, or -1.  Returns the slave, or -1. */
static inline int
open_pty(int *master)
{
	*master = posix_openpt(O_RDWR | O_NOCTTY);
	if (*master == -1 || grantpt(*master) == -1 || unlockpt(*master) == -1)
		return -1;
	return open(ptsname(*master), O_RDWR | O_NOCTTY);
}

/*
 * The same of a terminal in raw mode whose master has no room and does not
 * block.  The kernel moves what is written to the slave some time later, so
 * there is room again until the slave has 4095 bytes [Linux: N_TTY_BUF_SIZE].
 */
static inline int
open_full_pty(int *master)
{
	int slave = open_pty(master);
	struct termios modes;
	int size, turns;

	if (slave == -1)
		return -1;
	need(tcgetattr(slave, &modes) == 0, "tcgetattr");
	cfmakeraw(&modes);
	need(tcsetattr(slave, TCSANOW, &modes) == 0, "tcsetattr");
	need(fcntl(*master, F_SETFL, O_NONBLOCK) == 0, "O_NONBLOCK");
	for (turns = 0; turns < 10000; turns++) {
		while (write(*master, "xxxxxxxx", 8) > 0)
			;
		if (ioctl(slave, FIONREAD, &size) == 0 && size == 4095)
			break;
		(void)poll(NULL, 0, 1);
	}
	while (write(*master, "xxxxxxxx", 8) > 0)
		;
	return slave;
}

/* Open both ends of a FIFO, which nothing else can open. */
static inline void
open_fifo(int ends[2])
{
	char directory[] = "/tmp/sockpair-unit.XXXXXX";
	char path[40];

	need(mkdtemp(directory) != NULL, "mkdtemp");
	snprintf(path, sizeof(path), "%s/fifo", directory);
	need(mkfifo(path, 0600) == 0, "mkfifo");
	ends[0] = open(path, O_RDONLY | O_NONBLOCK);
	ends[1] = open(path, O_WRONLY);
	need(ends[0] != -1 && ends[1] != -1 &&
	    fcntl(ends[0], F_SETFL, 0) == 0, "open FIFO");
	unlink(path);
	rmdir(directory);
}

/* How many descriptors are open. */
static inline int
count_descriptors(void)
{
	int count = 0;
	int fd;

	for (fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) != -1;
	return count;
}

/*
 * Whether RLIMIT_AS can make memory scarce: sanitizers and valgrind need memory
 * of their own, and qemu's user mode sets no such limit.
 */
static inline bool
can_limit_memory(void)
{
#if defined __SANITIZE_ADDRESS__
	return false;
#elif defined __has_feature
#if __has_feature(address_sanitizer)
	return false;
#endif
#endif
	return !is_under_valgrind() && !lacks("memory-limit");
}

/*
 * Let this process map no more memory.  The limit is a soft one: whatever
 * measures coverage lifts it to write what it has counted.
 */
static inline void
forbid_memory(void)
{
	struct rlimit limit;

	need(getrlimit(RLIMIT_AS, &limit) == 0, "getrlimit");
	limit.rlim_cur = 0;
	need(setrlimit(RLIMIT_AS, &limit) == 0, "setrlimit");
}

/* Allocate all memory that malloc(3) can give. */
static inline void
use_up_memory(void)
{
	void *volatile taken;	/* or the compiler would know better */
	size_t size;

	forbid_memory();
	for (size = 1 << 20; size > 0; size /= 2)
		do {
			taken = malloc(size);
		} while (taken != NULL);
}

#endif
