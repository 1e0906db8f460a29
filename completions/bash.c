/* SPDX-License-Identifier: MIT */
/*
 * For bash an option is one or two elements of an array: the value is what can
 * be offered behind the option, and nothing if it takes no value.
 */
#include "config.h"

#include <stdio.h>

#include "option.h"

static const char *const kinds[] = {
	[VALUE_NONE] = "",
	[VALUE_TEXT] = "text",
	[VALUE_NAME] = "name",
	[VALUE_LIST] = "list",
	[VALUE_FILE] = "file",
	[VALUE_COMMAND] = "command",
	[VALUE_VARIABLE] = "variable",
};

static void
print_value(const struct option_row *option)
{
	printf("='%s", kinds[option->kind]);
	if (option->names != NULL) {
		putchar(' ');
		print_names(option);
	}
	puts("'");
}

void
bash_print_option(const struct option_row *option)
{
	printf("\t\t[--%s]", option->name);
	print_value(option);
	if (option->letter == '\0')
		return;
	printf("\t\t[-%c]", option->letter);
	print_value(option);
}
