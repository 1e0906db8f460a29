/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation.  SPLICE_F_NONBLOCK covers the pipe, not the socket; but
 * our socket is non-blocking, and only ours is ever used.  A stream only: of a
 * message socket the tail of a message would be lost (measured on Linux 6.18).
 *
 * EAGAIN does not tell which end is not ready, so both are asked then.  If both
 * claim to be ready time after time, they cannot be trusted, and the bytes are
 * copied.
 */
#include "config.h"

#ifdef HAVE_SPLICE
#include <sys/sendfile.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "descriptor.h"
#include "splice.h"

#define PIECE PIPE_ENLARGED	/* bytes at once */

#define DOUBTS 16		/* in a row are too many */

void
splice_init(struct splice *splice)
{
	*splice = (struct splice){ .way = SPLICE_UNKNOWN, .pipe = { -1, -1 } };
}

size_t
splice_pending(const struct splice *splice)
{
	return splice->begun || splice->held > 0 ? 1 : 0;
}

uint64_t
splice_drop(struct splice *splice)
{
	size_t held = splice->held;

	splice->begun = false;
	splice->held = 0;
	return held;
}

void
splice_free(struct splice *splice)
{
	descriptor_close(&splice->pipe[0]);
	descriptor_close(&splice->pipe[1]);
}

#ifdef HAVE_SPLICE

static enum splice_way
find_way(const struct endpoint *from, const struct endpoint *to)
{
	if (!to->inherited && from->kind == ENDPOINT_PIPE)
		return SPLICE_DIRECT;
	if (!to->inherited && from->kind == ENDPOINT_FILE)
		return SPLICE_FILE;
	if (!from->inherited && to->kind == ENDPOINT_PIPE)
		return SPLICE_DIRECT;
	if (!from->inherited && to->kind == ENDPOINT_FILE)
		return SPLICE_THROUGH;
	return SPLICE_NEVER;
}

/* Choose the way, and prepare for it.  What cannot be prepared is copied. */
static enum splice_way
prepare(struct splice *splice, const struct endpoint *from,
    const struct endpoint *to)
{
	enum splice_way way = find_way(from, to);

	if (way == SPLICE_THROUGH) {
		/* Linux refuses to splice to a file opened for appending. */
		if (fcntl(to->fd, F_GETFL) & O_APPEND)
			return SPLICE_NEVER;
		if (pipe2(splice->pipe, O_CLOEXEC | O_NONBLOCK) == -1)
			return SPLICE_NEVER;
		(void)fcntl(splice->pipe[0], F_SETPIPE_SZ, PIECE);
	}
	return way;
}

bool
splice_begin(struct splice *splice, struct endpoint *from,
    struct endpoint *to)
{
	if (splice->way == SPLICE_UNKNOWN) {
		splice->way = prepare(splice, from, to);
		if (splice->way == SPLICE_DIRECT)
			endpoint_enlarge_pipe(from->inherited ? from : to,
			    PIECE);
	}
	splice->begun = splice->way != SPLICE_NEVER;
	return splice->begun;
}

/* Nothing could be moved: find out which end is not ready. */
static enum io
find_reason(struct splice *splice, const struct endpoint *from,
    const struct endpoint *to)
{
	struct pollfd slots[2] = {
		{ .fd = from->fd, .events = POLLIN },
		{ .fd = to->fd, .events = POLLOUT },
	};

	if (poll(slots, 2, 0) == -1 || slots[0].revents == 0) {
		splice->begun = false;
		return IO_MOVED;
	}
	/* It may have become ready since; but not again and again. */
	if (slots[1].revents == 0 || ++splice->doubts < DOUBTS)
		return IO_AGAIN;
	splice->begun = false;
	splice->way = SPLICE_NEVER;
	return IO_MOVED;
}

/* What an error means, when nothing has been taken from from. */
static enum io
sort_error(struct splice *splice, const struct endpoint *from,
    const struct endpoint *to)
{
	switch (errno) {
	case EINTR:
		return IO_AGAIN;
	case EAGAIN:
		return find_reason(splice, from, to);
	case EPIPE:
		return IO_FAILED;
	case ECONNRESET:
		/* Our bytes were not read; the command's come all the same. */
		return to->inherited ? IO_AGAIN : IO_FAILED;
	default:
		/* Not between these; copying will tell what is wrong. */
		splice->begun = false;
		splice->way = SPLICE_NEVER;
		return IO_MOVED;
	}
}

static ssize_t
move_piece(int from, int to)
{
	return splice(from, NULL, to, NULL, PIECE,
	    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

/* Give the file what our own pipe holds. */
static enum io
empty_pipe(struct splice *splice, const struct endpoint *to, size_t *moved)
{
	ssize_t size;

	while (splice->held > 0) {
		size = move_piece(splice->pipe[0], to->fd);
		if (size == -1 && errno == EINVAL) {
			splice->way = SPLICE_NEVER;	/* see splice_rescue() */
			return IO_MOVED;
		}
		if (size == -1)
			return errno == EAGAIN || errno == EINTR ?
			    IO_AGAIN : IO_FAILED;
		splice->held -= (size_t)size;
		*moved += (size_t)size;
	}
	return IO_MOVED;
}

/* The ways that take and give in one call, or take for our own pipe. */
static ssize_t
move_once(const struct splice *splice, const struct endpoint *from,
    const struct endpoint *to)
{
	switch (splice->way) {
	case SPLICE_FILE:
		return sendfile(to->fd, from->fd, NULL, PIECE);
	case SPLICE_THROUGH:
		return move_piece(from->fd, splice->pipe[1]);
	default:
		return move_piece(from->fd, to->fd);
	}
}

enum io
splice_move(struct splice *splice, struct endpoint *from,
    struct endpoint *to, size_t *moved)
{
	ssize_t size;

	*moved = 0;
	if (splice->held > 0)
		return splice->way == SPLICE_THROUGH ?
		    empty_pipe(splice, to, moved) : IO_MOVED;
	size = move_once(splice, from, to);
	if (size == -1)
		return sort_error(splice, from, to);
	splice->begun = false;
	splice->doubts = 0;
	if (size == 0)
		return IO_END;
	if (splice->way != SPLICE_THROUGH) {
		*moved = (size_t)size;
		return IO_MOVED;
	}
	splice->held = (size_t)size;
	return empty_pipe(splice, to, moved);
}

size_t
splice_rescue(struct splice *splice, void *data, size_t size)
{
	ssize_t got = read(splice->pipe[0], data, size);

	if (got <= 0)
		return 0;
	splice->held -= (size_t)got;
	return (size_t)got;
}

#else

bool
splice_begin(struct splice *splice, struct endpoint *from,
    struct endpoint *to)
{
	(void)splice, (void)from, (void)to;
	return false;
}

enum io
splice_move(struct splice *splice, struct endpoint *from,
    struct endpoint *to, size_t *moved)
{
	(void)splice, (void)from, (void)to;
	*moved = 0;
	return IO_MOVED;
}

size_t
splice_rescue(struct splice *splice, void *data, size_t size)
{
	(void)splice, (void)data, (void)size;
	return 0;
}

#endif
