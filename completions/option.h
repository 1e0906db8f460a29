/* SPDX-License-Identifier: MIT */
/* What completions know of an option, and its form in each shell's file. */
#ifndef OPTION_H
#define OPTION_H

#include "plan/names.h"

enum value_kind {
	VALUE_NONE,		/* the option takes no value */
	VALUE_TEXT,		/* there is nothing to offer */
	VALUE_NAME,		/* a name of a table */
	VALUE_LIST,		/* names of a table, which commas separate */
	VALUE_FILE,
	VALUE_COMMAND,		/* a line for sh -c */
	VALUE_VARIABLE,		/* of the environment */
};

/* All strings are borrowed from the table of options. */
struct option_row {
	const char *program;
	const char *name;	/* the long one, without dashes */
	char letter;		/* or '\0' */
	const char *help;
	const char *noun;	/* what --help calls the value */
	enum value_kind kind;
	const struct name *names;	/* of VALUE_NAME and VALUE_LIST */
};

/*
 * Print what stands for the option in the file of this shell, in lines of their
 * own, on standard output.
 */
void bash_print_option(const struct option_row *option);
void zsh_print_option(const struct option_row *option);
void fish_print_option(const struct option_row *option);

/*
 * Print text, with a backslash before each character that is in special, and
 * as it has to stand between single quotes in a POSIX shell.
 */
void print_quoted(const char *text, const char *special);

/* Print the names that the value can be, with spaces between them. */
void print_names(const struct option_row *option);

#endif
