/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>

#include "relay/peer.h"

/* The second command's end: of its own pair, or ours of the only one. */
static int
second_end(const struct pair *pair, const struct pair *second)
{
	return second != pair ? second->command : pair->ours;
}

static enum spawn_result
start_second(struct supervisor *supervisor, struct pair *pair,
    struct pair *second, const struct stdfds *stdfds)
{
	enum spawn_result started;

	started = spawn_peer(supervisor->sides[SIDE_OTHER].child,
	    supervisor->plan, second_end(pair, second), stdfds,
	    supervisor->signals);
	if (second != pair)
		pair_release_command(second);
	else
		pair_release_ours(pair);
	return started;
}

/*
 * The first command could not be started.  End the second, which has nobody to
 * speak with, and wait for it.
 */
static void
end_second(struct supervisor *supervisor, struct pair *pair,
    struct pair *second)
{
	static const bool closed[3] = { false };

	/* Or other holders of a dgram's end would not read end of file. */
	(void)shutdown(second_end(pair, second), SHUT_RD);
	pair_close(pair);
	pair_close(second);
	supervisor->sides[SIDE_COMMAND].child->reaped = true;
	terminate_begin(&supervisor->sides[SIDE_OTHER].termination, 0,
	    plan_grace(supervisor->plan));
	(void)supervise_run(supervisor, NULL, closed);
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
	if (started != SPAWN_STARTED)
		end_second(supervisor, pair, second);
	return started;
}
