/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "message.h"
#include "way.h"

#ifndef PIPE_BUF
#define PIPE_BUF 512	/* what POSIX promises at least */
#endif

int
way_reopen(const struct endpoint *endpoint)
{
#ifdef LINUX_EXTRAS
	char path[40];
	int mode = endpoint->use == ENDPOINT_READ ? O_RDONLY : O_WRONLY;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", endpoint->fd);
	return open(path, mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
#else
	(void)endpoint;
	return -1;
#endif
}

/*
 * RWF_NOWAIT is refused by named FIFOs, terminals and many devices.  A FIFO is
 * reopened: its own reader and writer counts do not change what poll(2) says
 * of the inherited descriptor.  For the others poll(2) has to do.
 */
static void
fall_back(struct endpoint *endpoint)
{
	struct stat status;

	endpoint->way = WAY_POLLED;
	if (fstat(endpoint->fd, &status) == 0 && S_ISFIFO(status.st_mode))
		endpoint->own_fd = way_reopen(endpoint);
	if (endpoint->own_fd != -1)
		endpoint->way = WAY_PLAIN;
}

static bool
is_refusal(int error)
{
	return error == EOPNOTSUPP || error == ENOSYS || error == EINVAL;
}

static ssize_t
read_nowait(struct endpoint *endpoint, void *data, size_t size)
{
#if USE_NOWAIT
	struct iovec iov = { data, size };

	return preadv2(endpoint->fd, &iov, 1, -1, RWF_NOWAIT);
#else
	(void)endpoint, (void)data, (void)size;
	errno = ENOSYS;
	return -1;
#endif
}

static ssize_t
write_nowait(struct endpoint *endpoint, const struct iovec *iov, int count)
{
#if USE_NOWAIT
	return pwritev2(endpoint->fd, iov, count, -1, RWF_NOWAIT);
#else
	(void)endpoint, (void)iov, (void)count;
	errno = ENOSYS;
	return -1;
#endif
}

/* Where read and write go. */
static int
moving_fd(const struct endpoint *endpoint)
{
	return endpoint->own_fd != -1 ? endpoint->own_fd : endpoint->fd;
}

/* Whether poll(2) says that one read or write will not block. */
static bool
is_ready(const struct endpoint *endpoint, short events)
{
	struct pollfd slot = { .fd = endpoint->fd, .events = events };

	return poll(&slot, 1, 0) == 1;
}

static ssize_t
fail(int error)
{
	errno = error;
	return -1;
}

/*
 * Whether the writers of a message socket have ended.  Messages may still wait,
 * and an empty one among them looks like the end.
 */
static bool
writers_have_ended(const struct endpoint *endpoint)
{
#ifdef POLLRDHUP
	return is_ready(endpoint, POLLRDHUP);
#else
	return is_ready(endpoint, 0);
#endif
}

/*
 * A message socket: with MSG_TRUNC a message tells its size though not all of
 * it has room.  Returns -1 with errno ENODATA at the end.
 */
static ssize_t
receive_message(struct endpoint *endpoint, void *data, size_t size)
{
	char mark[MESSAGE_MARK_SIZE];
	union ancillary_room room;
	struct iovec iov = { data, size };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t got;

	/*
	 * Have messages marked, but only when no more will be sent, since the
	 * option is seen by all who share the socket.
	 */
	if (!endpoint->is_marked && writers_have_ended(endpoint))
		endpoint->is_marked = message_mark(endpoint->fd, true) == 0;
	if (endpoint->ancillary != NULL) {
		ancillary_expect(&room, &header);
	} else if (endpoint->is_marked) {
		header.msg_control = mark;
		header.msg_controllen = sizeof(mark);
	}
	got = recvmsg(endpoint->fd, &header,
	    MSG_DONTWAIT | MSG_TRUNC | ANCILLARY_FLAGS);
	if (got != -1 && endpoint->ancillary != NULL)
		ancillary_take(endpoint->ancillary, &header);
	if (got > (ssize_t)size) {
		endpoint->too_large = (size_t)got;
		return fail(EMSGSIZE);
	}
	/* A datagram socket says rather that there is nothing for now. */
	if (endpoint->is_marked && (got == -1 ? io_is_temporary(errno) :
	    got == 0 && header.msg_controllen == 0))
		return fail(ENODATA);
	return got;
}

static ssize_t
receive_bytes(const struct endpoint *endpoint, void *data, size_t size)
{
	union ancillary_room room;
	struct iovec iov = { data, size };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t got;

	if (endpoint->ancillary == NULL)
		return recv(endpoint->fd, data, size, MSG_DONTWAIT);
	ancillary_expect(&room, &header);
	got = recvmsg(endpoint->fd, &header, MSG_DONTWAIT | ANCILLARY_FLAGS);
	if (got != -1)
		ancillary_take(endpoint->ancillary, &header);
	return got;
}

ssize_t
way_read(struct endpoint *endpoint, void *data, size_t size)
{
	ssize_t got;

	switch (endpoint->way) {
	case WAY_CLOSED:
		return 0;
	case WAY_WRONG:
		return fail(EBADF);
	case WAY_SOCKET:
		if (endpoint->is_message)
			return receive_message(endpoint, data, size);
		return receive_bytes(endpoint, data, size);
	case WAY_NOWAIT:
		got = read_nowait(endpoint, data, size);
		if (got == -1 && is_refusal(errno)) {
			fall_back(endpoint);
			return way_read(endpoint, data, size);
		}
		return got;
	case WAY_POLLED:
		if (!is_ready(endpoint, POLLIN))
			return fail(EAGAIN);
		return read(endpoint->fd, data, size);
	case WAY_PLAIN:
		return read(moving_fd(endpoint), data, size);
	}
	return fail(EBADF);
}

/*
 * What becomes of the set when put bytes have been sent with it: a part of them
 * takes all along (Linux 6.18), but no bytes of a stream take any.
 */
static void
note_sent(const struct endpoint *endpoint, ssize_t put)
{
	if (put > 0 || endpoint->is_message)
		ancillary_sent(endpoint->ancillary);
	else
		ancillary_refuse(endpoint->ancillary, REFUSAL_EMPTY);
}

/* What goes before a set: only a stream's, and from one buffer. */
static ssize_t
send_ahead(const struct endpoint *endpoint, const struct iovec *iov)
{
	size_t *ahead = &endpoint->ancillary->ahead;
	ssize_t put = send(endpoint->fd, iov->iov_base,
	    iov->iov_len < *ahead ? iov->iov_len : *ahead,
	    MSG_DONTWAIT | MSG_NOSIGNAL);

	if (put > 0)
		*ahead -= (size_t)put;
	return put;
}

static ssize_t
send_some(const struct endpoint *endpoint, const struct iovec *iov, int count)
{
	struct ancillary *ancillary = endpoint->ancillary;
	union ancillary_room room;
	struct msghdr message = { .msg_iovlen = (size_t)count };
	ssize_t put;

	if (ancillary != NULL && ancillary->count > 0 && ancillary->ahead > 0)
		return send_ahead(endpoint, iov);
	/* sendmsg(2) reads only, but shares its type with recvmsg. */
	message.msg_iov = (struct iovec *)iov;
	do {
		if (ancillary != NULL)
			ancillary_attach(ancillary, &room, &message);
		put = sendmsg(endpoint->fd, &message,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (put == -1 && ancillary != NULL &&
	    ancillary_is_refused(ancillary, endpoint->fd, errno));
	if (put != -1 && ancillary != NULL)
		note_sent(endpoint, put);
	return put;
}

ssize_t
way_write(struct endpoint *endpoint, const struct iovec *iov, int count)
{
	ssize_t put;

	switch (endpoint->way) {
	case WAY_CLOSED:
	case WAY_WRONG:
		return fail(EBADF);
	case WAY_SOCKET:
		return send_some(endpoint, iov, count);
	case WAY_NOWAIT:
		put = write_nowait(endpoint, iov, count);
		if (put == -1 && is_refusal(errno)) {
			fall_back(endpoint);
			return way_write(endpoint, iov, count);
		}
		return put;
	case WAY_POLLED:
		/* What POLLOUT promises of a pipe or FIFO: pipe(7). */
		if (!is_ready(endpoint, POLLOUT))
			return fail(EAGAIN);
		return write(endpoint->fd, iov->iov_base,
		    iov->iov_len < PIPE_BUF ? iov->iov_len : PIPE_BUF);
	case WAY_PLAIN:
		return writev(moving_fd(endpoint), iov, count);
	}
	return fail(EBADF);
}
