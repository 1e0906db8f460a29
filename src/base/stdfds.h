/* SPDX-License-Identifier: MIT */
/* Descriptors 0 to 2 as they were on entry. */
#ifndef STDFDS_H
#define STDFDS_H

#include <stdbool.h>

struct stdfds {
	bool closed[3];		/* by number: it was closed on entry */
};

/*
 * Note which of 0 to 2 are closed, and hold these numbers with /dev/null
 * (close-on-exec), so that nothing we open lands on them.
 * Returns 0, or -1 with errno (and what was held so far stays held).
 */
int stdfds_hold(struct stdfds *stdfds);

/*
 * Put /dev/null in place of standard input and output, which we do not use:
 * whoever waits until all that hold them have closed them does not wait for us.
 * Cannot fail: they may stay.
 */
void stdfds_release(void);

#endif
