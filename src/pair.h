/* SPDX-License-Identifier: MIT */
/* The socket pair: two connected, unnamed sockets. */
#ifndef PAIR_H
#define PAIR_H

#include "plan.h"

struct pair {
	int ours;		/* our end, non-blocking, or -1 */
	int command;		/* the command's end, or -1 */
};

/*
 * Make the pair that plan describes.  Both ends are close-on-exec, and neither
 * is one of the numbers that plan chose for the command.  The command's end is
 * left blocking, as a program expects its standard input to be.
 * Returns 0, or -1 after a message, with nothing left open.
 */
int pair_open(struct pair *pair, const struct plan *plan);

/* Close the ends that are still open; each is closed once. */
void pair_close_command(struct pair *pair);
void pair_close(struct pair *pair);

#endif
