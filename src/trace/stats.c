/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/textbuf.h"
#include "trace/stats.h"

void
stats_count(struct stats_totals *totals, size_t size)
{
	totals->bytes += size;
	stats_count_message(totals, size);
}

void
stats_count_message(struct stats_totals *totals, size_t size)
{
	totals->pieces++;
	if (size > totals->largest)
		totals->largest = size;
}

void
stats_format_bytes(uint64_t bytes, char text[16])
{
	static const char *const units[] = {
		"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"
	};
	double value = (double)bytes;
	size_t unit = 0;

	/* 1023.95 would be rounded to 1024.0. */
	while (value >= 1023.95) {
		value /= 1024;
		unit++;
	}
	snprintf(text, 16, unit == 0 ? "%.0f %s" : "%.1f %s", value,
	    units[unit]);
}

/* Put bytes in a unit for people, and exactly if that unit is not B. */
static void
put_amount(struct textbuf *line, uint64_t bytes)
{
	char people[16];

	stats_format_bytes(bytes, people);
	textbuf_print(line, "%s", people);
	if (bytes >= 1024)
		textbuf_print(line, " (%llu B)", (unsigned long long)bytes);
}

static void
put_message_totals(struct textbuf *line, const struct stats_totals *totals)
{
	textbuf_print(line, " in %llu message%s, largest ",
	    (unsigned long long)totals->pieces, totals->pieces == 1 ? "" : "s");
	put_amount(line, totals->largest);
}

static void
put_rate(struct textbuf *line, uint64_t bytes, int64_t nanoseconds)
{
	double rate = 0;
	char people[16];

	if (nanoseconds > 0)
		rate = (double)bytes / (double)nanoseconds * (double)SECOND;
	stats_format_bytes(rate < (double)UINT64_MAX ? (uint64_t)rate :
	    UINT64_MAX, people);
	textbuf_print(line, "%s/s", people);
}

static void
put_descriptors(struct textbuf *line, const struct stats_totals *totals)
{
	textbuf_print(line, "%llu descriptor%s, ",
	    (unsigned long long)totals->descriptors,
	    totals->descriptors == 1 ? "" : "s");
	if (totals->refused > 0)
		textbuf_print(line, "%llu not passed on, ",
		    (unsigned long long)totals->refused);
}

void
stats_format_totals(const struct stats *stats,
    const struct stats_totals *totals, const char *name,
    char text[STATS_TEXT_MAX])
{
	struct textbuf line = textbuf_in(text, STATS_TEXT_MAX - 1);

	textbuf_print(&line, "%s: ", name);
	put_amount(&line, totals->bytes);
	if (stats->messages)
		put_message_totals(&line, totals);
	textbuf_print(&line, ", ");
	put_amount(&line, totals->undelivered);
	textbuf_print(&line, " undelivered, ");
	if (totals->descriptors > 0)
		put_descriptors(&line, totals);
	textbuf_put_seconds(&line, stats->duration, 3);
	textbuf_print(&line, " s, ");
	put_rate(&line, totals->bytes, stats->duration);
	textbuf_print(&line, ", blocked ");
	textbuf_put_seconds(&line, totals->blocked, 3);
	textbuf_print(&line, " s");
	text[line.used] = '\0';
}
