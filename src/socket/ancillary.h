/* SPDX-License-Identifier: MIT */
/*
 * Descriptors that came with data over a unix socket (SCM_RIGHTS, unix(7)),
 * until they are passed on with the same data, or closed.
 */
#ifndef ANCILLARY_H
#define ANCILLARY_H

#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Descriptors that one message can carry: SCM_MAX_FD of Linux, see unix(7)
 * (tests/unit/kernel: most_in_set).
 */
#define ANCILLARY_MAX 253

/*
 * Room for their control message, and for others that an option of the socket
 * may bring beside it: credentials, a security context, a pidfd, a time stamp.
 */
union ancillary_room {
	struct cmsghdr header;	/* for its alignment */
	char space[CMSG_SPACE(ANCILLARY_MAX * sizeof(int)) + 512];
};

/* Why descriptors were closed instead of being passed on. */
enum ancillary_refusal {
	REFUSAL_NONE,
	REFUSAL_TOLD,		/* a reason that is reported otherwise */
	REFUSAL_FAMILY,		/* the other side is no unix socket */
	REFUSAL_LATE,		/* another set of the same message waits */
	REFUSAL_EMPTY,		/* no byte came with them */
	REFUSAL_ERROR,		/* the system does not let them pass */
};

/*
 * The descriptors on their way in one direction: at most one set at a time, and
 * what is known of all so far.  Sets are never merged: a set that comes while
 * another one waits is refused.  All 0 at first.
 */
struct ancillary {
	/* The set that waits. */
	unsigned int count;	/* of fds; 0: there is no set */
	int fds[ANCILLARY_MAX];	/* owned, close-on-exec */
	size_t bytes_before_fds;	/* that go before it, without it */
	unsigned int tries;	/* to send it: see ancillary_is_refused() */
	bool is_new;		/* it has not been traced */

	/* The source. */
	bool is_unwanted;	/* have the kernel close all that come */
	bool ignore_peek;	/* it announced descriptors, and none came */

	/* All so far. */
	uint64_t came;		/* descriptors received */
	uint64_t refused;	/* those of them that were closed instead */
	enum ancillary_refusal refusal;	/* why: the first; TOLD once reported */
	int error;		/* errno of REFUSAL_ERROR */
	bool was_cut;		/* a set could not be received whole */
	bool reported_cut;	/* and that has been reported */
};

/* Have recvmsg(2) put control messages into room. */
void ancillary_expect(union ancillary_room *room, struct msghdr *message);

/* Flags for that recvmsg(2): no program that we start inherits them. */
#ifdef MSG_CMSG_CLOEXEC
#define ANCILLARY_FLAGS MSG_CMSG_CLOEXEC
#else
#define ANCILLARY_FLAGS 0
#endif

/*
 * Take the descriptors that recvmsg(2) has received with message, which
 * ancillary_expect() has prepared; credentials and all else are dropped.  Our
 * limit of open files may cut a set: recvmsg(2) sets MSG_CTRUNC then, and no
 * errno (tests/unit/kernel: limit_cuts_set).  That set is closed, and noted.
 */
void ancillary_take(struct ancillary *ancillary, struct msghdr *message);

/* Whether message, received in the same way, has brought descriptors. */
bool ancillary_has_come(struct msghdr *message);

/*
 * Have sendmsg(2) send the set, if there is one, along with message.  room must
 * live as long as message.
 */
void ancillary_attach(const struct ancillary *ancillary,
    union ancillary_room *room, struct msghdr *message);

/* The set has been sent, with however many bytes: close ours. */
void ancillary_sent(struct ancillary *ancillary);

/*
 * Sending the set through fd failed with error.  True if the set is the reason
 * and has been refused for good: then send the bytes without it.
 *
 * EPERM	the receiver has forbidden descriptors (SO_PASSRIGHTS, Linux
 *		6.16; tests/unit/kernel: receiver_forbids_set)
 * ETOOMANYREFS	too many of this user's are on their way (unix(7);
 *		tests/unit/kernel: many_on_their_way).  That is temporary,
 *		unless the receiver has read all that we sent: then others wait
 *		for us behind this set, and would for ever.
 */
bool ancillary_is_refused(struct ancillary *ancillary, int fd, int error);

/* The set, if there is one, is not passed on: close and count it. */
void ancillary_refuse(struct ancillary *ancillary,
    enum ancillary_refusal refusal);

#endif
