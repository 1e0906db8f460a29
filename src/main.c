/* SPDX-License-Identifier: MIT */
/*
 * sockpair - run a command with a socket pair for its input and output
 *
 *	argv -> options -> plan -> pair -> spawn, or peer -> supervise, with a
 *	    relay or without, or fdpass -> report -> exit status
 *
 * Each stage prints its own line when it fails; here is decided what status
 * that means, and nowhere else does the program exit.
 */
#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/fd.h"
#include "base/stdfds.h"
#include "command/signals.h"
#include "command/spawn.h"
#include "plan/names.h"
#include "plan/options.h"
#include "relay/fdpass.h"
#include "relay/peer.h"
#include "relay/relay.h"
#include "relay/report.h"
#include "relay/supervise.h"
#include "socket/pair.h"
#include "trace/monitor.h"

/* What a run has, in the order in which it is opened. */
struct run {
	struct plan plan;
	struct stdfds stdfds;
	struct monitor monitor;
	struct signals signals;
	struct pair pair;
	struct pair second;	/* with a relay between two commands */
	struct relay relay;
	struct child command;
	struct child peer;
	struct supervisor supervisor;
};

/* The statuses for a command that was not started. */
static const int statuses[] = {
	[SPAWN_STARTED] = 0,
	[SPAWN_FAILED] = EXIT_FAILED,
	[SPAWN_NOT_RUN] = EXIT_NOT_RUN,
	[SPAWN_NOT_FOUND] = EXIT_NOT_FOUND,
};

static int
cannot(const char *what)
{
	diag_print("cannot %s: %s", what, strerror(errno));
	return -1;
}

/* The two sides, and the relay between them, if there is to be one. */
static int
open_sides(struct run *run)
{
	const struct plan *plan = &run->plan;
	struct side *sides = run->supervisor.sides;
	bool has_relay = plan_has_relay(plan);
	struct monitor *monitor = NULL;

	if (supervise_init(&run->supervisor, plan, &run->signals,
	    run->monitor.trace.count) == -1)
		return cannot("allocate memory");
	side_init(&sides[SIDE_COMMAND], &run->command, &run->pair);
	if (plan->peer == NULL)
		side_init(&sides[SIDE_OTHER], NULL, NULL);
	else
		side_init(&sides[SIDE_OTHER], &run->peer,
		    has_relay ? &run->second : &run->pair);
	if (!has_relay)
		return 0;
	if (plan->peer != NULL && pair_open_second(&run->second, plan) == -1)
		return -1;
	if (monitor_is_wanted(plan)) {
		monitor = &run->monitor;
		monitor_set_type(monitor, names_name(type_names,
		    run->pair.type), run->pair.type != SOCK_STREAM);
	}
	if (relay_init(&run->relay, plan, sides, monitor) == -1)
		return cannot("allocate buffers");
	return 0;
}

/*
 * Traces are opened before signals are taken over, so that a signal ends the
 * wait for a FIFO's reader.  They are written only after that, because until
 * then SIGPIPE and SIGXFSZ are not ignored.  Returns 0, or -1 after a line.
 */
static int
open_all(struct run *run)
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
	return open_sides(run);
}

static enum spawn_result
start_commands(struct run *run)
{
	if (run->plan.peer != NULL)
		return peer_start(&run->supervisor, &run->pair,
		    plan_has_relay(&run->plan) ? &run->second : NULL,
		    &run->stdfds);
	return spawn_command(&run->command, &run->plan, &run->pair,
	    &run->stdfds, &run->signals);
}

/*
 * The commands hold what they inherited from us.  If we held it as well, a
 * reader elsewhere that waits for all holders to close it would wait for us.
 */
static void
release_inherited(const struct run *run)
{
	const int ours[] = {
		STDERR_FILENO, run->signals.fd, run->signals.handler_fd,
		run->pair.ours, run->pair.command, run->second.ours,
		run->second.command,
	};
	int greatest = monitor_greatest_fd(&run->monitor);
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (ours[i] > greatest)
			greatest = ours[i];
	fd_close_inherited(greatest);
	if (run->plan.peer != NULL)
		stdfds_release();
}

/* The status for a command that was not started; it is traced, too. */
static int
report_not_started(struct run *run, enum spawn_result started)
{
	if (started != SPAWN_FAILED && monitor_is_wanted(&run->plan))
		monitor_not_run(&run->monitor, statuses[started],
		    run->command.error, run->peer.wait_status);
	return statuses[started];
}

static int
run_plan(struct run *run)
{
	const struct plan *plan = &run->plan;
	enum spawn_result started;
	struct outcome outcome;

	if (open_all(run) == -1)
		return EXIT_FAILED;
	started = start_commands(run);
	if (started != SPAWN_STARTED)
		return report_not_started(run, started);
	if (plan->pass_fd)
		return fdpass_send(&run->pair, &run->signals) == 0 ? 0 :
		    EXIT_FAILED;
	release_inherited(run);
	outcome = supervise_run(&run->supervisor,
	    plan_has_relay(plan) ? &run->relay : NULL, run->stdfds.closed);
	return report_peer_status(run->command.wait_status,
	    run->peer.wait_status, plan->pipefail, &outcome);
}

static void
close_all(struct run *run)
{
	supervise_free(&run->supervisor);
	relay_free(&run->relay);
	pair_close(&run->second);
	pair_close(&run->pair);
	signals_close(&run->signals);
	monitor_free(&run->monitor);
	plan_free(&run->plan);
}

int
main(int argc, char **argv)
{
	struct run run = {
		.signals = { .fd = -1 },
		.pair = { .ours = -1, .command = -1 },
		.second = { .ours = -1, .command = -1 },
	};
	int status = EXIT_FAILED;

	if (plan_init(&run.plan) == -1) {
		(void)cannot("allocate memory");
		return EXIT_FAILED;
	}
	switch (options_parse(argc, (const char **)argv, &run.plan)) {
	case OPTIONS_RUN:
		status = run_plan(&run);
		break;
	case OPTIONS_DONE:
		status = 0;
		break;
	case OPTIONS_WRONG:
		break;
	}
	close_all(&run);
	return status;
}
