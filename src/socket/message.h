/* SPDX-License-Identifier: MIT */
/*
 * Messages through a socket of type SOCK_SEQPACKET or SOCK_DGRAM, many at a
 * time, each whole or not at all.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <sys/socket.h>
#include <sys/uio.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/pages.h"
#include "base/result.h"
#include "socket/ancillary.h"

#ifndef HAVE_STRUCT_MMSGHDR
struct mmsghdr {
	struct msghdr msg_hdr;
	unsigned int msg_len;
};
#endif

/*
 * The most messages that one system call moves.  With 64, messages of 64 bytes
 * take a third of the time that they take one by one (measured on Linux 6.18);
 * more gain little.
 */
#define MESSAGE_BATCH 64

/*
 * The largest message that Linux can carry: one kmalloc of 4 MiB and 17 pages,
 * less what the kernel keeps there (tests/unit/kernel: largest_message; see
 * sock_alloc_send_pskb() in Linux).
 */
#define MESSAGE_LARGEST 4263616

/*
 * Bytes of a sender's buffer that no message can use (tests/unit/kernel:
 * sender_limits_size).
 */
#define MESSAGE_OVERHEAD 32

/*
 * Bytes of the control data that tells an empty message from the end of file.
 * It is a time stamp, which only a message brings.  With more room, descriptors
 * that somebody sends would be installed beside it (tests/unit/kernel:
 * mark_tells_end, mark_takes_room).
 */
#define MESSAGE_MARK_SIZE CMSG_SPACE(sizeof(struct timespec))

/*
 * What error, the errno of a send of a message, comes to: IO_TOO_LARGE if the
 * socket has no room, or the system no memory, for one so large; else
 * IO_FAILED.
 */
enum io message_sort_error(int error);

/*
 * Where messages are received: a row of slots that one system call fills.  Only
 * one set of descriptors can be on its way at a time, so a message that brings
 * some begins a new group, and each call of mailbox_receive() gives one group:
 *
 *	0	  first	     first + received	    filled	 slots
 *	| given before | there now | kept for later calls | not filled |
 */
struct mailbox {
	struct pages pages;	/* the slots */
	struct pages rooms;	/* for the descriptors that come to each */
	size_t slot;		/* bytes from one slot to the next */
	size_t margin;		/* bytes before a message, for its header */
	size_t largest;		/* bytes: what fits in a slot */
	unsigned int slots;	/* 1 to MESSAGE_BATCH */
	unsigned int wanted;	/* messages to ask for next, 1 to slots */
	unsigned int trusted;	/* the same, while descriptors may come */
	unsigned int first;	/* see above */
	unsigned int received;
	unsigned int filled;
	bool has_end;		/* an end of file is possible, see below */
	bool ended;		/* the end of file follows what is filled */
	bool was_reset;		/* ECONNRESET came: see fill_mailbox() */
	struct mmsghdr headers[MESSAGE_BATCH];
	struct iovec iovecs[MESSAGE_BATCH];
	char marks[MESSAGE_BATCH][MESSAGE_MARK_SIZE];
};

/*
 * Make room for messages of up to largest bytes each, with margin bytes before
 * and after each.  has_end says that the socket can report an end of file,
 * which looks like an empty message, and that message_mark() was called for
 * it.  If memory is short there are fewer slots than MESSAGE_BATCH.
 * Returns the mailbox, owned by the caller, or NULL with errno ENOMEM.
 */
struct mailbox *mailbox_open(size_t largest, size_t margin, bool has_end);

void mailbox_free(struct mailbox *mailbox);

/*
 * Receive what is there into mailbox, from our own socket fd; never blocks.
 * The descriptors that come with the first message are put into ancillary;
 * another message that brings some is kept for the next call.  If they are
 * unwanted all are closed, and their refusal is REFUSAL_FAMILY.
 *
 * IO_MOVED	received messages, at least 1
 * IO_AGAIN	none is there
 * IO_END	none will come any more (never from SOCK_DGRAM, see unix(7))
 * IO_FAILED	errno is set
 */
enum io mailbox_receive(struct mailbox *mailbox, int fd,
    struct ancillary *ancillary);

/* Whether messages are kept for the next call. */
bool mailbox_is_keeping(const struct mailbox *mailbox);

/*
 * Returns the bytes of message number i, 0 to received - 1.  *size is its size
 * when it was sent: if that is above largest, the rest is lost.
 */
char *mailbox_message(const struct mailbox *mailbox, unsigned int i,
    size_t *size);

/*
 * Make the system mark every message that fd receives, or stop that.  A mark
 * tells an empty message from the end of file.  Returns 0, or -1 with errno if
 * the system has no marks; then only message_is_over() can tell.
 */
int message_mark(int fd, bool on);

/*
 * Whether a message waits at fd.  It is not removed (tests/unit/kernel:
 * peek_leaves_message).
 */
bool message_is_waiting(int fd);

/*
 * Whether the peer of fd sends no more.  Messages may still wait
 * (tests/unit/kernel: end_before_queue), and an empty one among them looks like
 * the end.  True if poll(2) fails.
 */
bool message_is_over(int fd);

/*
 * Drop what waits at our own socket fd, of any type, which has been shut down
 * for reading.  A writer that waits for room in poll(2), or in a send of
 * datagrams, is woken only by room in the queue.  Its next write then reports
 * that nobody reads (tests/unit/kernel: room_wakes_poll,
 * room_wakes_dgram_sender).  Descriptors that came along are closed.  Returns
 * how many bytes were dropped.
 */
uint64_t message_discard(int fd);

/*
 * Send count messages (1 to MESSAGE_BATCH), the bytes of an iovec each, through
 * our own socket fd, and with the first the set in ancillary; never blocks.
 *
 * IO_MOVED	*sent of them have been sent, at least 1
 * IO_AGAIN	there is no room for the first
 * IO_TOO_LARGE	the first will never have room; errno is set
 * IO_FAILED	errno is set
 */
enum io message_send(int fd, const struct iovec *messages, unsigned int count,
    struct ancillary *ancillary, unsigned int *sent);

#endif
