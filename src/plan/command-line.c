/* SPDX-License-Identifier: MIT */
/*
 * popt finds the options and prints the help; the programs read the values.  So
 * the rows of the tables have no arg pointer: each value is fetched once and
 * freed once.
 */
#include "config.h"

#include <errno.h>
#include <popt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/auxv.h>
#endif

#include "base/diag.h"
#include "plan/command-line.h"
#include "plan/option-table.h"

static void
print_help(const struct command_line *line, poptContext context)
{
	printf("%s\n", line->purpose);
	poptPrintHelp(context, stdout, 0);
	printf("\n%s", line->notes);
}

/* Print the requested text; report an error if it cannot be written. */
static enum options_result
show_text(const struct command_line *line, poptContext context, int option)
{
	if (option == OPTION_HELP)
		print_help(line, context);
	else if (option == OPTION_USAGE)
		poptPrintUsage(context, stdout, 0);
	else
		printf("%s %s\n", line->program, PACKAGE_VERSION);
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return OPTIONS_DONE;
	diag_print("cannot write standard output: %s",
	    strerror(errno != 0 ? errno : EIO));
	return OPTIONS_WRONG;
}

/* Report the error that popt found in the command line. */
static void
report_popt(poptContext context, int error)
{
	const char *bad = poptBadOption(context, POPT_BADOPTION_NOALIAS);

	switch (error) {
	case POPT_ERROR_BADOPT:
		diag_print("'%s' is not an option", bad);
		break;
	case POPT_ERROR_NOARG:
		diag_print("%s: needs a value", bad);
		break;
#ifdef POPT_ERROR_UNWANTEDARG	/* since 1.19; before, the value is ignored */
	case POPT_ERROR_UNWANTEDARG:
		diag_print("%s: cannot go with a value", bad);
		break;
#endif
	default:
		diag_print("cannot read options: '%s': %s", bad,
		    poptStrerror(error));
	}
}

/*
 * Read the aliases in /etc/popt and ~/.popt, the users' presets.  An alias may
 * run a program, so they are not read if we have rights that the user lacks.
 */
static void
read_aliases(poptContext context)
{
#ifdef __linux__
	if (getauxval(AT_SECURE) != 0)
		return;
#else
	if (getuid() != geteuid() || getgid() != getegid())
		return;
#endif
	/* An error in such a file must not stop this command line. */
	(void)poptReadDefaultConfig(context, 0);
}

/* Whether an option of these groups has a value. */
static bool
takes_value(const struct poptOption *groups, int option)
{
	const struct poptOption *group, *row;

	for (group = groups; group->arg != NULL; group++)
		for (row = group->arg; row->longName != NULL; row++)
			if (row->val == option)
				return row->argInfo == POPT_ARG_STRING;
	return false;
}

static void
report_memory(void)
{
	diag_print("cannot read options: %s", strerror(ENOMEM));
}

static enum options_result
read_context(const struct command_line *line, poptContext context, void *plan)
{
	char *text;
	int option;
	int result;

	while ((option = poptGetNextOpt(context)) > 0) {
		if (option == OPTION_HELP || option == OPTION_USAGE ||
		    option == OPTION_VERSION)
			return show_text(line, context, option);
		text = poptGetOptArg(context);
		/* popt copies the value, and reports no failure to. */
		if (text == NULL && takes_value(line->table, option)) {
			report_memory();
			return OPTIONS_WRONG;
		}
		result = line->take(option, text, plan);
		free(text);
		if (result == -1)
			return OPTIONS_WRONG;
	}
	if (option < -1) {
		report_popt(context, option);
		return OPTIONS_WRONG;
	}
	return line->finish(poptGetArgs(context), plan);
}

enum options_result
command_line_read(const struct command_line *line, int argc,
    const char **argv, void *plan)
{
	enum options_result result;
	poptContext context;

	/* popt would read past the end of an empty argv. */
	if (argc < 1)
		return line->finish(NULL, plan);
	/* popt prints it in its help, whatever bytes the caller put there. */
	argv[0] = line->program;
	/*
	 * POSIXMEHARDER: our options end at the first word that is not an
	 * option.  Otherwise popt would take the command's options for ours.
	 */
	context = poptGetContext(line->program, argc, argv, line->table,
	    POPT_CONTEXT_POSIXMEHARDER);
	if (context == NULL) {
		report_memory();
		return OPTIONS_WRONG;
	}
	poptSetOtherOptionHelp(context, line->arguments);
	read_aliases(context);
	result = read_context(line, context, plan);
	poptFreeContext(context);
	return result;
}
