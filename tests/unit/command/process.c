/* SPDX-License-Identifier: MIT */
/*
 * The descriptions of processes that do one thing each, and the search for
 * processes that have an end of a child open.
 */
#include "config.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "base/clock.h"
#include "command/process.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define NUMBER 9		/* where the child has its end */
#define NONE (-1)		/* no such descriptor */

static char block[65536];
static char fifo[60];
static int ends[2];		/* a socket pair; ends[1] is the child's */
static struct child child;
static struct process shown;
static bool sees;		/* whether we see the system call of a child */

/* The clock stands still, unless each look at it adds something. */
static int64_t clock_time = SECOND;
static int64_t clock_step;

int64_t __wrap_clock_read(clockid_t clock);

int64_t
__wrap_clock_read(clockid_t clock)
{
	(void)clock;
	clock_time += clock_step;
	return clock_time;
}

static void
read_end(void)
{
	(void)!read(NUMBER, block, 1);
}

#ifndef SYS_socketcall	/* else recv(2) may be a part of it */
static void
receive_from_end(void)
{
	(void)!recv(NUMBER, block, 1, 0);
}

static void
send_to_duplicate(void)
{
	int fd = dup2(NUMBER, 12);

	while (send(fd, block, sizeof(block), 0) > 0)
		;
}
#endif

static void
write_to_end(void)
{
	while (write(NUMBER, block, sizeof(block)) > 0)
		;
}

static void
read_pipe(void)
{
	int fds[2];

	need(pipe(fds) == 0 && dup2(fds[0], 11) == 11, "pipe");
	(void)!read(11, block, 1);
}

static void
read_socket(void)
{
	int fds[2];

	need(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0 &&
	    dup2(fds[0], 11) == 11, "socketpair");
	(void)!read(11, block, 1);
}

static void
read_fifo(void)
{
	int fd = open(fifo, O_RDWR);

	need(fd != -1 && dup2(fd, 11) == 11, "FIFO");
	(void)!read(11, block, 1);
}

static void
poll_it(void)
{
	struct pollfd slot = { .fd = NUMBER, .events = POLLIN };

	(void)poll(&slot, 1, -1);
}

static void
select_it(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(NUMBER, &set);
	(void)select(NUMBER + 1, &set, NULL, NULL, NULL);
}

/* For a child of parent, which may have been killed already: end with it. */
static void
end_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
}

static void
wait_for_process(void)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid == 0) {
		end_with(parent);
		close(NUMBER);
		for (;;)
			pause();
	}
	(void)waitpid(pid, NULL, 0);
}

static void
sleep_it(void)
{
	sleep(60);
}

static void
pause_it(void)
{
	pause();
}

static void
run_it(void)
{
	for (;;)
		;
}

static void
stop_it(void)
{
	raise(SIGSTOP);
}

static void
end_it(void)
{
	_exit(0);
}

/* A system call that has no words. */
static void
lock_it(void)
{
	int fd = open(fifo, O_RDWR);
	struct flock lock = { .l_type = F_WRLCK };
	pid_t parent = getpid();
	pid_t pid;
	int fds[2];

	need(pipe(fds) == 0, "pipe");
	pid = fork();
	if (pid == 0) {
		end_with(parent);
		close(NUMBER);
		(void)!fcntl(fd, F_SETLK, &lock);
		(void)!write(fds[1], block, 1);
		for (;;)
			pause();
	}
	(void)!read(fds[0], block, 1);
	(void)fcntl(fd, F_SETLKW, &lock);
}

static void *
use_end(void *nothing)
{
	read_end();
	return nothing;
}

static void *
run_thread(void *nothing)
{
	run_it();
	return nothing;
}

/* Another thread reads the end, the first one waits for a signal. */
static void
thread_reads(void)
{
	pthread_t thread;

	need(pthread_create(&thread, NULL, use_end, NULL) == 0, "thread");
	pause();
}

static void
thread_runs(void)
{
	pthread_t thread;

	need(pthread_create(&thread, NULL, run_thread, NULL) == 0, "thread");
	pause();
}

/* The first thread has ended. */
static void
thread_is_left(void)
{
	pthread_t thread;

	need(pthread_create(&thread, NULL, use_end, NULL) == 0, "thread");
	pthread_exit(NULL);
}

static void *
pause_thread(void *nothing)
{
	pause();
	return nothing;
}

/* The first thread has ended, one sleeps, and one reads the end. */
static void
threads_are_left(void)
{
	pthread_t thread;

	need(pthread_create(&thread, NULL, pause_thread, NULL) == 0 &&
	    pthread_create(&thread, NULL, use_end, NULL) == 0, "thread");
	pthread_exit(NULL);
}

static volatile pid_t reading_thread;

static void *
read_other(void *nothing)
{
	reading_thread = (pid_t)syscall(SYS_gettid);
	(void)!read(11, block, 1);
	return nothing;
}

/* A thread reads what another one has closed meanwhile. */
static void
read_closed(void)
{
	struct system_call call;
	pthread_t thread;
	int fds[2];

	need(pipe(fds) == 0 && dup2(fds[0], 11) == 11, "pipe");
	need(pthread_create(&thread, NULL, read_other, NULL) == 0, "thread");
	while (sees && (reading_thread == 0 ||
	    !process_find_call(reading_thread, &call) || call.is_running ||
	    call.number != SYS_read))
		usleep(1000);
	close(11);
	pthread_exit(NULL);
}

/* Start the child that does one thing, which has its end at NUMBER. */
static void
begin(void (*act)(void))
{
	need(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0,
	    "socketpair");
	child = (struct child){ .pid = fork() };
	need(child.pid != -1, "fork");
	if (child.pid == 0) {
		alarm(60);
		dup2(ends[1], NUMBER);
		close(ends[1]);
		act();
		for (;;)
			pause();
	}
	child_note_ends(&child, ends[1], NONE);
	close(ends[1]);
}

static void
end(void)
{
	kill(child.pid, SIGKILL);
	waitpid(child.pid, NULL, 0);
	close(ends[0]);
}

/* The text about process pid, once it is want; or after ten seconds. */
static const char *
await_text(pid_t pid, const char *want)
{
	int turns;

	for (turns = 0; turns < 2000; turns++) {
		process_describe(pid, &child, &shown);
		if (strcmp(shown.text, want) == 0)
			break;
		usleep(5000);
	}
	/* The name may have been read before it was changed. */
	process_describe(pid, &child, &shown);
	return shown.text;
}

static bool
can_see(void)
{
#ifdef LINUX_EXTRAS
	struct system_call call;
	bool seen;

	begin(pause_it);
	seen = process_find_call(child.pid, &call);
	end();
	return seen;
#else
	return false;
#endif
}

/* The description of a process, if it can be inspected here. */
static const char *
or_unseen(const char *want)
{
	return sees ? want : "cannot be seen";
}

static void
test_one(void (*act)(void), const char *want)
{
	char name[PROCESS_TEXT_MAX + 40];

	want = or_unseen(want);
	snprintf(name, sizeof(name), "a process that %s", want);
	begin(act);
	is_str(await_text(child.pid, want), want, name);
	end();
}

static void
test_doings(void)
{
	static const struct {
		void (*act)(void);
		const char *want;
	} rows[] = {
		{ read_end, "in read on descriptor 9, its end of the pair" },
		{ write_to_end,
		    "in write on descriptor 9, its end of the pair" },
		{ read_pipe, "in read on descriptor 11, a pipe" },
		{ read_socket, "in read on descriptor 11, a socket" },
		{ poll_it, "waits for events" },
		{ select_it, "waits for events" },
		{ wait_for_process, "waits for a process" },
		{ sleep_it, "sleeps" },
		{ pause_it, "sleeps" },
		{ run_it, "runs" },
#ifndef SYS_socketcall
		{ receive_from_end,
		    "in read on descriptor 9, its end of the pair" },
		{ send_to_duplicate,
		    "in write on descriptor 12, its end of the pair" },
#endif
	};
	char want[PROCESS_TEXT_MAX];
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		test_one(rows[i].act, rows[i].want);
	snprintf(want, sizeof(want), "in read on descriptor 11, %s", fifo);
	test_one(read_fifo, want);
#if defined(SYS_fcntl) && !defined(SYS_fcntl64)
	snprintf(want, sizeof(want), "in system call %d", SYS_fcntl);
	test_one(lock_it, want);
#else
	(void)lock_it;
#endif
}

static void
test_states(void)
{
	test_one(stop_it, "is stopped");
	test_one(end_it, "has ended");
}

/* What was opened of /proc is closed again. */
static void
test_descriptors(void)
{
	struct process found[2];
	bool is_cut;
	int before;

	begin(stop_it);
	before = count_descriptors();
	process_describe(child.pid, &child, &found[0]);
	process_find_holders(&child, found, 2, &is_cut);
	is_int(count_descriptors(), before, "no file of /proc stays open");
	end();
	begin(threads_are_left);
	before = count_descriptors();
	await_text(child.pid,
	    or_unseen("in read on descriptor 9, its end of the pair"));
	is_int(count_descriptors(), before, "nor those of threads");
	end();
}

static void
test_threads(void)
{
	static const char reads[] =
	    "in read on descriptor 9, its end of the pair";

	test_one(thread_reads, reads);
	test_one(thread_runs, "runs");
	test_one(thread_is_left, reads);
	test_one(threads_are_left, reads);
	test_one(read_closed,
	    "in read on descriptor 11, which cannot be seen");
}

#if defined(LINUX_EXTRAS) && defined(MAP_32BIT) && \
    UINTPTR_MAX > UINT32_MAX

static int
read_on_low_stack(void *nothing)
{
	(void)nothing;
	alarm(60);
	dup2(ends[1], NUMBER);
	read_end();
	return 0;
}

/*
 * The kernel numbers the system calls of a program of 32 bits differently.  The
 * stack of such a program is below 4 GiB, and of this process, too.
 */
static void
test_foreign(void)
{
	const char *name = "a number of another ABI is not looked up";
	char want[PROCESS_TEXT_MAX];
	char *stack;

	if (is_under_valgrind()) {
		elsewhere(name, "valgrind");
		return;
	}
	stack = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	need(stack != MAP_FAILED && socketpair(AF_UNIX, SOCK_STREAM |
	    SOCK_CLOEXEC, 0, ends) == 0, "stack");
	child = (struct child){ 0 };
	child.pid = clone(read_on_low_stack, stack + (1 << 20), SIGCHLD, NULL);
	need(child.pid != -1, "clone");
	child_note_ends(&child, ends[1], NONE);
	snprintf(want, sizeof(want), "in system call %d", SYS_read);
	is_str(await_text(child.pid, or_unseen(want)), or_unseen(want), name);
	close(ends[1]);
	end();
	munmap(stack, 1 << 20);
}

#else

static void
test_foreign(void)
{
}

#endif

static void
test_unseen(void)
{
	pid_t pid;

	begin(pause_it);
	end();
	process_describe(child.pid, &child, &shown);
	is_str(shown.text, "cannot be seen", "a process that is gone");
	is_str(shown.name, "?", "a process that is gone has no name");
	pid = child.pid;
	is_int(shown.pid, pid, "a process that is gone keeps its number");
}

static void
rename_it(void)
{
	prctl(PR_SET_NAME, "a\nb) T \033\n");
	read_end();
}

static void
unname_it(void)
{
	prctl(PR_SET_NAME, "");
	read_end();
}

static void
test_names(void)
{
	const char *reads = "in read on descriptor 9, its end of the pair";

	if (!sees) {
		skip("the names of processes", "no /proc/PID/syscall");
		return;
	}
	begin(rename_it);
	is_str(await_text(child.pid, reads), reads,
	    "a name is not taken for a state");
	is_str(shown.name, "a\nb) T \033\n", "a name is kept unchanged");
	end();
	begin(unname_it);
	(void)await_text(child.pid, reads);
	is_str(shown.name, "?", "a process may have no name");
	end();
}

/* Fork a process that has descriptor fd, unless that is NONE. */
static pid_t
fork_holder(int fd)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	need(pid != -1, "fork");
	if (pid == 0) {
		end_with(parent);
		if (fd != ends[0])
			close(ends[0]);
		if (fd != ends[1])
			close(ends[1]);
		for (;;)
			pause();
	}
	return pid;
}

/* Find at most most holders; whether they are those in want, in any order. */
static bool
finds(size_t most, const pid_t *want, size_t count, bool cut)
{
	struct process found[8];
	size_t i, j, right = 0;
	bool is_cut;

	if (process_find_holders(&child, found, most, &is_cut) != count)
		return false;
	for (i = 0; i < count; i++)
		for (j = 0; j < count; j++)
			right += found[i].pid == want[j] &&
			    strcmp(found[i].text, or_unseen("sleeps")) == 0;
	return right == count && is_cut == cut;
}

static void
end_holders(const pid_t *pids, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
}

static void
test_holders(void)
{
	pid_t pids[4];
	size_t i;

	if (!sees) {
		ok(finds(8, NULL, 0, false), "no holders can be found");
		return;
	}
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
	child = (struct child){ 0 };
	child_note_ends(&child, ends[1], NONE);
	for (i = 0; i < 4; i++)
		pids[i] = fork_holder(i == 1 ? ends[0] : ends[1]);
	for (i = 0; i < 4; i++)
		(void)await_text(pids[i], "sleeps");
	child.pid = pids[0];
	ok(finds(8, pids + 2, 2, false), "other holders of the end are found, "
	    "but neither we nor holders of the other end");
	child.pid = pids[3];
	ok(finds(8, (pid_t[]){ pids[0], pids[2] }, 2, false),
	    "those that are older than the child are found as well");
	child.pid = pids[0];
	ok(finds(2, pids + 2, 2, false), "as many as there is room for");
	ok(finds(1, pids + 2, 1, true), "or fewer, and that there are more");
	end_holders(pids + 3, 1);
	ok(finds(8, pids + 2, 1, false), "one that has ended is none");
	clock_step = SECOND;
	ok(finds(8, NULL, 0, true),
	    "the search ends after a time, and there may be more");
	clock_step = 0;
	end_holders(pids, 3);
	close(ends[0]);
	close(ends[1]);
}

/* A command with two pipes has two ends. */
static void
test_pipes(void)
{
	const char *want = "in read on descriptor 9, its end of the pipe";
	int other[2];

	if (!sees)
		return;
	need(pipe2(ends, O_CLOEXEC) == 0 && pipe2(other, O_CLOEXEC) == 0,
	    "pipe");
	child = (struct child){ .pid = fork() };
	if (child.pid == 0) {
		dup2(ends[0], NUMBER);
		close(ends[1]);
		read_end();
		_exit(0);
	}
	child_note_ends(&child, ends[0], other[1]);
	is_str(await_text(child.pid, want), want, "a command with two pipes");
	kill(child.pid, SIGKILL);
	waitpid(child.pid, NULL, 0);
}

int
main(void)
{
	alarm(300);
	snprintf(fifo, sizeof(fifo), "/tmp/sockpair-process.%ld",
	    (long)getpid());
	unlink(fifo);
	need(mkfifo(fifo, 0600) == 0, "mkfifo");
	sees = can_see();
	test_doings();
	test_states();
	test_descriptors();
	test_threads();
	test_foreign();
	test_unseen();
	test_names();
	test_holders();
	test_pipes();
	unlink(fifo);
	return done_testing();
}
