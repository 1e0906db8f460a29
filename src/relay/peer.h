/* SPDX-License-Identifier: MIT */
/* --peer: two commands are started. */
#ifndef PEER_H
#define PEER_H

#include "base/stdfds.h"
#include "command/spawn.h"
#include "relay/supervise.h"
#include "socket/pair.h"

/*
 * Start the two commands of supervisor->plan, and fill in the children of
 * supervisor->sides.  The first gets pair->command.  The second gets
 * second->command if there is a relay; without one, second is pair, and it gets
 * pair->ours.  Then both ends are closed here, unless the pair is of dgrams
 * (pair.h).  stdfds says what was closed on entry.
 *
 * The second command is started first, because its environment is ours as it
 * is; that of the first has variables added.
 *
 * SPAWN_STARTED	both run, and have to be reaped
 * SPAWN_FAILED		something of ours failed, or the shell of the second
 *			command could not be started
 * any other		the command could not be started; the second command
 *			has been ended and reaped
 *
 * Unless the result is SPAWN_STARTED, one line on standard error says why, and
 * neither command is left running.
 */
enum spawn_result peer_start(struct supervisor *supervisor, struct pair *pair,
    struct pair *second, const struct stdfds *stdfds);

#endif
