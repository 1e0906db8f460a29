/* SPDX-License-Identifier: MIT */
/* Sinks: their formats; records written whole, to a reader that is slow. */
#include "config.h"

#ifdef __linux__
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#endif

#include <limits.h>

#include "base/clock.h"
#include "sinks.h"
#include "writes-nothing.h"

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

/* Whether the only sink has failed with error, and is closed. */
static bool
has_failed(struct sinks *sinks, int error)
{
	const struct sink *failed = trace_failed(&sinks->trace);

	return failed != NULL && failed->error == error && failed->fd == -1;
}

static void
test_failures(void)
{
	struct sinks sinks;

	sinks_init(&sinks, "text");
	sinks_open(&sinks);
	writes_nothing = true;
	sinks_event(&sinks, TRACE_GONE, TRACE_FROM_COMMAND);
	writes_nothing = false;
	ok(has_failed(&sinks, EIO), "a file that takes nothing has failed");
	unlink(sinks.path);
	trace_free(&sinks.trace);

	sinks_init(&sinks, "text");
	sinks_open(&sinks);
	sink_reserve(&sinks.trace.sinks[0],
	    sinks.trace.sinks[0].record.size + 1);
	ok(has_failed(&sinks, ENOBUFS), "so has one without room for an event");
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
	sinks_open_fd(&sinks, STDERR_FILENO, "standard error");
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

/* Whether size bytes of data are written as count writes of these sizes. */
static bool
is_written_as(struct sink *sink, int reader, const char *data, size_t size,
    const size_t *wants, size_t count)
{
	static char got[4 * PIPE_BUF];
	bool good = true;
	size_t done = 0, i;
	ssize_t part;

	textbuf_put(&sink->record, data, size);
	sink_flush(sink);
	for (i = 0; i < count; i++) {
		part = recv(reader, got, sizeof(got), MSG_DONTWAIT);
		good = good && part == (ssize_t)wants[i] &&
		    memcmp(got, data + done, wants[i]) == 0;
		done += wants[i];
	}
	return good && done == size &&
	    recv(reader, got, sizeof(got), MSG_DONTWAIT) == -1;
}

/* A record that others' lines may come between is not cut inside a line. */
static void
test_lines(void)
{
	static char data[2 * PIPE_BUF];
	const size_t most = PIPE_BUF / 100 * 100;
	struct sinks sinks;
	struct sink *sink;
	int ends[2];
	size_t i;

	/* A write is a message. */
	need(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) == 0,
	    "socketpair");
	sinks_init(&sinks, "text");
	sinks_open_fd(&sinks, ends[1], "socket");
	sink = &sinks.trace.sinks[0];
	for (i = 0; i < sizeof(data); i++)
		data[i] = i % 100 == 99 ? '\n' : 'x';
	sink->in_lines = false;
	ok(is_written_as(sink, ends[0], data, sizeof(data),
	    (size_t[]){ sizeof(data) }, 1), "a record is one write");
	sink->in_lines = true;
	ok(is_written_as(sink, ends[0], data, 200, (size_t[]){ 200 }, 1),
	    "so is one of lines that a pipe does not cut");
	ok(is_written_as(sink, ends[0], data, most + 200,
	    (size_t[]){ most, 200 }, 2), "more lines are cut between them");
	memset(data, 'x', sizeof(data));
	data[PIPE_BUF + 10] = '\n';
	ok(is_written_as(sink, ends[0], data, PIPE_BUF + 20,
	    (size_t[]){ PIPE_BUF + 11, 9 }, 2), "a longer line is one write");
	trace_finish(&sinks.trace);
	trace_free(&sinks.trace);
	close(ends[0]);
	close(ends[1]);
}

static void
test_shown(void)
{
	struct sink sink;

	sink_options_init(&sink.options);
	is_int((long long)sink_shown(&sink, 100), 100, "all is shown");
	sink.options.snaplen = 100;
	is_int((long long)sink_shown(&sink, 100), 100,
	    "as is what just may be");
	sink.options.snaplen = 99;
	is_int((long long)sink_shown(&sink, 100), 99, "or a part");
	sink.options.snaplen = 0;
	is_int((long long)sink_shown(&sink, 100), 0, "or nothing");
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

	while (sinks->trace.is_behind) {
		trace_fill_slots(&sinks->trace, &slot);
		need(slot.fd != -1 && slot.events == POLLOUT &&
		    sinks->trace.retry_at == DEADLINE_NEVER &&
		    sinks->trace.waits_since <= clock_now(), "a wait");
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
	sinks_open_fd(&sinks, ends[1], "pipe");
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
	sinks_open_fd(&sinks, fd, "timer");
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
	sinks_open_fd(&sinks, fd, "eventfd");
	sink = &sinks.trace.sinks[0];
	textbuf_put(&sink->record, &more, sizeof(more));
	sink_flush(sink);
	ok(sink_slot(sink).fd == sink->fd, "poll(2) is asked at first");
	sink_push(sink);
	ok(sink_slot(sink).fd == -1 &&
	    sink->retry_at > clock_now(), name);
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

/*
 * An eventfd takes no more while it is full.  One that blocks may be another's
 * as well, and refuses to be written without waiting.
 */
static void
test_full(void)
{
	static const char name[] = "a file that is full is not written";
#ifdef __linux__
	struct sinks sinks;
	uint64_t number = UINT64_MAX - 1;
	uint64_t more = 2;
	struct sink *sink;
	int fd = eventfd(0, 0);

	need(fd != -1, "eventfd");
	sinks_init(&sinks, "text");
	sinks_open_fd(&sinks, fd, "eventfd");
	need(write(fd, &number, sizeof(number)) == sizeof(number), "write");
	sink = &sinks.trace.sinks[0];
	textbuf_put(&sink->record, &more, sizeof(more));
	sink_flush(sink);
	ok(sink_is_behind(sink) && sink_slot(sink).fd == sink->fd, name);
	need(read(fd, &number, sizeof(number)) == sizeof(number), "read");
	sink_push(sink);
	ok(!sink_is_behind(sink) && trace_failed(&sinks.trace) == NULL &&
	    read(fd, &number, sizeof(number)) == sizeof(number) &&
	    number == more, "but once there is room");
	trace_finish(&sinks.trace);
	trace_free(&sinks.trace);
	close(fd);
#else
	skip(name, "no eventfd");
#endif
}

/* Whether a trace of pieces of up to so many bytes has no memory. */
static bool
lacks_memory(size_t largest)
{
	struct sinks sinks;
	int result;

	sinks_init(&sinks, "text");
	sinks.options.largest = largest;
	errno = 0;
	result = trace_open_fd(&sinks.trace, STDERR_FILENO, "err",
	    &sinks.options);
	trace_free(&sinks.trace);
	return result == -1 && errno == ENOMEM;
}

/* Records of 16 bytes for each byte, and some more: as sink.c reckons. */
static void
test_too_large(void)
{
	ok(lacks_memory(SIZE_MAX), "the largest size is too large for a record");
	ok(lacks_memory(SIZE_MAX / 16 + 1),
	    "so is one whose record would have 0 bytes, and some more");
	ok(lacks_memory(SIZE_MAX / 16) &&
	    lacks_memory(SIZE_MAX / 16 - (8 << 16)),
	    "so is one that leaves no room for the rest");
	ok(lacks_memory((SIZE_MAX - (10 << 20)) / 16),
	    "so is one that leaves none for the command line");
}

int
main(void)
{
	static const char *const formats[] = { "text", "json", "pcapng" };
	int before = count_descriptors();
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	test_formats();
	test_shown();
	test_close();
	test_writes();
	test_lines();
	for (i = 0; i < COUNT(formats); i++) {
		test_slow(formats[i], false);
		test_slow(formats[i], true);
	}
	/* Without the pause, or the write, these would never end. */
	alarm(60);
	test_deaf();
	test_untrue();
	test_full();
	test_failures();
	test_too_large();
	alarm(0);
	is_int(count_descriptors(), before, "no descriptor leaks");
	return done_testing();
}
