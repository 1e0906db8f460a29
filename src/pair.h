/* SPDX-License-Identifier: MIT */
/* The socket pair: two connected, unnamed sockets. */
#ifndef PAIR_H
#define PAIR_H

#include "plan.h"

struct pair {
	int ours;		/* our end, non-blocking, or -1 */
	int command;		/* the command's end, or -1 */
	int type;		/* what the system made: SOCK_STREAM ... */
	size_t largest;		/* bytes of a message that we can send */
};

/*
 * Make the pair that plan describes.  Both ends are close-on-exec, and neither
 * is one of the numbers that plan chose for the command.  The command's end is
 * left blocking, as a program expects its standard input to be.  For messages
 * both ends get the largest buffers to be had, unless plan has a size: what a
 * socket can carry is limited by them.
 * Returns 0, or -1 after a message, with nothing left open.
 */
int pair_open(struct pair *pair, const struct plan *plan);

/*
 * The command has its end.  Ours of it is closed, except for SOCK_DGRAM: see
 * endpoint_open_socket().
 */
void pair_release_command(struct pair *pair);

/* Close the ends that are still open; each is closed once. */
void pair_close(struct pair *pair);

#endif
