/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "environment.h"

const char *
environment_set_number(char *const *names, size_t count, int number)
{
	char text[16];
	size_t i;

	snprintf(text, sizeof(text), "%d", number);
	for (i = 0; i < count; i++)
		if (setenv(names[i], text, 1) == -1)
			return names[i];
	return NULL;
}
