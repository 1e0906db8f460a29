/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/nowait.h"
#include "socket/message.h"
#include "transfer/endpoint.h"

/* See endpoint_chunk_pause(); nanoseconds. */
#define CHUNK_PAUSE_LEAST (SECOND / 1000)
#define CHUNK_PAUSE_MOST (SECOND / 50)

#ifndef O_PATH
#define O_PATH 0
#endif

bool
endpoint_echoes(int fd)
{
	struct termios modes;

	return tcgetattr(fd, &modes) == 0 && (modes.c_lflag & ECHO);
}

bool
endpoint_awaits_password(struct endpoint *endpoint)
{
	struct termios modes;

	if (!endpoint->is_terminal || endpoint->use != ENDPOINT_READ ||
	    tcgetattr(endpoint->fd, &modes) == -1)
		return false;
	if (modes.c_lflag & ECHO)
		endpoint->has_echoed = true;
	return endpoint->has_echoed && (modes.c_lflag & ICANON) &&
	    !(modes.c_lflag & ECHO);
}

static void
open_device(struct endpoint *endpoint)
{
	if (endpoint->use == ENDPOINT_READ || nowait_reports_room(endpoint->fd))
		return;
	endpoint->method = METHOD_POLLED;
	endpoint->is_unpollable = true;
}

static void
open_socket(struct endpoint *endpoint)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	int type = fd_socket_type(endpoint->fd);

	endpoint->method = METHOD_SOCKET;
	endpoint->is_socket = true;
	endpoint->is_unix = fd_is_unix_socket(endpoint->fd);
	/* A type that the system does not report is taken for a stream. */
	endpoint->is_message = type != -1 && type != SOCK_STREAM;
	/* A datagram socket may get another sender or receiver later. */
	if (type == SOCK_DGRAM)
		return;
	endpoint->reports_lost_reader = getpeername(endpoint->fd,
	    (struct sockaddr *)&address, &size) == 0;
	endpoint->is_untried = !endpoint->reports_lost_reader;
}

/*
 * Whether status is that of a file without a type, as created by epoll(7),
 * io_uring(7) or eventfd(2).  Some of these can be read, others never
 * (tests/unit/kernel: no_type).
 */
static bool
has_no_type(const struct stat *status)
{
	return (status->st_mode & S_IFMT) == 0;
}

/*
 * Returns 0 if fd is open for use; else the errno of a read or write, which
 * poll(2) does not report (tests/unit/kernel: wrong_mode_ready).
 */
static int
check_mode(int fd, enum endpoint_use use)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1)
		return errno;
	if (O_PATH != 0 && (flags & O_PATH))
		return EBADF;
	flags &= O_ACCMODE;
	return flags == O_RDWR ||
	    flags == (use == ENDPOINT_READ ? O_RDONLY : O_WRONLY) ? 0 : EBADF;
}

/*
 * Whether fd is the null device.  nohup(1) opens it as standard input for
 * writing only, so that a command that reads it fails.  We treat it as an empty
 * input.
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
		.method = METHOD_NOWAIT,
		.inherited = true,
		.was_closed = closed,
		.other_end = -1,
	};
	if (closed) {
		endpoint->method = METHOD_CLOSED;
		return;
	}
	endpoint->wrong = check_mode(fd, use);
	if (endpoint->wrong == 0 && fstat(fd, &status) == -1)
		endpoint->wrong = errno;
	if (endpoint->wrong != 0) {
		endpoint->method = use == ENDPOINT_READ && is_null(fd) ?
		    METHOD_CLOSED : METHOD_WRONG;
		return;
	}
	if (S_ISFIFO(status.st_mode)) {
		endpoint->is_pipe = true;
		endpoint->reports_lost_reader = true;
	} else if (S_ISSOCK(status.st_mode)) {
		open_socket(endpoint);
	} else if (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode) ||
	    S_ISDIR(status.st_mode)) {
		endpoint->method = METHOD_PLAIN;
		endpoint->is_directory = S_ISDIR(status.st_mode);
	} else if (S_ISCHR(status.st_mode)) {
		endpoint->is_terminal = isatty(fd) == 1;
		if (endpoint->is_terminal)
			nonblock_reopen(endpoint);
		else
			open_device(endpoint);
	} else {
		endpoint->is_untried = has_no_type(&status);
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
		.method = METHOD_SOCKET,
		.is_socket = true,
		.is_unix = fd_is_unix_socket(fd),
		.reports_lost_reader = true,
		.other_end = other_end,
	};
}

void
endpoint_open_pipe(struct endpoint *endpoint, int fd, enum endpoint_use use,
    const char *name)
{
	*endpoint = (struct endpoint){
		.name = name,
		.fd = fd,
		.own_fd = -1,
		.use = use,
		.method = METHOD_PLAIN,
		.is_pipe = true,
		.reports_lost_reader = true,
		.other_end = -1,
	};
}

void
endpoint_close(struct endpoint *endpoint)
{
	if (endpoint->is_pipe && !endpoint->inherited)
		fd_close(&endpoint->fd);
}

bool
endpoint_is_always_ready(const struct endpoint *endpoint)
{
	return endpoint->method == METHOD_CLOSED ||
	    endpoint->method == METHOD_WRONG || endpoint->is_directory ||
	    endpoint->is_unpollable;
}

bool
endpoint_has_queue(const struct endpoint *endpoint)
{
	return endpoint->is_pipe || endpoint->is_socket ||
	    endpoint->is_terminal;
}

bool
endpoint_has_lost_reader(const struct endpoint *endpoint, short revents)
{
	if (!endpoint->reports_lost_reader)
		return false;
	return revents & POLLERR ||
	    (endpoint->is_socket && revents & POLLHUP);
}

enum io
endpoint_read(struct endpoint *endpoint, void *data, size_t size,
    size_t *moved, struct ancillary *ancillary)
{
	enum io result;

	endpoint->is_untried = false;
	while ((result = nonblock_read(endpoint, data, size, moved,
	    ancillary)) == IO_FAILED && endpoint->error == ECONNRESET &&
	    (!endpoint->inherited || endpoint->is_unix))
		if (!endpoint->inherited)
			endpoint->was_reset = true;
	return result;
}

size_t
endpoint_inspect(struct endpoint *endpoint, void *data, size_t size,
    bool *has_set)
{
	struct iovec iov = { data, size };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	int waiting;
	ssize_t got;

	*has_set = false;
	if (endpoint->is_message || endpoint->ignore_peek ||
	    !endpoint->is_unix)
		return size;
	/* If no bytes wait, MSG_PEEK would consume the next read's error. */
	if (ioctl(endpoint->fd, FIONREAD, &waiting) == -1 || waiting == 0)
		return size;
	/*
	 * Without room for descriptors MSG_PEEK installs none, and MSG_CTRUNC
	 * reports that there are some (tests/unit/kernel: peek_announces).
	 */
	got = recvmsg(endpoint->fd, &header, MSG_DONTWAIT | MSG_PEEK);
	if (got <= 0)
		return size;
	*has_set = header.msg_flags & MSG_CTRUNC;
	return (size_t)got;
}

/*
 * The reader has not yet read all that was written: IO_AGAIN, or IO_FAILED if
 * it never will.  That the reader of a socket has shut it down is reported only
 * by a write, for which no bytes are needed (tests/unit/kernel:
 * empty_write_refused).  For a pipe, poll(2) reports it: see
 * endpoint_has_lost_reader().
 */
static enum io
await_reader(struct endpoint *endpoint)
{
	if (!endpoint->is_socket ||
	    send(endpoint->fd, "", 0, MSG_DONTWAIT | MSG_NOSIGNAL) != -1 ||
	    io_is_temporary(errno))
		return IO_AGAIN;
	endpoint->error = errno;
	return IO_FAILED;
}

/*
 * Write at most a chunk of the first buffer, unless a byte of the last chunk is
 * still unread (tests/unit/kernel: unread_to_the_last, pipe_unread).
 */
static enum io
write_chunk(struct endpoint *endpoint, const struct iovec *iov, size_t *moved,
    struct ancillary *ancillary)
{
	struct iovec piece = *iov;
	enum io result;

	if (endpoint_unread(endpoint) > 0)
		return await_reader(endpoint);
	if (piece.iov_len > endpoint->chunk)
		piece.iov_len = endpoint->chunk;
	result = nonblock_write(endpoint, &piece, 1, moved, ancillary);
	if (result == IO_MOVED)
		endpoint->chunk_pause = 0;
	return result;
}

int64_t
endpoint_chunk_pause(struct endpoint *endpoint)
{
	int64_t pause = 2 * endpoint->chunk_pause;

	if (pause < CHUNK_PAUSE_LEAST)
		pause = CHUNK_PAUSE_LEAST;
	if (pause > CHUNK_PAUSE_MOST)
		pause = CHUNK_PAUSE_MOST;
	endpoint->chunk_pause = pause;
	return pause;
}

enum io
endpoint_writev(struct endpoint *endpoint, const struct iovec *iov, int count,
    size_t *moved, struct ancillary *ancillary)
{
	return endpoint->chunk > 0 ?
	    write_chunk(endpoint, iov, moved, ancillary) :
	    nonblock_write(endpoint, iov, count, moved, ancillary);
}

enum io
endpoint_write(struct endpoint *endpoint, const void *data, size_t size,
    size_t *moved, struct ancillary *ancillary)
{
	/* An iovec is also for reading, so its pointer has no const. */
	const struct iovec iov = { (void *)data, size };

	return endpoint_writev(endpoint, &iov, 1, moved, ancillary);
}

bool
endpoint_is_gone(const struct endpoint *endpoint)
{
	if (endpoint->error == EPIPE || endpoint->error == ECONNRESET)
		return true;
	/* Only our own: an inherited one may become reachable again. */
	return !endpoint->inherited && (endpoint->error == ECONNREFUSED ||
	    endpoint->error == ENOTCONN);
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
 * As shutdown(2).  Without it the other side might wait for ever, so a failure,
 * which may be temporary, is retried.  ENOTCONN: there is no other side.
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

	if (!endpoint->is_pipe)
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
restore_pipe(const struct endpoint *endpoint, int fd)
{
#ifdef F_SETPIPE_SZ
	if (endpoint->pipe_size != 0)
		(void)fcntl(fd, F_SETPIPE_SZ, endpoint->pipe_size);
#else
	(void)endpoint, (void)fd;
#endif
}

/* Close the inherited descriptor, as it was when we got it. */
static int
give_up_inherited(struct endpoint *endpoint)
{
	int fd = endpoint->fd;

	fd_close(&endpoint->own_fd);
	if (endpoint->is_marked)
		(void)message_mark(fd, false);
	endpoint->fd = -1;
	if (endpoint->was_closed || fd == -1)
		return 0;
	restore_pipe(endpoint, fd);
	return fd_give_up(fd);
}

int
endpoint_finish(struct endpoint *endpoint, bool half_closed)
{
	if (endpoint->inherited) {
		if (half_closed && endpoint->is_input_too)
			(void)shut_down(endpoint->fd, SHUT_WR);
		return give_up_inherited(endpoint);
	}
	if (endpoint->no_shutdown)
		return 0;
	if (endpoint->is_pipe) {
		endpoint_close(endpoint);
		return 0;
	}
	if (endpoint->other_end != -1)
		return shut_down(endpoint->other_end, SHUT_RD);
	return shut_down(endpoint->fd, SHUT_WR);
}

/* A writer that waits for room gets SIGPIPE or EPIPE: see pipe(7). */
static uint64_t
refuse_pipe(struct endpoint *endpoint)
{
	int unread;

	if (ioctl(endpoint->fd, FIONREAD, &unread) == -1)
		unread = 0;
	endpoint_close(endpoint);
	return (uint64_t)unread;
}

uint64_t
endpoint_refuse(struct endpoint *endpoint)
{
	if (endpoint->inherited) {
		(void)give_up_inherited(endpoint);
		return 0;
	}
	if (endpoint->is_pipe)
		return refuse_pipe(endpoint);
	/* If the shutdown fails, a writer could keep this loop going. */
	return shut_down(endpoint->fd, SHUT_RD) == 0 ?
	    message_discard(endpoint->fd) : 0;
}

bool
endpoint_stop_writer(struct endpoint *endpoint)
{
	if (endpoint->inherited || !endpoint->is_socket ||
	    shut_down(endpoint->fd, SHUT_RD) == -1)
		return false;
	endpoint->writer_gone = true;
	return true;
}

int
endpoint_unread(const struct endpoint *endpoint)
{
	int bytes;

#ifdef TIOCOUTQ
	/*
	 * In Linux TIOCOUTQ works for terminals and for sockets, FIONREAD for
	 * pipes (tests/unit/kernel: unread_one_number, pipe_unread).
	 */
	if (ioctl(endpoint->fd, TIOCOUTQ, &bytes) == 0)
		return bytes;
#endif
	return ioctl(endpoint->fd, FIONREAD, &bytes) == 0 ? bytes : 0;
}
