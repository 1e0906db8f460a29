/* SPDX-License-Identifier: MIT */
/* The options: each has one row, a name of its own, and its help. */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "plan/names.h"
#include "plan/option-table.h"
#include "plan/option-value.h"
#include "tap.h"

#define LONGEST 40		/* rows of a group, more than any has */

/* The rows of all groups, one after the other; NULL behind the last. */
static const struct poptOption *rows[OPTION_VERSION + LONGEST];
static size_t row_count;

static void
collect(void)
{
	const struct poptOption *group, *row;
	bool titled = true;

	for (group = option_table; group->arg != NULL; group++) {
		titled = titled && group->descrip != NULL &&
		    (group->argInfo & POPT_ARG_MASK) == POPT_ARG_INCLUDE_TABLE;
		for (row = group->arg; row->longName != NULL; row++) {
			need(row_count < OPTION_VERSION + LONGEST, "room");
			rows[row_count++] = row;
		}
	}
	ok(titled, "every group has a title");
}

/* The row of an option, if there is one, and only one. */
static const struct poptOption *
row_of(int option)
{
	const struct poptOption *found = NULL;
	size_t i;

	for (i = 0; i < row_count; i++)
		if (rows[i]->val == option) {
			if (found != NULL)
				return NULL;
			found = rows[i];
		}
	return found;
}

static void
test_every_option(void)
{
	const struct poptOption *row;
	char title[80];
	int option;

	is_int((long long)row_count, OPTION_VERSION,
	    "there are as many rows as options");
	for (option = OPTION_TYPE; option <= OPTION_VERSION; option++) {
		row = row_of(option);
		snprintf(title, sizeof(title), "--%s is one row, and its name",
		    row == NULL ? "?" : row->longName);
		ok(row != NULL && strcmp(option_name((enum option)option),
		    row->longName) == 0, title);
	}
	is_str(option_name((enum option)0), "?", "no option has no name");
}

static void
test_names(void)
{
	bool longs = true, shorts = true;
	size_t i, j;

	for (i = 0; i < row_count; i++)
		for (j = 0; j < i; j++) {
			longs = longs && strcmp(rows[i]->longName,
			    rows[j]->longName) != 0;
			shorts = shorts && (rows[i]->shortName == '\0' ||
			    rows[i]->shortName != rows[j]->shortName);
		}
	ok(longs, "no long name is there twice");
	ok(shorts, "nor is a short one");
}

/* Scripts use them: each stays what it is. */
static void
test_letters(void)
{
	static const struct {
		enum option option;
		char letter;
	} letters[] = {
		{ OPTION_TYPE, 't' }, { OPTION_BUFFER, 'b' },
		{ OPTION_FD, 'd' }, { OPTION_ENV, 'E' },
		{ OPTION_PEER, 'p' }, { OPTION_PEER_FD, 'D' },
		{ OPTION_PASS_FD, 'P' }, { OPTION_KILL_AFTER, 'k' },
		{ OPTION_FRAMING, 'F' }, { OPTION_WIRE, 'W' },
		{ OPTION_LINES, 'l' }, { OPTION_NULL, '0' },
		{ OPTION_TIMEOUT, 'T' }, { OPTION_VERBOSE, 'v' },
		{ OPTION_HEX, 'x' }, { OPTION_OUTPUT, 'o' },
		{ OPTION_APPEND, 'a' }, { OPTION_SNAPLEN, 's' },
		{ OPTION_HELP, 'h' }, { OPTION_VERSION, 'V' },
	};
	const struct poptOption *row;
	char title[80];
	size_t i;

	for (i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		row = row_of((int)letters[i].option);
		snprintf(title, sizeof(title), "-%c is --%s",
		    letters[i].letter, option_name(letters[i].option));
		ok(row != NULL && row->shortName == letters[i].letter, title);
	}
}

/* The value is ours to read, see option-value.c: popt has no place for it. */
static void
test_values(void)
{
	bool helped = true, ours = true, described = true;
	unsigned int kind;
	size_t i;

	for (i = 0; i < row_count; i++) {
		kind = rows[i]->argInfo & POPT_ARG_MASK;
		helped = helped && rows[i]->descrip != NULL &&
		    *rows[i]->descrip != '\0';
		ours = ours && rows[i]->arg == NULL &&
		    (kind == POPT_ARG_STRING || kind == POPT_ARG_NONE);
		described = described && (rows[i]->argDescrip != NULL) ==
		    (kind == POPT_ARG_STRING);
	}
	ok(helped, "every option has its help");
	ok(ours, "popt stores no value");
	ok(described, "what a value is called is told where there is one");
}

/* Whether name is a word of text; inet is none of "inet6". */
static bool
has_word(const char *text, const char *name)
{
	size_t size = strlen(name);
	const char *at = text;

	while ((at = strstr(at, name)) != NULL) {
		if ((at == text || !isalnum((unsigned char)at[-1])) &&
		    !isalnum((unsigned char)at[size]))
			return true;
		at += size;
	}
	return false;
}

/* Without the manual page, --help is the only list of them. */
static void
test_choices(void)
{
	static const struct {
		enum option option;
		const struct name *names;
	} choices[] = {
		{ OPTION_TYPE, type_names },
		{ OPTION_DOMAIN, domain_names },
		{ OPTION_FRAMING, framing_names },
		{ OPTION_FORMAT, format_names },
		{ OPTION_EVENTS, event_names },
		{ OPTION_TIME, time_names },
		{ OPTION_COLOR, color_names },
	};
	const struct poptOption *row;
	const struct name *name;
	char title[80];
	bool named;
	size_t i;

	for (i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		row = row_of((int)choices[i].option);
		named = row != NULL;
		for (name = choices[i].names; name->name != NULL; name++)
			named = named && has_word(row->descrip, name->name);
		snprintf(title, sizeof(title),
		    "the help of --%s names every value that it takes",
		    option_name(choices[i].option));
		ok(named, title);
		snprintf(title, sizeof(title), "they are what --%s takes",
		    option_name(choices[i].option));
		ok(option_names((int)choices[i].option) == choices[i].names,
		    title);
	}
	ok(option_names(OPTION_STYLE) == type_names &&
	    option_names(OPTION_NAMESPACE) == domain_names &&
	    option_names(OPTION_WIRE) == framing_names,
	    "two options that are the same take the same names");
	ok(option_names(OPTION_FD) == NULL && option_names(OPTION_OUTPUT) ==
	    NULL, "an option that takes something else has no names");
}

int
main(void)
{
	collect();
	test_every_option();
	test_names();
	test_letters();
	test_values();
	test_choices();
	return done_testing();
}
