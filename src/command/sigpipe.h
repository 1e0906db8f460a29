/* SPDX-License-Identifier: MIT */
/*
 * Stop a command that writes output nobody reads, as a pipe would: by SIGPIPE.
 *
 * Theory of operation.  Once we no longer read from our end, the kernel refuses
 * the command's next write with SIGPIPE and EPIPE.  But a command that already
 * sleeps in a write is woken with EPIPE alone (tests/unit/kernel:
 * blocked_writer_no_signal, late_write_signalled).  So before we stop reading,
 * the command is inspected, and gets the signal from us if it sleeps in a write
 * to its end.  A running command may be about to sleep there: it is inspected
 * again until it sleeps somewhere.
 */
#ifndef SIGPIPE_H
#define SIGPIPE_H

#include <stdbool.h>
#include <stdint.h>

#include "command/child.h"

struct sigpipe {
	int64_t inspect_at;	/* when to call sigpipe_send() next, clock.h */
	int64_t give_up_at;	/* when to stop waiting for it to sleep */
};

/* What a process is doing. */
enum activity {
	ACTIVITY_RUNNING,	/* on a processor, or ready for one */
	ACTIVITY_WRITING,	/* asleep in a write to its end of the pair */
	ACTIVITY_OTHER,		/* asleep elsewhere, ended, or not visible */
};

/* The last reader of the command's output has gone.  now is a time, clock.h. */
void sigpipe_begin(struct sigpipe *sigpipe, int64_t now);

/*
 * Inspect child, and send it SIGPIPE if it sleeps in a write to its end.  True
 * if we can stop reading from our end now; false if this is to be called again
 * at inspect_at.
 */
bool sigpipe_send(struct sigpipe *sigpipe, const struct child *child,
    int64_t now);

/*
 * What child itself is doing now; its own children are not inspected.  A write
 * counts only if it would bring SIGPIPE from a pipe that nobody reads.
 */
enum activity sigpipe_inspect(const struct child *child);

#endif
