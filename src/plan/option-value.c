/* SPDX-License-Identifier: MIT */
/*
 * Option values are read here, not by popt: its numbers allow blanks, other
 * bases and the empty string, and it cannot say what was expected.
 */
#include "config.h"

#include <sys/socket.h>

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/parse.h"
#include "plan/names.h"
#include "plan/option-value.h"

/* How the value of an option gets into the plan. */
struct value_row {
	/*
	 * Put the value text (NULL if there is none) into plan.  Returns NULL
	 * on success; otherwise a noun for what text should be, or, with errno
	 * ENOMEM, any string.
	 */
	const char *(*take)(const struct value_row *row, const char *text,
	    struct plan *plan);
	size_t offset;		/* of the member of struct plan */
	const char *noun;	/* what the value is, for messages */
	const struct name *names;	/* what the value is chosen from, or */
				/* a list of these */
	const char *text;	/* the value of an option that takes none */
	int64_t least;		/* the smallest value allowed */
	void (*set)(struct plan *plan, size_t size);	/* instead of offset */
	size_t chosen;		/* of the bool that notes a value; or 0 */
};

static void *
row_member(const struct value_row *row, struct plan *plan)
{
	return (char *)plan + row->offset;
}

static const char *
take_switch(const struct value_row *row, const char *text, struct plan *plan)
{
	(void)text;
	*(bool *)row_member(row, plan) = true;
	return NULL;
}

static const char *
take_number(const struct value_row *row, const char *text, struct plan *plan)
{
	uint64_t number;

	if (parse_number(text, INT_MAX, &number) == -1)
		return row->noun;
	*(int *)row_member(row, plan) = (int)number;
	return NULL;
}

/* The value is a name or a number. */
static const char *
take_name(const struct value_row *row, const char *text, struct plan *plan)
{
	return names_value(row->names, text, row_member(row, plan)) ? NULL :
	    take_number(row, text, plan);
}

/* Refuse a number that contains a flag of socketpair(2) beside the type. */
static const char *
take_type(const struct value_row *row, const char *text, struct plan *plan)
{
	int before = plan->type;
	const char *wanted = take_name(row, text, plan);

	if (!(plan->type & (SOCK_NONBLOCK | SOCK_CLOEXEC)))
		return wanted;
	plan->type = before;
	return row->noun;
}

/* The value is a name; the member is an enum. */
static const char *
take_choice(const struct value_row *row, const char *text, struct plan *plan)
{
	int value;

	static_assert(sizeof(value) == sizeof(enum framing) &&
	    sizeof(value) == sizeof(enum trace_format) &&
	    sizeof(value) == sizeof(enum time_style) &&
	    sizeof(value) == sizeof(enum color_when), "an enum is an int");
	if (!names_value(row->names, text, &value))
		return row->noun;
	memcpy(row_member(row, plan), &value, sizeof(value));
	return NULL;
}

static const char *
take_size(const struct value_row *row, const char *text, struct plan *plan)
{
	size_t size;

	if (parse_size(text, &size) == -1 || size == 0)
		return row->noun;
	if (row->set != NULL)
		row->set(plan, size);
	else
		*(size_t *)row_member(row, plan) = size;
	return NULL;
}

static const char *
take_time(const struct value_row *row, const char *text, struct plan *plan)
{
	int64_t duration;

	if (parse_time(text, &duration) == -1 || duration < row->least)
		return row->noun;
	*(int64_t *)row_member(row, plan) = duration;
	return NULL;
}

static const char *
take_port(const struct value_row *row, const char *text, struct plan *plan)
{
	uint64_t number;

	if (parse_number(text, UINT16_MAX, &number) == -1 || number == 0)
		return row->noun;
	plan->pcap_port = (uint16_t)number;
	return NULL;
}

static const char *
take_fds(const char *text, struct fd_list *list, bool *is_chosen)
{
	struct fd_list fds;

	if (parse_fd_list(text, &fds) == -1)
		return strchr(text, ',') == NULL ? "a file descriptor" :
		    "a list of file descriptors";
	fd_list_free(list);
	*list = fds;
	*is_chosen = true;
	return NULL;
}

static const char *
take_fd(const struct value_row *row, const char *text, struct plan *plan)
{
	(void)row;
	return take_fds(text, &plan->fds, &plan->fds_chosen);
}

static const char *
take_peer_fd(const struct value_row *row, const char *text, struct plan *plan)
{
	(void)row;
	return take_fds(text, &plan->peer_fds, &plan->peer_fds_chosen);
}

static const char *
take_peer(const struct value_row *row, const char *text, struct plan *plan)
{
	return plan_set_peer(plan, text) == 0 ? NULL : row->noun;
}

/* There is no value that could be wrong, but memory may be short. */
static const char *
take_listen_fds(const struct value_row *row, const char *text,
    struct plan *plan)
{
	(void)row, (void)text;
	return plan_set_listen_fds(plan) == 0 ? NULL : "";
}

static const char *
take_env(const struct value_row *row, const char *text, struct plan *plan)
{
	if (plan_add_env(plan, text) == 0)
		return NULL;
	return errno == EEXIST ? "a new name: it was given before" : row->noun;
}

/* Set *events to the set of the names in text, which commas separate. */
static bool
read_events(const struct name *names, const char *text, unsigned int *events)
{
	char name[16];
	size_t size;
	int kind;

	*events = 0;
	do {
		size = strcspn(text, ",");
		snprintf(name, sizeof(name), "%.*s", (int)size, text);
		if (size >= sizeof(name) ||
		    !names_value(names, name, &kind))
			return false;
		*events |= 1u << kind;
		text += size;
	} while (*text++ == ',');
	return true;
}

static const char *
take_events(const struct value_row *row, const char *text, struct plan *plan)
{
	unsigned int events;

	if (!read_events(row->names, text, &events))
		return strchr(text, ',') == NULL ? "an event" :
		    "a list of events";
	plan->events = events;
	plan->events_chosen = true;
	plan->events_used = false;
	return NULL;
}

/* The preceding --format, -a and --events apply to this -o. */
static const char *
take_output(const struct value_row *row, const char *text, struct plan *plan)
{
	return *text != '\0' && plan_add_output(plan, text) == 0 ? NULL :
	    row->noun;
}

#define MEMBER(name) .offset = offsetof(struct plan, name)
#define CHOSEN(name) .chosen = offsetof(struct plan, name)
#define SWITCH(name) { .take = take_switch, MEMBER(name) }

static const struct value_row value_rows[] = {
	[OPTION_TYPE] = { take_type, MEMBER(type), "a socket type",
	    type_names, CHOSEN(type_chosen) },
	[OPTION_STYLE] = { take_type, MEMBER(type), "a socket type",
	    type_names, CHOSEN(type_chosen) },
	[OPTION_DOMAIN] = { take_name, MEMBER(domain), "a domain",
	    domain_names, CHOSEN(domain_chosen) },
	[OPTION_NAMESPACE] = { take_name, MEMBER(domain), "a domain",
	    domain_names, CHOSEN(domain_chosen) },
	[OPTION_PROTOCOL] = { take_number, MEMBER(protocol),
	    "a protocol number", CHOSEN(protocol_chosen) },
	[OPTION_BUFFER] = { take_size, .noun = "a size above zero",
	    .set = plan_set_buffer },
	[OPTION_FD] = { .take = take_fd },
	[OPTION_PIPES] = SWITCH(pipes),
	[OPTION_ENV] = { take_env, .noun = "a variable's name" },
	[OPTION_LISTEN_FDS] = { .take = take_listen_fds },
	[OPTION_PEER] = { take_peer, .noun = "a command" },
	[OPTION_PEER_FD] = { .take = take_peer_fd },
	[OPTION_PIPEFAIL] = SWITCH(pipefail),
	[OPTION_PASS_FD] = SWITCH(pass_fd),
	[OPTION_HALF_CLOSE] = { take_number, MEMBER(half_close),
	    "a file descriptor" },
	[OPTION_KILL_AFTER] = { take_time, MEMBER(kill_after), "a time" },
	[OPTION_DIE_WITH_PARENT] = SWITCH(die_with_parent),
	[OPTION_FRAMING] = { take_choice, MEMBER(framing), "a framing",
	    framing_names },
	[OPTION_WIRE] = { take_choice, MEMBER(wire), "a framing",
	    framing_names },
	[OPTION_LINES] = { take_choice, MEMBER(framing), .text = "line",
	    .names = framing_names },
	[OPTION_NULL] = { take_choice, MEMBER(framing), .text = "null",
	    .names = framing_names },
	[OPTION_MAX_MESSAGE] = { take_size, .noun = "a size above zero",
	    .set = plan_set_max_message },
	[OPTION_CHUNK] = { take_size, MEMBER(chunk), "a size above zero" },
	[OPTION_NO_SHUTDOWN] = SWITCH(no_shutdown),
	[OPTION_LINGER] = { take_time, MEMBER(linger), "a time above zero",
	    .least = 1 },
	[OPTION_TIMEOUT] = { take_time, MEMBER(timeout), "a time above zero",
	    .least = 1 },
	[OPTION_VERBOSE] = SWITCH(verbose),
	[OPTION_HEX] = SWITCH(hex),
	[OPTION_OUTPUT] = { take_output, .noun = "a file" },
	[OPTION_FORMAT] = { take_choice, MEMBER(next_format),
	    "a trace format", format_names },
	[OPTION_APPEND] = SWITCH(next_append),
	[OPTION_EVENTS] = { .take = take_events, .names = event_names },
	[OPTION_STALL] = { take_time, MEMBER(stall), "a time above zero",
	    .least = 1 },
	[OPTION_SNAPLEN] = { take_size, MEMBER(snaplen),
	    "a size above zero" },
	[OPTION_TIME] = { take_choice, MEMBER(time), "a style of times",
	    time_names, CHOSEN(time_chosen) },
	[OPTION_COLOR] = { take_choice, MEMBER(color), "auto, always or never",
	    color_names, CHOSEN(color_chosen) },
	[OPTION_PCAP_PORT] = { take_port, .noun = "a port number",
	    CHOSEN(pcap_port_chosen) },
	[OPTION_STATS] = SWITCH(stats),
	[OPTION_PROGRESS] = SWITCH(progress),
};

int
option_take(enum option option, const char *text, struct plan *plan)
{
	const struct value_row *row = &value_rows[option];
	const char *wanted;

	errno = 0;
	wanted = row->take(row, row->text != NULL ? row->text : text, plan);
	if (wanted == NULL) {
		if (row->chosen != 0)
			*(bool *)((char *)plan + row->chosen) = true;
		if (row->names == framing_names && option != OPTION_WIRE)
			plan->framing_option = option_name(option);
		return 0;
	}
	if (errno == ENOMEM)
		diag_print("cannot read --%s: %s", option_name(option),
		    strerror(errno));
	else
		diag_print("--%s: '%s' is not %s", option_name(option), text,
		    wanted);
	return -1;
}

const struct name *
option_names(int option)
{
	return value_rows[option].names;
}
