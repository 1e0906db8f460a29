/* SPDX-License-Identifier: MIT */
/*
 * What an emulator does not do as Linux does.  This is compiled for another
 * machine and run under its emulator, and prints the name of each fact that
 * does not hold there, one a line.  The list tests/machine/cases says which
 * cases rely on which fact.
 */
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* SO_TIMESTAMPNS can be asked for. */
static bool
has_time_marks(void)
{
	int ends[2], on = 1;

	return socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0 &&
	    setsockopt(ends[0], SOL_SOCKET, SO_TIMESTAMPNS, &on,
		sizeof(on)) == 0;
}

/* The kernel gets only as much room for descriptors as was asked for. */
static bool
has_exact_room(void)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(3 * sizeof(int))];
	} out, in;
	int ends[2], i, before = 0, after = 0;
	char byte = 'x';
	struct iovec iov = { &byte, 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = &out, .msg_controllen = sizeof(out) };

	memset(&out, 0, sizeof(out));
	out.header.cmsg_level = SOL_SOCKET;
	out.header.cmsg_type = SCM_RIGHTS;
	out.header.cmsg_len = CMSG_LEN(3 * sizeof(int));
	for (i = 0; i < 3; i++)
		((int *)CMSG_DATA(&out.header))[i] = STDERR_FILENO;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == -1 ||
	    sendmsg(ends[0], &message, 0) != 1)
		return false;
	for (i = 0; i < 64; i++)
		before += fcntl(i, F_GETFD) != -1;
	message.msg_control = &in;
	message.msg_controllen = CMSG_LEN(0);
	(void)recvmsg(ends[1], &message, 0);
	for (i = 0; i < 64; i++)
		after += fcntl(i, F_GETFD) != -1;
	return after == before;
}

/* A socketpair(2) that fails writes numbers all the same. */
static bool
has_failed_pair(void)
{
	int ends[2] = { -1, -1 };

	return socketpair(AF_INET, SOCK_STREAM, 0, ends) == -1 &&
	    ends[0] != -1;
}

/* The child of vfork(2) shares our memory, and we wait for it. */
static bool
has_vfork(void)
{
	static volatile int shared;
	pid_t pid = vfork();

	if (pid == 0) {
		shared = 1;
		_exit(0);
	}
	return pid != -1 && waitpid(pid, NULL, 0) == pid && shared == 1;
}

/* /proc/PID/syscall shows the call in which a process sleeps. */
static bool
has_proc_syscall(void)
{
	char path[64], text[256] = "";
	int input[2], file, turns;
	pid_t pid;

	if (pipe(input) == -1 || (pid = fork()) == -1)
		return false;
	if (pid == 0) {
		close(input[1]);
		_exit(read(input[0], text, 1) != 0);
	}
	snprintf(path, sizeof(path), "/proc/%d/syscall", (int)pid);
	for (turns = 0; turns < 100; turns++) {
		file = open(path, O_RDONLY);
		if (file == -1 || read(file, text, sizeof(text) - 1) <= 0)
			break;
		close(file);
		if (strtol(text, NULL, 10) == SYS_read)
			break;
		usleep(10000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return turns < 100 && strtol(text, NULL, 10) == SYS_read;
}

/* RWF_NOWAIT does not wait for a pipe. */
static bool
has_nowait(void)
{
	int ends[2];
	char byte;
	struct iovec iov = { &byte, 1 };

	return pipe(ends) == 0 && preadv2(ends[0], &iov, 1, -1,
	    RWF_NOWAIT) == -1 && errno == EAGAIN;
}

/* RLIMIT_AS limits the memory that a process can map. */
static bool
has_memory_limit(void)
{
	const struct rlimit none = { 0, 0 };

	return setrlimit(RLIMIT_AS, &none) == 0 &&
	    mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

/* A process that a signal ends writes nothing to standard error. */
static bool
has_quiet_death(void)
{
	const struct rlimit none = { 0, 0 };
	struct pollfd slot = { .events = POLLIN };
	int output[2];
	pid_t pid;
	char byte;

	if (pipe(output) == -1 || (pid = fork()) == -1)
		return false;
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &none);
		dup2(output[1], STDERR_FILENO);
		raise(SIGQUIT);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	close(output[1]);
	slot.fd = output[0];
	return poll(&slot, 1, -1) == 1 && read(output[0], &byte, 1) == 0;
}

/* The last signal can be blocked. */
static bool
has_last_signal(void)
{
	sigset_t all, blocked;

	sigfillset(&all);
	return sigprocmask(SIG_SETMASK, &all, NULL) == 0 &&
	    sigprocmask(SIG_SETMASK, NULL, &blocked) == 0 &&
	    sigismember(&blocked, SIGRTMAX) == 1;
}

/* A process can be asked to become the parent of orphans. */
static bool
has_subreaper(void)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
}

/* A peek without room for any byte asks the kernel. */
static bool
has_empty_peek(void)
{
	struct msghdr message = { .msg_iovlen = 0 };
	int ends[2];

	return socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 &&
	    recvmsg(ends[0], &message, MSG_PEEK | MSG_DONTWAIT) == -1;
}

/* Memory that has been given back is not mapped. */
static bool
has_unmapped(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *data = mmap(NULL, page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return data != MAP_FAILED && munmap(data, page) == 0 &&
	    msync(data, page, MS_ASYNC) == -1;
}

/* The first process of a namespace goes on after a signal of its own. */
static bool
has_immune_init(void)
{
	struct pollfd slot = { .events = POLLIN };
	int output[2];
	bool goes_on;
	pid_t pid;

	if (pipe(output) == -1)
		return false;
	if (unshare(CLONE_NEWPID) == -1 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWPID) == -1)
		return true;	/* and the tests cannot have one either */
	pid = fork();
	if (pid == 0) {
		raise(SIGTERM);
		_exit(write(output[1], "x", 1) != 1);
	}
	slot.fd = output[0];
	/* qemu waits for the signal to end it, which it never does. */
	goes_on = pid != -1 && poll(&slot, 1, 5000) == 1;
	if (pid != -1) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return goes_on;
}

/* An eventfd gets the same number by writev(2) as by write(2). */
static bool
has_eventfd_order(void)
{
	uint64_t number = 1, got = 0;
	struct iovec iov = { &number, sizeof(number) };
	int fd = eventfd(0, 0);

	return writev(fd, &iov, 1) == sizeof(number) &&
	    read(fd, &got, sizeof(got)) == sizeof(got) && got == number;
}

/* A long has 64 bits. */
static bool
has_wide_long(void)
{
	return sizeof(long) == 8;
}

static const struct {
	const char *name;
	bool (*holds)(void);
} facts[] = {
	{ "empty-peek", has_empty_peek },
	{ "eventfd-order", has_eventfd_order },
	{ "exact-room", has_exact_room },
	{ "failed-pair", has_failed_pair },
	{ "immune-init", has_immune_init },
	{ "last-signal", has_last_signal },
	{ "memory-limit", has_memory_limit },
	{ "nowait", has_nowait },
	{ "proc-syscall", has_proc_syscall },
	{ "quiet-death", has_quiet_death },
	{ "subreaper", has_subreaper },
	{ "time-marks", has_time_marks },
	{ "unmapped", has_unmapped },
	{ "vfork", has_vfork },
	{ "wide-long", has_wide_long },
};

int
main(void)
{
	size_t i;
	int status;
	pid_t pid;

	/* Each in a child: some change limits, and one may end or hang. */
	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		pid = fork();
		if (pid == -1)
			return 1;
		if (pid == 0) {
			alarm(20);
			_exit(facts[i].holds() ? 0 : 1);
		}
		if (waitpid(pid, &status, 0) != pid)
			return 1;
		if (status != 0) {
			puts(facts[i].name);
			fflush(stdout);
		}
	}
	return 0;
}
