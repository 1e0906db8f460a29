/* SPDX-License-Identifier: MIT */
/* Start COMMAND, and the second command, that of --peer. */
#ifndef SPAWN_H
#define SPAWN_H

#include "base/stdfds.h"
#include "command/child.h"
#include "command/signals.h"
#include "plan/plan.h"
#include "socket/pair.h"

enum spawn_result {
	SPAWN_STARTED,		/* exec has succeeded */
	SPAWN_FAILED,		/* a step before exec failed */
	SPAWN_NOT_FOUND,	/* exec failed: there is no such command */
	SPAWN_NOT_RUN,		/* exec failed for another reason */
};

/*
 * Start plan->command, with its end of pair on the numbers in plan->fds, and
 * wait until its exec has succeeded or failed.  Its environment is ours with
 * the variables that plan requests; its signal dispositions and mask are those
 * that we had on entry.  After the exec, pair_release_command() is called.
 * stdfds is from stdfds_hold().  signals is from signals_open(), and all
 * signals are blocked.
 *
 * SPAWN_STARTED	*child is filled in; the caller reaps it
 * SPAWN_NOT_FOUND	child->error is the errno of execvp(3)
 * SPAWN_NOT_RUN	the same
 * SPAWN_FAILED		no exec was tried
 *
 * Unless the command is started, a line on standard error says why, and no
 * process is left.
 */
enum spawn_result spawn_command(struct child *child, const struct plan *plan,
    struct pair *pair, const struct stdfds *stdfds,
    const struct signals *signals);

/*
 * Start plan->peer by sh -c, with the socket end on the numbers in
 * plan->peer_fds.  end stays open here.  The rest is as for spawn_command(),
 * but no variables are set.
 * Call it before spawn_command(), which changes our environment.  It checks the
 * numbers of both commands against the limit on descriptors, so that neither
 * command runs if a number is too large.
 */
enum spawn_result spawn_peer(struct child *child, const struct plan *plan,
    int end, const struct stdfds *stdfds, const struct signals *signals);

#endif
