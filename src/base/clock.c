/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stddef.h>

#include "base/clock.h"

int64_t
clock_read(clockid_t clock)
{
	struct timespec now;

	/* Cannot fail: the clock exists, and &now is good. */
	clock_gettime(clock, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

int64_t
clock_now(void)
{
	return clock_read(CLOCK_MONOTONIC);
}

int64_t
deadline_after(int64_t start, int64_t duration)
{
	if (duration > DEADLINE_NEVER - start)
		return DEADLINE_NEVER;
	return start + duration;
}

int64_t
deadline_sooner(int64_t one, int64_t other)
{
	return one < other ? one : other;
}

struct timespec *
deadline_left(int64_t deadline, struct timespec *left)
{
	int64_t duration;

	if (deadline == DEADLINE_NEVER)
		return NULL;
	duration = deadline - clock_now();
	if (duration < 0)
		duration = 0;
	left->tv_sec = (time_t)(duration / SECOND);
	left->tv_nsec = (long)(duration % SECOND);
	return left;
}

int
deadline_left_ms(int64_t deadline)
{
	struct timespec left;

	if (deadline_left(deadline, &left) == NULL)
		return -1;
	/* An int could overflow.  After a day the caller waits again. */
	if (left.tv_sec > 86400)
		return 86400000;
	return (int)(left.tv_sec * 1000 + (left.tv_nsec + 999999) / 1000000);
}
