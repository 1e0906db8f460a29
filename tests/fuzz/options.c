/* SPDX-License-Identifier: MIT */
/*
 * Any command line of sockpair.  An input is its words, divided by NULs.  A
 * word whose first byte is 128 or more stands for an option: that byte chooses
 * it from option_table, and the rest of the word is its value.
 *
 * The line is refused with one message, prints a text, or becomes a plan that
 * is possible.  A plan, written down as options again, becomes the same plan.
 * Link this with -Wl,--wrap=diag_print.
 */
#include "config.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/names.h"
#include "plan/option-table.h"
#include "plan/options.h"
#include "printed.h"
#include "target.h"

/*
 * How many words are read, and may be there.  A plan that is written down has
 * "--" besides, and may give some options once more.
 */
#define READ_MAX 400
#define WORDS_MAX 500

/* A command line. */
struct words {
	char *words[WORDS_MAX + 1];	/* owned; NULL at the end */
	int count;
};

/* --- words --------------------------------------------------------------- */

__attribute__((format(printf, 2, 3)))
static void
words_add(struct words *words, const char *format, ...)
{
	va_list arguments;

	hold(words->count < WORDS_MAX, "there is room for the words");
	va_start(arguments, format);
	hold(vasprintf(&words->words[words->count++], format, arguments) != -1,
	    "there is memory");
	va_end(arguments);
	words->words[words->count] = NULL;
}

static void
words_free(struct words *words)
{
	while (words->count > 0)
		free(words->words[--words->count]);
}

/* The row with this number, counted through all groups. */
static const struct poptOption *
find_row(size_t number)
{
	const struct poptOption *group, *row;
	size_t count = 0;

	for (group = option_table; group->arg != NULL; group++)
		for (row = group->arg; row->longName != NULL; row++)
			count++;
	number %= count;
	for (group = option_table;; group++)
		for (row = group->arg; row->longName != NULL; row++)
			if (number-- == 0)
				return row;
}

static void
add_word(struct words *words, const char *data, size_t size)
{
	const struct poptOption *row;

	if (size == 0 || (unsigned char)data[0] < 128) {
		words_add(words, "%.*s", (int)size, data);
		return;
	}
	row = find_row((unsigned char)data[0] - 128u);
	if (row->argInfo == POPT_ARG_NONE && size == 1)
		words_add(words, "--%s", row->longName);
	else
		words_add(words, "--%s=%.*s", row->longName, (int)size - 1,
		    data + 1);
}

static void
read_words(struct words *words, const char *data, size_t size)
{
	const char *end;
	size_t length;

	words->count = 0;
	words->words[0] = NULL;
	/* Without words there is not even the program's name. */
	if (size > 0)
		words_add(words, "sockpair");
	while (size > 0 && words->count < READ_MAX) {
		end = memchr(data, '\0', size);
		length = end == NULL ? size : (size_t)(end - data);
		add_word(words, data, length);
		if (end == NULL)
			return;
		data += length + 1;
		size -= length + 1;
	}
}

/* --- a plan as options ------------------------------------------------- */

static void
add_fds(struct words *words, const char *option, const struct fd_list *fds)
{
	char text[8000] = "";
	size_t used = 0;
	size_t i;

	for (i = 0; i < fds->count; i++) {
		hold(used + 12 < sizeof(text), "there is room for the list");
		used += (size_t)sprintf(text + used, "%s%d", i == 0 ? "" : ",",
		    fds->fds[i]);
	}
	words_add(words, "--%s=%s", option, text);
}

static void
add_time(struct words *words, const char *option, int64_t time)
{
	if (time != PLAN_NEVER)
		words_add(words, "--%s=%" PRId64 ".%09" PRId64, option,
		    time / 1000000000, time % 1000000000);
}

static void
add_switch(struct words *words, const char *option, bool is_given)
{
	if (is_given)
		words_add(words, "--%s", option);
}

static void
add_size(struct words *words, const char *option, size_t size)
{
	if (size > 0)
		words_add(words, "--%s=%zu", option, size);
}

static void
add_events(struct words *words, unsigned int events)
{
	const struct name *row;
	char text[200] = "";

	for (row = event_names; row->name != NULL; row++)
		if (events >> row->value & 1) {
			strcat(text, *text == '\0' ? "" : ",");
			strcat(text, row->name);
		}
	words_add(words, "--events=%s", text);
}

/* The files of traces, each behind the options that apply to it. */
static void
add_outputs(struct words *words, const struct plan *plan)
{
	struct plan_output last = { .events = TRACE_ALL };
	struct plan_output next;
	size_t i;

	for (i = 0; i <= plan->output_count; i++) {
		next = (struct plan_output){
			.format = plan->next_format, .events = plan->events,
			.append = plan->next_append
		};
		if (i < plan->output_count)
			next = plan->outputs[i];
		if (next.format != last.format)
			words_add(words, "--format=%s", names_name(
			    format_names, (int)next.format));
		if (next.events != last.events ||
		    (i == plan->output_count && plan->events_chosen &&
		    !plan->events_used))
			add_events(words, next.events);
		add_switch(words, "append", next.append && !last.append);
		if (i < plan->output_count)
			words_add(words, "--output=%s", next.path);
		last = next;
	}
}

static void
add_plan(struct words *words, const struct plan *plan)
{
	size_t i;

	words_add(words, "sockpair");
	if (plan->type_chosen)
		words_add(words, "--type=%d", plan->type);
	if (plan->domain_chosen)
		words_add(words, "--domain=%d", plan->domain);
	if (plan->protocol_chosen)
		words_add(words, "--protocol=%d", plan->protocol);
	add_size(words, "buffer", plan->buffer);
	add_switch(words, "listen-fds", plan->listen_fds);
	if (plan->fds_chosen)
		add_fds(words, "fd", &plan->fds);
	add_switch(words, "pipes", plan->pipes);
	for (i = 0; i < plan->env_count; i++)
		words_add(words, "--env=%s", plan->env[i]);
	if (plan->peer != NULL)
		words_add(words, "--peer=%s", plan->peer);
	if (plan->peer_fds_chosen)
		add_fds(words, "peer-fd", &plan->peer_fds);
	add_switch(words, "pipefail", plan->pipefail);
	add_switch(words, "pass-fd", plan->pass_fd);
	add_time(words, "kill-after", plan->kill_after);
	add_switch(words, "die-with-parent", plan->die_with_parent);
	if (plan->framing_option != NULL)
		words_add(words, "--framing=%s", names_name(framing_names,
		    (int)plan->framing));
	if (plan->wire != -1)
		words_add(words, "--wire=%s", names_name(framing_names,
		    plan->wire));
	if (plan->max_message_chosen)
		add_size(words, "max-message", plan->max_message);
	add_size(words, "chunk", plan->chunk);
	add_switch(words, "no-shutdown", plan->no_shutdown);
	add_time(words, "linger", plan->linger);
	add_time(words, "timeout", plan->timeout);
	add_switch(words, "verbose", plan->verbose);
	add_switch(words, "hex", plan->hex);
	add_outputs(words, plan);
	add_time(words, "stall", plan->stall);
	add_size(words, "snaplen", plan->snaplen);
	if (plan->time_chosen)
		words_add(words, "--time=%s", names_name(time_names,
		    (int)plan->time));
	if (plan->color_chosen)
		words_add(words, "--color=%s", names_name(color_names,
		    (int)plan->color));
	if (plan->pcap_port_chosen)
		words_add(words, "--pcap-port=%u",
		    (unsigned int)plan->pcap_port);
	add_switch(words, "stats", plan->stats);
	add_switch(words, "progress", plan->progress);
	words_add(words, "--");
	for (i = 0; plan->command[i] != NULL; i++)
		words_add(words, "%s", plan->command[i]);
}

/* --- what must hold ---------------------------------------------------- */

static bool
is_same_list(const struct fd_list *one, const struct fd_list *other)
{
	return one->count == other->count && memcmp(one->fds, other->fds,
	    one->count * sizeof(*one->fds)) == 0;
}

static bool
is_same_text(const char *one, const char *other)
{
	return one == other ||
	    (one != NULL && other != NULL && strcmp(one, other) == 0);
}

static bool
is_same_outputs(const struct plan *one, const struct plan *other)
{
	size_t i;

	for (i = 0; i < one->output_count; i++)
		if (!is_same_text(one->outputs[i].path,
		    other->outputs[i].path) ||
		    one->outputs[i].format != other->outputs[i].format ||
		    one->outputs[i].events != other->outputs[i].events ||
		    one->outputs[i].append != other->outputs[i].append)
			return false;
	return true;
}

static bool
is_same_words(char *const *one, char *const *other, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!is_same_text(one[i], other[i]))
			return false;
	return true;
}

static size_t
count_words(char *const *words)
{
	size_t count = 0;

	while (words[count] != NULL)
		count++;
	return count;
}

/* Every member but framing_option, which is the option's name. */
static bool
is_same_plan(const struct plan *one, const struct plan *other)
{
	if (one->env_count != other->env_count ||
	    one->output_count != other->output_count ||
	    count_words(one->command) != count_words(other->command))
		return false;
	return is_same_list(&one->fds, &other->fds) &&
	    is_same_list(&one->peer_fds, &other->peer_fds) &&
	    is_same_outputs(one, other) &&
	    is_same_text(one->peer, other->peer) &&
	    is_same_words(one->env, other->env, one->env_count) &&
	    is_same_words(one->command, other->command,
	    count_words(one->command)) &&
	    one->half_close == other->half_close &&
	    one->domain == other->domain &&
	    one->type == other->type &&
	    one->protocol == other->protocol &&
	    one->domain_chosen == other->domain_chosen &&
	    one->type_chosen == other->type_chosen &&
	    one->protocol_chosen == other->protocol_chosen &&
	    one->buffer == other->buffer &&
	    one->fds_chosen == other->fds_chosen &&
	    one->pipes == other->pipes &&
	    one->listen_fds == other->listen_fds &&
	    one->kill_after == other->kill_after &&
	    one->die_with_parent == other->die_with_parent &&
	    one->peer_fds_chosen == other->peer_fds_chosen &&
	    one->pipefail == other->pipefail &&
	    one->pass_fd == other->pass_fd &&
	    one->framing == other->framing &&
	    one->wire == other->wire &&
	    one->max_message == other->max_message &&
	    one->max_message_chosen == other->max_message_chosen &&
	    one->chunk == other->chunk &&
	    one->no_shutdown == other->no_shutdown &&
	    one->linger == other->linger &&
	    one->timeout == other->timeout &&
	    one->stall == other->stall &&
	    one->verbose == other->verbose &&
	    one->hex == other->hex &&
	    one->next_format == other->next_format &&
	    one->next_append == other->next_append &&
	    one->events == other->events &&
	    one->events_chosen == other->events_chosen &&
	    one->events_used == other->events_used &&
	    one->snaplen == other->snaplen &&
	    one->time == other->time &&
	    one->time_chosen == other->time_chosen &&
	    one->color == other->color &&
	    one->color_chosen == other->color_chosen &&
	    one->pcap_port == other->pcap_port &&
	    one->pcap_port_chosen == other->pcap_port_chosen &&
	    one->stats == other->stats &&
	    one->progress == other->progress;
}

static bool
is_duration(int64_t time, int64_t least)
{
	return time == PLAN_NEVER || time >= least;
}

static void
check_list(const struct fd_list *fds)
{
	size_t i;

	hold(fds->count > 0, "a list of descriptors is not empty");
	for (i = 0; i < fds->count; i++)
		hold(fds->fds[i] >= 0, "a descriptor is no negative number");
}

static void
check_plan(const struct plan *plan)
{
	struct plan_clash clash;
	size_t i, j;

	check_list(&plan->fds);
	check_list(&plan->peer_fds);
	hold(plan->command[0] != NULL, "there is a command");
	hold(plan->half_close == -1, "nothing is half-closed");
	hold(plan->type >= 0 && plan->domain >= 0 && plan->protocol >= 0,
	    "the pair has no negative numbers");
	hold(plan->max_message > 0 && plan->pcap_port > 0,
	    "what must be above zero is");
	hold(is_duration(plan->kill_after, 0) && is_duration(plan->linger, 1) &&
	    is_duration(plan->timeout, 1) && is_duration(plan->stall, 1),
	    "no time is too short");
	hold(plan->peer == NULL || *plan->peer != '\0', "a peer is a command");
	for (i = 0; i < plan->env_count; i++) {
		hold(*plan->env[i] != '\0' &&
		    strchr(plan->env[i], '=') == NULL, "a name is a name");
		for (j = 0; j < i; j++)
			hold(strcmp(plan->env[i], plan->env[j]) != 0,
			    "no name comes twice");
	}
	for (i = 0; i < plan->output_count; i++)
		hold(*plan->outputs[i].path != '\0', "a file has a name");
	hold(!plan_has_clash(plan, &clash), "no options clash");
}

/* Parse the words; what comes of it must be possible. */
static enum options_result
parse(struct words *words, struct plan *plan)
{
	const char *argv[WORDS_MAX + 1];
	enum options_result result;

	/* The caller keeps the words: argv may be changed. */
	memcpy(argv, words->words, sizeof(argv));
	printed_clear();
	hold(plan_init(plan) == 0, "there is memory");
	result = options_parse(words->count, argv, plan);
	hold(result == OPTIONS_RUN || result == OPTIONS_HALF_CLOSE ||
	    result == OPTIONS_DONE || result == OPTIONS_WRONG, "a result");
	hold(messages == (result == OPTIONS_WRONG),
	    "what is wrong has one message, and nothing else has: %s",
	    message);
	hold(result != OPTIONS_WRONG || message[0] != '\0',
	    "a message has words");
	hold(result != OPTIONS_HALF_CLOSE || plan->half_close >= 0,
	    "what is half-closed is a descriptor");
	return result;
}

static void
set_up(void)
{
	static bool is_set_up;

	if (is_set_up)
		return;
	is_set_up = true;
	/* No aliases of the user's, and no texts of --help. */
	setenv("HOME", "/nonexistent", 1);
	hold(freopen("/dev/null", "w", stdout) != NULL, "/dev/null");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct words words, again;
	struct plan plan, same;

	set_up();
	read_words(&words, (const char *)data, size);
	if (parse(&words, &plan) == OPTIONS_RUN) {
		check_plan(&plan);
		again.count = 0;
		add_plan(&again, &plan);
		hold(parse(&again, &same) == OPTIONS_RUN,
		    "what was taken is taken again: %s", message);
		hold(is_same_plan(&plan, &same), "it is the same plan again");
		plan_free(&same);
		words_free(&again);
	}
	plan_free(&plan);
	words_free(&words);
	return 0;
}
