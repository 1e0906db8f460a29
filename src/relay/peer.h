/* SPDX-License-Identifier: MIT */
/* --peer: two commands are started. */
#ifndef PEER_H
#define PEER_H

#include "base/stdfds.h"
#include "command/spawn.h"
#include "relay/supervise.h"
#include "socket/pair.h"

/*
 * Start the second command of supervisor's plan, then the first; their children
 * are those of supervisor's sides.  If there is to be a relay each command has
 * its end of a pair of its own, the second command that of second; else second
 * is NULL, and they have the two ends of pair.  Once both run we hold none of
 * their ends, unless they are dgrams, and nothing that we inherited but
 * standard error.
 *
 * SPAWN_STARTED	both run, and have to be reaped
 * SPAWN_FAILED		something of ours failed, or the second command's shell
 *			could not be started, and then the first was not
 * any other		the first could not be started
 *
 * All but the first after one line that says why; nothing is left running.
 */
enum spawn_result peer_start(struct supervisor *supervisor, struct pair *pair,
    struct pair *second, const struct stdfds *stdfds);

#endif
