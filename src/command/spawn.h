/* SPDX-License-Identifier: MIT */
/* Start the command, and the second one that --peer gives. */
#ifndef SPAWN_H
#define SPAWN_H

#include "base/stdfds.h"
#include "command/child.h"
#include "command/signals.h"
#include "plan/plan.h"
#include "socket/pair.h"

enum spawn_result {
	SPAWN_STARTED,		/* exec has succeeded */
	SPAWN_FAILED,		/* we could not get so far as to try */
	SPAWN_NOT_FOUND,	/* there is no such command */
	SPAWN_NOT_RUN,		/* there is, but it cannot be run */
};

/*
 * Run plan's command with its end of pair on the numbers that plan chose, its
 * environment, dispositions and mask as ours were on entry, and wait until
 * exec has succeeded or failed.  The command's end is released after that, see
 * pair_release_command().
 * signals is open: every signal is blocked.
 *
 * SPAWN_STARTED	*child is filled in; it has to be reaped
 * SPAWN_NOT_...	child->error is execvp(3)'s errno; otherwise the same as
 * any other	after one line that says why; nothing is left running
 */
enum spawn_result spawn_command(struct child *child, const struct plan *plan,
    struct pair *pair, const struct stdfds *stdfds,
    const struct signals *signals);

/*
 * The same for plan's second command, by sh -c and with the socket end, which
 * stays open here.  It is to be started first: its environment is ours as it
 * is, and a number that is past the limit is told of for both before either
 * runs.
 */
enum spawn_result spawn_peer(struct child *child, const struct plan *plan,
    int end, const struct stdfds *stdfds, const struct signals *signals);

#endif
