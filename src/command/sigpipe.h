/* SPDX-License-Identifier: MIT */
/*
 * Send SIGPIPE to a command whose output has lost its reader, as a pipe would.
 *
 * Theory of operation.  If we shut our end down for reading, the command's next
 * write to its end fails with SIGPIPE and EPIPE.  But if the command sleeps in
 * a write already, that write fails with EPIPE alone (tests/unit/kernel:
 * blocked_writer_no_signal, late_write_signalled).  So before we shut our end
 * down, we inspect the command, and send it the signal if it sleeps in a write
 * to its end.  If it is running it may be about to sleep there, so we inspect
 * it again until it sleeps in some system call.
 */
#ifndef SIGPIPE_H
#define SIGPIPE_H

#include <stdbool.h>
#include <stdint.h>

#include "command/child.h"

struct sigpipe {
	int64_t inspect_at;	/* deadline (clock.h) of the next inspection */
	int64_t give_up_at;	/* deadline after which none follows */
};

/* What a process is doing. */
enum activity {
	ACTIVITY_RUNNING,	/* on a processor, or ready for one */
	ACTIVITY_WRITING,	/* asleep in a write to its end of the pair */
	ACTIVITY_OTHER,		/* asleep elsewhere, ended, or unknown */
};

/*
 * Begin the inspections at now (clock.h), when the last reader of the command's
 * output has gone.  The caller then calls sigpipe_send().
 */
void sigpipe_begin(struct sigpipe *sigpipe, int64_t now);

/*
 * Inspect child, and send it SIGPIPE if it sleeps in a write to its end.  now
 * is the current time (clock.h).
 * Returns true if our end can be shut down for reading now; false if the
 * function is to be called again at sigpipe->inspect_at.
 */
bool sigpipe_send(struct sigpipe *sigpipe, const struct child *child,
    int64_t now);

/*
 * Find out what child is doing now, from /proc/PID/syscall (proc(5)).  Its own
 * children are not inspected.  ACTIVITY_WRITING means a system call that raises
 * SIGPIPE if nobody reads, so not one with MSG_NOSIGNAL.
 */
enum activity sigpipe_inspect(const struct child *child);

#endif
