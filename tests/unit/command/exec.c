/* SPDX-License-Identifier: MIT */
/*
 * exec_become(), each time in a child: which step failed, and which
 * descriptors, variables and signals the command gets.  Most commands here do
 * not exist, so that the child can inspect itself after the failed exec.
 */
#include "config.h"

#include <sys/mman.h>
#include <sys/stat.h>

#ifdef HAVE_SYS_PRCTL_H
#include <sys/prctl.h>
#endif

#include <stdarg.h>
#include <stdint.h>

#include "command/environment.h"
#include "command/exec.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define END 8			/* the number of the command's end */
#define NUMBERS 10		/* descriptors to inspect: 0 to 9 */
#define LAST 65

/* One call of exec_become(), for run_child(). */
struct trial {
	struct exec command;
	struct stdfds stdfds;
	pid_t parent;		/* passed on; or 0: the real one */
	int (*prepare)(void);	/* called first; or NULL */
};

/* Shared with the children: what exec_become() returned, */
static struct outcome {
	bool returned;
	struct exec_failure failure;
	char files[NUMBERS + 1];	/* and the letter of each descriptor */
} *outcome;

static char *no_command[] = { (char[]){ "/nonexistent/x" }, NULL };
static struct signals signals;

/* --- calls that fail on request ------------------------------------------- */

static bool open_fails, prctl_fails, sigprocmask_fails;

/* With 32 bits and large files, the C library's open(2) is open64. */
#ifdef __USE_FILE_OFFSET64
#define __real_open __real_open64
#define __wrap_open __wrap_open64
#endif

int __real_open(const char *, int, ...);
int __wrap_open(const char *, int, ...);
int __real_prctl(int, ...);
int __wrap_prctl(int, ...);
int __real_sigprocmask(int, const sigset_t *, sigset_t *);
int __wrap_sigprocmask(int, const sigset_t *, sigset_t *);

/* Nobody here creates a file. */
int
__wrap_open(const char *path, int flags, ...)
{
	errno = ENOENT;
	return open_fails ? -1 : __real_open(path, flags);
}

/* The program passes one argument. */
int
__wrap_prctl(int option, ...)
{
	va_list list;
	unsigned long argument;

	va_start(list, option);
	argument = va_arg(list, unsigned long);
	va_end(list);
	errno = EPERM;
	return prctl_fails ? -1 : __real_prctl(option, argument);
}

int
__wrap_sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	errno = EPERM;
	return sigprocmask_fails ? -1 : __real_sigprocmask(how, set, old);
}

/* --- the child ------------------------------------------------------------ */

/* Descriptors 0 to 2 and END before exec_become(). */
static struct stat originals[4];

static bool
is_same(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

/* Each of 0 to 2 gets a file of its own, and END a socket; no others. */
static void
open_files(void)
{
	static const int numbers[4] = { 0, 1, 2, END };
	int ends[2];
	int fd;
	size_t i;

	for (fd = 3; fd < 100; fd++)
		close(fd);
	for (fd = 0; fd < 3; fd++) {
		need(pipe(ends) == 0 && dup2(ends[0], fd) == fd, "pipe");
		close(ends[0]);
		close(ends[1]);
	}
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 &&
	    dup2(ends[0], END) == END, "socketpair");
	close(ends[0]);
	close(ends[1]);
	fcntl(END, F_SETFD, FD_CLOEXEC);
	for (i = 0; i < 4; i++)
		need(fstat(numbers[i], &originals[i]) == 0, "fstat");
}

static void
close_standard(const struct stdfds *stdfds)
{
	struct stdfds held;
	int fd;

	for (fd = 0; fd < 3; fd++)
		if (stdfds->closed[fd])
			close(fd);
	need(stdfds_hold(&held) == 0, "/dev/null");
}

/*
 * What the command has at number fd: one of the originals (0, 1, 2, e for its
 * end), /dev/null open for reading (n), something else (?), or nothing (-).
 */
static char
find_letter(int fd)
{
	struct stat status, null;
	int flags = fcntl(fd, F_GETFD);
	size_t i;

	if (flags == -1 || flags & FD_CLOEXEC || fstat(fd, &status) == -1)
		return '-';
	for (i = 0; i < 4; i++)
		if (is_same(&status, &originals[i]))
			return "012e"[i];
	return stat("/dev/null", &null) == 0 && is_same(&status, &null) &&
	    (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY ? 'n' : '?';
}

/* Returns 0 only if exec_become() returned, and that is an error. */
static int
become(void *argument)
{
	const struct trial *trial = argument;
	int fd;

	open_files();
	close_standard(&trial->stdfds);
	if (trial->prepare != NULL && trial->prepare() == -1)
		return 1;
	exec_become(&trial->command, &trial->stdfds, &signals,
	    trial->parent != 0 ? trial->parent : getppid(), &outcome->failure);
	outcome->returned = true;
	for (fd = 0; fd < NUMBERS; fd++)
		outcome->files[fd] = find_letter(fd);
	return 0;
}

/* Returns the child's wait status. */
static int
try(struct trial *trial)
{
	memset(outcome, 0, sizeof(*outcome));
	outcome->failure.number = -2;
	return run_child(become, trial);
}

static struct trial
make_trial(char *const *argv, const struct fd_list *fds)
{
	return (struct trial){
		.command = { .argv = argv, .fds = fds, .end = END },
	};
}

/* --- descriptors ---------------------------------------------------------- */

/* What number fd of the command should be, as find_letter() has it. */
static char
expect_letter(const struct trial *trial, int fd)
{
	const bool *closed = trial->stdfds.closed;

	if (fd_list_has(trial->command.fds, fd))
		return 'e';
	if (fd > 2 || closed[fd])
		return '-';
	if (fd == 0 && trial->command.null_input)
		return 'n';
	if (fd == 1 && trial->command.error_output)
		return closed[2] ? '-' : '2';
	return (char)('0' + fd);
}

/* True if the command gets what it should; else a line says what it gets. */
static bool
gets_files(struct trial *trial)
{
	char want[NUMBERS + 1] = "";
	int fd;

	for (fd = 0; fd < NUMBERS; fd++)
		want[fd] = expect_letter(trial, fd);
	if (try(trial) == 0 && outcome->failure.step == STEP_EXEC &&
	    strcmp(outcome->files, want) == 0)
		return true;
	printf("# step %d, got '%s', want '%s'\n", (int)outcome->failure.step,
	    outcome->files, want);
	return false;
}

/* Each set of 0 to 2 chosen, with 3, and each set of 0 to 2 closed. */
static void
test_standard(bool null_input, bool error_output, const char *name)
{
	int numbers[4];
	struct fd_list fds = { numbers, 0 };
	struct trial trial = make_trial(no_command, &fds);
	bool passed = true;
	unsigned int chosen, closed;
	int fd;

	trial.command.null_input = null_input;
	trial.command.error_output = error_output;
	for (chosen = 0; chosen < 8; chosen++)
		for (closed = 0; closed < 8; closed++) {
			fds.count = 0;
			for (fd = 0; fd < 3; fd++)
				if (chosen >> fd & 1)
					numbers[fds.count++] = fd;
			numbers[fds.count++] = 3;
			for (fd = 0; fd < 3; fd++)
				trial.stdfds.closed[fd] = closed >> fd & 1;
			passed &= gets_files(&trial);
		}
	ok(passed, name);
}

/* Two pipes: here END, and what is standard error. */
static void
test_pipes(void)
{
	int numbers[2] = { 5, 3 };
	struct fd_list fds = { numbers, 2 };
	struct trial trial = make_trial(no_command, &fds);

	trial.command.has_pipes = true;
	trial.command.end_write = 2;
	is_int(try(&trial), 0, "a command with pipes is tried");
	ok(outcome->files[5] == 'e' && outcome->files[3] == '2',
	    "the first number gets what it reads, the second what it writes");
	numbers[0] = 1;
	numbers[1] = 0;
	is_int(try(&trial), 0, "a command with pipes on 1 and 0 is tried");
	is_str(outcome->files, "2e2-------", "nothing else is different");
}

static void
test_chosen(void)
{
	static struct {
		int fds[4];
		size_t count;
		const char *name;
	} rows[] = {
		{ { 5, 0, 7, 1 }, 4,
		    "the end is on each number, in any order" },
		{ { 6, 6, 2, 6 }, 4, "a number may be chosen twice" },
		{ { END + 1 }, 1, "the end's own number is closed by exec" },
	};
	struct fd_list fds;
	struct trial trial;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		fds = (struct fd_list){ rows[i].fds, rows[i].count };
		trial = make_trial(no_command, &fds);
		ok(gets_files(&trial), rows[i].name);
	}
}

/* --- commands that exist -------------------------------------------------- */

static void
test_commands(void)
{
	static struct {
		const char *script;
		const char *argument;
		const char *name;
	} rows[] = {
		{ "exit 0", NULL, "a name without a slash is found in PATH" },
		{ "test $# = 1 && test \"$1\" = 'a b'", "a b",
		    "a command gets its arguments" },
		{ "test $LISTEN_PID = $$", NULL,
		    "LISTEN_PID is the command's pid" },
		{ "true <&0 && true <&4 && ! true <&8", NULL,
		    "the end is open at the chosen numbers alone" },
	};
	char *place = environment_set_listen();
	char sh[] = "sh", option[] = "-c";
	char *argv[] = { sh, option, NULL, sh, NULL, NULL };
	int numbers[] = { 0, 4 };
	struct fd_list fds = { numbers, COUNT(numbers) };
	struct trial trial = make_trial(argv, &fds);
	size_t i;

	need(place != NULL, "environment_set_listen");
	trial.command.listen_pid = place;
	for (i = 0; i < COUNT(rows); i++) {
		argv[2] = (char *)(uintptr_t)rows[i].script;
		argv[4] = (char *)(uintptr_t)rows[i].argument;
		ok(try(&trial) == 0 && !outcome->returned, rows[i].name);
	}
	environment_free_listen(place);
	setenv("LISTEN_PID", "as it was", 1);
	trial.command.listen_pid = NULL;
	argv[2] = (char[]){ "test \"$LISTEN_PID\" = 'as it was'" };
	ok(try(&trial) == 0 && !outcome->returned,
	    "without listen_pid the variable stays as it was");
}

/* --- signals -------------------------------------------------------------- */

static sigset_t entry_mask;
static struct sigaction entry_actions[LAST];

static void
note_entry(void)
{
	int number;

	for (number = 1; number < LAST; number++)
		signal(number, SIG_DFL);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	sigemptyset(&entry_mask);
	sigaddset(&entry_mask, SIGTERM);
	sigaddset(&entry_mask, SIGRTMIN);
	sigprocmask(SIG_SETMASK, &entry_mask, NULL);
	for (number = 1; number < LAST; number++)
		sigaction(number, NULL, &entry_actions[number]);
}

static int
has_entry_signals(void *argument)
{
	struct sigaction action;
	sigset_t mask;
	int number;

	ASK(become(argument) == 0);
	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (number = 1; number < LAST; number++) {
		ASK(sigismember(&mask, number) ==
		    sigismember(&entry_mask, number));
		if (sigaction(number, NULL, &action) == 0)
			ASK(action.sa_handler ==
			    entry_actions[number].sa_handler);
	}
	return 0;
}

static void
test_signals(void)
{
	int number = 3;
	struct fd_list fds = { &number, 1 };
	struct trial trial = make_trial(no_command, &fds);

	is_int(run_child(has_entry_signals, &trial), 0,
	    "mask and dispositions are those of entry");
}

/* --- the parent's death --------------------------------------------------- */

#ifdef HAVE_SYS_PRCTL_H

/* Returns the number of the signal that the parent's death sends, or 0. */
static int
find_death_signal(void *argument)
{
	int number = -1;

	if (become(argument) != 0 ||
	    __real_prctl(PR_GET_PDEATHSIG, &number) == -1)
		return 255;
	return number;
}

static void
test_parent(void)
{
	int number = 3;
	struct fd_list fds = { &number, 1 };
	struct trial trial = make_trial(no_command, &fds);

	trial.parent = -1;
	is_int(run_child(find_death_signal, &trial), 0,
	    "without die_with_parent the parent's death sends nothing");
	trial.command.die_with_parent = true;
	trial.parent = 0;
	is_int(run_child(find_death_signal, &trial), SIGKILL << 8,
	    "with die_with_parent it sends SIGKILL");
	/* init(1) has adopted the child, or another process has. */
	trial.parent = -1;
	is_int(try(&trial), SIGKILL,
	    "with a parent that is gone the child kills itself");
}

#else

static void
test_parent(void)
{
	elsewhere("die_with_parent", "no prctl(2)");
}

#endif

/* --- steps that fail ------------------------------------------------------ */

/* The child fails at step with error, about descriptor number. */
static void
fails(struct trial *trial, enum exec_step step, int error, int number,
    const char *name)
{
	const struct exec_failure *failure = &outcome->failure;
	int status = try(trial);

	if (!ok(status == 0 && failure->step == step &&
	    failure->error == error && (step != STEP_PLACE ||
	    failure->number == number), name))
		printf("# status %d, step %d, '%s', number %d\n", status,
		    (int)failure->step, strerror(failure->error),
		    failure->number);
}

static int
fail_open(void)
{
	open_fails = true;
	return 0;
}

static int
fail_prctl(void)
{
	prctl_fails = true;
	return 0;
}

static int
fail_sigprocmask(void)
{
	sigprocmask_fails = true;
	return 0;
}

static int
close_error_output(void)
{
	return close(STDERR_FILENO);
}

static void
test_parent_fails(void)
{
	int number = 3;
	struct fd_list fds = { &number, 1 };
	struct trial trial = make_trial(no_command, &fds);

	trial.command.die_with_parent = true;
	trial.prepare = fail_prctl;
#ifdef HAVE_SYS_PRCTL_H
	fails(&trial, STEP_PARENT, EPERM, -1,
	    "a parent-death signal that is refused is STEP_PARENT");
#else
	fails(&trial, STEP_PARENT, ENOSYS, -1,
	    "without prctl(2) die_with_parent is STEP_PARENT");
#endif
}

static void
test_standard_fails(void)
{
	int number = 3;
	struct fd_list fds = { &number, 1 };
	struct trial trial = make_trial(no_command, &fds);

	trial.command.null_input = true;
	trial.prepare = fail_open;
	fails(&trial, STEP_NULL, ENOENT, -1,
	    "a /dev/null that cannot be opened is STEP_NULL");
	number = 0;
	fails(&trial, STEP_EXEC, ENOENT, -1, "a chosen 0 needs no /dev/null");

	number = 3;
	trial = make_trial(no_command, &fds);
	trial.command.error_output = true;
	trial.prepare = close_error_output;
	fails(&trial, STEP_PLACE, EBADF, 1,
	    "standard error that cannot be duplicated is STEP_PLACE, of 1");
	number = 1;
	fails(&trial, STEP_EXEC, ENOENT, -1,
	    "a chosen 1 needs no standard error");
}

static void
test_end_fails(void)
{
	int numbers[] = { 3, 1 << 30 };
	struct fd_list fds = { numbers, COUNT(numbers) };
	struct trial trial = make_trial(no_command, &fds);

	fails(&trial, STEP_PLACE, EBADF, 1 << 30,
	    "a number past the limit is STEP_PLACE, of that number");
	trial.command.end = 99;
	fails(&trial, STEP_PLACE, EBADF, 3,
	    "an end that is not open is STEP_PLACE, of the first number");
}

static void
test_signals_fail(void)
{
	int number = 3;
	struct fd_list fds = { &number, 1 };
	struct trial trial = make_trial(no_command, &fds);

	trial.prepare = fail_sigprocmask;
	fails(&trial, STEP_SIGNALS, EPERM, -1,
	    "signals that cannot be restored are STEP_SIGNALS");
}

/* --- exec fails ----------------------------------------------------------- */

/* An argument can have 32 pages on Linux, see execve(2). */
static char large[16 * 1048576];

static void
test_exec(void)
{
	char path[] = "/tmp/sockpair-unit.XXXXXX";
	char below[60], absent[] = "no-such-command-here", root[] = "/";
	char *argv[] = { NULL, NULL, NULL };
	int number = 3;
	struct fd_list fds = { &number, 1 };
	struct trial trial = make_trial(argv, &fds);
	int file = mkstemp(path);
	int status;

	need(file != -1 && write(file, "exit 7\n", 7) == 7, "mkstemp");
	close(file);
	snprintf(below, sizeof(below), "%s/below", path);
	argv[0] = absent;
	fails(&trial, STEP_EXEC, ENOENT, -1,
	    "a name that is not in PATH is ENOENT");
	argv[0] = below;
	fails(&trial, STEP_EXEC, ENOTDIR, -1, "a path below a file is ENOTDIR");
	argv[0] = root;
	fails(&trial, STEP_EXEC, EACCES, -1, "a directory is EACCES");
	argv[0] = path;
	fails(&trial, STEP_EXEC, EACCES, -1,
	    "a file that is not executable is EACCES");
	chmod(path, 0700);
	/* The GNU C library runs it with sh, musl does not. */
	status = try(&trial);
	ok(outcome->returned ? outcome->failure.step == STEP_EXEC &&
	    outcome->failure.error == ENOEXEC : status == 7 << 8,
	    "a file without #! is run by sh, or is ENOEXEC");
	unlink(path);
	memset(large, 'x', sizeof(large) - 1);
	argv[0] = (char[]){ "/bin/sh" };
	argv[1] = large;
	/* Valgrind cannot go on after this failure of exec. */
	if (is_under_valgrind())
		elsewhere("too large an argument is E2BIG", "valgrind");
	else
		fails(&trial, STEP_EXEC, E2BIG, -1,
		    "too large an argument is E2BIG");
}

int
main(void)
{
	/* A folder that we may not search would give another error. */
	setenv("PATH", "/usr/bin:/bin", 1);
	outcome = mmap(NULL, sizeof(*outcome), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	need(outcome != MAP_FAILED, "mmap");
	note_entry();
	need(signals_open(&signals) == 0, "signals_open");
	test_standard(false, false, "0 to 2, if not chosen, are ours");
	test_standard(true, false, "with null_input 0 is /dev/null");
	test_standard(false, true, "with error_output 1 is standard error");
	test_standard(true, true, "with both options both are replaced");
	test_chosen();
	test_pipes();
	test_commands();
	test_signals();
	test_parent();
	test_parent_fails();
	test_standard_fails();
	test_end_fails();
	test_signals_fail();
	test_exec();
	signals_close(&signals);
	return done_testing();
}
