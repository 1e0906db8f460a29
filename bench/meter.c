/* SPDX-License-Identifier: MIT */
/*
 * Measures: starts commands, waits for them, and prints figures as words NAME
 * VALUE on one line.
 *
 *	meter start RUNS COMMAND...
 *		us: microseconds from fork to reaping, the median of RUNS runs;
 *		cpu: mean processor seconds of a run; kib: the peak memory
 *		of the largest process in it
 *	meter trip SIZE ROUNDS COMMAND...
 *		us, us99: microseconds from a write of SIZE bytes to COMMAND
 *		until as much has come back, the median and the 99th percentile;
 *		switches: context switches of its processes in a trip; s:
 *		seconds of all trips
 *	meter mail SIZE COUNT WINDOW COMMAND...
 *		s: seconds in which COUNT messages of SIZE bytes went to COMMAND
 *		and came back, at most WINDOW of them in flight
 *	meter peak BYTES COMMAND...
 *		kib: the peak memory of COMMAND's own process once BYTES bytes
 *		have gone through it and come back
 *	meter flow COMMAND... [, COMMAND...]...
 *		s, cpu: seconds, and seconds of processor time, that a pipeline
 *		of commands took
 *
 * Options before these: -s TYPE uses a socket (stream, seqpacket, dgram) in
 * place of each pipe, and one in place of two pipes; -w enlarges the pipes to
 * 1 MiB; -i FILE and -o FILE replace /dev/null at the two ends of a flow; -f
 * frames mail (the size before each message, in four bytes); -c CPU pins the
 * meter itself; -t SECONDS limits the whole run (60).  A COMMAND whose first
 * word is @CPU is pinned to that processor.
 *
 * -m: a flow lasts until load, one of its commands, signals that all has come.
 * -k: the commands that still run then are killed, and so is COMMAND of mail;
 * their statuses are ignored.
 *
 * It is linked statically and small, since the peak memory of a process
 * includes the memory that it shared with the process that started it.
 */
#define _GNU_SOURCE		/* pipe2, sched_setaffinity, vfork */

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STAGES 16
#define WIDE (1 << 20)
#define FRAME 4
#define WARM_STARTS 5
#define WARM_TRIPS 200

static int socket_type = -1;	/* of what takes the place of pipes */
static bool wide, framed, marked, ended;
static const char *first_input = "/dev/null";
static const char *last_output = "/dev/null";

static sigset_t inherited;	/* the mask for commands */
static pid_t running[STAGES];
static size_t running_count;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static unsigned long
number(const char *text)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0')
		errx(2, "'%s' is not a number", text);
	return value;
}

static int
by_size(const void *one, const void *other)
{
	const double *a = one, *b = other;

	return (*a > *b) - (*a < *b);
}

/* Nothing that hangs may hold up the rest: end what was started. */
static void
on_alarm(int signo)
{
	size_t i;

	(void)signo;
	for (i = 0; i < running_count; i++)
		kill(running[i], SIGKILL);
	_exit(3);
}

static void
pin(unsigned long cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof set, &set) == -1)
		_exit(126);
}

/* Whether argv begins with @CPU: then the command is the rest of it. */
static bool
is_pinned(char *const *argv)
{
	return argv[0][0] == '@';
}

/*
 * The child's part.  It runs in the parent's memory (vfork) and changes
 * nothing there; signal dispositions are its own.
 */
static void
become(char *const *argv, int in, int out)
{
	if (is_pinned(argv))
		pin((unsigned long)atol(argv[0] + 1));
	if (dup2(in, STDIN_FILENO) == -1 || dup2(out, STDOUT_FILENO) == -1)
		_exit(126);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &inherited, NULL);
	execvp(argv[is_pinned(argv)], argv + is_pinned(argv));
	_exit(127);
}

/* Start argv with in and out, which are CLOEXEC, as its 0 and 1. */
static pid_t
start(char *const *argv, int in, int out)
{
	pid_t pid = vfork();

	if (pid == 0)
		become(argv, in, out);
	if (pid == -1)
		err(1, "cannot fork");
	running[running_count++] = pid;
	return pid;
}

/* Wait for the latest command started; it must have succeeded. */
static void
finish(char *const *argv)
{
	int status;
	pid_t pid = running[--running_count];

	if (waitpid(pid, &status, 0) == -1)
		err(1, "cannot wait");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(1, "'%s' ended with wait status %d",
		    argv[is_pinned(argv)], status);
}

/* A channel: what is written to ends[1] is read from ends[0]. */
static void
channel(int *ends)
{
	int failed;

	failed = socket_type != -1 ?
	    socketpair(AF_UNIX, socket_type | SOCK_CLOEXEC, 0, ends) :
	    pipe2(ends, O_CLOEXEC);
	if (failed)
		err(1, "cannot make a channel");
	if (wide && fcntl(ends[1], F_SETPIPE_SZ, WIDE) == -1)
		err(1, "cannot widen a pipe");
}

static int
open_end(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd == -1)
		err(1, "cannot open '%s'", path);
	return fd;
}

/* Wait for what a command has left to us. */
static void
reap(void)
{
	while (wait(NULL) > 0)
		;
}

/* End all that we have started, and what that has: we lead their group. */
static void
end_all(void)
{
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	reap();
	running_count = 0;
}

static double
cpu_seconds(void)
{
	struct rusage used;

	getrusage(RUSAGE_CHILDREN, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void
measure_start(unsigned long runs, char *const *argv)
{
	struct rusage used;
	double *times, begin, cpu = 0;
	unsigned long i;
	int in = open_end("/dev/null", O_RDONLY);
	int out = open_end("/dev/null", O_WRONLY);

	times = calloc(runs, sizeof *times);
	if (times == NULL)
		err(1, "no memory");
	for (i = 0; i < runs + WARM_STARTS; i++) {
		if (i == WARM_STARTS)
			cpu = cpu_seconds();
		begin = now();
		start(argv, in, out);
		finish(argv);
		if (i >= WARM_STARTS)
			times[i - WARM_STARTS] = (now() - begin) * 1e6;
		/* What the command left to us must not run into the next. */
		reap();
	}
	cpu = (cpu_seconds() - cpu) / (double)runs;
	qsort(times, runs, sizeof *times, by_size);
	getrusage(RUSAGE_CHILDREN, &used);
	printf("us %.1f cpu %.9f kib %ld\n", times[runs / 2], cpu,
	    used.ru_maxrss);
	free(times);
}

/* Start argv with both of its descriptors on us: *to it and *from it. */
static pid_t
start_between(char *const *argv, int *to, int *from)
{
	int there[2], back[2];
	pid_t pid;

	channel(there);
	if (socket_type != -1) {
		pid = start(argv, there[0], there[0]);
		*from = there[1];
	} else {
		channel(back);
		pid = start(argv, there[0], back[1]);
		close(back[1]);
		*from = back[0];
	}
	close(there[0]);
	*to = there[1];
	return pid;
}

static void
end_between(char *const *argv, int to, int from)
{
	if (socket_type != -1)
		shutdown(to, SHUT_WR);
	else
		close(to);
	finish(argv);
	close(from);
}

static void
put(int to, const char *data, size_t size)
{
	size_t done;
	ssize_t n;

	for (done = 0; done < size; done += (size_t)n) {
		n = write(to, data + done, size - done);
		if (n <= 0)
			err(1, "cannot write");
	}
}

/* One trip there and back of size bytes, no more than a pipe holds. */
static void
trip(int to, int from, char *data, size_t size)
{
	size_t done;
	ssize_t n;

	put(to, data, size);
	for (done = 0; done < size; done += (size_t)n) {
		n = read(from, data + done, size - done);
		if (n <= 0)
			errx(1, "the answer did not come");
	}
}

static void
measure_trip(size_t size, unsigned long rounds, char *const *argv)
{
	struct rusage used;
	double *times, begin, all = 0;
	unsigned long i;
	char *data;
	int to, from;

	times = calloc(rounds, sizeof *times);
	data = calloc(1, size);
	if (times == NULL || data == NULL)
		err(1, "no memory");
	start_between(argv, &to, &from);
	for (i = 0; i < rounds + WARM_TRIPS; i++) {
		begin = now();
		trip(to, from, data, size);
		if (i < WARM_TRIPS)
			continue;
		times[i - WARM_TRIPS] = (now() - begin) * 1e6;
		all += times[i - WARM_TRIPS];
	}
	end_between(argv, to, from);
	reap();
	getrusage(RUSAGE_CHILDREN, &used);
	qsort(times, rounds, sizeof *times, by_size);
	printf("us %.2f us99 %.2f switches %.2f s %.6f\n", times[rounds / 2],
	    times[rounds * 99 / 100],
	    (double)(used.ru_nvcsw + used.ru_nivcsw) / (double)i, all / 1e6);
	free(times);
	free(data);
}

/*
 * Messages there and back.  Not framed and through pipes their boundaries are
 * not seen, and their bytes are counted.
 */
static void
exchange(int to, int from, const char *data, size_t size, unsigned long count,
    unsigned long window)
{
	static char answer[1 << 17];	/* more than a message */
	unsigned long sent = 0;
	size_t came = 0;
	ssize_t n;

	while (came < count * size) {
		for (; sent < count && sent - came / size < window; sent++)
			put(to, data, size);
		n = read(from, answer, sizeof answer);
		if (n <= 0)
			errx(1, "an answer did not come");
		if (socket_type != -1 && (size_t)n != size)
			errx(1, "a message of %zd bytes came", n);
		came += (size_t)n;
	}
	if (came != count * size)
		errx(1, "%zu bytes came", came);
}

static void
measure_mail(size_t size, unsigned long count, unsigned long window,
    char *const *argv)
{
	double begin;
	char *data;
	int to, from, i;
	size_t before = framed ? FRAME : 0;

	data = calloc(1, before + size);
	if (data == NULL)
		err(1, "no memory");
	if (framed)
		for (i = 0; i < FRAME; i++)
			data[i] = (char)(size >> 8 * (FRAME - 1 - i));
	start_between(argv, &to, &from);
	exchange(to, from, data, before + size, window, window);
	begin = now();
	exchange(to, from, data, before + size, count, window);
	printf("s %.6f", now() - begin);
	if (ended)
		end_all();
	else
		end_between(argv, to, from);
	reap();
	printf(" cpu %.6f\n", cpu_seconds());
	free(data);
}

/* The peak of the process itself, not of what it has started. */
static unsigned long
peak(pid_t pid)
{
	char name[64], line[256];
	unsigned long kib = 0;
	FILE *status;

	snprintf(name, sizeof name, "/proc/%ld/status", (long)pid);
	status = fopen(name, "r");
	if (status == NULL)
		err(1, "cannot open '%s'", name);
	while (fgets(line, sizeof line, status) != NULL)
		if (sscanf(line, "VmHWM: %lu", &kib) == 1)
			break;
	fclose(status);
	if (kib == 0)
		errx(1, "'%s' does not tell the peak", name);
	return kib;
}

static void
measure_peak(unsigned long bytes, char *const *argv)
{
	/* What fits into a pipe, so that nobody waits for anybody. */
	static char data[32768];
	int to, from;
	pid_t pid;
	unsigned long done;

	pid = start_between(argv, &to, &from);
	for (done = 0; done < bytes; done += sizeof data)
		trip(to, from, data, sizeof data);
	printf("kib %lu\n", peak(pid));
	end_between(argv, to, from);
}

/*
 * Whether a command, of which this is the last or is not, has ended so that
 * nothing more can come.
 */
static bool
is_over(pid_t pid, bool last)
{
	siginfo_t info = { .si_pid = 0 };

	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == -1)
		err(1, "cannot wait");
	return info.si_pid != 0 && (last || info.si_code != CLD_EXITED ||
	    info.si_status != 0);
}

/* Wait for load's word, which comes before its exit. */
static void
await_mark(char **const *stages, size_t count)
{
	siginfo_t info;
	sigset_t set, pending;
	size_t i;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGCHLD);
	while (sigwaitinfo(&set, &info) != SIGUSR1) {
		for (i = 0; i < count; i++)
			if (is_over(running[i], i == count - 1))
				break;
		sigpending(&pending);
		if (i < count && !sigismember(&pending, SIGUSR1))
			errx(1, "'%s' ended before all had come",
			    stages[i][is_pinned(stages[i])]);
	}
}

static void
measure_flow(char **words)
{
	char **stages[STAGES];
	size_t count = 0;
	double begin, end = 0;
	int in, out, ends[2];

	stages[count++] = words;
	for (; *words != NULL; words++) {
		if (strcmp(*words, ",") != 0)
			continue;
		*words = NULL;
		if (count == STAGES)
			errx(2, "more than %d commands", STAGES);
		stages[count++] = words + 1;
	}
	in = open_end(first_input, O_RDONLY);
	begin = now();
	while (running_count < count) {
		if (*stages[running_count] == NULL)
			errx(2, "an empty command");
		if (running_count + 1 == count) {
			ends[0] = -1;
			out = open_end(last_output,
			    O_WRONLY | O_CREAT | O_TRUNC);
		} else {
			channel(ends);
			out = ends[1];
		}
		start(stages[running_count], in, out);
		close(in);
		close(out);
		in = ends[0];
	}
	if (marked) {
		await_mark(stages, count);
		end = now();
	}
	if (ended)
		end_all();
	/* The last one first: it ends when all has come. */
	while (running_count > 0)
		finish(stages[running_count - 1]);
	printf("s %.6f", (marked ? end : now()) - begin);
	reap();
	printf(" cpu %.6f\n", cpu_seconds());
}

static int
type_value(const char *name)
{
	if (strcmp(name, "stream") == 0)
		return SOCK_STREAM;
	if (strcmp(name, "seqpacket") == 0)
		return SOCK_SEQPACKET;
	if (strcmp(name, "dgram") == 0)
		return SOCK_DGRAM;
	errx(2, "no type '%s'", name);
}

/* Take load's word as a signal to wait for, and have it know to whom. */
static void
expect_mark(void)
{
	char pid[32];
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	snprintf(pid, sizeof pid, "%ld", (long)getpid());
	if (setenv("METER", pid, 1) == -1)
		err(1, "no memory");
}

int
main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_alarm };
	unsigned long seconds = 60;
	int option;

	while ((option = getopt(argc, argv, "+s:wfmkc:i:o:t:")) != -1) {
		switch (option) {
		case 's':
			socket_type = type_value(optarg);
			break;
		case 'w':
			wide = true;
			break;
		case 'f':
			framed = true;
			break;
		case 'm':
			marked = true;
			break;
		case 'k':
			ended = true;
			break;
		case 'c':
			pin(number(optarg));
			break;
		case 'i':
			first_input = optarg;
			break;
		case 'o':
			last_output = optarg;
			break;
		case 't':
			seconds = number(optarg);
			break;
		default:
			return 2;
		}
	}
	argc -= optind;
	argv += optind;
	sigaction(SIGALRM, &action, NULL);
	alarm((unsigned)seconds);
	sigprocmask(SIG_SETMASK, NULL, &inherited);
	if (marked)
		expect_mark();
	if (ended && getpgrp() != getpid() && setpgid(0, 0) == -1)
		err(1, "cannot lead a process group");
	/* A vanished command is to be told of, not died of. */
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);

	if (argc > 2 && strcmp(argv[0], "start") == 0)
		measure_start(number(argv[1]), argv + 2);
	else if (argc > 3 && strcmp(argv[0], "trip") == 0)
		measure_trip(number(argv[1]), number(argv[2]), argv + 3);
	else if (argc > 4 && strcmp(argv[0], "mail") == 0 &&
	    number(argv[1]) > 0)
		measure_mail(number(argv[1]), number(argv[2]), number(argv[3]),
		    argv + 4);
	else if (argc > 2 && strcmp(argv[0], "peak") == 0)
		measure_peak(number(argv[1]), argv + 2);
	else if (argc > 1 && strcmp(argv[0], "flow") == 0)
		measure_flow(argv + 1);
	else
		errx(2, "usage: meter [OPTION...] start|trip|mail|peak|flow ...");
	return 0;
}
