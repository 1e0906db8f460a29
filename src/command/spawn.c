/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation.  fork(2), not posix_spawn(3): the command's signals,
 * descriptors and parent-death signal need calls that it does not have, and it
 * tells an error by a bare number.  The child reports the step that failed
 * through a pipe which a successful exec closes; so the end of file on it says
 * that the command runs.  Whatever can fail or allocates is done before fork.
 *
 * The child blocks every signal until it reads end of file from a second pipe.
 * Until then the parent can send it the signals that came too early for it.
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
#include "command/environment.h"
#include "command/exec.h"
#include "command/spawn.h"

/* The two pipes between parent and child. */
struct pipes {
	int report[2];		/* child writes a failure; end of file: none */
	int leave[2];		/* parent closes it: the child may go on */
};

/* Wait until the parent closes its end, or has gone. */
static void
wait_for_leave(const struct pipes *pipes)
{
	char byte;

	close(pipes->leave[1]);
	while (read(pipes->leave[0], &byte, 1) == -1 && errno == EINTR)
		;
}

/* The child: never returns. */
static _Noreturn void
run_child(const struct exec *command, const struct stdfds *stdfds,
    const struct signals *signals, pid_t parent, const struct pipes *pipes)
{
	struct exec_failure failure;

	wait_for_leave(pipes);
	exec_become(command, stdfds, signals, parent, &failure);
	/* Shorter than PIPE_BUF, so whole. */
	(void)!write(pipes->report[1], &failure, sizeof(failure));
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
 * Wait for exec.  Returns 0 once it has succeeded, or 1 with *failure.  A
 * child that died before it could exec or report (SIGKILL, or a signal that
 * waited) is a command that was started and died: its status tells.
 */
static int
read_report(int report, struct exec_failure *failure)
{
	ssize_t size;

	do {
		size = read(report, failure, sizeof(*failure));
	} while (size == -1 && errno == EINTR);
	return size == (ssize_t)sizeof(*failure);
}

static enum spawn_result
report_failure(const struct exec_failure *failure, const char *program)
{
	const char *reason = strerror(failure->error);

	switch (failure->step) {
	case STEP_PARENT:
		diag_print("cannot tie the command to our life: %s", reason);
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

/* Returns 0, or -1 after a line. */
static int
open_pipes(struct pipes *pipes, const struct fd_list *fds)
{
	if (pipe2(pipes->report, O_CLOEXEC) == 0 &&
	    pipe2(pipes->leave, O_CLOEXEC) == 0 &&
	    fd_move_off(&pipes->report[1], fds) == 0)
		return 0;
	diag_print("cannot create a pipe: %s", strerror(errno));
	return -1;
}

static void
close_pipes(struct pipes *pipes)
{
	fd_close(&pipes->report[0]);
	fd_close(&pipes->report[1]);
	fd_close(&pipes->leave[0]);
	fd_close(&pipes->leave[1]);
}

/* The child exists: wait until its exec has succeeded or failed. */
static enum spawn_result
follow(struct child *child, const struct exec *command,
    const struct signals *signals, struct pipes *pipes)
{
	struct exec_failure failure;

	signals_pass_early(child->pid, &child->early);
	/* While it is on its way to exec. */
	child->end = file_number(command->end);
	fd_close(&pipes->report[1]);
	fd_close(&pipes->leave[1]);
	/* If a key stopped the child and not us, nobody would continue it. */
	signals_block(signals);
	if (!read_report(pipes->report[0], &failure))
		return SPAWN_STARTED;
	child->error = failure.error;
	while (waitpid(child->pid, NULL, 0) == -1 && errno == EINTR)
		;
	return report_failure(&failure, command->argv[0]);
}

/* Start command; its end stays open here.  Results as in spawn.h. */
static enum spawn_result
start(struct child *child, const struct exec *command,
    const struct stdfds *stdfds, const struct signals *signals)
{
	enum spawn_result result = SPAWN_FAILED;
	struct pipes pipes = { { -1, -1 }, { -1, -1 } };
	pid_t parent = command->die_with_parent ? getpid() : -1;

	*child = (struct child){ .pid = -1, .fds = command->fds };
	if (open_pipes(&pipes, command->fds) == 0) {
		child->pid = fork();
		if (child->pid == 0)
			run_child(command, stdfds, signals, parent, &pipes);
		if (child->pid == -1)
			diag_print("cannot create a process: %s",
			    strerror(errno));
		else
			result = follow(child, command, signals, &pipes);
	}
	close_pipes(&pipes);
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
	result = start(child, &command, stdfds, signals);
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
	return start(child, &command, stdfds, signals);
}
