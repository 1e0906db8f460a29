/* SPDX-License-Identifier: MIT */
/*
 * What every format needs: a record is put together in memory and written
 * whole, so that a reader behind a FIFO sees it at once.
 *
 * The command may write to the same standard error.  What is larger than
 * PIPE_BUF can be cut in two by a pipe that is almost full (pipe(7)), and a
 * line of the command's come in between; so that is written some lines at a
 * time.
 *
 * A file of our own that can be slow is non-blocking.  One that others share
 * is written with RWF_NOWAIT.  Where that does not work, it is written when
 * poll(2) reports room, and a record larger than that room may block.  If
 * poll(2) does not report room in the file, it is written at once, and the
 * write may block or fail.
 */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"
#include "trace/sink.h"

#define PAUSE INT64_C(10000000)	/* nanoseconds before another attempt */

#if defined RWF_NOWAIT && defined HAVE_PWRITEV2
#define USE_NOWAIT 1
#else
#define USE_NOWAIT 0
#endif

static const struct sink_format formats[] = {
	[FORMAT_TEXT] = { "", text_start, text_event, text_finish },
	[FORMAT_HEX] = { "", hex_start, text_event, text_finish },
	[FORMAT_JSON] = { ".jsonl .ndjson .json", json_start, json_event,
	    json_finish },
	[FORMAT_PCAPNG] = { ".pcapng .pcap", pcapng_start, pcapng_event,
	    pcapng_finish },
};

void
sink_options_init(struct sink_options *options)
{
	*options = (struct sink_options){
		.snaplen = SIZE_MAX,
		.port = 50001,
	};
}

/* Whether path ends in one of the words of endings; case is ignored. */
static bool
has_ending(const char *path, const char *endings)
{
	size_t path_size = strlen(path);
	size_t size;

	for (; *endings != '\0'; endings += size) {
		endings += strspn(endings, " ");
		size = strcspn(endings, " ");
		if (size > 0 && path_size > size &&
		    strncasecmp(path + path_size - size, endings, size) == 0)
			return true;
	}
	return false;
}

enum trace_format
sink_format_of_file(const char *path)
{
	enum trace_format format;

	for (format = FORMAT_TEXT; format <= FORMAT_PCAPNG; format++)
		if (has_ending(path, formats[format].endings))
			return format;
	return FORMAT_TEXT;
}

/*
 * Whether poll(2) reports room in fd.  It does so for pipes, sockets and
 * terminals.  A regular file always has room.  Other files are judged by what
 * poll(2) reports now: /dev/kmsg and a timerfd, among others, are never
 * writable.
 */
static bool
can_be_polled(int fd)
{
	struct pollfd slot = { .fd = fd, .events = POLLOUT };
	struct stat status;

	if (fstat(fd, &status) == -1)
		return true;
	if (S_ISREG(status.st_mode))
		return false;
	if (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) ||
	    isatty(fd) == 1)
		return true;
	return poll(&slot, 1, 0) == 1 && slot.revents & (POLLOUT | POLLHUP);
}

int
sink_open(struct sink *sink, int fd, bool own, const char *name,
    const struct sink_options *options, const struct trace_run *run,
    const struct sink_wait *wait)
{
	enum trace_format format = options->format;

	if (format == FORMAT_BY_ENDING)
		format = sink_format_of_file(name);
	*sink = (struct sink){
		.format = &formats[format],
		.options = *options,
		.run = run,
		.wait = wait,
		.name = name,
		.fd = fd,
		.own = own,
		.is_polled = can_be_polled(fd),
	};
	sink->record = textbuf_in(malloc(SINK_RECORD_MAX), SINK_RECORD_MAX);
	if (sink->record.data != NULL && sink->format->start(sink) == 0)
		return 0;
	sink_free(sink);
	return -1;
}

static void
fail(struct sink *sink, int error)
{
	sink->error = error;
	fd_close(&sink->fd);
}

/* False if the sink must not wait any longer. */
static bool
wait_until(const struct sink *sink, int fd, int64_t deadline)
{
	return !sink->wait->is_over && sink->wait->until_writable(
	    sink->wait->argument, fd, sink->waits_since, deadline) &&
	    !sink->wait->is_over;
}

/* Whether poll(2) reports room in the file.  POLLERR counts as well. */
static bool
seems_writable(const struct sink *sink)
{
	struct pollfd slot = { .fd = sink->fd, .events = POLLOUT };

	return poll(&slot, 1, 0) == 1;
}

/*
 * As many writes as refusals says have failed in a row with EAGAIN: wait until
 * the file has room.  If poll(2) does not report room in it, or was wrong
 * twice, pause, and let another write find out.  False if the file has no room
 * and the sink must not wait any longer.
 */
static bool
wait_for_room(const struct sink *sink, unsigned int refusals)
{
	if (sink->is_polled && !seems_writable(sink))
		return wait_until(sink, sink->fd, DEADLINE_NEVER);
	if (!sink->is_polled || refusals > 1)
		return wait_until(sink, -1,
		    deadline_after(clock_now(), PAUSE));
	return true;
}

/* As writev(2), to a file that others share: without blocking, if possible. */
static ssize_t
write_shared(struct sink *sink, const struct iovec *parts, int count)
{
#if USE_NOWAIT
	ssize_t put;

	if (!sink->no_nowait && sink->is_polled) {
		put = pwritev2(sink->fd, parts, count, -1, RWF_NOWAIT);
		if (put != -1 || !io_is_refusal(errno))
			return put;
		sink->no_nowait = true;
	}
#endif
	/* A signal may end the wait, and a write without room would block. */
	while (sink->is_polled && !seems_writable(sink)) {
		if (wait_until(sink, sink->fd, DEADLINE_NEVER))
			continue;
		errno = EAGAIN;
		return -1;
	}
	return writev(sink->fd, parts, count);
}

/* Take moved bytes off the parts. */
static void
advance(struct iovec **parts, int *count, size_t moved)
{
	while (*count > 0 && moved >= (*parts)->iov_len) {
		moved -= (*parts)->iov_len;
		(*parts)++;
		(*count)--;
	}
	if (*count > 0) {
		(*parts)->iov_base = (char *)(*parts)->iov_base + moved;
		(*parts)->iov_len -= moved;
	}
}

void
sink_write(struct sink *sink, struct iovec *parts, int count)
{
	unsigned int refusals = 0;
	ssize_t put;

	sink->waits_since = clock_now();
	advance(&parts, &count, 0);
	while (count > 0 && sink->fd != -1) {
		put = sink->own ? writev(sink->fd, parts, count) :
		    write_shared(sink, parts, count);
		if (put > 0) {
			advance(&parts, &count, (size_t)put);
			sink->waits_since = clock_now();
			refusals = 0;
		} else if (put == 0) {
			fail(sink, EIO);	/* or it would be for ever */
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			if (!wait_for_room(sink, ++refusals))
				fail(sink, EAGAIN);
		} else if (errno != EINTR) {
			fail(sink, errno);
		}
	}
}

/* How much of data to write at once: lines, as many as stay together. */
static size_t
lines_size(const char *data, size_t size)
{
	size_t most = size < PIPE_BUF ? size : PIPE_BUF;
	const char *newline;

	while (most > 0 && data[most - 1] != '\n')
		most--;
	if (most > 0)
		return most;
	newline = memchr(data, '\n', size);
	return newline == NULL ? size : (size_t)(newline - data) + 1;
}

void
sink_flush(struct sink *sink)
{
	struct iovec part;
	size_t done;
	size_t size;

	for (done = 0; done < sink->record.used; done += size) {
		part.iov_base = sink->record.data + done;
		size = sink->record.used - done;
		if (sink->in_lines)
			size = lines_size(part.iov_base, size);
		part.iov_len = size;
		sink_write(sink, &part, 1);
	}
	sink->record.used = 0;
	sink->record.cut = false;
}

void
sink_reserve(struct sink *sink, size_t size)
{
	if (textbuf_room(&sink->record) < size)
		sink_flush(sink);
}

size_t
sink_shown(const struct sink *sink, const struct trace_event *event)
{
	return event->size < sink->options.snaplen ? event->size :
	    sink->options.snaplen;
}

void
sink_finish(struct sink *sink)
{
	int fd;

	if (sink->fd == -1)
		return;
	sink->format->finish(sink);
	fd = sink->fd;
	sink->fd = -1;
	/* close(2) may be the first to tell of ENOSPC or EDQUOT. */
	if (fd != -1 && close(fd) == -1 && errno != EINTR)
		sink->error = errno;
}

void
sink_free(struct sink *sink)
{
	free(sink->record.data);
	sink->record = textbuf_in(NULL, 0);
	free(sink->state);
	sink->state = NULL;
}
