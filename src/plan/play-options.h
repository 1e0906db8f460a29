/* SPDX-License-Identifier: MIT */
/* The command line of sockplay.  Nothing else reads it. */
#ifndef PLAY_OPTIONS_H
#define PLAY_OPTIONS_H

#include <stddef.h>

#include "plan/command-line.h"
#include "plan/plan.h"

/* The side of the talk that is played without a command. */
enum play_side { PLAY_AS_COMMAND, PLAY_AS_STDIN };

struct play_plan {
	struct plan plan;	/* the command, its pair, and --timeout; the */
				/* command may be empty */
	char *file;		/* owned: the record; "-": standard input */
	enum play_side side;
	char **ignored;		/* owned: the patterns of --ignore */
	size_t ignored_count;
};

/* Fill in the defaults.  Returns 0, or -1 with errno ENOMEM. */
int play_plan_init(struct play_plan *play);

/*
 * Read argv (argc strings, as passed to main; argc may be 0) into play.
 * OPTIONS_RUN, OPTIONS_DONE and OPTIONS_WRONG as of options_parse().
 */
enum options_result play_options_parse(int argc, const char **argv,
    struct play_plan *play);

void play_plan_free(struct play_plan *play);

#endif
