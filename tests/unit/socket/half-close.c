/* SPDX-License-Identifier: MIT */
/* Which descriptors can be half-closed, and what the socket can still do. */
#include "config.h"

#include <sys/socket.h>

#include <netinet/in.h>

#include <fcntl.h>
#include <unistd.h>

#include "socket/half-close.h"
#include "tap.h"

static bool refuses_shutdown;

int __real_shutdown(int, int);
int __wrap_shutdown(int, int);

/* ld --wrap: a family of sockets may not know it. */
int
__wrap_shutdown(int fd, int how)
{
	if (!refuses_shutdown)
		return __real_shutdown(fd, how);
	errno = EOPNOTSUPP;
	return -1;
}

static void
make_pair(int type, int ends[2])
{
	need(socketpair(AF_UNIX, type, 0, ends) == 0, "socketpair");
}

static void
close_pair(const int ends[2])
{
	close(ends[0]);
	close(ends[1]);
}

/* What half_close() prints for fd; it returns -1. */
static void
is_refused(int fd, const char *reason, const char *name)
{
	struct capture lines;
	char want[100];
	int result;

	capture_begin(&lines, STDERR_FILENO);
	result = half_close(fd);
	capture_end(&lines);
	snprintf(want, sizeof(want),
	    "sockpair: cannot half-close descriptor %d: %s\n", fd, reason);
	ok(result == -1, name);
	is_str(lines.text, want, "with a message");
}

static void
test_ends(int type, const char *name)
{
	int ends[2];
	int copy;
	char title[100];
	char byte;

	make_pair(type, ends);
	copy = dup(ends[0]);
	need(copy != -1 && send(ends[0], "a", 1, 0) == 1, "send");
	snprintf(title, sizeof(title), "%s: one direction ends", name);
	is_int(half_close(copy), 0, title);
	close(copy);
	snprintf(title, sizeof(title), "%s: after what was sent", name);
	ok(recv(ends[1], &byte, 1, MSG_DONTWAIT) == 1 &&
	    recv(ends[1], &byte, 1, MSG_DONTWAIT) == 0, title);
	snprintf(title, sizeof(title), "%s: for every holder", name);
	ok(send(ends[0], "a", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE,
	    title);
	snprintf(title, sizeof(title), "%s: the answer still comes", name);
	ok(send(ends[1], "b", 1, MSG_NOSIGNAL) == 1 &&
	    recv(ends[0], &byte, 1, MSG_DONTWAIT) == 1 && byte == 'b', title);
	snprintf(title, sizeof(title), "%s: it may be done again", name);
	is_int(half_close(ends[0]), 0, title);
	close(ends[1]);
	snprintf(title, sizeof(title), "%s: or when the peer has gone", name);
	is_int(half_close(ends[0]), 0, title);
	close(ends[0]);
}

/* A connection over TCP whose peer has reset it; or -1. */
static int
make_reset(void)
{
	const struct linger none = { .l_onoff = 1, .l_linger = 0 };
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int ours = socket(AF_INET, SOCK_STREAM, 0);
	int theirs;
	char byte;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (listener == -1 || ours == -1 || bind(listener,
	    (struct sockaddr *)&address, sizeof(address)) == -1 ||
	    getsockname(listener, (struct sockaddr *)&address, &size) == -1 ||
	    listen(listener, 1) == -1 ||
	    connect(ours, (struct sockaddr *)&address, size) == -1 ||
	    (theirs = accept(listener, NULL, NULL)) == -1) {
		close(listener);
		close(ours);
		return -1;
	}
	close(listener);
	setsockopt(theirs, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(theirs);
	need(recv(ours, &byte, 1, 0) == -1 && errno == ECONNRESET, "a reset");
	return ours;
}

static void
test_reset(void)
{
	static const char name[] = "nor is a reset connection an error";
	int fd = make_reset();

	if (fd == -1) {
		skip(name, "no network");
		return;
	}
	is_int(half_close(fd), 0, name);
	close(fd);
}

static void
test_refused(void)
{
	int ends[2];
	int file;

	make_pair(SOCK_STREAM, ends);
	refuses_shutdown = true;
	is_refused(ends[0], strerror(EOPNOTSUPP),
	    "a socket that has no half-close is refused");
	refuses_shutdown = false;
	close_pair(ends);
	make_pair(SOCK_DGRAM, ends);
	is_refused(ends[0], "a datagram socket has no end of file",
	    "datagrams have no end");
	close_pair(ends);
	is_refused(ends[0], strerror(EBADF), "a closed descriptor is refused");
	need(pipe(ends) == 0, "pipe");
	is_refused(ends[1], strerror(ENOTSOCK), "so is a pipe");
	close_pair(ends);
	file = open("/dev/null", O_RDWR);
	need(file != -1, "open");
	is_refused(file, strerror(ENOTSOCK), "and any other file");
	close(file);
}

int
main(void)
{
	test_ends(SOCK_STREAM, "stream");
	test_ends(SOCK_SEQPACKET, "seqpacket");
	test_reset();
	test_refused();
	return done_testing();
}
