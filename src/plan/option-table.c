/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stddef.h>

#include "plan/option-table.h"

static const struct poptOption pair_options[] = {
	{ "type", 't', POPT_ARG_STRING, NULL, OPTION_TYPE,
	    "stream (default), seqpacket or dgram; or raw, rdm "
	    "or a number", "TYPE" },
	{ "style", '\0', POPT_ARG_STRING, NULL, OPTION_STYLE,
	    "the same as --type", "TYPE" },
	{ "domain", '\0', POPT_ARG_STRING, NULL, OPTION_DOMAIN,
	    "unix (default, also local), inet, inet6 or a number", "DOMAIN" },
	{ "namespace", '\0', POPT_ARG_STRING, NULL, OPTION_NAMESPACE,
	    "the same as --domain", "DOMAIN" },
	{ "protocol", '\0', POPT_ARG_STRING, NULL, OPTION_PROTOCOL,
	    "protocol number (default: 0)", "N" },
	{ "buffer", 'b', POPT_ARG_STRING, NULL, OPTION_BUFFER,
	    "ask for socket buffers of SIZE, for each direction "
	    "and end", "SIZE" },
	POPT_TABLEEND
};

static const struct poptOption command_options[] = {
	{ "fd", 'd', POPT_ARG_STRING, NULL, OPTION_FD,
	    "COMMAND's descriptors for its end (default: 0,1)", "N[,N...]" },
	{ "pipes", '\0', POPT_ARG_NONE, NULL, OPTION_PIPES,
	    "give COMMAND two pipes in place of a socket, one to read "
	    "and one to write", NULL },
	{ "env", 'E', POPT_ARG_STRING, NULL, OPTION_ENV,
	    "set environment variable NAME to the first of these "
	    "descriptor numbers", "NAME" },
	{ "listen-fds", '\0', POPT_ARG_NONE, NULL, OPTION_LISTEN_FDS,
	    "pass COMMAND's end as descriptor 3 and set LISTEN_FDS, "
	    "as systemd does", NULL },
	{ "peer", 'p', POPT_ARG_STRING, NULL, OPTION_PEER,
	    "run COMMAND2 with the other end, instead of relaying it",
	    "COMMAND2" },
	{ "peer-fd", 'D', POPT_ARG_STRING, NULL, OPTION_PEER_FD,
	    "COMMAND2's descriptors for its end (default: 0,1)", "N[,N...]" },
	{ "pipefail", '\0', POPT_ARG_NONE, NULL, OPTION_PIPEFAIL,
	    "if COMMAND succeeds, exit with COMMAND2's status", NULL },
	{ "pass-fd", 'P', POPT_ARG_NONE, NULL, OPTION_PASS_FD,
	    "send the other end, as a descriptor, over standard "
	    "output, and exit", NULL },
	{ "half-close", '\0', POPT_ARG_STRING, NULL, OPTION_HALF_CLOSE,
	    "without COMMAND: shut down the caller's socket N for "
	    "writing, and exit", "N" },
	{ "kill-after", 'k', POPT_ARG_STRING, NULL, OPTION_KILL_AFTER,
	    "terminate COMMAND if it still runs TIME after both "
	    "directions have ended", "TIME" },
	{ "die-with-parent", '\0', POPT_ARG_NONE, NULL,
	    OPTION_DIE_WITH_PARENT,
	    "kill COMMAND if sockpair is killed", NULL },
	POPT_TABLEEND
};

static const struct poptOption relay_options[] = {
	{ "framing", 'F', POPT_ARG_STRING, NULL, OPTION_FRAMING,
	    "how messages are delimited on standard input and "
	    "output: line (default), null, netstring, u16, u16le, "
	    "u32, u32le, lsp or raw", "KIND" },
	{ "wire", 'W', POPT_ARG_STRING, NULL, OPTION_WIRE,
	    "COMMAND's stream contains messages, delimited by KIND as in "
	    "--framing", "KIND" },
	{ "lines", 'l', POPT_ARG_NONE, NULL, OPTION_LINES,
	    "--framing=line: a newline ends each message", NULL },
	{ "null", '0', POPT_ARG_NONE, NULL, OPTION_NULL,
	    "--framing=null: a NUL ends each message", NULL },
	{ "max-message", '\0', POPT_ARG_STRING, NULL, OPTION_MAX_MESSAGE,
	    "largest message to accept (default: 1M, or 64M with --wire)",
	    "SIZE" },
	{ "chunk", '\0', POPT_ARG_STRING, NULL, OPTION_CHUNK,
	    "let COMMAND read at most SIZE bytes at a time", "SIZE" },
	{ "no-shutdown", '\0', POPT_ARG_NONE, NULL, OPTION_NO_SHUTDOWN,
	    "hide the end of standard input from COMMAND", NULL },
	{ "linger", '\0', POPT_ARG_STRING, NULL, OPTION_LINGER,
	    "after COMMAND exits, stop waiting for other holders "
	    "of its end after TIME of silence", "TIME" },
	{ "timeout", 'T', POPT_ARG_STRING, NULL, OPTION_TIMEOUT,
	    "terminate COMMAND if no data moves for TIME", "TIME" },
	POPT_TABLEEND
};

static const struct poptOption watch_options[] = {
	{ "verbose", 'v', POPT_ARG_NONE, NULL, OPTION_VERBOSE,
	    "trace as text on standard error", NULL },
	{ "hex", 'x', POPT_ARG_NONE, NULL, OPTION_HEX,
	    "the same in hexadecimal, with text beside it", NULL },
	{ "output", 'o', POPT_ARG_STRING, NULL, OPTION_OUTPUT,
	    "trace to FILE; the ending selects the format: .jsonl, "
	    ".ndjson, .json, .pcapng or .pcap, otherwise text", "FILE" },
	{ "format", '\0', POPT_ARG_STRING, NULL, OPTION_FORMAT,
	    "format of each -o after it: text, hex, json or pcapng", "KIND" },
	{ "append", 'a', POPT_ARG_NONE, NULL, OPTION_APPEND,
	    "append to the file of each -o after it", NULL },
	{ "events", '\0', POPT_ARG_STRING, NULL, OPTION_EVENTS,
	    "show only these events, with -v and each -o after it: start, "
	    "data, message, fds, eof, shutdown, reset, gone, signal, "
	    "timeout, stall, undelivered or exit", "NAME[,NAME...]" },
	{ "stall", '\0', POPT_ARG_STRING, NULL, OPTION_STALL,
	    "report who waits for what, if no data moves for TIME", "TIME" },
	{ "snaplen", 's', POPT_ARG_STRING, NULL, OPTION_SNAPLEN,
	    "show at most SIZE bytes of each piece of data", "SIZE" },
	{ "time", '\0', POPT_ARG_STRING, NULL, OPTION_TIME,
	    "times in text: rel (default), delta, abs or none", "STYLE" },
	{ "color", '\0', POPT_ARG_STRING, NULL, OPTION_COLOR,
	    "colors in text: auto (default), always or never", "WHEN" },
	{ "pcap-port", '\0', POPT_ARG_STRING, NULL, OPTION_PCAP_PORT,
	    "COMMAND's port in a capture (default: 50001)", "N" },
	{ "stats", '\0', POPT_ARG_NONE, NULL, OPTION_STATS,
	    "print totals at the end and on SIGUSR1", NULL },
	{ "progress", '\0', POPT_ARG_NONE, NULL, OPTION_PROGRESS,
	    "show a meter on standard error, if it is a terminal", NULL },
	POPT_TABLEEND
};

const struct poptOption help_options[] = {
	{ "help", 'h', POPT_ARG_NONE, NULL, OPTION_HELP,
	    "show this help", NULL },
	{ "usage", '\0', POPT_ARG_NONE, NULL, OPTION_USAGE,
	    "show a short summary", NULL },
	{ "version", 'V', POPT_ARG_NONE, NULL, OPTION_VERSION,
	    "show the version", NULL },
	POPT_TABLEEND
};

const struct poptOption option_table[] = {
	OPTION_GROUP(pair_options, "Socket pair:"),
	OPTION_GROUP(command_options, "Command:"),
	OPTION_GROUP(relay_options, "Relay:"),
	OPTION_GROUP(watch_options, "Watching:"),
	OPTION_GROUP(help_options, "Help:"),
	POPT_TABLEEND
};

const char *
option_name(enum option option)
{
	const struct poptOption *group, *row;

	for (group = option_table; group->arg != NULL; group++)
		for (row = group->arg; row->longName != NULL; row++)
			if (row->val == (int)option)
				return row->longName;
	return "?";
}
