/* SPDX-License-Identifier: MIT */
/* Deadlines, each computed from the state, and what they do. */
#ifndef TIMERS_H
#define TIMERS_H

#include "relay/supervise.h"

/* The next of all. */
int64_t timers_next(const struct supervisor *supervisor);

/* A signal ends us: start that second anew. */
void timers_hurry(struct supervisor *supervisor);

/*
 * Do what the time has come for.  True if there is nothing to wait for any
 * more.
 */
bool timers_handle(struct supervisor *supervisor);

/* Keep the time of the last movement, if anybody asks for it. */
void timers_note_activity(struct supervisor *supervisor);

/* A trace has held up all reading and writing until now. */
void timers_note_unheard(struct supervisor *supervisor);

/* A command has been reaped. */
void timers_note_reaped(struct supervisor *supervisor, struct side *side);

/* The process was stopped, and time went by that nobody could use. */
void timers_restart(struct supervisor *supervisor);

#endif
