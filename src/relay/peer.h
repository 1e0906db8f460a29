/* SPDX-License-Identifier: MIT */
/* --peer: two commands, one at each end of the pair, and no relay. */
#ifndef PEER_H
#define PEER_H

#include "base/stdfds.h"
#include "command/signals.h"
#include "command/spawn.h"
#include "plan/plan.h"
#include "socket/pair.h"

/* Both commands. */
struct peer {
	struct child command;
	struct child second;	/* which --peer gave */
};

/*
 * Start plan's second command, then its first.  If there is to be a relay each
 * has its end of a pair of its own, the second command that of second; else
 * second is NULL, and they have the two ends of pair.  Once both run we hold
 * none of their ends, unless they are dgrams, and nothing that we inherited but
 * standard error.  signals is open.
 *
 * SPAWN_STARTED	both run, and have to be reaped
 * SPAWN_FAILED		something of ours failed, or the second command's shell
 *			could not be started, and then the first was not
 * any other		the first could not be started
 *
 * All but the first after one line that says why; nothing is left running.
 */
enum spawn_result peer_start(struct peer *peer, const struct plan *plan,
    struct pair *pair, struct pair *second, const struct stdfds *stdfds,
    struct signals *signals);

/*
 * Without a relay: wait until both are reaped, and pass signals on to both
 * meanwhile.  Returns 0, or -1 after a line if one of them could not be
 * notified of the other's end.
 */
int peer_wait(struct peer *peer, const struct plan *plan,
    const struct pair *pair, struct signals *signals);

#endif
