/* SPDX-License-Identifier: MIT */
/*
 * The command line, by popt.  popt finds the options and prints the help;
 * option-value.c reads the values.  So the rows of option-table.c have no arg
 * pointer: each value is fetched once and freed once.
 */
#include "config.h"

#include <errno.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/auxv.h>
#endif

#include "base/diag.h"
#include "plan/option-table.h"
#include "plan/option-value.h"
#include "plan/options.h"

static void
print_help(poptContext context)
{
	printf("Run COMMAND with a socket pair as its standard input and "
	    "output.\n"
	    "Relay the other end of the pair to standard input and output.\n"
	    "\n");
	poptPrintHelp(context, stdout, 0);
	printf("\n"
	    "SIZE is in bytes, or in KiB, MiB or GiB if K, M or G follows.\n"
	    "TIME is in seconds, or in the unit that follows: ms, s, m or h.\n"
	    "See the manual page, sockpair(1), for details and examples.\n");
}

/* Print the requested text; report an error if it cannot be written. */
static enum options_result
show_text(poptContext context, enum option option)
{
	if (option == OPTION_HELP)
		print_help(context);
	else if (option == OPTION_USAGE)
		poptPrintUsage(context, stdout, 0);
	else
		printf("%s\n", PACKAGE_STRING);
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

/*
 * Check that nothing goes with --half-close.  other is the name of another
 * option that was given, or NULL.
 */
static enum options_result
check_half_close(const struct plan *plan, const char *other)
{
	if (other != NULL)
		diag_print("--half-close: cannot go with --%s", other);
	else if (plan->command[0] != NULL)
		diag_print("--half-close: cannot go with a command");
	else
		return OPTIONS_HALF_CLOSE;
	return OPTIONS_WRONG;
}

/* Check all options together.  Returns 0, or -1 after printing a message. */
static int
check_plan(const struct plan *plan)
{
	struct plan_clash clash;

	if (plan_has_clash(plan, &clash)) {
		diag_print("--%s: %s %s", clash.option, clash.relation,
		    clash.other);
		return -1;
	}
	if (plan->command[0] == NULL) {
		diag_print("needs a command (see sockpair --help)");
		return -1;
	}
	return 0;
}

static enum options_result
parse_context(poptContext context, struct plan *plan)
{
	const char *other = NULL;	/* an option that is not --half-close */
	char *text;
	int option;
	int result;

	while ((option = poptGetNextOpt(context)) > 0) {
		if (option >= OPTION_HELP)
			return show_text(context, (enum option)option);
		text = poptGetOptArg(context);
		result = option_take((enum option)option, text, plan);
		free(text);
		if (result == -1)
			return OPTIONS_WRONG;
		if (option != OPTION_HALF_CLOSE && other == NULL)
			other = option_name((enum option)option);
	}
	if (option < -1) {
		report_popt(context, option);
		return OPTIONS_WRONG;
	}
	if (plan_set_command(plan, poptGetArgs(context)) == -1) {
		diag_print("cannot read the command: %s", strerror(errno));
		return OPTIONS_WRONG;
	}
	if (plan->half_close != -1)
		return check_half_close(plan, other);
	return check_plan(plan) == 0 ? OPTIONS_RUN : OPTIONS_WRONG;
}

enum options_result
options_parse(int argc, const char **argv, struct plan *plan)
{
	enum options_result result;
	poptContext context;

	if (argc < 1) {
		/* popt would read past the end of an empty argv. */
		diag_print("needs a command (see sockpair --help)");
		return OPTIONS_WRONG;
	}
	/*
	 * POSIXMEHARDER: our options end at the first word that is not an
	 * option.  Otherwise popt would take the command's options for ours.
	 */
	context = poptGetContext("sockpair", argc, argv, option_table,
	    POPT_CONTEXT_POSIXMEHARDER);
	if (context == NULL) {
		diag_print("cannot read options: %s", strerror(ENOMEM));
		return OPTIONS_WRONG;
	}
	poptSetOtherOptionHelp(context, "[OPTION...] [--] COMMAND [ARG...]");
	read_aliases(context);
	result = parse_context(context, plan);
	poptFreeContext(context);
	return result;
}
