/* SPDX-License-Identifier: MIT */
/*
 * Streams that are compared by lines, because digits are ignored in them.
 * tests/unit/play/compare tries all short ones; these are the telling ones.
 */
#include "config.h"

#include "shown.h"

#define MIB (1 << 20)

static struct ignore ignore;

static void
we_say(const char *text)
{
	talk_add(&talk, STEP_DATA, SPEAKER_STDIN, text, strlen(text));
}

static void
test_shown(void)
{
	talk_init(&talk);
	command_says("at 12:30 ");
	we_say("!");
	command_says("up\nat 5\n");
	begin(&ignore);
	is_int(bytes("at 9:1 up\nat 77"), COMPARE_SAME,
	    "what is ignored may have another size");
	is_int(bytes("\n"), COMPARE_SAME, "to the end of the line");
	is_int(compare_end(&compare), COMPARE_SAME, "and of the stream");
	compare_free(&compare);

	begin(&ignore);
	is_int(bytes("at 9:1 u"), COMPARE_SAME,
	    "a line is compared when it is whole");
	is_int(bytes("q\nat 5\n"), COMPARE_DIFFERS, "another one differs");
	is_int(bytes("x"), COMPARE_DIFFERS, "what follows changes nothing");
	is_shown(1, "line 1 of it", "p\n", "q\n", "another line");

	begin(&ignore);
	bytes("at 9:1 up\nin 5\n");
	is_shown(3, "line 2 of it", "at \1\n", "in \1\n",
	    "what is ignored is shown as byte 1");
	begin(&ignore);
	bytes("at 9:1 up\nat 5");
	is_int(compare_end(&compare), COMPARE_DIFFERS,
	    "the end instead of a newline differs");
	is_shown(3, "line 2 of it", "\n", "the end", "no newline");
	begin(&ignore);
	bytes("at 9:1 up\n");
	is_int(compare_end(&compare), COMPARE_DIFFERS, "an early end differs");
	is_shown(3, "line 2 of it", "at \1\n", "the end", "an early end");
	begin(&ignore);
	bytes("at 9:1 up\nat 5\n\n");
	is_shown(3, "line 3 of it", "the end", "\n", "an empty line more");
	begin(&ignore);
	bytes("at 9:1 up\nat 5\nx");
	is_int(compare_end(&compare), COMPARE_DIFFERS,
	    "a beginning of a line more differs at the end");
	is_shown(3, "line 3 of it", "the end", "x", "a line more");
}

static void
test_bytes(void)
{
	talk_init(&talk);
	talk_add(&talk, STEP_DATA, SPEAKER_COMMAND, "a\0" "1\r\n\0\n", 7);
	begin(&ignore);
	is_int(compare_bytes(&compare, "a\0" "22\r\n\0\n", 8), COMPARE_SAME,
	    "NUL and CR are bytes of a line");
	ok(compare_is_done(&compare), "all has come");
	compare_free(&compare);
	begin(&ignore);
	is_int(compare_bytes(&compare, "a\0" "22\n", 5), COMPARE_DIFFERS,
	    "a CR is not left out");
	compare_free(&compare);
	begin(&ignore);
	is_int(compare_bytes(&compare, "a\0" "b\r\n", 5), COMPARE_DIFFERS,
	    "what is behind a NUL is compared");
	compare_free(&compare);
}

/* Without a newline, and the other side waits for us. */
static void
test_prompt(void)
{
	talk_init(&talk);
	command_says("12> ");		/* step 0 */
	we_say("a\n");
	command_says("34> ");		/* step 2 */
	we_say("b\n");
	command_says("bye\n");		/* step 4 */
	begin(&ignore);
	bytes("7>");
	ok(!compare_has_come(&compare, 1), "half a prompt has not come");
	bytes(" ");
	ok(compare_has_come(&compare, 1) && !compare_has_come(&compare, 3),
	    "a prompt without a newline has come");
	bytes("8> ");
	ok(compare_has_come(&compare, 3) && !compare_is_done(&compare),
	    "and a second one in the same line");
	ok(bytes("bye\n") == COMPARE_SAME && compare_is_done(&compare),
	    "and the rest");
	compare_free(&compare);

	begin(&ignore);
	bytes("7> 8> ");
	ok(compare_has_come(&compare, 1),
	    "a prompt has come when more has come with it");
	compare_free(&compare);

	begin(&ignore);
	bytes("7# ");
	ok(!compare_has_come(&compare, 1), "another prompt has not come");
	ok(bytes("8> bye\n") == COMPARE_DIFFERS,
	    "it differs when the line is whole");
	compare_free(&compare);
}

static void
test_undelivered(void)
{
	talk_init(&talk);
	command_says("at 1 ");
	talk_add(&talk, STEP_NONE, SPEAKER_COMMAND, "xxxx", 4);
	command_says("up\n");
	begin(&ignore);
	ok(bytes("at 22 up\n") == COMPARE_SAME &&
	    compare_end(&compare) == COMPARE_SAME,
	    "what was not delivered is no part of a line");
	compare_free(&compare);
}

static void
test_last_line(void)
{
	talk_init(&talk);
	command_says("42");
	begin(&ignore);
	ok(!compare_is_done(&compare), "nothing has come");
	bytes("42");
	ok(compare_is_done(&compare),
	    "a last line without a newline is done before the end");
	ok(compare_end(&compare) == COMPARE_SAME, "the end may come");
	compare_free(&compare);
	begin(&ignore);
	bytes("42 ");
	is_int(compare_end(&compare), COMPARE_DIFFERS,
	    "but nothing else in that line");
	is_shown(1, "line 1 of it", "the end", " ", "a longer last line");

	talk_add(&talk, STEP_END, SPEAKER_COMMAND, NULL, 0);
	begin(&ignore);
	bytes("42");
	ok(compare_has_come(&compare, 1) && !compare_is_done(&compare),
	    "a recorded end is awaited");
	ok(compare_end(&compare) == COMPARE_SAME && compare_is_done(&compare),
	    "and comes");
	compare_free(&compare);
}

/* What is recorded ends where nobody read on. */
static void
test_surplus(void)
{
	talk_init(&talk);
	command_says("one\ntook 1");
	begin(&ignore);
	compare.takes_surplus = true;
	bytes("one\ntook ");
	ok(!compare_is_done(&compare), "a part of what is cut off is missing");
	bytes("25 ms");
	ok(compare_is_done(&compare),
	    "it may have been cut off inside what is ignored");
	ok(bytes("\nmore\n") == COMPARE_SAME &&
	    compare_end(&compare) == COMPARE_SAME, "anything may follow");
	compare_free(&compare);

	begin(&ignore);
	compare.takes_surplus = true;
	is_int(bytes("one\ntop\n"), COMPARE_DIFFERS,
	    "what is cut off is compared");
	is_shown(1, "line 2 of it", "ok \1", "p\n", "a line cut off");
	begin(&ignore);
	compare.takes_surplus = true;
	bytes("one\ntook");
	is_int(compare_end(&compare), COMPARE_DIFFERS,
	    "an end before it differs");
	is_shown(1, "line 2 of it", " \1", "the end", "a line cut off");
}

static void
test_missing(void)
{
	struct compare_missing missing;

	talk_init(&talk);
	command_says("one\n12> ");
	we_say("!");
	begin(&ignore);
	missing = compare_missing(&compare, 1);
	is_int((long long)missing.count, 8, "all is missing");
	bytes("one\n1");
	missing = compare_missing(&compare, 1);
	is_int((long long)missing.count, 3, "what has come is not missing");
	bytes("23456");
	missing = compare_missing(&compare, 1);
	ok(missing.count == 1 && !compare_has_come(&compare, 1),
	    "something is missing, though more bytes than recorded have come");
	compare_free(&compare);
}

/* Without a newline, in pieces of size bytes. */
static void
say_digits(size_t size, size_t piece)
{
	static char digits[MIB];
	size_t left, next;

	memset(digits, '7', sizeof(digits));
	for (left = size; left > 0; left -= next) {
		next = left < piece ? left : piece;
		(void)compare_bytes(&compare, digits, next);
	}
}

static void
test_long(void)
{
	static const size_t pieces[] = { MIB, 4099 };
	size_t limit, i;

	talk_init(&talk);
	command_says("1\n");
	limit = talk.record.size + MIB;
	for (i = 0; i < 2; i++) {
		begin(&ignore);
		say_digits(limit, pieces[i]);
		is_int(bytes("\n"), COMPARE_SAME,
		    "a line may be longer than the record by 1 MiB");
		compare_free(&compare);
		begin(&ignore);
		say_digits(limit + 1, pieces[i]);
		is_shown(1, "line 1 of it", "\n", "a longer line",
		    "no longer");
	}
}

static int
lack_memory(void *unused)
{
	static char much[MIB];

	(void)unused;
	talk_init(&talk);
	command_says("1\n");
	begin(&ignore);
	memset(much, 'x', sizeof(much));
	use_up_memory();
	ASK(compare_bytes(&compare, much, sizeof(much)) == COMPARE_FAILED);
	return 0;
}

int
main(void)
{
	need(ignore_add(&ignore, TALK_IGNORED) == 0, "ignore_add");
	test_shown();
	test_bytes();
	test_prompt();
	test_undelivered();
	test_last_line();
	test_surplus();
	test_missing();
	test_long();
	if (can_limit_memory())
		is_int(run_child(lack_memory, NULL), 0,
		    "a lack of memory is reported");
	else
		elsewhere("a lack of memory is reported", "no limit here");
	ignore_free(&ignore);
	return done_testing();
}
