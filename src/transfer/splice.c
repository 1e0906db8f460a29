/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation.  SPLICE_F_NONBLOCK applies to the pipe and not to the
 * socket.  So only our own socket is used, which is non-blocking, and only if
 * it is a stream: from a message socket the rest of a large message would be
 * lost (tests/unit/kernel: splice_flag_pipe_only, splice_cuts_message).
 *
 * splice(2) closes descriptors that come with the bytes, and does not report
 * that (tests/unit/kernel: splice_closes_set).  So the bytes of our socket are
 * moved only if no descriptors come with them.
 *
 * EAGAIN leaves the bytes in src (tests/unit/kernel: splice_to_full_pipe).  It
 * does not say which end is not ready, so poll(2) is called.  If poll(2)
 * reports both as ready DOUBTS times in a row, the bytes are copied from then
 * on.
 */
#include "config.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "transfer/splice.h"

#define PIECE PIPE_ENLARGED	/* bytes of one call, at most */

#define DOUBTS 16		/* see struct splice */

#ifdef HAVE_SPLICE

static enum splice_use
find_use(const struct endpoint *src, const struct endpoint *dst)
{
	/* Each chunk is written only after the one before has been read. */
	if (dst->chunk > 0)
		return SPLICE_NEVER;
	return (!dst->inherited && src->is_pipe) ||
	    (!src->inherited && dst->is_pipe) ? SPLICE_DIRECT : SPLICE_NEVER;
}

/*
 * How many bytes of src to move: none if a set of descriptors waits among them.
 * Only those that were there before the queue was inspected, since a set may
 * have come behind them.  A peek of no bytes inspects all that waits
 * (tests/unit/kernel: empty_peek_announces).
 */
static size_t
count_movable(const struct endpoint *src)
{
	struct msghdr header = { .msg_iovlen = 0 };
	int waiting;

	if (!src->is_unix)
		return PIECE;
	if (ioctl(src->fd, FIONREAD, &waiting) == -1 || waiting <= 0 ||
	    recvmsg(src->fd, &header, MSG_DONTWAIT | MSG_PEEK) == -1 ||
	    header.msg_flags & MSG_CTRUNC)
		return 0;
	return waiting < PIECE ? (size_t)waiting : PIECE;
}

bool
splice_begin(struct splice *splice, struct endpoint *src,
    struct endpoint *dst)
{
	if (splice->use == SPLICE_UNKNOWN) {
		splice->use = find_use(src, dst);
		if (splice->use == SPLICE_DIRECT) {
			endpoint_enlarge_pipe(src, PIECE);
			endpoint_enlarge_pipe(dst, PIECE);
		}
	}
	splice->most = splice->use == SPLICE_DIRECT ? count_movable(src) : 0;
	return splice->most > 0;
}

/* Nothing could be moved: find out which end is not ready. */
static enum io
find_reason(struct splice *splice, const struct endpoint *src,
    const struct endpoint *dst)
{
	struct pollfd slots[2] = {
		{ .fd = src->fd, .events = POLLIN },
		{ .fd = dst->fd, .events = POLLOUT },
	};

	if (poll(slots, 2, 0) == -1 || slots[0].revents == 0) {
		splice->most = 0;
		return IO_MOVED;
	}
	/* dst may have become ready since then, but not every time. */
	if (slots[1].revents == 0 || ++splice->doubts < DOUBTS)
		return IO_AGAIN;
	splice->most = 0;
	splice->use = SPLICE_NEVER;
	return IO_MOVED;
}

/* The result for an error in errno; no data has been taken from src. */
static enum io
sort_error(struct splice *splice, const struct endpoint *src,
    struct endpoint *dst)
{
	dst->error = errno;
	switch (dst->error) {
	case EINTR:
		return IO_AGAIN;
	case EAGAIN:
		return find_reason(splice, src, dst);
	case EPIPE:
		return IO_FAILED;
	case ECONNRESET:
		/* The peer left our bytes unread; its own still come. */
		return dst->inherited ? IO_AGAIN : IO_FAILED;
	default:
		/* Not between these files: copying reports a real error. */
		splice->most = 0;
		splice->use = SPLICE_NEVER;
		return IO_MOVED;
	}
}

static ssize_t
move_piece(int src, int dst, size_t most)
{
	return splice(src, NULL, dst, NULL, most,
	    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

enum io
splice_move(struct splice *splice, struct endpoint *src,
    struct endpoint *dst, size_t *moved)
{
	ssize_t size;

	*moved = 0;
	size = move_piece(src->fd, dst->fd, splice->most);
	if (size == -1)
		return sort_error(splice, src, dst);
	splice->most = 0;
	splice->doubts = 0;
	if (size == 0)
		return IO_END;
	*moved = (size_t)size;
	return IO_MOVED;
}

#else

bool
splice_begin(struct splice *splice, struct endpoint *src,
    struct endpoint *dst)
{
	(void)splice, (void)src, (void)dst;
	return false;
}

enum io
splice_move(struct splice *splice, struct endpoint *src,
    struct endpoint *dst, size_t *moved)
{
	(void)splice, (void)src, (void)dst;
	*moved = 0;
	return IO_MOVED;
}

#endif
