/* SPDX-License-Identifier: MIT */
/* Starts that fail: the result, the message, and that nothing is left. */
#include "config.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <grp.h>
#include <poll.h>

#include "base/parse.h"
#include "command/exec.h"
#include "command/spawn.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define NOBODY 65534

static struct signals signals;
static struct stdfds stdfds;	/* nothing was closed */
static struct capture said;	/* what was written to standard error */
static bool die_with_parent;

static struct plan
make_plan(const char *fds, const char *command)
{
	/* The argument is for sleep(1), in leave_command(). */
	const char *words[] = { command, "60", NULL };
	struct plan plan;

	plan_init(&plan);
	fd_list_free(&plan.fds);
	need(parse_fd_list(fds, &plan.fds) == 0 &&
	    plan_set_command(&plan, words) == 0, "plan");
	plan.die_with_parent = die_with_parent;
	return plan;
}

static enum spawn_result
try(const char *fds, const char *command)
{
	struct plan plan = make_plan(fds, command);
	struct pair pair;
	struct child child;
	enum spawn_result result;

	need(pair_open(&pair, &plan) == 0, "pair");
	capture_begin(&said, STDERR_FILENO);
	result = spawn_command(&child, &plan, &pair, &stdfds, &signals);
	capture_end(&said);
	if (pair.command != -1)
		printf("# the command's end is still open\n");
	pair_close(&pair);
	plan_free(&plan);
	return result;
}

static void
fails(const char *fds, const char *command, enum spawn_result want, int error,
    const char *name)
{
	char line[4096];
	char title[120];
	int count = count_descriptors();

	snprintf(line, sizeof(line), "sockpair: cannot run '%s': %s\n",
	    command, strerror(error));
	is_int(try(fds, command), want, name);
	snprintf(title, sizeof(title), "%s: a line says why", name);
	ok(said.writes == 1 && strcmp(said.text, line) == 0, title);
	snprintf(title, sizeof(title), "%s: nothing is left", name);
	ok(waitpid(-1, NULL, 0) == -1 && errno == ECHILD &&
	    count_descriptors() == count, title);
}

static void
test_exec_errors(void)
{
	char path[] = "/tmp/sockpair-unit.XXXXXX";
	char below[60];
	int file = mkstemp(path);

	need(file != -1, "mkstemp");
	snprintf(below, sizeof(below), "%s/below", path);
	fails("0,1", "no-such-command-here", SPAWN_NOT_FOUND, ENOENT,
	    "a name that is not in PATH");
	fails("0,1", "/nonexistent/x", SPAWN_NOT_FOUND, ENOENT,
	    "a path that does not exist");
	fails("0,1", "", SPAWN_NOT_FOUND, ENOENT, "an empty name");
	fails("0,1", below, SPAWN_NOT_FOUND, ENOTDIR, "a path below a file");
	fails("0,1", "/", SPAWN_NOT_RUN, EACCES, "a directory");
	fails("0,1", path, SPAWN_NOT_RUN, EACCES,
	    "a file that is not executable");
	fails("3,4,5,6,7,8,9,10", path, SPAWN_NOT_RUN, EACCES,
	    "an error though every number is chosen");
	fchmod(file, 0700);
	need(write(file, "#!/nonexistent/x\n", 17) == 17, "write");
	/* Valgrind cannot go on after these failures of exec. */
	if (!is_under_valgrind())
		fails("0,1", path, SPAWN_NOT_RUN, ETXTBSY,
		    "a file that is written");
	close(file);
	if (!is_under_valgrind())
		fails("0,1", path, SPAWN_NOT_FOUND, ENOENT,
		    "a script without its interpreter");
	unlink(path);
	need(symlink(path, path) == 0, "symlink");
	fails("0,1", path, SPAWN_NOT_RUN, ELOOP, "a link to itself");
	unlink(path);
}

/* --- under a limit, in a child -------------------------------------------- */

static int
fail_under_limit(int (*set_limit)(void))
{
	struct plan plan = make_plan("0,1", "true");
	struct pair pair;
	struct child child;
	int count;

	need(pair_open(&pair, &plan) == 0, "pair");
	need(set_limit() == 0, "setrlimit");
	count = count_descriptors();
	ASK(spawn_command(&child, &plan, &pair, &stdfds, &signals) ==
	    SPAWN_FAILED);
	ASK(pair.command == -1 && count_descriptors() == count - 1);
	ASK(waitpid(-1, NULL, 0) == -1 && errno == ECHILD);
	plan_free(&plan);
	return 0;
}

static int
forbid_processes(void)
{
	const struct rlimit none = { 0, 0 };

	return setrlimit(RLIMIT_NPROC, &none);
}

/* As many descriptors as are open: 0 to 2, the signals, and the pair's. */
static int
forbid_descriptors(void)
{
	const struct rlimit limit = { 5, 5 };

	return setrlimit(RLIMIT_NOFILE, &limit);
}

static int
fail_to_fork(void *argument)
{
	(void)argument;
	if (geteuid() == 0 && (setgroups(0, NULL) == -1 ||
	    setgid(NOBODY) == -1 || setuid(NOBODY) == -1))
		return 77;
	return fail_under_limit(forbid_processes);
}

static int
fail_to_pipe(void *argument)
{
	(void)argument;
	return fail_under_limit(forbid_descriptors);
}

static int
fail_to_place(void *argument)
{
	struct plan plan = make_plan("0,1000", "true");
	struct rlimit limit = { 1000, 1000 };
	struct pair pair;
	struct child child;

	(void)argument;
	need(pair_open(&pair, &plan) == 0, "pair");
	setrlimit(RLIMIT_NOFILE, &limit);
	ASK(spawn_command(&child, &plan, &pair, &stdfds, &signals) ==
	    SPAWN_FAILED);
	ASK(pair.ours != -1 && waitpid(-1, NULL, 0) == -1);
	plan_free(&plan);
	return 0;
}

static void
test_limits(void)
{
	static const struct {
		int (*function)(void *);
		const char *line;
		int error;
		const char *name;
	} rows[] = {
		{ fail_to_pipe, "sockpair: cannot create a pipe: %s\n", EMFILE,
		    "a command without descriptors is not started" },
		{ fail_to_fork, "sockpair: cannot create a process: %s\n",
		    EAGAIN, "a command without processes is not started" },
		{ fail_to_place, "sockpair: --fd: '1000' is not a file "
		    "descriptor below the limit of 1000\n", 0,
		    "a number past the limit is refused before vfork" },
	};
	char line[200];
	char title[100];
	int status;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		if (is_under_valgrind()) {
			elsewhere(rows[i].name, "valgrind");
			continue;
		}
		capture_begin(&said, STDERR_FILENO);
		status = run_child(rows[i].function, NULL);
		capture_end(&said);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
			skip(rows[i].name, "cannot change the user");
			continue;
		}
		is_int(status, 0, rows[i].name);
		strcpy(line, rows[i].line);
		if (rows[i].error != 0) {
			line[strlen(line) - 3] = '\0';
			strcat(line, strerror(rows[i].error));
			strcat(line, "\n");
		}
		snprintf(title, sizeof(title), "%s: a line says why",
		    rows[i].name);
		is_str(said.text, line, title);
	}
}

/* --- the parent's death --------------------------------------------------- */

static int
leave_command(void *argument)
{
	/* A command that does not read, so that only the signal ends it. */
	struct plan plan = make_plan("0,1", "sleep");
	struct pair pair;
	struct child child;

	(void)argument;
	plan.die_with_parent = true;
	need(pair_open(&pair, &plan) == 0, "pair");
	ASK(spawn_command(&child, &plan, &pair, &stdfds, &signals) ==
	    SPAWN_STARTED);
	plan_free(&plan);
	return 0;
}

#ifdef HAVE_SYS_PRCTL_H

/* As if its parent had died before. */
static int
come_too_late(void *argument)
{
	char name[] = "true";
	char *argv[] = { name, NULL };
	int number = 3;
	const struct fd_list fds = { &number, 1 };
	const struct exec command = {
		.argv = argv, .fds = &fds, .end = 1, .die_with_parent = true
	};
	struct exec_failure failure;
	int status;
	pid_t pid;

	(void)argument;
	pid = vfork();
	if (pid == 0) {
		exec_become(&command, &stdfds, &signals, -1, &failure);
		_exit(127);
	}
	ASK(waitpid(pid, &status, 0) == pid);
	ASK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return 0;
}

#endif

static void
test_die_with_parent(void)
{
#ifdef HAVE_SYS_PRCTL_H
	struct pollfd slot = { .events = POLLIN };
	char byte;
	int ends[2];

	/* When the child has ended, only the command has the write end open. */
	need(pipe(ends) == 0, "pipe");
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	is_int(run_child(leave_command, NULL), 0,
	    "a parent ends before its command");
	close(ends[1]);
	slot.fd = ends[0];
	ok(poll(&slot, 1, 20000) == 1 && read(ends[0], &byte, 1) == 0,
	    "a command is killed when its parent ends");
	close(ends[0]);
	is_int(run_child(come_too_late, NULL), 0,
	    "one that comes too late for that dies alone");
#else
	(void)leave_command;
	die_with_parent = true;
	is_int(try("0,1", "true"), SPAWN_FAILED,
	    "without prctl(2) a command is not started");
	ok(strncmp(said.text, "sockpair: cannot set the parent-death ", 38) ==
	    0, "without prctl(2): a line says why");
#endif
}

int
main(void)
{
	int fd;

	for (fd = 3; fd < 1024; fd++)
		close(fd);
	/* A folder that we may not search would give another error. */
	setenv("PATH", "/usr/bin:/bin", 1);
	need(signals_open(&signals) == 0, "signals_open");
	test_exec_errors();
	test_limits();
	test_die_with_parent();
	signals_close(&signals);
	return done_testing();
}
