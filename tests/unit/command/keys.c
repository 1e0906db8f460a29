/* SPDX-License-Identifier: MIT */
/* Signals of keys that are pressed while a command is being started. */
#include "config.h"

#ifdef __linux__
#include <sys/syscall.h>
#endif

#include "command/keys.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const int numbers[] = { SIGINT, SIGQUIT, SIGTSTP, SIGHUP };
static struct signals signals;		/* nothing is blocked on entry */

/* As signals_open() does. */
static void
block_all(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
}

/* Send ourselves a signal as the terminal does.  False if we cannot. */
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

/* Take the pending signal number.  Returns its si_code, or -1. */
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

static void
end_child(int number)
{
	(void)number;
	_exit(9);
}

/*
 * Fork a child that dies of the first signal that it is sent, but that SIGTSTP
 * stops, and that exits with 9 at a SIGWINCH.
 */
static pid_t
fork_victim(void)
{
	sigset_t none;
	int ready[2];
	char byte;
	pid_t pid;

	need(pipe(ready) == 0, "pipe");
	pid = fork();
	if (pid == 0) {
		alarm(60);
		signal(SIGINT, SIG_DFL);
		signal(SIGTSTP, SIG_DFL);
		signal(SIGWINCH, end_child);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		(void)!write(ready[1], "", 1);
		for (;;)
			pause();
	}
	/* One that it blocks is overtaken by a fatal one that comes later. */
	need(read(ready[0], &byte, 1) == 1, "read");
	close(ready[0]);
	close(ready[1]);
	return pid;
}

/*
 * Returns the signal that ended the child, SIGTERM if no other was sent; or -1
 * if it has not died.
 */
static int
death_of(pid_t pid)
{
	int status;

	/* Linux delivers the lower number first, see signal(7). */
	kill(pid, SIGTERM);
	return waitpid(pid, &status, WUNTRACED) == pid &&
	    WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

static int
sends_earlier_key(void *argument)
{
	struct keys keys;
	pid_t pid;

	(void)argument;
	block_all();
	if (!press(SIGINT))
		return 77;
	pid = fork_victim();
	ASK(keys_begin(&keys, &signals) == 0);
	keys_end(&keys);
	keys_send(pid);
	ASK(death_of(pid) == SIGINT);
#ifdef SI_KERNEL
	ASK(take(SIGINT) == SI_KERNEL);
#endif
	ASK(take(SIGINT) == -1);
	return 0;
}

static int
leaves_later_key(void *argument)
{
	struct keys keys;
	pid_t pid;

	(void)argument;
	block_all();
	pid = fork_victim();
	ASK(keys_begin(&keys, &signals) == 0);
	keys_begin_child();
	if (!press(SIGINT))
		return 77;
	keys_end(&keys);
	keys_send(pid);
	ASK(death_of(pid) == SIGTERM);
#ifdef SI_KERNEL
	ASK(take(SIGINT) == SI_KERNEL);
#endif
	return 0;
}

static int
leaves_signal_to_us(void *argument)
{
	struct keys keys;
	pid_t pid;

	(void)argument;
	block_all();
	pid = fork_victim();
	kill(getpid(), SIGINT);
	ASK(keys_begin(&keys, &signals) == 0);
	keys_end(&keys);
	keys_send(pid);
	ASK(death_of(pid) == SIGTERM);
	ASK(take(SIGINT) == SI_USER);
	return 0;
}

/* The child gets the signal in place of an exec that does not return. */
static int
ends_the_child(void *number)
{
	struct keys keys;
	int status;
	pid_t pid;

	block_all();
	ASK(keys_begin(&keys, &signals) == 0);
	pid = vfork();
	if (pid == 0) {
		keys_begin_child();
		kill(getpid(), *(int *)number);
		_exit(0);
	}
	keys_end(&keys);
	ASK(waitpid(pid, &status, 0) == pid);
	ASK(WIFSIGNALED(status) && WTERMSIG(status) == *(int *)number);
	ASK(take(*(int *)number) == -1);
	return 0;
}

/* keys_send() does not know that victim is not the child. */
static int
sends_blocked_key(void *argument)
{
	struct signals blocking = signals;
	struct keys keys;
	pid_t pid, victim;
	int status;

	(void)argument;
	sigaddset(&blocking.entry_mask, SIGINT);
	block_all();
	victim = fork_victim();
	ASK(keys_begin(&keys, &blocking) == 0);
	pid = vfork();
	if (pid == 0) {
		keys_begin_child();
		kill(getpid(), SIGINT);
		_exit(3);
	}
	keys_end(&keys);
	ASK(waitpid(pid, &status, 0) == pid && status == 3 << 8);
	keys_send(victim);
	ASK(death_of(victim) == SIGINT);
	ASK(take(SIGINT) == -1);
	return 0;
}

/* If SIGTSTP stopped the child before its exec, vfork() would hang. */
static int
stops_the_command(void *argument)
{
	struct keys keys;
	int status;
	int ends[2];
	pid_t pid;
	char byte;

	(void)argument;
	need(pipe2(ends, O_CLOEXEC) == 0, "pipe");
	block_all();
	ASK(keys_begin(&keys, &signals) == 0);
	kill(getpid(), SIGTSTP);
	pid = vfork();
	if (pid == 0) {
		keys_begin_child();
		setpgid(0, 0);		/* not an orphaned group */
		kill(getpid(), SIGTSTP);
		sigprocmask(SIG_SETMASK, &(sigset_t){ 0 }, NULL);
		execlp("sleep", "sleep", "60", (char *)NULL);
		_exit(127);
	}
	keys_end(&keys);
	close(ends[1]);
	ASK(read(ends[0], &byte, 1) == 0);	/* closed by exec */
	keys_send(pid);
	ASK(waitpid(pid, &status, WUNTRACED) == pid);
	ASK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTSTP);
	kill(pid, SIGKILL);
	ASK(take(SIGTSTP) == SI_USER);
	return 0;
}

/* Whether it has been sent no SIGTSTP; it ends in any case. */
static bool
is_not_stopped(pid_t pid)
{
	int status;

	/* Linux delivers the lower number first, see signal(7): SIGTSTP. */
	kill(pid, SIGWINCH);
	if (waitpid(pid, &status, WUNTRACED) != pid)
		return false;
	if (WIFSTOPPED(status)) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 9;
}

static int
leaves_continued_stop(void *argument)
{
	struct keys keys;
	pid_t pid;

	(void)argument;
	block_all();
	pid = fork_victim();
	setpgid(pid, pid);		/* not an orphaned group */
	ASK(keys_begin(&keys, &signals) == 0);
	kill(getpid(), SIGTSTP);
	kill(getpid(), SIGCONT);
	keys_end(&keys);
	keys_send(pid);
	ASK(is_not_stopped(pid));
	ASK(take(SIGTSTP) == -1);
	return 0;
}

static int
leaves_ignored_stop(void *argument)
{
	struct keys keys;
	pid_t pid;

	(void)argument;
	block_all();
	pid = fork_victim();
	setpgid(pid, pid);		/* not an orphaned group */
	signal(SIGTSTP, SIG_IGN);
	ASK(keys_begin(&keys, &signals) == 0);
	keys_end(&keys);
	/* What came before, keys_end() has discarded: sigaction(2). */
	kill(getpid(), SIGTSTP);
	keys_send(pid);
	ASK(is_not_stopped(pid));
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
	ASK(keys_begin(&keys, &signals) == 0);
	sigaction(SIGHUP, NULL, &after);
	ASK(after.sa_handler == SIG_IGN);	/* the command inherits it */
	sigprocmask(SIG_SETMASK, NULL, &mask_after);
	ASK(sigismember(&mask_after, SIGHUP) == 1);
	ASK(sigismember(&mask_after, SIGTERM) == 1);
	ASK(sigismember(&mask_after, SIGINT) == 0);
	keys_end(&keys);
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
	passes_or_skips(function, argument, name,
	    "cannot send a signal as the terminal does");
}

int
main(void)
{
	static int interrupt = SIGINT;
	static int hangup = SIGHUP;

	alarm(100);
	signal(SIGHUP, SIG_DFL);	/* nohup(1) ignores it */
	sigemptyset(&signals.entry_mask);
	check(sends_earlier_key, NULL,
	    "a key before the child exists is sent to the command");
	check(leaves_later_key, NULL,
	    "a key after the child has begun is not sent again");
	check(leaves_signal_to_us, NULL,
	    "a signal that a process sent to us alone is not sent, but kept");
	check(ends_the_child, &interrupt,
	    "^C between vfork and exec ends the child at once");
	check(ends_the_child, &hangup,
	    "a hang-up between vfork and exec ends the child");
	if (is_under_valgrind())
		elsewhere("keys noted by the child", "valgrind");
	else
		check(sends_blocked_key, NULL,
		    "a key that was blocked on entry is sent after exec");
	check(stops_the_command, NULL,
	    "^Z between vfork and exec stops the command after it");
	check(leaves_continued_stop, NULL,
	    "^Z with SIGCONT after it is not sent");
	check(leaves_ignored_stop, NULL,
	    "^Z that was ignored on entry is not sent");
	check(restores_all, NULL, "mask and dispositions are restored");
	return done_testing();
}
