/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/ioctl.h>
#ifdef HAVE_LINUX_SOCKIOS_H
#include <linux/sockios.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/fd.h"
#include "socket/ancillary.h"

/*
 * Since Linux 6.5 a descriptor of its sender's process can come with a message
 * (tests/unit/kernel: pidfd_beside).  Elsewhere the number means other things:
 * SCM_BINTIME in FreeBSD, a time that must not be taken for a descriptor.
 */
#if defined __linux__ && !defined SCM_PIDFD
#define SCM_PIDFD 0x04
#endif

/* Tries of a millisecond each, see io_wait_for(), before a set is refused. */
#define TRIES 2000

void
ancillary_expect(union ancillary_room *room, struct msghdr *message)
{
	message->msg_control = room->space;
	message->msg_controllen = sizeof(room->space);
}

/* As CMSG_FIRSTHDR(3), but NULL if no control message was received. */
static struct cmsghdr *
first_header(struct msghdr *message)
{
	return message->msg_controllen < sizeof(struct cmsghdr) ? NULL :
	    CMSG_FIRSTHDR(message);
}

/* As CMSG_NXTHDR(3), which some C libraries define with changes of sign. */
static struct cmsghdr *
next_header(const struct msghdr *message, struct cmsghdr *header)
{
	size_t used = (size_t)((char *)header - (char *)message->msg_control);

	used += CMSG_SPACE(header->cmsg_len - CMSG_LEN(0));
	if (used + sizeof(*header) > message->msg_controllen)
		return NULL;
	return (void *)((char *)message->msg_control + used);
}

static unsigned int
count_fds(const struct cmsghdr *header)
{
	return (unsigned int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
}

static int
get_fd(struct cmsghdr *header, unsigned int i)
{
	int fd;

	memcpy(&fd, CMSG_DATA(header) + i * sizeof(fd), sizeof(fd));
	return fd;
}

static void
count_refused(struct ancillary *ancillary, unsigned int count,
    enum ancillary_refusal refusal)
{
	ancillary->refused += count;
	if (count > 0 && refusal != REFUSAL_TOLD &&
	    ancillary->refusal == REFUSAL_NONE)
		ancillary->refusal = refusal;
}

static void
close_fds(struct cmsghdr *header)
{
	unsigned int i;
	int fd;

	for (i = 0; i < count_fds(header); i++) {
		fd = get_fd(header, i);
		fd_close(&fd);
	}
}

static void
refuse_fds(struct ancillary *ancillary, struct cmsghdr *header,
    enum ancillary_refusal refusal)
{
	count_refused(ancillary, count_fds(header), refusal);
	close_fds(header);
}

static void
take_set(struct ancillary *ancillary, struct cmsghdr *header, bool is_cut)
{
	unsigned int count = count_fds(header);
	unsigned int i;

	ancillary->came += count;
	if (is_cut) {
		refuse_fds(ancillary, header, REFUSAL_TOLD);
		return;
	}
	if (ancillary->count > 0 || count > ANCILLARY_MAX) {
		refuse_fds(ancillary, header, REFUSAL_LATE);
		return;
	}
	for (i = 0; i < count; i++) {
		ancillary->fds[i] = get_fd(header, i);
		if (ANCILLARY_FLAGS == 0)
			(void)fcntl(ancillary->fds[i], F_SETFD, FD_CLOEXEC);
	}
	ancillary->count = count;
	ancillary->bytes_before_fds = 0;
	ancillary->is_new = true;
	ancillary->tries = 0;
}

void
ancillary_take(struct ancillary *ancillary, struct msghdr *message)
{
	struct cmsghdr *header;
	bool is_cut = message->msg_flags & MSG_CTRUNC;

	for (header = first_header(message); header != NULL;
	    header = next_header(message, header)) {
		if (header->cmsg_level != SOL_SOCKET)
			continue;
		if (header->cmsg_type == SCM_RIGHTS)
			take_set(ancillary, header, is_cut);
#ifdef SCM_PIDFD
		else if (header->cmsg_type == SCM_PIDFD)
			close_fds(header);
#endif
	}
	ancillary->was_cut = ancillary->was_cut || is_cut;
}

bool
ancillary_has_come(struct msghdr *message)
{
	struct cmsghdr *header;

	for (header = first_header(message); header != NULL;
	    header = next_header(message, header))
		if (header->cmsg_level == SOL_SOCKET &&
		    header->cmsg_type == SCM_RIGHTS)
			return true;
	return message->msg_flags & MSG_CTRUNC;
}

void
ancillary_attach(const struct ancillary *ancillary, union ancillary_room *room,
    struct msghdr *message)
{
	size_t size = ancillary->count * sizeof(ancillary->fds[0]);
	struct cmsghdr *header = &room->header;

	message->msg_control = NULL;
	message->msg_controllen = 0;
	if (ancillary->count == 0)
		return;
	message->msg_control = room->space;
	message->msg_controllen = (socklen_t)CMSG_SPACE(size);
	memset(room->space, 0, CMSG_SPACE(size));
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = (socklen_t)CMSG_LEN(size);
	memcpy(CMSG_DATA(header), ancillary->fds, size);
}

void
ancillary_sent(struct ancillary *ancillary)
{
	unsigned int i;

	for (i = 0; i < ancillary->count; i++)
		fd_close(&ancillary->fds[i]);
	ancillary->count = 0;
	ancillary->is_new = false;
}

/* Whether the receiver has read all that was sent through fd. */
static bool
has_read_all(int fd)
{
#ifdef SIOCOUTQ
	int unread;

	return ioctl(fd, SIOCOUTQ, &unread) == -1 || unread == 0;
#else
	(void)fd;
	return true;
#endif
}

bool
ancillary_is_refused(struct ancillary *ancillary, int fd, int error)
{
	if (ancillary->count == 0 || (error != EPERM && error != ETOOMANYREFS))
		return false;
	if (error == ETOOMANYREFS) {
		ancillary->tries = has_read_all(fd) ? ancillary->tries + 1 : 0;
		if (ancillary->tries < TRIES)
			return false;
	}
	ancillary->error = error;
	ancillary_refuse(ancillary, REFUSAL_ERROR);
	return true;
}

void
ancillary_refuse(struct ancillary *ancillary, enum ancillary_refusal refusal)
{
	count_refused(ancillary, ancillary->count, refusal);
	ancillary_sent(ancillary);
}
