/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/nowait.h"
#include "base/textbuf.h"
#include "trace/progress.h"

void
progress_init(struct progress *progress, int fd, size_t width)
{
	*progress = (struct progress){
		.fd = fd,
		.width = width > 0 ? width : PROGRESS_WIDTH,
	};
}

/* Put bytes, and their rate: duration nanoseconds ago they were before. */
static void
put_direction(struct textbuf *line, uint64_t bytes, uint64_t before,
    int64_t duration)
{
	double seconds = (double)duration / (double)SECOND;
	double rate = duration > 0 ? (double)(bytes - before) / seconds : 0;
	char text[16];

	stats_format_bytes(bytes, text);
	textbuf_print(line, " %9s", text);
	stats_format_bytes(rate < 1e18 ? (uint64_t)rate : 0, text);
	textbuf_print(line, " %9s/s", text);
}

void
progress_format(const struct progress *progress, const struct stats *stats,
    char text[PROGRESS_TEXT_MAX])
{
	struct textbuf line = textbuf_in(text, PROGRESS_TEXT_MAX - 1);
	int64_t passed = stats->duration - progress->time;
	int64_t seconds = stats->duration / SECOND;

	if (line.size > progress->width - 1)
		line.size = progress->width - 1;
	textbuf_put_byte(&line, '>');
	put_direction(&line, stats->to_command.bytes, progress->to_command,
	    passed);
	textbuf_print(&line, "  <");
	put_direction(&line, stats->from_command.bytes, progress->from_command,
	    passed);
	textbuf_print(&line, "  %lld:%02d:%02d", (long long)(seconds / 3600),
	    (int)(seconds / 60 % 60), (int)(seconds % 60));
	text[line.used] = '\0';
}

/* Overwrite the line with text. */
static void
write_over(struct progress *progress, const char *text)
{
	char data[3 * PROGRESS_TEXT_MAX];
	struct textbuf line = textbuf_in(data, sizeof(data));
	size_t size = strlen(text);
	size_t i;

	if (!nowait_is_ready(progress->fd, POLLOUT))
		return;
	textbuf_put_byte(&line, '\r');
	textbuf_put(&line, text, size);
	for (i = size; i < progress->drawn; i++)
		textbuf_put_byte(&line, ' ');
	/* After erasing the line, return to the first column. */
	if (size == 0)
		textbuf_put_byte(&line, '\r');
	if (write(progress->fd, line.data, line.used) == (ssize_t)line.used)
		progress->drawn = size;
}

void
progress_draw(struct progress *progress, const struct stats *stats)
{
	char text[PROGRESS_TEXT_MAX];

	progress_format(progress, stats, text);
	write_over(progress, text);
	progress->time = stats->duration;
	progress->to_command = stats->to_command.bytes;
	progress->from_command = stats->from_command.bytes;
}

void
progress_clear(struct progress *progress)
{
	if (progress->drawn > 0)
		write_over(progress, "");
}
