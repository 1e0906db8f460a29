/* SPDX-License-Identifier: MIT */
/*
 * For fish an option is a word for argparse(1), which finds where the options
 * end, and a call of complete(1).
 */
#include "config.h"

#include <stdio.h>

#include "option.h"

static void
print_argparse(const struct option_row *option)
{
	printf("set -a __fish_%s_options ", option->program);
	if (option->letter != '\0')
		printf("%c/", option->letter);
	printf("%s%s\n", option->name, option->kind != VALUE_NONE ? "=" : "");
}

/* Print the arguments that say what the value is. */
static void
print_value(const struct option_row *option)
{
	switch (option->kind) {
	case VALUE_NONE:
		break;
	case VALUE_TEXT:
		fputs(" -x", stdout);
		break;
	case VALUE_NAME:
		fputs(" -x -a '", stdout);
		print_names(option);
		putchar('\'');
		break;
	case VALUE_LIST:
		fputs(" -x -a '(__fish_append , ", stdout);
		print_names(option);
		fputs(")'", stdout);
		break;
	case VALUE_FILE:
		fputs(" -r -F", stdout);
		break;
	case VALUE_COMMAND:
		printf(" -x -a '(__fish_%s_line)'", option->program);
		break;
	case VALUE_VARIABLE:
		fputs(" -x -a '(set --names --export)'", stdout);
		break;
	}
}

void
fish_print_option(const struct option_row *option)
{
	print_argparse(option);
	printf("complete -c %s -n __fish_%s_no_command",
	    option->program, option->program);
	if (option->letter != '\0')
		printf(" -s %c", option->letter);
	printf(" -l %s", option->name);
	print_value(option);
	fputs(" -d '", stdout);
	print_quoted(option->help, "\\");
	puts("'");
}
