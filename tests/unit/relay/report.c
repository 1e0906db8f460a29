/* SPDX-License-Identifier: MIT */
/* The exit status for every way in which a run can end. */
#include "config.h"

#include <sys/resource.h>

#include <sched.h>

#include "relay/report.h"
#include "tap.h"

/* As waitpid(2) gives them. */
#define EXITED(status) ((status) << 8)
#define KILLED(number) (number)
#define DUMPED(number) ((number) | 0x80)

struct ending {
	int wait_status;
	struct outcome result;
	int want;
	const char *name;
};

static const struct ending outcomes[] = {
	{ EXITED(0), { false, false, 0 }, 0, "success is 0" },
	{ EXITED(1), { false, false, 0 }, 1, "the command's status 1 is ours" },
	{ EXITED(255), { false, false, 0 }, 255,
	    "the command's status 255 is ours" },
	{ EXITED(0), { true, false, 0 }, 125, "lost data is 125" },
	{ EXITED(7), { true, false, 0 }, 7,
	    "the command's failure counts before ours" },
	{ EXITED(0), { false, true, 0 }, 124, "a timeout is 124" },
	{ EXITED(7), { true, true, 0 }, 124,
	    "a timeout counts before the command's status" },
	{ KILLED(SIGTERM), { false, true, 0 }, 124,
	    "a timeout counts before the command's SIGTERM" },
	{ KILLED(SIGKILL), { true, true, 0 }, 124,
	    "a timeout counts before the command's SIGKILL" },
	/* Raised, SIGURG ends nobody: as any signal in a container's init. */
	{ EXITED(3), { true, true, SIGURG }, 128 + SIGURG,
	    "a signal that ends us counts before all else" },
	{ KILLED(SIGURG), { false, false, 0 }, 128 + SIGURG,
	    "a signal that we survive is 128+n" },
};

static const struct ending deaths[] = {
	{ KILLED(SIGTERM), { false, false, 0 }, SIGTERM, "we die of SIGTERM" },
	{ KILLED(SIGINT), { false, false, 0 }, SIGINT, "we die of SIGINT" },
	{ KILLED(SIGKILL), { false, false, 0 }, SIGKILL, "we die of SIGKILL" },
	{ KILLED(SIGPIPE), { false, false, 0 }, SIGPIPE, "we die of SIGPIPE" },
	{ DUMPED(SIGSEGV), { false, false, 0 }, SIGSEGV,
	    "we die of SIGSEGV, without the core file" },
	{ KILLED(SIGTERM), { true, false, 0 }, SIGTERM,
	    "the command's signal counts before our failure" },
	{ KILLED(SIGTERM), { true, true, SIGINT }, SIGINT,
	    "we die of a signal that ends us before all else" },
};

static int
report(void *argument)
{
	const struct ending *outcome = argument;
	struct rlimit limit;

	need(getrlimit(RLIMIT_CORE, &limit) == 0, "getrlimit");
	limit.rlim_cur = limit.rlim_max;
	need(setrlimit(RLIMIT_CORE, &limit) == 0, "setrlimit");
	return report_status(outcome->wait_status, 0, false, &outcome->result);
}

struct both {
	int wait_status;
	int peer_status;
	bool pipefail;
	int want;
	const char *name;
};

static const struct both boths[] = {
	{ EXITED(0), EXITED(3), false, EXITED(0),
	    "the second command's status does not count" },
	{ EXITED(0), EXITED(3), true, EXITED(3),
	    "with pipefail the second command's status counts" },
	{ EXITED(0), KILLED(SIGTERM), true, EXITED(128 + SIGTERM),
	    "with pipefail the second command's signal is 128+n" },
	{ EXITED(0), DUMPED(SIGSEGV), true, EXITED(128 + SIGSEGV),
	    "with pipefail SIGSEGV with a core file is 128+n, too" },
	{ EXITED(0), KILLED(SIGKILL), false, EXITED(0),
	    "without pipefail the second command's signal does not count" },
	{ EXITED(4), EXITED(3), true, EXITED(4),
	    "the first command's status counts before the second's" },
	{ KILLED(SIGTERM), EXITED(3), true, KILLED(SIGTERM),
	    "the first command's signal counts before the second's status" },
	{ KILLED(SIGTERM), EXITED(0), false, KILLED(SIGTERM),
	    "we die of the first command's signal" },
	{ EXITED(0), EXITED(0), true, EXITED(0),
	    "the status of two successes is 0" },
};

/* Two commands with a relay between them, where more can happen. */
static const struct relayed {
	int wait_status;
	int peer_status;
	bool pipefail;
	struct outcome result;
	int want;
	const char *name;
} relayed[] = {
	{ EXITED(0), EXITED(3), true, { .timed_out = true }, 124,
	    "a timeout counts before the second command's status" },
	{ KILLED(SIGTERM), EXITED(0), false, { .timed_out = true }, 124,
	    "a timeout counts before the first command's signal" },
	{ EXITED(0), EXITED(3), true, { .failed = true }, 3,
	    "the second command's status counts before our failure" },
	{ EXITED(0), EXITED(3), false, { .failed = true }, 125,
	    "without pipefail our failure counts" },
	{ EXITED(4), EXITED(3), true, { .failed = true }, 4,
	    "the first command's status counts before our failure" },
	{ EXITED(0), EXITED(0), true, { .failed = true }, 125,
	    "our failure counts after two successes" },
};

static int
report_both(void *argument)
{
	const struct outcome none = { .failed = false };
	const struct both *both = argument;

	return report_status(both->wait_status, both->peer_status,
	    both->pipefail, &none);
}

static int
report_relayed(void *argument)
{
	const struct relayed *row = argument;

	return report_status(row->wait_status, row->peer_status,
	    row->pipefail, &row->result);
}

/* The first process of a namespace, which cannot kill itself by a signal. */
static int
report_as_init(void *argument)
{
	int status;

	if (unshare(CLONE_NEWPID) == -1 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWPID) == -1)
		return 77;
	status = run_child(report, argument);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void
test_init(void)
{
	static const char name[] = "a container's first process exits 128+n";
	struct ending outcome = deaths[0];
	int status;

	if (is_under_valgrind()) {
		elsewhere(name, "valgrind");
		return;
	}
	if (lacks("immune-init")) {
		elsewhere(name, "the emulator lacks immune-init");
		return;
	}
	status = run_child(report_as_init, &outcome);
	if (status == EXITED(77))
		skip(name, "no namespace for us");
	else
		is_int(status, EXITED(128 + SIGTERM), name);
}

int
main(void)
{
	struct ending outcome;
	struct both both;
	struct relayed row;
	size_t i;

	is_int(report_start(SPAWN_STARTED), 0, "a command that goes on is 0");
	is_int(report_start(SPAWN_FAILED), 125, "a failure of ours is 125");
	is_int(report_start(SPAWN_NOT_RUN), 126,
	    "a command that cannot be run is 126");
	is_int(report_start(SPAWN_NOT_FOUND), 127,
	    "a command that is not found is 127");
	for (i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		outcome = outcomes[i];
		is_int(run_child(report, &outcome), EXITED(outcome.want),
		    outcome.name);
	}
	for (i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
		outcome = deaths[i];
		is_int(run_child(report, &outcome), outcome.want,
		    outcome.name);
	}
	for (i = 0; i < sizeof(boths) / sizeof(boths[0]); i++) {
		both = boths[i];
		is_int(run_child(report_both, &both), both.want, both.name);
	}
	for (i = 0; i < sizeof(relayed) / sizeof(relayed[0]); i++) {
		row = relayed[i];
		is_int(run_child(report_relayed, &row), EXITED(row.want),
		    row.name);
	}
	test_init();
	return done_testing();
}
