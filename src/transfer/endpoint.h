/* SPDX-License-Identifier: MIT */
/*
 * One end of a channel: a descriptor, and how to move bytes through it without
 * blocking.  O_NONBLOCK is never set on an inherited descriptor: the flag is in
 * the open file description, which the shell and others share with us, and
 * which outlives us (tests/unit/kernel: nonblock_is_shared).
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
	METHOD_CLOSED,		/* closed on entry; or unreadable /dev/null */
	METHOD_WRONG,		/* every use fails with the errno in wrong */
	METHOD_SOCKET,		/* recvmsg(2), sendmsg(2), MSG_DONTWAIT */
	METHOD_NOWAIT,		/* preadv2(2), pwritev2(2), RWF_NOWAIT */
	METHOD_PLAIN,		/* read(2), writev(2): they do not block */
	METHOD_POLLED,		/* read(2), small write(2), after poll(2) */
};

enum endpoint_use { ENDPOINT_READ, ENDPOINT_WRITE };

struct endpoint {
	const char *name;	/* for messages: "standard input" */
	int fd;			/* the descriptor to poll; -1 once given up */
	int own_fd;		/* the file reopened for us alone, or -1 */
	enum endpoint_use use;
	enum endpoint_method method;
	int pipe_size;		/* bytes before we enlarged it, or 0 */
	bool inherited;		/* others may share its description */
	bool was_closed;	/* on entry: fd is not ours to use */
	bool is_directory;	/* a read fails at once */
	bool is_pipe;		/* a pipe or FIFO, inherited or our own */
	bool is_socket;
	bool is_unix;		/* a socket that carries descriptors */
	bool is_message;	/* a socket that keeps message boundaries */
	bool is_marked;		/* we made the kernel mark its messages */
	bool is_untried;	/* as a source: not read yet, and poll(2) may */
				/* never report it ready */
	bool is_terminal;
	bool has_echoed;	/* a terminal whose echo has been on once */
	bool is_unpollable;	/* as a sink: poll(2) never reports room */
	bool reports_lost_reader;	/* as a sink: poll(2) does that */
	bool no_shutdown;	/* as a sink: end of file is not sent */
	bool is_input_too;	/* as a sink: standard input is this socket */
	bool writer_gone;	/* as a source: it ends once it is empty */
	bool reader_gone;	/* as a sink: nobody reads the data */
	bool was_reset;		/* ECONNRESET came, and was skipped */
	bool ignore_peek;	/* a peek announced descriptors that did not */
				/* come: see endpoint_inspect() */
	int wrong;		/* errno of METHOD_WRONG */
	int error;		/* errno of the last IO_FAILED, IO_TOO_LARGE */
	int other_end;		/* of our datagram socket, or -1; see below */
	size_t chunk;		/* as a sink: the most bytes that its reader */
				/* gets by one read; 0: no limit */
	int64_t chunk_pause;	/* the last result of endpoint_chunk_pause() */
				/* since a write; 0: none */
};

/*
 * Make an endpoint of fd, which we inherited.  closed means that it was closed
 * on entry: the number then belongs to another file, which is never touched.
 * name is borrowed.  Cannot fail: the error of a bad descriptor is reported
 * when it is used.
 */
void endpoint_open_inherited(struct endpoint *endpoint, int fd,
    enum endpoint_use use, bool closed, const char *name);

/*
 * Make an endpoint of our own non-blocking socket fd, borrowed.  For a socket
 * of type SOCK_DGRAM other_end is the command's end of the pair; else -1.
 *
 * SOCK_DGRAM has no end of file.  But when we shut down the command's end for
 * reading, the command reads its queue and then end of file.  While we hold
 * that end, no send of ours finds a dead peer; if one did, the kernel would
 * drop the messages that the command has sent last (tests/unit/kernel:
 * dgram_end, dgram_end_wakes, dgram_held_end, dgram_purge).
 */
void endpoint_open_socket(struct endpoint *endpoint, int fd,
    enum endpoint_use use, int other_end, const char *name);

/*
 * Make an endpoint of our own non-blocking end of a pipe, which is closed when
 * the endpoint is finished or refused, or by endpoint_close().
 */
void endpoint_open_pipe(struct endpoint *endpoint, int fd,
    enum endpoint_use use, const char *name);

/* Close our own end of a pipe, unless it is closed. */
void endpoint_close(struct endpoint *endpoint);

/* Whether it is always ready: poll(2) is of no use or must not be called. */
bool endpoint_is_always_ready(const struct endpoint *endpoint);

/* Whether data waits in it until it is read: a pipe, a socket, a terminal. */
bool endpoint_has_queue(const struct endpoint *endpoint);

/*
 * As a sink: whether revents, from poll(2), mean that its reader has gone.
 * POLLERR means that for pipes and connected sockets, POLLHUP for sockets.
 * Other files set these for other reasons, and files of sysfs always do
 * (tests/unit/kernel: pipe_reader_gone, closed_end_hangs_up,
 * sysfs_always_error).  For them only a write reports a lost reader.
 */
bool endpoint_has_lost_reader(const struct endpoint *endpoint, short revents);

/* Whether fd is a terminal whose echo is on. */
bool endpoint_echoes(int fd);

/*
 * As a source: whether it is a terminal on which a program asks for a password.
 * That is assumed while line editing is on and echo is off.  The terminal must
 * not be read then, or the password would go to the command and into a trace
 * (measured: 12 of 40 did; tests/unit/kernel: terminal_line_shared).  A
 * terminal whose echo was never on, as in Emacs, is read like any other.  The
 * command may ask at once.  So the caller calls endpoint_echoes() before it
 * starts the command, and sets has_echoed to the result.
 */
bool endpoint_awaits_password(struct endpoint *endpoint);

/*
 * Read at most size bytes (not 0) into data, and the descriptors that come with
 * them into ancillary; never blocks.
 *
 * IO_MOVED	*moved bytes, 1 to size, are in data; or 0, for an empty
 *		message from a message socket
 * IO_AGAIN	no data is there yet
 * IO_END	end of file
 * IO_TOO_LARGE	the endpoint's error is EMSGSIZE: a message of *moved bytes was
 *		longer than size, and its rest is lost
 * IO_FAILED	the endpoint's error is set
 *
 * ECONNRESET of a unix socket is no error: it means that the peer left bytes of
 * ours unread, and a stream reports it after the data (tests/unit/kernel:
 * stream_reset_last).  Of our own socket it sets was_reset.  Of another
 * inherited socket it is an error, because a TCP connection then loses data.
 */
enum io endpoint_read(struct endpoint *endpoint, void *data, size_t size,
    size_t *moved, struct ancillary *ancillary);

/*
 * Inspect the next bytes of a stream, at most size, before they are read: copy
 * them into data, and leave them in the socket.  *has_set is set to whether a
 * set of descriptors comes with one of them.  Returns how many bytes may be
 * read now.  If there is a set, the last of these bytes is the last one that
 * was sent with it (tests/unit/kernel: set_ends_read).  If there is none, no
 * set comes with these bytes, but one may have arrived after them since.
 *
 * Returns size if no bytes are there, if the system announces no descriptors,
 * and if endpoint->ignore_peek is set.  The caller sets it after an announced
 * set did not come: a user of the socket has requested credentials, which are
 * announced in the same way (SO_PASSCRED, unix(7); tests/unit/kernel:
 * credentials_announced).
 */
size_t endpoint_inspect(struct endpoint *endpoint, void *data, size_t size,
    bool *has_set);

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
 * The same for the bytes of count buffers, in their order.  If these are 0
 * bytes, a message socket sends an empty message.
 */
enum io endpoint_writev(struct endpoint *endpoint, const struct iovec *iov,
    int count, size_t *moved, struct ancillary *ancillary);

/*
 * Call this when a write to a sink with a chunk has returned IO_AGAIN.  Returns
 * how many nanoseconds to wait before the next attempt, because poll(2) does
 * not report that the reader has read all that was written.  The time grows
 * with each call, up to 20 ms, until something is written.
 */
int64_t endpoint_chunk_pause(struct endpoint *endpoint);

/* Whether the error of the last write means that the reader has gone. */
bool endpoint_is_gone(const struct endpoint *endpoint);

/* Whether every process that held the other end has closed it. */
bool endpoint_is_hung_up(const struct endpoint *endpoint);

/*
 * Bytes of an enlarged pipe: four times the default.  A larger one gains little
 * more, and a user may have only 64 pipes of 1 MiB: after that every new one
 * has 8 KiB (pipe(7), pipe-user-pages-soft).
 */
#define PIPE_ENLARGED 262144

/*
 * Enlarge the pipe to at least size bytes, if the system allows it.  When it is
 * given up, it gets its old size back if the data in it fits
 * (tests/unit/kernel: pipe_shrinks_if_empty).
 */
void endpoint_enlarge_pipe(struct endpoint *endpoint, int size);

/*
 * As a sink: all data has been written; notify the reader.  Unless no_shutdown
 * is set, our own socket is shut down for writing, and our own pipe closed.  An
 * inherited descriptor is closed.  If it is a socket and standard input as
 * well, and half_closed (the writer of the source has half-closed), it is shut
 * down for writing first, as that writer would have done without us.  It is not
 * shut down if the writer went away, or if the socket is standard output alone:
 * the program that started us may have more to write.
 *
 * Returns 0; or -1 with errno if data that was written is lost (close(2): EIO,
 * ENOSPC, EDQUOT), or if the reader could not be notified.
 */
int endpoint_finish(struct endpoint *endpoint, bool half_closed);

/*
 * As a source: stop reading, and notify the writer.  Our own socket is shut
 * down for reading and read until it is empty; a pipe or an inherited
 * descriptor is closed.
 * Returns how many bytes waited in our own socket or pipe and are lost.
 */
uint64_t endpoint_refuse(struct endpoint *endpoint);

/*
 * As a source: refuse what is written from now on, and report end of file after
 * what has come before.  Returns false if that cannot be done, as with a pipe.
 */
bool endpoint_stop_writer(struct endpoint *endpoint);

/*
 * As a sink: how many bytes its reader has not read yet, or 0 if the kernel
 * does not say.  If the results of two calls differ, a process reads.
 */
int endpoint_unread(const struct endpoint *endpoint);

/* The functions below are for endpoint.c, and defined in nonblock.c. */

/*
 * RWF_NOWAIT does not work with this file.  Open it again for us alone, if
 * nowait_reopen() can; else call poll(2) before each read or write.  In a FIFO
 * our second description for writing is no reader, and one for reading is no
 * writer.  So poll(2) of the inherited descriptor still reports when the other
 * side has gone (tests/unit/kernel: fifo_reopened).
 */
void nonblock_reopen(struct endpoint *endpoint);

/*
 * Try once to read or write, without waiting.  Results as of endpoint_read()
 * and endpoint_writev(), except that ECONNRESET is IO_FAILED as other errors
 * are.
 */
enum io nonblock_read(struct endpoint *endpoint, void *data, size_t size,
    size_t *moved, struct ancillary *ancillary);
enum io nonblock_write(struct endpoint *endpoint, const struct iovec *iov,
    int count, size_t *moved, struct ancillary *ancillary);

#endif
