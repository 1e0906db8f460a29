/* SPDX-License-Identifier: MIT */
/* Descriptors 0 to 2 as they were on entry. */
#ifndef STDFDS_H
#define STDFDS_H

#include <stdbool.h>

struct stdfds {
	bool closed[3];		/* by number: whether it was closed on entry */
};

/*
 * Note which of 0 to 2 are closed, and open /dev/null (close-on-exec) on these
 * numbers, so that no file that we open later gets them.
 * Returns 0; or -1 with errno, and what was opened so far stays open.
 */
int stdfds_hold(struct stdfds *stdfds);

/*
 * Replace standard input and output, which we do not use, by /dev/null.  A
 * process that waits until every other one has closed them, such as the reader
 * of a pipe, then does not wait for us.  If this fails, they stay open.
 */
void stdfds_release(void);

#endif
