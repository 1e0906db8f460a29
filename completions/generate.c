/* SPDX-License-Identifier: MIT */
/*
 * generate - the completions of a program for a shell, from its options
 *
 *	generate SHELL PROGRAM <SHELL.in >FILE
 *
 * SHELL is bash, zsh or fish, and PROGRAM sockpair or sockplay.  The template
 * SHELL.in has all that does not depend on the options.  In it these marks are
 * replaced:
 *
 *	@program@	PROGRAM
 *	@options@	a line of its own: all options, in the form of SHELL
 *	@file@		at the start of a line: it is left out unless a FILE
 *			stands before COMMAND
 *
 * What an option's value is follows from the tables that the programs read
 * their command lines with: names from option_names(), the rest from what
 * --help calls the value.
 *
 * It runs while sockpair is built.  It is linked without libpopt, and is not
 * installed.
 */
#include "config.h"

#include <popt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "option.h"
#include "plan/option-table.h"
#include "plan/option-value.h"
#include "plan/play-table.h"

#define LINE_SIZE 200		/* bytes of the longest line of a template */

static const struct program {
	const char *name;
	const struct poptOption *groups;
	const struct name *(*names)(int option);
	bool has_file;		/* before COMMAND */
} programs[] = {
	{ "sockpair", option_table, option_names, false },
	{ "sockplay", play_option_table, play_option_names, true },
};

static const struct shell {
	const char *name;
	void (*print_option)(const struct option_row *option);
} shells[] = {
	{ "bash", bash_print_option },
	{ "zsh", zsh_print_option },
	{ "fish", fish_print_option },
};

/* What --help calls a value that is no name of a table. */
static const struct {
	const char *noun;
	enum value_kind kind;
} nouns[] = {
	{ "COMMAND2", VALUE_COMMAND },
	{ "FILE", VALUE_FILE },
	{ "N", VALUE_TEXT },
	{ "N[,N...]", VALUE_TEXT },
	{ "NAME", VALUE_VARIABLE },
	{ "REGEX", VALUE_TEXT },
	{ "SIZE", VALUE_TEXT },
	{ "TIME", VALUE_TEXT },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static _Noreturn void
fail(const char *problem, const char *what)
{
	fprintf(stderr, "generate: %s: %s\n", problem, what);
	exit(1);
}

void
print_quoted(const char *text, const char *special)
{
	for (; *text != '\0'; text++) {
		if (strchr(special, *text) != NULL)
			putchar('\\');
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*text);
	}
}

void
print_names(const struct option_row *option)
{
	const struct name *name;

	for (name = option->names; name->name != NULL; name++)
		printf("%s%s", name == option->names ? "" : " ", name->name);
}

/* A new noun has to get its row, so that its completion is not forgotten. */
static enum value_kind
kind_of_noun(const char *noun)
{
	size_t i;

	for (i = 0; i < COUNT(nouns); i++)
		if (strcmp(nouns[i].noun, noun) == 0)
			return nouns[i].kind;
	fail("nouns[] lacks what --help calls a value", noun);
}

static enum value_kind
kind_of(const struct option_row *option)
{
	if (option->noun == NULL)
		return VALUE_NONE;
	if (option->names == NULL)
		return kind_of_noun(option->noun);
	return strchr(option->noun, ',') != NULL ? VALUE_LIST : VALUE_NAME;
}

static void
print_option(const struct shell *shell, const struct program *program,
    const struct poptOption *row)
{
	struct option_row option = {
		.program = program->name,
		.name = row->longName,
		.letter = row->shortName,
		.help = row->descrip,
		.noun = row->argDescrip,
	};

	if (option.noun != NULL)
		option.names = program->names(row->val);
	option.kind = kind_of(&option);
	shell->print_option(&option);
}

static void
print_options(const struct shell *shell, const struct program *program)
{
	const struct poptOption *group, *row;

	for (group = program->groups; group->arg != NULL; group++)
		for (row = group->arg; row->longName != NULL; row++)
			print_option(shell, program, row);
}

/* If *text begins with mark, move it behind that. */
static bool
take_mark(const char **text, const char *mark)
{
	size_t size = strlen(mark);

	if (strncmp(*text, mark, size) != 0)
		return false;
	*text += size;
	return true;
}

/* Print what stands for a line of the template. */
static void
print_line(const struct shell *shell, const struct program *program,
    const char *line)
{
	if (take_mark(&line, "@options@")) {
		print_options(shell, program);
		return;
	}
	if (take_mark(&line, "@file@") && !program->has_file)
		return;
	while (*line != '\0')
		if (take_mark(&line, "@program@"))
			fputs(program->name, stdout);
		else
			putchar(*line++);
}

static const struct shell *
find_shell(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(shells); i++)
		if (strcmp(shells[i].name, name) == 0)
			return &shells[i];
	fail("no such shell", name);
}

static const struct program *
find_program(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(programs); i++)
		if (strcmp(programs[i].name, name) == 0)
			return &programs[i];
	fail("no such program", name);
}

int
main(int argc, char **argv)
{
	const struct shell *shell;
	const struct program *program;
	char line[LINE_SIZE];

	if (argc != 3)
		fail("usage", "generate SHELL PROGRAM <SHELL.in >FILE");
	shell = find_shell(argv[1]);
	program = find_program(argv[2]);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (strchr(line, '\n') == NULL && !feof(stdin))
			fail("a line is too long in the template for", argv[1]);
		print_line(shell, program, line);
	}
	if (ferror(stdin) || fflush(stdout) != 0 || ferror(stdout))
		fail("cannot read the template, or write", argv[2]);
	return 0;
}
