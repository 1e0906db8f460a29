/* SPDX-License-Identifier: MIT */
/* command-line.c finds the options, option-value.c reads the values. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/diag.h"
#include "plan/option-table.h"
#include "plan/option-value.h"
#include "plan/options.h"

/* The options that are being read. */
struct reading {
	struct plan *plan;
	const char *other;	/* a constant: the name of an option that is */
				/* not --half-close; or NULL */
};

static int
take(int option, const char *text, void *reading)
{
	struct reading *this = reading;

	if (option_take((enum option)option, text, this->plan) == -1)
		return -1;
	if (option != OPTION_HALF_CLOSE && this->other == NULL)
		this->other = option_name((enum option)option);
	return 0;
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
finish(const char *const *words, void *reading)
{
	struct reading *this = reading;
	struct plan *plan = this->plan;

	if (plan_set_command(plan, words) == -1) {
		diag_print("cannot read the command: %s", strerror(errno));
		return OPTIONS_WRONG;
	}
	if (plan->half_close != -1)
		return check_half_close(plan, this->other);
	return check_plan(plan) == 0 ? OPTIONS_RUN : OPTIONS_WRONG;
}

static const struct command_line command_line = {
	.program = "sockpair",
	.table = option_table,
	.arguments = "[OPTION...] [--] COMMAND [ARG...]",
	.purpose =
	    "Run COMMAND with a socket pair as its standard input and "
	    "output.\n"
	    "Relay the other end of the pair to standard input and output.\n",
	.notes =
	    "SIZE is in bytes, or in KiB, MiB or GiB if K, M or G follows.\n"
	    "TIME is in seconds, or in the unit that follows: ms, s, m or h.\n"
	    "See the manual page, sockpair(1), for details and examples.\n",
	.take = take,
	.finish = finish,
};

enum options_result
options_parse(int argc, const char **argv, struct plan *plan)
{
	struct reading reading = { .plan = plan };

	return command_line_read(&command_line, argc, argv, &reading);
}
