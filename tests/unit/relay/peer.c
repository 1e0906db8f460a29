/* SPDX-License-Identifier: MIT */
/*
 * Two commands that are really started: how both end, and that no process and
 * no descriptor is left.  Each case runs in a process of its own.
 */
#include "config.h"

#include <poll.h>

#include "base/clock.h"
#include "base/parse.h"
#include "relay/peer.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define WORDS 8
#define EXITED(status) ((status) << 8)

static const char *scripted;

struct run {
	const char *name;
	const char *second;
	const char *words[WORDS];	/* first NULL: tests/peer */
	int type;			/* 0: stream */
	int64_t kill_after;		/* 0: never */
	const char *fds;		/* of both; NULL: 0,1 */
	enum spawn_result want;
	int status;			/* the wait status that is wanted */
	int second_status;
};

static const struct run runs[] = {
	{ .name = "each command has its own exit status", .second = "exit 3",
	    .words = { NULL, "exit:4" }, .status = EXITED(4),
	    .second_status = EXITED(3) },
	{ .name = "on a dgram pair each command has its own exit status",
	    .second = "exit 3", .type = SOCK_DGRAM,
	    .words = { NULL, "exit:4" }, .status = EXITED(4),
	    .second_status = EXITED(3) },
	{ .name = "a command that dies of a signal has that as its wait status",
	    .second = "kill -9 $$",
	    .words = { NULL, "die:15" }, .status = SIGTERM,
	    .second_status = SIGKILL },
	{ .name = "the commands read what the other writes",
	    .second = "exec \"$PEER\" read:5 say:back",
	    .words = { NULL, "say:hear", "read:5" } },
	{ .name = "the first command reads end of file after the second's end",
	    .second = "exit 0", .words = { NULL, "cat-in" } },
	{ .name = "the second command reads end of file after the first's end",
	    .second = "exec \"$PEER\" cat-in", .words = { NULL } },
	{ .name = "on dgrams the first command reads end of file, too",
	    .second = "exit 0",
	    .type = SOCK_DGRAM, .words = { NULL, "cat-in" } },
	{ .name = "on dgrams the second command reads end of file, too",
	    .second = "exec \"$PEER\" cat-in",
	    .type = SOCK_DGRAM, .words = { NULL } },
	{ .name = "--kill-after ends a second command that stays",
	    .second = "exec \"$PEER\" pause", .kill_after = SECOND / 20,
	    .words = { NULL }, .second_status = SIGTERM },
	{ .name = "--kill-after ends a first command that stays",
	    .second = "exit 0",
	    .kill_after = SECOND / 20, .words = { NULL, "pause" },
	    .status = SIGTERM },
	{ .name = "each command can have its end on every number we use",
	    .second = "exec \"$PEER\" use:9 echo", .fds = "3,4,5,6,7,8,9",
	    .words = { NULL, "use:3", "say:x", "read:2" } },
	{ .name = "a first command that is not found ends the second",
	    .second = "exec \"$PEER\" echo",
	    .words = { "/nonexistent/x" }, .want = SPAWN_NOT_FOUND },
	{ .name = "a first command that is not found ends one that stays",
	    .second = "exec \"$PEER\" pause", .words = { "/nonexistent/x" },
	    .want = SPAWN_NOT_FOUND },
	{ .name = "a first command that cannot be run ends the second",
	    .type = SOCK_DGRAM,
	    .second = "exec \"$PEER\" pause", .words = { "/" },
	    .want = SPAWN_NOT_RUN },
	{ .name = "a descriptor number past the limit is a failure of ours",
	    .second = ":", .fds = "100000",
	    .words = { NULL }, .want = SPAWN_FAILED },
};

static struct plan
make_plan(const struct run *run)
{
	const char *words[WORDS];
	struct plan plan;

	memcpy(words, run->words, sizeof(words));
	if (words[0] == NULL)
		words[0] = scripted;
	need(plan_init(&plan) == 0 && plan_set_command(&plan, words) == 0 &&
	    plan_set_peer(&plan, run->second) == 0, "plan");
	if (run->type != 0)
		plan.type = run->type;
	/* An emulator that starts acts on SIGTERM late: before SIGKILL, still. */
	if (run->kill_after != 0)
		plan.kill_after = run->kill_after * (is_emulated() ? 40 : 1);
	if (run->fds == NULL)
		return plan;
	fd_list_free(&plan.fds);
	fd_list_free(&plan.peer_fds);
	need(parse_fd_list(run->fds, &plan.fds) == 0 &&
	    parse_fd_list(run->fds, &plan.peer_fds) == 0, "plan");
	return plan;
}

/* Two commands and their supervisor. */
struct peers {
	struct child command;
	struct child second;
	struct supervisor supervisor;
};

static void
make_peers(struct peers *peers, const struct plan *plan,
    struct signals *signals, struct pair *pair, struct pair *second)
{
	*peers = (struct peers){ .command = { .pid = -1 } };
	need(supervise_init(&peers->supervisor, plan, signals, 0) == 0,
	    "supervise_init");
	side_init(&peers->supervisor.sides[SIDE_COMMAND], &peers->command,
	    pair);
	side_init(&peers->supervisor.sides[SIDE_OTHER], &peers->second,
	    second);
}

static void
wait_for_both(struct peers *peers)
{
	static const bool closed[3] = { false };

	(void)supervise_run(&peers->supervisor, NULL, closed);
}

static int
run_peers(const struct run *run, struct peers *peer)
{
	const struct rlimit limit = { 1000, 1000 };
	struct plan plan = make_plan(run);
	struct stdfds stdfds = { { false } };
	struct signals signals;
	struct pair pair;
	int count = count_descriptors();
	bool held;

	setrlimit(RLIMIT_NOFILE, &limit);
	need(signals_open(&signals) == 0, "signals_open");
	need(pair_open(&pair, &plan) == 0, "pair");
	make_peers(peer, &plan, &signals, &pair, &pair);
	ASK(peer_start(&peer->supervisor, &pair, &pair, &stdfds) == run->want);
	if (run->want == SPAWN_STARTED)
		wait_for_both(peer);
	ASK(waitpid(-1, NULL, 0) == -1 && errno == ECHILD);
	if (run->want == SPAWN_STARTED) {
		ASK(peer->command.wait_status == run->status);
		ASK(peer->second.wait_status == run->second_status);
		held = run->type == SOCK_DGRAM;
		ASK((pair.ours != -1) == held && (pair.command != -1) == held);
	}
	pair_close(&pair);
	signals_close(&signals);
	supervise_free(&peer->supervisor);
	ASK(count_descriptors() == count);
	plan_free(&plan);
	return 0;
}

static int
run_both(void *argument)
{
	struct peers peer;

	return run_peers(argument, &peer);
}

/* Two commands, each with a pair of its own, both of which we read. */
static int
start_apart(void *argument)
{
	const struct run run = { .second = "echo second",
	    .words = { scripted, "say:first" } };
	struct plan plan = make_plan(&run);
	struct stdfds stdfds = { { false } };
	struct signals signals;
	struct peers peer;
	struct pair pair, second;
	char said[20];

	(void)argument;
	plan.timeout = SECOND;
	need(signals_open(&signals) == 0 && pair_open(&pair, &plan) == 0 &&
	    pair_open_second(&second, &plan) == 0, "pair");
	make_peers(&peer, &plan, &signals, &pair, &second);
	ASK(peer_start(&peer.supervisor, &pair, &second, &stdfds) ==
	    SPAWN_STARTED);
	ASK(pair.command == -1 && second.command == -1);
	fcntl(pair.ours, F_SETFL, 0);
	fcntl(second.ours, F_SETFL, 0);
	ASK(read(pair.ours, said, 20) == 6 && memcmp(said, "first\n", 6) == 0);
	ASK(read(second.ours, said, 20) == 7 &&
	    memcmp(said, "second\n", 7) == 0);
	pair_close(&pair);
	pair_close(&second);
	wait_for_both(&peer);
	signals_close(&signals);
	supervise_free(&peer.supervisor);
	plan_free(&plan);
	return 0;
}

static int
run_without_shell(void *argument)
{
	struct run run = { .second = "exit 0", .words = { scripted },
	    .want = SPAWN_FAILED };

	(void)argument;
	setenv("PATH", "/nonexistent", 1);
	return run_both(&run);
}

/* A second command that ignores SIGTERM ends when it reads end of file. */
static int
run_ignoring_term(void *argument)
{
	const struct run run = { .second = "exec \"$PEER\" cat-in",
	    .words = { "/nonexistent/x" }, .type = SOCK_DGRAM,
	    .want = SPAWN_NOT_FOUND };
	struct peers peer;

	(void)argument;
	signal(SIGTERM, SIG_IGN);
	ASK(run_peers(&run, &peer) == 0);
	ASK(peer.second.reaped && peer.second.wait_status == 0);
	return 0;
}

/* We may have a child from before our exec, which is not ours to reap. */
static int
run_beside_another(void *argument)
{
	const struct run run = { .second = "exit 3", .words = { scripted },
	    .second_status = EXITED(3) };
	struct plan plan = make_plan(&run);
	struct stdfds stdfds = { { false } };
	struct peers peer;
	struct signals signals;
	struct pair pair;
	siginfo_t info;
	pid_t other = fork();

	(void)argument;
	if (other == 0)
		_exit(7);
	need(waitid(P_PID, (id_t)other, &info, WEXITED | WNOWAIT) == 0,
	    "waitid");
	need(signals_open(&signals) == 0 && pair_open(&pair, &plan) == 0,
	    "pair");
	make_peers(&peer, &plan, &signals, &pair, &pair);
	ASK(peer_start(&peer.supervisor, &pair, &pair, &stdfds) ==
	    SPAWN_STARTED);
	wait_for_both(&peer);
	ASK(peer.command.wait_status == 0);
	ASK(peer.second.wait_status == EXITED(3));
	ASK(waitpid(other, NULL, 0) == other);
	pair_close(&pair);
	signals_close(&signals);
	supervise_free(&peer.supervisor);
	plan_free(&plan);
	return 0;
}

int
main(void)
{
	struct capture said;
	struct run run;
	int status;
	size_t i;
	int fd;

	scripted = getenv("PEER") != NULL ? getenv("PEER") : "tests/peer";
	setenv("PEER", scripted, 1);
	for (fd = 3; fd < 1024; fd++)
		close(fd);
	for (i = 0; i < COUNT(runs); i++) {
		run = runs[i];
		capture_begin(&said, STDERR_FILENO);
		status = run_child(run_both, &run);
		capture_end(&said);
		is_int(status, 0, run.name);
		if (status != 0)
			printf("# %s", said.text);
	}
	capture_begin(&said, STDERR_FILENO);
	status = run_child(run_without_shell, NULL);
	capture_end(&said);
	is_int(status, 0, "without a shell nothing is run");
	is_str(said.text, "sockpair: cannot run 'sh': "
	    "No such file or directory\n",
	    "one line says that there is no shell");
	capture_begin(&said, STDERR_FILENO);
	status = run_child(run_ignoring_term, NULL);
	capture_end(&said);
	is_int(status, 0, "on dgrams a second command reads end of file if "
	    "the first is not found");
	is_int(run_child(start_apart, NULL), 0,
	    "each command can have a pair of its own");
	is_int(run_child(run_beside_another, NULL), 0,
	    "a child from before our exec is not reaped");
	return done_testing();
}
