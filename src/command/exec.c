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
 * Returns 0, or -1 with errno (prctl(2); tests/unit/kernel:
 * parent_death_kills).
 */
static int
tie_to_parent(pid_t parent)
{
#ifdef HAVE_SYS_PRCTL_H
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		return -1;
	/* Too late if it died before; pid 1 is not the only new parent. */
	if (getppid() != parent)
		/* raise(3) may take a child of vfork(2) for its parent. */
		(void)kill(getpid(), SIGKILL);
	return 0;
#else
	(void)parent;
	errno = ENOSYS;
	return -1;
#endif
}

/* Returns 0, or -1 with errno and *failure saying what failed, as below. */
static int
replace_input(struct exec_failure *failure)
{
	failure->step = STEP_NULL;
	/* The lowest free number is the one just closed. */
	close(STDIN_FILENO);
	return open("/dev/null", O_RDONLY) == -1 ? -1 : 0;
}

static int
replace_output(const struct stdfds *stdfds,
    struct exec_failure *failure)
{
	failure->step = STEP_PLACE;
	failure->number = STDOUT_FILENO;
	if (stdfds->closed[2])
		return close(STDOUT_FILENO);
	return dup2(STDERR_FILENO, STDOUT_FILENO) == -1 ? -1 : 0;
}

/*
 * Give the command something harmless where our standard input and output
 * would be, if they are in use: it would steal the one and mix into the other.
 * Descriptors that were closed on entry are held close-on-exec, so exec closes
 * them again.
 */
static int
replace_standard(const struct exec *command,
    const struct stdfds *stdfds, struct exec_failure *failure)
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

/* Put the command's end on every chosen number. */
static int
place_end(const struct exec *command, struct exec_failure *failure)
{
	size_t i;

	failure->step = STEP_PLACE;
	for (i = 0; i < command->fds->count; i++) {
		failure->number = command->fds->fds[i];
		if (dup2(command->end, failure->number) == -1)
			return -1;
	}
	return 0;
}

/* All but exec; as above. */
static int
prepare_exec(const struct exec *command, const struct stdfds *stdfds,
    const struct signals *signals, pid_t parent, struct exec_failure *failure)
{
	failure->step = STEP_PARENT;
	if (command->die_with_parent && tie_to_parent(parent) == -1)
		return -1;
	/* In this order: 2 may be one of the chosen numbers. */
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
