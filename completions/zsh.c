/* SPDX-License-Identifier: MIT */
/*
 * For zsh an option is an argument of _arguments, see zshcompsys(1):
 *
 *	'*'{-t+,--type=}'[HELP]:TYPE:(stream seqpacket)'
 *
 * The star says that it may be given again.
 */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>

#include "option.h"

static void
print_flags(const struct option_row *option)
{
	bool takes_value = option->kind != VALUE_NONE;
	const char *plus = takes_value ? "+" : "";
	const char *equals = takes_value ? "=" : "";

	if (option->letter == '\0')
		printf("'*--%s%s", option->name, equals);
	else
		printf("'*'{-%c%s,--%s%s}'", option->letter, plus,
		    option->name, equals);
}

/* Print what zsh does to complete the value. */
static void
print_action(const struct option_row *option)
{
	switch (option->kind) {
	case VALUE_NONE:
		break;
	case VALUE_TEXT:	/* only show the noun */
		putchar(' ');
		break;
	case VALUE_NAME:
		putchar('(');
		print_names(option);
		putchar(')');
		break;
	case VALUE_LIST:
		printf("_values -s , %s ", option->name);
		print_names(option);
		break;
	case VALUE_FILE:
		fputs("_files", stdout);
		break;
	case VALUE_COMMAND:
		fputs("_cmdstring", stdout);
		break;
	case VALUE_VARIABLE:
		fputs("_parameters -g \"*export*\"", stdout);
		break;
	}
}

void
zsh_print_option(const struct option_row *option)
{
	putchar('\t');
	print_flags(option);
	putchar('[');
	print_quoted(option->help, "\\[]");
	putchar(']');
	if (option->kind != VALUE_NONE) {
		putchar(':');
		print_quoted(option->noun, "\\:");
		putchar(':');
		print_action(option);
	}
	puts("' \\");
}
