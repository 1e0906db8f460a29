/* SPDX-License-Identifier: MIT */
/* The command line.  Nothing else in the program knows that there is one. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "plan/plan.h"

enum options_result {
	OPTIONS_RUN,		/* the plan is complete */
	OPTIONS_DONE,		/* help or the version was asked for */
	OPTIONS_WRONG,		/* and one line has said what */
};

/*
 * Read argv (argc strings, as main got them; argc may be 0) into plan, which
 * plan_init() has filled with the defaults.  popt's configuration files give
 * aliases, unless the program runs with another user's rights.
 *
 * OPTIONS_RUN	plan holds what was asked for, and a command
 * OPTIONS_DONE	text went to standard output, all of it
 * OPTIONS_WRONG one line on standard error names the option; or standard
 *		output would not take the text
 *
 * The strings in plan are its own; argv is not kept.
 */
enum options_result options_parse(int argc, const char **argv,
    struct plan *plan);

#endif
