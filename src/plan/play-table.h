/* SPDX-License-Identifier: MIT */
/* The options of sockplay: their names and their lines in --help. */
#ifndef PLAY_TABLE_H
#define PLAY_TABLE_H

#include <popt.h>

#include "plan/names.h"
#include "plan/option-table.h"

/* The options that sockpair lacks. */
enum play_option {
	PLAY_OPTION_AS = OPTION_VERSION + 1,
	PLAY_OPTION_IGNORE,
};

/* All options, in groups, for poptGetContext(3). */
extern const struct poptOption play_option_table[];

extern const struct name play_side_names[];	/* enum play_side */

/* As option_names(), of option-value.h, for all options of sockplay. */
const struct name *play_option_names(int option);

#endif
