/* SPDX-License-Identifier: MIT */
/*
 * The whole program, again and again, with one call after the other that fails:
 * allocations, system calls before a command is started, and those that its
 * process makes before it becomes the command.  Each is told in one line, and
 * nothing is run, but for the few that can be done without.  The linker puts
 * the functions here before the library's (ld --wrap).
 */
int sockpair_main(int, char **);
#define main sockpair_main
#include "main.c"
#undef main

#include <sys/mman.h>
#include <sys/stat.h>

#include <stdarg.h>

#include "failing.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define WORDS 24

/* What is to fail, and whose calls are counted. */
enum place {
	MEMORY,
	BEFORE,			/* calls before the last command has begun */
	WITHIN,			/* calls between vfork and exec */
};

static enum place place;
static unsigned int forks;	/* until the last command has begun */
static pid_t first;		/* sockpair's own process */

static bool
allocation_fails(void)
{
	return place == MEMORY && fails_now(ENOMEM);
}

static bool
call_fails(void)
{
	return place == (getpid() == first ? BEFORE : WITHIN) &&
	    fails_now(EIO);
}

WRAP(char *, strdup, (const char *text), (text), allocation_fails, NULL)
WRAP(int, setenv, (const char *name, const char *value, int overwrite),
    (name, value, overwrite), allocation_fails, -1)
WRAP(int, putenv, (char *text), (text), allocation_fails, -1)
WRAP(void *, mmap, (void *at, size_t size, int protection, int flags, int fd,
    off_t offset), (at, size, protection, flags, fd, offset),
    allocation_fails, MAP_FAILED)

WRAP(int, socketpair, (int domain, int type, int protocol, int ends[2]),
    (domain, type, protocol, ends), call_fails, -1)
WRAP(int, getsockopt, (int fd, int level, int option, void *value,
    socklen_t *size), (fd, level, option, value, size), call_fails, -1)
WRAP(int, pipe2, (int ends[2], int flags), (ends, flags), call_fails, -1)
WRAP(int, dup2, (int from, int to), (from, to), call_fails, -1)
WRAP(int, sigprocmask, (int how, const sigset_t *set, sigset_t *old),
    (how, set, old), call_fails, -1)
WRAP(int, signalfd, (int fd, const sigset_t *set, int flags),
    (fd, set, flags), call_fails, -1)
WRAP(int, fstat, (int fd, struct stat *status), (fd, status), call_fails, -1)
/* The parent has ended: then there is another. */
WRAP(pid_t, getppid, (void), (), call_fails, 1)
WRAP(int, execvp, (const char *file, char *const argv[]), (file, argv),
    call_fails, -1)

int __real_setsockopt(int, int, int, const void *, socklen_t);
int __wrap_setsockopt(int, int, int, const void *, socklen_t);
int __real_sigaction(int, const struct sigaction *, struct sigaction *);
int __wrap_sigaction(int, const struct sigaction *, struct sigaction *);
ssize_t __real_sendmsg(int, const struct msghdr *, int);
ssize_t __wrap_sendmsg(int, const struct msghdr *, int);
pid_t __wrap_vfork(void);
int __real_open(const char *, int, ...);
int __wrap_open(const char *, int, ...);
int __real_fcntl(int, int, ...);
int __wrap_fcntl(int, int, ...);
int __real_ioctl(int, unsigned long, ...);
int __wrap_ioctl(int, unsigned long, ...);
int __real_prctl(int, ...);
int __wrap_prctl(int, ...);

int
__wrap_setsockopt(int fd, int level, int option, const void *value,
    socklen_t size)
{
#ifdef SO_SNDBUFFORCE
	/* So that all is as for a user who is not root. */
	if (option == SO_SNDBUFFORCE) {
		errno = EPERM;
		return -1;
	}
#endif
	return call_fails() ? -1 :
	    __real_setsockopt(fd, level, option, value, size);
}

/* To ask what is set is no call that could fail. */
int
__wrap_sigaction(int number, const struct sigaction *action,
    struct sigaction *old)
{
	return action != NULL && call_fails() ? -1 :
	    __real_sigaction(number, action, old);
}

/* When an end has been passed on, what is put back matters to nobody. */
ssize_t
__wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
	if (place == BEFORE)
		left = 0;
	return __real_sendmsg(fd, message, flags);
}

pid_t
__wrap_vfork(void)
{
	/* What vfork(2) gives cannot be returned from a function. */
	pid_t pid = call_fails() ? -1 : fork();

	if (pid > 0 && --forks == 0 && place == BEFORE)
		left = 0;
	return pid;
}

int
__wrap_open(const char *path, int flags, ...)
{
	va_list rest;
	unsigned int mode;

	va_start(rest, flags);
	mode = flags & O_CREAT ? va_arg(rest, unsigned int) : 0;
	va_end(rest);
	return call_fails() ? -1 : __real_open(path, flags, mode);
}

/* Below, what comes third is a number or a pointer. */

int
__wrap_fcntl(int fd, int command, ...)
{
	va_list rest;
	void *argument;

	va_start(rest, command);
	argument = va_arg(rest, void *);
	va_end(rest);
	/* Whether a descriptor is open is no call that could fail otherwise. */
	return command != F_GETFD && call_fails() ? -1 :
	    __real_fcntl(fd, command, argument);
}

int
__wrap_ioctl(int fd, unsigned long command, ...)
{
	va_list rest;
	void *argument;

	va_start(rest, command);
	argument = va_arg(rest, void *);
	va_end(rest);
	return call_fails() ? -1 : __real_ioctl(fd, command, argument);
}

int
__wrap_prctl(int command, ...)
{
	va_list rest;
	unsigned long argument;

	va_start(rest, command);
	argument = va_arg(rest, unsigned long);
	va_end(rest);
	return call_fails() ? -1 : __real_prctl(command, argument, 0, 0, 0);
}

/* Counted beyond the fork: what fails there leaves a command that runs. */
#define PASSING 3

struct row {
	const char *options[WORDS];
	unsigned int forks;	/* commands, or PASSING */
	/* At most so many failures can be done without, by place. */
	unsigned int without[WITHIN + 1];
	bool closes_input;	/* before all */
	bool dies;		/* with its parent */
};

struct attempt {
	const struct row *row;
	unsigned int failing;	/* which call, from 1 on */
	char *argv[WORDS + 4];
};

/* As run_child() wants it: what sockpair says, or 99: it has left a child. */
static int
run(void *argument)
{
	struct attempt *now = argument;
	int ends[2];
	int argc = 0;
	int status;

	/* Somebody to pass a descriptor to. */
	need(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0 &&
	    dup2(ends[1], STDOUT_FILENO) != -1, "standard output");
	need(freopen("/dev/null", "r", stdin) != NULL, "standard input");
	if (now->row->closes_input)
		close(STDIN_FILENO);
	while (now->argv[argc] != NULL)
		argc++;
	first = getpid();
	forks = now->row->forks;
	left = now->failing;
	status = sockpair_main(argc, now->argv);
	left = 0;
	if (now->row->forks == PASSING)
		waitpid(-1, NULL, 0);
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ?
	    status : 99;
}

/*
 * Whether one line of ours, in one write, tells the reason.  A trace on
 * standard error may add that no command could be run.
 */
static bool
is_one_line(const struct capture *said)
{
	static const char begin[] = "sockpair: cannot ";
	const char *reason = strerror(place == MEMORY ? ENOMEM : EIO);
	const char *newline = strchr(said->text, '\n');
	char end[60];

	if (newline == NULL || strncmp(said->text, begin, strlen(begin)) != 0)
		return false;
	snprintf(end, sizeof(end), ": %s\n", reason);
	if (newline[1] == '\0')
		return said->writes == 1 && said->size > strlen(begin) +
		    strlen(end) && strcmp(newline + 1 - strlen(end), end) == 0;
	return said->writes == 2 && strncmp(newline + 1, "* ", 2) == 0;
}

/* Whether a command is lost with its parent before it has begun. */
static bool
dies_with_parent(const struct attempt *now, int status)
{
	return place == WITHIN && now->row->dies && WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGKILL;
}

/* The verdict on one run. */
enum verdict {
	UNDISTURBED,		/* it needed fewer calls */
	TOLD,
	LOST,			/* with its parent, before it had begun */
	DONE_WITHOUT,		/* all is as if it had not failed */
	WRONG
};

static enum verdict
try(struct attempt *now)
{
	struct capture said;
	int status;
	bool ran;

	*has_failed = false;
	unlink("ran");
	capture_begin(&said, STDERR_FILENO);
	status = run_child(run, now);
	capture_end(&said);
	ran = access("ran", F_OK) == 0;
	if (status == 0 && !*has_failed)
		return UNDISTURBED;
	if (*has_failed && is_one_line(&said) && WIFEXITED(status) &&
	    (WEXITSTATUS(status) == EXIT_FAILED ||
	    (WEXITSTATUS(status) == EXIT_NOT_RUN && place == WITHIN)) &&
	    (!ran || now->row->forks == PASSING))
		return TOLD;
	if (dies_with_parent(now, status) && said.size == 0 && !ran)
		return LOST;
	if (status == 0 && strstr(said.text, "cannot") == NULL && ran)
		return DONE_WITHOUT;
	printf("# call %u: wait status %d, '%s'%s\n", now->failing,
	    status, said.text, ran ? ", and it ran" : "");
	return WRONG;
}

/* All runs of a row for one place. */
static void
try_all(struct attempt *now, const char *options)
{
	static const char *const names[] = {
		[MEMORY] = "no allocation",
		[BEFORE] = "no call before the start",
		[WITHIN] = "no call of what becomes the command",
	};
	/* At least, so that something is counted at all. */
	static const unsigned int least[] = {
		[MEMORY] = 5, [BEFORE] = 6, [WITHIN] = 3
	};
	unsigned int verdicts[WRONG + 1] = { 0 };
	enum verdict verdict;
	char name[400];

	now->failing = 0;
	do {
		now->failing++;
		verdict = try(now);
		verdicts[verdict]++;
	} while (verdict != UNDISTURBED && verdict != WRONG);
	snprintf(name, sizeof(name), "%s may fail unnoticed%s:%s",
	    names[place], for_ever ? ", nor all from it on" : "", options);
	if (!ok(verdict == UNDISTURBED && verdicts[TOLD] >= least[place] &&
	    verdicts[LOST] == (place == WITHIN && now->row->dies) &&
	    verdicts[DONE_WITHOUT] <= now->row->without[place], name))
		printf("# told: %u, lost: %u, done without: %u\n",
		    verdicts[TOLD], verdicts[LOST], verdicts[DONE_WITHOUT]);
}

static void
try_row(const struct row *row)
{
	struct attempt now = { .row = row, .argv = { (char *)"sockpair" } };
	char options[300] = "";
	int turn;
	size_t i;

	for (i = 0; row->options[i] != NULL; i++) {
		now.argv[i + 1] = (char *)row->options[i];
		strcat(strcat(options, " "), row->options[i]);
	}
	now.argv[i + 1] = (char *)"touch";
	now.argv[i + 2] = (char *)"ran";
	for (turn = 0; turn < 2; turn++) {
		for_ever = turn > 0;
		for (place = MEMORY; place <= WITHIN; place++)
			try_all(&now, options);
	}
}

/*
 * What is done without: mailboxes, so that messages go one at a time; larger
 * buffers, or their size before; the marks of empty messages; one number beyond
 * those that are chosen, as there may be one below; the width of a terminal;
 * what kind of file a trace is in; whether standard error is open for writing;
 * the number of the file that is a command's end; the mask and dispositions
 * that keys_end() restores, between two commands or before a descriptor is
 * passed.
 */
static const struct row rows[] = {
	{ { NULL }, 1, { 0, 0, 0 }, false, false },
	{ { "-d", "3,4,5,6,7,8", "-b", "64K", "-E", "A", "-E", "B", "-k", "1",
	    "--linger=1", "-T", "60", "--no-shutdown" }, 1, { 0, 3, 0 },
	    false, false },
	{ { "--listen-fds" }, 1, { 0, 0, 0 }, true, false },
	{ { "-t", "seqpacket", "-F", "u32", "--max-message=1000" }, 1,
	    { 1, 3, 0 }, false, false },
	{ { "-t", "dgram", "-0" }, 1, { 1, 3, 0 }, false, false },
	{ { "-t", "raw" }, 1, { 1, 3, 0 }, false, false },
	{ { "-W", "lsp", "-F", "netstring" }, 1, { 0, 0, 0 }, false, false },
	{ { "-v", "-x", "-o", "trace", "-o", "trace.jsonl", "-a",
	    "--format=pcapng", "-o", "capture", "--stats" }, 1, { 0, 8, 0 },
	    false, false },
	{ { "-o", "trace", "-d", "3,4,5,6,7,8,9,10" }, 1, { 0, 9, 0 }, false,
	    false },
	{ { "--stats", "--progress", "-s", "3", "--time=none" }, 1,
	    { 0, 1, 0 }, false, false },
	{ { "-p", "true", "-D", "3", "--pipefail" }, 2, { 0, 6, 0 }, false,
	    false },
	{ { "-p", "true", "-T", "60" }, 2, { 0, 6, 0 }, false, false },
	{ { "-p", "true", "-T", "60", "-t", "seqpacket" }, 2, { 2, 14, 0 },
	    false, false },
	{ { "-p", "true", "-o", "trace", "-t", "dgram" }, 2, { 2, 14, 0 },
	    false, false },
	{ { "-P", "-d", "5", "-E", "A" }, PASSING, { 0, 6, 0 }, false, false },
#ifdef HAVE_SYS_PRCTL_H
	{ { "--die-with-parent", "-d", "7" }, 1, { 0, 1, 0 }, false, true },
#endif
};

int
main(void)
{
	char directory[] = "/tmp/sockpair-unit.XXXXXX";
	char command[80];
	size_t count;
	size_t i;
	int fd;

	signal(SIGHUP, SIG_DFL);	/* nohup(1) ignores it */
	/* So that the numbers are the same wherever this is run. */
	for (fd = 3; fd < 1024; fd++)
		close(fd);
	/* Neither aliases nor a message in another language. */
	need(mkdtemp(directory) != NULL && chdir(directory) == 0, "mkdtemp");
	setenv("HOME", directory, 1);
	setenv("LC_ALL", "C", 1);
	has_failed = mmap(NULL, sizeof(*has_failed), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	need(has_failed != MAP_FAILED, "mmap");
	/* Valgrind, which takes minutes for all, is silent in children. */
	count = is_under_valgrind() ? 1 : COUNT(rows);
	for (i = 0; i < count; i++)
		try_row(&rows[i]);
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	need(chdir("/") == 0 && system(command) == 0, "rm");
	return done_testing();
}
