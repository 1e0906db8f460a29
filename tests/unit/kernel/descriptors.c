/* SPDX-License-Identifier: MIT */
/* Descriptors that are sent over unix sockets, SCM_RIGHTS in unix(7). */
#include "config.h"

#ifdef __linux__

#include <grp.h>
#include <stdint.h>

#include "sockets.h"

/* Later than some systems' headers. */
#ifndef SCM_PIDFD
#define SCM_PIDFD 0x04
#endif
#define LINUX_SO_PASSPIDFD 76		/* Linux 6.5 */
#define LINUX_SO_PASSRIGHTS 83		/* Linux 6.16 */

#define MOST 253			/* SCM_MAX_FD of Linux */

union room {
	struct cmsghdr header;		/* for its alignment */
	char space[CMSG_SPACE((MOST + 1) * sizeof(int))];
};

/* What is sent: standard error, unless a fact has another. */
static int passed = STDERR_FILENO;

/* Send text with count copies of passed; -1 and errno as sendmsg(2). */
static ssize_t
send_with(const char *text, size_t size, unsigned int count)
{
	union room room = { .space = { 0 } };
	struct iovec iov = { (void *)(uintptr_t)text, size };
	struct msghdr header = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room.space,
	};
	struct cmsghdr *set = &room.header;
	unsigned int i;

	header.msg_controllen = (socklen_t)CMSG_SPACE(count * sizeof(int));
	set->cmsg_level = SOL_SOCKET;
	set->cmsg_type = SCM_RIGHTS;
	set->cmsg_len = (socklen_t)CMSG_LEN(count * sizeof(int));
	for (i = 0; i < count; i++)
		memcpy(CMSG_DATA(set) + i * sizeof(int), &passed, sizeof(int));
	return sendmsg(theirs, &header, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* What one recvmsg(2) has brought. */
struct got {
	ssize_t size;
	unsigned int count;		/* descriptors */
	bool is_cut;			/* MSG_CTRUNC */
};

/* Receive at most size bytes, with room bytes for control messages. */
static struct got
receive_with(size_t size, size_t room_size, int flags)
{
	static char data[100000];
	union room room;
	struct iovec iov = { data, size };
	struct msghdr header = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room.space,
	};
	struct cmsghdr *set;
	struct got got = { 0, 0, false };

	header.msg_controllen = (socklen_t)room_size;
	got.size = recvmsg(ours, &header, MSG_DONTWAIT | flags);
	if (got.size == -1)
		return got;
	got.is_cut = header.msg_flags & MSG_CTRUNC;
	set = CMSG_FIRSTHDR(&header);
	if (set != NULL && set->cmsg_level == SOL_SOCKET &&
	    set->cmsg_type == SCM_RIGHTS)
		got.count = (unsigned int)
		    ((set->cmsg_len - CMSG_LEN(0)) / sizeof(int));
	return got;
}

static bool
brings(size_t ask, ssize_t size, unsigned int count)
{
	struct got got = receive_with(ask, sizeof(union room), 0);

	return got.size == size && got.count == count && !got.is_cut;
}

/* --- when a set comes ----------------------------------------------------- */

static int
peek_announces(void)
{
	struct got got;
	int before;

	open_pair(SOCK_STREAM);
	ASK(sends(theirs, "no"));
	got = receive_with(100, 0, MSG_PEEK);
	ASK(got.size == 2 && !got.is_cut);
	ASK(send_with("set", 3, 1) == 3);
	before = count_descriptors();
	got = receive_with(100, 0, MSG_PEEK);
	ASK(got.size == 5 && got.is_cut);
	ASK(count_descriptors() == before);
	/* And nothing is lost by it. */
	ASK(brings(100, 5, 1));
	return 0;
}

static int
empty_peek_announces(void)
{
	struct got got;

	open_pair(SOCK_STREAM);
	ASK(sends(theirs, "no") && sends(theirs, "none"));
	got = receive_with(0, 0, MSG_PEEK);
	ASK(got.size == 0 && !got.is_cut);
	ASK(send_with("set", 3, 1) == 3);
	got = receive_with(0, 0, MSG_PEEK);
	ASK(got.size == 0 && got.is_cut);
	ASK(brings(100, 9, 1));
	return 0;
}

static int
splice_closes_set(void)
{
	int pipe_ends[2];
	int before;

	open_pair(SOCK_STREAM);
	ASK(pipe(pipe_ends) == 0);
	before = count_descriptors();
	ASK(sends(theirs, "no") && send_with("set", 3, 1) == 3);
	ASK(splice(ours, NULL, pipe_ends[1], NULL, 100, 0) == 5);
	ASK(count_descriptors() == before);
	return 0;
}

static int
credentials_announced(void)
{
	const int on = 1;
	struct got got;

	open_pair(SOCK_STREAM);
	ASK(setsockopt(ours, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0);
	ASK(sends(theirs, "no set"));
	got = receive_with(100, 0, MSG_PEEK);
	ASK(got.size == 6 && got.is_cut);
	return 0;
}

static int
set_ends_read(void)
{
	open_pair(SOCK_STREAM);
	ASK(sends(theirs, "AA") && send_with("BB", 2, 1) == 2);
	ASK(sends(theirs, "CC") && send_with("DD", 2, 2) == 2);
	ASK(sends(theirs, "EE"));
	ASK(brings(100, 4, 1) && brings(100, 4, 2) && brings(100, 2, 0));
	return 0;
}

static int
set_with_first_byte(void)
{
	open_pair(SOCK_STREAM);
	ASK(sends(theirs, "AA") && send_with("BB", 2, 1) == 2);
	ASK(brings(1, 1, 0) && brings(1, 1, 0));
	ASK(brings(1, 1, 1) && brings(1, 1, 0));
	return 0;
}

static int
part_takes_set(void)
{
	static char block[1 << 22];
	ssize_t put;

	open_pair(SOCK_STREAM);
	put = send_with(block, sizeof(block), 1);
	if (put == (ssize_t)sizeof(block))
		return unknown("socket buffers are too large for a part");
	ASK(put > 0);
	ASK(brings(1, 1, 1));
	return 0;
}

static int
no_bytes_take_set(void)
{
	open_pair(SOCK_STREAM);
	ASK(send_with("", 0, 1) == 0);
	ASK(poll_now(ours, POLLIN) == 0);
	ASK(sends(theirs, "A") && brings(100, 1, 0));
	open_pair(SOCK_SEQPACKET);
	ASK(send_with("", 0, 1) == 0 && brings(100, 0, 1));
	open_pair(SOCK_DGRAM);
	ASK(send_with("", 0, 1) == 0 && brings(100, 0, 1));
	return 0;
}

/* --- a set for which there is no room ------------------------------------- */

static int
no_room_closes_set(void)
{
	struct got got;
	int ends[2];

	open_pair(SOCK_SEQPACKET);
	ASK(pipe(ends) == 0);
	passed = ends[1];
	ASK(send_with("A", 1, 1) == 1);
	close(ends[1]);
	ASK(poll_now(ends[0], 0) == 0);
	got = receive_with(100, 0, 0);
	ASK(got.size == 1 && got.is_cut);
	ASK(poll_now(ends[0], 0) == POLLHUP);
	return 0;
}

static int
mark_takes_room(void)
{
	const int on = 1;
	struct got got;
	int before;

	open_pair(SOCK_SEQPACKET);
	ASK(setsockopt(ours, SOL_SOCKET, SO_TIMESTAMPNS, &on,
	    sizeof(on)) == 0);
	ASK(send_with("A", 1, 3) == 1);
	before = count_descriptors();
	got = receive_with(100, CMSG_SPACE(sizeof(struct timespec)), 0);
	ASK(got.size == 1 && got.count == 0 && got.is_cut);
	ASK(count_descriptors() == before);
	return 0;
}

static int
limit_cuts_set(void)
{
	struct rlimit limit;
	struct got got;

	open_pair(SOCK_SEQPACKET);
	ASK(send_with("A", 1, 5) == 1);
	ASK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	/* The lowest free number, and none above it. */
	limit.rlim_cur = (rlim_t)dup(passed) + 1;
	ASK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	close((int)limit.rlim_cur - 1);
	got = receive_with(100, sizeof(union room), 0);
	ASK(got.size == 1 && got.count == 1 && got.is_cut);
	return 0;
}

/* --- a set that is refused ------------------------------------------------ */

static int
most_in_set(void)
{
	open_pair(SOCK_SEQPACKET);
	if (error_of(send_with("A", 1, MOST)) == ENOMEM)
		return unknown("the C library sends no such set");
	ASK(brings(100, 1, MOST));
	ASK(error_of(send_with("A", 1, MOST + 1)) == EINVAL);
	return 0;
}

static int
receiver_forbids_set(void)
{
	const int off = 0;

	open_pair(SOCK_SEQPACKET);
	if (setsockopt(ours, SOL_SOCKET, LINUX_SO_PASSRIGHTS, &off,
	    sizeof(off)) == -1)
		return unknown("no SO_PASSRIGHTS before Linux 6.16");
	ASK(error_of(send_with("A", 1, 1)) == EPERM);
	ASK(sends(theirs, "A") && brings(100, 1, 0));
	return 0;
}

static int
many_on_their_way(void)
{
	const struct rlimit limit = { 64, 64 };
	const uid_t nobody = 65534;
	int sent = 0;

	/* A right to exceed limits would count, too. */
	if (geteuid() == 0 && (setgroups(0, NULL) == -1 ||
	    setgid(nobody) == -1 || setuid(nobody) == -1))
		return unknown("root cannot become somebody else");
	open_pair(SOCK_SEQPACKET);
	ASK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	/* Others of this user's may be on their way already. */
	while (sent < 100 && send_with("A", 1, 1) == 1)
		sent++;
	ASK(sent < 100 && errno == ETOOMANYREFS);
	ASK(sends(theirs, "no set"));
	return 0;
}

/* --- what comes beside ---------------------------------------------------- */

static int
pidfd_beside(void)
{
	const int on = 1;
	union room room;
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr header = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room.space,
		.msg_controllen = sizeof(room.space),
	};
	struct cmsghdr *set;
	int before;

	open_pair(SOCK_SEQPACKET);
	if (setsockopt(ours, SOL_SOCKET, LINUX_SO_PASSPIDFD, &on,
	    sizeof(on)) == -1)
		return unknown("no SO_PASSPIDFD before Linux 6.5");
	ASK(sends(theirs, "A"));
	before = count_descriptors();
	ASK(recvmsg(ours, &header, MSG_DONTWAIT) == 1);
	set = CMSG_FIRSTHDR(&header);
	ASK(set != NULL && set->cmsg_level == SOL_SOCKET &&
	    set->cmsg_type == SCM_PIDFD);
	ASK(set->cmsg_len == CMSG_LEN(sizeof(int)));
	ASK(count_descriptors() == before + 1);
	return 0;
}

static struct fact facts[] = {
	FACT(peek_announces, "a peek without room for descriptors tells that "
	    "there are some, and installs none"),
	FACT(empty_peek_announces,
	    "a peek of no bytes does so of all that waits"),
	FACT(splice_closes_set,
	    "splice(2) takes bytes and closes the set that came with them"),
	FACT(credentials_announced,
	    "credentials look like descriptors to such a peek"),
	FACT(set_ends_read,
	    "a read of a stream ends with the bytes that brought a set"),
	FACT(set_with_first_byte,
	    "a set comes with the first byte that was sent with it"),
	FACT(part_takes_set,
	    "a send that is cut short has sent the set"),
	FACT(no_bytes_take_set,
	    "a send of no bytes takes a set along, but not on a stream"),
	FACT(no_room_closes_set, "a set for which there is no room is closed, "
	    "and MSG_CTRUNC tells"),
	FACT(mark_takes_room,
	    "room for a time stamp alone leaves none for descriptors"),
	FACT(limit_cuts_set,
	    "the limit of open files cuts a set, and MSG_CTRUNC alone tells"),
	FACT(most_in_set, "a set has at most 253 descriptors"),
	FACT(receiver_forbids_set,
	    "a receiver that forbids descriptors gives their sender EPERM"),
	FACT(many_on_their_way, "a user with too many descriptors on their way "
	    "gets ETOOMANYREFS"),
	FACT(pidfd_beside,
	    "a pidfd comes beside a message, as a descriptor of its own type"),
};

int
main(void)
{
	return check_facts(facts, COUNT(facts));
}

#else
#include "not-linux.h"
#endif
