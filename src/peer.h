/* SPDX-License-Identifier: MIT */
/* --peer: two commands, one at each end of the pair, and no relay. */
#ifndef PEER_H
#define PEER_H

#include "pair.h"
#include "plan.h"
#include "signals.h"
#include "spawn.h"
#include "standard.h"

/* How both ended, as waitpid(2) gives it. */
struct peer_result {
	int command;
	int peer;		/* the second one's, which --peer gave */
};

/*
 * Start plan's second command, then its first, and wait for both, passing
 * signals on to both meanwhile.  Once both run we hold nothing of the pair,
 * unless it is a dgram, and nothing that we inherited but standard error.
 * signals is open.
 *
 * SPAWN_STARTED	both have run and are reaped; *result tells how
 * SPAWN_FAILED		something of ours failed, or the second command's shell
 *			could not be started, and then the first was not
 * any other		the first could not be started
 *
 * All but the first after one line that says why; nothing is left running.
 */
enum spawn_result peer_run(const struct plan *plan, struct pair *pair,
    const struct standard *standard, struct signals *signals,
    struct peer_result *result);

#endif
