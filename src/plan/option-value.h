/* SPDX-License-Identifier: MIT */
/* Converts the text of an option's value into the plan.  For options.c. */
#ifndef OPTION_VALUE_H
#define OPTION_VALUE_H

#include "plan/names.h"
#include "plan/option-table.h"
#include "plan/plan.h"

/*
 * Put one option, with its value text (NULL if it takes none), into plan.
 * Returns 0, or -1 after printing a message.
 */
int option_take(enum option option, const char *text, struct plan *plan);

/*
 * The names that the value of an option (enum option) can be, or be a list of;
 * NULL if it is something else.  The option must have a value.
 */
const struct name *option_names(int option);

#endif
