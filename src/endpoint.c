/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#ifdef LINUX_EXTRAS
#include <sys/sysmacros.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "descriptor.h"
#include "endpoint.h"
#include "message.h"

#if defined RWF_NOWAIT && defined HAVE_PREADV2 && defined HAVE_PWRITEV2
#define USE_NOWAIT 1
#else
#define USE_NOWAIT 0
#endif

#ifndef PIPE_BUF
#define PIPE_BUF 512	/* what POSIX promises at least */
#endif

#ifndef O_PATH
#define O_PATH 0
#endif

/*
 * Open the file behind endpoint once more, for us alone and non-blocking.
 * Returns its descriptor, or -1.
 *
 * Never for a regular file (it would have an offset of its own), nor for the
 * master of a pseudo-terminal, whose device makes a new one when opened.
 */
static int
reopen(const struct endpoint *endpoint)
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

static bool
is_pty_master(const struct stat *status)
{
#ifdef LINUX_EXTRAS
	/* /dev/ptmx and /dev/pts/ptmx: Linux, admin-guide/devices.txt. */
	return S_ISCHR(status->st_mode) && major(status->st_rdev) == 5 &&
	    minor(status->st_rdev) == 2;
#else
	(void)status;
	return true;
#endif
}

static void
open_terminal(struct endpoint *endpoint, const struct stat *status)
{
	if (!is_pty_master(status))
		endpoint->own_fd = reopen(endpoint);
	endpoint->way = endpoint->own_fd == -1 ? WAY_POLLED : WAY_PLAIN;
	endpoint->may_block = endpoint->own_fd == -1;
}

static bool
keeps_boundaries(int fd)
{
	int type;
	socklen_t size = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
	    type != SOCK_STREAM;
}

static bool
has_mode(int fd, enum endpoint_use use)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || (O_PATH != 0 && (flags & O_PATH)))
		return false;
	flags &= O_ACCMODE;
	return flags == O_RDWR ||
	    flags == (use == ENDPOINT_READ ? O_RDONLY : O_WRONLY);
}

/*
 * Whether fd is the null device: nohup(1) opens it for writing only, so that
 * a command that reads its standard input fails; most do not read it.
 */
static bool
is_null(int fd)
{
	struct stat status;
	struct stat null;

	return fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) &&
	    stat("/dev/null", &null) == 0 && status.st_rdev == null.st_rdev;
}

void
endpoint_open_inherited(struct endpoint *endpoint, int fd,
    enum endpoint_use use, bool closed, const char *name)
{
	struct stat status;

	*endpoint = (struct endpoint){
		.name = name,
		.fd = fd,
		.own_fd = -1,
		.use = use,
		.way = USE_NOWAIT ? WAY_NOWAIT : WAY_POLLED,
		.inherited = true,
		.was_closed = closed,
		.other_end = -1,
	};
	if (closed) {
		endpoint->way = WAY_CLOSED;
		return;
	}
	if (!has_mode(fd, use) || fstat(fd, &status) == -1) {
		endpoint->way = use == ENDPOINT_READ && is_null(fd) ?
		    WAY_CLOSED : WAY_WRONG;
		return;
	}
	if (S_ISFIFO(status.st_mode)) {
		endpoint->kind = ENDPOINT_PIPE;
	} else if (S_ISSOCK(status.st_mode)) {
		endpoint->way = WAY_SOCKET;
		endpoint->is_socket = true;
		endpoint->is_message = keeps_boundaries(fd);
	} else if (S_ISREG(status.st_mode)) {
		endpoint->way = WAY_PLAIN;
		endpoint->kind = ENDPOINT_FILE;
	} else if (S_ISBLK(status.st_mode) || S_ISDIR(status.st_mode)) {
		endpoint->way = WAY_PLAIN;
		endpoint->is_directory = S_ISDIR(status.st_mode);
	} else if (S_ISCHR(status.st_mode) && isatty(fd)) {
		open_terminal(endpoint, &status);
	}
}

void
endpoint_open_socket(struct endpoint *endpoint, int fd, enum endpoint_use use,
    int other_end, const char *name)
{
	*endpoint = (struct endpoint){
		.name = name,
		.fd = fd,
		.own_fd = -1,
		.use = use,
		.way = WAY_SOCKET,
		.is_socket = true,
		.other_end = other_end,
	};
}

bool
endpoint_carries_descriptors(struct endpoint *endpoint)
{
	if (!endpoint->is_socket)
		return false;
	if (endpoint->family == FAMILY_UNKNOWN)
		endpoint->family = descriptor_is_unix_socket(endpoint->fd) ?
		    FAMILY_UNIX : FAMILY_OTHER;
	return endpoint->family == FAMILY_UNIX;
}

bool
endpoint_is_always_ready(const struct endpoint *endpoint)
{
	return endpoint->way == WAY_CLOSED || endpoint->way == WAY_WRONG ||
	    endpoint->is_directory;
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
		endpoint->own_fd = reopen(endpoint);
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
	if (got > (ssize_t)size)
		return fail(EMSGSIZE);
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

static ssize_t
read_some(struct endpoint *endpoint, void *data, size_t size)
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
			return read_some(endpoint, data, size);
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

/* A part of the bytes takes all the descriptors along (Linux 6.18). */
static ssize_t
send_some(const struct endpoint *endpoint, const struct iovec *iov, int count)
{
	union ancillary_room room;
	struct msghdr message = { .msg_iovlen = (size_t)count };
	ssize_t put;

	/* sendmsg(2) reads only, but shares its type with recvmsg. */
	message.msg_iov = (struct iovec *)iov;
	if (endpoint->ancillary != NULL)
		ancillary_attach(endpoint->ancillary, &room, &message);
	put = sendmsg(endpoint->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (put != -1 && endpoint->ancillary != NULL)
		ancillary_sent(endpoint->ancillary);
	return put;
}

static ssize_t
write_some(struct endpoint *endpoint, const struct iovec *iov, int count)
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
			return write_some(endpoint, iov, count);
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

enum io
endpoint_read(struct endpoint *endpoint, void *data, size_t size,
    size_t *moved)
{
	ssize_t got;

	while ((got = read_some(endpoint, data, size)) == -1 &&
	    errno == ECONNRESET && !endpoint->inherited)
		endpoint->was_reset = true;
	if (got == 0 ? !endpoint->is_message : got == -1 && errno == ENODATA)
		return IO_END;
	if (got == -1)
		return io_is_temporary(errno) ? IO_AGAIN : IO_FAILED;
	*moved = (size_t)got;
	return IO_MOVED;
}

enum io
endpoint_writev(struct endpoint *endpoint, const struct iovec *iov, int count,
    size_t *moved)
{
	ssize_t put;

	put = write_some(endpoint, iov, count);
	if (put == -1)
		return io_is_temporary(errno) || (endpoint->is_socket &&
		    io_wait_for(errno, iov->iov_len)) ? IO_AGAIN : IO_FAILED;
	*moved = (size_t)put;
	/* Of nothing, nothing is all. */
	return put == 0 && iov->iov_len > 0 ? IO_AGAIN : IO_MOVED;
}

enum io
endpoint_write(struct endpoint *endpoint, const void *data, size_t size,
    size_t *moved)
{
	/* iovec serves both directions, hence its pointer without const. */
	const struct iovec iov = { (void *)data, size };

	return endpoint_writev(endpoint, &iov, 1, moved);
}

bool
endpoint_is_gone(const struct endpoint *endpoint, int error)
{
	if (error == EPIPE || error == ECONNRESET)
		return true;
	/* Of our own datagram socket; another's may be unreachable for now. */
	return !endpoint->inherited &&
	    (error == ECONNREFUSED || error == ENOTCONN);
}

bool
endpoint_is_hung_up(const struct endpoint *endpoint)
{
	struct pollfd slot = { .fd = endpoint->fd };
	int result;

	if (endpoint->writer_gone)
		return true;
	do {
		result = poll(&slot, 1, 0);
	} while (result == -1 && errno == EINTR);
	return result == 1 && (slot.revents & POLLHUP);
}

/*
 * shutdown(2), where not to be heard would leave the other side waiting for
 * ever: a passing failure is tried again.  ENOTCONN: nobody is there.
 */
static int
shut_down(int fd, int how)
{
	int tries;

	for (tries = 0; tries < 3; tries++)
		if (shutdown(fd, how) == 0 || errno == ENOTCONN)
			return 0;
	return -1;
}

void
endpoint_enlarge_pipe(struct endpoint *endpoint, int size)
{
#ifdef F_SETPIPE_SZ
	int before;

	if (endpoint->kind != ENDPOINT_PIPE)
		return;
	before = fcntl(endpoint->fd, F_GETPIPE_SZ);
	if (before > 0 && before < size &&
	    fcntl(endpoint->fd, F_SETPIPE_SZ, size) != -1)
		endpoint->pipe_size = before;
#else
	(void)endpoint, (void)size;
#endif
}

static void
restore_pipe(const struct endpoint *endpoint)
{
#ifdef F_SETPIPE_SZ
	if (endpoint->pipe_size != 0)
		(void)fcntl(endpoint->fd, F_SETPIPE_SZ, endpoint->pipe_size);
#else
	(void)endpoint;
#endif
}

/*
 * Close the inherited descriptor, so that whoever is at its other end hears of
 * it, and hold its number with /dev/null: the lowest free number is the one
 * just closed.  dup2(2) would do both at once, and hide the error of close.
 */
static int
give_up(struct endpoint *endpoint)
{
	int result;
	int error;

	descriptor_close(&endpoint->own_fd);
	if (endpoint->is_marked)
		(void)message_mark(endpoint->fd, false);
	if (endpoint->was_closed || endpoint->fd == -1) {
		endpoint->fd = -1;
		return 0;
	}
	restore_pipe(endpoint);
	result = close(endpoint->fd);
	error = errno;
	(void)!open("/dev/null", O_RDWR | O_CLOEXEC);
	endpoint->fd = -1;
	errno = error;
	return result == -1 && error != EINTR ? -1 : 0;
}

int
endpoint_finish(struct endpoint *endpoint, bool half_closed)
{
	if (endpoint->inherited) {
		if (half_closed && endpoint->is_socket)
			(void)shut_down(endpoint->fd, SHUT_WR);
		return give_up(endpoint);
	}
	if (endpoint->no_shutdown)
		return 0;
	if (endpoint->other_end != -1)
		return shut_down(endpoint->other_end, SHUT_RD);
	return shut_down(endpoint->fd, SHUT_WR);
}

/*
 * A writer that is held up by a full queue of datagrams sleeps on though
 * nobody reads any more (measured on Linux 6.18), until there is room.
 */
static void
discard_queue(int fd)
{
	ssize_t got;

	do {
		got = recv(fd, NULL, 0, MSG_DONTWAIT);
	} while (got != -1);
}

void
endpoint_refuse(struct endpoint *endpoint)
{
	if (endpoint->inherited)
		(void)give_up(endpoint);
	else
		(void)shut_down(endpoint->fd, SHUT_RD);
	if (endpoint->other_end != -1)
		discard_queue(endpoint->fd);
}
