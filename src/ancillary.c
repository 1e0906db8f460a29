/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <string.h>

#include "ancillary.h"
#include "descriptor.h"

/* Linux 6.5: beside a message comes a descriptor for its sender's process. */
#ifndef SCM_PIDFD
#define SCM_PIDFD 0x04
#endif

void
ancillary_init(struct ancillary *ancillary)
{
	ancillary->count = 0;
	ancillary->is_new = false;
	ancillary->refused = 0;
	ancillary->was_late = false;
	ancillary->was_cut = false;
}

void
ancillary_expect(union ancillary_room *room, struct msghdr *message)
{
	message->msg_control = room->space;
	message->msg_controllen = sizeof(room->space);
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
close_all(struct cmsghdr *header)
{
	unsigned int i;
	int fd;

	for (i = 0; i < count_fds(header); i++) {
		fd = get_fd(header, i);
		descriptor_close(&fd);
	}
}

static void
take_set(struct ancillary *ancillary, struct cmsghdr *header)
{
	unsigned int count = count_fds(header);
	unsigned int i;

	if (ancillary->count > 0 || count > ANCILLARY_MAX) {
		ancillary->was_late = true;
		ancillary->refused += count;
		close_all(header);
		return;
	}
	for (i = 0; i < count; i++) {
		ancillary->fds[i] = get_fd(header, i);
		if (ANCILLARY_FLAGS == 0)
			(void)fcntl(ancillary->fds[i], F_SETFD, FD_CLOEXEC);
	}
	ancillary->count = count;
	ancillary->is_new = true;
}

void
ancillary_take(struct ancillary *ancillary, struct msghdr *message)
{
	struct cmsghdr *header;
	bool is_cut = message->msg_flags & MSG_CTRUNC;

	if (message->msg_controllen < sizeof(*header)) {
		ancillary->was_cut = ancillary->was_cut || is_cut;
		return;
	}
	for (header = CMSG_FIRSTHDR(message); header != NULL;
	    header = CMSG_NXTHDR(message, header)) {
		if (header->cmsg_level != SOL_SOCKET)
			continue;
		if (header->cmsg_type == SCM_PIDFD ||
		    (header->cmsg_type == SCM_RIGHTS && is_cut))
			close_all(header);
		else if (header->cmsg_type == SCM_RIGHTS)
			take_set(ancillary, header);
	}
	ancillary->was_cut = ancillary->was_cut || is_cut;
}

void
ancillary_attach(const struct ancillary *ancillary, union ancillary_room *room,
    struct msghdr *message)
{
	size_t size = ancillary->count * sizeof(ancillary->fds[0]);
	struct cmsghdr *header;

	if (ancillary->count == 0)
		return;
	message->msg_control = room->space;
	message->msg_controllen = CMSG_SPACE(size);
	memset(room->space, 0, CMSG_SPACE(size));
	header = CMSG_FIRSTHDR(message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(header), ancillary->fds, size);
}

void
ancillary_sent(struct ancillary *ancillary)
{
	unsigned int i;

	for (i = 0; i < ancillary->count; i++)
		descriptor_close(&ancillary->fds[i]);
	ancillary->count = 0;
	ancillary->is_new = false;
}

void
ancillary_refuse(struct ancillary *ancillary)
{
	ancillary->refused += ancillary->count;
	ancillary_sent(ancillary);
}
