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
extern const struct name event_names[];		/* enum trace_kind */

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

/* An event of a trace; in every format it has the same name. */
enum trace_kind {
	TRACE_START,		/* the command runs */
	TRACE_DATA,		/* a piece of a stream was read */
	TRACE_MESSAGE,		/* a whole message was read */
	TRACE_FDS,		/* descriptors that come with the next data */
	TRACE_EOF,		/* the writer ended, and all is delivered */
	TRACE_SHUTDOWN,		/* the command reads no more; or, from a */
				/* command: it is notified that nobody reads */
	TRACE_RESET,		/* the reader closed with bytes unread */
	TRACE_GONE,		/* the reader went away; of two commands: */
				/* the reader reads no more */
	TRACE_SIGNAL,		/* a signal was passed on to the command; */
				/* without a direction: it ends us */
	TRACE_STALL,		/* nothing moves, which --stall has reported */
	TRACE_TIMEOUT,		/* --timeout ends the command, or both */
	TRACE_UNDELIVERED,	/* bytes were read and could not be written */
	TRACE_EXIT,		/* last: the command was reaped, or not run */
};

/* Sets have a bit for each kind.  All kinds, and those that contain bytes: */
#define TRACE_ALL (~0u)
#define TRACE_BYTES (1u << TRACE_DATA | 1u << TRACE_MESSAGE)

/* Set *value to the value of name in table.  False if name is not there. */
bool names_value(const struct name *table, const char *name, int *value);

/* The first name of value in table, or NULL. */
const char *names_name(const struct name *table, int value);

#endif
