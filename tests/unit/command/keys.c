/* SPDX-License-Identifier: MIT */
/* Keys that are pressed while a command is being started reach it once. */
#include "config.h"

#ifdef __linux__
#include <sys/syscall.h>
#endif

#include "command/keys.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const int numbers[] = { SIGINT, SIGQUIT, SIGTSTP, SIGHUP };

/* All signals are blocked, as by signals_open(). */
static void
block_all(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
}

/* Signal ourselves as the terminal does.  False where that cannot be. */
static bool
press(int number)
{
#if defined SYS_rt_sigqueueinfo && defined SI_KERNEL
	siginfo_t info = { .si_signo = number, .si_code = SI_KERNEL };

	return syscall(SYS_rt_sigqueueinfo, getpid(), number, &info) == 0;
#else
	(void)number;
	return false;
#endif
}

/* The code of the signal that is pending for us, which is taken; or -1. */
static int
take(int number)
{
	const struct timespec at_once = { 0, 0 };
	siginfo_t info = { .si_code = -1 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	return sigtimedwait(&set, &info, &at_once) == number ? info.si_code :
	    -1;
}

/* A child that dies of the first signal that it is sent. */
static pid_t
fork_victim(void)
{
	sigset_t none;
	pid_t pid = fork();

	if (pid == 0) {
		alarm(60);
		signal(SIGINT, SIG_DFL);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		for (;;)
			pause();
	}
	return pid;
}

/* What the child has died of. */
static int
death_of(pid_t pid)
{
	int status;

	/* Linux delivers the lower number first, see signal(7). */
	kill(pid, SIGTERM);
	return waitpid(pid, &status, 0) == pid ? WTERMSIG(status) : -1;
}

static int
sends_what_came_before(void *argument)
{
	struct keys keys;
	pid_t pid;

	(void)argument;
	block_all();
	if (!press(SIGINT))
		return 77;
	pid = fork_victim();
	ASK(keys_begin(&keys) == 0);
	keys_end(&keys, pid);
	ASK(death_of(pid) == SIGINT);
#ifdef SI_KERNEL
	ASK(take(SIGINT) == SI_KERNEL);
#endif
	ASK(take(SIGINT) == -1);
	return 0;
}

static int
leaves_what_came_after(void *argument)
{
	struct keys keys;
	pid_t pid;

	(void)argument;
	block_all();
	pid = fork_victim();
	ASK(keys_begin(&keys) == 0);
	keys_begin_child();
	if (!press(SIGINT))
		return 77;
	keys_end(&keys, pid);
	ASK(death_of(pid) == SIGTERM);
#ifdef SI_KERNEL
	ASK(take(SIGINT) == SI_KERNEL);
#endif
	return 0;
}

static int
leaves_what_was_ours(void *argument)
{
	struct keys keys;
	pid_t pid;

	(void)argument;
	block_all();
	pid = fork_victim();
	kill(getpid(), SIGINT);
	ASK(keys_begin(&keys) == 0);
	keys_end(&keys, pid);
	ASK(death_of(pid) == SIGTERM);
	ASK(take(SIGINT) == SI_USER);
	return 0;
}

/* The child's own, which must not stop it: we would be stuck. */
static int
sends_what_the_child_noted(void *number)
{
	struct keys keys;
	int status;
	pid_t pid;

	block_all();
	ASK(keys_begin(&keys) == 0);
	pid = vfork();
	if (pid == 0) {
		keys_begin_child();
		raise(*(int *)number);
		sigprocmask(SIG_SETMASK, &(sigset_t){ 0 }, NULL);
		execlp("sleep", "sleep", "60", (char *)NULL);
		_exit(127);
	}
	keys_end(&keys, pid);
	ASK(waitpid(pid, &status, WUNTRACED) == pid);
	if (*(int *)number == SIGTSTP)
		ASK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTSTP);
	else
		ASK(WIFSIGNALED(status) && WTERMSIG(status) == *(int *)number);
	kill(pid, SIGKILL);
	ASK(take(*(int *)number) == -1);
	return 0;
}

static int
restores_all(void *argument)
{
	struct sigaction before[COUNT(numbers)], after;
	sigset_t mask_before, mask_after;
	struct keys keys;
	size_t i;
	int number;

	(void)argument;
	signal(SIGHUP, SIG_IGN);
	signal(SIGQUIT, SIG_DFL);
	block_all();
	sigprocmask(SIG_SETMASK, NULL, &mask_before);
	for (i = 0; i < COUNT(numbers); i++)
		sigaction(numbers[i], NULL, &before[i]);
	ASK(keys_begin(&keys) == 0);
	sigaction(SIGHUP, NULL, &after);
	ASK(after.sa_handler == SIG_IGN);	/* for the command */
	sigprocmask(SIG_SETMASK, NULL, &mask_after);
	ASK(sigismember(&mask_after, SIGHUP) == 1);
	ASK(sigismember(&mask_after, SIGTERM) == 1);
	ASK(sigismember(&mask_after, SIGINT) == 0);
	keys_end(&keys, -1);
	sigprocmask(SIG_SETMASK, NULL, &mask_after);
	for (number = 1; number < 32; number++)
		ASK(sigismember(&mask_before, number) ==
		    sigismember(&mask_after, number));
	for (i = 0; i < COUNT(numbers); i++) {
		sigaction(numbers[i], NULL, &after);
		ASK(before[i].sa_handler == after.sa_handler);
	}
	return 0;
}

static void
check(int (*function)(void *), void *argument, const char *name)
{
	int status = run_child(function, argument);

	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip(name, "nothing can be sent as the terminal does");
	else
		is_int(status, 0, name);
}

int
main(void)
{
	static int interrupt = SIGINT;
	static int stop = SIGTSTP;

	alarm(100);
	check(sends_what_came_before, NULL,
	    "a key before there is a command is sent to it");
	check(leaves_what_came_after, NULL,
	    "one that came later is not sent again");
	check(leaves_what_was_ours, NULL,
	    "what was sent to us alone is left to who reads it");
	if (is_under_valgrind()) {
		elsewhere("keys noted by the child", "valgrind");
	} else {
		check(sends_what_the_child_noted, &interrupt,
		    "a key between vfork and exec is sent after that");
		check(sends_what_the_child_noted, &stop,
		    "one that stops stops only the command, and then");
	}
	check(restores_all, NULL, "mask and dispositions are restored");
	return done_testing();
}
