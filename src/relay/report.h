/* SPDX-License-Identifier: MIT */
/* From what happened to the exit status. */
#ifndef REPORT_H
#define REPORT_H

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
 * The status for a command that ended with wait_status, as waitpid(2) gives
 * it: the first that applies of a timeout, its signal, its own status if not
 * 0, our own failure, 0.  If it was killed by a signal we die of the same, so
 * that our parent sees what it would have seen; where that fails, 128+n.
 */
int report_status(int wait_status, const struct outcome *outcome);

/*
 * The status for two commands that ended so: that of the first, as above.  If
 * it is 0 and pipefail is set, the second's status, or 128+n for its signal,
 * which goes before our own failure.  outcome is NULL if there was no relay.
 */
int report_peer_status(int wait_status, int peer_status, bool pipefail,
    const struct outcome *outcome);

#endif
