/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/wait.h>

#include "report.h"

int
report_status(int wait_status, const struct relay_result *result)
{
	if (result->died_of != 0)
		return 128 + result->died_of;
	if (result->timed_out)
		return EXIT_TIMED_OUT;
	if (WIFSIGNALED(wait_status)) {
		signal_die_of(WTERMSIG(wait_status));
		return 128 + WTERMSIG(wait_status);
	}
	if (WEXITSTATUS(wait_status) != 0)
		return WEXITSTATUS(wait_status);
	return result->failed ? EXIT_FAILED : 0;
}

int
report_peer_status(int wait_status, int peer_status, bool pipefail)
{
	const struct relay_result none = { .failed = false };
	int status = report_status(wait_status, &none);

	if (status != 0 || !pipefail)
		return status;
	return WIFSIGNALED(peer_status) ? 128 + WTERMSIG(peer_status) :
	    WEXITSTATUS(peer_status);
}
