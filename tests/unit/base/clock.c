/* SPDX-License-Identifier: MIT */
/* Deadlines: arithmetic that does not overflow, and what is left. */
#include "config.h"

#include "base/clock.h"
#include "tap.h"

static void
test_now(void)
{
	struct timespec clock;
	int64_t before, now;

	before = clock_now();
	clock_gettime(CLOCK_MONOTONIC, &clock);
	now = (int64_t)clock.tv_sec * SECOND + clock.tv_nsec;
	ok(before <= now && now <= clock_now(),
	    "the time is that of the monotonic clock");
	now = clock_read(CLOCK_REALTIME) / SECOND;
	ok(llabs(now - (int64_t)time(NULL)) < 3600,
	    "another clock can be read, too");
}

static void
test_after(void)
{
	static const struct {
		int64_t start;
		int64_t duration;
		int64_t want;
		const char *name;
	} rows[] = {
		{ 5, 0, 5, "no duration is at once" },
		{ 5, 7, 12, "a duration is added" },
		{ 0, INT64_MAX, DEADLINE_NEVER, "the longest is never" },
		{ 1, INT64_MAX, DEADLINE_NEVER, "past all counting is never" },
		{ INT64_MAX - 5, 5, DEADLINE_NEVER, "the very end is never" },
		{ INT64_MAX - 5, 4, INT64_MAX - 1,
		    "just before it is a deadline" },
		{ INT64_MAX - 5, 6, DEADLINE_NEVER, "just past it is never" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		is_int(deadline_after(rows[i].start, rows[i].duration),
		    rows[i].want, rows[i].name);
}

static void
test_sooner(void)
{
	is_int(deadline_sooner(1, 2), 1, "the first is sooner");
	is_int(deadline_sooner(2, 1), 1, "the second is sooner");
	is_int(deadline_sooner(2, 2), 2, "both are the same");
	is_int(deadline_sooner(DEADLINE_NEVER, 3), 3,
	    "anything is sooner than never");
	is_int(deadline_sooner(DEADLINE_NEVER, DEADLINE_NEVER),
	    DEADLINE_NEVER, "never and never is never");
}

static void
test_left(void)
{
	struct timespec left = { 77, 77 };

	ok(deadline_left(DEADLINE_NEVER, &left) == NULL,
	    "for never there is no timeout");
	ok(deadline_left(clock_now() - 5 * SECOND, &left) == &left &&
	    left.tv_sec == 0 && left.tv_nsec == 0,
	    "nothing is left of the past");
	ok(deadline_left(0, &left) == &left && left.tv_sec == 0 &&
	    left.tv_nsec == 0, "nothing is left of the beginning");
	ok(deadline_left(clock_now() + 3600 * SECOND - 1, &left) == &left &&
	    left.tv_sec > 3500 && left.tv_sec < 3600 &&
	    left.tv_nsec >= 0 && left.tv_nsec < SECOND,
	    "an hour is left as seconds and nanoseconds");
	ok(deadline_left(DEADLINE_NEVER - 1, &left) == &left &&
	    left.tv_sec > 0 && left.tv_nsec < SECOND,
	    "centuries are left as they are");
}

/* What is left, in milliseconds: 2 unless a millisecond passes meanwhile. */
static bool
is_rounded_up(void)
{
	int turn;

	for (turn = 0; turn < 1000; turn++)
		if (deadline_left_ms(clock_now() + SECOND / 1000 + 999999) == 2)
			return true;
	return false;
}

static void
test_left_ms(void)
{
	is_int(deadline_left_ms(DEADLINE_NEVER), -1,
	    "poll(2) waits for ever for never");
	is_int(deadline_left_ms(clock_now() - 1), 0,
	    "and not at all for the past");
	ok(is_rounded_up(), "a part of a millisecond is waited for");
	is_int(deadline_left_ms(DEADLINE_NEVER - 1), 86400000,
	    "centuries are waited for day by day");
}

int
main(void)
{
	test_now();
	test_after();
	test_sooner();
	test_left();
	test_left_ms();
	return done_testing();
}
