/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transfer/coalesce.h"

/*
 * STREAM pieces in one direction, or in both at once, are a stream.  A piece in
 * the other direction than the last one reduces the count by TURN_TAKES, so
 * that questions and answers never become a stream.
 */
#define STREAM 16
#define MOST 32
#define TURN_TAKES 2

/*
 * Nanoseconds between two pieces of a stream, a few turns of a relay's loop; 1
 * more is allowed for each byte.  A writer that pauses longer has nothing to
 * add.
 */
#define SWIFT INT64_C(50000)

#define WINDOW 32		/* pieces over which a rate is measured */
#define GLANCE 8		/* see is_bad_idea() */
#define HOLD_FIRST 16		/* windows */
#define HOLD_MOST 256

bool
coalesce_is_stream(struct coalesce *coalesce, uint64_t there, uint64_t back)
{
	bool is_there = there != coalesce->there;
	bool is_back = back != coalesce->back;

	coalesce->there = there;
	coalesce->back = back;
	if (!is_there && !is_back)
		return false;
	if ((is_there && is_back) || is_back == coalesce->was_back)
		coalesce->stream += coalesce->stream < MOST;
	else
		coalesce->stream -= coalesce->stream < TURN_TAKES ?
		    coalesce->stream : TURN_TAKES;
	if (is_there != is_back)
		coalesce->was_back = is_back;
	if (coalesce->stream >= STREAM)
		return true;
	coalesce->pieces = 0;
	return false;
}

static void
begin_window(struct coalesce *coalesce)
{
	coalesce->pieces = 0;
	coalesce->begun = coalesce->at;
	coalesce->begun_moved = coalesce->moved;
}

/* Both choices have been measured: keep the better one. */
static void
judge_trial(struct coalesce *coalesce)
{
	uint64_t plain = coalesce->rates[false];
	bool is_better = coalesce->rates[true] > plain + plain / 16;

	if (is_better == coalesce->is_yielding || coalesce->hold == 0)
		coalesce->hold = HOLD_FIRST;
	else if (coalesce->hold < HOLD_MOST)
		coalesce->hold *= 2;
	coalesce->is_yielding = is_better;
	coalesce->is_trial = false;
	coalesce->left = coalesce->hold;
}

/* The rate of this window so far, in bytes per 2^20 ns (about 1 ms). */
static uint64_t
window_rate(const struct coalesce *coalesce)
{
	return (coalesce->moved - coalesce->begun_moved) * 1024 /
	    ((uint64_t)(coalesce->at - coalesce->begun) / 1024 + 1);
}

/*
 * Whether to end a window early: the rate with yielding is less than half of
 * the rate without, after an eighth of the time that a window without took.
 * Then a third process has run, or the writer had no more to add.
 */
static bool
is_bad_idea(const struct coalesce *coalesce)
{
	return coalesce->is_yielding &&
	    coalesce->at - coalesce->begun > coalesce->glance &&
	    window_rate(coalesce) < coalesce->rates[false] / 2;
}

static void
end_window(struct coalesce *coalesce)
{
	coalesce->rates[coalesce->is_yielding] = window_rate(coalesce);
	if (!coalesce->is_yielding)
		coalesce->glance = (coalesce->at - coalesce->begun) / GLANCE;
	if (coalesce->is_trial) {
		judge_trial(coalesce);
	} else if (coalesce->left > 0) {
		coalesce->left--;
	} else {
		coalesce->is_yielding = !coalesce->is_yielding;
		coalesce->is_trial = true;
	}
	begin_window(coalesce);
}

bool
coalesce_pays(struct coalesce *coalesce, int64_t now)
{
	uint64_t moved = coalesce->there + coalesce->back;
	bool is_swift = now - coalesce->at <
	    SWIFT + (int64_t)(moved - coalesce->moved);

	coalesce->at = now;
	coalesce->moved = moved;
	if (coalesce->pieces == 0)
		begin_window(coalesce);
	if (is_bad_idea(coalesce)) {
		coalesce->left = 0;
		end_window(coalesce);
	} else if (++coalesce->pieces > WINDOW) {
		end_window(coalesce);
	}
	return coalesce->is_yielding && is_swift;
}
