/* SPDX-License-Identifier: MIT */
/*
 * Descriptors that arrived with data over a unix socket (SCM_RIGHTS, unix(7)),
 * kept until they are passed on with the same data, or closed.
 */
#ifndef ANCILLARY_H
#define ANCILLARY_H

#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The most descriptors that one message can carry: SCM_MAX_FD of Linux, see
 * unix(7) (tests/unit/kernel: most_in_set).
 */
#define ANCILLARY_MAX 253

/*
 * Room for their control message, and for others that options of the socket may
 * add to it: credentials, a security context, a pidfd, a time stamp.
 */
union ancillary_room {
	struct cmsghdr header;	/* for its alignment */
	char space[CMSG_SPACE(ANCILLARY_MAX * sizeof(int)) + 512];
};

/* Why descriptors were closed instead of being passed on. */
enum ancillary_refusal {
	REFUSAL_NONE,
	REFUSAL_TOLD,		/* the reason is reported elsewhere */
	REFUSAL_FAMILY,		/* the destination is no unix socket */
	REFUSAL_LATE,		/* another set is still waiting */
	REFUSAL_EMPTY,		/* no byte came with them */
	REFUSAL_ERROR,		/* the kernel refused to send them */
};

/*
 * The descriptors on their way in one direction: at most one set at a time, and
 * the totals of all sets so far.  Sets are never merged: a set that arrives
 * while another one waits is refused.  All members are 0 at first.
 */
struct ancillary {
	/* The set that waits. */
	unsigned int count;	/* of fds; 0: there is no set */
	int fds[ANCILLARY_MAX];	/* owned, close-on-exec */
	size_t bytes_before_fds;	/* to be sent before the set */
	unsigned int tries;	/* to send it: see ancillary_is_refused() */
	bool is_new;		/* it has not been traced */

	/* The source. */
	bool is_unwanted;	/* have the kernel close all that come */

	/* All so far. */
	uint64_t came;		/* descriptors received */
	uint64_t refused;	/* those of them that were closed instead */
	enum ancillary_refusal refusal;	/* the first; TOLD once reported */
	int error;		/* errno of REFUSAL_ERROR */
	bool was_cut;		/* a set could not be received whole */
	bool reported_cut;	/* and that has been reported */
};

/* Make recvmsg(2) of message put control messages into room. */
void ancillary_expect(union ancillary_room *room, struct msghdr *message);

/* Flags for that recvmsg(2): make the descriptors close-on-exec. */
#ifdef MSG_CMSG_CLOEXEC
#define ANCILLARY_FLAGS MSG_CMSG_CLOEXEC
#else
#define ANCILLARY_FLAGS 0
#endif

/*
 * Take the descriptors that recvmsg(2) has received with message, which
 * ancillary_expect() has prepared; other control messages, such as credentials,
 * are dropped.  If our limit on open files cuts a set, recvmsg(2) sets
 * MSG_CTRUNC and does not fail (tests/unit/kernel: limit_cuts_set).  That set
 * is closed, and was_cut is set.
 */
void ancillary_take(struct ancillary *ancillary, struct msghdr *message);

/* Whether descriptors came with message, which was received in the same way. */
bool ancillary_has_come(struct msghdr *message);

/*
 * Make sendmsg(2) of message send the set along, if there is one.  room must
 * live as long as message.
 */
void ancillary_attach(const struct ancillary *ancillary,
    union ancillary_room *room, struct msghdr *message);

/* The set has been sent, with any number of bytes: close our descriptors. */
void ancillary_sent(struct ancillary *ancillary);

/*
 * Whether to give up the set, because sending it through fd failed with error.
 * If true, the set has been refused, and the caller sends the bytes without it.
 *
 * EPERM	the receiver has forbidden descriptors (SO_PASSRIGHTS, Linux
 *		6.16; tests/unit/kernel: receiver_forbids_set)
 * ETOOMANYREFS	this user has too many descriptors in flight (unix(7);
 *		tests/unit/kernel: many_on_their_way).  That is temporary while
 *		the receiver has data of ours to read.  When it has read all,
 *		the set is tried for about 2 s and then refused, since the data
 *		after it must not wait for ever.
 */
bool ancillary_is_refused(struct ancillary *ancillary, int fd, int error);

/* The set, if there is one, is not passed on: close it, and count it. */
void ancillary_refuse(struct ancillary *ancillary,
    enum ancillary_refusal refusal);

#endif
