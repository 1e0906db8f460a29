/* SPDX-License-Identifier: MIT */
/*
 * sockpair - run a command with a socket pair for its input and output
 *
 *	argv -> options -> plan -> run: pair, commands, supervision -> report
 *
 * A stage that fails prints its own line.  report.h says which exit status each
 * result leads to, and the program exits only here.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/diag.h"
#include "plan/options.h"
#include "relay/report.h"
#include "relay/run.h"
#include "socket/half-close.h"

static int
run_plan(struct run *run)
{
	enum spawn_result started = SPAWN_FAILED;
	struct outcome outcome;

	if (run_open(run) == 0)
		started = run_start(run);
	if (started != SPAWN_STARTED || run->plan.pass_fd)
		return report_start(started);
	outcome = run_supervise(run);
	return report_status(run->command.wait_status, run->peer.wait_status,
	    run->plan.pipefail, &outcome);
}

int
main(int argc, char **argv)
{
	struct run run;
	int status = EXIT_FAILED;

	run_init(&run);
	if (plan_init(&run.plan) == -1) {
		diag_print("cannot allocate memory: %s", strerror(errno));
		return EXIT_FAILED;
	}
	switch (options_parse(argc, (const char **)argv, &run.plan)) {
	case OPTIONS_RUN:
		status = run_plan(&run);
		break;
	case OPTIONS_HALF_CLOSE:
		status = half_close(run.plan.half_close) == 0 ? 0 : EXIT_FAILED;
		break;
	case OPTIONS_DONE:	/* --help and its kin */
		status = 0;
		break;
	case OPTIONS_WRONG:
		break;
	}
	run_close(&run);
	return status;
}
