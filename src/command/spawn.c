/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation.  vfork(2), because fork(2) costs more than all the rest:
 * it copies our page tables.  Not posix_spawn(3), which cannot set the
 * command's signals, descriptors and parent-death signal as we need them, and
 * does not say which step failed.  The child runs in our memory until its exec,
 * while we are suspended; it changes nothing there but what keys.c says.
 * Whatever can fail or allocates is done before.
 *
 * The child reports a step that failed through a pipe that a successful exec
 * closes: end of file says that the command runs.  This works with fork(2) too,
 * which we use where a filter refuses vfork(2), and which valgrind(1) and some
 * C libraries make of it.
 */
#include "config.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/fd.h"
#include "base/result.h"
#include "command/environment.h"
#include "command/exec.h"
#include "command/keys.h"
#include "command/spawn.h"

/* The child: never returns. */
static _Noreturn void
run_child(const struct exec *command, const struct stdfds *stdfds,
    const struct signals *signals, pid_t parent, int report)
{
	struct exec_failure failure;

	keys_begin_child();
	exec_become(command, stdfds, signals, parent, &failure);
	/* Shorter than PIPE_BUF, so whole. */
	(void)!write(report, &failure, sizeof(failure));
	_exit(127);
}

/* The variables that plan asks for.  Returns 0, or -1 after a line. */
static int
set_environment(const struct plan *plan, struct exec *command)
{
	const char *failed;

	failed = environment_set_number(plan->env, plan->env_count,
	    plan->fds.fds[0]);
	if (failed == NULL && plan->listen_fds) {
		command->listen_pid = environment_set_listen();
		if (command->listen_pid == NULL)
			failed = "LISTEN_PID";
	}
	if (failed == NULL)
		return 0;
	diag_print("cannot set variable '%s': %s", failed, strerror(errno));
	return -1;
}

/*
 * dup2(2) in the child would fail; better before there is one.  The number of
 * its end was below the limit, too.
 */
static int
check_limit(const struct exec *command)
{
	struct rlimit limit;
	int greatest = fd_list_greatest(command->fds);

	if (greatest <= command->end)
		return 0;
	if (getrlimit(RLIMIT_NOFILE, &limit) == -1 ||
	    limit.rlim_cur == RLIM_INFINITY ||
	    (rlim_t)greatest < limit.rlim_cur)
		return 0;
	diag_print("%s: '%d' is not a file descriptor below the limit of %llu",
	    command->option, greatest, (unsigned long long)limit.rlim_cur);
	return -1;
}

/*
 * Wait for exec.  True with *failure if it has failed.  A child that was killed
 * before it could exec or report counts as a command that was started and
 * killed: its status says so.
 */
static bool
read_failure(int report, struct exec_failure *failure)
{
	ssize_t size;

	do {
		size = read(report, failure, sizeof(*failure));
	} while (size == -1 && errno == EINTR);
	return size == (ssize_t)sizeof(*failure);
}

static enum spawn_result
report_exec_failure(const struct exec_failure *failure, const char *program)
{
	const char *reason = strerror(failure->error);

	switch (failure->step) {
	case STEP_PARENT:
		diag_print("cannot set the parent-death signal: %s", reason);
		return SPAWN_FAILED;
	case STEP_NULL:
		diag_print("cannot open /dev/null: %s", reason);
		return SPAWN_FAILED;
	case STEP_PLACE:
		diag_print("cannot place descriptor %d: %s", failure->number,
		    reason);
		return SPAWN_FAILED;
	case STEP_SIGNALS:
		diag_print("cannot restore signals: %s", reason);
		return SPAWN_FAILED;
	case STEP_EXEC:
		break;
	}
	diag_print("cannot run '%s': %s", program, reason);
	if (failure->error == ENOENT || failure->error == ENOTDIR)
		return SPAWN_NOT_FOUND;
	return SPAWN_NOT_RUN;
}

static ino_t
file_number(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

/* Create the child.  Returns its pid once it has left our memory, or -1. */
static pid_t
create_child(const struct exec *command, const struct stdfds *stdfds,
    const struct signals *signals, int report)
{
	pid_t parent = command->die_with_parent ? getpid() : -1;
	struct keys keys;
	pid_t pid;

	if (keys_begin(&keys, signals) == -1)
		return -1;
	pid = vfork();
	if (pid == -1 && io_is_refusal(errno))
		pid = fork();
	if (pid == 0)
		run_child(command, stdfds, signals, parent, report);
	keys_end(&keys);
	return pid;
}

/* Start command; its end stays open here.  Results as in spawn.h. */
static enum spawn_result
start_with_report(struct child *child, const struct exec *command,
    const struct stdfds *stdfds, const struct signals *signals,
    int report[2])
{
	struct exec_failure failure;

	if (pipe2(report, O_CLOEXEC) == -1 ||
	    fd_move_off(&report[1], command->fds) == -1) {
		diag_print("cannot create a pipe: %s", strerror(errno));
		return SPAWN_FAILED;
	}
	child->pid = create_child(command, stdfds, signals, report[1]);
	if (child->pid == -1) {
		diag_print("cannot create a process: %s", strerror(errno));
		return SPAWN_FAILED;
	}
	child->end = file_number(command->end);
	fd_close(&report[1]);
	if (!read_failure(report[0], &failure)) {
		keys_send(child->pid);
		return SPAWN_STARTED;
	}
	child->error = failure.error;
	while (waitpid(child->pid, NULL, 0) == -1 && errno == EINTR)
		;
	return report_exec_failure(&failure, command->argv[0]);
}

static enum spawn_result
start_command(struct child *child, const struct exec *command,
    const struct stdfds *stdfds, const struct signals *signals)
{
	int report[2] = { -1, -1 };
	enum spawn_result result;

	*child = (struct child){ .pid = -1, .fds = command->fds };
	result = start_with_report(child, command, stdfds, signals, report);
	fd_close(&report[0]);
	fd_close(&report[1]);
	return result;
}

static struct exec
describe_command(const struct plan *plan, int end)
{
	return (struct exec){
		.argv = plan->command,
		.fds = &plan->fds,
		.option = "--fd",
		.end = end,
		.null_input = plan_is_relayed(plan),
		.error_output = plan_is_relayed(plan) || plan->pass_fd,
		.die_with_parent = plan->die_with_parent,
	};
}

enum spawn_result
spawn_command(struct child *child, const struct plan *plan, struct pair *pair,
    const struct stdfds *stdfds, const struct signals *signals)
{
	struct exec command = describe_command(plan, pair->command);
	enum spawn_result result;

	if (check_limit(&command) == -1 ||
	    set_environment(plan, &command) == -1)
		return SPAWN_FAILED;
	result = start_command(child, &command, stdfds, signals);
	environment_free_listen(command.listen_pid);
	pair_release_command(pair);
	return result;
}

enum spawn_result
spawn_peer(struct child *child, const struct plan *plan, int end,
    const struct stdfds *stdfds, const struct signals *signals)
{
	/* system(3) has the same, but for our descriptors. */
	char shell[] = "sh";
	char option[] = "-c";
	char no_options[] = "--";
	char *argv[] = { shell, option, no_options, plan->peer, NULL };
	struct exec first = describe_command(plan, -1);
	struct exec command = {
		.argv = argv,
		.fds = &plan->peer_fds,
		.option = "--peer-fd",
		.end = end,
		.die_with_parent = plan->die_with_parent,
	};

	if (check_limit(&first) == -1 || check_limit(&command) == -1)
		return SPAWN_FAILED;
	return start_command(child, &command, stdfds, signals);
}
