/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation.  The child is created by vfork(2), because fork(2)
 * copies our page tables, which takes longer than all other steps together.
 * posix_spawn(3) cannot set the command's signals, descriptors and parent-death
 * signal as we need them, and does not say which step failed.
 *
 * Until its exec the child runs in our memory, and we are suspended.  It
 * changes nothing there except the notes of keys.c and the value of LISTEN_PID.
 * Everything that allocates memory is done before vfork(2).
 *
 * If a step fails, the child writes a struct exec_failure into a pipe.  A
 * successful exec closes the pipe, so end of file means that the command runs.
 * This also works with fork(2), which is used where a filter refuses vfork(2).
 * valgrind(1) and some C libraries turn vfork(2) into fork(2).
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

/* What the child does.  report is the pipe for a failure. */
static _Noreturn void
run_child(const struct exec *command, const struct stdfds *stdfds,
    const struct signals *signals, pid_t parent, int report)
{
	struct exec_failure failure;

	keys_begin_child();
	exec_become(command, stdfds, signals, parent, &failure);
	/* A pipe takes so few bytes (PIPE_BUF) as a whole. */
	(void)!write(report, &failure, sizeof(failure));
	_exit(127);
}

/*
 * Set the variables that plan requests, and command->listen_pid.  Returns 0, or
 * -1 after printing a message.
 */
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
 * Check that the numbers for command's end are below the limit on descriptors,
 * since dup2(2) in the child would fail otherwise.  The number of the open end
 * is below the limit in any case.  Returns 0, or -1 after printing a message.
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
 * Wait until the child's exec succeeds or a step fails.  Returns true if a step
 * failed, with *failure filled in.  A child that was killed before that counts
 * as started: its wait status says that it was killed.
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

/* Print a message for failure, and return the result that it means. */
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

/*
 * Create the child.  Returns its pid, once its exec has succeeded or it has
 * ended; or -1 with errno.
 */
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

/*
 * Start command, with the pipe report, which is created here and closed by the
 * caller.  Results as in spawn.h.  command->end stays open.
 */
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
	child_note_ends(child, command->end,
	    command->has_pipes ? command->end_write : -1);
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

	command.has_pipes = pair->is_pipes;
	command.end_write = pair->command_write;
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
	/* The same arguments as those of system(3). */
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
