/* SPDX-License-Identifier: MIT */
/* For unit tests of what differs from a recorded talk, over tests/talk.h. */
#ifndef SHOWN_H
#define SHOWN_H

#include "talk.h"
#include "tap.h"

static struct talk talk;
static struct compare compare;

static inline void
command_says(const char *text)
{
	need(talk_add(&talk, STEP_DATA, SPEAKER_COMMAND, text, strlen(text)),
	    "talk_add");
}

/* Compare what a command is to say. */
static inline void
begin(const struct ignore *ignore)
{
	need(compare_init(&compare, &talk.record, ignore, SPEAKER_COMMAND,
	    "it") == 0, "compare_init");
}

static inline enum compare_result
bytes(const char *text)
{
	return compare_bytes(&compare, text, strlen(text));
}

/* What is found: the line of the record, what differs, and the two texts. */
static inline void
is_shown(unsigned long line, const char *what, const char *expected,
    const char *got, const char *name)
{
	const struct difference *difference = &compare.difference;
	char title[200];

	snprintf(title, sizeof(title), "%s: where", name);
	is_str(difference->what, what, title);
	snprintf(title, sizeof(title), "%s: the line of the record", name);
	is_int((long long)difference->line, (long long)line, title);
	snprintf(title, sizeof(title), "%s: what was expected", name);
	is_mem(difference->expected.data, difference->expected.size, expected,
	    strlen(expected), title);
	snprintf(title, sizeof(title), "%s: what came", name);
	is_mem(difference->got.data, difference->got.size, got, strlen(got),
	    title);
	compare_free(&compare);
}

#endif
