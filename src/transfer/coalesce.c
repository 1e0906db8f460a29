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
#define GAP_MAX INT64_C(50000)

#define WINDOW 32		/* pieces over which a rate is measured */
#define CHECK_PART 8		/* an eighth of a window: yield_is_slower() */
#define HOLD_FIRST 16		/* windows */
#define HOLD_MOST 256

bool
coalesce_is_stream(struct coalesce *coalesce, uint64_t to_command,
    uint64_t from_command)
{
	bool moved_to = to_command != coalesce->to_command;
	bool moved_from = from_command != coalesce->from_command;

	coalesce->to_command = to_command;
	coalesce->from_command = from_command;
	if (!moved_to && !moved_from)
		return false;
	if ((moved_to && moved_from) ||
	    moved_from == coalesce->was_from_command)
		coalesce->stream += coalesce->stream < MOST;
	else
		coalesce->stream -= coalesce->stream < TURN_TAKES ?
		    coalesce->stream : TURN_TAKES;
	if (moved_to != moved_from)
		coalesce->was_from_command = moved_from;
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
yield_is_slower(const struct coalesce *coalesce)
{
	return coalesce->is_yielding &&
	    coalesce->at - coalesce->begun > coalesce->check_after &&
	    window_rate(coalesce) < coalesce->rates[false] / 2;
}

static void
end_window(struct coalesce *coalesce)
{
	coalesce->rates[coalesce->is_yielding] = window_rate(coalesce);
	if (!coalesce->is_yielding)
		coalesce->check_after =
		    (coalesce->at - coalesce->begun) / CHECK_PART;
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
	uint64_t moved = coalesce->to_command + coalesce->from_command;
	bool is_soon = now - coalesce->at <
	    GAP_MAX + (int64_t)(moved - coalesce->moved);

	coalesce->at = now;
	coalesce->moved = moved;
	if (coalesce->pieces == 0)
		begin_window(coalesce);
	if (yield_is_slower(coalesce)) {
		coalesce->left = 0;
		end_window(coalesce);
	} else if (++coalesce->pieces > WINDOW) {
		end_window(coalesce);
	}
	return coalesce->is_yielding && is_soon;
}
