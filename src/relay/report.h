/* SPDX-License-Identifier: MIT */
/* The exit status that a run leads to. */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>

#include "command/spawn.h"
#include "relay/supervise.h"

/*
 * Our own statuses, beside the command's: those of env(1), nohup(1) and
 * timeout(1); POSIX gives 126 and 127.
 */
enum exit_status {
	EXIT_TIMED_OUT = 124,
	EXIT_FAILED = 125,
	EXIT_NOT_RUN = 126,
	EXIT_NOT_FOUND = 127,
};

/*
 * Return the exit status of a run that is not supervised: started says what
 * failed; or the command was started and goes on without us (--pass-fd), and
 * the status is 0.
 */
int report_start(enum spawn_result started);

/*
 * Return the exit status of a run.  wait_status is the command's and
 * peer_status the second command's, as waitpid(2) gives them; peer_status is 0
 * without a second command.  The first of these that applies:
 *
 *	outcome has a fatal signal	we die of it
 *	outcome has timed out		EXIT_TIMED_OUT
 *	a signal killed the command	we die of it
 *	the command's exit status	if it is not 0
 *	the second command's		if pipefail, and it is not 0: its exit
 *					status, or 128+n if signal n killed it
 *	outcome has failed		EXIT_FAILED
 *	0
 *
 * We die of a signal by raising it, so that our parent sees what it would have
 * seen without us.  If the signal does not kill us, as in the first process of
 * a container, the status is 128+n.
 */
int report_status(int wait_status, int peer_status, bool pipefail,
    const struct outcome *outcome);

#endif
