/* SPDX-License-Identifier: MIT */
/* What the command lines of both programs have in common, by popt. */
#ifndef COMMAND_LINE_H
#define COMMAND_LINE_H

#include <popt.h>

enum options_result {
	OPTIONS_RUN,		/* the plan is complete */
	OPTIONS_HALF_CLOSE,	/* plan->half_close is set, and nothing else */
	OPTIONS_DONE,		/* help or the version has been printed */
	OPTIONS_WRONG,		/* a message has been printed */
};

/* The command line of one program. */
struct command_line {
	const char *program;	/* its name; aliases are found by it */
	const struct poptOption *table;	/* its options: groups of rows whose */
				/* val tells the options apart, without arg */
	const char *arguments;	/* what --help shows behind the name */
	const char *purpose;	/* the text of --help before the options */
	const char *notes;	/* and after them */

	/*
	 * Take one option, but for OPTION_HELP and its kin, with its value text
	 * (NULL if it takes none).  Returns 0, or -1 after printing a message.
	 */
	int (*take)(int option, const char *text, void *plan);

	/*
	 * Take the words after the options (NULL if there are none), and check
	 * everything together.  OPTIONS_WRONG: a message has been printed.
	 */
	enum options_result (*finish)(const char *const *words, void *plan);
};

/*
 * Read argv (argc strings, as passed to main; argc may be 0), and hand what is
 * in it to the functions of line, with plan.  Options end at the first word
 * that is none.  Aliases are read from popt's configuration files, unless the
 * program runs with another user's rights.
 *
 * OPTIONS_DONE	help or the version was written to standard output
 * OPTIONS_WRONG	the options are wrong, or that text could not be
 *		written: one line on standard error says which
 * or what finish returned.
 */
enum options_result command_line_read(const struct command_line *line,
    int argc, const char **argv, void *plan);

#endif
