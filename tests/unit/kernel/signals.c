/* SPDX-License-Identifier: MIT */
/* Signals and processes: what is kept, what is lost, who sent it. */
#include "config.h"

#ifdef __linux__

#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "kernel.h"

static const char *program;	/* to be run once more */
static volatile sig_atomic_t handled;

static void
note_signal(int number)
{
	handled = number;
}

/* Block number, and leave it in *set. */
static void
block_signal(int number, sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, number);
	need(sigprocmask(SIG_BLOCK, set, NULL) == 0, "sigprocmask");
}

static bool
is_pending(int number)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && sigismember(&pending, number) == 1;
}

/* Wait for the signals in set, but not for ever; the number, or -1. */
static int
take_signal(const sigset_t *set, siginfo_t *info)
{
	const struct timespec patience = { 40, 0 };

	return sigtimedwait(set, info, &patience);
}

/* --- signals that wait ---------------------------------------------------- */

static int
ready_hides_signal(void)
{
	struct pollfd slot = { .events = POLLIN };
	sigset_t set, none;
	int ends[2];

	ASK(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
	slot.fd = ends[0];
	sigemptyset(&none);
	signal(SIGUSR1, note_signal);
	block_signal(SIGUSR1, &set);
	raise(SIGUSR1);
	/* The mask lets it in, but there is something to report. */
	ASK(ppoll(&slot, 1, NULL, &none) == 1);
	ASK(handled == 0);
	ASK(is_pending(SIGUSR1));
	slot.fd = -1;
	ASK(error_of(ppoll(&slot, 1, NULL, &none)) == EINTR);
	ASK(handled == SIGUSR1);
	return 0;
}

static int
ignored_waits_blocked(void)
{
	sigset_t set;

	signal(SIGUSR1, SIG_IGN);
	raise(SIGUSR1);
	ASK(!is_pending(SIGUSR1));
	block_signal(SIGUSR1, &set);
	raise(SIGUSR1);
	ASK(is_pending(SIGUSR1));
	ASK(take_signal(&set, NULL) == SIGUSR1);
	return 0;
}

static int
child_inherits_none(void)
{
	sigset_t set;
	pid_t pid;

	block_signal(SIGUSR1, &set);
	raise(SIGUSR1);
	pid = fork();
	ASK(pid != -1);
	if (pid == 0)
		_exit(is_pending(SIGUSR1));
	ASK(await_end(pid) == exit_with(0));
	ASK(is_pending(SIGUSR1));
	return 0;
}

static int
two_count_as_one(void)
{
	const struct timespec none = { 0, 0 };
	sigset_t set;

	block_signal(SIGUSR1, &set);
	ASK(kill(getpid(), SIGUSR1) == 0 && kill(getpid(), SIGUSR1) == 0);
	ASK(sigtimedwait(&set, NULL, &none) == SIGUSR1);
	ASK(error_of(sigtimedwait(&set, NULL, &none)) == EAGAIN);
	return 0;
}

/* --- who sent it ---------------------------------------------------------- */

static int
kill_has_user_code(void)
{
	siginfo_t info;
	sigset_t set;

	block_signal(SIGINT, &set);
	ASK(kill(getpid(), SIGINT) == 0);
	ASK(take_signal(&set, &info) == SIGINT && info.si_code <= 0);
	return 0;
}

/* Have signal number sent by its timer. */
static void
start_timer(int number)
{
	const struct itimerval soon = { .it_value = { 0, 1000 } };

	if (number == SIGVTALRM)
		need(setitimer(ITIMER_VIRTUAL, &soon, NULL) == 0, "setitimer");
	else if (number == SIGPROF)
		need(setitimer(ITIMER_PROF, &soon, NULL) == 0, "setitimer");
	else
		need(setitimer(ITIMER_REAL, &soon, NULL) == 0, "setitimer");
}

static int
timer_has_kernel_code(void)
{
	/* The last also bounds the wait for the others: see run_child(). */
	static const int numbers[] = { SIGVTALRM, SIGPROF, SIGALRM };
	siginfo_t info;
	sigset_t set;
	size_t i;

	for (i = 0; i < COUNT(numbers); i++) {
		block_signal(numbers[i], &set);
		start_timer(numbers[i]);
		/* The clocks of the others run only while we do. */
		while (numbers[i] != SIGALRM && !is_pending(numbers[i]))
			;
		ASK(take_signal(&set, &info) == numbers[i]);
		ASK(info.si_code == SI_KERNEL);
	}
	return 0;
}

/*
 * Make this process the leader of a session whose terminal is a new one.
 * Returns its master, or -1.
 */
static int
take_terminal(void)
{
	int master;
	int slave = open_pty(&master);

	if (slave == -1 || setsid() == -1 || ioctl(slave, TIOCSCTTY, 0) == -1)
		return -1;
	return master;
}

/* Ignored and blocked, too. */
static int
blocked_fault_kills(void)
{
	volatile char *page;
	sigset_t set;
	pid_t pid;

	page = mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASK(page != MAP_FAILED);
	pid = fork();
	ASK(pid != -1);
	if (pid == 0) {
		signal(SIGSEGV, SIG_IGN);
		block_signal(SIGSEGV, &set);
		*page = 'x';
		_exit(0);
	}
	ASK(WTERMSIG(await_end(pid)) == SIGSEGV);
	return 0;
}

static volatile sig_atomic_t has_begun;	/* the child of vfork(2) */
static volatile sig_atomic_t was_handled_before, was_handled_after;
static volatile sig_atomic_t was_handled_in_child;
static pid_t vforker;

static void
note_moment(int number)
{
	(void)number;
	if (getpid() != vforker)
		was_handled_in_child = 1;
	else if (has_begun)
		was_handled_after = 1;
	else
		was_handled_before = 1;
}

static void
prepare_moment(void)
{
	vforker = getpid();
	has_begun = was_handled_before = 0;
	was_handled_after = was_handled_in_child = 0;
	signal(SIGUSR1, note_moment);
}

/* For each byte from go: signal the whole group a moment later, and say so. */
static void
signal_group(int go, int done)
{
	volatile int spin;
	char delay;

	signal(SIGUSR1, SIG_IGN);
	while (read(go, &delay, 1) == 1) {
		for (spin = 0; spin < delay * 100; spin++)
			;
		if (kill(0, SIGUSR1) == -1 || write(done, "x", 1) != 1)
			break;
	}
	_exit(0);
}

/* How often a race is tried: an emulator needs long for each child. */
static int
count_turns(void)
{
	return is_emulated() ? 100 : 1000;
}

/* A child inherits no pending signals, but gets those to its group. */
static int
signal_before_vfork(void)
{
	int go[2], done[2];
	int turns;
	char delay, byte;
	pid_t pid;

	ASK(setpgid(0, 0) == 0 && pipe(go) == 0 && pipe(done) == 0);
	prepare_moment();
	pid = fork();
	ASK(pid != -1);
	if (pid == 0) {
		close(go[1]);	/* so that it ends with us */
		signal_group(go[0], done[1]);
	}
	for (turns = 0; turns < count_turns(); turns++) {
		prepare_moment();
		delay = (char)(turns % 100);
		ASK(write(go[1], &delay, 1) == 1);
		pid = vfork();
		if (pid == 0) {
			has_begun = 1;
			while (read(done[0], &byte, 1) == -1 && errno == EINTR)
				;
			_exit(0);
		}
		ASK(pid != -1 && await_end(pid) == 0);
		ASK(was_handled_before + was_handled_in_child == 1);
		ASK(was_handled_before + was_handled_after == 1);
	}
	return 0;
}

static int
vfork_waits_for_exec(void)
{
	static volatile sig_atomic_t seen;
	int status;
	pid_t pid;

	prepare_moment();
	pid = vfork();
	if (pid == 0) {
		has_begun = 1;
		kill(vforker, SIGUSR1);
		pause_ms(20);
		seen = was_handled_after;
		execl(program, program, "flags", (char *)NULL);
		_exit(127);
	}
	ASK(pid != -1 && seen == 0 && was_handled_after == 1);
	status = await_end(pid);
	ASK(WIFEXITED(status) && WEXITSTATUS(status) != 127);
	return 0;
}

static int
key_has_kernel_code(void)
{
	struct winsize size = { .ws_row = 7, .ws_col = 7 };
	int master = take_terminal();
	siginfo_t info;
	sigset_t set;

	if (master == -1)
		return unknown("no pseudo-terminals");
	block_signal(SIGINT, &set);
	ASK(write(master, "\003", 1) == 1);
	ASK(take_signal(&set, &info) == SIGINT && info.si_code == SI_KERNEL);
	block_signal(SIGQUIT, &set);
	ASK(write(master, "\034", 1) == 1);
	ASK(take_signal(&set, &info) == SIGQUIT && info.si_code == SI_KERNEL);
	block_signal(SIGWINCH, &set);
	ASK(ioctl(master, TIOCSWINSZ, &size) == 0);
	ASK(take_signal(&set, &info) == SIGWINCH && info.si_code == SI_KERNEL);
	return 0;
}

static int
hangup_tells_leader(void)
{
	int master = take_terminal();
	siginfo_t info;
	sigset_t set, told;
	pid_t member;

	if (master == -1)
		return unknown("no pseudo-terminals");
	/* How the leader tells the member that it has been told. */
	block_signal(SIGUSR1, &told);
	block_signal(SIGHUP, &set);
	member = fork();
	ASK(member != -1);
	if (member == 0) {
		alarm(50);
		close(master);
		_exit(take_signal(&told, NULL) == SIGUSR1 ?
		    is_pending(SIGHUP) : 2);
	}
	close(master);
	ASK(take_signal(&set, &info) == SIGHUP && info.si_code == SI_KERNEL);
	ASK(kill(member, SIGUSR1) == 0);
	ASK(await_end(member) == exit_with(0));
	return 0;
}

/* --- children ------------------------------------------------------------- */

static int
ignored_child_lost(void)
{
	pid_t pid;

	signal(SIGCHLD, SIG_IGN);
	pid = fork();
	ASK(pid != -1);
	if (pid == 0)
		_exit(7);
	ASK(error_of(waitpid(pid, NULL, 0)) == ECHILD);
	return 0;
}

/* What this program does when it is run once more: see main(). */
static int
print_flags(void)
{
	struct sigaction action;

	return sigaction(SIGCHLD, NULL, &action) == 0 &&
	    action.sa_handler == SIG_DFL && action.sa_flags == 0 ? 0 : 1;
}

static int
exec_clears_flags(void)
{
	struct sigaction action = { .sa_flags = SA_NOCLDWAIT | SA_RESTART };

	action.sa_handler = SIG_DFL;
	ASK(sigaction(SIGCHLD, &action, NULL) == 0);
	execl(program, program, "print_flags", (char *)NULL);
	return unknown("this program cannot be run once more");
}

/* Says by a byte that it waits for its parent's death, and if it survives. */
static void
wait_for_death(int fd)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && write(fd, "x", 1) == 1)
		sleep(50);
	(void)!write(fd, "survived", 8);
	_exit(0);
}

static int
parent_death_kills(void)
{
	char text[20];
	int ends[2];
	pid_t parent;

	ASK(pipe(ends) == 0);
	parent = fork();
	ASK(parent != -1);
	if (parent == 0) {
		alarm(50);
		if (fork() == 0)
			wait_for_death(ends[1]);
		for (;;)
			pause();
	}
	close(ends[1]);
	ASK(read(ends[0], text, 1) == 1 && *text == 'x');
	ASK(kill(parent, SIGKILL) == 0);
	ASK(await_end(parent) == SIGKILL);
	/* The end of file: nobody is there any more to write. */
	ASK(read(ends[0], text, sizeof(text)) == 0);
	return 0;
}

static int
read_one(int fd)
{
	char byte;

	return read(fd, &byte, 1) == 1 ? 0 : 1;
}

static int
sleeper_shows_call(void)
{
	char path[40];
	char text[256];
	unsigned long argument;
	char *end;
	int ends[2];
	FILE *file;
	pid_t pid;

	if (!has_proc())
		return unknown("no /proc");
	snprintf(path, sizeof(path), "/proc/%ld/syscall", (long)getpid());
	file = fopen(path, "re");
	if (file == NULL || fgets(text, sizeof(text), file) == NULL)
		return unknown("/proc/PID/syscall cannot be read");
	fclose(file);
	ASK(strncmp(text, "running", 7) != 0);
	ASK(pipe(ends) == 0);
	pid = start_asleep(read_one, ends[0]);
	ASK(pid != -1);
	snprintf(path, sizeof(path), "/proc/%ld/syscall", (long)pid);
	file = fopen(path, "re");
	ASK(file != NULL && fgets(text, sizeof(text), file) != NULL);
	ASK(strtol(text, &end, 10) == SYS_read);
	argument = strtoul(end, NULL, 16);
	ASK(argument == (unsigned long)ends[0]);
	ASK(write(ends[1], "x", 1) == 1);
	ASK(await_end(pid) == exit_with(0));
	return 0;
}

/* --- limits --------------------------------------------------------------- */

static int
file_limit_no_signal(void)
{
	const struct rlimit limit = { 1000, 1000 };
	char block[4096] = { 0 };
	int file = open_unnamed(block, sizeof(block));

	ASK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	signal(SIGXFSZ, SIG_IGN);
	ASK(write(file, block, sizeof(block)) == 1000);
	ASK(error_of(write(file, block, 1)) == EFBIG);
	return 0;
}

static struct fact facts[] = {
	FACT(ready_hides_signal,
	    "ppoll that finds something ready runs no handler"),
	FACT(ignored_waits_blocked,
	    "a signal that is blocked waits even if it is ignored"),
	FACT(child_inherits_none, "a child does not inherit waiting signals"),
	FACT(two_count_as_one, "a signal that comes twice waits once"),
	FACT(kill_has_user_code, "a signal sent by kill says so"),
	FACT(timer_has_kernel_code,
	    "a timer's signal says that the kernel sent it"),
	FACT(blocked_fault_kills,
	    "a fault of its own kills a process that blocks and ignores it"),
	FACT(signal_before_vfork,
	    "a signal to a group that calls vfork(2) is either handled before "
	    "the child begins, or reaches the child"),
	FACT(vfork_waits_for_exec, "one that comes between vfork(2) and the "
	    "child's exec is handled after that"),
	FACT(key_has_kernel_code, "a signal of a terminal's key, or of its new "
	    "size, says that the kernel sent it"),
	FACT(hangup_tells_leader, "when a terminal hangs up the kernel tells "
	    "the leader of the session alone"),
	FACT(ignored_child_lost,
	    "the status of a child is lost while SIGCHLD is ignored"),
	FACT(parent_death_kills,
	    "a process that asked for it dies with its parent"),
	FACT(exec_clears_flags, "exec clears a disposition's flags"),
	FACT(sleeper_shows_call,
	    "proc shows the system call in which a process sleeps"),
	FACT(file_limit_no_signal, "a write beyond the limit of a file's size "
	    "gives EFBIG where SIGXFSZ is ignored"),
};

int
main(int argc, char **argv)
{
	if (argc > 1)
		return print_flags();
	program = argv[0];
	return check_facts(facts, COUNT(facts));
}

#else
#include "not-linux.h"
#endif
