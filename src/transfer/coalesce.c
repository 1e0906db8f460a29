/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transfer/coalesce.h"

/*
 * So many pieces one way, or both at once, are a stream; one that goes another
 * way than the last takes off two, so that question and answer are none.
 */
#define STREAM 16
#define MOST 32
#define TURN_TAKES 2

/*
 * Nanoseconds between two pieces of a stream, and one more for each byte: some
 * turns of a relay.  What pauses longer has nothing to gather.
 */
#define SWIFT INT64_C(50000)

#define WINDOW 32		/* pieces, to measure a rate */
#define GLANCE 8		/* such a part of its time shows a bad idea */
#define HOLD_FIRST 16		/* windows */
#define HOLD_MOST 256

bool
gather_is_stream(struct gather *gather, uint64_t there, uint64_t back)
{
	bool is_there = there != gather->there;
	bool is_back = back != gather->back;

	gather->there = there;
	gather->back = back;
	if (!is_there && !is_back)
		return false;
	if ((is_there && is_back) || is_back == gather->was_back)
		gather->stream += gather->stream < MOST;
	else
		gather->stream -= gather->stream < TURN_TAKES ?
		    gather->stream : TURN_TAKES;
	if (is_there != is_back)
		gather->was_back = is_back;
	if (gather->stream >= STREAM)
		return true;
	gather->pieces = 0;
	return false;
}

static void
begin_window(struct gather *gather)
{
	gather->pieces = 0;
	gather->begun = gather->at;
	gather->begun_moved = gather->moved;
}

/* Both have been measured: go on with the better one. */
static void
judge_trial(struct gather *gather)
{
	uint64_t plain = gather->rates[false];
	bool is_better = gather->rates[true] > plain + plain / 16;

	if (is_better == gather->is_waiting || gather->hold == 0)
		gather->hold = HOLD_FIRST;
	else if (gather->hold < HOLD_MOST)
		gather->hold *= 2;
	gather->is_waiting = is_better;
	gather->is_trial = false;
	gather->left = gather->hold;
}

/* Of this window, in bytes a millisecond or so: never divided by 0. */
static uint64_t
rate(const struct gather *gather)
{
	return (gather->moved - gather->begun_moved) * 1024 /
	    ((uint64_t)(gather->at - gather->begun) / 1024 + 1);
}

/* Whether somebody else has run, or nobody had more to write. */
static bool
is_bad_idea(const struct gather *gather)
{
	return gather->is_waiting &&
	    gather->at - gather->begun > gather->glance &&
	    rate(gather) < gather->rates[false] / 2;
}

static void
end_window(struct gather *gather)
{
	gather->rates[gather->is_waiting] = rate(gather);
	if (!gather->is_waiting)
		gather->glance = (gather->at - gather->begun) / GLANCE;
	if (gather->is_trial) {
		judge_trial(gather);
	} else if (gather->left > 0) {
		gather->left--;
	} else {
		gather->is_waiting = !gather->is_waiting;
		gather->is_trial = true;
	}
	begin_window(gather);
}

bool
gather_pays(struct gather *gather, int64_t now)
{
	uint64_t moved = gather->there + gather->back;
	bool is_swift = now - gather->at <
	    SWIFT + (int64_t)(moved - gather->moved);

	gather->at = now;
	gather->moved = moved;
	if (gather->pieces == 0)
		begin_window(gather);
	if (is_bad_idea(gather)) {
		gather->left = 0;
		end_window(gather);
	} else if (++gather->pieces > WINDOW) {
		end_window(gather);
	}
	return gather->is_waiting && is_swift;
}
