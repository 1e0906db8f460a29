/* SPDX-License-Identifier: MIT */
/*
 * The deadlines of a run, and what is done when each has come.  All are
 * computed from the state of the supervisor; none is stored here.
 */
#ifndef TIMERS_H
#define TIMERS_H

#include "relay/supervise.h"

/* The next deadline of all, as of clock.h; DEADLINE_NEVER if there is none. */
int64_t timers_next(const struct supervisor *supervisor);

/* Do everything that is due now. */
void timers_handle(struct supervisor *supervisor);

/*
 * A signal begins to end us: from now on a trace whose reader takes nothing is
 * waited for only one second.
 */
void timers_hurry(struct supervisor *supervisor);

/*
 * Whether --timeout or --kill-after is to end a command now, or --timeout has
 * begun to.
 */
bool timers_are_to_end_command(const struct supervisor *supervisor);

/*
 * The relay has been moved on.  If data moved, set the times that --timeout
 * and --linger count from; without either option only the amount is kept.
 */
void timers_note_activity(struct supervisor *supervisor);

/*
 * A trace is behind, so nothing is read from the sides.  --linger, and the
 * check for a reader who takes nothing, count anew from now.
 *
 * Called in every turn while a trace is behind, because a trace stops being
 * behind in several ways: it was written, it failed, or it was given up.
 */
void timers_postpone(struct supervisor *supervisor);

/* The command of side has been reaped.  That counts as activity of side. */
void timers_note_reaped(struct supervisor *supervisor, struct side *side);

/*
 * The process continues after it was stopped (SIGCONT).  What counts from the
 * last activity or from the last command's end counts anew from now, and so do
 * the steps of --kill-after.
 */
void timers_restart(struct supervisor *supervisor);

#endif
