/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/fd.h"
#include "base/nowait.h"
#include "play/link.h"

void
link_init(struct link *link)
{
	*link = (struct link){
		.in = -1, .out = -1, .type = SOCK_STREAM, .other_end = -1
	};
}

/*
 * A time stamp marks each message, so that an empty one is distinguished from
 * end of file.  A pair with a command whose type is dgram has no end of file.
 */
static int
open_mailbox(struct link *link, size_t largest)
{
	bool has_end = link->type != SOCK_DGRAM || link->is_inherited;

	if (has_end)
		(void)message_mark(link->in, true);
	link->mailbox = mailbox_open(largest > 0 ? largest : 1, 0, has_end);
	if (link->mailbox != NULL)
		return 0;
	diag_print("cannot allocate buffers: %s", strerror(errno));
	return -1;
}

int
link_open_pair(struct link *link, struct pair *pair, size_t largest)
{
	link->type = pair->type;
	if (pair->is_pipes) {
		link->is_pipe = true;
		pair_take_pipes(pair, &link->in, &link->out);
		return 0;
	}
	link->in = link->out = pair->ours;
	if (pair->type == SOCK_STREAM)
		return 0;
	if (pair->type == SOCK_DGRAM)
		link->other_end = pair->command;
	return open_mailbox(link, largest);
}

/* Whether two descriptors are the same socket. */
static bool
is_same_socket(int one, int other)
{
	struct stat first, second;

	return fstat(one, &first) == 0 && fstat(other, &second) == 0 &&
	    S_ISSOCK(first.st_mode) && first.st_dev == second.st_dev &&
	    first.st_ino == second.st_ino;
}

static bool
keeps_messages(int fd)
{
	int type = fd_socket_type(fd);

	return type != -1 && type != SOCK_STREAM;
}

int
link_open_standard(struct link *link, bool has_messages, size_t largest)
{
	static const char *const names[] = {
		"standard input", "standard output"
	};
	int fd;

	link->is_inherited = true;
	for (fd = STDIN_FILENO; fd <= STDOUT_FILENO; fd++)
		if (keeps_messages(fd) != has_messages) {
			diag_print("cannot play on %s: %s", names[fd],
			    has_messages ? "it is no socket that keeps "
			    "messages" : "it is a socket for messages");
			return -1;
		}
	link->in = STDIN_FILENO;
	link->out = STDOUT_FILENO;
	link->is_pipe = !is_same_socket(link->in, link->out);
	if (!has_messages)
		return 0;
	link->type = fd_socket_type(link->in);
	return open_mailbox(link, largest);
}

/*
 * Whether fd can only be read or written by a call that may wait; error is the
 * errno of one that may not.  A regular file never waits for another process,
 * but such a call fails with EAGAIN if it would wait for the disk.
 */
static bool
is_refused(int fd, int error)
{
	struct stat status;

	return io_is_refusal(error) || (io_is_temporary(error) &&
	    fstat(fd, &status) == 0 && S_ISREG(status.st_mode));
}

static enum io
sort_read_error(int error)
{
	return io_is_temporary(error) ? IO_AGAIN : IO_FAILED;
}

/* As read(2) of a descriptor that does not block. */
static ssize_t
read_now(const struct link *link, void *data, size_t size)
{
	ssize_t result;

	if (!link->is_inherited)
		return read(link->in, data, size);
	result = nowait_read(link->in, data, size);
	if (result != -1 || !is_refused(link->in, errno))
		return result;
	if (!nowait_is_ready(link->in, POLLIN)) {
		errno = EAGAIN;
		return -1;
	}
	/* If another reader takes what poll(2) has seen, this waits. */
	return read(link->in, data, size);
}

/*
 * ECONNRESET only means that the other side left bytes of ours unread; what it
 * said can still be read.
 */
enum io
link_read(struct link *link, void *data, size_t size, size_t *got)
{
	ssize_t result;

	do {
		result = read_now(link, data, size);
	} while (result == -1 && errno == ECONNRESET);
	if (result == -1)
		return sort_read_error(errno);
	*got = (size_t)result;
	return result == 0 ? IO_END : IO_MOVED;
}

/*
 * Receive more messages.  At the end of an inherited datagram socket this fails
 * with EAGAIN, as if a message could still come; so check whether one waits now
 * (tests/unit/kernel: dgram_end_unblocking).
 */
static enum io
receive_group(struct link *link)
{
	struct ancillary none = { .is_unwanted = true };
	bool is_over = link->is_inherited && link->type == SOCK_DGRAM &&
	    message_is_over(link->in);
	enum io result = mailbox_receive(link->mailbox, link->in, &none);

	if (is_over && result == IO_AGAIN && !message_is_waiting(link->in))
		return IO_END;
	return result;
}

enum io
link_receive(struct link *link, const char **message, size_t *size)
{
	struct mailbox *mailbox = link->mailbox;
	enum io result;

	if (link->taken == mailbox->received) {
		link->taken = 0;
		result = receive_group(link);
		if (result != IO_MOVED)
			return result;
	}
	*message = mailbox_message(mailbox, link->taken++, size);
	return IO_MOVED;
}

bool
link_is_keeping(const struct link *link)
{
	return link->mailbox != NULL && link->taken < link->mailbox->received;
}

static enum io
sort_write_error(int error)
{
	if (error == EPIPE || error == ECONNRESET || error == ENOTCONN ||
	    error == ECONNREFUSED)
		return IO_END;
	return io_is_temporary(error) ? IO_AGAIN : IO_FAILED;
}

/*
 * Write to a file that cannot be written without waiting.  If poll(2) reports
 * room, a pipe has PIPE_BUF bytes of it (pipe(7)); other files may wait.
 */
static ssize_t
write_if_ready(int fd, const struct iovec *iov, int count)
{
	size_t size;
	int i;

	for (i = 0; i < count - 1 && iov[i].iov_len == 0; i++)
		;
	size = iov[i].iov_len < PIPE_BUF ? iov[i].iov_len : PIPE_BUF;
	if (nowait_reports_room(fd) && !nowait_is_ready(fd, POLLOUT)) {
		errno = EAGAIN;
		return -1;
	}
	return write(fd, iov[i].iov_base, size);
}

static ssize_t
write_inherited(int fd, const struct iovec *iov, int count)
{
	/* sendmsg(2) only reads iov, but shares its type with recvmsg(2). */
	const struct msghdr header = {
		.msg_iov = (struct iovec *)iov, .msg_iovlen = (size_t)count
	};
	ssize_t result = sendmsg(fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (result != -1 || errno != ENOTSOCK)
		return result;
	result = nowait_writev(fd, iov, count);
	if (result != -1 || !is_refused(fd, errno))
		return result;
	return write_if_ready(fd, iov, count);
}

enum io
link_write(struct link *link, const struct iovec *iov, int count, size_t *done)
{
	ssize_t result = link->is_inherited ?
	    write_inherited(link->out, iov, count) :
	    writev(link->out, iov, count);

	if (result == -1)
		return sort_write_error(errno);
	*done = (size_t)result;
	return IO_MOVED;
}

enum io
link_send(struct link *link, const char *message, size_t size)
{
	const struct iovec iov = { (void *)message, size };
	struct ancillary none = { .count = 0 };
	unsigned int sent;
	enum io result;

	result = message_send(link->out, &iov, 1, &none, &sent);
	return result == IO_FAILED ? sort_write_error(errno) : result;
}

void
link_half_close(struct link *link)
{
	if (link->out == -1)
		return;
	if (link->other_end != -1)
		(void)shutdown(link->other_end, SHUT_RD);
	else if (!link->is_pipe)
		(void)shutdown(link->out, SHUT_WR);
	else if (link->is_inherited)
		link->error = fd_give_up(link->out) == -1 ? errno : 0;
	else
		(void)close(link->out);
	link->out = -1;
}

/* Turn off the time stamps of an inherited socket: others may use it, too. */
static void
stop_marking(const struct link *link)
{
	if (link->mailbox != NULL && link->is_inherited && link->in != -1)
		(void)message_mark(link->in, false);
}

void
link_leave(struct link *link)
{
	if (link->in == -1)
		return;
	stop_marking(link);
	if (!link->is_pipe) {
		if (shutdown(link->in, SHUT_RD) == 0)
			(void)message_discard(link->in);
	} else if (link->is_inherited) {
		(void)fd_give_up(link->in);
	} else {
		(void)close(link->in);
	}
	link->in = -1;
}

void
link_close(struct link *link)
{
	stop_marking(link);
	mailbox_free(link->mailbox);
	if (link->is_pipe && !link->is_inherited) {
		fd_close(&link->in);
		fd_close(&link->out);
	}
	link_init(link);
}
