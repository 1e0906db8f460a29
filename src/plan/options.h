/* SPDX-License-Identifier: MIT */
/* The command line of sockpair.  No other part of the program reads it. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "plan/command-line.h"
#include "plan/plan.h"

/*
 * Read argv (argc strings, as passed to main; argc may be 0) into plan, which
 * plan_init() has filled with the defaults.  Aliases are read from popt's
 * configuration files, unless the program runs with another user's rights.
 *
 * OPTIONS_RUN	plan holds all options, and a command
 * OPTIONS_HALF_CLOSE
 *		plan->half_close is the descriptor to half-close
 * OPTIONS_DONE	the whole text was written to standard output
 * OPTIONS_WRONG	the options are wrong, or the text could not be written:
 *		one line on standard error says which
 *
 * The strings in plan are copies; argv is not kept.
 */
enum options_result options_parse(int argc, const char **argv,
    struct plan *plan);

#endif
