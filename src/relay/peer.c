/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>

#include "relay/peer.h"

/* The first could not be started: the second has nobody to speak with. */
static void
end_second(struct supervisor *supervisor)
{
	static const bool closed[3] = { false };

	supervisor->sides[SIDE_COMMAND].child->reaped = true;
	terminate_begin(&supervisor->sides[SIDE_OTHER].termination, 0,
	    plan_grace(supervisor->plan));
	(void)supervise_run(supervisor, NULL, closed);
}

/* The second, with its end; results as of peer_start(). */
static enum spawn_result
start_second(struct supervisor *supervisor, struct pair *pair,
    struct pair *second, const struct stdfds *stdfds)
{
	enum spawn_result started;

	started = spawn_peer(supervisor->sides[SIDE_OTHER].child,
	    supervisor->plan, second != NULL ? second->command : pair->ours,
	    stdfds, supervisor->signals);
	if (second != NULL)
		pair_release_command(second);
	else
		pair_release_ours(pair);
	return started;
}

enum spawn_result
peer_start(struct supervisor *supervisor, struct pair *pair,
    struct pair *second, const struct stdfds *stdfds)
{
	enum spawn_result started;

	started = start_second(supervisor, pair, second, stdfds);
	if (started != SPAWN_STARTED)
		return SPAWN_FAILED;
	started = spawn_command(supervisor->sides[SIDE_COMMAND].child,
	    supervisor->plan, pair, stdfds, supervisor->signals);
	if (started == SPAWN_STARTED)
		return SPAWN_STARTED;
	/* What the second leaves behind reads end of file, also a dgram's. */
	(void)shutdown(second != NULL ? second->command : pair->ours, SHUT_RD);
	pair_close(pair);
	if (second != NULL)
		pair_close(second);
	end_second(supervisor);
	return started;
}
