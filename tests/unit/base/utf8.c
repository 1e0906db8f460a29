/* SPDX-License-Identifier: MIT */
/* Characters, and how they are shown. */
#include "config.h"

#include "base/textbuf.h"
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

static const struct {
	const char *bytes;
	const char *plain;
	const char *utf8;
	const char *name;
} shown[] = {
	{ "plain text", "plain text", "plain text", "what is plain" },
	{ "\\ \r \n \t \033", "\\\\ \\r \\n \\t \\e", "\\\\ \\r \\n \\t \\e",
	    "those with a letter" },
	{ "\x01\x1f\x7f", "\\x01\\x1f\\x7f", "\\x01\\x1f\\x7f",
	    "other controls" },
	{ "12345678\a2345678", "12345678\\x072345678",
	    "12345678\\x072345678", "one among many" },
	{ "\xc3\xa9", "\\xc3\\xa9", "\xc3\xa9", "beyond ASCII" },
	{ "\xc2\x9b", "\\xc2\\x9b", "\\xc2\\x9b", "a C1 control" },
	{ "\xe2\x80\xae", "\\xe2\\x80\\xae", "\\xe2\\x80\\xae",
	    "right-to-left override" },
	{ "\xe2\x81\xa6", "\\xe2\\x81\\xa6", "\\xe2\\x81\\xa6",
	    "an isolate" },
	{ "\xd8\x9c", "\\xd8\\x9c", "\\xd8\\x9c", "the Arabic mark" },
	{ "\xe2\x80\xa8", "\\xe2\\x80\\xa8", "\\xe2\\x80\\xa8",
	    "a line separator" },
	{ "\xe2\x80\x8b", "\\xe2\\x80\\x8b", "\\xe2\\x80\\x8b",
	    "a zero-width blank" },
	{ "\xef\xbb\xbf" "a", "\\xef\\xbb\\xbfa", "\\xef\\xbb\\xbfa",
	    "a byte order mark" },
	{ "\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81",
	    "\\xf3\\xa0\\x81\\x81", "a tag" },
	{ "\xe2\x82", "\\xe2\\x82", "\\xe2\\x82", "half a character" },
	{ "\xff", "\\xff", "\\xff", "a byte of none" },
};

static void
is_shown(const char *bytes, bool utf8, const char *want, const char *name)
{
	char data[100];
	struct textbuf line = textbuf_in(data, sizeof(data));
	char title[80];

	textbuf_put_shown(&line, bytes, strlen(bytes), utf8);
	data[line.used] = '\0';
	snprintf(title, sizeof(title), "%s%s", name, utf8 ? ", as UTF-8" : "");
	is_str(data, want, title);
}

/* What a terminal would obey, at every place in eight bytes and beyond. */
static void
test_places(void)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwx";
	static const char *const hostile[] = { "\x7f", "\xc2\x9b", "\033" };
	static const char *const escaped[] = { "\\x7f", "\\xc2\\x9b", "\\e" };
	char data[40], want[60], got[100];
	struct textbuf line;
	bool good = true;
	size_t i, place;

	for (i = 0; i < COUNT(hostile); i++)
		for (place = 0; place < sizeof(plain); place++) {
			snprintf(data, sizeof(data), "%.*s%s%s", (int)place,
			    plain, hostile[i], plain + place);
			snprintf(want, sizeof(want), "%.*s%s%s", (int)place,
			    plain, escaped[i], plain + place);
			line = textbuf_in(got, sizeof(got));
			textbuf_put_shown(&line, data, strlen(data), true);
			good = good && line.used == strlen(want) &&
			    memcmp(got, want, line.used) == 0;
		}
	ok(good, "what a terminal obeys is escaped at every place");
}

static void
is_word(const char *string, const char *want, const char *name)
{
	char data[100];
	struct textbuf line = textbuf_in(data, sizeof(data));

	textbuf_put_word(&line, string, true);
	data[line.used] = '\0';
	is_str(data, want, name);
}

static void
test_line(void)
{
	char data[41];
	struct textbuf line = textbuf_in(data, 40);
	size_t done;
	size_t i;

	for (i = 0; i < COUNT(shown); i++) {
		is_shown(shown[i].bytes, false, shown[i].plain, shown[i].name);
		is_shown(shown[i].bytes, true, shown[i].utf8, shown[i].name);
	}
	is_word("a-b_c/d.e=1", "a-b_c/d.e=1", "a plain word");
	is_word("", "''", "an empty word");
	is_word("a b", "'a b'", "a word with a blank");
	is_word("it's\n", "'it'\\''s\\n'", "a word with a quote");
	memset(data, 0, sizeof(data));
	done = textbuf_put_shown(&line, "\1\1\1\1\1\1\1\1\1\1\1\1", 12, true);
	ok(done * 4 == line.used && done < 12 && line.cut,
	    "what does not fit is not put in part");
	textbuf_put(&line, "0123456789012345678901234567890123456789", 40);
	textbuf_end(&line);
	ok(line.used == 40 && memcmp(data + 37, "...", 4) == 0,
	    "what was cut ends in dots");
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
	test_places();
	test_characters();
	test_pieces();
	test_line();
	return done_testing();
}
