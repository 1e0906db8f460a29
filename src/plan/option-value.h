/* SPDX-License-Identifier: MIT */
/* An option's value, from its text into the plan.  For options.c. */
#ifndef OPTION_VALUE_H
#define OPTION_VALUE_H

#include "plan/option-table.h"
#include "plan/plan.h"

/* What holds for every -o behind it. */
struct output_style {
	enum trace_format format;
	bool append;
};

/*
 * Put one option, with its value text (NULL if it takes none), into plan; style
 * is at first all 0, and the same for all options.
 * Returns 0, or -1 after a message.
 */
int option_take(enum option option, const char *text, struct plan *plan,
    struct output_style *style);

#endif
