/* SPDX-License-Identifier: MIT */
/*
 * Text for people, grep(1) and awk(1).  The first character of every line is
 * the direction: ">" to the command, "<" from it, "*" neither.
 *
 *	> 0.000312 data  68 B at 0
 *	>   POST /rpc HTTP/1.1\r
 *	>   {"id":1,\t"a"}\
 *	< 0.004400 data  5 B at 48
 *	< 000030  89 50 4e 47 00                                    .PNG.
 *
 * The data can be restored from the text.  A line of text begins after "> " and
 * two more blanks, and has the escapes of textbuf_put_shown().  Its newline
 * belongs to the data, unless the last character before it is a lone "\".  A
 * line in hexadecimal has the offset of its first byte after "> ", and up to 16
 * bytes; the text beside them is only for people.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/hexdump.h"
#include "base/utf8.h"
#include "trace/describe.h"
#include "trace/sink.h"

#define ESCAPE_MAX 4		/* bytes of an escape, such as \xff */
#define LINE_RESERVE 64		/* bytes of a line beside its text */
/* Bytes: half of this has room for the details of all descriptors of a set. */
#define HEAD_RESERVE ((size_t)1 << 20)

struct text_state {
	int64_t last;		/* time of the previous event (its since) */
	char mark[16];		/* the beginning of every line of data */
	size_t mark_size;
};

/*
 * The mark of a direction, and its colour if colours are on (ECMA-48, 8.3.117).
 * The two colours can be read on a light and on a dark background.
 */
static const struct {
	char plain;
	const char *color;
} marks[] = {
	[TRACE_NEITHER] = { '*', "\033[1m" },
	[TRACE_TO_COMMAND] = { '>', "\033[35m" },
	[TRACE_FROM_COMMAND] = { '<', "\033[32m" },
};

static const char color_end[] = "\033[0m";

int
text_start(struct sink *sink)
{
	sink->state = calloc(1, sizeof(struct text_state));
	/* Read the time zone's file now, not while data is relayed. */
	tzset();
	return sink->state == NULL ? -1 : 0;
}

/* Make and put the mark of event.  Its colour lasts until end_color(). */
static void
put_mark(struct sink *sink, const struct trace_event *event)
{
	struct text_state *state = sink->state;
	struct textbuf line = textbuf_in(state->mark, sizeof(state->mark));
	const char *color = sink->options.color ?
	    marks[event->direction].color : "";

	textbuf_put(&line, color, strlen(color));
	textbuf_put_byte(&line, marks[event->direction].plain);
	textbuf_put(&sink->record, line.data, line.used);
	if (sink->options.color)
		textbuf_put(&line, color_end, sizeof(color_end) - 1);
	state->mark_size = line.used;
}

static void
end_color(struct sink *sink)
{
	if (sink->options.color)
		textbuf_put(&sink->record, color_end, sizeof(color_end) - 1);
}

static void
put_event_seconds(struct sink *sink, int64_t time)
{
	textbuf_put_byte(&sink->record, ' ');
	textbuf_put_seconds(&sink->record, time, 6);
}

/* RFC 3339, with the offset of the user's time zone. */
static void
put_local_date(struct sink *sink, int64_t real)
{
	time_t seconds = (time_t)(real / SECOND);
	struct tm local = { 0 };
	char date[32];
	char zone[8];

	localtime_r(&seconds, &local);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &local);
	strftime(zone, sizeof(zone), "%z", &local);
	textbuf_print(&sink->record, " %s.%06d%.3s:%.2s", date,
	    (int)(real / 1000 % 1000000), zone, zone + 3);
}

static void
put_event_time(struct sink *sink, const struct trace_event *event)
{
	struct text_state *state = sink->state;

	switch (sink->options.time) {
	case TIME_REL:
		put_event_seconds(sink, event->since);
		break;
	case TIME_DELTA:
		put_event_seconds(sink, event->since - state->last);
		break;
	case TIME_ABS:
		put_local_date(sink, event->real);
		break;
	case TIME_NONE:
		break;
	}
	state->last = event->since;
}

/* The first line of every event. */
static void
put_first_line(struct sink *sink, const struct trace_event *event)
{
	/* A long command line must leave room for the end of the line. */
	struct textbuf rest;

	sink_reserve(sink, HEAD_RESERVE);
	put_mark(sink, event);
	put_event_time(sink, event);
	textbuf_print(&sink->record, " %-5s ",
	    names_name(event_names, (int)event->kind));
	rest = textbuf_in(sink->record.data + sink->record.used,
	    textbuf_room(&sink->record) / 2);
	describe_event(&rest, event, sink->run, sink->options.utf8);
	textbuf_end(&rest);
	sink->record.used += rest.used;
	if (event->size > sink_shown(sink, event->size) &&
	    event->kind != TRACE_UNDELIVERED)
		textbuf_print(&sink->record, ", %zu shown",
		    sink_shown(sink, event->size));
	end_color(sink);
	textbuf_put_byte(&sink->record, '\n');
}

/* Put a line of text: size bytes, without the newline if it ended in one. */
static void
put_text_line(struct sink *sink, const char *data, size_t size, bool ended)
{
	const struct text_state *state = sink->state;

	sink_reserve(sink, LINE_RESERVE + size * ESCAPE_MAX);
	textbuf_put(&sink->record, state->mark, state->mark_size);
	textbuf_put(&sink->record, "   ", 3);
	(void)textbuf_put_shown(&sink->record, data, size,
	    sink->options.utf8);
	if (!ended)
		textbuf_put_byte(&sink->record, '\\');
	textbuf_put_byte(&sink->record, '\n');
}

static void
put_text_lines(struct sink *sink, const struct trace_event *event)
{
	const char *data = event->data;
	size_t size = sink_shown(sink, event->size);
	const char *newline;
	size_t length;

	while (size > 0) {
		newline = memchr(data, '\n', size);
		length = newline == NULL ? size : (size_t)(newline - data);
		put_text_line(sink, data, length, newline != NULL);
		if (newline != NULL)
			length++;
		data += length;
		size -= length;
	}
}

static void
put_hex_rows(struct sink *sink, const struct trace_event *event)
{
	const struct text_state *state = sink->state;
	const unsigned char *data = event->data;
	size_t size = sink_shown(sink, event->size);
	uint64_t offset = event->offset;
	size_t length;

	for (; size > 0; size -= length) {
		length = size < HEXDUMP_BYTES ? size : HEXDUMP_BYTES;
		sink_reserve(sink, sizeof(state->mark) + HEXDUMP_MAX);
		textbuf_put(&sink->record, state->mark, state->mark_size);
		hexdump_row(&sink->record, offset, data, length);
		data += length;
		offset += length;
	}
}

void
text_event(struct sink *sink, const struct trace_event *event)
{
	put_first_line(sink, event);
	if (event->kind != TRACE_DATA && event->kind != TRACE_MESSAGE)
		;
	else if (sink->options.format != FORMAT_HEX &&
	    utf8_is_text(event->data, event->size))
		put_text_lines(sink, event);
	else
		put_hex_rows(sink, event);
	sink_flush(sink);
}
