/* SPDX-License-Identifier: MIT */
/* What was carried: counted, and in words. */
#include "config.h"

#include <stdint.h>

#include "base/clock.h"
#include "trace/stats.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	uint64_t bytes;
	const char *text;
} sizes[] = {
	{ 0, "0 B" },
	{ 1, "1 B" },
	{ 1023, "1023 B" },
	{ 1024, "1.0 KiB" },
	{ 1536, "1.5 KiB" },
	{ 1048524, "1023.9 KiB" },
	{ 1048525, "1.0 MiB" },
	{ 1048576, "1.0 MiB" },
	{ UINT64_C(1) << 30, "1.0 GiB" },
	{ UINT64_C(1) << 40, "1.0 TiB" },
	{ UINT64_C(1) << 50, "1.0 PiB" },
	{ UINT64_MAX, "16.0 EiB" },
};

static const struct {
	struct stats stats;
	const char *text;
	const char *name;
} lines[] = {
	{ { .duration = 0 },
	    "in: 0 B, 0 B undelivered, 0.000 s, 0 B/s, blocked 0.000 s",
	    "nothing in no time" },
	{ { .to_command = { .bytes = 68, .pieces = 2, .largest = 60 },
	    .duration = 2 * SECOND },
	    "in: 68 B, 0 B undelivered, 2.000 s, 34 B/s, blocked 0.000 s",
	    "a stream has no messages" },
	{ { .to_command = { .bytes = 68, .pieces = 2, .largest = 60 },
	    .duration = 2 * SECOND, .messages = true },
	    "in: 68 B in 2 messages, largest 60 B, 0 B undelivered, 2.000 s, "
	    "34 B/s, blocked 0.000 s", "messages and the largest" },
	{ { .to_command = { .bytes = 0, .pieces = 1 }, .duration = SECOND,
	    .messages = true },
	    "in: 0 B in 1 message, largest 0 B, 0 B undelivered, 1.000 s, "
	    "0 B/s, blocked 0.000 s", "one empty message" },
	{ { .to_command = { .bytes = 3 << 20, .undelivered = 65536,
	    .blocked = SECOND / 4 }, .duration = SECOND * 3 / 2 },
	    "in: 3.0 MiB (3145728 B), 64.0 KiB (65536 B) undelivered, "
	    "1.500 s, 2.0 MiB/s, blocked 0.250 s",
	    "large numbers are told twice" },
	{ { .to_command = { .bytes = 1, .pieces = 1, .descriptors = 1 },
	    .duration = SECOND },
	    "in: 1 B, 0 B undelivered, 1 descriptor, 1.000 s, 1 B/s, "
	    "blocked 0.000 s", "a descriptor that was passed on" },
	{ { .to_command = { .bytes = 2, .pieces = 2, .descriptors = 3,
	    .refused = 1 }, .duration = SECOND },
	    "in: 2 B, 0 B undelivered, 3 descriptors, 1 not passed on, "
	    "1.000 s, 2 B/s, blocked 0.000 s", "one that was not" },
	{ { .to_command = { .bytes = UINT64_MAX, .pieces = UINT64_MAX,
	    .largest = UINT64_MAX, .undelivered = UINT64_MAX,
	    .blocked = INT64_MAX }, .duration = 1, .messages = true },
	    "in: 16.0 EiB (18446744073709551615 B) in 18446744073709551615 "
	    "messages, largest 16.0 EiB (18446744073709551615 B), 16.0 EiB "
	    "(18446744073709551615 B) undelivered, 0.000 s, 16.0 EiB/s, "
	    "blocked 9223372036.854 s", "the largest numbers fit" },
};

static void
test_words(void)
{
	char text[STATS_TEXT_MAX];
	char title[80];
	size_t i;

	for (i = 0; i < COUNT(sizes); i++) {
		stats_format_bytes(sizes[i].bytes, text);
		snprintf(title, sizeof(title), "%llu bytes in words",
		    (unsigned long long)sizes[i].bytes);
		is_str(text, sizes[i].text, title);
	}
	for (i = 0; i < COUNT(lines); i++) {
		stats_format_totals(&lines[i].stats, &lines[i].stats.to_command,
		    "in", text);
		is_str(text, lines[i].text, lines[i].name);
	}
}

static void
test_count(void)
{
	struct stats_totals totals = { 0 };

	stats_count(&totals, 5);
	stats_count(&totals, 0);
	stats_count(&totals, 3);
	ok(totals.bytes == 8 && totals.pieces == 3 && totals.largest == 5 &&
	    totals.undelivered == 0, "pieces are counted, empty ones too");
}

int
main(void)
{
	test_count();
	test_words();
	return done_testing();
}
