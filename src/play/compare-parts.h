/* SPDX-License-Identifier: MIT */
/*
 * The parts of the comparison: compare.c has the position in the record, and
 * streams; compare-messages.c has messages, and compare-lines.c streams with
 * --ignore.  Nothing else uses these functions, which are in compare.c.
 */
#ifndef COMPARE_PARTS_H
#define COMPARE_PARTS_H

#include "play/compare.h"

/* Go on to the next step of the side that has not come whole. */
void compare_skip(struct compare *compare);

/*
 * The step that is to come next, if it is bytes or a message; NULL if an end is
 * to come, or nothing.
 */
const struct step *compare_next_data(const struct compare *compare);

/* Whether all has come, and whatever follows is accepted. */
bool compare_is_surplus(const struct compare *compare);

/*
 * The line of the record to print if step number index was expected: that of
 * the exit, or of the last step, if there is no such step.
 */
unsigned long compare_line(const struct compare *compare, size_t index);

/* How many of the first size bytes in one and in other are the same. */
size_t compare_count_same(const char *one, const char *other, size_t size);

#endif
