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
	REFUSAL_TOLD,		/* what they came with is lost, and told of */
	REFUSAL_FAMILY,		/* the far side is no unix socket */
	REFUSAL_LATE,		/* others of the same message wait */
	REFUSAL_EMPTY,		/* no byte came with them to go with */
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

/* Have recvmsg(2) put control messages into room; its flags: see there. */
void ancillary_expect(union ancillary_room *room, struct msghdr *message);

/* To be given to recvmsg(2) with that: no program gets them by accident. */
#ifdef MSG_CMSG_CLOEXEC
#define ANCILLARY_FLAGS MSG_CMSG_CLOEXEC
#else
#define ANCILLARY_FLAGS 0
#endif

/*
 * Take what recvmsg(2) has received with message, which ancillary_expect() has
 * prepared.  Credentials and all else are passed over.  A set that is not whole
 * (MSG_CTRUNC: our limit of open files, recvmsg(2) gives no errno;
 * tests/unit/kernel: limit_cuts_set) is closed and noted.
 */
void ancillary_take(struct ancillary *ancillary, struct msghdr *message);

/* Whether message, received so, has brought descriptors. */
bool ancillary_has_come(struct msghdr *message);

/*
 * Have sendmsg(2) send the set along with message, or nothing if there is no
 * set.  room must live as long as message.
 */
void ancillary_attach(const struct ancillary *ancillary,
    union ancillary_room *room, struct msghdr *message);

/* It has been sent, by however many bytes: ours are closed. */
void ancillary_sent(struct ancillary *ancillary);

/*
 * Sending it through fd failed with error.  True if that was for the set: it
 * has been refused, and the bytes are to be sent without.  The receiver may
 * have forbidden descriptors (EPERM, Linux 6.16: SO_PASSRIGHTS), or too many
 * are on their way for this user (ETOOMANYREFS, unix(7)) though the receiver
 * has read all: then some wait for us behind this one, and would for ever
 * (tests/unit/kernel: receiver_forbids_set, many_on_their_way).
 */
bool ancillary_is_refused(struct ancillary *ancillary, int fd, int error);

/* The set, if there is one, is not passed on: close and count it. */
void ancillary_refuse(struct ancillary *ancillary,
    enum ancillary_refusal refusal);

#endif
