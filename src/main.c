/* SPDX-License-Identifier: MIT */
/*
 * sockpair - run a command with a socket pair for its input and output
 *
 *	argv -> options -> plan -> pair and spawn, or peer -> relay, or one of
 *	    peer and passing -> report
 *
 * Each stage prints its own line when it fails; here is decided what status
 * that means, and nowhere else does the program exit.
 */
#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>

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
#include "socket/pair.h"
#include "trace/monitor.h"

/* The status for a command that did not start. */
static int
failure_status(enum spawn_result result)
{
	switch (result) {
	case SPAWN_STARTED:
	case SPAWN_FAILED:
		break;
	case SPAWN_NOT_FOUND:
		return EXIT_NOT_FOUND;
	case SPAWN_NOT_RUN:
		return EXIT_NOT_RUN;
	}
	return EXIT_FAILED;
}

/* Returns the status for a command that did not start, and traces it. */
static int
note_failure(const struct relay *relay, enum spawn_result result,
    const struct child *command, int peer_status)
{
	int status = failure_status(result);

	if (relay->monitor != NULL &&
	    (result == SPAWN_NOT_FOUND || result == SPAWN_NOT_RUN))
		monitor_not_run(relay->monitor, status, command->error,
		    peer_status);
	return status;
}

/* The command is started, relayed and reaped. */
static int
run_command(struct relay *relay, const struct plan *plan, struct pair *pair,
    const struct stdfds *stdfds, struct signals *signals)
{
	struct child child;
	struct relay_result result;
	enum spawn_result started;

	started = spawn_command(&child, plan, pair, stdfds, signals);
	if (started != SPAWN_STARTED)
		return note_failure(relay, started, &child, 0);
	/* A reader elsewhere waits for those who hold them, but not for us. */
	fd_close_inherited();
	result = relay_run(relay, signals, &child, NULL, stdfds->closed);
	return report_status(child.wait_status, &result);
}

/* Two commands are started, relayed and reaped. */
static int
run_two(struct relay *relay, const struct plan *plan, struct pair *pair,
    struct pair *second, const struct stdfds *stdfds, struct signals *signals)
{
	struct peer peer;
	struct relay_result result;
	enum spawn_result started;

	started = peer_start(&peer, plan, pair, second, stdfds, signals);
	if (started != SPAWN_STARTED)
		return note_failure(relay, started, &peer.command,
		    peer.second.wait_status);
	result = relay_run(relay, signals, &peer.command, &peer.second,
	    stdfds->closed);
	return report_peer_status(peer.command.wait_status,
	    peer.second.wait_status, plan->pipefail, &result);
}

/* second is the second command's pair, or NULL: there is none. */
static int
run_relay(const struct plan *plan, struct pair *pair, struct pair *second,
    const struct stdfds *stdfds, struct signals *signals,
    struct monitor *monitor)
{
	struct relay relay;
	int status = EXIT_FAILED;

	if (monitor != NULL)
		monitor_set_type(monitor, names_name(type_names, pair->type),
		    pair->type != SOCK_STREAM);
	if (relay_init(&relay, plan, pair, second, monitor) == -1)
		diag_print("cannot allocate buffers: %s", strerror(errno));
	else if (second != NULL)
		status = run_two(&relay, plan, pair, second, stdfds,
		    signals);
	else
		status = run_command(&relay, plan, pair, stdfds, signals);
	relay_free(&relay);
	return status;
}

/* Each of two commands gets a pair. */
static int
run_peer_relay(const struct plan *plan, struct pair *pair,
    const struct stdfds *stdfds, struct signals *signals,
    struct monitor *monitor)
{
	struct pair second;
	int status;

	if (pair_open_second(&second, plan) == -1)
		return EXIT_FAILED;
	status = run_relay(plan, pair, &second, stdfds, signals, monitor);
	pair_close(&second);
	return status;
}

/* Two commands are started, speak with each other, and are reaped. */
static int
run_peers(const struct plan *plan, struct pair *pair,
    const struct stdfds *stdfds, struct signals *signals)
{
	struct peer peer;
	struct relay_result result = { .failed = false };
	enum spawn_result started;

	started = peer_start(&peer, plan, pair, NULL, stdfds, signals);
	if (started != SPAWN_STARTED)
		return failure_status(started);
	result.failed = peer_wait(&peer, plan, pair, signals) == -1;
	return report_peer_status(peer.command.wait_status,
	    peer.second.wait_status, plan->pipefail, &result);
}

/* The command is started, and somebody else speaks with it. */
static int
run_fdpass(const struct plan *plan, struct pair *pair,
    const struct stdfds *stdfds, struct signals *signals)
{
	struct child child;
	enum spawn_result started;

	if (fdpass_check(stdfds) == -1)
		return EXIT_FAILED;
	started = spawn_command(&child, plan, pair, stdfds, signals);
	if (started != SPAWN_STARTED)
		return failure_status(started);
	return fdpass_send(pair, signals) == 0 ? 0 : EXIT_FAILED;
}

static int
run_pair(const struct plan *plan, const struct stdfds *stdfds,
    struct signals *signals, struct monitor *monitor)
{
	struct pair pair;
	int status;

	if (pair_open(&pair, plan) == -1)
		return EXIT_FAILED;
	if (plan->pass_fd)
		status = run_fdpass(plan, &pair, stdfds, signals);
	else if (plan->peer == NULL)
		status = run_relay(plan, &pair, NULL, stdfds, signals,
		    monitor);
	else if (plan_has_relay(plan))
		status = run_peer_relay(plan, &pair, stdfds, signals, monitor);
	else
		status = run_peers(plan, &pair, stdfds, signals);
	pair_close(&pair);
	return status;
}

static int
run_signalled(const struct plan *plan, const struct stdfds *stdfds,
    struct monitor *monitor)
{
	struct signals signals;
	int status;

	if (signals_open(&signals) == -1) {
		diag_print("cannot take over signals: %s", strerror(errno));
		return EXIT_FAILED;
	}
	status = run_pair(plan, stdfds, &signals, monitor);
	signals_close(&signals);
	return status;
}

/*
 * Traces are opened before signals are taken over, so that a signal ends the
 * wait for a FIFO's reader.  They are written only after that, because until
 * then SIGPIPE and SIGXFSZ are not ignored.
 */
static int
run_plan(const struct plan *plan)
{
	struct stdfds stdfds;
	struct monitor monitor;
	int status = EXIT_FAILED;

	if (stdfds_hold(&stdfds) == -1) {
		diag_print("cannot open /dev/null: %s", strerror(errno));
		return EXIT_FAILED;
	}
	if (!monitor_is_wanted(plan))
		return run_signalled(plan, &stdfds, NULL);
	if (monitor_open(&monitor, plan) == 0)
		status = run_signalled(plan, &stdfds, &monitor);
	monitor_free(&monitor);
	return status;
}

int
main(int argc, char **argv)
{
	struct plan plan;
	int status = EXIT_FAILED;

	if (plan_init(&plan) == -1) {
		diag_print("cannot allocate memory: %s", strerror(errno));
		return EXIT_FAILED;
	}
	switch (options_parse(argc, (const char **)argv, &plan)) {
	case OPTIONS_RUN:
		status = run_plan(&plan);
		break;
	case OPTIONS_DONE:
		status = 0;
		break;
	case OPTIONS_WRONG:
		break;
	}
	plan_free(&plan);
	return status;
}
