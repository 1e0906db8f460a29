/* SPDX-License-Identifier: MIT */
/*
 * The command line, by popt.  popt finds the options and prints the help; the
 * values are ours to read, since its own numbers take blanks, other bases and
 * the empty string, and cannot say what was expected.  So the rows below have
 * no arg pointer: each value is fetched once and freed once.
 *
 * To add an option: a row in the table of its group, a value in the enum, a
 * case in take_option(), a line in the man page.
 */
#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <limits.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/auxv.h>
#endif

#include "diag.h"
#include "names.h"
#include "options.h"
#include "sink.h"

enum option {
	OPTION_TYPE = 1,
	OPTION_STYLE,
	OPTION_DOMAIN,
	OPTION_NAMESPACE,
	OPTION_PROTOCOL,
	OPTION_BUFFER,
	OPTION_FD,
	OPTION_ENV,
	OPTION_LISTEN_FDS,
	OPTION_PEER,
	OPTION_PEER_FD,
	OPTION_PIPEFAIL,
	OPTION_PASS_FD,
	OPTION_KILL_AFTER,
	OPTION_DIE_WITH_PARENT,
	OPTION_FRAMING,
	OPTION_LINES,
	OPTION_NULL,
	OPTION_MAX_MESSAGE,
	OPTION_NO_SHUTDOWN,
	OPTION_LINGER,
	OPTION_TIMEOUT,
	OPTION_VERBOSE,
	OPTION_HEX,
	OPTION_OUTPUT,
	OPTION_FORMAT,
	OPTION_APPEND,
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
	    "accept no larger message", "SIZE" },
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

/* What holds for every -o behind it. */
struct output_style {
	const char *format;	/* NULL: by the file's ending */
	bool append;
};

/* popt declares the tables it reads as writable, and does not write. */
#define GROUP(table, title) \
	{ NULL, '\0', POPT_ARG_INCLUDE_TABLE, (void *)(table), 0, \
	    (title), NULL }

static const struct poptOption *const groups[] = {
	pair_options, command_options, relay_options, watch_options,
	help_options
};

static const struct poptOption all_options[] = {
	GROUP(pair_options, "Socket pair:"),
	GROUP(command_options, "Command:"),
	GROUP(relay_options, "Relay:"),
	GROUP(watch_options, "Watching:"),
	GROUP(help_options, "Help:"),
	POPT_TABLEEND
};

/* The long name of an option, for messages. */
static const char *
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

/* Say that text is no noun; or, if there is a reason, what prevented us. */
static int
refuse(enum option option, const char *text, const char *noun)
{
	if (errno == ENOMEM)
		diag_print("cannot read --%s: %s", option_name(option),
		    strerror(errno));
	else
		diag_print("--%s: '%s' is not %s", option_name(option), text,
		    noun);
	return -1;
}

static int
take_number(enum option option, const char *text, const char *noun,
    int *value)
{
	uint64_t number;

	if (parse_number(text, INT_MAX, &number) == -1)
		return refuse(option, text, noun);
	*value = (int)number;
	return 0;
}

static int
take_name(enum option option, const char *text, const struct name *table,
    const char *noun, int *value)
{
	if (names_value(table, text, value))
		return 0;
	return take_number(option, text, noun, value);
}

/* A type, without the flags that socketpair(2) takes beside it. */
static int
take_type(enum option option, const char *text, int *value)
{
	int type;

	if (take_name(option, text, type_names, "a socket type", &type) == -1)
		return -1;
	if (type & (SOCK_NONBLOCK | SOCK_CLOEXEC))
		return refuse(option, text, "a socket type");
	*value = type;
	return 0;
}

/* A name in table, or nothing. */
static int
take_choice(enum option option, const char *text, const struct name *table,
    const char *noun, int *value)
{
	return names_value(table, text, value) ? 0 :
	    refuse(option, text, noun);
}

static int
take_framing(enum option option, const char *text, struct plan *plan)
{
	int framing;

	if (take_choice(option, text, framing_names, "a framing",
	    &framing) == -1)
		return -1;
	plan->framing = (enum framing)framing;
	plan->framing_option = option_name(option);
	return 0;
}

static int
take_size(enum option option, const char *text, size_t *value)
{
	size_t size;

	if (parse_size(text, &size) == -1 || size == 0)
		return refuse(option, text, "a size above zero");
	*value = size;
	return 0;
}

/* smallest is what is just allowed: 0 or 1 nanosecond. */
static int
take_time(enum option option, const char *text, int64_t smallest,
    int64_t *value)
{
	int64_t duration;

	if (parse_time(text, &duration) == -1 || duration < smallest)
		return refuse(option, text,
		    smallest == 0 ? "a time" : "a time above zero");
	*value = duration;
	return 0;
}

static int
take_fds(enum option option, const char *text, struct fd_list *value)
{
	struct fd_list fds;

	if (parse_fd_list(text, &fds) == -1)
		return refuse(option, text,
		    strchr(text, ',') == NULL ? "a file descriptor" :
		    "a list of file descriptors");
	fd_list_free(value);
	*value = fds;
	return 0;
}

static int
take_peer(enum option option, const char *text, struct plan *plan)
{
	if (plan_set_peer(plan, text) == 0)
		return 0;
	return refuse(option, text, "a command");
}

static int
take_listen_fds(enum option option, struct plan *plan)
{
	if (plan_set_listen_fds(plan) == 0)
		return 0;
	diag_print("cannot read --%s: %s", option_name(option),
	    strerror(errno));
	return -1;
}

static int
take_env(enum option option, const char *text, struct plan *plan)
{
	if (plan_add_env(plan, text) == 0)
		return 0;
	return refuse(option, text, errno == EEXIST ?
	    "a new name: it was given before" : "a variable's name");
}

static int
take_format(enum option option, const char *text, const char **format)
{
	const struct sink_format *found = sink_format_named(text);

	if (found == NULL)
		return refuse(option, text, "a trace format");
	*format = found->name;
	return 0;
}

static int
take_time_style(enum option option, const char *text, enum time_style *style)
{
	int value;

	if (take_choice(option, text, time_names, "a style of times",
	    &value) == -1)
		return -1;
	*style = (enum time_style)value;
	return 0;
}

static int
take_color(enum option option, const char *text, enum color_when *when)
{
	int value;

	if (take_choice(option, text, color_names, "a time for colors",
	    &value) == -1)
		return -1;
	*when = (enum color_when)value;
	return 0;
}

static int
take_port(enum option option, const char *text, uint16_t *value)
{
	uint64_t number;

	if (parse_number(text, UINT16_MAX, &number) == -1 || number == 0)
		return refuse(option, text, "a port number");
	*value = (uint16_t)number;
	return 0;
}

/* -o takes what --format and -a in front of it have said. */
static int
take_output(enum option option, const char *text, struct plan *plan,
    const struct output_style *style)
{
	if (*text == '\0')
		return refuse(option, text, "a file");
	if (plan_add_output(plan, text, style->format, style->append) == 0)
		return 0;
	return refuse(option, text, "a file");
}

/*
 * Put one option, with its value text (NULL if it takes none), into plan.
 * Returns 0, or -1 after a message.
 */
static int
take_option(enum option option, const char *text, struct plan *plan,
    struct output_style *style)
{
	errno = 0;	/* refuse() looks at it */
	switch (option) {
	case OPTION_TYPE:
	case OPTION_STYLE:
		return take_type(option, text, &plan->type);
	case OPTION_DOMAIN:
	case OPTION_NAMESPACE:
		return take_name(option, text, domain_names, "a domain",
		    &plan->domain);
	case OPTION_PROTOCOL:
		return take_number(option, text, "a protocol number",
		    &plan->protocol);
	case OPTION_BUFFER:
		return take_size(option, text, &plan->buffer);
	case OPTION_FD:
		plan->fds_chosen = true;
		return take_fds(option, text, &plan->fds);
	case OPTION_ENV:
		return take_env(option, text, plan);
	case OPTION_LISTEN_FDS:
		return take_listen_fds(option, plan);
	case OPTION_PEER:
		return take_peer(option, text, plan);
	case OPTION_PEER_FD:
		plan->peer_fds_chosen = true;
		return take_fds(option, text, &plan->peer_fds);
	case OPTION_PIPEFAIL:
		plan->pipefail = true;
		return 0;
	case OPTION_PASS_FD:
		plan->pass_fd = true;
		return 0;
	case OPTION_KILL_AFTER:
		return take_time(option, text, 0, &plan->kill_after);
	case OPTION_DIE_WITH_PARENT:
		plan->die_with_parent = true;
		return 0;
	case OPTION_FRAMING:
		return take_framing(option, text, plan);
	case OPTION_LINES:
		return take_framing(option, "line", plan);
	case OPTION_NULL:
		return take_framing(option, "null", plan);
	case OPTION_MAX_MESSAGE:
		return take_size(option, text, &plan->max_message);
	case OPTION_NO_SHUTDOWN:
		plan->no_shutdown = true;
		return 0;
	case OPTION_LINGER:
		return take_time(option, text, 1, &plan->linger);
	case OPTION_TIMEOUT:
		return take_time(option, text, 1, &plan->timeout);
	case OPTION_VERBOSE:
		plan->verbose = true;
		return 0;
	case OPTION_HEX:
		plan->hex = true;
		return 0;
	case OPTION_OUTPUT:
		return take_output(option, text, plan, style);
	case OPTION_FORMAT:
		return take_format(option, text, &style->format);
	case OPTION_APPEND:
		style->append = true;
		return 0;
	case OPTION_SNAPLEN:
		return take_size(option, text, &plan->snaplen);
	case OPTION_TIME:
		return take_time_style(option, text, &plan->time);
	case OPTION_COLOR:
		return take_color(option, text, &plan->color);
	case OPTION_PCAP_PORT:
		return take_port(option, text, &plan->pcap_port);
	case OPTION_STATS:
		plan->stats = true;
		return 0;
	case OPTION_PROGRESS:
		plan->progress = true;
		return 0;
	case OPTION_HELP:
	case OPTION_USAGE:
	case OPTION_VERSION:
		break;
	}
	return 0;
}

/* Print what was asked for; say so if standard output does not take it. */
static enum options_result
show_text(poptContext context, enum option option)
{
	if (option == OPTION_HELP)
		poptPrintHelp(context, stdout, 0);
	else if (option == OPTION_USAGE)
		poptPrintUsage(context, stdout, 0);
	else
		printf("%s\n", PACKAGE_STRING);
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return OPTIONS_DONE;
	diag_print("cannot write standard output: %s",
	    strerror(errno != 0 ? errno : EIO));
	return OPTIONS_WRONG;
}

/* Say what popt found wrong with the command line. */
static void
report_popt(poptContext context, int error)
{
	const char *bad = poptBadOption(context, POPT_BADOPTION_NOALIAS);

	switch (error) {
	case POPT_ERROR_BADOPT:
		diag_print("'%s' is not an option", bad);
		break;
	case POPT_ERROR_NOARG:
		diag_print("%s: needs a value", bad);
		break;
	case POPT_ERROR_UNWANTEDARG:
		diag_print("%s: cannot go with a value", bad);
		break;
	default:
		diag_print("cannot read options: '%s': %s", bad,
		    poptStrerror(error));
	}
}

/*
 * The aliases in /etc/popt and ~/.popt are the users' presets.  They may run
 * programs, so not with rights that the user does not have.
 */
static void
read_aliases(poptContext context)
{
#ifdef __linux__
	if (getauxval(AT_SECURE) != 0)
		return;
#else
	if (getuid() != geteuid() || getgid() != getegid())
		return;
#endif
	/* A broken file is not our user's error of today. */
	(void)poptReadDefaultConfig(context, 0);
}

/* What all of them together are.  Returns 0, or -1 after a message. */
static int
check_plan(const struct plan *plan)
{
	struct plan_clash clash;

	if (plan_has_clash(plan, &clash)) {
		diag_print("--%s: %s %s", clash.option, clash.relation,
		    clash.other);
		return -1;
	}
	if (plan->command[0] == NULL) {
		diag_print("needs a command (see sockpair --help)");
		return -1;
	}
	if (plan->peer != NULL &&
	    (plan->timeout != PLAN_NEVER || plan_has_trace(plan))) {
		diag_print("cannot relay two commands: not yet supported");
		return -1;
	}
	return 0;
}

static enum options_result
parse_context(poptContext context, struct plan *plan)
{
	char *text;
	struct output_style style = { NULL, false };
	int option;
	int result;

	while ((option = poptGetNextOpt(context)) > 0) {
		if (option >= OPTION_HELP)
			return show_text(context, (enum option)option);
		text = poptGetOptArg(context);
		result = take_option((enum option)option, text, plan,
		    &style);
		free(text);
		if (result == -1)
			return OPTIONS_WRONG;
	}
	if (option < -1) {
		report_popt(context, option);
		return OPTIONS_WRONG;
	}
	if (plan_set_command(plan, poptGetArgs(context)) == -1) {
		diag_print("cannot read the command: %s", strerror(errno));
		return OPTIONS_WRONG;
	}
	return check_plan(plan) == 0 ? OPTIONS_RUN : OPTIONS_WRONG;
}

enum options_result
options_parse(int argc, const char **argv, struct plan *plan)
{
	enum options_result result;
	poptContext context;

	if (argc < 1) {
		/* popt would read past the end of an empty argv. */
		diag_print("needs a command (see sockpair --help)");
		return OPTIONS_WRONG;
	}
	/*
	 * POSIXMEHARDER: options end at the first word that is none, or the
	 * command's own options would be taken for ours.
	 */
	context = poptGetContext("sockpair", argc, argv, all_options,
	    POPT_CONTEXT_POSIXMEHARDER);
	if (context == NULL) {
		diag_print("cannot read options: %s", strerror(ENOMEM));
		return OPTIONS_WRONG;
	}
	poptSetOtherOptionHelp(context, "[OPTION...] [--] COMMAND [ARG...]");
	read_aliases(context);
	result = parse_context(context, plan);
	poptFreeContext(context);
	return result;
}
