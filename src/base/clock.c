/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stddef.h>

#include "base/clock.h"

#define NANOSECONDS 1000000000	/* in a second */

int64_t
clock_now(void)
{
	struct timespec now;

	/* Cannot fail: the clock exists, and &now is good. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec;
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
	left->tv_sec = (time_t)(duration / NANOSECONDS);
	left->tv_nsec = (long)(duration % NANOSECONDS);
	return left;
}

int
deadline_left_ms(int64_t deadline)
{
	struct timespec left;

	if (deadline_left(deadline, &left) == NULL)
		return -1;
	/* At most a day: the caller computes the rest anew. */
	if (left.tv_sec > 86400)
		return 86400000;
	return (int)(left.tv_sec * 1000 + (left.tv_nsec + 999999) / 1000000);
}
