/* SPDX-License-Identifier: MIT */
/*
 * The options of sockpair: their names and their lines in --help.  For
 * options.c; other programs share some.
 */
#ifndef OPTION_TABLE_H
#define OPTION_TABLE_H

#include <popt.h>

enum option {
	OPTION_TYPE = 1,
	OPTION_STYLE,
	OPTION_DOMAIN,
	OPTION_NAMESPACE,
	OPTION_PROTOCOL,
	OPTION_BUFFER,
	OPTION_FD,
	OPTION_PIPES,
	OPTION_ENV,
	OPTION_LISTEN_FDS,
	OPTION_PEER,
	OPTION_PEER_FD,
	OPTION_PIPEFAIL,
	OPTION_PASS_FD,
	OPTION_HALF_CLOSE,
	OPTION_KILL_AFTER,
	OPTION_DIE_WITH_PARENT,
	OPTION_FRAMING,
	OPTION_WIRE,
	OPTION_LINES,
	OPTION_NULL,
	OPTION_MAX_MESSAGE,
	OPTION_CHUNK,
	OPTION_NO_SHUTDOWN,
	OPTION_LINGER,
	OPTION_TIMEOUT,
	OPTION_VERBOSE,
	OPTION_HEX,
	OPTION_OUTPUT,
	OPTION_FORMAT,
	OPTION_APPEND,
	OPTION_EVENTS,
	OPTION_STALL,
	OPTION_SNAPLEN,
	OPTION_TIME,
	OPTION_COLOR,
	OPTION_PCAP_PORT,
	OPTION_STATS,
	OPTION_PROGRESS,
	OPTION_HELP,
	OPTION_USAGE,
	OPTION_VERSION,
};

/*
 * A group of rows, in a table of groups.  popt declares the tables it reads as
 * writable, and does not write.
 */
#define OPTION_GROUP(rows, title) \
	{ NULL, '\0', POPT_ARG_INCLUDE_TABLE, (void *)(rows), 0, \
	    (title), NULL }

/* All options, in groups, for poptGetContext(3). */
extern const struct poptOption option_table[];

/* The rows of --help, --usage and --version, which every program has. */
extern const struct poptOption help_options[];

/* The long name of an option, for messages. */
const char *option_name(enum option option);

#endif
