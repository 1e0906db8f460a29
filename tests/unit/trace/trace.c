/* SPDX-License-Identifier: MIT */
/* Traces: opened, stamped with the time, and told of when they fail. */
#include "config.h"

#include <sys/mman.h>

#include <time.h>

#include "base/clock.h"
#include "sinks.h"

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	need(fd != -1 && write(fd, text, strlen(text)) ==
	    (ssize_t)strlen(text), path);
	close(fd);
}

static void
test_file(void)
{
	struct sinks sinks;
	struct stat status;

	sinks_init(&sinks, "text");
	umask(0);
	need(mkdtemp(strcpy(sinks.path, "/tmp/sockpair-unit.XXXXXX")) != NULL,
	    "mkdtemp");
	rmdir(sinks.path);
	is_int(trace_open_file(&sinks.trace, sinks.path, &sinks.options), 0,
	    "a new file is made");
	need(fstat(sinks.trace.sinks[0].fd, &status) == 0, "fstat");
	is_int(status.st_mode & 07777, 0600, "nobody else may read it");
	ok(fcntl(sinks.trace.sinks[0].fd, F_GETFD) & FD_CLOEXEC,
	    "no command gets it");
	sinks_close(&sinks);
	is_mem(sinks.content, sinks.size, "", 0, "nothing, no line");
	sinks_free(&sinks);
	sinks_init(&sinks, "text");
	errno = 0;
	ok(trace_open_file(&sinks.trace, "/nonexistent/a", &sinks.options) ==
	    -1 && errno == ENOENT && sinks.trace.wanted == 0,
	    "a file that cannot be made has an errno");
	ok(!sinks.trace.is_behind && sinks.trace.retry_at == DEADLINE_NEVER &&
	    sinks.trace.waits_since == DEADLINE_NEVER,
	    "without a sink there is nothing to wait for");
	trace_free(&sinks.trace);
}

/* The content that a file with "old\n" in it has after one event. */
static void
test_old(bool append, const char *want, const char *name)
{
	struct sinks sinks;

	sinks_init(&sinks, "text");
	sinks.options.append = append;
	need(mkdtemp(sinks.path) != NULL && rmdir(sinks.path) == 0, "mkdtemp");
	write_file(sinks.path, "old\n");
	need(trace_open_file(&sinks.trace, sinks.path, &sinks.options) == 0,
	    "open");
	sinks_event(&sinks, TRACE_GONE, TRACE_FROM_COMMAND);
	sinks_close(&sinks);
	is_str(sinks.content, want, name);
	sinks_free(&sinks);
}

static volatile bool *opened;	/* shared with a child */

/* Whether our parent sleeps in a system call. */
static bool
parent_sleeps(void)
{
	char path[40];
	char state = '\0';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)getppid());
	file = fopen(path, "r");
	if (file == NULL)
		return true;	/* it cannot be known */
	need(fscanf(file, "%*d (%*[^)]) %c", &state) == 1, path);
	fclose(file);
	return state == 'S';
}

/* The other end of a FIFO, opened by a child once its parent waits for that. */
static int
read_fifo(void *argument)
{
	char text[100];
	int fd;
	ssize_t got;

	while (!parent_sleeps())
		usleep(1000);
	if (*opened)
		return 2;
	fd = open(argument, O_RDONLY);
	got = read(fd, text, sizeof(text));
	return got > 10 && text[0] == '<' && text[got - 1] == '\n' ? 0 : 1;
}

static void
test_fifo(void)
{
	struct sinks sinks;
	int status;
	pid_t pid;

	sinks_init(&sinks, "text");
	need(mkdtemp(sinks.path) != NULL && rmdir(sinks.path) == 0 &&
	    mkfifo(sinks.path, 0600) == 0, "mkfifo");
	opened = mmap(NULL, 1, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	need(opened != MAP_FAILED, "mmap");
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(read_fifo(sinks.path));
	need(trace_open_file(&sinks.trace, sinks.path, &sinks.options) == 0,
	    "trace_open_file");
	*opened = true;
	ok(fcntl(sinks.trace.sinks[0].fd, F_GETFL) & O_NONBLOCK,
	    "a FIFO is not waited for once it is open");
	sinks_event(&sinks, TRACE_GONE, TRACE_FROM_COMMAND);
	need(waitpid(pid, &status, 0) == pid, "waitpid");
	is_int(status, 0, "a FIFO is opened when its reader comes, "
	    "who has each record at once");
	sinks_event(&sinks, TRACE_GONE, TRACE_FROM_COMMAND);
	is_int(trace_failed(&sinks.trace)->error, EPIPE,
	    "a reader that leaves is an error");
	trace_finish(&sinks.trace);
	unlink(sinks.path);
	trace_free(&sinks.trace);
}

static void
test_failure(void)
{
	struct sinks sinks;
	const struct sink *failed;
	struct sink_options options;

	sinks_init(&sinks, "text");
	options = sinks.options;
	sinks_open(&sinks);
	is_int(trace_open_file(&sinks.trace, "/dev/full", &options), 0,
	    "a full device can be opened");
	ok(trace_failed(&sinks.trace) == NULL, "nothing has failed yet");
	sinks_event(&sinks, TRACE_GONE, TRACE_FROM_COMMAND);
	failed = trace_failed(&sinks.trace);
	ok(failed != NULL && failed->error == ENOSPC && failed->fd == -1,
	    "what cannot be written is closed, with its error");
	is_str(failed->name, "/dev/full", "and its name");
	ok(trace_failed(&sinks.trace) == NULL, "it is told once");
	sinks_event(&sinks, TRACE_RESET, TRACE_TO_COMMAND);
	ok(trace_failed(&sinks.trace) == NULL, "and not written to again");
	ok(sinks.trace.wanted == TRACE_ALL, "the other goes on");
	sinks_close(&sinks);
	is_str(sinks.content,
	    "< 0.000000 gone  the reader of standard output has gone\n"
	    "> 0.001000 reset the command left bytes unread\n",
	    "and has everything");
	sinks_free(&sinks);
	sinks_init(&sinks, "pcapng");
	need(trace_open_file(&sinks.trace, "/dev/full", &sinks.options) == 0,
	    "open");
	ok(trace_failed(&sinks.trace) == NULL,
	    "a format's first words are not written at once");
	sinks_begin(&sinks);
	failed = trace_failed(&sinks.trace);
	ok(failed != NULL && failed->error == ENOSPC,
	    "they may fail with the first event");
	trace_finish(&sinks.trace);
	trace_free(&sinks.trace);
}

/* Add a sink that shows these events, and whose output is discarded. */
static void
open_null(struct sinks *sinks, unsigned int events)
{
	struct sink_options options = sinks->options;

	options.events = events;
	need(trace_open_file(&sinks->trace, "/dev/null", &options) == 0,
	    "open");
}

static void
test_clock(void)
{
	struct sinks sinks;
	struct trace_event event = { .kind = TRACE_GONE };
	struct timespec now;

	sinks_init(&sinks, "text");
	open_null(&sinks, TRACE_ALL);
	sinks_now = 5;
	trace_event(&sinks.trace, &event);
	ok(event.since == 0 && event.real == SINKS_REAL + 5,
	    "the first event is at 0");
	trace_event(&sinks.trace, &event);
	ok(event.since == 1000000 && event.real == SINKS_REAL + 1000005,
	    "the next so much later");
	trace_finish(&sinks.trace);
	trace_free(&sinks.trace);
	trace_init(&sinks.trace, &sinks.run);
	open_null(&sinks, TRACE_ALL);
	trace_event(&sinks.trace, &event);
	clock_gettime(CLOCK_REALTIME, &now);
	ok(event.since == 0 && llabs(event.real / 1000000000 -
	    (long long)now.tv_sec) < 60, "the clock is the system's");
	usleep(1000);
	trace_event(&sinks.trace, &event);
	ok(event.since >= 1000000 && event.since < INT64_C(60000000000),
	    "and it moves");
	trace_finish(&sinks.trace);
	trace_free(&sinks.trace);
}

/* Each sink shows the events that it wants, of all of them. */
static void
test_events(void)
{
	struct sinks sinks;

	sinks_init(&sinks, "text");
	sinks.options.events = 1u << TRACE_GONE | 1u << TRACE_EXIT;
	sinks_open(&sinks);
	ok(trace_wants(&sinks.trace, TRACE_GONE) &&
	    !trace_wants(&sinks.trace, TRACE_DATA),
	    "what no sink shows is not wanted");
	open_null(&sinks, 1u << TRACE_DATA);
	ok(trace_wants(&sinks.trace, TRACE_GONE) &&
	    trace_wants(&sinks.trace, TRACE_DATA) &&
	    !trace_wants(&sinks.trace, TRACE_START),
	    "what one of them shows is");
	sinks_begin(&sinks);
	sinks_data(&sinks, TRACE_TO_COMMAND, "a", 1);
	sinks_event(&sinks, TRACE_GONE, TRACE_FROM_COMMAND);
	sinks_event(&sinks, TRACE_EOF, TRACE_TO_COMMAND);
	sinks_exit(&sinks, 0);
	sinks_close(&sinks);
	is_str(sinks.content,
	    "< 0.002000 gone  the reader of standard output has gone\n"
	    "* 0.003000 exit  status 0; > 68 B in 1, < 70 B in 2, 1.002 s\n",
	    "times count from the start, even if it is not shown");
	ok(sinks.trace.wanted == 0, "a sink that is closed wants nothing");
	sinks_free(&sinks);
}

/* What only a sink that has failed wanted is not wanted any more. */
static void
test_failed_wish(void)
{
	struct sinks sinks;

	sinks_init(&sinks, "text");
	open_null(&sinks, 1u << TRACE_GONE);
	sinks.options.events = 1u << TRACE_DATA;
	need(trace_open_file(&sinks.trace, "/dev/full", &sinks.options) == 0,
	    "open");
	sinks_data(&sinks, TRACE_TO_COMMAND, "a", 1);
	ok(sinks.trace.wanted == 1u << TRACE_GONE,
	    "a sink that has failed wants nothing");
	trace_finish(&sinks.trace);
	trace_free(&sinks.trace);
}

/* A name such as /dev/fd/9. */
static void
test_numbers(void)
{
	struct sinks sinks;
	char name[40];
	int ours, others;

	sinks_init(&sinks, "text");
	ours = open("/dev/null", O_WRONLY | O_CLOEXEC);
	others = open("/dev/null", O_WRONLY);
	need(ours != -1 && others != -1, "/dev/null");
	snprintf(name, sizeof(name), "/dev/fd/%d", ours);
	errno = 0;
	ok(trace_open_file(&sinks.trace, name, &sinks.options) == -1 &&
	    errno == EBADF, "a descriptor of our own has no name");
	snprintf(name, sizeof(name), "/dev/fd/%d", others);
	is_int(trace_open_file(&sinks.trace, name, &sinks.options), 0,
	    "one that was inherited has");
	trace_finish(&sinks.trace);
	trace_free(&sinks.trace);
	close(ours);
	close(others);
}

/* Two sinks that are behind, to be tried again at these times. */
static void
retry_is(struct trace *trace, int64_t first, int64_t second, int64_t want,
    const char *name)
{
	size_t i;

	trace->sinks[0].retry_at = first;
	trace->sinks[1].retry_at = second;
	for (i = 0; i < 2; i++)
		trace->sinks[i].record.used = 5;
	trace_note_sinks(trace);
	ok(trace->is_behind && trace->retry_at == want, name);
}

static void
test_behind(void)
{
	struct sinks sinks;

	sinks_init(&sinks, "text");
	open_null(&sinks, TRACE_ALL);
	open_null(&sinks, TRACE_ALL);
	retry_is(&sinks.trace, 100, DEADLINE_NEVER, 100,
	    "a trace is tried again when the first sink is");
	retry_is(&sinks.trace, 200, 100, 100, "or the second");
	sinks.trace.sinks[1].record.used = 0;
	trace_note_sinks(&sinks.trace);
	ok(sinks.trace.is_behind && sinks.trace.retry_at == 200,
	    "one that is not behind does not count");
	sinks.trace.sinks[0].record.used = 0;
	trace_finish(&sinks.trace);
	trace_free(&sinks.trace);
}

int
main(void)
{
	int before = count_descriptors();

	signal(SIGPIPE, SIG_IGN);
	test_file();
	test_old(false, "< 0.000000 gone  the reader of standard output has "
	    "gone\n", "a file is made anew");
	test_old(true, "old\n< 0.000000 gone  the reader of standard output "
	    "has gone\n", "or added to");
	test_fifo();
	test_failure();
	test_clock();
	test_events();
	test_failed_wish();
	test_behind();
	test_numbers();
	is_int(count_descriptors(), before, "no descriptor leaks");
	return done_testing();
}
