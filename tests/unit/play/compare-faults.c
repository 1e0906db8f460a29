/* SPDX-License-Identifier: MIT */
/*
 * What a side says is compared again and again, with one allocation after the
 * other that fails: it is reported each time, and nothing is left.
 */
#include "config.h"

#include "play/compare.h"
#include "failing.h"
#include "talk.h"
#include "tap.h"

static bool
allocation_fails(void)
{
	return fails_now(ENOMEM);
}

/* It has no memory, either. */
WRAP(int, regexec, (const regex_t *pattern, const char *text, size_t count,
    regmatch_t *matches, int flags), (pattern, text, count, matches, flags),
    allocation_fails, REG_ESPACE)

static struct talk talk;
static struct compare compare;
static struct ignore ignore;
static char long_line[2000];	/* and its newline, and a NUL */

static bool
bytes(const char *text)
{
	return compare_bytes(&compare, text, strlen(text)) != COMPARE_FAILED;
}

/* False if it could not be found out. */
static bool
asks(size_t index)
{
	(void)compare_has_come(&compare, index);
	return !compare.failed;
}

static bool
message(const char *text)
{
	return compare_message(&compare, text, strlen(text)) !=
	    COMPARE_FAILED;
}

static bool
ends(void)
{
	return compare_end(&compare) != COMPARE_FAILED;
}

static bool
says_lines(void)
{
	return asks(1) && bytes("34> ") && asks(1) && bytes("a\n") &&
	    asks(3) && bytes(long_line) && asks(4) && bytes("5") && ends();
}

static bool
says_another_line(void)
{
	return bytes("34> b\n");
}

static bool
says_messages(void)
{
	return message("7") && message("8 a\n");
}

/* The runs until no allocation fails; or 0 if one was not reported. */
static unsigned int
count_runs(bool (*says)(void))
{
	unsigned int runs;
	bool is_begun, is_right;

	for (runs = 1; runs < 100; runs++) {
		left = runs;
		*has_failed = false;
		is_begun = compare_init(&compare, &talk.record, &ignore,
		    SPEAKER_COMMAND, "it") == 0;
		is_right = (is_begun && says()) == !*has_failed;
		compare_free(&compare);
		left = 0;
		if (!is_right)
			return 0;
		if (!*has_failed)
			return runs;
	}
	return 0;
}

static void
command_says(const char *text)
{
	need(talk_add(&talk, STEP_DATA, SPEAKER_COMMAND, text, strlen(text)),
	    "talk_add");
}

static void
test_lines(void)
{
	talk_init(&talk);
	command_says("12> ");
	talk_add(&talk, STEP_DATA, SPEAKER_STDIN, "?", 1);
	command_says("a\n");
	command_says(long_line);
	command_says("6");
	ok(count_runs(says_lines) > 4,
	    "each failed allocation for lines is reported");
	ok(count_runs(says_another_line) > 4,
	    "and for a line that differs");
}

static void
test_messages(void)
{
	talk_init(&talk);
	talk.record.has_messages = true;
	command_says("12");
	command_says("34 a\n");
	ok(count_runs(says_messages) > 4,
	    "and for messages");
}

int
main(void)
{
	need(ignore_add(&ignore, TALK_IGNORED) == 0, "ignore_add");
	memset(long_line, 'x', sizeof(long_line) - 2);
	long_line[sizeof(long_line) - 2] = '\n';
	test_lines();
	test_messages();
	ignore_free(&ignore);
	return done_testing();
}
