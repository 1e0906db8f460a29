/* SPDX-License-Identifier: MIT */
/* Characters: found, valid, cut off, hidden. */
#include "config.h"

#include "base/utf8.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* RFC 3629, section 3 and 4: the first and last of each length, and others. */
static const struct {
	const char *bytes;
	size_t length;
	uint32_t code;
} characters[] = {
	{ "A", 1, 'A' },
	{ "\x7f", 1, 0x7f },
	{ "\xc2\x80", 2, 0x80 },
	{ "\xdf\xbf", 2, 0x7ff },
	{ "\xe0\xa0\x80", 3, 0x800 },
	{ "\xed\x9f\xbf", 3, 0xd7ff },
	{ "\xee\x80\x80", 3, 0xe000 },
	{ "\xef\xbf\xbf", 3, 0xffff },
	{ "\xf0\x90\x80\x80", 4, 0x10000 },
	{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
	{ "\x80", 0, 0 },		/* a continuation */
	{ "\xc0\xaf", 0, 0 },		/* overlong */
	{ "\xc1\xbf", 0, 0 },
	{ "\xe0\x9f\xbf", 0, 0 },
	{ "\xf0\x8f\xbf\xbf", 0, 0 },
	{ "\xed\xa0\x80", 0, 0 },	/* a surrogate */
	{ "\xf4\x90\x80\x80", 0, 0 },	/* too large */
	{ "\xf5\x80\x80\x80", 0, 0 },
	{ "\xff", 0, 0 },
	{ "\xc2", 0, 0 },		/* cut */
	{ "\xe2\x82", 0, 0 },
	{ "\xf0\x9f\x98", 0, 0 },
	{ "\xe2\x82" "A", 0, 0 },
	{ "\xf0\x9f\x98" "A", 0, 0 },
	{ "", 0, 0 },
};

static void
test_characters(void)
{
	char title[80];
	uint32_t code;
	size_t length;
	size_t i;

	for (i = 0; i < COUNT(characters); i++) {
		code = 0;
		length = utf8_character(characters[i].bytes,
		    strlen(characters[i].bytes), &code);
		snprintf(title, sizeof(title), "character %zu", i);
		ok(length == characters[i].length &&
		    (length == 0 || code == characters[i].code), title);
	}
}

static const struct {
	const char *bytes;
	size_t size;
	size_t valid;
	bool is_text;
	const char *name;
} pieces[] = {
	{ "", 0, 0, true, "nothing is text" },
	{ "plain text of some length\n", 26, 26, true, "ASCII is text" },
	{ "eight by\xe2\x82\xac" "te", 13, 13, true, "the euro is text" },
	{ "a\0b", 3, 3, false, "a NUL is not text" },
	{ "12345678\0", 9, 9, false, "nor at the end" },
	{ "a\xe2\x82", 3, 1, true, "a character may be cut at the end" },
	{ "a\xe2\x82\xac", 3, 1, true, "even if its end lies behind" },
	{ "\xf0\x9f\x98", 3, 0, true, "or nothing but begun" },
	{ "\xac" "a", 2, 0, true, "one may be cut at the start" },
	{ "\x82\xac", 2, 0, true, "or nothing but ended" },
	{ "\x9f\x98\x80\xe2", 4, 0, true, "or both" },
	{ "\x80\x80\x80\x80", 4, 0, false, "four continuations are not" },
	{ "a\xe2\x82" "b", 4, 1, false, "not cut in the middle" },
	{ "a\xff", 2, 1, false, "a byte that begins nothing is not" },
	{ "a\xed\xa0", 3, 1, false, "nor the start of a surrogate" },
	{ "a\xf4\x90", 3, 1, false, "nor of what is too large" },
	{ "a\x80", 2, 1, false, "nor a continuation alone at the end" },
	{ "1234567\xc3\xa9" "2345678\xff", 17, 16, false,
	    "the fault behind many" },
};

static void
test_pieces(void)
{
	size_t i;

	for (i = 0; i < COUNT(pieces); i++) {
		ok(utf8_valid(pieces[i].bytes, pieces[i].size) ==
		    pieces[i].valid && utf8_is_text(pieces[i].bytes,
		    pieces[i].size) == pieces[i].is_text, pieces[i].name);
	}
}

/* The text before, size bytes of one character, and what of it is cut. */
static bool
is_cut_size(const char *character, size_t size, size_t want)
{
	char data[8] = "ab";

	memcpy(data + 2, character, size);
	return utf8_cut_size(data, 2 + size) == want &&
	    (size == 0 || utf8_cut_size(data + 2, size) == want);
}

static void
test_cut_size(void)
{
	bool good = true;
	size_t size;
	size_t i;

	for (i = 0; i < COUNT(characters); i++)
		for (size = 0; size <= characters[i].length; size++)
			good = good && is_cut_size(characters[i].bytes, size,
			    size < characters[i].length ? size : 0);
	ok(good, "of a character that is cut off every byte counts");
	ok(is_cut_size("\xff", 1, 0) && is_cut_size("\x80", 1, 0) &&
	    is_cut_size("\xf4\x90", 2, 0) && is_cut_size("\xed\xa0", 2, 0) &&
	    is_cut_size("\xf0\x9f\x98" "A", 4, 0) &&
	    utf8_cut_size(NULL, 0) == 0, "what begins none is not cut off");
}

/* The edges of each range that is hidden; what is beyond them is not. */
static const struct {
	uint32_t first;
	uint32_t last;
} hidden[] = {
	{ 0, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x34f, 0x34f },
	{ 0x61c, 0x61c }, { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 },
	{ 0x180b, 0x180f }, { 0x200b, 0x200f }, { 0x2028, 0x202e },
	{ 0x2060, 0x206f }, { 0x3164, 0x3164 }, { 0xfdd0, 0xfdef },
	{ 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 },
	{ 0xfff0, 0xfffb }, { 0xfffe, 0xffff }, { 0x1bca0, 0x1bca3 },
	{ 0x1d173, 0x1d17a }, { 0x1fffe, 0x1ffff }, { 0xdfffe, 0xe0fff },
	{ 0x10fffe, 0x10ffff },
};

static void
test_hidden(void)
{
	char title[80];
	size_t i;

	for (i = 0; i < COUNT(hidden); i++) {
		snprintf(title, sizeof(title), "U+%04X to U+%04X are hidden",
		    (unsigned int)hidden[i].first,
		    (unsigned int)hidden[i].last);
		ok(utf8_is_hidden(hidden[i].first) &&
		    utf8_is_hidden(hidden[i].last) &&
		    (i == 0 || !utf8_is_hidden(hidden[i].first - 1)) &&
		    !utf8_is_hidden(hidden[i].last + 1), title);
	}
}

int
main(void)
{
	test_hidden();
	test_characters();
	test_pieces();
	test_cut_size();
	return done_testing();
}
