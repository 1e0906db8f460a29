/* SPDX-License-Identifier: MIT */
/*
 * Deadlines: nanoseconds of CLOCK_MONOTONIC, absolute, so that a wakeup in
 * between cannot stretch them.  A duration is in nanoseconds as well.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>

#define DEADLINE_NEVER INT64_MAX

/* The time that it is now. */
int64_t clock_now(void);

/* The deadline duration after start; never, if that is past all counting. */
int64_t deadline_after(int64_t start, int64_t duration);

/* The earlier of two deadlines. */
int64_t deadline_sooner(int64_t one, int64_t other);

/*
 * What is left until deadline, none if it has passed, as ppoll(2) wants it:
 * returns left, filled in, or NULL for never.
 */
struct timespec *deadline_left(int64_t deadline, struct timespec *left);

/* The same in milliseconds, as poll(2) wants it, rounded up: -1 for never. */
int deadline_left_ms(int64_t deadline);

#endif
