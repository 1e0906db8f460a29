/* SPDX-License-Identifier: MIT */
/*
 * Tables of the names that an option's value can have, to convert a name to a
 * value and back.  If a value has several names, the first one is shown.
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
extern const struct name signal_names[];	/* SIGTERM ..., as kill(1) */
extern const struct name time_names[];		/* enum time_style */
extern const struct name color_names[];		/* enum color_when */
extern const struct name format_names[];	/* enum trace_format */

/* The sets that are not defined by the system. */

enum time_style {
	TIME_REL,		/* since the start */
	TIME_DELTA,		/* since the event before */
	TIME_ABS,		/* date and time of day */
	TIME_NONE,
};

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

enum trace_format {
	FORMAT_BY_ENDING,	/* of the trace's file; not in format_names */
	FORMAT_TEXT,
	FORMAT_HEX,
	FORMAT_JSON,
	FORMAT_PCAPNG,
};

/* Set *value to the value of name in table.  False if name is not there. */
bool names_value(const struct name *table, const char *name, int *value);

/* The first name of value in table, or NULL. */
const char *names_name(const struct name *table, int value);

#endif
