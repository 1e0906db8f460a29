/* SPDX-License-Identifier: MIT */
/*
 * command-line.c finds the options.  Those that sockpair has, too, are named as
 * there, and option-value.c reads their values.  The others are read here.
 */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "plan/names.h"
#include "plan/option-value.h"
#include "plan/play-options.h"
#include "plan/play-table.h"

/* The command line that is being read. */
struct reading {
	struct play_plan *play;
	const char *of_command;	/* borrowed: the name of the first option */
				/* that needs a command; NULL: none came */
	bool side_chosen;
};

static int
take_side(struct reading *reading, const char *text)
{
	int side;

	if (!names_value(play_side_names, text, &side)) {
		diag_print("--as: '%s' is not command or stdin", text);
		return -1;
	}
	reading->play->side = (enum play_side)side;
	reading->side_chosen = true;
	return 0;
}

/* Add a copy of pattern to play->ignored. */
static int
take_ignore(struct play_plan *play, const char *pattern)
{
	size_t count = play->ignored_count;
	char **larger = realloc(play->ignored, (count + 1) * sizeof(*larger));

	if (larger != NULL) {
		play->ignored = larger;
		larger[count] = strdup(pattern);
		if (larger[count] != NULL) {
			play->ignored_count++;
			return 0;
		}
	}
	diag_print("cannot read --ignore: %s", strerror(ENOMEM));
	return -1;
}

static int
take(int option, const char *text, void *plan)
{
	struct reading *reading = plan;

	if (option == PLAY_OPTION_AS)
		return take_side(reading, text);
	if (option == PLAY_OPTION_IGNORE)
		return take_ignore(reading->play, text);
	if (option != OPTION_TIMEOUT && reading->of_command == NULL)
		reading->of_command = option_name((enum option)option);
	return option_take((enum option)option, text, &reading->play->plan);
}

static int
take_words(struct play_plan *play, const char *const *words)
{
	play->file = strdup(words[0]);
	if (play->file != NULL && plan_set_command(&play->plan,
	    words + 1) == 0)
		return 0;
	diag_print("cannot read the command: %s", strerror(errno));
	return -1;
}

/* Check all options together.  Returns 0, or -1 after printing a message. */
static int
check(const struct reading *reading)
{
	bool has_command = reading->play->plan.command[0] != NULL;

	if (reading->of_command != NULL && !has_command)
		diag_print("--%s: needs a command", reading->of_command);
	else if (reading->side_chosen && has_command)
		diag_print("--as: cannot go with a command");
	else if (strcmp(reading->play->file, "-") == 0 && !has_command)
		diag_print("FILE '-': needs a command");
	else
		return 0;
	return -1;
}

static enum options_result
finish(const char *const *words, void *plan)
{
	struct reading *reading = plan;

	if (words == NULL || words[0] == NULL) {
		diag_print("needs a file (see sockplay --help)");
		return OPTIONS_WRONG;
	}
	if (take_words(reading->play, words) == -1 || check(reading) == -1)
		return OPTIONS_WRONG;
	return OPTIONS_RUN;
}

static const struct command_line play_line = {
	.program = "sockplay",
	.table = play_option_table,
	.arguments = "[OPTION...] [--] FILE [COMMAND [ARG...]]",
	.purpose =
	    "Play one side of the talk recorded in FILE, and compare what the "
	    "other side\n"
	    "says.  FILE is a trace of sockpair -o FILE.jsonl; \"-\" is "
	    "standard input.\n"
	    "With COMMAND: run it as sockpair does, and play the side of "
	    "standard input.\n"
	    "Without COMMAND: play the side of the command, on standard input "
	    "and output.\n",
	.notes =
	    "TIME is in seconds, or in the unit that follows: ms, s, m or h.\n"
	    "The exit status is 0 if all was as recorded, 1 if something "
	    "differed.\n"
	    "See the manual page, sockplay(1), for details and examples.\n",
	.take = take,
	.finish = finish,
};

int
play_plan_init(struct play_plan *play)
{
	*play = (struct play_plan){ .side = PLAY_AS_COMMAND };
	return plan_init(&play->plan);
}

enum options_result
play_options_parse(int argc, const char **argv, struct play_plan *play)
{
	struct reading reading = { .play = play };

	return command_line_read(&play_line, argc, argv, &reading);
}

void
play_plan_free(struct play_plan *play)
{
	while (play->ignored_count > 0)
		free(play->ignored[--play->ignored_count]);
	free(play->ignored);
	free(play->file);
	plan_free(&play->plan);
}
