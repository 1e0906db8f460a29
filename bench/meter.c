/* SPDX-License-Identifier: MIT */
/*
 * The measuring: starts commands, waits for them, and prints figures as words
 * NAME VALUE on one line.
 *
 *	meter start RUNS COMMAND...
 *		us, kib: from the fork to the reaping, the median of the runs;
 *		the peak memory of the largest process in it
 *	meter trip SIZE ROUNDS COMMAND...
 *		us, us99: from a write to COMMAND until as much has come back,
 *		the median and the 99th percentile
 *	meter peak BYTES COMMAND...
 *		kib: the peak memory of COMMAND's own process once BYTES have
 *		gone through it and come back
 *	meter flow COMMAND... [, COMMAND...]...
 *		s, cpu: the time, and the processors' time, that a row of
 *		commands took, each one's output the next one's input
 *
 * Before these: -s puts a stream socket where a pipe would be (two where two
 * would be: one), -i FILE and -o FILE take the place of /dev/null at the two
 * ends of a flow, -c CPU pins the meter itself, -t SECONDS is how long anything
 * may take (60).  A COMMAND whose first word is @CPU is pinned there.
 *
 * It is linked statically and small, since a process counts as its own peak
 * what it shared with the one that started it.
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
#define WARM_STARTS 5
#define WARM_TRIPS 200

static bool sockets;
static const char *first_input = "/dev/null";
static const char *last_output = "/dev/null";

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

	failed = sockets ?
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) :
	    pipe2(ends, O_CLOEXEC);
	if (failed)
		err(1, "cannot make a channel");
}

static int
open_end(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd == -1)
		err(1, "cannot open '%s'", path);
	return fd;
}

static void
measure_start(unsigned long runs, char *const *argv)
{
	struct rusage used;
	double *times, begin;
	unsigned long i;
	int in = open_end("/dev/null", O_RDONLY);
	int out = open_end("/dev/null", O_WRONLY);

	times = calloc(runs, sizeof *times);
	if (times == NULL)
		err(1, "no memory");
	for (i = 0; i < runs + WARM_STARTS; i++) {
		begin = now();
		start(argv, in, out);
		finish(argv);
		if (i >= WARM_STARTS)
			times[i - WARM_STARTS] = (now() - begin) * 1e6;
		/* What the command left to us must not run into the next. */
		while (wait(NULL) > 0)
			;
	}
	qsort(times, runs, sizeof *times, by_size);
	getrusage(RUSAGE_CHILDREN, &used);
	printf("us %.1f kib %ld\n", times[runs / 2], used.ru_maxrss);
	free(times);
}

/* Start argv with both of its descriptors on us: *to it and *from it. */
static pid_t
start_between(char *const *argv, int *to, int *from)
{
	int there[2], back[2];
	pid_t pid;

	channel(there);
	if (sockets) {
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
	if (sockets)
		shutdown(to, SHUT_WR);
	else
		close(to);
	finish(argv);
	close(from);
}

/* One trip there and back of size bytes, no more than a pipe holds. */
static void
trip(int to, int from, char *data, size_t size)
{
	size_t done;
	ssize_t n;

	for (done = 0; done < size; done += (size_t)n) {
		n = write(to, data + done, size - done);
		if (n <= 0)
			err(1, "cannot write");
	}
	for (done = 0; done < size; done += (size_t)n) {
		n = read(from, data + done, size - done);
		if (n <= 0)
			errx(1, "the answer did not come");
	}
}

static void
measure_trip(size_t size, unsigned long rounds, char *const *argv)
{
	double *times, begin;
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
		if (i >= WARM_TRIPS)
			times[i - WARM_TRIPS] = (now() - begin) * 1e6;
	}
	end_between(argv, to, from);
	qsort(times, rounds, sizeof *times, by_size);
	printf("us %.2f us99 %.2f\n", times[rounds / 2],
	    times[rounds * 99 / 100]);
	free(times);
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

static double
cpu_seconds(void)
{
	struct rusage used;

	getrusage(RUSAGE_CHILDREN, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void
measure_flow(char **words)
{
	char **stages[STAGES];
	size_t count = 0;
	double begin;
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
	/* The last one first: it ends when all has come. */
	while (running_count > 0)
		finish(stages[running_count - 1]);
	printf("s %.6f", now() - begin);
	/* What a command did not wait for itself has been left to us. */
	while (wait(NULL) > 0)
		;
	printf(" cpu %.6f\n", cpu_seconds());
}

int
main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_alarm };
	unsigned long seconds = 60;
	int option;

	while ((option = getopt(argc, argv, "+sc:i:o:t:")) != -1) {
		switch (option) {
		case 's':
			sockets = true;
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
	/* A vanished command is to be told of, not died of. */
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);

	if (argc > 2 && strcmp(argv[0], "start") == 0)
		measure_start(number(argv[1]), argv + 2);
	else if (argc > 3 && strcmp(argv[0], "trip") == 0)
		measure_trip(number(argv[1]), number(argv[2]), argv + 3);
	else if (argc > 2 && strcmp(argv[0], "peak") == 0)
		measure_peak(number(argv[1]), argv + 2);
	else if (argc > 1 && strcmp(argv[0], "flow") == 0)
		measure_flow(argv + 1);
	else
		errx(2, "usage: meter [OPTION...] start|trip|peak|flow ...");
	return 0;
}
