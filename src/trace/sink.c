/* SPDX-License-Identifier: MIT */
/*
 * A record is built in memory and written whole, so that a reader of a FIFO
 * gets it at once.  If there is no room, the rest waits in memory, and the
 * relay reads nothing more until it has been written: see monitor_is_behind().
 *
 * The command may write to the same standard error.  A pipe that is almost full
 * can cut a write of more than PIPE_BUF bytes in two (pipe(7)), and a line of
 * the command can come in between.  So to such a file a long record is written
 * some lines at a time.
 *
 * A file that is ours alone, unless it is a regular one, is non-blocking.  A
 * file that others share is written with RWF_NOWAIT.  Where that does not work,
 * it is written when poll(2) reports room, and a record larger than the room
 * may block.  If poll(2) never reports room in the file, it is written at once,
 * and the write may block or fail.
 */
#include "config.h"

#include <sys/uio.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/nowait.h"
#include "base/result.h"
#include "trace/sink.h"

#define PAUSE INT64_C(10000000)	/* nanoseconds before another attempt */

/*
 * The size of the record, in bytes.  A byte of a piece or of a command line
 * takes less than RECORD_PER_BYTE (a newline in colour takes 14).  All other
 * events fit into RECORD_BESIDE while the reader takes nothing.  Many come at
 * once if the reader of messages has gone: the messages of one read, at most
 * 65536 empty ones, are traced before they are dropped.  Only the pages that
 * were written use memory.
 */
#define RECORD_PER_BYTE 16
#define RECORD_BESIDE ((size_t)10 << 20)
#define RECORD_KEPT ((size_t)1 << 20)	/* bytes kept once it is empty */

/* The bytes of both command lines, which the first event contains. */
static size_t
run_size(const struct trace_run *run)
{
	size_t size = run->peer == NULL ? 0 : strlen(run->peer);
	char *const *word;

	for (word = run->command; *word != NULL; word++)
		size += strlen(*word) + 1;
	return size;
}

/* SIZE_MAX, which no system can map, if the size is no size_t. */
static size_t
record_size(const struct sink_options *options, const struct trace_run *run)
{
	const size_t most = (SIZE_MAX - RECORD_BESIDE) / RECORD_PER_BYTE;
	size_t shown = options->largest < options->snaplen ?
	    options->largest : options->snaplen;
	size_t words = run_size(run);

	if (shown > most || words > most - shown)
		return SIZE_MAX;
	return (shown + words) * RECORD_PER_BYTE + RECORD_BESIDE;
}

int
sink_open(struct sink *sink, int fd, bool own, const char *name,
    const struct sink_options *options, const struct trace_run *run)
{
	enum trace_format format = options->format;

	if (format == FORMAT_BY_ENDING)
		format = sink_format_of_file(name);
	*sink = (struct sink){
		.format = &sink_formats[format],
		.options = *options,
		.run = run,
		.name = name,
		.fd = fd,
		.is_polled = nowait_reports_room(fd),
		.retry_at = DEADLINE_NEVER,
	};
	/*
	 * With --wire a capture shows messages as the bytes of a stream, so
	 * either of "data" and "message" in --events stands for both.
	 */
	if (sink->format->shows_wire && sink->options.events & TRACE_BYTES)
		sink->options.events |= TRACE_BYTES;
	sink->method = own || !sink->is_polled ? SINK_PLAIN : SINK_NOWAIT;
	if (pages_map(&sink->pages, record_size(options, run)) == -1)
		return -1;
	sink->record = textbuf_in(sink->pages.data, sink->pages.size);
	if (sink->format->start(sink) == 0)
		return 0;
	sink_free(sink);
	return -1;
}

/* Empty the record.  Return the memory of a large one to the system. */
static void
clear_record(struct sink *sink)
{
	if (sink->record.used > RECORD_KEPT)
		pages_forget(sink->pages.data + RECORD_KEPT,
		    sink->record.used - RECORD_KEPT);
	sink->record.used = sink->written = 0;
	sink->record.cut = false;
}

/* Close a sink that has failed.  It drops everything from now on. */
static void
fail_sink(struct sink *sink, int error)
{
	sink->error = error;
	fd_close(&sink->fd);
	clear_record(sink);
}

bool
sink_is_behind(const struct sink *sink)
{
	return sink->fd != -1 && sink->written < sink->record.used;
}

struct pollfd
sink_slot(const struct sink *sink)
{
	bool asks = sink_is_behind(sink) && sink->retry_at == DEADLINE_NEVER;

	return (struct pollfd){
		.fd = asks ? sink->fd : -1, .events = POLLOUT
	};
}

/* As write(2) to the file, but without waiting, if possible. */
static ssize_t
write_part(struct sink *sink, char *data, size_t size)
{
	const struct iovec part = { data, size };
	ssize_t put;

	if (sink->method == SINK_NOWAIT) {
		put = nowait_writev(sink->fd, &part, 1);
		if (put != -1 || !io_is_refusal(errno))
			return put;
		sink->method = SINK_POLLED;
	}
	if (sink->method == SINK_PLAIN || nowait_is_ready(sink->fd, POLLOUT))
		return writev(sink->fd, &part, 1);
	errno = EAGAIN;
	return -1;
}

/* How much to write at once: the lines in PIPE_BUF bytes, or a longer line. */
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

/*
 * There is no room.  If poll(2) does not report room in the file, or was wrong
 * twice, pause before the next attempt.
 */
static void
schedule_retry(struct sink *sink)
{
	sink->refusals++;
	sink->retry_at = !sink->is_polled || sink->refusals > 1 ?
	    deadline_after(clock_now(), PAUSE) : DEADLINE_NEVER;
}

/* Write some of the record.  False if there is no room. */
static bool
write_some(struct sink *sink)
{
	char *data = sink->record.data + sink->written;
	size_t size = sink->record.used - sink->written;
	ssize_t put;

	if (sink->in_lines)
		size = lines_size(data, size);
	put = write_part(sink, data, size);
	if (put > 0) {
		sink->written += (size_t)put;
		sink->waits_since = clock_now();
		sink->refusals = 0;
	} else if (put == 0) {
		fail_sink(sink, EIO);	/* or we would try for ever */
	} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
		schedule_retry(sink);
		return false;
	} else if (errno != EINTR) {
		fail_sink(sink, errno);
	}
	return true;
}

static void
close_file(struct sink *sink)
{
	int fd = sink->fd;

	sink->fd = -1;
	/* close(2) may be the first call to report ENOSPC or EDQUOT. */
	if (fd != -1 && close(fd) == -1 && errno != EINTR)
		sink->error = errno;
}

void
sink_push(struct sink *sink)
{
	sink->retry_at = DEADLINE_NEVER;
	while (sink_is_behind(sink))
		if (!write_some(sink))
			return;
	clear_record(sink);
	if (sink->is_ending)
		close_file(sink);
}

void
sink_flush(struct sink *sink)
{
	if (sink->fd == -1) {
		clear_record(sink);
		return;
	}
	/* After a refusal, wait for poll(2) or for retry_at. */
	if (sink->refusals > 0)
		return;
	sink->waits_since = clock_now();
	sink_push(sink);
}

void
sink_reserve(struct sink *sink, size_t size)
{
	if (textbuf_room(&sink->record) >= size)
		return;
	if (sink->fd != -1)
		fail_sink(sink, ENOBUFS);
	clear_record(sink);
}

void
sink_give_up(struct sink *sink)
{
	if (sink_is_behind(sink))
		fail_sink(sink, EAGAIN);
}

size_t
sink_shown(const struct sink *sink, size_t size)
{
	return size < sink->options.snaplen ? size : sink->options.snaplen;
}

void
sink_finish(struct sink *sink)
{
	if (sink->fd == -1)
		return;
	if (sink->format->finish != NULL)
		sink->format->finish(sink);
	sink->is_ending = true;
	if (!sink_is_behind(sink))
		close_file(sink);
}

void
sink_free(struct sink *sink)
{
	pages_unmap(&sink->pages);
	sink->record = textbuf_in(NULL, 0);
	free(sink->state);
	sink->state = NULL;
}
