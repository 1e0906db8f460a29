/* SPDX-License-Identifier: MIT */
/* Values of JSON: what is escaped, and what is larger than a part. */
#include "config.h"

#include "base/base64.h"
#include "trace/json.h"
#include "sinks.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define PART 8192		/* bytes of text that are escaped at a time */
#define BASE64_PART 12288	/* the same of bytes that are encoded */
#define MANY ((size_t)1 << 20)	/* bytes */

static struct sinks sinks;

/* A sink whose record is empty, to put values into. */
static struct sink *
begin(void)
{
	sinks_init(&sinks, "json");
	sinks_open(&sinks);
	return &sinks.trace.sinks[0];
}

/* Whether want, of size bytes, is all that has been put, in its file. */
static bool
ends(const char *want, size_t size)
{
	bool good;

	sink_flush(&sinks.trace.sinks[0]);
	sinks_close(&sinks);
	good = sinks.size == size && memcmp(sinks.content, want, size) == 0;
	if (!good && sinks.size < 200)
		printf("# got %s\n", sinks.content);
	sinks_free(&sinks);
	return good;
}

static bool
ends_as(const char *want)
{
	return ends(want, strlen(want));
}

static void
test_put(void)
{
	struct sink *sink = begin();

	json_put(sink, "{\"a\":");
	json_put(sink, "");
	json_put(sink, "}");
	ok(ends_as("{\"a\":}"), "keys and punctuation are put as they are");
}

/* Text is put after a byte of its own, so that no address is a round one. */
static bool
text_is(const char *text, size_t size, const char *want)
{
	char *copy = malloc(size + 1);
	bool good;

	need(copy != NULL, "malloc");
	memcpy(copy + 1, text, size);
	json_put_text(begin(), NULL, 0, copy + 1, size);
	good = ends_as(want);
	free(copy);
	return good;
}

/* RFC 8259, section 7, and DEL. */
static const char *
escape_of(int byte)
{
	static char text[8];

	switch (byte) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	default:
		snprintf(text, sizeof(text), byte < 0x20 || byte == 0x7f ?
		    "\\u%04x" : "%c", (unsigned int)byte);
		return text;
	}
}

static void
test_ascii(void)
{
	static const char plain[] = "abcdefgh";
	char text[20], want[40];
	bool good = true;
	size_t place;
	int byte;

	for (byte = 0; byte < 0x80; byte++) {
		/* Alone among eight that are looked at together, and last. */
		for (place = 0; place <= 8; place++) {
			memcpy(text, plain, place);
			text[place] = (char)byte;
			memcpy(text + place + 1, plain + place, 8 - place);
			snprintf(want, sizeof(want), "\"%.*s%s%s\"",
			    (int)place, plain, escape_of(byte),
			    plain + place);
			good = good && text_is(text, 9, want);
		}
		text[0] = (char)byte;
		snprintf(want, sizeof(want), "\"%s\"", escape_of(byte));
		good = good && text_is(text, 1, want);
	}
	ok(good, "of ASCII all is escaped that has to be, at every place");
}

static const struct {
	const char *text;
	const char *want;
	const char *name;
} characters[] = {
	{ "", "\"\"", "no text is an empty string" },
	{ "\xc3\xa9", "\"\xc3\xa9\"", "two bytes" },
	{ "\xe2\x82\xac", "\"\xe2\x82\xac\"", "three bytes" },
	{ "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"", "four bytes" },
	{ "\xc2\x9b", "\"\\u009b\"", "a C1 control" },
	{ "\xe2\x80\xae", "\"\\u202e\"", "right-to-left override" },
	{ "\xef\xbf\xbf", "\"\\uffff\"", "the last number of one unit" },
	{ "\xf0\x9f\xbf\xbe", "\"\\ud83f\\udffe\"", "what is no character" },
	{ "\xf0\x9d\x85\xb3", "\"\\ud834\\udd73\"",
	    "one that is not seen, as two units" },
	{ "\xf3\xa0\x81\x81", "\"\\udb40\\udc41\"", "a tag" },
	{ "\xf4\x8f\xbf\xbf", "\"\\udbff\\udfff\"", "the greatest number" },
	{ "1234567\xc3\xa9" "1234567\xe2\x80\xae" "1",
	    "\"1234567\xc3\xa9" "1234567\\u202e1\"",
	    "those that cross the end of eight bytes" },
};

static void
test_characters(void)
{
	size_t i;

	for (i = 0; i < COUNT(characters); i++)
		ok(text_is(characters[i].text, strlen(characters[i].text),
		    characters[i].want), characters[i].name);
}

/*
 * Put front bytes of plain text and then count times unit, whose string in
 * JSON is shown.  Whether all of it comes.
 */
static bool
comes_whole(size_t front, const char *unit, const char *shown, size_t count)
{
	size_t unit_size = strlen(unit), shown_size = strlen(shown);
	size_t size = front + count * unit_size;
	size_t want_size = 2 + front + count * shown_size;
	char *text = malloc(size), *want = malloc(want_size);
	bool good;
	size_t i;

	need(text != NULL && want != NULL, "malloc");
	memset(text, 'x', front);
	want[0] = want[want_size - 1] = '"';
	memset(want + 1, 'x', front);
	for (i = 0; i < count; i++) {
		memcpy(text + front + i * unit_size, unit, unit_size);
		memcpy(want + 1 + front + i * shown_size, shown, shown_size);
	}
	json_put_text(begin(), NULL, 0, text, size);
	good = ends(want, want_size);
	free(text);
	free(want);
	return good;
}

static void
test_parts(void)
{
	bool good = true;
	size_t front;

	for (front = PART - 5; front <= PART + 1; front++)
		good = good && comes_whole(front, "\xf0\x9f\x98\x80",
		    "\xf0\x9f\x98\x80", 2) && comes_whole(front,
		    "\xe2\x80\xae", "\\u202e", 2) &&
		    comes_whole(front, "y", "y", 1);
	ok(good, "a character that crosses the end of a part comes whole");
	for (front = 0; front < 4; front++)
		good = good && comes_whole(front, "\xf0\x9f\x98\x80",
		    "\xf0\x9f\x98\x80", 3 * PART);
	ok(good, "many parts come whole");
	ok(comes_whole(0, "\1", "\\u0001", MANY / 2),
	    "so do very many");
}

static bool
is_joined_text(const char *first, const char *text, const char *want)
{
	json_put_text(begin(), first, strlen(first), text,
	    strlen(text));
	return ends_as(want);
}

static void
test_joined_text(void)
{
	ok(is_joined_text("\xc3\xa9", "\n\"", "\"\xc3\xa9\\n\\\"\""),
	    "two texts become one string");
	ok(is_joined_text("", "a", "\"a\"") &&
	    is_joined_text("\xe2\x80\xae", "", "\"\\u202e\"") &&
	    is_joined_text("", "", "\"\""), "even if one or both are empty");
}

/* Whether size bytes of data, the first ones apart, come as their Base64. */
static bool
is_base64(const char *data, size_t first, size_t size)
{
	size_t want_size = 2 + BASE64_SIZE(size);
	char *want = malloc(want_size);
	bool good;

	need(want != NULL, "malloc");
	want[0] = want[want_size - 1] = '"';
	base64_encode(want + 1, data, size);
	if (first == 0)
		json_put_base64(begin(), NULL, 0, data, size);
	else
		json_put_base64(begin(), data, first, data + first,
		    size - first);
	good = ends(want, want_size);
	free(want);
	return good;
}

static void
test_base64(void)
{
	size_t room = MANY + 2 * BASE64_PART;
	char *data = malloc(room);
	bool good = true;
	size_t first, size;

	need(data != NULL, "malloc");
	for (size = 0; size < room; size++)
		data[size] = (char)(size * 7 + size / 251);
	for (size = 0; size < 10; size++)
		good = good && is_base64(data, 0, size);
	ok(good, "bytes become a string of Base64");
	for (first = 1; first <= 4; first++)
		for (size = first; size < first + 10; size++)
			good = good && is_base64(data, first, size);
	ok(good, "so do those of two places, as one string");
	for (size = BASE64_PART - 1; size <= BASE64_PART + 4; size++)
		for (first = 0; first <= 4; first++)
			good = good && is_base64(data, first, size);
	ok(good, "and more than a part of them");
	ok(is_base64(data, 0, room), "and very many");
	json_put_base64(begin(), NULL, 0, NULL, 0);
	ok(ends_as("\"\""), "nothing is an empty string");
	free(data);
}

static bool
any_is(const char *string, const char *want)
{
	json_put_any(begin(), string);
	return ends_as(want);
}

static void
test_any(void)
{
	ok(any_is("a\n\xc3\xa9", "\"a\\n\xc3\xa9\"") && any_is("", "\"\""),
	    "what is UTF-8 is a string");
	ok(any_is("a\xff", "{\"base64\":\"Yf8=\"}") &&
	    any_is("\xe2\x82", "{\"base64\":\"4oI=\"}") &&
	    any_is("\xed\xa0\x80", "{\"base64\":\"7aCA\"}"),
	    "what is not is an object");
}

int
main(void)
{
	test_put();
	test_ascii();
	test_characters();
	test_parts();
	test_joined_text();
	test_base64();
	test_any();
	return done_testing();
}
