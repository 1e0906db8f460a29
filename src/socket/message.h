/* SPDX-License-Identifier: MIT */
/*
 * Messages through a socket of type SOCK_SEQPACKET or SOCK_DGRAM: many are sent
 * or received by one call, each of them whole or not at all.
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
 * a larger batch gains little.
 */
#define MESSAGE_BATCH 64

/*
 * The largest message that Linux can carry: one kmalloc of 4 MiB and 17 pages,
 * less what the kernel keeps there (tests/unit/kernel: largest_message; see
 * sock_alloc_send_pskb() in Linux).
 */
#define MESSAGE_LARGEST 4263616

/*
 * The bytes of a sender's buffer that the kernel uses itself: a message has
 * this much less (tests/unit/kernel: sender_limits_size).
 */
#define MESSAGE_OVERHEAD 32

/*
 * Bytes of the mark that distinguishes an empty message from end of file.  It
 * is a time stamp, a control message that the kernel adds to every message and
 * not to end of file.  If the room were larger, the kernel would also install
 * descriptors that a peer sends (tests/unit/kernel: mark_tells_end,
 * mark_takes_room).
 */
#define MESSAGE_MARK_SIZE CMSG_SPACE(sizeof(struct timespec))

/*
 * The result of a send of a message that failed for good with error:
 * IO_TOO_LARGE if the socket has not enough room, or the system not enough
 * memory, for a message of its size; else IO_FAILED.
 */
enum io message_sort_error(int error);

/*
 * A row of slots that one system call fills with messages.  At most one set of
 * descriptors can wait in a direction, so a message that comes with descriptors
 * begins a new group, and each call of mailbox_receive() returns one group:
 *
 *	0	  first	     first + received	    filled	 slots
 *	| returned before | this group | for later calls | not filled |
 */
struct mailbox {
	struct pages pages;	/* the slots */
	struct pages rooms;	/* for the descriptors of each slot */
	size_t slot;		/* bytes from one slot to the next */
	size_t margin;		/* bytes before a message, for its header */
	size_t largest;		/* bytes of a message that a slot holds */
	unsigned int slots;	/* 1 to MESSAGE_BATCH */
	unsigned int wanted;	/* messages to request next, 1 to slots */
	unsigned int trusted;	/* the same, while descriptors may come */
	unsigned int first;	/* see above */
	unsigned int received;
	unsigned int filled;
	bool has_end;		/* end of file is possible, see below */
	bool ended;		/* end of file follows the filled slots */
	bool was_reset;		/* ECONNRESET came: see fill_mailbox() */
	struct mmsghdr headers[MESSAGE_BATCH];
	struct iovec iovecs[MESSAGE_BATCH];
	char marks[MESSAGE_BATCH][MESSAGE_MARK_SIZE];
};

/*
 * Create a mailbox for messages of up to largest bytes, with margin bytes of
 * room before and after each.  has_end means that the socket can report end of
 * file, which looks like an empty message, and that message_mark() was called
 * for it.  If memory is short, there are fewer than MESSAGE_BATCH slots.
 * Returns the mailbox, which the caller frees with mailbox_free(); or NULL with
 * errno ENOMEM.
 */
struct mailbox *mailbox_open(size_t largest, size_t margin, bool has_end);

void mailbox_free(struct mailbox *mailbox);

/*
 * Receive the next group of messages from our own socket fd into mailbox; never
 * blocks.  The descriptors that came with the first message are put into
 * ancillary.  A later message that comes with descriptors is kept for the next
 * call.  If ancillary->is_unwanted, all descriptors are closed, and the refusal
 * is REFUSAL_FAMILY.
 *
 * IO_MOVED	mailbox->received messages, at least 1, are there
 * IO_AGAIN	no message is there yet
 * IO_END	end of file (never from SOCK_DGRAM, see unix(7))
 * IO_FAILED	errno is set
 */
enum io mailbox_receive(struct mailbox *mailbox, int fd,
    struct ancillary *ancillary);

/* Whether messages are kept for the next call. */
bool mailbox_is_keeping(const struct mailbox *mailbox);

/*
 * Returns the bytes of message i, 0 to received - 1, owned by mailbox.  *size
 * is the size that was sent: if it is above largest, the rest is lost.
 */
char *mailbox_message(const struct mailbox *mailbox, unsigned int i,
    size_t *size);

/*
 * Make the kernel mark every message that fd receives, or stop that.  A mark
 * distinguishes an empty message from end of file.  Returns 0, or -1 with errno
 * if the system has no marks; then only message_is_over() and
 * message_bytes_wait() can distinguish them.
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
 * end of file.  True if poll(2) fails.
 */
bool message_is_over(int fd);

/*
 * Whether messages with bytes wait at fd, behind empty ones, too
 * (tests/unit/kernel: waiting_sum).  False if FIONREAD is refused; a system may
 * count the first message alone.
 */
bool message_bytes_wait(int fd);

/*
 * Drop all data that waits at our own socket fd, of any type, which has been
 * shut down for reading.  A writer that waits for room in poll(2), or in a send
 * of a datagram, is woken only by room in the queue.  Its next write then fails
 * because nobody reads (tests/unit/kernel: room_wakes_poll,
 * room_wakes_dgram_sender).  Descriptors that came with the data are closed.
 * Returns how many bytes were dropped.
 */
uint64_t message_discard(int fd);

/*
 * Send count messages (1 to MESSAGE_BATCH), each the bytes of one iovec,
 * through our own socket fd; never blocks.  The set in ancillary goes with the
 * first.
 *
 * IO_MOVED	the first *sent messages, at least 1, have been sent
 * IO_AGAIN	there is no room for the first now
 * IO_TOO_LARGE	there will never be room for the first; errno is set
 * IO_FAILED	errno is set
 */
enum io message_send(int fd, const struct iovec *messages, unsigned int count,
    struct ancillary *ancillary, unsigned int *sent);

#endif
