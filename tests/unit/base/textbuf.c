/* SPDX-License-Identifier: MIT */
/* A line in a fixed place: what is put, what is cut, what is escaped. */
#include "config.h"

#include "base/textbuf.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/*
 * A line in memory of exactly size bytes, so that a memory checker sees any
 * byte that is put beyond them.  free() its data.
 */
static struct textbuf
line_of(size_t size)
{
	char *data = malloc(size > 0 ? size : 1);

	need(data != NULL, "malloc");
	return textbuf_in(data, size);
}

static bool
holds(const struct textbuf *line, const char *want)
{
	return line->used == strlen(want) &&
	    memcmp(line->data, want, line->used) == 0;
}

static void
test_put(void)
{
	struct textbuf line = line_of(8);

	ok(line.used == 0 && !line.cut && textbuf_room(&line) == 8,
	    "a new line is empty and has all its room");
	textbuf_put(&line, "abc", 3);
	textbuf_put(&line, NULL, 0);
	textbuf_put_byte(&line, 'd');
	ok(holds(&line, "abcd") && textbuf_room(&line) == 4 && !line.cut,
	    "bytes are put one after the other");
	textbuf_put(&line, "e\0gh", 4);
	ok(line.used == 8 && memcmp(line.data, "abcde\0gh", 8) == 0 &&
	    !line.cut, "a line may be full, and have any byte, and not be cut");
	textbuf_put(&line, NULL, 0);
	ok(!line.cut, "nothing always fits");
	textbuf_put_byte(&line, 'i');
	ok(line.used == 8 && line.cut && textbuf_room(&line) == 0,
	    "a byte too many is left out, and the line is cut");
	free(line.data);
}

static void
test_put_cut(void)
{
	static const char text[] = "0123456789";
	struct textbuf line;
	bool good = true;
	size_t room;

	for (room = 0; room < sizeof(text) + 2; room++) {
		line = line_of(room);
		textbuf_put(&line, text, 10);
		good = good && line.used == (room < 10 ? room : 10) &&
		    memcmp(line.data, text, line.used) == 0 &&
		    line.cut == (room < 10);
		free(line.data);
	}
	ok(good, "of bytes as many are put as fit, at every size");
}

static void
test_print(void)
{
	char want[301];
	struct textbuf line = line_of(300);

	textbuf_print(&line, "%s %d", "a", -1);
	textbuf_print(&line, "%s", "");
	ok(holds(&line, "a -1") && !line.cut, "what printf prints is put");
	line.used = 0;
	memset(want, 'x', 300);
	want[300] = '\0';
	textbuf_print(&line, "%s", want);
	ok(line.used == 199 && memcmp(line.data, want, 199) == 0,
	    "at most 199 bytes of it");
	line.size = 202;
	textbuf_print(&line, "%d", 12345);
	ok(line.used == 202 && memcmp(line.data + 199, "123", 3) == 0 &&
	    line.cut, "and as many as fit");
	free(line.data);
}

static void
test_seconds(void)
{
	static const struct {
		int64_t time;
		int decimals;
		const char *want;
	} rows[] = {
		{ 0, 3, "0.000" },
		{ 0, 9, "0.000000000" },
		{ 1999999999, 3, "1.999" },
		{ 1999999999, 6, "1.999999" },
		{ 1999999999, 9, "1.999999999" },
		{ 1999999999, 1, "1.9" },
		{ 12000004000, 6, "12.000004" },
		{ INT64_MAX, 9, "9223372036.854775807" },
	};
	struct textbuf line = line_of(30);
	char title[80];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		line.used = 0;
		textbuf_put_seconds(&line, rows[i].time, rows[i].decimals);
		snprintf(title, sizeof(title), "%lld ns are %s s, cut to %d "
		    "decimals", (long long)rows[i].time, rows[i].want,
		    rows[i].decimals);
		ok(holds(&line, rows[i].want), title);
	}
	free(line.data);
}

/* How bytes are shown: where only ASCII is read, and where UTF-8 is. */
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
test_shown(void)
{
	size_t i;

	for (i = 0; i < COUNT(shown); i++) {
		is_shown(shown[i].bytes, false, shown[i].plain, shown[i].name);
		is_shown(shown[i].bytes, true, shown[i].utf8, shown[i].name);
	}
}

/* Each row is put whole, or not at all. */
static const struct {
	const char *bytes;
	const char *plain;
	const char *utf8;
} units[] = {
	{ "a", "a", "a" },
	{ "\n", "\\n", "\\n" },
	{ "\xc3\xa9", "\\xc3\\xa9", "\xc3\xa9" },
	{ "\xff", "\\xff", "\\xff" },
	{ "\xe2\x82\xac", "\\xe2\\x82\\xac", "\xe2\x82\xac" },
	{ "\1", "\\x01", "\\x01" },
	{ "\xf0\x9f\x98\x80", "\\xf0\\x9f\\x98\\x80", "\xf0\x9f\x98\x80" },
	{ "\\", "\\\\", "\\\\" },
	{ "\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81", "\\xf3\\xa0\\x81\\x81" },
	{ "z", "z", "z" },
	{ "\xe2\x80\xae", "\\xe2\\x80\\xae", "\\xe2\\x80\\xae" },
};

#define UNITS_MAX 100		/* bytes: more than all have, shown */

/*
 * Show all the units in a line of room bytes.  Whether those that are said to
 * have been put are there, none in part, even before dots, and no room was left
 * unused.
 */
static bool
is_cut_well(size_t room, bool utf8)
{
	char data[UNITS_MAX] = "", want[UNITS_MAX] = "";
	struct textbuf line = line_of(room);
	size_t size = 0;
	size_t done, i;
	bool good;

	for (i = 0; i < COUNT(units); i++)
		strcat(data, units[i].bytes);
	done = textbuf_put_shown(&line, data, strlen(data), utf8);
	for (i = 0; i < COUNT(units) && size < done; i++) {
		strcat(want, utf8 ? units[i].utf8 : units[i].plain);
		size += strlen(units[i].bytes);
	}
	good = size == done && holds(&line, want) &&
	    line.cut == (done < strlen(data)) &&
	    (!line.cut || room - line.used < TEXTBUF_SPARE);
	if (line.cut && room >= 3) {
		textbuf_end(&line);
		strcat(want, "...");
		good = good && holds(&line, want);
	}
	free(line.data);
	return good;
}

static void
test_shown_cut(void)
{
	bool good = true;
	size_t room;

	for (room = 0; room < UNITS_MAX; room++)
		good = good && is_cut_well(room, false) &&
		    is_cut_well(room, true);
	ok(good, "no character is put in part, at every size");
}

/* Plain text needs no spare bytes once it is begun. */
static void
test_plain_cut(void)
{
	static const char text[] = "0123456789abcdefghijklmnopqrstuvwxyzABCD";
	struct textbuf line;
	bool good = true;
	size_t room, want, done;

	for (room = 0; room < 60; room++) {
		line = line_of(room);
		done = textbuf_put_shown(&line, text, 40, false);
		want = room < TEXTBUF_SPARE ? 0 : room < 40 ? room : 40;
		good = good && done == want && line.used == want &&
		    memcmp(line.data, text, want) == 0 &&
		    line.cut == (want < 40);
		free(line.data);
	}
	ok(good, "of plain text as much is put as fits, at every size");
}

static void
test_shown_nothing(void)
{
	struct textbuf line = line_of(0);

	ok(textbuf_put_shown(&line, NULL, 0, true) == 0 && !line.cut,
	    "nothing is shown as nothing");
	free(line.data);
}

static void
is_word(const char *string, bool utf8, const char *want, const char *name)
{
	struct textbuf line = line_of(100);

	textbuf_put_word(&line, string, utf8);
	textbuf_put_byte(&line, '\0');
	is_str(line.data, want, name);
	free(line.data);
}

static void
test_word(void)
{
	static const char safe[] = "azAZ09@%_+=:,./-";

	is_word(safe, true, safe, "a plain word");
	is_word("a-b_c/d.e=1", true, "a-b_c/d.e=1", "a plain argument");
	is_word("", true, "''", "an empty word");
	is_word("a b", true, "'a b'", "a word with a blank");
	is_word("$a", true, "'$a'", "a word that a shell would expand");
	is_word("~", true, "'~'", "and one that it would replace");
	is_word("it's\n", true, "'it'\\''s\\n'", "a word with a quote");
	is_word("''", true, "''\\'''\\'''", "a word of quotes");
	is_word("\xc3\xa9", true, "'\xc3\xa9'", "a word beyond ASCII");
	is_word("\xc3\xa9", false, "'\\xc3\\xa9'",
	    "the same, where only ASCII is read");
}

/* A command's line, of words of every kind. */
static void
put_words(struct textbuf *line)
{
	static const char *const words[] = {
		"sh", "-c", "it's \xf0\x9f\x98\x80\n\xf3\xa0\x81\x81 that's long",
		"", "a b", "plain", "'",
	};
	size_t i;

	for (i = 0; i < COUNT(words); i++) {
		if (i > 0)
			textbuf_put_byte(line, ' ');
		textbuf_put_word(line, words[i], true);
	}
	textbuf_end(line);
}

static void
test_words_cut(void)
{
	struct textbuf whole = line_of(200);
	struct textbuf line;
	bool good = true;
	size_t room;

	put_words(&whole);
	for (room = 3; room < whole.used; room++) {
		line = line_of(room);
		put_words(&line);
		good = good && line.used >= 3 && memcmp(line.data, whole.data,
		    line.used - 3) == 0 &&
		    memcmp(line.data + line.used - 3, "...", 3) == 0;
		free(line.data);
	}
	ok(good && !whole.cut, "of words all is there up to the dots");
	free(whole.data);
}

/* What a line of size bytes holds after text and its end have been put. */
static void
ends_as(size_t size, const char *text, const char *want, const char *name)
{
	struct textbuf line = line_of(size);

	textbuf_put(&line, text, strlen(text));
	textbuf_end(&line);
	ok(holds(&line, want), name);
	free(line.data);
}

static void
test_end(void)
{
	struct textbuf line = line_of(20);

	ends_as(10, "abc", "abc", "what fits has no dots");
	ends_as(3, "abc", "abc", "even if there is no room left");
	ends_as(6, "abcdefg", "abc...", "what was cut ends in dots");
	ends_as(3, "abcd", "...", "or is nothing but dots");
	ends_as(2, "abc", "ab", "unless these do not fit");
	ends_as(0, "abc", "", "or nothing does");
	textbuf_put(&line, "0123456789", 10);
	textbuf_put_shown(&line, "abc", 3, true);
	ok(line.used == 10 && textbuf_room(&line) == 0,
	    "text is not begun without spare bytes");
	textbuf_put(&line, "def", 3);
	textbuf_print(&line, "%d", 1);
	is_int((long long)line.used, 10, "and nothing is put behind the cut");
	textbuf_end(&line);
	ok(holds(&line, "0123456789..."), "dots follow where there is room");
	free(line.data);
}

int
main(void)
{
	test_put();
	test_put_cut();
	test_print();
	test_seconds();
	test_shown();
	test_places();
	test_shown_cut();
	test_plain_cut();
	test_shown_nothing();
	test_word();
	test_words_cut();
	test_end();
	return done_testing();
}
