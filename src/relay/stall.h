/* SPDX-License-Identifier: MIT */
/* --stall: a report of who waits for what, when nothing moves. */
#ifndef STALL_H
#define STALL_H

#include "relay/supervise.h"

/*
 * When to report, as of clock.h; DEADLINE_NEVER without --stall, if nothing has
 * moved since the last report, or if no command runs.
 */
int64_t stall_deadline(const struct supervisor *supervisor);

/* The deadline has come: print the report, and trace the event. */
void stall_handle(struct supervisor *supervisor, int64_t now);

/*
 * Print the report on standard error: a line that nothing has moved for
 * duration nanoseconds, a line for each direction of the relay, and a line for
 * each process that holds a command's end.  Without a relay nothing is printed.
 */
void stall_print(struct supervisor *supervisor, int64_t duration);

#endif
