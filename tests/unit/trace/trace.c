/* SPDX-License-Identifier: MIT */
/* Sinks: opened, written whole, closed when they fail; the clock. */
#include "config.h"

#ifdef __linux__
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#endif

#include <sys/mman.h>
#include <time.h>

#include "base/clock.h"
#include "sinks.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	const char *path;
	const char *format;
} endings[] = {
	{ "a.jsonl", "json" },
	{ "a.json", "json" },
	{ "/tmp/b/a.pcapng", "pcapng" },
	{ "a.txt", "text" },
	{ "a.pcapng.txt", "text" },
	{ "apcapng", "text" },
	{ ".json", "text" },
	{ "json", "text" },
	{ "a.JSON", "json" },
	{ "a.ndjson", "json" },
	{ "a.NdJson", "json" },
	{ "a.pcap", "pcapng" },
	{ "a.PCAPNG", "pcapng" },
	{ "a.pcapn", "text" },
	{ "a.jsonpcap", "text" },
	{ "-", "text" },
	{ "", "text" },
};

static void
test_formats(void)
{
	char title[80];
	size_t i;

	for (i = 0; i < COUNT(endings); i++) {
		snprintf(title, sizeof(title), "'%s' is %s", endings[i].path,
		    endings[i].format);
		is_str(names_name(format_names,
		    (int)sink_format_of_file(endings[i].path)),
		    endings[i].format, title);
	}
}

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
	    -1 && errno == ENOENT && !trace_is_open(&sinks.trace),
	    "a file that cannot be made has an errno");
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
	ok(trace_is_open(&sinks.trace), "the other goes on");
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

/* Close the file of a sink behind its back, so that its close(2) fails. */
static void
test_close(void)
{
	static const char name[] = "an error of close(2) is told, too";
	struct sinks sinks;
	const struct sink *failed;

	if (is_under_valgrind()) {
		elsewhere(name, "valgrind complains of it");
		return;
	}
	sinks_init(&sinks, "text");
	sinks_open(&sinks);
	sinks_event(&sinks, TRACE_GONE, TRACE_FROM_COMMAND);
	close(sinks.trace.sinks[0].fd);
	trace_finish(&sinks.trace);
	failed = trace_failed(&sinks.trace);
	ok(failed != NULL && failed->error == EBADF, name);
	unlink(sinks.path);
	trace_free(&sinks.trace);
}

/* Each record is one write, to a descriptor of ours or of others. */
static void
test_writes(void)
{
	struct sinks sinks;
	struct capture capture;

	sinks_init(&sinks, "text");
	capture_begin(&capture, STDERR_FILENO);
	need(trace_open_fd(&sinks.trace, STDERR_FILENO, "standard error",
	    &sinks.options) == 0, "trace_open_fd");
	sinks_data(&sinks, TRACE_TO_COMMAND, "one\ntwo\n", 8);
	sinks_event(&sinks, TRACE_EOF, TRACE_TO_COMMAND);
	trace_finish(&sinks.trace);
	ok(fcntl(STDERR_FILENO, F_GETFD) != -1, "one of others stays open");
	capture_end(&capture);
	trace_free(&sinks.trace);
	is_int(capture.writes, 2, "two records are two writes");
	is_str(capture.text,
	    "> 0.000000 data  8 B at 0\n>   one\n>   two\n"
	    "> 0.001000 eof   end of standard input, command not told\n",
	    "each whole");
}

static int waits;
static char *taken;		/* what a slow reader has read */
static size_t taken_size;

/* Read what is in the pipe, which may be nothing. */
static void
take(int fd)
{
	ssize_t got;

	do {
		got = read(fd, taken + taken_size, 65536);
		if (got > 0)
			taken_size += (size_t)got;
	} while (got > 0);
	need(got == 0 || errno == EAGAIN, "read");
}

/* The reader reads only while it is waited for. */
static void
take_some(struct sinks *sinks, int reader)
{
	struct pollfd slot;

	while (trace_is_behind(&sinks->trace)) {
		trace_fill_slots(&sinks->trace, &slot);
		need(slot.fd != -1 && slot.events == POLLOUT &&
		    trace_retry_deadline(&sinks->trace) == DEADLINE_NEVER &&
		    trace_waits_since(&sinks->trace) <= clock_now(), "a wait");
		waits++;
		take(reader);
		need(poll(&slot, 1, -1) == 1, "poll");
		need(trace_read_slots(&sinks->trace, &slot), "a write");
	}
}

/* A third of a megabyte, each line known by its number. */
static size_t
make_lines(char *data, size_t room)
{
	size_t size = 0;
	int i;

	for (i = 0; size + 20 < room; i++)
		size += (size_t)snprintf(data + size, room - size, "line %d\n",
		    i);
	return size;
}

/*
 * A reader that is slow: of a descriptor that somebody made non-blocking.  What
 * it reads is what a file has.
 */
static void
test_slow(const char *format, bool own)
{
	static const char name[] = "a slow reader is waited for";
	static char data[1 << 18];
	size_t size = make_lines(data, sizeof(data));
	struct sinks file;
	struct sinks sinks;
	char title[80];
	int ends[2];

#ifndef LINUX_EXTRAS
	if (!own) {
		elsewhere(name, "a large record may block");
		return;
	}
#endif
	sinks_init(&file, format);
	sinks_open(&file);
	sinks_begin(&file);
	sinks_data(&file, TRACE_TO_COMMAND, data, size);
	sinks_event(&file, TRACE_GONE, TRACE_FROM_COMMAND);
	sinks_close(&file);

	need(pipe2(ends, O_CLOEXEC) == 0 &&
	    fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0, "pipe");
	taken = malloc(8 << 20);
	need(taken != NULL, "malloc");
	taken_size = 0;
	sinks_init(&sinks, format);
	if (own)
		need(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0, "fcntl");
	need(trace_open_fd(&sinks.trace, ends[1], "pipe", &sinks.options) == 0,
	    "trace_open_fd");
	waits = 0;
	sinks_begin(&sinks);
	take_some(&sinks, ends[0]);
	sinks_data(&sinks, TRACE_TO_COMMAND, data, size);
	take_some(&sinks, ends[0]);
	sinks_event(&sinks, TRACE_GONE, TRACE_FROM_COMMAND);
	take_some(&sinks, ends[0]);
	snprintf(title, sizeof(title), "%s: %s", format, own ?
	    "on a non-blocking descriptor too" : name);
	ok(waits > 1 && trace_failed(&sinks.trace) == NULL, title);
	trace_finish(&sinks.trace);
	trace_free(&sinks.trace);
	close(ends[1]);
	take(ends[0]);
	close(ends[0]);
	snprintf(title, sizeof(title), "%s: and reads what a file has", format);
	ok(taken_size == file.size &&
	    memcmp(taken, file.content, file.size) == 0, title);
	free(taken);
	sinks_free(&file);
}

/*
 * A timerfd is never writable, says poll(2), and cannot be written to: a write
 * tells that, no waiting does.
 */
static void
test_deaf(void)
{
	static const char name[] = "what never says that it can be written "
	    "is written all the same";
#ifdef __linux__
	struct sinks sinks;
	const struct sink *failed;
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);

	need(fd != -1, "timerfd_create");
	sinks_init(&sinks, "text");
	need(trace_open_fd(&sinks.trace, fd, "timer", &sinks.options) == 0,
	    "trace_open_fd");
	sinks_event(&sinks, TRACE_GONE, TRACE_FROM_COMMAND);
	failed = trace_failed(&sinks.trace);
	ok(failed != NULL && failed->error == EINVAL, name);
	trace_finish(&sinks.trace);
	trace_free(&sinks.trace);
	close(fd);
#else
	skip(name, "no timerfd");
#endif
}

/*
 * Of an eventfd poll(2) says that it takes more if that is at least 1; a larger
 * number is refused all the same, until it has been read.
 */
static void
test_untrue(void)
{
	static const char name[] = "where poll(2) is wrong there is a pause "
	    "before the next attempt";
#ifdef __linux__
	struct sinks sinks;
	uint64_t number = UINT64_MAX - 2;
	uint64_t more = 2;
	struct sink *sink;
	int fd = eventfd(0, EFD_NONBLOCK);

	need(fd != -1 && write(fd, &number, sizeof(number)) == sizeof(number),
	    "eventfd");
	sinks_init(&sinks, "text");
	need(trace_open_fd(&sinks.trace, fd, "eventfd", &sinks.options) == 0,
	    "trace_open_fd");
	sink = &sinks.trace.sinks[0];
	textbuf_put(&sink->record, &more, sizeof(more));
	sink_flush(sink);
	ok(sink_slot(sink).fd == sink->fd, "poll(2) is asked at first");
	sink_push(sink);
	ok(sink_slot(sink).fd == -1 &&
	    sink_retry_deadline(sink) > clock_now(), name);
	need(read(fd, &number, sizeof(number)) == sizeof(number), "read");
	sink_push(sink);
	ok(!sink_is_behind(sink) && trace_failed(&sinks.trace) == NULL,
	    "and that succeeds");
	trace_finish(&sinks.trace);
	trace_free(&sinks.trace);
	close(fd);
#else
	skip(name, "no eventfd");
#endif
}

static void
test_clock(void)
{
	struct sinks sinks;
	struct trace_event event = { .kind = TRACE_GONE };
	struct timespec now;

	sinks_init(&sinks, "text");
	sinks_now = 5;
	trace_event(&sinks.trace, &event);
	ok(event.since == 0 && event.real == SINKS_REAL + 5,
	    "the first event is at 0");
	trace_event(&sinks.trace, &event);
	ok(event.since == 1000000 && event.real == SINKS_REAL + 1000005,
	    "the next so much later");
	trace_free(&sinks.trace);
	trace_init(&sinks.trace, &sinks.run);
	trace_event(&sinks.trace, &event);
	clock_gettime(CLOCK_REALTIME, &now);
	ok(event.since == 0 && llabs(event.real / 1000000000 -
	    (long long)now.tv_sec) < 60, "the clock is the system's");
	usleep(1000);
	trace_event(&sinks.trace, &event);
	ok(event.since >= 1000000 && event.since < INT64_C(60000000000),
	    "and it moves");
}

int
main(void)
{
	static const char *const formats[] = { "text", "json", "pcapng" };
	int before = count_descriptors();
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	test_formats();
	test_file();
	test_old(false, "< 0.000000 gone  the reader of standard output has "
	    "gone\n", "a file is made anew");
	test_old(true, "old\n< 0.000000 gone  the reader of standard output "
	    "has gone\n", "or added to");
	test_fifo();
	test_failure();
	test_close();
	test_writes();
	for (i = 0; i < COUNT(formats); i++) {
		test_slow(formats[i], false);
		test_slow(formats[i], true);
	}
	/* Without the pause, or the write, these would never end. */
	alarm(60);
	test_deaf();
	test_untrue();
	alarm(0);
	test_clock();
	is_int(count_descriptors(), before, "no descriptor leaks");
	return done_testing();
}
