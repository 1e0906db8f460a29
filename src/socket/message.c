/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/ioctl.h>

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fd.h"
#include "socket/message.h"

/*
 * Bytes that one batch should hold at most.  Large messages gain nothing from a
 * batch, and the more slots are in use, the fewer of them stay in the caches.
 */
#define BATCH_BYTES 131072

/* Bytes: a slot that held more than this is returned to the system. */
#define SLOT_KEPT 65536

int
message_mark(int fd, bool on)
{
	int value = on;

#if defined LINUX_EXTRAS && defined SO_TIMESTAMPNS
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &value,
	    sizeof(value)) == 0)
		return 0;
#endif
	/* qemu's user mode supports only this option. */
	return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &value, sizeof(value));
}

bool
message_is_over(int fd)
{
#ifdef POLLRDHUP
	struct pollfd slot = { .fd = fd, .events = POLLRDHUP };
#else
	struct pollfd slot = { .fd = fd, .events = 0 };
#endif

	return poll(&slot, 1, 0) != 0;
}

bool
message_bytes_wait(int fd)
{
	int bytes;

	return ioctl(fd, FIONREAD, &bytes) == 0 && bytes > 0;
}

/*
 * The distance between two slots, in bytes.  It is whole pages and one cache
 * line: if it were whole pages alone, the beginnings of all slots would compete
 * for the same places in the caches.
 */
static size_t
slot_size(size_t largest, size_t margin)
{
	const size_t page = 4096, line = 64;

	return (largest + 2 * margin + page - 1) / page * page + line;
}

struct mailbox *
mailbox_open(size_t largest, size_t margin, bool has_end)
{
	struct mailbox *mailbox = calloc(1, sizeof(*mailbox));
	int result;

	if (mailbox == NULL)
		return NULL;
	mailbox->largest = largest;
	mailbox->margin = margin;
	mailbox->has_end = has_end;
	mailbox->slot = slot_size(largest, margin);
	mailbox->slots = MESSAGE_BATCH;
	while ((result = pages_map(&mailbox->pages,
	    mailbox->slots * mailbox->slot)) == -1 && mailbox->slots > 1)
		mailbox->slots /= 2;
	if (result == -1) {
		mailbox_free(mailbox);
		return NULL;
	}
	/* Uses no memory until descriptors can be received: see pages.h. */
	if (pages_map(&mailbox->rooms, mailbox->slots *
	    sizeof(union ancillary_room)) == -1) {
		mailbox_free(mailbox);
		return NULL;
	}
	mailbox->wanted = mailbox->slots;
	mailbox->trusted = 1;
	return mailbox;
}

static char *
slot_message(const struct mailbox *mailbox, unsigned int i)
{
	return mailbox->pages.data + i * mailbox->slot + mailbox->margin;
}

char *
mailbox_message(const struct mailbox *mailbox, unsigned int i, size_t *size)
{
	*size = mailbox->headers[mailbox->first + i].msg_len;
	return slot_message(mailbox, mailbox->first + i);
}

bool
mailbox_is_keeping(const struct mailbox *mailbox)
{
	return mailbox->first + mailbox->received < mailbox->filled;
}

/*
 * Go on to the next group: its first message, whose descriptors are taken, and
 * all messages up to the next one that came with descriptors.
 */
static void
take_group(struct mailbox *mailbox, struct ancillary *ancillary)
{
	unsigned int next = mailbox->first + mailbox->received;

	mailbox->first = next;
	ancillary_take(ancillary, &mailbox->headers[next].msg_hdr);
	do
		next++;
	while (next < mailbox->filled &&
	    !ancillary_has_come(&mailbox->headers[next].msg_hdr));
	mailbox->received = next - mailbox->first;
}

void
mailbox_free(struct mailbox *mailbox)
{
	struct ancillary kept = { .count = 0 };

	if (mailbox == NULL)
		return;
	while (mailbox_is_keeping(mailbox)) {
		take_group(mailbox, &kept);
		ancillary_refuse(&kept, REFUSAL_TOLD);
	}
	pages_unmap(&mailbox->pages);
	pages_unmap(&mailbox->rooms);
	free(mailbox);
}

/* Make slot i ready: the kernel has overwritten the sizes in its header. */
static void
prepare_slot(struct mailbox *mailbox, unsigned int i, bool has_room)
{
	struct mmsghdr *header = &mailbox->headers[i];
	union ancillary_room *rooms = (void *)mailbox->rooms.data;

	mailbox->iovecs[i].iov_base = slot_message(mailbox, i);
	mailbox->iovecs[i].iov_len = mailbox->largest;
	*header = (struct mmsghdr){ .msg_len = 0 };
	header->msg_hdr.msg_iov = &mailbox->iovecs[i];
	header->msg_hdr.msg_iovlen = 1;
	if (has_room) {
		ancillary_expect(&rooms[i], &header->msg_hdr);
	} else if (mailbox->has_end) {
		header->msg_hdr.msg_control = mailbox->marks[i];
		header->msg_hdr.msg_controllen = sizeof(mailbox->marks[i]);
	}
}

/*
 * As recvmmsg(2).  Without that call messages are received one by one.  With
 * MSG_TRUNC the kernel returns the size of a message even if not all of it fits
 * (tests/unit/kernel: size_of_cut_message).
 */
static int
receive_batch(int fd, struct mmsghdr *headers, unsigned int count)
{
	const int flags = MSG_DONTWAIT | MSG_TRUNC | ANCILLARY_FLAGS;
	unsigned int i;
	ssize_t size;

#ifdef HAVE_RECVMMSG
	int received = recvmmsg(fd, headers, count, flags, NULL);

	if (received != -1 || !io_is_refusal(errno))
		return received;
#endif
	for (i = 0; i < count; i++) {
		size = recvmsg(fd, &headers[i].msg_hdr, flags);
		if (size == -1)
			break;
		headers[i].msg_len = (unsigned int)size;
	}
	return i > 0 || count == 0 ? (int)i : -1;
}

/*
 * How many of the count slots that were filled hold messages.  End of file
 * looks like any number of empty messages without a mark, after all others
 * (tests/unit/kernel: end_fills_batch).  If the system has no marks, every
 * empty message looks like that.  So the empty messages at the end count as end
 * of file only if the peer sends no more, and has sent no bytes after them.
 */
static unsigned int
count_messages(const struct mailbox *mailbox, int fd, unsigned int count)
{
	unsigned int i = count;

	if (!mailbox->has_end)
		return count;
	while (i > 0 && mailbox->headers[i - 1].msg_len == 0 &&
	    mailbox->headers[i - 1].msg_hdr.msg_controllen == 0)
		i--;
	if (i < count && (!message_is_over(fd) || message_bytes_wait(fd)))
		return count;
	return i;
}

/* Return the memory of large messages to the system; slot 0 is kept. */
static void
forget_large(const struct mailbox *mailbox)
{
	size_t size;
	unsigned int i;

	for (i = 1; i < mailbox->filled; i++) {
		size = mailbox->headers[i].msg_len;
		if (size > SLOT_KEPT)
			pages_forget(slot_message(mailbox, i),
			    size < mailbox->largest ? size : mailbox->largest);
	}
}

/*
 * Choose how many messages to request next: as many of the average size of the
 * last ones as fit into BATCH_BYTES.  With messages of 64 KiB that is 2 instead
 * of 64, which moves them 1.19 times as fast (measured on Linux 6.18).
 */
static void
choose_wanted(struct mailbox *mailbox)
{
	uint64_t sum = 0;
	uint64_t average;
	unsigned int i;

	for (i = 0; i < mailbox->filled; i++)
		sum += mailbox->headers[i].msg_len;
	average = sum / mailbox->filled;
	mailbox->wanted = mailbox->slots;
	if (average > BATCH_BYTES / mailbox->slots)
		mailbox->wanted = average < BATCH_BYTES ?
		    (unsigned int)(BATCH_BYTES / average) : 1;
}

/*
 * Choose how many messages to request if they may come with descriptors.  All
 * descriptors that one call receives are open at once and must not exceed our
 * limit on open files.  So the number is 1 after a message with descriptors,
 * and is doubled each time that none came.  Always requesting one would move
 * small messages half as fast (measured on Linux 6.18).
 */
static void
choose_trusted(struct mailbox *mailbox)
{
	/* A set that was cut counts as well: the next one may just fit. */
	if (mailbox_is_keeping(mailbox) || ancillary_has_come(
	    &mailbox->headers[mailbox->first].msg_hdr))
		mailbox->trusted = 1;
	else if (mailbox->trusted <= mailbox->slots / 2)
		mailbox->trusted *= 2;
}

/*
 * Receive into the slots.  Results as of mailbox_receive().  ECONNRESET only
 * means that the peer left bytes of ours unread; the kernel reports it before
 * the messages that wait (tests/unit/kernel: seqpacket_reset_first).
 */
static enum io
fill_mailbox(struct mailbox *mailbox, int fd, bool has_room)
{
	unsigned int wanted = mailbox->wanted;
	unsigned int i;
	int count;

	if (has_room && mailbox->trusted < wanted)
		wanted = mailbox->trusted;
	forget_large(mailbox);
	mailbox->first = mailbox->filled = mailbox->received = 0;
	if (mailbox->ended)
		return IO_END;
	for (i = 0; i < wanted; i++)
		prepare_slot(mailbox, i, has_room);
	while ((count = receive_batch(fd, mailbox->headers, wanted)) == -1 &&
	    errno == ECONNRESET)
		mailbox->was_reset = true;
	if (count == -1)
		return io_is_temporary(errno) ? IO_AGAIN : IO_FAILED;
	mailbox->filled = count_messages(mailbox, fd, (unsigned int)count);
	mailbox->ended = mailbox->filled < (unsigned int)count;
	if (mailbox->filled == 0)
		return IO_END;
	choose_wanted(mailbox);
	return IO_MOVED;
}

/*
 * Make all messages one group.  There was no room for descriptors, so the
 * kernel has closed them and set MSG_CTRUNC (tests/unit/kernel:
 * no_room_closes_set).
 */
static void
take_without_fds(struct mailbox *mailbox, struct ancillary *ancillary)
{
	unsigned int i;

	mailbox->received = mailbox->filled;
	for (i = 0; i < mailbox->filled; i++)
		if (mailbox->headers[i].msg_hdr.msg_flags & MSG_CTRUNC &&
		    ancillary->refusal == REFUSAL_NONE)
			ancillary->refusal = REFUSAL_FAMILY;
}

enum io
mailbox_receive(struct mailbox *mailbox, int fd, struct ancillary *ancillary)
{
	enum io result;

	if (!mailbox_is_keeping(mailbox)) {
		result = fill_mailbox(mailbox, fd, !ancillary->is_unwanted);
		if (result != IO_MOVED)
			return result;
	}
	if (ancillary->is_unwanted) {
		take_without_fds(mailbox, ancillary);
	} else {
		take_group(mailbox, ancillary);
		choose_trusted(mailbox);
	}
	return IO_MOVED;
}

bool
message_is_waiting(int fd)
{
	ssize_t got;

	do {
		got = recv(fd, NULL, 0, MSG_DONTWAIT | MSG_PEEK);
	} while (got == -1 && errno == EINTR);
	return got != -1;
}

/*
 * Read and drop one message, or some bytes of a stream.  False if nothing more
 * waits.  A size of 0 is end of file, unless a mark comes with it or fd is a
 * datagram socket, which has no end of file.
 */
static bool
discard_once(int fd, bool is_datagram, uint64_t *bytes)
{
	char data[16384];
	union ancillary_room room;
	struct ancillary dropped = { .count = 0 };
	struct iovec iov = { data, sizeof(data) };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t got;

	ancillary_expect(&room, &header);
	got = recvmsg(fd, &header, MSG_DONTWAIT | MSG_TRUNC | ANCILLARY_FLAGS);
	if (got == -1)
		return errno == EINTR || errno == ECONNRESET;
	ancillary_take(&dropped, &header);
	ancillary_refuse(&dropped, REFUSAL_TOLD);
	*bytes += (uint64_t)got;
	return got > 0 || header.msg_controllen > 0 ||
	    (is_datagram && message_is_waiting(fd));
}

uint64_t
message_discard(int fd)
{
	bool is_datagram = fd_socket_type(fd) == SOCK_DGRAM;
	uint64_t bytes = 0;

	while (discard_once(fd, is_datagram, &bytes))
		;
	return bytes;
}

enum io
message_sort_error(int error)
{
	return error == EMSGSIZE || error == ENOBUFS ? IO_TOO_LARGE :
	    IO_FAILED;
}

/* As sendmmsg(2).  Without that call messages are sent one by one. */
static int
send_batch(int fd, struct mmsghdr *headers, unsigned int count)
{
	const int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
	unsigned int i;

#ifdef HAVE_SENDMMSG
	int sent = sendmmsg(fd, headers, count, flags);

	if (sent != -1 || !io_is_refusal(errno))
		return sent;
#endif
	for (i = 0; i < count; i++)
		if (sendmsg(fd, &headers[i].msg_hdr, flags) == -1)
			break;
	return i > 0 ? (int)i : -1;
}

enum io
message_send(int fd, const struct iovec *messages, unsigned int count,
    struct ancillary *ancillary, unsigned int *sent)
{
	struct mmsghdr headers[MESSAGE_BATCH];
	union ancillary_room room;
	unsigned int i;
	int result;
	int error;

	memset(headers, 0, count * sizeof(headers[0]));
	for (i = 0; i < count; i++) {
		/* sendmsg(2) only reads it, but has the type of recvmsg(2). */
		headers[i].msg_hdr.msg_iov = (struct iovec *)&messages[i];
		headers[i].msg_hdr.msg_iovlen = 1;
	}
	do {
		ancillary_attach(ancillary, &room, &headers[0].msg_hdr);
		result = send_batch(fd, headers, count);
		error = errno;
	} while (result == -1 && ancillary_is_refused(ancillary, fd, error));
	if (result > 0) {
		ancillary_sent(ancillary);
		*sent = (unsigned int)result;
		return IO_MOVED;
	}
	if (io_is_temporary(error) || io_wait_for(error, messages[0].iov_len))
		return IO_AGAIN;
	errno = error;
	return message_sort_error(error);
}
