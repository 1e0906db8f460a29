/* SPDX-License-Identifier: MIT */
/*
 * Reads and writes an endpoint without blocking, by its method.  The first
 * attempt may change the method.
 */
#include "config.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/nowait.h"
#include "socket/message.h"
#include "transfer/endpoint.h"

void
nonblock_reopen(struct endpoint *endpoint)
{
	endpoint->own_fd = nowait_reopen(endpoint->fd,
	    endpoint->use == ENDPOINT_READ ? O_RDONLY : O_WRONLY);
	endpoint->method = endpoint->own_fd == -1 ? METHOD_POLLED :
	    METHOD_PLAIN;
}

/*
 * Whether the file that has just refused a read can never be read, such as an
 * epoll(7) descriptor.  poll(2) may not report that, but a read of no bytes
 * does, without waiting (tests/unit/kernel: epoll_unreadable).
 */
static bool
is_unreadable(const struct endpoint *endpoint)
{
	return errno == EINVAL && read(endpoint->fd, NULL, 0) == -1 &&
	    errno == EINVAL;
}

/* The descriptor that is read and written. */
static int
moving_fd(const struct endpoint *endpoint)
{
	return endpoint->own_fd != -1 ? endpoint->own_fd : endpoint->fd;
}

/* Note error: the endpoint cannot be used, now or later. */
static enum io
fail_for_good(struct endpoint *endpoint, int error)
{
	endpoint->error = error;
	return IO_FAILED;
}

/* An attempt has failed with error, which may be temporary. */
static enum io
fail_attempt(struct endpoint *endpoint, int error)
{
	return io_is_temporary(error) ? IO_AGAIN :
	    fail_for_good(endpoint, error);
}

/*
 * Receive one message into header, with its descriptors.  With MSG_TRUNC
 * recvmsg(2) returns its size even if not all of it fits.
 */
static ssize_t
receive_once(const struct endpoint *endpoint, struct msghdr *header,
    struct ancillary *ancillary)
{
	union ancillary_room room;
	ssize_t got;

	ancillary_expect(&room, header);
	do {
		got = recvmsg(endpoint->fd, header,
		    MSG_DONTWAIT | MSG_TRUNC | ANCILLARY_FLAGS);
	} while (got == -1 && errno == EINTR);
	if (got != -1)
		ancillary_take(ancillary, header);
	/* It points to a variable of this function. */
	header->msg_control = NULL;
	return got;
}

/*
 * Whether receive_once(), which returned got, or -1 with error, has found end
 * of file, given that no more will be sent.  A seqpacket socket then returns 0,
 * as for an empty message, but a mark comes with an empty message.  A datagram
 * socket fails with EAGAIN, as if a message could still come; so check whether
 * one waits now (tests/unit/kernel: dgram_end_unblocking).
 */
static bool
is_message_end(const struct endpoint *endpoint, const struct msghdr *header,
    ssize_t got, int error)
{
	if (got == -1)
		return io_is_temporary(error) &&
		    !message_is_waiting(endpoint->fd);
	return got == 0 && header->msg_controllen == 0 &&
	    !message_bytes_wait(endpoint->fd);
}

/*
 * Receive one message from an inherited socket.  End of file can come only once
 * no more will be sent.  So messages are marked only from then on, since all
 * processes that share the socket see that option.  Messages that wait already
 * are marked as well (tests/unit/kernel: late_mark).  If the system has no
 * marks, empty messages after the last byte are taken for end of file.
 */
static enum io
receive_message(struct endpoint *endpoint, void *data, size_t size,
    size_t *moved, struct ancillary *ancillary)
{
	struct iovec iov = { data, size };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	bool is_over = endpoint->is_marked || message_is_over(endpoint->fd);
	ssize_t got;
	int error;

	if (is_over && !endpoint->is_marked)
		endpoint->is_marked = message_mark(endpoint->fd, true) == 0;
	got = receive_once(endpoint, &header, ancillary);
	error = errno;
	if (is_over && is_message_end(endpoint, &header, got, error))
		return IO_END;
	if (got == -1)
		return fail_attempt(endpoint, error);
	*moved = (size_t)got;
	if (*moved <= size)
		return IO_MOVED;
	endpoint->error = EMSGSIZE;
	return IO_TOO_LARGE;
}

static ssize_t
receive_bytes(const struct endpoint *endpoint, void *data, size_t size,
    struct ancillary *ancillary)
{
	union ancillary_room room;
	struct iovec iov = { data, size };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t got;

	ancillary_expect(&room, &header);
	got = recvmsg(endpoint->fd, &header, MSG_DONTWAIT | ANCILLARY_FLAGS);
	if (got != -1)
		ancillary_take(ancillary, &header);
	return got;
}

/* Convert the return value of read(2) or a similar call. */
static enum io
take_read(struct endpoint *endpoint, ssize_t got, size_t *moved)
{
	if (got == -1)
		return fail_attempt(endpoint, errno);
	if (got == 0)
		return IO_END;
	*moved = (size_t)got;
	return IO_MOVED;
}

enum io
nonblock_read(struct endpoint *endpoint, void *data, size_t size, size_t *moved,
    struct ancillary *ancillary)
{
	ssize_t got = 0;

	switch (endpoint->method) {
	case METHOD_CLOSED:
		return IO_END;
	case METHOD_WRONG:
		return fail_for_good(endpoint, endpoint->wrong);
	case METHOD_SOCKET:
		if (endpoint->is_message)
			return receive_message(endpoint, data, size, moved,
			    ancillary);
		got = receive_bytes(endpoint, data, size, ancillary);
		break;
	case METHOD_NOWAIT:
		got = nowait_read(endpoint->fd, data, size);
		if (got == -1 && io_is_refusal(errno)) {
			if (is_unreadable(endpoint))
				return fail_for_good(endpoint, EINVAL);
			nonblock_reopen(endpoint);
			return nonblock_read(endpoint, data, size, moved,
			    ancillary);
		}
		break;
	case METHOD_POLLED:
		if (!nowait_is_ready(endpoint->fd, POLLIN))
			return IO_AGAIN;
		got = read(endpoint->fd, data, size);
		break;
	case METHOD_PLAIN:
		got = read(moving_fd(endpoint), data, size);
		break;
	}
	return take_read(endpoint, got, moved);
}

/*
 * put bytes have been sent with the set, if there is one.  If only a part of
 * the bytes was sent, the whole set went with it.  With 0 bytes of a stream no
 * set is sent (tests/unit/kernel: part_takes_set, no_bytes_take_set).
 */
static void
note_sent(const struct endpoint *endpoint, ssize_t put,
    struct ancillary *ancillary)
{
	if (put > 0 || endpoint->is_message)
		ancillary_sent(ancillary);
	else
		ancillary_refuse(ancillary, REFUSAL_EMPTY);
}

/* Send bytes that precede the set: only of a stream, and from one buffer. */
static ssize_t
send_ahead(const struct endpoint *endpoint, const struct iovec *iov,
    size_t *ahead)
{
	ssize_t put = send(endpoint->fd, iov->iov_base,
	    iov->iov_len < *ahead ? iov->iov_len : *ahead,
	    MSG_DONTWAIT | MSG_NOSIGNAL);

	if (put > 0)
		*ahead -= (size_t)put;
	return put;
}

static ssize_t
send_some(const struct endpoint *endpoint, const struct iovec *iov, int count,
    struct ancillary *ancillary)
{
	union ancillary_room room;
	struct msghdr message = { .msg_iovlen = (size_t)count };
	ssize_t put;
	int error;

	if (ancillary->count > 0 && ancillary->bytes_before_fds > 0)
		return send_ahead(endpoint, iov, &ancillary->bytes_before_fds);
	/* sendmsg(2) only reads it, but has the type of recvmsg(2). */
	message.msg_iov = (struct iovec *)iov;
	do {
		ancillary_attach(ancillary, &room, &message);
		put = sendmsg(endpoint->fd, &message,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		error = errno;
	} while (put == -1 &&
	    ancillary_is_refused(ancillary, endpoint->fd, error));
	if (put != -1)
		note_sent(endpoint, put, ancillary);
	errno = error;
	return put;
}

/*
 * Convert the return value of write(2) or a similar call.  0 is a success for
 * an empty message (tests/unit/kernel: empty_message).  Otherwise it is an
 * error, since it would be returned for ever.
 */
static enum io
take_written(struct endpoint *endpoint, ssize_t put, size_t size,
    size_t *moved)
{
	int error = errno;
	enum io result;

	if (put == -1) {
		if (endpoint->is_socket && io_wait_for(error, size))
			return IO_AGAIN;
		result = fail_attempt(endpoint, error);
		return result == IO_FAILED && endpoint->is_message ?
		    message_sort_error(error) : result;
	}
	if (put == 0 && size > 0)
		return fail_for_good(endpoint, EIO);
	*moved = (size_t)put;
	return IO_MOVED;
}

/*
 * How many bytes of iov fit when poll(2) has reported room.  A pipe or FIFO has
 * room for PIPE_BUF bytes (pipe(7); tests/unit/kernel: pipe_room_by_page).  A
 * terminal has room for 256 bytes, or for one byte that it may convert into
 * several, such as a newline (tests/unit/kernel: terminal_room).
 */
static size_t
room_for(const struct endpoint *endpoint, const struct iovec *iov)
{
	const unsigned char *data = iov->iov_base;
	size_t most = endpoint->is_terminal ? TERMINAL_ROOM : PIPE_BUF;
	size_t size = iov->iov_len < most ? iov->iov_len : most;
	size_t run;

	if (!endpoint->is_terminal)
		return size;
	for (run = 0; run < size && data[run] >= ' '; run++)
		;
	return run > 0 || size == 0 ? run : 1;
}

enum io
nonblock_write(struct endpoint *endpoint, const struct iovec *iov, int count,
    size_t *moved, struct ancillary *ancillary)
{
	ssize_t put = -1;

	switch (endpoint->method) {
	case METHOD_CLOSED:
		return fail_for_good(endpoint, EBADF);
	case METHOD_WRONG:
		return fail_for_good(endpoint, endpoint->wrong);
	case METHOD_SOCKET:
		put = send_some(endpoint, iov, count, ancillary);
		break;
	case METHOD_NOWAIT:
		put = nowait_writev(endpoint->fd, iov, count);
		if (put == -1 && io_is_refusal(errno)) {
			nonblock_reopen(endpoint);
			return nonblock_write(endpoint, iov, count, moved,
			    ancillary);
		}
		break;
	case METHOD_POLLED:
		if (!endpoint->is_unpollable &&
		    !nowait_is_ready(endpoint->fd, POLLOUT))
			return IO_AGAIN;
		put = write(endpoint->fd, iov->iov_base,
		    room_for(endpoint, iov));
		break;
	case METHOD_PLAIN:
		put = writev(moving_fd(endpoint), iov, count);
		break;
	}
	return take_written(endpoint, put, iov->iov_len, moved);
}
