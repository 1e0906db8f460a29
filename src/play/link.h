/* SPDX-License-Identifier: MIT */
/*
 * The link to the other side of a talk: our end of a socket pair or of two
 * pipes with a command, or our own standard input and output.  No inherited
 * descriptor is made non-blocking.  Still no function waits, unless the system
 * offers no other way to read or write an inherited file.
 */
#ifndef LINK_H
#define LINK_H

#include "config.h"

#include <sys/uio.h>

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"
#include "socket/message.h"
#include "socket/pair.h"

struct link {
	int in;			/* read from; or -1 */
	int out;		/* written to, perhaps the same; or -1 */
	int type;		/* SOCK_STREAM also for pipes and files */
	bool is_inherited;	/* standard input and output */
	bool is_pipe;		/* not one socket: closed, not shut down */
	int other_end;		/* of a dgram pair, for link_half_close(); */
				/* borrowed; or -1 */
	int error;		/* errno: link_half_close() has lost what was */
				/* written to standard output; or 0 */
	struct mailbox *mailbox;	/* owned: for message sockets */
	unsigned int taken;	/* messages in it that have been returned */
};

/* No link yet. */
void link_init(struct link *link);

/*
 * Use our end of pair, which the caller has opened, and closes after
 * link_close().  largest is the size in bytes of the largest message that is
 * to be received whole.  Returns 0, or -1 after printing a message.
 */
int link_open_pair(struct link *link, struct pair *pair, size_t largest);

/*
 * Use standard input and output.  If has_messages, both must be sockets that
 * keep messages, and largest is as above; if not, neither must be such a
 * socket.  Returns 0, or -1 after printing a message.
 */
int link_open_standard(struct link *link, bool has_messages, size_t largest);

/*
 * Read up to size bytes of a stream.
 *
 * IO_MOVED	*got bytes, at least 1, are in data
 * IO_AGAIN	nothing is there yet
 * IO_END	the other side says no more
 * IO_FAILED	errno is set
 */
enum io link_read(struct link *link, void *data, size_t size, size_t *got);

/*
 * Receive a message.  *message is valid until the next call.  *size is the size
 * that was sent; bytes beyond largest are lost.  Results as of link_read().
 */
enum io link_receive(struct link *link, const char **message, size_t *size);

/* Whether a message has been received that link_receive() has not returned. */
bool link_is_keeping(const struct link *link);

/*
 * Write bytes of a stream, from count buffers.
 *
 * IO_MOVED	*done bytes, at least 1, were written
 * IO_AGAIN	there is no room yet
 * IO_END	the other side reads no more
 * IO_FAILED	errno is set
 */
enum io link_write(struct link *link, const struct iovec *iov, int count,
    size_t *done);

/*
 * Send a message.  Results as of link_write(); IO_TOO_LARGE with errno if there
 * will never be room for it.
 */
enum io link_send(struct link *link, const char *message, size_t size);

/*
 * We say no more: the other side reads end of file, unless the link is an
 * inherited datagram socket, which cannot notify it.  The link can still be
 * read.  If close(2) of standard output reports that what was written is lost,
 * link->error is set to the errno.  Does nothing if this was done before.
 */
void link_half_close(struct link *link);

/* We read no more: what the other side writes from now on fails (EPIPE). */
void link_leave(struct link *link);

/* Close and free what the link owns: not pair, nor standard input or output. */
void link_close(struct link *link);

#endif
