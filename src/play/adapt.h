/* SPDX-License-Identifier: MIT */
/* The plan of a command that is compared with a recorded talk. */
#ifndef ADAPT_H
#define ADAPT_H

#include "plan/plan.h"
#include "play/record.h"

/*
 * Complete plan with what was recorded.  If no option has chosen them, set the
 * type of the pair, or two pipes, and the descriptors of the command's end,
 * which are moved out of record.  Make room for the largest recorded message.
 * Set plan->is_played: we use the other end ourselves, so the command inherits
 * our standard input or output if its end is not on that descriptor.
 * Returns 0; or -1 after printing a message, if the options and the record
 * cannot go together.
 */
int adapt_plan(struct plan *plan, struct record *record);

#endif
