/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/fd.h"
#include "relay/fdpass.h"
#include "relay/peer.h"
#include "relay/report.h"
#include "relay/run.h"

void
run_init(struct run *run)
{
	*run = (struct run){ .signals = { .fd = -1 } };
	pair_init(&run->pair);
	pair_init(&run->second);
}

static int
cannot(const char *what)
{
	diag_print("cannot %s: %s", what, strerror(errno));
	return -1;
}

/* The pair that the second command has an end of; NULL without one. */
static struct pair *
peer_pair(struct run *run)
{
	if (run->plan.peer == NULL)
		return NULL;
	return plan_has_relay(&run->plan) ? &run->second : &run->pair;
}

/* The two sides, and the relay between them if there is to be one. */
static int
open_sides(struct run *run)
{
	const struct plan *plan = &run->plan;
	struct side *sides = run->supervisor.sides;

	if (supervise_init(&run->supervisor, plan, &run->signals,
	    run->monitor.trace.count) == -1)
		return cannot("allocate memory");
	side_init(&sides[SIDE_COMMAND], &run->command, &run->pair);
	side_init(&sides[SIDE_OTHER], plan->peer != NULL ? &run->peer : NULL,
	    peer_pair(run));
	if (plan_has_relay(plan) && relay_init(&run->relay, plan, sides,
	    monitor_is_wanted(plan) ? &run->monitor : NULL) == -1)
		return cannot("allocate buffers");
	return 0;
}

/*
 * Traces are opened before signals are taken over, so that a signal ends the
 * wait for a FIFO's reader.  They are written only after that, because until
 * then SIGPIPE and SIGXFSZ are not ignored.
 */
int
run_open(struct run *run)
{
	const struct plan *plan = &run->plan;

	if (stdfds_hold(&run->stdfds) == -1)
		return cannot("open /dev/null");
	if (monitor_is_wanted(plan) && monitor_open(&run->monitor, plan) == -1)
		return -1;
	if (signals_open(&run->signals) == -1)
		return cannot("take over signals");
	if (pair_open(&run->pair, plan) == -1)
		return -1;
	if (plan->pass_fd)
		return fdpass_check(&run->stdfds);
	if (peer_pair(run) == &run->second &&
	    pair_open_second(&run->second, plan) == -1)
		return -1;
	return open_sides(run);
}

static enum spawn_result
start_commands(struct run *run)
{
	if (run->plan.peer != NULL)
		return peer_start(&run->supervisor, &run->pair, peer_pair(run),
		    &run->stdfds);
	return spawn_command(&run->command, &run->plan, &run->pair,
	    &run->stdfds, &run->signals);
}

enum spawn_result
run_start(struct run *run)
{
	enum spawn_result started = start_commands(run);

	if (started == SPAWN_STARTED && run->plan.pass_fd &&
	    fdpass_send(&run->pair, &run->signals) == -1)
		return SPAWN_FAILED;
	if (started != SPAWN_STARTED && started != SPAWN_FAILED &&
	    monitor_is_wanted(&run->plan))
		monitor_not_run(&run->monitor, report_start(started),
		    run->command.error, run->peer.wait_status);
	return started;
}

/*
 * The commands hold what they inherited from us.  If we held it as well, a
 * reader elsewhere that waits for all holders to close it would wait for us.
 */
static void
release_inherited(const struct run *run)
{
	const int ours[] = {
		run->signals.fd, run->signals.handler_fd,
		run->pair.ours, run->pair.command, run->pair.ours_write,
		run->second.ours, run->second.command,
		monitor_greatest_fd(&run->monitor),
	};

	fd_close_inherited(ours, sizeof(ours) / sizeof(ours[0]));
	if (run->plan.peer != NULL)
		stdfds_release();
}

struct outcome
run_supervise(struct run *run)
{
	release_inherited(run);
	return supervise_run(&run->supervisor,
	    plan_has_relay(&run->plan) ? &run->relay : NULL,
	    run->stdfds.closed);
}

void
run_close(struct run *run)
{
	relay_free(&run->relay);
	supervise_free(&run->supervisor);
	pair_close(&run->second);
	pair_close(&run->pair);
	signals_close(&run->signals);
	monitor_free(&run->monitor);
	plan_free(&run->plan);
}
