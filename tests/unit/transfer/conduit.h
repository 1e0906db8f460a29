/* SPDX-License-Identifier: MIT */
/*
 * For unit tests of conduits, and of what moves bytes: one conduit, its two
 * ends, and what is beyond them.
 */
#ifndef CONDUIT_TEST_H
#define CONDUIT_TEST_H

#include <poll.h>

#include "transfer/conduit.h"
#include "tap.h"

static struct conduit conduit;
static struct endpoint src, dst;
static struct fault fault;
static int writer;		/* what is read at src is written here */
static int reader;		/* and what is written at dst comes here */

/* A socket of ours, and the one that it is connected to. */
static inline void
open_socket(int type, int ends[2])
{
	need(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) == 0 &&
	    fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0, "socketpair");
}

static inline void
open_pipe(int ends[2])
{
	need(pipe(ends) == 0, "pipe");
}

/* The end that is read: of our own socket, or of a pipe of others. */
static inline void
begin_src(int type)
{
	int ends[2];

	open_socket(type, ends);
	writer = ends[1];
	endpoint_open_socket(&src, ends[0], ENDPOINT_READ, -1, "from");
}

static inline void
begin_src_pipe(void)
{
	int ends[2];

	open_pipe(ends);
	writer = ends[1];
	endpoint_open_inherited(&src, ends[0], ENDPOINT_READ, false, "from");
}

/* A message socket of others, as standard input. */
static inline void
begin_src_messages(void)
{
	int ends[2];

	open_socket(SOCK_DGRAM, ends);
	writer = ends[1];
	endpoint_open_inherited(&src, ends[0], ENDPOINT_READ, false, "from");
}

/* The end that is written, in the same way. */
static inline void
begin_dst(int type)
{
	int ends[2];

	open_socket(type, ends);
	reader = ends[1];
	endpoint_open_socket(&dst, ends[0], ENDPOINT_WRITE, -1, "to");
}

static inline void
begin_dst_pipe(void)
{
	int ends[2];

	open_pipe(ends);
	reader = ends[0];
	endpoint_open_inherited(&dst, ends[1], ENDPOINT_WRITE, false, "to");
}

static inline void
end_writer(void)
{
	close(writer);
	writer = -1;
}

static inline void
end_reader(void)
{
	close(reader);
	reader = -1;
}

static inline void
end(void)
{
	if (conduit.kind != NULL)
		conduit.kind->free(&conduit);
	close(src.fd);
	close(dst.fd);
	if (writer != -1)
		end_writer();
	if (reader != -1)
		end_reader();
}

static inline void
put(const void *data, size_t size)
{
	need(write(writer, data, size) == (ssize_t)size, "write");
}

static inline void
put_text(const char *text)
{
	put(text, strlen(text));
}

/* Send size bytes with a descriptor. */
static inline void
put_with_fd(const void *data, size_t size)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} room = { .space = { 0 } };
	struct iovec iov = { (void *)data, size };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room.space,
		.msg_controllen = sizeof(room.space),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &writer, sizeof(int));
	need(sendmsg(writer, &message, 0) == (ssize_t)size, "sendmsg");
}

#ifdef F_SETPIPE_SZ
/* Whether this user may have a pipe as large as we make ours. */
static inline bool
can_enlarge(void)
{
	int ends[2];
	bool can;

	open_pipe(ends);
	can = fcntl(ends[0], F_SETPIPE_SZ, PIPE_ENLARGED) == PIPE_ENLARGED;
	close(ends[0]);
	close(ends[1]);
	return can;
}
#endif

/* Write to fd, which does not block, until it is full. */
static inline void
fill_up(int fd)
{
	static const char block[65536];

	while (write(fd, block, sizeof(block)) > 0)
		;
	while (write(fd, block, 1) > 0)
		;
}

static inline enum io
fill(void)
{
	return conduit.kind->fill(&conduit, &src, &dst);
}

static inline enum io
drain(void)
{
	fault = (struct fault){ .kind = FAULT_NONE };
	return conduit.kind->drain(&conduit, &src, &dst, &fault);
}

static inline size_t
pending(void)
{
	return conduit.kind->pending(&conduit);
}

#endif
