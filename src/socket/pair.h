/* SPDX-License-Identifier: MIT */
/*
 * The socket pair: two connected, unnamed sockets.  Or two pipes in its place
 * (--pipes): one end of each is ours, the others are the command's.
 */
#ifndef PAIR_H
#define PAIR_H

#include <stdbool.h>

#include "plan/plan.h"

struct pair {
	int ours;		/* the relay's end; without a relay, the end */
				/* of the second command; or -1 */
	int command;		/* the command's end, or -1 */
	bool is_pipes;		/* ours and command are for reading only */
	int ours_write;		/* with is_pipes: the ends for writing, each */
	int command_write;	/* of which is -1 once closed */
	int type;		/* what the system created: SOCK_STREAM ... */
	size_t largest;		/* with a relay and a message type: bytes of */
				/* the largest message that we can send */
};

/* Nothing is open. */
void pair_init(struct pair *pair);

/*
 * Create the pair, or the two pipes, that plan describes; pair->command and
 * pair->command_write are for plan->command.
 *
 * Both ends are close-on-exec.  The command's end is none of the numbers in
 * plan->fds.  Our end is none of those in plan->peer_fds if plan has a second
 * command, else none of those in plan->fds.  With a relay our end is
 * non-blocking.  All other ends are left blocking, as programs expect of their
 * standard input.
 *
 * The buffers of both ends have plan->buffer bytes if that is not 0.  If it is
 * 0 and the type is a message type, they are large enough for a message of
 * plan->max_message bytes, or as large as the system allows, since a message
 * has to fit into them.
 *
 * Returns 0; or -1 after printing a message, and nothing is left open.
 */
int pair_open(struct pair *pair, const struct plan *plan);

/*
 * The same for a second command with a relay, where each command has a pair of
 * its own: pair->command is the end of plan->peer, and neither end is one of
 * the numbers in plan->peer_fds.
 */
int pair_open_second(struct pair *pair, const struct plan *plan);

/*
 * With is_pipes, the caller takes over our two ends: *from is for reading, *to
 * for writing.
 */
void pair_take_pipes(struct pair *pair, int *from, int *to);

/*
 * Close an end in this process once its command has been started.  If the type
 * is SOCK_DGRAM, the end is kept open: such a socket does not report that its
 * peer is closed (unix(7); tests/unit/kernel: dgram_close_untold), and
 * endpoint_open_socket() and supervise.c use the end to report it.
 */
void pair_release_command(struct pair *pair);
void pair_release_ours(struct pair *pair);

/* Close the ends that are still open. */
void pair_close(struct pair *pair);

#endif
