/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stddef.h>

#include "plan/option-value.h"
#include "plan/play-options.h"
#include "plan/play-table.h"

static const struct poptOption talk_rows[] = {
	{ "ignore", '\0', POPT_ARG_STRING, NULL, PLAY_OPTION_IGNORE,
	    "whatever matches this regular expression (POSIX extended) may "
	    "differ; may be given again", "REGEX" },
	{ "timeout", 'T', POPT_ARG_STRING, NULL, OPTION_TIMEOUT,
	    "give up if something is awaited and no data moves for TIME",
	    "TIME" },
	{ "as", '\0', POPT_ARG_STRING, NULL, PLAY_OPTION_AS,
	    "the side to play without COMMAND: command (default) or stdin",
	    "SIDE" },
	POPT_TABLEEND
};

static const struct poptOption command_rows[] = {
	{ "type", 't', POPT_ARG_STRING, NULL, OPTION_TYPE,
	    "type of its socket: stream, seqpacket or dgram (default: as "
	    "recorded)", "TYPE" },
	{ "style", '\0', POPT_ARG_STRING, NULL, OPTION_STYLE,
	    "the same as --type", "TYPE" },
	{ "fd", 'd', POPT_ARG_STRING, NULL, OPTION_FD,
	    "its descriptors for the socket (default: as recorded, or 0,1)",
	    "N[,N...]" },
	{ "env", 'E', POPT_ARG_STRING, NULL, OPTION_ENV,
	    "set environment variable NAME to the first of these "
	    "descriptor numbers", "NAME" },
	POPT_TABLEEND
};

const struct poptOption play_option_table[] = {
	OPTION_GROUP(talk_rows, "Talk:"),
	OPTION_GROUP(command_rows, "COMMAND:"),
	OPTION_GROUP(help_options, "Help:"),
	POPT_TABLEEND
};

const struct name play_side_names[] = {
	{ "command", PLAY_AS_COMMAND },
	{ "stdin", PLAY_AS_STDIN },
	{ NULL, 0 }
};

const struct name *
play_option_names(int option)
{
	if (option == PLAY_OPTION_AS)
		return play_side_names;
	return option < PLAY_OPTION_AS ? option_names(option) : NULL;
}
