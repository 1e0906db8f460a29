/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/wait.h>

#include "relay/report.h"

/* The exit status for a signal that does not kill us. */
static int
die_of(int number)
{
	signal_die_of(number);
	return 128 + number;
}

/* The command's status, or what goes before it; or 0. */
static int
report_command(int wait_status, const struct outcome *outcome)
{
	if (outcome->fatal_signal != 0)
		return die_of(outcome->fatal_signal);
	if (outcome->timed_out)
		return EXIT_TIMED_OUT;
	if (WIFSIGNALED(wait_status))
		return die_of(WTERMSIG(wait_status));
	return WEXITSTATUS(wait_status);
}

int
report_status(int wait_status, const struct outcome *outcome)
{
	int status = report_command(wait_status, outcome);

	return status == 0 && outcome->failed ? EXIT_FAILED : status;
}

int
report_peer_status(int wait_status, int peer_status, bool pipefail,
    const struct outcome *outcome)
{
	const struct outcome none = { .failed = false };
	int status;

	if (outcome == NULL)
		outcome = &none;
	status = report_command(wait_status, outcome);
	if (status == 0 && pipefail)
		status = WIFSIGNALED(peer_status) ?
		    128 + WTERMSIG(peer_status) : WEXITSTATUS(peer_status);
	return status == 0 && outcome->failed ? EXIT_FAILED : status;
}
