/* SPDX-License-Identifier: MIT */
/*
 * Names of the sets that a user chooses from: one table a set, used from name
 * to value and back.  Where a value has several names the first is shown.
 */
#ifndef NAMES_H
#define NAMES_H

#include <stdbool.h>

struct name {
	const char *name;	/* NULL in the last row */
	int value;
};

extern const struct name domain_names[];	/* AF_UNIX ... */
extern const struct name type_names[];		/* SOCK_STREAM ... */
extern const struct name framing_names[];	/* FRAMING_LINE ... */

/* Set *value to what name stands for in table; false if it is not there. */
bool names_value(const struct name *table, const char *name, int *value);

/* The name of value in table, or NULL. */
const char *names_name(const struct name *table, int value);

#endif
