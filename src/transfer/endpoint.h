/* SPDX-License-Identifier: MIT */
/*
 * One side of a channel: a descriptor, and how to move bytes through it
 * without blocking.  O_NONBLOCK is never set on what we inherited: the flag
 * is in the open file description, which the shell and others share with us,
 * and which outlives us (tests/unit/kernel: nonblock_is_shared).
 */
#ifndef ENDPOINT_H
#define ENDPOINT_H

#include <sys/uio.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "socket/ancillary.h"

/* How a descriptor is read and written without blocking. */
enum endpoint_method {
	METHOD_CLOSED,		/* it was closed on entry, or is as empty */
	METHOD_WRONG,		/* every use fails, with the errno in wrong */
	METHOD_SOCKET,		/* recv(2), send(2) with MSG_DONTWAIT */
	METHOD_NOWAIT,		/* preadv2(2), pwritev2(2) with RWF_NOWAIT */
	METHOD_PLAIN,		/* read(2), write(2): it does not block */
	METHOD_POLLED,		/* the same, a little, if poll(2) says so */
};

enum endpoint_use { ENDPOINT_READ, ENDPOINT_WRITE };

struct endpoint {
	const char *name;	/* for messages: "standard input" */
	int fd;			/* its number, polled; -1 once given up */
	int own_fd;		/* the same, reopened for us alone, or -1 */
	enum endpoint_use use;
	enum endpoint_method method;
	int pipe_size;		/* bytes that it had before us, or 0 */
	bool inherited;		/* others may share its description */
	bool was_closed;	/* on entry: the descriptor is not ours */
	bool is_directory;	/* its error is there without waiting */
	bool is_pipe;		/* that we inherited; or a FIFO */
	bool is_socket;
	bool is_unix;		/* a socket that carries descriptors */
	bool is_message;	/* a socket that keeps message boundaries */
	bool is_marked;		/* and was told to mark messages */
	bool is_untried;	/* as a source: no read yet, and poll(2) may */
				/* never report it */
	bool is_terminal;
	bool has_echoed;	/* and its echo has been on at some time */
	bool is_unpollable;	/* as a sink: poll(2) never reports room */
	bool reports_lost_reader;	/* as a sink: poll(2) does that */
	bool no_shutdown;	/* as a sink: end of file is not sent */
	bool is_input_too;	/* as a sink: also standard input, a socket */
	bool writer_gone;	/* as a source: it ends once it is empty */
	bool reader_gone;	/* as a sink: nobody reads what is written */
	bool was_reset;		/* ECONNRESET was passed over */
	int wrong;		/* errno of METHOD_WRONG */
	int error;		/* errno of the last IO_FAILED, IO_TOO_LARGE */
	int other_end;		/* of our datagram socket, or -1; see below */
};

/*
 * Make an endpoint of fd, which we inherited.  closed says that it was closed
 * on entry: then something else holds fd, which is never touched.  name is
 * borrowed.  Cannot fail: a bad descriptor gives its error when it is used.
 */
void endpoint_open_inherited(struct endpoint *endpoint, int fd,
    enum endpoint_use use, bool closed, const char *name);

/*
 * Make an endpoint of our own non-blocking socket fd, borrowed.  For a socket
 * of type SOCK_DGRAM other_end is the command's end of the pair; else -1.
 *
 * SOCK_DGRAM has no end of file.  But when we shut down the command's end for
 * reading, the command reads its queue and then end of file.  And while we hold
 * that end, no send of ours finds a dead peer, which would purge what the
 * command has sent last (tests/unit/kernel: dgram_end, dgram_end_wakes,
 * dgram_held_end, dgram_purge).
 */
void endpoint_open_socket(struct endpoint *endpoint, int fd,
    enum endpoint_use use, int other_end, const char *name);

/* Whether it is always ready, so that poll(2) need not or must not be asked. */
bool endpoint_is_always_ready(const struct endpoint *endpoint);

/*
 * As a sink: whether revents, as returned by poll(2), say that its reader has
 * gone.  POLLERR says so for pipes and connected sockets, POLLHUP for sockets.
 * Other files set them for other reasons, and files of sysfs always do
 * (tests/unit/kernel: pipe_reader_gone, closed_end_hangs_up,
 * sysfs_always_error).  There only a write reports a lost reader.
 */
bool endpoint_has_lost_reader(const struct endpoint *endpoint, short revents);

/* Whether fd is a terminal that echoes what is typed. */
bool endpoint_echoes(int fd);

/*
 * As a source: whether it is a terminal on which a program asks for a password.
 * That is assumed while line editing is on and echo is off.  The terminal must
 * not be read then, or the password would go to the command and into a trace
 * (measured: 12 of 40 did; tests/unit/kernel: terminal_line_shared).  A
 * terminal whose echo was never on, as in Emacs, is read like any other.  The
 * command may ask at once, so the caller finds out endpoint_echoes() before it
 * starts the command, and sets has_echoed to that.
 */
bool endpoint_awaits_password(struct endpoint *endpoint);

/*
 * Read at most size bytes (not 0) into data, and the descriptors that come with
 * them into ancillary; never blocks.
 *
 * IO_MOVED	*moved bytes, 1 to size, are in data; or 0, for an empty
 *		message from a message socket
 * IO_AGAIN	nothing is there yet
 * IO_END	nothing will come any more
 * IO_TOO_LARGE	the endpoint's error is EMSGSIZE: a message of *moved bytes was
 *		longer than size, and its rest is lost
 * IO_FAILED	the endpoint's error is set
 *
 * ECONNRESET of our own socket only sets was_reset: it says that bytes of ours
 * were not read, and on a stream it comes behind the data (tests/unit/kernel:
 * stream_reset_last).
 */
enum io endpoint_read(struct endpoint *endpoint, void *data, size_t size,
    size_t *moved, struct ancillary *ancillary);

/*
 * Inspect the next bytes of a stream, at most size, before they are read: they
 * are copied into data and stay where they are.  *has_set says whether a set of
 * descriptors comes with one of them.  Returns how many may be read now.  If
 * there is a set, the last of them is the last byte that was sent with it
 * (tests/unit/kernel: set_ends_read).  If there is none, these bytes bring
 * none; a set may have come behind them since.
 *
 * The result is size where no bytes are there, where the system announces no
 * descriptors, and once ignore_peek has been set in ancillary, because none
 * came: the socket's user wants credentials, which look the same (SO_PASSCRED,
 * unix(7); tests/unit/kernel: credentials_announced).
 */
size_t endpoint_inspect(struct endpoint *endpoint, void *data, size_t size,
    const struct ancillary *ancillary, bool *has_set);

/*
 * Write at most size bytes (not 0) from data, and with them the set in
 * ancillary, which is empty unless the endpoint is_unix.  Never blocks, except
 * in a device whose room poll(2) does not report.
 *
 * IO_MOVED	*moved bytes, 1 to size, are written
 * IO_AGAIN	there is no room
 * IO_TOO_LARGE	the endpoint's error is set: a message socket will never have
 *		room for so many bytes in one message
 * IO_FAILED	the endpoint's error is set; see endpoint_is_gone()
 */
enum io endpoint_write(struct endpoint *endpoint, const void *data,
    size_t size, size_t *moved, struct ancillary *ancillary);

/*
 * The same for what count buffers hold, in their order.  If that is nothing, a
 * message socket sends an empty message.
 */
enum io endpoint_writev(struct endpoint *endpoint, const struct iovec *iov,
    int count, size_t *moved, struct ancillary *ancillary);

/* Whether the error of the last write says that the reader has gone. */
bool endpoint_is_gone(const struct endpoint *endpoint);

/* Whether everybody who held the socket's other end has closed it. */
bool endpoint_is_hung_up(const struct endpoint *endpoint);

/*
 * Bytes of an enlarged pipe: four times the default.  A larger one gains little
 * more, and a user may have only 64 pipes of 1 MiB: after that every new one
 * has 8 KiB (pipe(7), pipe-user-pages-soft).
 */
#define PIPE_ENLARGED 262144

/*
 * Give the pipe at least size bytes, if the system lets us.  It gets its old
 * size back when it is given up, if what it holds by then allows that
 * (tests/unit/kernel: pipe_shrinks_if_empty).
 */
void endpoint_enlarge_pipe(struct endpoint *endpoint, int size);

/*
 * As a sink: everything has been written; notify the reader.  Our own socket is
 * shut down for writing, unless no_shutdown.  An inherited descriptor is
 * closed.  If standard input is the same socket, and the writer of the source
 * has half-closed, it is shut down for writing first, as that writer would have
 * done without us.  It is not shut down if the writer went away, or if the
 * socket is standard output alone: the caller may have more to write.
 *
 * Returns 0, or -1 with errno: what was written is lost (close(2): EIO, ENOSPC,
 * EDQUOT), or the reader could not be notified.
 */
int endpoint_finish(struct endpoint *endpoint, bool half_closed);

/*
 * As a source: nothing will be read any more, and the writer is notified.  Our
 * own socket is shut down for reading and read empty; what we inherited is
 * given up.  Returns how many bytes waited in our own socket, and are lost.
 */
uint64_t endpoint_refuse(struct endpoint *endpoint);

/*
 * As a sink: how many bytes its reader has still to take, or 0 if the kernel
 * does not say.  If the results of two calls differ, somebody reads.
 */
int endpoint_unread(const struct endpoint *endpoint);

/* What follows is for endpoint.c, and defined in nonblock.c. */

/*
 * RWF_NOWAIT does not work with this file.  Open it again for us alone, if
 * nowait_reopen() can; else ask poll(2) before each read or write.  A second
 * description for writing is no reader of a FIFO, and one for reading is no
 * writer, so poll(2) still reports on the inherited descriptor when the other
 * side has gone (tests/unit/kernel: fifo_reopened).
 */
void nonblock_reopen(struct endpoint *endpoint);

/*
 * One attempt to read or write, without waiting.  Results as of endpoint_read()
 * and endpoint_writev(), except that ECONNRESET is a failure like others.
 */
enum io nonblock_read(struct endpoint *endpoint, void *data, size_t size,
    size_t *moved, struct ancillary *ancillary);
enum io nonblock_write(struct endpoint *endpoint, const struct iovec *iov,
    int count, size_t *moved, struct ancillary *ancillary);

#endif
