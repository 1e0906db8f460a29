/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/wait.h>

#include "relay/report.h"

static const int start_statuses[] = {
	[SPAWN_STARTED] = 0,
	[SPAWN_FAILED] = EXIT_FAILED,
	[SPAWN_NOT_RUN] = EXIT_NOT_RUN,
	[SPAWN_NOT_FOUND] = EXIT_NOT_FOUND,
};

int
report_start(enum spawn_result started)
{
	return start_statuses[started];
}

/* Die of signal number; returns the exit status if that fails. */
static int
die_of(int number)
{
	signal_die_of(number);
	return 128 + number;
}

/* The second command's: we do not die of its signal. */
static int
peer_exit_status(int peer_status)
{
	return WIFSIGNALED(peer_status) ? 128 + WTERMSIG(peer_status) :
	    WEXITSTATUS(peer_status);
}

int
report_status(int wait_status, int peer_status, bool pipefail,
    const struct outcome *outcome)
{
	if (outcome->fatal_signal != 0)
		return die_of(outcome->fatal_signal);
	if (outcome->timed_out)
		return EXIT_TIMED_OUT;
	if (WIFSIGNALED(wait_status))
		return die_of(WTERMSIG(wait_status));
	if (WEXITSTATUS(wait_status) != 0)
		return WEXITSTATUS(wait_status);
	if (pipefail && peer_exit_status(peer_status) != 0)
		return peer_exit_status(peer_status);
	return outcome->failed ? EXIT_FAILED : 0;
}
