/* SPDX-License-Identifier: MIT */
/* Start real commands: where they find their end, and what they inherit. */
#include "config.h"

#include <poll.h>

#include "base/parse.h"
#include "command/spawn.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define WORDS 12

static const char *peer;
static struct signals signals;
static struct stdfds stdfds;	/* nothing was closed, unless set */
static char shown[4096];		/* what the command wrote to its end */
static int wait_status;

/* Read from our end into shown until end of file. */
static void
read_all(int fd)
{
	struct pollfd slot = { .fd = fd, .events = POLLIN };
	size_t size = 0;
	ssize_t got;
	char *log, *rest;

	do {
		need(poll(&slot, 1, 60000) == 1, "poll");
		got = read(fd, shown + size, sizeof(shown) - 1 - size);
		size += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	shown[size] = '\0';
	/* Remove the line of valgrind's log file. */
	log = is_under_valgrind() ? strstr(shown, " file write\n") : NULL;
	if (log == NULL)
		return;
	rest = strchr(log, '\n') + 1;
	while (log > shown && log[-1] != '\n')
		log--;
	memmove(log, rest, strlen(rest) + 1);
}

static struct plan
make_plan(const char *fds, const char *const words[WORDS])
{
	struct plan plan;

	plan_init(&plan);
	fd_list_free(&plan.fds);
	need(parse_fd_list(fds, &plan.fds) == 0 &&
	    plan_set_command(&plan, words) == 0, "plan");
	return plan;
}

/* Start the command and wait until it ends.  Sets shown and wait_status. */
static enum spawn_result
run_plan(const struct plan *plan)
{
	struct pair pair;
	struct child child;
	struct capture said;
	enum spawn_result result;

	need(pair_open(&pair, plan) == 0, "pair");
	capture_begin(&said, STDERR_FILENO);
	result = spawn_command(&child, plan, &pair, &stdfds, &signals);
	if (pair.command != -1 || (plan->pipes && pair.command_write != -1))
		printf("# the command's end is still open\n");
	if (result == SPAWN_STARTED) {
		read_all(pair.ours);
		need(waitpid(child.pid, &wait_status, 0) == child.pid,
		    "waitpid");
	}
	capture_end(&said);
	pair_close(&pair);
	return result;
}

/* Run words with the end on fds.  NULL as words[0] stands for tests/peer. */
static enum spawn_result
run(const char *fds, const char *const words[WORDS])
{
	const char *argv[WORDS];
	enum spawn_result result;
	struct plan plan;

	memcpy(argv, words, sizeof(argv));
	if (argv[0] == NULL)
		argv[0] = peer;
	plan = make_plan(fds, argv);
	result = run_plan(&plan);
	plan_free(&plan);
	return result;
}

/* Run words with the end on fds, and compare what the command writes. */
static void
writes(const char *fds, const char *const words[WORDS], const char *want,
    const char *name)
{
	wait_status = -1;
	if (run(fds, words) != SPAWN_STARTED || wait_status != 0)
		printf("# wait status %d\n", wait_status);
	is_str(shown, want, name);
}

#define PEER(...) (const char *const[WORDS]){ NULL, __VA_ARGS__ }

/* Our 0 is a pipe, so that /dev/null differs from it; our 2 is a capture. */
static void
test_places(void)
{
	int ends[2];

	need(pipe2(ends, O_CLOEXEC) == 0 && dup2(ends[0], 0) == 0, "pipe");
	close(ends[0]);
	close(ends[1]);
	writes("0,1", PEER("fds"), "0 socket both\n1 socket both\n"
	    "2 socket both\n", "the end is on 0 and 1");
	writes("0", PEER("use:0", "fds"), "0 socket both\n1 socket both\n"
	    "2 socket both\n", "the end is on 0, and 1 is our standard error");
	writes("1", PEER("fds"), "0 null read\n1 socket both\n"
	    "2 socket both\n", "the end is on 1, and 0 is /dev/null");
	writes("3", PEER("use:3", "fds"), "0 null read\n1 socket both\n"
	    "2 socket both\n3 socket both\n", "the end is on 3");
	writes("2", PEER("use:2", "fds"), "0 null read\n1 socket both\n"
	    "2 socket both\n", "the end is on 2");
	writes("9,3,9,0", PEER("use:9", "fds"), "0 socket both\n"
	    "1 socket both\n2 socket both\n3 socket both\n9 socket both\n",
	    "the end is on several numbers, one given twice");
	writes("3,4,5,6,7,8,9,10,11", PEER("use:11", "fds"), "0 null read\n"
	    "1 socket both\n2 socket both\n3 socket both\n4 socket both\n"
	    "5 socket both\n6 socket both\n7 socket both\n8 socket both\n"
	    "9 socket both\n10 socket both\n11 socket both\n",
	    "the end is on every number that was ours");
}

static void
test_pipes(void)
{
	const char *const words[WORDS] = { peer, "fds" };
	struct plan plan = make_plan("0,1", words);

	plan.pipes = true;
	wait_status = -1;
	is_int(run_plan(&plan), SPAWN_STARTED, "a command gets pipes");
	is_int(wait_status, 0, "a command with pipes does not fail");
	is_str(shown, "0 pipe read\n1 pipe write\n2 socket both\n",
	    "it reads from the first number and writes to the second");
	plan_free(&plan);
}

/* Which socket is on a number: the pair's is a stream, the capture's dgram. */
static void
test_kinds(void)
{
	static const struct {
		const char *fds;
		const char *use;
		const char *ask;
		int type;
		const char *name;
	} rows[] = {
		{ "0", "use:0", "socket:0", SOCK_STREAM,
		    "on a chosen 0 is the end" },
		{ "0", "use:0", "socket:1", SOCK_DGRAM,
		    "on 1, not chosen, is our standard error" },
		{ "1", "use:1", "socket:2", SOCK_DGRAM,
		    "on 2, not chosen, is our standard error" },
		{ "2", "use:2", "socket:2", SOCK_STREAM,
		    "on a chosen 2 is the end" },
		{ "2", "use:2", "socket:1", SOCK_DGRAM,
		    "on 1 is our standard error, even if 2 is chosen" },
		{ "3", "use:3", "socket:3", SOCK_STREAM,
		    "on a chosen 3 is the end" },
		{ "9,3", "use:9", "socket:3", SOCK_STREAM,
		    "on each of two chosen numbers is the end" },
	};
	char want[40];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		snprintf(want, sizeof(want), "domain %d type %d ", AF_UNIX,
		    rows[i].type);
		run(rows[i].fds, PEER(rows[i].use, rows[i].ask));
		ok(strncmp(shown, want, strlen(want)) == 0, rows[i].name);
	}
}

/* A number that was closed on entry is held, as by stdfds_hold(). */
static void
test_closed(void)
{
	static const struct {
		bool closed[3];
		const char *fds;
		const char *use;
		const char *want;
	} rows[] = {
		{ { true, false, false }, "3", "use:3",
		    "1 socket both\n2 socket both\n3 socket both\n" },
		{ { false, true, false }, "3", "use:3",
		    "0 null read\n2 socket both\n3 socket both\n" },
		{ { false, false, true }, "3", "use:3",
		    "0 null read\n3 socket both\n" },
		{ { true, true, true }, "3", "use:3", "3 socket both\n" },
		{ { true, true, true }, "0,1", "use:1",
		    "0 socket both\n1 socket both\n" },
		{ { false, false, true }, "2", "use:2",
		    "0 null read\n2 socket both\n" },
	};
	char title[100];
	struct plan plan;
	struct pair pair;
	struct child child;
	struct capture said;
	int saved[3];
	size_t i;
	int fd;

	for (i = 0; i < COUNT(rows); i++) {
		snprintf(title, sizeof(title), "numbers closed on entry stay "
		    "so:%s%s%s, the end on %s", rows[i].closed[0] ? " 0" : "",
		    rows[i].closed[1] ? " 1" : "",
		    rows[i].closed[2] ? " 2" : "", rows[i].fds);
		plan = make_plan(rows[i].fds, (const char *const[WORDS]){
		    peer, rows[i].use, "fds" });
		need(pair_open(&pair, &plan) == 0, "pair");
		capture_begin(&said, STDERR_FILENO);
		memcpy(stdfds.closed, rows[i].closed, sizeof(stdfds.closed));
		for (fd = 0; fd < 3; fd++) {
			saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 50);
			if (!rows[i].closed[fd])
				continue;
			close(fd);
			need(open("/dev/null", O_RDWR | O_CLOEXEC) == fd,
			    "/dev/null");
		}
		spawn_command(&child, &plan, &pair, &stdfds, &signals);
		read_all(pair.ours);
		waitpid(child.pid, &wait_status, 0);
		for (fd = 0; fd < 3; fd++) {
			dup2(saved[fd], fd);
			close(saved[fd]);
		}
		stdfds = (struct stdfds){ { false } };
		capture_end(&said);
		pair_close(&pair);
		plan_free(&plan);
		is_str(shown, rows[i].want, title);
	}
}

static void
test_inheritance(void)
{
	struct plan plan;
	char want[80];

	/* Sanitizers make it catch signals of their own. */
	snprintf(want, sizeof(want), "ignored %d %d\nblocked %d\ncaught",
	    SIGUSR1, SIGCHLD, SIGTERM);
	run("0,1", PEER("signals"));
	shown[strlen(want)] = '\0';
	is_str(shown, want, "signals are ignored and blocked as on entry");
	setenv("KEPT", "as it was", 1);
	setenv("SECOND", "old", 1);
	plan = make_plan("9,3", (const char *const[WORDS]){ peer, "use:9",
	    "env:FIRST", "env:SECOND", "env:KEPT", "env:NONE" });
	plan_add_env(&plan, "FIRST");
	plan_add_env(&plan, "SECOND");
	is_int(run_plan(&plan), SPAWN_STARTED,
	    "a command with variables is started");
	is_str(shown, "FIRST=9\nSECOND=9\nKEPT=as it was\nNONE unset\n",
	    "variables have the first number; others are kept");
	plan_free(&plan);
	run("0,1", (const char *const[WORDS]){ "sh", "-c", "exit 7" });
	is_int(wait_status, 7 << 8, "a name is searched in PATH");
	ok(run("0,1", PEER("die:9")) == SPAWN_STARTED &&
	    WTERMSIG(wait_status) == SIGKILL,
	    "a command that is killed at once was started");
}

int
main(void)
{
	sigset_t mask;
	int fd;

	peer = getenv("PEER") != NULL ? getenv("PEER") : "tests/peer";
	for (fd = 3; fd < 1024; fd++)
		close(fd);
	for (fd = 1; fd < 65; fd++)
		signal(fd, SIG_DFL);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	need(signals_open(&signals) == 0, "signals_open");
	test_places();
	test_pipes();
	test_kinds();
	test_closed();
	test_inheritance();
	signals_close(&signals);
	return done_testing();
}
