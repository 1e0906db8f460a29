/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation.  fork(2), not posix_spawn(3): the command's signals,
 * descriptors and parent-death signal need calls that it does not have, and it
 * tells an error by a bare number.  The child reports the step that failed
 * through a pipe which a successful exec closes; so the end of file on it says
 * that the command runs.  Whatever can fail or allocates is done before fork.
 */
#include "config.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "descriptor.h"
#include "diag.h"
#include "spawn.h"

enum spawn_step {
	STEP_PARENT,		/* being tied to the parent's life */
	STEP_NULL,		/* /dev/null for its standard input */
	STEP_PLACE,		/* its end on the chosen numbers */
	STEP_SIGNALS,		/* signals as they were on entry */
	STEP_EXEC,
};

/* What the child writes into the pipe; shorter than PIPE_BUF, so whole. */
struct spawn_failure {
	enum spawn_step step;
	int error;		/* errno */
	int number;		/* the descriptor that it was about */
};

/* Returns 0, or -1 with errno. */
static int
tie_to_parent(pid_t parent)
{
#ifdef HAVE_SYS_PRCTL_H
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		return -1;
	/* Too late if it died before; pid 1 is not the only new parent. */
	if (getppid() != parent)
		raise(SIGKILL);
	return 0;
#else
	(void)parent;
	errno = ENOSYS;
	return -1;
#endif
}

/*
 * Give the command something harmless where our standard input and output
 * would be: it would steal the one and mix into the other.  Descriptors that
 * were closed on entry are held close-on-exec, so exec closes them again.
 * Returns 0, or -1 with errno and *failure saying what failed.
 */
static int
replace_standard(const struct fd_list *fds, const struct standard *standard,
    struct spawn_failure *failure)
{
	failure->step = STEP_NULL;
	if (!fd_list_has(fds, STDIN_FILENO) && !standard->closed[0]) {
		/* The lowest free number is the one just closed. */
		close(STDIN_FILENO);
		if (open("/dev/null", O_RDONLY) == -1)
			return -1;
	}
	failure->step = STEP_PLACE;
	failure->number = STDOUT_FILENO;
	if (fd_list_has(fds, STDOUT_FILENO) || standard->closed[1])
		return 0;
	if (standard->closed[2])
		return close(STDOUT_FILENO);
	return dup2(STDERR_FILENO, STDOUT_FILENO) == -1 ? -1 : 0;
}

/* Put the command's end on every chosen number; as above. */
static int
place_end(int end, const struct fd_list *fds, struct spawn_failure *failure)
{
	size_t i;

	failure->step = STEP_PLACE;
	for (i = 0; i < fds->count; i++) {
		failure->number = fds->fds[i];
		if (dup2(end, failure->number) == -1)
			return -1;
	}
	return 0;
}

/* The child: never returns. */
static _Noreturn void
run_command(const struct plan *plan, int end, const struct standard *standard,
    const struct signals *signals, pid_t parent, int report)
{
	struct spawn_failure failure = { STEP_PARENT, 0, -1 };

	if (plan->die_with_parent && tie_to_parent(parent) == -1)
		goto failed;
	/* In this order: 2 may be one of the chosen numbers. */
	if (replace_standard(&plan->fds, standard, &failure) == -1 ||
	    place_end(end, &plan->fds, &failure) == -1)
		goto failed;
	failure.step = STEP_SIGNALS;
	if (signals_restore(signals) == -1)
		goto failed;
	failure.step = STEP_EXEC;
	execvp(plan->command[0], plan->command);

failed:
	failure.error = errno;
	(void)!write(report, &failure, sizeof(failure));
	_exit(127);
}

/* Put the first chosen number into each variable that plan names. */
static int
set_environment(const struct plan *plan)
{
	char number[16];
	size_t i;

	if (plan->env_count > 0)
		snprintf(number, sizeof(number), "%d", plan->fds.fds[0]);
	for (i = 0; i < plan->env_count; i++)
		if (setenv(plan->env[i], number, 1) == -1) {
			diag_print("cannot set variable '%s': %s",
			    plan->env[i], strerror(errno));
			return -1;
		}
	return 0;
}

/* dup2(2) in the child would fail; better before there is one. */
static int
check_limit(const struct plan *plan)
{
	struct rlimit limit;
	int greatest = fd_list_greatest(&plan->fds);

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1 ||
	    limit.rlim_cur == RLIM_INFINITY ||
	    (rlim_t)greatest < limit.rlim_cur)
		return 0;
	diag_print("--fd: '%d' is not a file descriptor below the limit "
	    "of %llu", greatest, (unsigned long long)limit.rlim_cur);
	return -1;
}

/*
 * Wait for exec.  Returns 0 once it has succeeded, or 1 with *failure.  A
 * child that died before it could exec or report (SIGKILL, or a signal that
 * waited) is a command that was started and died: its status tells.
 */
static int
read_report(int report, struct spawn_failure *failure)
{
	ssize_t size;

	do {
		size = read(report, failure, sizeof(*failure));
	} while (size == -1 && errno == EINTR);
	return size == (ssize_t)sizeof(*failure);
}

static enum spawn_result
report_failure(const struct spawn_failure *failure, const struct plan *plan)
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
	diag_print("cannot run '%s': %s", plan->command[0], reason);
	if (failure->error == ENOENT || failure->error == ENOTDIR)
		return SPAWN_NOT_FOUND;
	return SPAWN_NOT_RUN;
}

/* fork, with the pipe; see spawn_command(). */
static enum spawn_result
start(struct child *child, const struct plan *plan, const struct pair *pair,
    const struct standard *standard, const struct signals *signals,
    int report[2])
{
	struct spawn_failure failure;
	pid_t parent = getpid();

	if (pipe2(report, O_CLOEXEC) == -1 ||
	    descriptor_move_off(&report[1], &plan->fds) == -1) {
		diag_print("cannot create a pipe: %s", strerror(errno));
		return SPAWN_FAILED;
	}
	child->pid = fork();
	if (child->pid == -1) {
		diag_print("cannot create a process: %s", strerror(errno));
		return SPAWN_FAILED;
	}
	if (child->pid == 0)
		run_command(plan, pair->command, standard, signals, parent,
		    report[1]);
	descriptor_close(&report[1]);
	if (!read_report(report[0], &failure))
		return SPAWN_STARTED;
	while (waitpid(child->pid, NULL, 0) == -1 && errno == EINTR)
		;
	return report_failure(&failure, plan);
}

static ino_t
file_number(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

enum spawn_result
spawn_command(struct child *child, const struct plan *plan, struct pair *pair,
    const struct standard *standard, const struct signals *signals)
{
	enum spawn_result result;
	int report[2] = { -1, -1 };

	*child = (struct child){
		.pid = -1,
		.fds = &plan->fds,
		.end = file_number(pair->command),
	};
	if (check_limit(plan) == -1 || set_environment(plan) == -1)
		return SPAWN_FAILED;
	result = start(child, plan, pair, standard, signals, report);
	descriptor_close(&report[0]);
	descriptor_close(&report[1]);
	pair_release_command(pair);
	return result;
}
