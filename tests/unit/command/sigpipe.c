/* SPDX-License-Identifier: MIT */
/*
 * Inspect a child that sleeps in some system call, and send it SIGPIPE if that
 * is a write to its end.
 */
#include "config.h"

#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <sched.h>

#include "base/clock.h"
#include "command/sigpipe.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static char block[65536];

#ifdef LINUX_EXTRAS

/* Fork a child that waits for a signal. */
static pid_t
fork_sleeper(void)
{
	pid_t pid = fork();

	need(pid != -1, "fork");
	if (pid == 0) {
		alarm(60);
		for (;;)
			pause();
	}
	return pid;
}

#endif

static void
write_it(int fd)
{
	while (write(fd, block, sizeof(block)) > 0)
		;
}

static void
writev_it(int fd)
{
	struct iovec iov = { block, sizeof(block) };

	while (writev(fd, &iov, 1) > 0)
		;
}

static void
send_it(int fd)
{
	while (send(fd, block, sizeof(block), 0) > 0)
		;
}

static void
send_quietly(int fd)
{
	while (send(fd, block, sizeof(block), MSG_NOSIGNAL) > 0)
		;
}

static void
sendmsg_it(int fd)
{
	struct iovec iov = { block, sizeof(block) };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

	while (sendmsg(fd, &message, 0) > 0)
		;
}

static void
sendmsg_quietly(int fd)
{
	struct iovec iov = { block, sizeof(block) };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

	while (sendmsg(fd, &message, MSG_NOSIGNAL) > 0)
		;
}

static void
sendmmsg_it(int fd)
{
	struct iovec iov = { block, sizeof(block) };
	struct mmsghdr message = { { .msg_iov = &iov, .msg_iovlen = 1 }, 0 };

	while (sendmmsg(fd, &message, 1, 0) > 0)
		;
}

static void
sendfile_it(int fd)
{
	int file = open("/proc/self/exe", O_RDONLY);
	off_t offset;

	do {
		offset = 0;
	} while (sendfile(fd, file, &offset, 8192) > 0);
}

static void
splice_it(int fd)
{
	int ends[2];

	need(pipe(ends) == 0, "pipe");
	while (write(ends[1], block, 4096) > 0 &&
	    splice(ends[0], NULL, fd, NULL, 4096, 0) > 0)
		;
}

static void
write_elsewhere(int fd)
{
	int ends[2];

	(void)fd;
	need(pipe(ends) == 0, "pipe");
	write_it(ends[1]);
}

/* The number is another file now. */
static void
write_replaced(int number)
{
	int ends[2];

	need(pipe(ends) == 0, "pipe");
	dup2(ends[1], number);
	write_it(number);
}

/* The end has another number, too. */
static void
write_duplicate(int number)
{
	write_it(dup(number));
}

static void
read_it(int fd)
{
	(void)!read(fd, block, sizeof(block));
}

/* Returns the letter of the process state in /proc/PID/stat, or '?'. */
static char
state_of(pid_t pid)
{
	char path[40];
	char text[200] = "";
	const char *end;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	file = fopen(path, "r");
	if (file == NULL)
		return '?';
	end = fgets(text, sizeof(text), file) != NULL ?
	    strrchr(text, ')') : NULL;
	fclose(file);
	return end != NULL && end[1] != '\0' ? end[2] : '?';
}

/* Wait until the process has slept for a tenth of a second. */
static void
await_sleep(pid_t pid)
{
	char state = 'R';
	int turns;

	for (turns = 0; turns < 100 && state != '?'; turns++) {
		usleep(1000);
		state = state_of(pid);
		if (state != 'S')
			turns = 0;
	}
}

/*
 * Inspect a child that blocks in block_in().  *signalled is set to whether it
 * was sent SIGPIPE.
 */
static enum activity
inspect_blocked(void (*block_in)(int), bool *signalled)
{
	int number = 9;
	struct fd_list fds = { &number, 1 };
	struct child child = { .fds = &fds };
	struct sigpipe sigpipe;
	struct stat status;
	int ends[2];
	int wait_status;
	enum activity seen;

	need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 &&
	    fstat(ends[1], &status) == 0, "socketpair");
	child.ends[0] = status.st_ino;
	child.pid = fork();
	need(child.pid != -1, "fork");
	if (child.pid == 0) {
		alarm(60);
		dup2(ends[1], number);
		block_in(number);
		_exit(0);
	}
	/* It sleeps in nothing else for so long. */
	await_sleep(child.pid);
	seen = sigpipe_inspect(&child);
	sigpipe_begin(&sigpipe, 0);
	need(sigpipe_send(&sigpipe, &child, 0), "sleeps");
	/* Linux delivers the lower number first, see signal(7): SIGPIPE. */
	kill(child.pid, SIGTERM);
	waitpid(child.pid, &wait_status, 0);
	*signalled = WTERMSIG(wait_status) == SIGPIPE;
	close(ends[0]);
	close(ends[1]);
	return seen;
}

/* The C library of i386 sends by socketcall(2), whose arguments are hidden. */
#ifdef SYS_socketcall
#define HAS_SEND false
#else
#define HAS_SEND true
#endif

/* Whether we can read the system call of a child in /proc. */
static bool
can_see(void)
{
#ifdef LINUX_EXTRAS
	pid_t pid = fork_sleeper();
	char path[40];
	char text[80];
	ssize_t size = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/syscall", (long)pid);
	fd = open(path, O_RDONLY);
	if (fd != -1) {
		size = read(fd, text, sizeof(text));
		close(fd);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return size > 0;
#else
	return false;
#endif
}

static void
test_blocked(void)
{
	static const struct {
		void (*block_in)(int);
		bool writes;
		const char *name;
	} rows[] = {
		{ write_it, true, "write" },
		{ writev_it, true, "writev" },
		{ send_it, HAS_SEND, "send" },
		{ sendmsg_it, HAS_SEND, "sendmsg" },
		{ sendmmsg_it, true, "sendmmsg" },
		{ sendfile_it, true, "sendfile" },
		{ splice_it, true, "splice" },
		{ send_quietly, false, "send without a signal" },
		{ sendmsg_quietly, false, "sendmsg without a signal" },
		{ write_duplicate, true, "write to a duplicate" },
		{ write_elsewhere, false, "write to another file" },
		{ write_replaced, false, "write to a number reused" },
		{ read_it, false, "read" },
	};
	bool sees = can_see();
	bool writes, signalled;
	char title[80];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		writes = rows[i].writes && sees;
		snprintf(title, sizeof(title), "a child asleep in %s counts as "
		    "%s", rows[i].name, writes ? "writing" : "not writing");
		is_int(inspect_blocked(rows[i].block_in, &signalled), writes ?
		    ACTIVITY_WRITING : ACTIVITY_OTHER, title);
		snprintf(title, sizeof(title), "asleep in %s, a child %s "
		    "SIGPIPE", rows[i].name, writes ? "gets" : "gets no");
		is_int(signalled, writes, title);
	}
}

static void
test_running(void)
{
#ifdef LINUX_EXTRAS
	int number = 9;
	struct fd_list fds = { &number, 1 };
	struct child child = { .fds = &fds };
	struct sigpipe sigpipe;
	int status;

	child.pid = fork();
	need(child.pid != -1, "fork");
	if (child.pid == 0)
		for (;;)
			;
	if (can_see()) {
		is_int(sigpipe_inspect(&child), ACTIVITY_RUNNING,
		    "a busy child counts as running");
		child.reaped = true;
		is_int(sigpipe_inspect(&child), ACTIVITY_OTHER,
		    "a reaped child is not inspected");
		child.reaped = false;
		sigpipe_begin(&sigpipe, 0);
		ok(!sigpipe_send(&sigpipe, &child, 1) &&
		    sigpipe.inspect_at > 1,
		    "a running child is inspected again later");
		ok(sigpipe_send(&sigpipe, &child, INT64_C(1000000000)),
		    "a child that runs for a second is given up");
	} else {
		skip("a busy child counts as running", "no /proc/PID/syscall");
		skip("a running child is inspected again later",
		    "no /proc/PID/syscall");
		skip("a child that runs for a second is given up",
		    "no /proc/PID/syscall");
	}
	/* The first signal that ends it counts, though it acts on it later. */
	kill(child.pid, SIGTERM);
	waitpid(child.pid, &status, 0);
	is_int(status, SIGTERM, "a running child gets no SIGPIPE");
#endif
}

#if defined(LINUX_EXTRAS) && defined(MAP_32BIT) && \
    UINTPTR_MAX > UINT32_MAX

static int
write_on_low_stack(void *ends)
{
	alarm(60);
	dup2(((int *)ends)[1], 9);
	write_it(9);
	return 0;
}

/*
 * The kernel numbers the system calls of a program of 32 bits differently.  The
 * stack of such a program is below 4 GiB, and of this child, too.
 */
static void
test_foreign(void)
{
	const char *name = "a number of another ABI is not taken for ours";
	int number = 9;
	struct fd_list fds = { &number, 1 };
	struct child child = { .fds = &fds };
	struct stat status;
	char *stack;
	int ends[2];

	if (is_under_valgrind()) {
		elsewhere(name, "valgrind");
		return;
	}
	stack = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	need(stack != MAP_FAILED && socketpair(AF_UNIX, SOCK_STREAM, 0,
	    ends) == 0 && fstat(ends[1], &status) == 0, "stack");
	child.ends[0] = status.st_ino;
	child.pid = clone(write_on_low_stack, stack + (1 << 20), SIGCHLD, ends);
	need(child.pid != -1, "clone");
	await_sleep(child.pid);
	is_int(sigpipe_inspect(&child), ACTIVITY_OTHER, name);
	kill(child.pid, SIGKILL);
	waitpid(child.pid, NULL, 0);
	munmap(stack, 1 << 20);
	close(ends[0]);
	close(ends[1]);
}

#else

static void
test_foreign(void)
{
}

#endif

int
main(void)
{
	alarm(100);
	test_blocked();
	test_running();
	test_foreign();
	return done_testing();
}
