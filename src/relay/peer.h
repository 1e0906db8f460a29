/* SPDX-License-Identifier: MIT */
/* --peer: two commands are started. */
#ifndef PEER_H
#define PEER_H

#include "base/stdfds.h"
#include "command/spawn.h"
#include "relay/supervise.h"
#include "socket/pair.h"

/*
 * Start the two commands of supervisor's plan; their children are those of
 * supervisor's sides.  The command gets its end of pair, second->command is the
 * second command's if each has a pair of its own (there is a relay between
 * them).  Without a relay second is pair, and the second command gets our end
 * of it.  After both have started we hold neither command's end, unless the
 * pair is of dgrams (pair.h).  stdfds says what was closed on entry.
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
 * All but the first after one line that says why; nothing is left running.
 */
enum spawn_result peer_start(struct supervisor *supervisor, struct pair *pair,
    struct pair *second, const struct stdfds *stdfds);

#endif
