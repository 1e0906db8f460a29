/* SPDX-License-Identifier: MIT */
/* The first difference: what of it is kept, and how it is printed. */
#include "config.h"

#include "base/diag.h"
#include "play/difference.h"
#include "tap.h"

static const char many[] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef+";

static void
test_bytes(void)
{
	struct difference_text text = difference_bytes(many, 64);

	ok(text.size == 64 && !text.is_cut && !text.is_words,
	    "64 bytes are kept");
	text = difference_bytes(many, 65);
	ok(text.size == 64 && text.is_cut && memcmp(text.data, many, 64) == 0,
	    "of 65 bytes the first 64 are kept, and that it is cut");
	text = difference_bytes("a\nb", 3);
	ok(text.size == 3 && !text.is_cut, "a message is kept over newlines");
	text = difference_bytes(NULL, 0);
	ok(text.size == 0 && !text.is_cut, "it may be empty");
	text = difference_words("the end");
	ok(text.size == 7 && text.is_words, "words are kept as such");
}

static void
test_stream(void)
{
	struct difference_text text = { .size = 0 };

	ok(!difference_is_full(&text), "an empty text is not full");
	difference_extend(&text, "", 0);
	difference_extend(&text, "ab", 2);
	difference_extend(&text, "c", 1);
	ok(text.size == 3 && memcmp(text.data, "abc", 3) == 0 &&
	    !difference_is_full(&text), "pieces of a stream are joined");
	difference_extend(&text, "\nde", 3);
	ok(text.size == 4 && difference_is_full(&text) && !text.is_cut,
	    "up to a newline");
	difference_extend(&text, "x", 1);
	ok(text.size == 4 && !text.is_cut, "what follows is dropped");

	text = (struct difference_text){ .size = 0 };
	difference_extend(&text, "\n", 1);
	ok(text.size == 1 && difference_is_full(&text),
	    "an empty line is a line");

	text = (struct difference_text){ .size = 0 };
	difference_extend(&text, many, 64);
	ok(text.size == 64 && !text.is_cut && !difference_is_full(&text),
	    "64 bytes of a line may be all of it");
	difference_extend(&text, "", 0);
	ok(!text.is_cut, "nothing more does not cut it");
	difference_extend(&text, "+", 1);
	ok(text.size == 64 && text.is_cut && difference_is_full(&text),
	    "one more cuts it");

	text = (struct difference_text){ .size = 0 };
	difference_extend(&text, many, 63);
	difference_extend(&text, "\nx", 2);
	ok(text.size == 64 && !text.is_cut && text.data[63] == '\n',
	    "the newline may be the last that fits");
	text = (struct difference_text){ .size = 0 };
	difference_extend(&text, many, 62);
	difference_extend(&text, "+++\n", 4);
	ok(text.size == 64 && text.is_cut, "or the first that does not");
}

static void
test_complete(void)
{
	const struct difference_text line = difference_bytes("a\n", 2);
	const struct difference_text part = difference_bytes("a", 1);
	struct difference difference = { .is_found = false };

	difference_note(&difference, 7, &line, &part, "byte %d of %s", 3,
	    "it");
	ok(difference.is_found && difference.line == 7, "it is noted");
	is_str(difference.what, "byte 3 of it", "with what differs");
	ok(difference_is_complete(&difference), "a message is complete");
	difference.is_open = true;
	ok(!difference_is_complete(&difference),
	    "a part of a line of a stream is not");
	difference.got = line;
	ok(difference_is_complete(&difference), "a line is");
}

/* What is printed. */
static const char *
print(const struct difference_text *expected, const struct difference_text *got,
    const char *path)
{
	static struct capture capture;
	struct difference difference;

	difference_note(&difference, 5, expected, got, "byte 21 of it");
	capture_begin(&capture, STDERR_FILENO);
	difference_print(&difference, path);
	capture_end(&capture);
	return capture.writes == 1 ? capture.text : "(not one write)";
}

static void
test_print(void)
{
	struct difference_text one = difference_bytes("9\n", 2);
	struct difference_text other = difference_bytes("12\n", 3);
	char hard[64];

	is_str(print(&one, &other, "talk"),
	    "sockplay: talk:5: byte 21 of it differs\n"
	    "expected: \"9\\n\"\n"
	    "got: \"12\\n\"\n", "three lines are printed at once");
	other = difference_words("the end");
	one = difference_bytes(NULL, 0);
	is_str(print(&one, &other, "a\nb"),
	    "sockplay: a\\nb:5: byte 21 of it differs\n"
	    "expected: \"\"\n"
	    "got: the end\n", "words have no quotes, nothing has");
	one = difference_bytes("a\0\x1b\x7f\xff\\\r\t", 8);
	other = difference_bytes(many, 65);
	is_str(print(&one, &other, "talk"),
	    "sockplay: talk:5: byte 21 of it differs\n"
	    "expected: \"a\\x00\\e\\x7f\\xff\\\\\\r\\t\"\n"
	    "got: \"0123456789abcdef0123456789abcdef0123456789abcdef"
	    "0123456789abcdef\"...\n",
	    "bytes are escaped, and dots are behind what is cut");
	memset(hard, 1, sizeof(hard));
	one = other = difference_bytes(hard, sizeof(hard));
	ok(strlen(print(&one, &other, "talk")) ==
	    strlen("sockplay: talk:5: byte 21 of it differs\n"
	    "expected: \"\"\ngot: \"\"\n") + 2 * 64 * 4,
	    "all 64 bytes fit, escaped");
}

int
main(void)
{
	diag_set_program("sockplay");
	test_bytes();
	test_stream();
	test_complete();
	test_print();
	return done_testing();
}
