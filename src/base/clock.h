/* SPDX-License-Identifier: MIT */
/*
 * Times, durations and deadlines, all in nanoseconds.  A deadline is an
 * absolute time of CLOCK_MONOTONIC, so a wait that is interrupted and begun
 * again does not last longer.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>

#define SECOND INT64_C(1000000000)	/* nanoseconds */
#define DEADLINE_NEVER INT64_MAX

/* The time of clock: CLOCK_REALTIME or CLOCK_MONOTONIC. */
int64_t clock_read(clockid_t clock);

/* The time of CLOCK_MONOTONIC. */
int64_t clock_now(void);

/* start plus duration; DEADLINE_NEVER if the sum is too large. */
int64_t deadline_after(int64_t start, int64_t duration);

/* The earlier of two deadlines. */
int64_t deadline_sooner(int64_t one, int64_t other);

/*
 * Set *left to the timeout for ppoll(2) that ends at deadline, or to zero if
 * deadline has passed.  Returns left; or NULL for DEADLINE_NEVER.
 */
struct timespec *deadline_left(int64_t deadline, struct timespec *left);

/*
 * The same for poll(2): in milliseconds, rounded up, at most a day; -1 for
 * DEADLINE_NEVER.
 */
int deadline_left_ms(int64_t deadline);

#endif
