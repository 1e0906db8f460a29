/* SPDX-License-Identifier: MIT */
/*
 * Streams and messages against a record: every short one against every other,
 * in all pieces, as the model of talk.h has it; and what is shown.
 */
#include "config.h"

#include "shown.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct ignore nothing;

/* --- every short talk ---------------------------------------------------- */

/* The text number index of all that are size bytes of the alphabet. */
static void
make_text(char *text, size_t size, const char *alphabet, size_t index)
{
	size_t letters = strlen(alphabet);
	size_t i;

	for (i = 0; i < size; i++, index /= letters)
		text[i] = alphabet[index % letters];
}

static size_t
count_texts(size_t size, size_t letters)
{
	return size == 0 ? 1 : letters * count_texts(size - 1, letters);
}

/*
 * The command says text in pieces as of talk_say(), and standard input
 * something behind each; then the command may end.
 */
static void
make_talk(struct talk *small, const char *text, size_t size, size_t cuts,
    bool has_end)
{
	size_t begin = 0;
	size_t i;

	talk_init(small);
	for (i = 0; i < size; i++)
		if (i == size - 1 || (cuts >> i & 1) != 0) {
			talk_add(small, STEP_DATA, SPEAKER_COMMAND,
			    text + begin, i + 1 - begin);
			talk_add(small, STEP_DATA, SPEAKER_STDIN, "!", 1);
			begin = i + 1;
		}
	if (has_end)
		talk_add(small, STEP_END, SPEAKER_COMMAND, NULL, 0);
}

/* How a run is: a bit each. */
enum { RECORDED_END = 1, ENDED = 2, SURPLUS = 4, MODES = 8 };

/* What comes, in all pieces.  Returns how often it is not as in the model. */
static unsigned long
count_faults(const struct talk *small, const struct ignore *ignore,
    const char *text, size_t size, int mode)
{
	const struct said said = {
		.data = text, .size = size, .has_ended = (mode & ENDED) != 0
	};
	struct model model = {
		.record = &small->record, .speaker = SPEAKER_COMMAND,
		.ignores = ignore->count > 0,
		.takes_surplus = (mode & SURPLUS) != 0,
	};
	unsigned long faults = 0;
	size_t cuts;

	model_run(&model, &said);
	for (cuts = 0; cuts < (size_t)1 << (size > 0 ? size - 1 : 0); cuts++)
		faults += talk_check(&model, ignore, &said, cuts) != NULL;
	return faults;
}

/* All texts of up to most bytes that come where text is recorded. */
static unsigned long
count_recorded(const char *text, size_t size, const struct ignore *ignore,
    const char *alphabet, size_t most)
{
	struct talk small;
	unsigned long faults = 0;
	size_t cuts, got_size, i;
	char got[8];
	int mode;

	for (cuts = 0; cuts < (size_t)1 << (size > 0 ? size - 1 : 0); cuts++)
		for (mode = 0; mode < MODES; mode++) {
			make_talk(&small, text, size, cuts,
			    (mode & RECORDED_END) != 0);
			for (got_size = 0; got_size <= most; got_size++)
				for (i = 0; i < count_texts(got_size,
				    strlen(alphabet)); i++) {
					make_text(got, got_size, alphabet, i);
					faults += count_faults(&small, ignore,
					    got, got_size, mode);
				}
		}
	return faults;
}

static void
test_all(const char *alphabet, const char *pattern, size_t most,
    const char *name)
{
	struct ignore ignore = { .count = 0 };
	unsigned long faults = 0;
	char text[8];
	size_t size, i;

	need(pattern == NULL || ignore_add(&ignore, pattern) == 0, "ignore");
	for (size = 0; size <= most; size++)
		for (i = 0; i < count_texts(size, strlen(alphabet)); i++) {
			make_text(text, size, alphabet, i);
			faults += count_recorded(text, size, &ignore, alphabet,
			    most);
		}
	is_int((long long)faults, 0, name);
	ignore_free(&ignore);
}

/* --- every short row of messages ----------------------------------------- */

static const char *const some_messages[] = { "", "a", "1", "23", "b\n4" };

enum { RECORDED_MAX = 2, SAID_MAX = 3 };

/* Row number index of count of these messages. */
static void
make_row(struct said *said, char *data, size_t *sizes, size_t count,
    size_t index)
{
	const char *message;
	size_t i;

	*said = (struct said){ .data = data, .sizes = sizes, .count = count };
	for (i = 0; i < count; i++, index /= COUNT(some_messages)) {
		message = some_messages[index % COUNT(some_messages)];
		sizes[i] = strlen(message);
		memcpy(data + said->size, message, sizes[i]);
		said->size += sizes[i];
	}
}

static void
make_messages(struct talk *small, const struct said *said, bool has_end)
{
	const char *data = said->data;
	size_t i;

	talk_init(small);
	small->record.type = SOCK_SEQPACKET;
	small->record.has_messages = true;
	for (i = 0; i < said->count; data += said->sizes[i++]) {
		talk_add(small, STEP_DATA, SPEAKER_STDIN, "!", 1);
		talk_add(small, STEP_DATA, SPEAKER_COMMAND, data,
		    said->sizes[i]);
	}
	if (has_end)
		talk_add(small, STEP_END, SPEAKER_COMMAND, NULL, 0);
}

/* All rows that come where recorded is. */
static unsigned long
count_rows(const struct said *recorded, const struct ignore *ignore)
{
	struct talk small;
	struct said said;
	struct model model;
	char data[20];
	size_t sizes[SAID_MAX];
	unsigned long faults = 0;
	size_t count, i;
	int mode;

	for (mode = 0; mode < MODES; mode++) {
		make_messages(&small, recorded, (mode & RECORDED_END) != 0);
		model = (struct model){
			.record = &small.record, .speaker = SPEAKER_COMMAND,
			.ignores = ignore->count > 0,
			.takes_surplus = (mode & SURPLUS) != 0,
		};
		for (count = 0; count <= SAID_MAX; count++)
			for (i = 0; i < count_texts(count,
			    COUNT(some_messages)); i++) {
				make_row(&said, data, sizes, count, i);
				said.has_ended = (mode & ENDED) != 0;
				model_run(&model, &said);
				faults += talk_check(&model, ignore, &said,
				    0) != NULL;
			}
	}
	return faults;
}

static void
test_all_messages(const char *pattern, const char *name)
{
	struct ignore ignore = { .count = 0 };
	struct said recorded;
	char data[20];
	size_t sizes[RECORDED_MAX];
	unsigned long faults = 0;
	size_t count, i;

	need(pattern == NULL || ignore_add(&ignore, pattern) == 0, "ignore");
	for (count = 0; count <= RECORDED_MAX; count++)
		for (i = 0; i < count_texts(count, COUNT(some_messages));
		    i++) {
			make_row(&recorded, data, sizes, count, i);
			faults += count_rows(&recorded, &ignore);
		}
	is_int((long long)faults, 0, name);
	ignore_free(&ignore);
}

/* --- what is shown ------------------------------------------------------- */

static enum compare_result
message(const char *text)
{
	return compare_message(&compare, text, strlen(text));
}

static void
test_streams_shown(void)
{
	talk_init(&talk);
	command_says("one\n");
	talk_add(&talk, STEP_DATA, SPEAKER_STDIN, "?", 1);
	command_says("");
	command_says("two\n");
	begin(&nothing);
	bytes("one\nt");
	bytes("oo\n");
	bytes("more");
	ok(!compare.difference.expected.is_words &&
	    !compare.difference.got.is_words, "bytes are no words");
	is_shown(4, "byte 5 of it", "wo\n", "oo\n", "another byte");

	begin(&nothing);
	bytes("one\n");
	is_int(compare_end(&compare), COMPARE_DIFFERS, "an early end differs");
	ok(compare.difference.got.is_words &&
	    difference_is_complete(&compare.difference),
	    "the end is words, and nothing is added to it");
	is_int(bytes("x"), COMPARE_DIFFERS, "what follows changes nothing");
	is_shown(4, "byte 4 of it", "two\n", "the end", "an early end");

	begin(&nothing);
	bytes("one\ntwo\n");
	is_int(bytes("\n"), COMPARE_DIFFERS, "more than recorded differs");
	ok(compare.difference.expected.is_words, "the end was expected");
	is_shown(4, "byte 8 of it", "the end", "\n", "more than recorded");

	talk.record.exit_line = 9;
	begin(&nothing);
	bytes("one\ntwo\n!");
	is_shown(9, "byte 8 of it", "the end", "!", "more, before the exit");

	talk_add(&talk, STEP_END, SPEAKER_COMMAND, NULL, 0);
	begin(&nothing);
	bytes("one\ntwo\n!");
	is_shown(5, "byte 8 of it", "the end", "!", "more, before the end");

	talk_init(&talk);
	begin(&nothing);
	bytes("x");
	is_shown(1, "byte 0 of it", "the end", "x", "an empty record");
}

static void
test_bytes(void)
{
	static const char all[] = "a\0b\r\nc";
	size_t i;

	talk_init(&talk);
	talk_add(&talk, STEP_DATA, SPEAKER_COMMAND, all, sizeof(all));
	for (i = 0; i < sizeof(all); i++) {
		char changed[sizeof(all)];
		char title[80];

		memcpy(changed, all, sizeof(all));
		changed[i] ^= 1;
		begin(&nothing);
		snprintf(title, sizeof(title),
		    "a change of byte %zu is found, NUL and CR are bytes", i);
		ok(compare_bytes(&compare, changed, sizeof(all)) ==
		    COMPARE_DIFFERS && compare.offset == i, title);
		compare_free(&compare);
	}
	begin(&nothing);
	ok(compare_bytes(&compare, all, sizeof(all)) == COMPARE_SAME &&
	    compare_is_done(&compare), "the same bytes are the same");
	compare_free(&compare);
}

static void
test_messages_shown(void)
{
	const struct difference_text words = difference_words("a long one");

	talk_init(&talk);
	talk.record.has_messages = true;
	command_says("one");
	talk_add(&talk, STEP_DATA, SPEAKER_STDIN, "?", 1);
	command_says("");
	command_says("three");
	begin(&nothing);
	message("one");
	message("x");
	is_shown(3, "byte 0 of message 2 of it", "", "x", "an empty message");
	begin(&nothing);
	message("one");
	message("");
	message("thr");
	is_shown(4, "byte 3 of message 3 of it", "ee", "", "a short message");
	begin(&nothing);
	message("ones");
	is_shown(1, "byte 3 of message 1 of it", "", "s", "a long message");
	begin(&nothing);
	message("one");
	is_int(compare_end(&compare), COMPARE_DIFFERS,
	    "an end instead of an empty message differs");
	is_shown(3, "message 2 of it", "", "the end", "an early end");
	begin(&nothing);
	message("one");
	is_int(compare_stray(&compare, &words), COMPARE_DIFFERS,
	    "what is no message differs");
	is_int(compare_stray(&compare, &words), COMPARE_DIFFERS,
	    "once");
	is_shown(3, "message 2 of it", "", "a long one", "no message");
	begin(&nothing);
	message("one");
	message("");
	message("three");
	message("");
	is_shown(4, "byte 0 of message 4 of it", "the end", "",
	    "an empty message more");
	begin(&nothing);
	compare.takes_surplus = true;
	message("one");
	message("");
	message("three");
	ok(compare_stray(&compare, &words) == COMPARE_SAME &&
	    message("x") == COMPARE_SAME,
	    "a surplus may be anything, if it may be");
	compare_free(&compare);
}

/* --- what is missing ----------------------------------------------------- */

static void
is_missing(size_t index, uint64_t count, unsigned long line, const char *name)
{
	struct compare_missing missing = compare_missing(&compare, index);

	if (!ok(missing.count == count && missing.line == line, name))
		printf("# got %llu, line %lu\n",
		    (unsigned long long)missing.count, missing.line);
}

static void
test_missing(void)
{
	talk_init(&talk);
	command_says("one\n");
	talk_add(&talk, STEP_NONE, SPEAKER_COMMAND, "xxxx", 4);
	talk_add(&talk, STEP_DATA, SPEAKER_STDIN, "?", 1);
	command_says("");
	command_says("two\n");
	talk_add(&talk, STEP_END, SPEAKER_COMMAND, NULL, 0);
	begin(&nothing);
	is_missing(2, 4, 1, "what was not delivered is not missing");
	bytes("on");
	is_missing(2, 2, 1, "what has come is not missing");
	is_missing(6, 6, 1, "all that is missing is counted");
	ok(!compare_has_come(&compare, 2) && !compare_is_done(&compare),
	    "so it has not come");
	bytes("e\n");
	ok(compare_has_come(&compare, 2) && !compare_has_come(&compare, 6),
	    "what comes later need not have come");
	is_missing(6, 4, 5, "an empty piece is not missing");
	bytes("two\n");
	ok(compare_has_come(&compare, 5) && !compare_has_come(&compare, 6),
	    "the end has not come with the last byte");
	is_missing(6, 0, 6, "then the end is missing");
	is_int(compare_end(&compare), COMPARE_SAME, "it comes");
	ok(compare_is_done(&compare), "all has come");
	is_int(bytes("x"), COMPARE_DIFFERS, "but nothing may follow");
	compare_free(&compare);

	talk.record.has_messages = true;
	begin(&nothing);
	is_missing(6, 3, 1, "messages are counted, the empty one as well");
	message("one\n");
	is_missing(6, 2, 4, "without those that have come");
	compare_leave_out(&compare);
	ok(compare_is_done(&compare) && message("y") == COMPARE_SAME &&
	    compare_end(&compare) == COMPARE_SAME,
	    "what nobody reads is left out");
	compare_free(&compare);
}

int
main(void)
{
	size_t most = is_under_valgrind() ? 2 : 3;

	test_all("ab", NULL, most + 1, "all short streams, in all pieces");
	test_all("a1\n", TALK_IGNORED, most,
	    "all short lines, in all pieces");
	test_all_messages(NULL, "all short rows of messages");
	test_all_messages(TALK_IGNORED, "the same, and digits are ignored");
	test_streams_shown();
	test_bytes();
	test_messages_shown();
	test_missing();
	return done_testing();
}
