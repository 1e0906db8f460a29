/* SPDX-License-Identifier: MIT */
/* Converts the text of an option's value into the plan.  For options.c. */
#ifndef OPTION_VALUE_H
#define OPTION_VALUE_H

#include "plan/option-table.h"
#include "plan/plan.h"

/*
 * Put one option, with its value text (NULL if it takes none), into plan.
 * Returns 0, or -1 after printing a message.
 */
int option_take(enum option option, const char *text, struct plan *plan);

#endif
