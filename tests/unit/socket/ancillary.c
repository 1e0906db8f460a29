/* SPDX-License-Identifier: MIT */
/*
 * Descriptors on their way: taken, passed on, refused, and never leaked.
 */
#include "config.h"

#include <sys/stat.h>

#include "socket/ancillary.h"
#include "transfer/endpoint.h"
#include "tap.h"

static int ends[2];
static int next[2];
static struct ancillary ancillary;

/* Send a byte with count descriptors of the file behind fd. */
static void
send_set(int fd, unsigned int count)
{
	struct ancillary set = { .count = count };
	union ancillary_room room;
	struct iovec iov = { (char[]){ "x" }, 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	unsigned int i;

	for (i = 0; i < count; i++)
		set.fds[i] = fd;
	ancillary_attach(&set, &room, &message);
	need(sendmsg(ends[1], &message, 0) == 1, "sendmsg");
}

/* Receive it into ancillary; returns the flags. */
static int
take(int fd)
{
	union ancillary_room room;
	char bytes[10];
	struct iovec iov = { bytes, sizeof(bytes) };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

	ancillary_expect(&room, &message);
	need(recvmsg(fd, &message, ANCILLARY_FLAGS) > 0, "recvmsg");
	ancillary_take(&ancillary, &message);
	return message.msg_flags;
}

/* Send on what ancillary has. */
static void
pass_on(void)
{
	union ancillary_room room;
	struct iovec iov = { (char[]){ "y" }, 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };

	ancillary_attach(&ancillary, &room, &message);
	need(sendmsg(next[0], &message, 0) == 1, "sendmsg");
	ancillary_sent(&ancillary);
}

static bool
is_same_file(int one, int two)
{
	struct stat first, second;

	return fstat(one, &first) == 0 && fstat(two, &second) == 0 &&
	    first.st_ino == second.st_ino && first.st_dev == second.st_dev;
}

static void
test_pass(int type, const char *name)
{
	int pipe_ends[2];
	int before;
	char title[100];

	need(socketpair(AF_UNIX, type, 0, ends) == 0 &&
	    socketpair(AF_UNIX, type, 0, next) == 0 && pipe(pipe_ends) == 0,
	    "pair");
	before = count_descriptors();
	ancillary = (struct ancillary){ .count = 0 };
	send_set(pipe_ends[0], 0);
	take(ends[0]);
	snprintf(title, sizeof(title), "%s: a byte alone brings none", name);
	ok(ancillary.count == 0 && !ancillary.is_new, title);

	send_set(pipe_ends[0], 3);
	take(ends[0]);
	snprintf(title, sizeof(title), "%s: a set is taken", name);
	ok(ancillary.count == 3 && ancillary.is_new &&
	    is_same_file(ancillary.fds[2], pipe_ends[0]), title);
	pass_on();
	snprintf(title, sizeof(title), "%s: once passed on it is not ours",
	    name);
	ok(ancillary.count == 0 && count_descriptors() == before, title);
	take(next[1]);
	snprintf(title, sizeof(title), "%s: and is somebody else's", name);
	ok(ancillary.count == 3 &&
	    is_same_file(ancillary.fds[0], pipe_ends[0]), title);
	ancillary_refuse(&ancillary, REFUSAL_FAMILY);

	send_set(pipe_ends[0], ANCILLARY_MAX);
	take(ends[0]);
	snprintf(title, sizeof(title), "%s: as many as there can be", name);
	is_int(ancillary.count, ANCILLARY_MAX, title);
	ancillary_refuse(&ancillary, REFUSAL_FAMILY);
	snprintf(title, sizeof(title), "%s: refused, they are closed and "
	    "counted", name);
	ok(ancillary.count == 0 && ancillary.refused == ANCILLARY_MAX + 3 &&
	    count_descriptors() == before, title);

	send_set(pipe_ends[0], 1);
	take(ends[0]);
	send_set(pipe_ends[1], 2);
	take(ends[0]);
	snprintf(title, sizeof(title), "%s: a second set is not merged", name);
	ok(ancillary.count == 1 && ancillary.is_new &&
	    ancillary.refused == ANCILLARY_MAX + 5 &&
	    is_same_file(ancillary.fds[0], pipe_ends[0]), title);
	ancillary_refuse(&ancillary, REFUSAL_FAMILY);
	snprintf(title, sizeof(title), "%s: and none of it stays", name);
	is_int(count_descriptors(), before, title);
	close(ends[0]);
	close(ends[1]);
	close(next[0]);
	close(next[1]);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

/* Under a limit some are installed; no errno tells of the others. */
static int
take_too_many(void *argument)
{
	struct rlimit limit = { (rlim_t)count_descriptors() + 2, 1000 };
	int before = count_descriptors();

	(void)argument;
	need(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
	take(ends[0]);
	return ancillary.count == 0 && ancillary.was_cut &&
	    count_descriptors() == before ? 0 : 1;
}

static void
test_cut(void)
{
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "pair");
	ancillary = (struct ancillary){ .count = 0 };
	send_set(ends[0], 5);
	passes_bare(take_too_many, NULL,
	    "past our limit a set is closed, and noted");
	close(ends[0]);
	close(ends[1]);
}

/* What else may come beside: it is passed over, and what it holds is closed. */
static void
test_others(void)
{
	int on = 1;
	int before;

	need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "pair");
	need(setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0,
	    "SO_PASSCRED");
#ifdef SO_PASSPIDFD
	(void)setsockopt(ends[0], SOL_SOCKET, SO_PASSPIDFD, &on, sizeof(on));
#else
	(void)setsockopt(ends[0], SOL_SOCKET, 76, &on, sizeof(on));
#endif
	ancillary = (struct ancillary){ .count = 0 };
	before = count_descriptors();
	send_set(STDERR_FILENO, ANCILLARY_MAX);
	ok(!(take(ends[0]) & MSG_CTRUNC) && ancillary.count == ANCILLARY_MAX,
	    "credentials and a pidfd leave room for a whole set");
	is_int(count_descriptors(), before + ANCILLARY_MAX, "and leave nothing open");
	ancillary_refuse(&ancillary, REFUSAL_FAMILY);
	close(ends[0]);
	close(ends[1]);
}

static void
test_private(int type, const char *name)
{
	struct endpoint from;
	char title[100];
	size_t moved;
	char byte;

	need(socketpair(AF_UNIX, type, 0, ends) == 0, "pair");
	endpoint_open_inherited(&from, ends[0], ENDPOINT_READ, false, "from");
	ancillary = (struct ancillary){ .count = 0 };
	send_set(STDERR_FILENO, 1);
	snprintf(title, sizeof(title), "%s: no program that we started would "
	    "get what is read", name);
	ok(endpoint_read(&from, &byte, 1, &moved, &ancillary) == IO_MOVED &&
	    ancillary.count == 1 &&
	    fcntl(ancillary.fds[0], F_GETFD) == FD_CLOEXEC, title);
	ancillary_refuse(&ancillary, REFUSAL_TOLD);
	close(ends[0]);
	close(ends[1]);
}

/* Too many are on their way: who still reads is waited for, others 2 s. */
static void
test_too_many(void)
{
	unsigned int tries;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
#ifdef HAVE_LINUX_SOCKIOS_H
	char byte;
#endif

	need(null != -1 && socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0,
	    "pair");
	ancillary = (struct ancillary){ .count = 1, .fds = { null } };
#ifdef HAVE_LINUX_SOCKIOS_H
	need(send(ends[1], "x", 1, 0) == 1, "send");
	for (tries = 0; tries < 2500 && !ancillary_is_refused(&ancillary,
	    ends[1], ETOOMANYREFS); tries++)
		;
	ok(tries == 2500 && ancillary.count == 1,
	    "a set waits while its receiver has something to read");
	need(recv(ends[0], &byte, 1, 0) == 1, "recv");
#else
	skip("a set waits while its receiver has something to read",
	    "the system does not tell");
#endif
	for (tries = 1; tries < 5000 && !ancillary_is_refused(&ancillary,
	    ends[1], ETOOMANYREFS); tries++)
		;
	ok(tries == 2000 && ancillary.count == 0 && ancillary.refused == 1 &&
	    ancillary.refusal == REFUSAL_ERROR &&
	    ancillary.error == ETOOMANYREFS && fcntl(null, F_GETFD) == -1,
	    "and is refused if all was read and it does not help");
	ancillary.fds[0] = dup(STDERR_FILENO);
	ancillary.count = 1;
	ancillary_refuse(&ancillary, REFUSAL_LATE);
	ok(ancillary.refused == 2 && ancillary.refusal == REFUSAL_ERROR,
	    "the reason of the first refusal is kept");
	ok(!ancillary_is_refused(&ancillary, ends[1], EPERM),
	    "without a set there is nothing to refuse");
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	test_pass(SOCK_STREAM, "stream");
	test_pass(SOCK_SEQPACKET, "seqpacket");
	test_pass(SOCK_DGRAM, "dgram");
	test_private(SOCK_STREAM, "stream");
	test_private(SOCK_SEQPACKET, "seqpacket");
	test_private(SOCK_DGRAM, "dgram");
	test_cut();
	test_others();
	test_too_many();
	return done_testing();
}
