/* SPDX-License-Identifier: MIT */
/*
 * The values are ours to read: popt's own numbers take blanks, other bases and
 * the empty string, and it cannot say what was expected.
 */
#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/diag.h"
#include "base/parse.h"
#include "plan/names.h"
#include "plan/option-value.h"

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

/* The same for what set() has to weigh against other options. */
static int
take_plan_size(enum option option, const char *text, struct plan *plan,
    void (*set)(struct plan *plan, size_t size))
{
	size_t size = 0;

	if (take_size(option, text, &size) == -1)
		return -1;
	set(plan, size);
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
take_format(enum option option, const char *text, enum trace_format *format)
{
	int value;

	if (take_choice(option, text, format_names, "a trace format",
	    &value) == -1)
		return -1;
	*format = (enum trace_format)value;
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

	if (take_choice(option, text, color_names, "auto, always or never",
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

int
option_take(enum option option, const char *text, struct plan *plan,
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
		return take_plan_size(option, text, plan, plan_set_buffer);
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
		return take_plan_size(option, text, plan,
		    plan_set_max_message);
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
