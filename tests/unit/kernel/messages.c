/* SPDX-License-Identifier: MIT */
/* Unix sockets: how large a message can be, how it is received, its end. */
#include "config.h"

#ifdef __linux__

#include <sys/ioctl.h>
#include <sys/uio.h>

#include <limits.h>

#include "sockets.h"

/* As in src/socket/message.h. */
#define LARGEST 4263616
#define OVERHEAD 32

/* A smaller one for which the kernel needs as much memory in one piece. */
#define NEARLY_LARGEST (3 << 20)

static const int types[] = { SOCK_SEQPACKET, SOCK_DGRAM };

static char block[LARGEST + 1];

/* --- making the pair ------------------------------------------------------ */

static int
failed_pair_numbers(void)
{
	int ends[2] = { -1, -1 };

	/* There is no protocol 2. */
	ASK(error_of(socketpair(AF_UNIX, SOCK_STREAM, 2, ends)) ==
	    EPROTONOSUPPORT);
	ASK(ends[0] != -1 && ends[1] != -1);
	ASK(error_of(fcntl(ends[0], F_GETFD)) == EBADF);
	ASK(error_of(fcntl(ends[1], F_GETFD)) == EBADF);
	return 0;
}

static int
option(int fd, int name)
{
	int value = -1;
	socklen_t size = sizeof(value);

	need(getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0,
	    "getsockopt");
	return value;
}

static int
raw_is_dgram(void)
{
	open_pair(SOCK_RAW);
	ASK(option(ours, SO_TYPE) == SOCK_DGRAM);
	return 0;
}

/* --- buffers -------------------------------------------------------------- */

static bool
set_buffer(int fd, int name, int size)
{
	return setsockopt(fd, SOL_SOCKET, name, &size, sizeof(size)) == 0;
}

static int
buffer_doubled(void)
{
	open_pair(SOCK_STREAM);
	ASK(set_buffer(ours, SO_SNDBUF, 50000));
	ASK(option(ours, SO_SNDBUF) == 100000);
	return 0;
}

static int
buffer_capped(void)
{
	FILE *file = fopen("/proc/sys/net/core/wmem_max", "re");
	long most;

	if (file == NULL)
		return unknown("net.core.wmem_max is not to be seen");
	ASK(fscanf(file, "%ld", &most) == 1);
	fclose(file);
	if (most > INT_MAX / 2)
		return unknown("net.core.wmem_max is above all requests");
	open_pair(SOCK_STREAM);
	ASK(set_buffer(ours, SO_SNDBUF, INT_MAX));
	ASK(option(ours, SO_SNDBUF) == 2 * most);
	return 0;
}

/* The errno of sending size bytes, or 0; they are taken out again. */
static int
try_size(size_t size)
{
	int error = error_of(send(ours, block, size,
	    MSG_DONTWAIT | MSG_NOSIGNAL));

	if (error == 0 && recv(theirs, block, sizeof(block), MSG_TRUNC |
	    MSG_DONTWAIT) != (ssize_t)size)
		return EPROTO;
	return error;
}

static int
sender_limits_size(void)
{
	size_t limit;
	size_t i;

	for (i = 0; i < COUNT(types); i++) {
		open_pair(types[i]);
		ASK(set_buffer(ours, SO_SNDBUF, 40000));
		/* As small as can be. */
		ASK(set_buffer(theirs, SO_RCVBUF, 0));
		limit = (size_t)option(ours, SO_SNDBUF) - OVERHEAD;
		ASK(try_size(limit) == 0);
		ASK(try_size(limit + 1) == EMSGSIZE);
		close_pair();
	}
	return 0;
}

/* The same, while memory in one piece may be short for a moment. */
static int
try_large(size_t size)
{
	int error = ENOBUFS;
	int tries;

	for (tries = 0; tries < 100 && error == ENOBUFS; tries++) {
		pause_ms(tries);
		error = try_size(size);
	}
	return error;
}

static int
largest_message(void)
{
	size_t i;

	if (sysconf(_SC_PAGESIZE) != 4096)
		return unknown("pages are not of 4096 bytes");
	for (i = 0; i < COUNT(types); i++) {
		open_pair(types[i]);
		if (!set_buffer(ours, SO_SNDBUFFORCE, LARGEST))
			ASK(set_buffer(ours, SO_SNDBUF, LARGEST));
		if (option(ours, SO_SNDBUF) < LARGEST + OVERHEAD + 1)
			return unknown("net.core.wmem_max is too small");
		if (try_large(NEARLY_LARGEST) == ENOBUFS)
			return unknown("no 4 MiB of memory in one piece");
		ASK(try_large(LARGEST) == 0);
		ASK(try_size(LARGEST + 1) == ENOBUFS);
		close_pair();
	}
	return 0;
}

static int
unread_one_number(void)
{
	int unread = -1;

	open_pair(SOCK_STREAM);
	ASK(ioctl(ours, TIOCOUTQ, &unread) == 0 && unread == 0);
	ASK(sends(ours, "x"));
	ASK(ioctl(ours, TIOCOUTQ, &unread) == 0 && unread > 0);
	drain(theirs);
	ASK(ioctl(ours, TIOCOUTQ, &unread) == 0 && unread == 0);
	return 0;
}

static int
unread_to_the_last(void)
{
	int unread = -1;
	char byte;

	open_pair(SOCK_STREAM);
	ASK(sends(ours, "abc"));
	ASK(recv(theirs, &byte, 1, MSG_PEEK) == 1);
	ASK(recv(theirs, &byte, 1, 0) == 1 && recv(theirs, &byte, 1, 0) == 1);
	ASK(ioctl(ours, TIOCOUTQ, &unread) == 0 && unread > 0);
	ASK(recv(theirs, &byte, 1, 0) == 1);
	ASK(ioctl(ours, TIOCOUTQ, &unread) == 0 && unread == 0);
	return 0;
}

static int
room_by_message(void)
{
	int before, between, after;
	char data[1000];

	open_pair(SOCK_STREAM);
	ASK(send(ours, block, 1000, 0) == 1000);
	ASK(ioctl(ours, TIOCOUTQ, &before) == 0 && before >= 1000);
	ASK(recv(theirs, data, 999, 0) == 999);
	ASK(ioctl(ours, TIOCOUTQ, &between) == 0 && between == before);
	ASK(recv(theirs, data, 1, 0) == 1);
	ASK(ioctl(ours, TIOCOUTQ, &after) == 0 && after == 0);
	return 0;
}

/* --- receiving ------------------------------------------------------------ */

static int
size_of_cut_message(void)
{
	struct iovec iov = { block, 10 };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	size_t i;

	for (i = 0; i < COUNT(types); i++) {
		open_pair(types[i]);
		ASK(send(theirs, block, 1000, 0) == 1000 && sends(theirs, "2"));
		ASK(recvmsg(ours, &header, MSG_DONTWAIT | MSG_TRUNC) == 1000);
		ASK(header.msg_flags & MSG_TRUNC);
		/* The rest is lost. */
		ASK(receives(ours, "2"));
		close_pair();
	}
	return 0;
}

static int
empty_message(void)
{
	size_t i;

	for (i = 0; i < COUNT(types); i++) {
		open_pair(types[i]);
		ASK(write(theirs, "", 0) == 0 && sends(theirs, "2"));
		ASK(receives(ours, "") && receives(ours, "2"));
		close_pair();
	}
	/* On a stream it is none. */
	open_pair(SOCK_STREAM);
	ASK(write(theirs, "", 0) == 0);
	ASK(poll_now(ours, POLLIN) == 0);
	return 0;
}

static int
peek_leaves_message(void)
{
	size_t i;

	for (i = 0; i < COUNT(types); i++) {
		open_pair(types[i]);
		ASK(error_of(recv(ours, NULL, 0, MSG_DONTWAIT | MSG_PEEK)) ==
		    EAGAIN);
		ASK(sends(theirs, "message"));
		ASK(recv(ours, NULL, 0, MSG_DONTWAIT | MSG_PEEK) == 0);
		ASK(receives(ours, "message"));
		close_pair();
	}
	return 0;
}

/* --- marks: a time stamp that only a message brings ----------------------- */

static int
mark(int fd)
{
	const int on = 1;

	return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
}

/* Receive once; the size, or -1 and errno, and whether a mark came. */
static ssize_t
receive_marked(bool *is_marked)
{
	char data[100];
	/* As large as a mark, and no larger. */
	char control[CMSG_SPACE(sizeof(struct timespec))];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr header = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t got = recvmsg(ours, &header, MSG_DONTWAIT);

	*is_marked = got != -1 && header.msg_controllen > 0 &&
	    (header.msg_flags & MSG_CTRUNC) == 0;
	return got;
}

static int
mark_tells_end(void)
{
	bool is_marked;

	open_pair(SOCK_SEQPACKET);
	ASK(mark(ours) == 0);
	ASK(sends(theirs, "1") && sends(theirs, ""));
	ASK(shutdown(theirs, SHUT_WR) == 0);
	ASK(receive_marked(&is_marked) == 1 && is_marked);
	ASK(receive_marked(&is_marked) == 0 && is_marked);
	ASK(receive_marked(&is_marked) == 0 && !is_marked);
	return 0;
}

static int
late_mark(void)
{
	bool is_marked;

	open_pair(SOCK_SEQPACKET);
	ASK(sends(theirs, "") && sends(theirs, ""));
	ASK(shutdown(theirs, SHUT_WR) == 0);
	ASK(receive_marked(&is_marked) == 0 && !is_marked);
	ASK(mark(ours) == 0);
	ASK(receive_marked(&is_marked) == 0 && is_marked);
	ASK(receive_marked(&is_marked) == 0 && !is_marked);
	return 0;
}

static int
end_fills_batch(void)
{
	struct mmsghdr headers[4] = { 0 };
	struct iovec iov = { block, sizeof(block) };
	size_t i;

	open_pair(SOCK_SEQPACKET);
	ASK(sends(theirs, "one") && shutdown(theirs, SHUT_WR) == 0);
	for (i = 0; i < COUNT(headers); i++) {
		headers[i].msg_hdr.msg_iov = &iov;
		headers[i].msg_hdr.msg_iovlen = 1;
		headers[i].msg_len = 99;
	}
	ASK(recvmmsg(ours, headers, 4, MSG_DONTWAIT, NULL) == 4);
	ASK(headers[0].msg_len == 3);
	for (i = 1; i < COUNT(headers); i++)
		ASK(headers[i].msg_len == 0);
	return 0;
}

static struct fact facts[] = {
	FACT(failed_pair_numbers,
	    "a socketpair that fails writes numbers, which are not open"),
	FACT(raw_is_dgram, "a unix socket of type raw becomes dgram"),
	FACT(buffer_doubled, "a buffer is made twice as large as asked for"),
	FACT(buffer_capped, "a buffer is at most twice net.core.wmem_max, "
	    "whatever was asked for"),
	FACT(sender_limits_size,
	    "the sender's buffer less 32 bytes limits a message"),
	FACT(largest_message,
	    "no message is larger than 4263616 bytes, one of these can be"),
	FACT(unread_to_the_last, "what was written to a socket is unread until "
	    "the last byte of it was read"),
	FACT(unread_one_number,
	    "the request for what is unread of a terminal serves sockets, too"),
	FACT(room_by_message,
	    "a stream has room again only once all of a write was read"),
	FACT(size_of_cut_message,
	    "MSG_TRUNC tells the size of a message of which a part is lost"),
	FACT(empty_message, "an empty write is a message, but not to a stream"),
	FACT(peek_leaves_message,
	    "a peek at no bytes tells whether a message waits"),
	FACT(mark_tells_end, "an empty message brings a time stamp, "
	    "and the end of file does not"),
	FACT(late_mark, "a message that waited before time stamps were asked "
	    "for brings one"),
	FACT(end_fills_batch,
	    "the end of file fills a batch like empty messages"),
};

int
main(void)
{
	return check_facts(facts, COUNT(facts));
}

#else
#include "not-linux.h"
#endif
