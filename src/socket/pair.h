/* SPDX-License-Identifier: MIT */
/* The socket pair: two connected, unnamed sockets. */
#ifndef PAIR_H
#define PAIR_H

#include "plan/plan.h"

struct pair {
	int ours;		/* our end; without a relay the second */
				/* command's; or -1 */
	int command;		/* the command's end, or -1 */
	int type;		/* what the system made: SOCK_STREAM ... */
	size_t largest;		/* bytes of a message that we can send */
};

/*
 * Make the pair that plan describes, for the command.  Both ends are
 * close-on-exec, and neither is one of the numbers that plan chose for the
 * command it is for.  They are left blocking, as a program expects its standard
 * input to be, but for our end if it is relayed.  For messages both ends get
 * buffers for the largest that plan accepts, or the largest buffers to be had,
 * unless plan has a size for them: what a socket can carry is limited by them.
 * Returns 0, or -1 after a message, with nothing left open.
 */
int pair_open(struct pair *pair, const struct plan *plan);

/*
 * The same for the second command, whose end is the pair's command then: where
 * there is a relay between the two, each has a pair of its own.
 */
int pair_open_second(struct pair *pair, const struct plan *plan);

/*
 * Each command has its end.  It is closed here, except for SOCK_DGRAM, which
 * does not tell that its other end is closed (unix(7); tests/unit/kernel:
 * dgram_close_untold), so that we have to be able to: see
 * endpoint_open_socket(), and supervise.c.
 */
void pair_release_command(struct pair *pair);
void pair_release_ours(struct pair *pair);

/* Close the ends that are still open; each is closed once. */
void pair_close(struct pair *pair);

#endif
