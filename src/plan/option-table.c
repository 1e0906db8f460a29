/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stddef.h>

#include "plan/option-table.h"

static const struct poptOption pair_options[] = {
	{ "type", 't', POPT_ARG_STRING, NULL, OPTION_TYPE,
	    "stream (default), seqpacket, dgram, or another", "TYPE" },
	{ "style", '\0', POPT_ARG_STRING, NULL, OPTION_STYLE,
	    "the same as --type", "TYPE" },
	{ "domain", '\0', POPT_ARG_STRING, NULL, OPTION_DOMAIN,
	    "unix (default) = local, or another domain", "DOMAIN" },
	{ "namespace", '\0', POPT_ARG_STRING, NULL, OPTION_NAMESPACE,
	    "the same as --domain", "DOMAIN" },
	{ "protocol", '\0', POPT_ARG_STRING, NULL, OPTION_PROTOCOL,
	    "protocol number (default: 0)", "N" },
	{ "buffer", 'b', POPT_ARG_STRING, NULL, OPTION_BUFFER,
	    "ask for so large socket buffers", "SIZE" },
	POPT_TABLEEND
};

static const struct poptOption command_options[] = {
	{ "fd", 'd', POPT_ARG_STRING, NULL, OPTION_FD,
	    "the command's descriptors (default: 0,1)", "N[,N...]" },
	{ "env", 'E', POPT_ARG_STRING, NULL, OPTION_ENV,
	    "put the first of these into its NAME", "NAME" },
	{ "listen-fds", '\0', POPT_ARG_NONE, NULL, OPTION_LISTEN_FDS,
	    "put it on 3, told by LISTEN_FDS", NULL },
	{ "peer", 'p', POPT_ARG_STRING, NULL, OPTION_PEER,
	    "the other end is for this command", "COMMAND2" },
	{ "peer-fd", 'D', POPT_ARG_STRING, NULL, OPTION_PEER_FD,
	    "COMMAND2's descriptors (default: 0,1)", "N[,N...]" },
	{ "pipefail", '\0', POPT_ARG_NONE, NULL, OPTION_PIPEFAIL,
	    "let a failure of COMMAND2 count", NULL },
	{ "pass-fd", 'P', POPT_ARG_NONE, NULL, OPTION_PASS_FD,
	    "pass the other end over standard output", NULL },
	{ "kill-after", 'k', POPT_ARG_STRING, NULL, OPTION_KILL_AFTER,
	    "end a command that outlives its socket", "TIME" },
	{ "die-with-parent", '\0', POPT_ARG_NONE, NULL,
	    OPTION_DIE_WITH_PARENT,
	    "kill the command if sockpair dies", NULL },
	POPT_TABLEEND
};

static const struct poptOption relay_options[] = {
	{ "framing", 'F', POPT_ARG_STRING, NULL, OPTION_FRAMING,
	    "how messages stand on standard input and output", "KIND" },
	{ "lines", 'l', POPT_ARG_NONE, NULL, OPTION_LINES,
	    "--framing=line (default): a message a line", NULL },
	{ "null", '0', POPT_ARG_NONE, NULL, OPTION_NULL,
	    "--framing=null: each ends in a NUL", NULL },
	{ "max-message", '\0', POPT_ARG_STRING, NULL, OPTION_MAX_MESSAGE,
	    "accept no larger message (default: 1M)", "SIZE" },
	{ "no-shutdown", '\0', POPT_ARG_NONE, NULL, OPTION_NO_SHUTDOWN,
	    "hide the end of input from the command", NULL },
	{ "linger", '\0', POPT_ARG_STRING, NULL, OPTION_LINGER,
	    "after its exit, wait only so long for others", "TIME" },
	{ "timeout", 'T', POPT_ARG_STRING, NULL, OPTION_TIMEOUT,
	    "end the command when idle for so long", "TIME" },
	POPT_TABLEEND
};

static const struct poptOption watch_options[] = {
	{ "verbose", 'v', POPT_ARG_NONE, NULL, OPTION_VERBOSE,
	    "trace as text on standard error", NULL },
	{ "hex", 'x', POPT_ARG_NONE, NULL, OPTION_HEX,
	    "trace in hexadecimal; -vx: with text beside", NULL },
	{ "output", 'o', POPT_ARG_STRING, NULL, OPTION_OUTPUT,
	    "trace to FILE: .jsonl, .pcapng, else text", "FILE" },
	{ "format", '\0', POPT_ARG_STRING, NULL, OPTION_FORMAT,
	    "text, hex, json or pcapng, for each -o behind it", "KIND" },
	{ "append", 'a', POPT_ARG_NONE, NULL, OPTION_APPEND,
	    "add to the file of each -o behind it", NULL },
	{ "snaplen", 's', POPT_ARG_STRING, NULL, OPTION_SNAPLEN,
	    "show at most so much of each piece", "SIZE" },
	{ "time", '\0', POPT_ARG_STRING, NULL, OPTION_TIME,
	    "in text: rel (default), delta, abs or none", "STYLE" },
	{ "color", '\0', POPT_ARG_STRING, NULL, OPTION_COLOR,
	    "in text: auto (default), always or never", "WHEN" },
	{ "pcap-port", '\0', POPT_ARG_STRING, NULL, OPTION_PCAP_PORT,
	    "the command's port in pcapng (default: 50001)", "N" },
	{ "stats", '\0', POPT_ARG_NONE, NULL, OPTION_STATS,
	    "totals of each direction at the end, and on SIGUSR1", NULL },
	{ "progress", '\0', POPT_ARG_NONE, NULL, OPTION_PROGRESS,
	    "a meter on standard error, if that is a terminal", NULL },
	POPT_TABLEEND
};

static const struct poptOption help_options[] = {
	{ "help", 'h', POPT_ARG_NONE, NULL, OPTION_HELP,
	    "show this help", NULL },
	{ "usage", '\0', POPT_ARG_NONE, NULL, OPTION_USAGE,
	    "show a short summary", NULL },
	{ "version", 'V', POPT_ARG_NONE, NULL, OPTION_VERSION,
	    "show the version", NULL },
	POPT_TABLEEND
};

/* popt declares the tables it reads as writable, and does not write. */
#define GROUP(table, title) \
	{ NULL, '\0', POPT_ARG_INCLUDE_TABLE, (void *)(table), 0, \
	    (title), NULL }

static const struct poptOption *const groups[] = {
	pair_options, command_options, relay_options, watch_options,
	help_options
};

const struct poptOption option_table[] = {
	GROUP(pair_options, "Socket pair:"),
	GROUP(command_options, "Command:"),
	GROUP(relay_options, "Relay:"),
	GROUP(watch_options, "Watching:"),
	GROUP(help_options, "Help:"),
	POPT_TABLEEND
};

const char *
option_name(enum option option)
{
	const struct poptOption *row;
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		for (row = groups[i]; row->longName != NULL; row++)
			if (row->val == (int)option)
				return row->longName;
	return "?";
}
