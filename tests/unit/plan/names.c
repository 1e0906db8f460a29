/* SPDX-License-Identifier: MIT */
/* The tables of names, both ways. */
#include "config.h"

#include <sys/socket.h>

#include "plan/framing.h"
#include "plan/names.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	const struct name *table;
	const char *name;
	int value;
	const char *shown;
} rows[] = {
	{ domain_names, "unix", AF_UNIX, "unix" },
	{ domain_names, "local", AF_UNIX, "unix" },
	{ domain_names, "inet", AF_INET, "inet" },
	{ domain_names, "inet6", AF_INET6, "inet6" },
	{ type_names, "stream", SOCK_STREAM, "stream" },
	{ type_names, "seqpacket", SOCK_SEQPACKET, "seqpacket" },
	{ type_names, "dgram", SOCK_DGRAM, "dgram" },
	{ type_names, "raw", SOCK_RAW, "raw" },
#ifdef SOCK_RDM
	{ type_names, "rdm", SOCK_RDM, "rdm" },
#endif
	{ framing_names, "line", FRAMING_LINE, "line" },
	{ framing_names, "null", FRAMING_NULL, "null" },
	{ framing_names, "netstring", FRAMING_NETSTRING, "netstring" },
	{ framing_names, "u16", FRAMING_U16, "u16" },
	{ framing_names, "u16le", FRAMING_U16LE, "u16le" },
	{ framing_names, "u32", FRAMING_U32, "u32" },
	{ framing_names, "u32le", FRAMING_U32LE, "u32le" },
	{ framing_names, "lsp", FRAMING_LSP, "lsp" },
	{ framing_names, "raw", FRAMING_RAW, "raw" },
	{ time_names, "rel", TIME_REL, "rel" },
	{ time_names, "delta", TIME_DELTA, "delta" },
	{ time_names, "abs", TIME_ABS, "abs" },
	{ time_names, "none", TIME_NONE, "none" },
	{ color_names, "auto", COLOR_AUTO, "auto" },
	{ color_names, "always", COLOR_ALWAYS, "always" },
	{ color_names, "never", COLOR_NEVER, "never" },
	{ format_names, "text", FORMAT_TEXT, "text" },
	{ format_names, "hex", FORMAT_HEX, "hex" },
	{ format_names, "json", FORMAT_JSON, "json" },
	{ format_names, "pcapng", FORMAT_PCAPNG, "pcapng" },
	{ event_names, "start", TRACE_START, "start" },
	{ event_names, "data", TRACE_DATA, "data" },
	{ event_names, "message", TRACE_MESSAGE, "message" },
	{ event_names, "fds", TRACE_FDS, "fds" },
	{ event_names, "eof", TRACE_EOF, "eof" },
	{ event_names, "shutdown", TRACE_SHUTDOWN, "shutdown" },
	{ event_names, "reset", TRACE_RESET, "reset" },
	{ event_names, "gone", TRACE_GONE, "gone" },
	{ event_names, "signal", TRACE_SIGNAL, "signal" },
	{ event_names, "timeout", TRACE_TIMEOUT, "timeout" },
	{ event_names, "stall", TRACE_STALL, "stall" },
	{ event_names, "undelivered", TRACE_UNDELIVERED, "undelivered" },
	{ event_names, "exit", TRACE_EXIT, "exit" },
};

static const char *const unknown[] = {
	"", "u", "pcap", "uni", "unixx", "Unix", " unix", "unix ", "STREAM", "strea",
	"1", "0",
};

static void
test_rows(void)
{
	char title[80];
	int value;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		value = -77;
		snprintf(title, sizeof(title), "'%s' has its value",
		    rows[i].name);
		ok(names_value(rows[i].table, rows[i].name, &value) &&
		    value == rows[i].value, title);
		snprintf(title, sizeof(title), "the value of '%s' is shown",
		    rows[i].name);
		is_str(names_name(rows[i].table, rows[i].value),
		    rows[i].shown, title);
	}
}

/* Whether command writes line first; or cannot be run at all. */
static bool
is_first_line(const char *command, const char *line)
{
	char text[80] = "";
	FILE *pipe = popen(command, "r");

	if (pipe == NULL)
		return true;
	if (fgets(text, sizeof(text), pipe) != NULL)
		text[strcspn(text, "\n")] = '\0';
	pclose(pipe);
	if (strcmp(text, line) == 0)
		return true;
	printf("# %s: %s, not %s\n", command, text, line);
	return false;
}

static size_t
count_names(const struct name *table)
{
	size_t count = 0;

	while (table[count].name != NULL)
		count++;
	return count;
}

/* No row of the tables may be left out above. */
static void
test_sizes(void)
{
	is_int((long long)(count_names(domain_names) +
	    count_names(type_names) + count_names(framing_names) +
	    count_names(time_names) + count_names(color_names) +
	    count_names(format_names) + count_names(event_names)),
	    COUNT(rows), "every name is tested");
}

/* Signals are more: each is known by its name to the system's kill(1). */
static void
test_signals(void)
{
	const struct name *row;
	int number;
	bool right = true;
	char text[40];

	for (row = signal_names; row->name != NULL; row++) {
		right = right && names_value(signal_names, row->name,
		    &number) && number == row->value;
		snprintf(text, sizeof(text), "kill -l %d", row->value);
		right = right && is_first_line(text, row->name);
	}
	ok(right, "every signal has the name that the shell gives it");
	is_str(names_name(signal_names, SIGTERM), "TERM", "15 is TERM");
	is_str(names_name(signal_names, 0), NULL, "0 is none");
}

static void
test_unknown(void)
{
	char title[80];
	int value;
	size_t i;

	for (i = 0; i < COUNT(unknown); i++) {
		value = -77;
		snprintf(title, sizeof(title), "'%s' is no name", unknown[i]);
		ok(!names_value(domain_names, unknown[i], &value) &&
		    !names_value(type_names, unknown[i], &value) &&
		    !names_value(framing_names, unknown[i], &value) &&
		    !names_value(format_names, unknown[i], &value) &&
		    !names_value(event_names, unknown[i], &value) &&
		    value == -77, title);
	}
	is_str(names_name(domain_names, -1), NULL, "no domain is -1");
	is_str(names_name(type_names, 0), NULL,
	    "the zero of the last row is no type");
	is_str(names_name(framing_names, 1000), NULL,
	    "no framing has a number that none was given");
	is_str(names_name(domain_names, 0), NULL,
	    "the zero of the last row is no domain");
}

int
main(void)
{
	test_rows();
	test_sizes();
	test_signals();
	test_unknown();
	return done_testing();
}
