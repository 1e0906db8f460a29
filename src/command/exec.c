/* SPDX-License-Identifier: MIT */
#include "config.h"

#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "command/environment.h"
#include "command/exec.h"

/*
 * Have the kernel send SIGKILL to this process when the parent ends
 * (PR_SET_PDEATHSIG in prctl(2); tests/unit/kernel: parent_death_kills).
 * Returns 0, or -1 with errno.
 */
static int
tie_to_parent(pid_t parent)
{
#ifdef HAVE_SYS_PRCTL_H
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		return -1;
	/*
	 * If the parent ended before that call, no signal comes.  Do not
	 * compare with 1: init is not the only process that can adopt us.
	 */
	if (getppid() != parent) {
		/*
		 * Not raise(3): after vfork(2) the C library may use the thread
		 * id of the parent, which it keeps in the shared memory.
		 */
		(void)kill(getpid(), SIGKILL);
	}
	return 0;
#else
	(void)parent;
	errno = ENOSYS;
	return -1;
#endif
}

/*
 * Put /dev/null on descriptor 0.  Returns 0; or -1 with errno, and in *failure
 * the step, and for STEP_PLACE the number.  The functions below return the
 * same.
 */
static int
replace_input(struct exec_failure *failure)
{
	failure->step = STEP_NULL;
	/* open(2) uses the lowest free number, which is 0 now. */
	close(STDIN_FILENO);
	return open("/dev/null", O_RDONLY) == -1 ? -1 : 0;
}

/* Put standard error on descriptor 1, or close 1 if there is none. */
static int
replace_output(const struct stdfds *stdfds, struct exec_failure *failure)
{
	failure->step = STEP_PLACE;
	failure->number = STDOUT_FILENO;
	if (stdfds->closed[2])
		return close(STDOUT_FILENO);
	return dup2(STDERR_FILENO, STDOUT_FILENO) == -1 ? -1 : 0;
}

/*
 * Replace our standard input and output where the relay uses them.  The command
 * would consume input of the relay, or write into its output.  A number that
 * was closed on entry is not replaced: stdfds_hold() has put a close-on-exec
 * file there, so that exec closes it again.
 */
static int
replace_standard(const struct exec *command, const struct stdfds *stdfds,
    struct exec_failure *failure)
{
	if (command->null_input && !stdfds->closed[0] &&
	    !fd_list_has(command->fds, STDIN_FILENO) &&
	    replace_input(failure) == -1)
		return -1;
	if (command->error_output && !stdfds->closed[1] &&
	    !fd_list_has(command->fds, STDOUT_FILENO))
		return replace_output(stdfds, failure);
	return 0;
}

/* Put the command's end of the pair, or its two pipes, on their numbers. */
static int
place_end(const struct exec *command, struct exec_failure *failure)
{
	int end = command->end;
	size_t i;

	failure->step = STEP_PLACE;
	for (i = 0; i < command->fds->count; i++) {
		failure->number = command->fds->fds[i];
		if (dup2(end, failure->number) == -1)
			return -1;
		if (command->has_pipes)
			end = command->end_write;
	}
	return 0;
}

/* Take every step before exec. */
static int
prepare_exec(const struct exec *command, const struct stdfds *stdfds,
    const struct signals *signals, pid_t parent, struct exec_failure *failure)
{
	failure->step = STEP_PARENT;
	if (command->die_with_parent && tie_to_parent(parent) == -1)
		return -1;
	/* In this order: place_end() may replace standard error. */
	if (replace_standard(command, stdfds, failure) == -1 ||
	    place_end(command, failure) == -1)
		return -1;
	if (command->listen_pid != NULL)
		environment_write_pid(command->listen_pid);
	failure->step = STEP_SIGNALS;
	return signals_restore(signals);
}

void
exec_become(const struct exec *command, const struct stdfds *stdfds,
    const struct signals *signals, pid_t parent, struct exec_failure *failure)
{
	*failure = (struct exec_failure){ .number = -1 };
	if (prepare_exec(command, stdfds, signals, parent, failure) == 0) {
		failure->step = STEP_EXEC;
		execvp(command->argv[0], command->argv);
	}
	failure->error = errno;
}
