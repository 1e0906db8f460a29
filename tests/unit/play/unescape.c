/* SPDX-License-Identifier: MIT */
/*
 * Strings of JSON: each escape.  tests/exhaustive/unescape.c has all strings up
 * to a length, against the parser of a library.
 */
#include "config.h"

#include <stdint.h>

#include "tap.h"
#include "unescape.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	const char *text;	/* between the quotes */
	const char *bytes;	/* NULL: it is not valid */
	size_t size;
	const char *name;
} strings[] = {
	{ "", "", 0, "nothing" },
	{ "plain text of some length", "plain text of some length", 25,
	    "plain text" },
	{ "\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t", 8,
	    "each short escape" },
	{ "\\u0041\\u00e9\\u20AC", "A\xc3\xa9\xe2\x82\xac", 6,
	    "units, in both cases" },
	{ "\\u007f\\u0080\\u07ff\\u0800\\uffff",
	    "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf", 11,
	    "the edges of each length" },
	{ "\\ud83d\\ude00\\uD800\\uDC00\\uDBFF\\uDFFF",
	    "\xf0\x9f\x98\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 12,
	    "pairs of surrogates" },
	{ "a\\u0000b", "a\0b", 3, "a NUL" },
	{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 and more",
	    "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 and more", 18,
	    "characters beyond ASCII" },
	{ "\x7f", "\x7f", 1, "DEL" },
	{ "12345678\\n12345678\\\"\\\\", "12345678\n12345678\"\\", 19,
	    "escapes between words" },
	{ "\\", NULL, 0, "no escape: it takes the quote" },
	{ "\\x41", NULL, 0, "no such escape" },
	{ "\\u12", NULL, 0, "half a unit" },
	{ "\\u12g4", NULL, 0, "no digit" },
	{ "\\U0041", NULL, 0, "a large U" },
	{ "\\ud83d", NULL, 0, "half a pair" },
	{ "\\ud83d\\u0041", NULL, 0, "half a pair and a letter" },
	{ "\\ud83d\\ud83d", NULL, 0, "the first half twice" },
	{ "\\ude00", NULL, 0, "the second half" },
	{ "\\ud83d ude00", NULL, 0, "no second escape" },
	{ "a\nb", NULL, 0, "a newline" },
	{ "12345678\x1f", NULL, 0, "a control" },
	{ "\x01" "2345678", NULL, 0, "a control in a word" },
	{ "1\x1f" "345678", NULL, 0, "the last control in a word" },
	{ "1 345678", "1 345678", 8, "a space in a word" },
	{ "\xff", NULL, 0, "no UTF-8" },
	{ "12345678\xc3", NULL, 0, "a character that is cut" },
	{ "\xed\xa0\x80", NULL, 0, "a surrogate in UTF-8" },
};

static void
test_strings(void)
{
	bool is_valid;
	size_t size;
	size_t i;
	char *text;

	for (i = 0; i < COUNT(strings); i++) {
		size = strlen(strings[i].text);
		text = malloc(size + 1);
		need(text != NULL, "malloc");
		memcpy(text, strings[i].text, size);
		is_valid = decode_in_place(text, &size);
		if (strings[i].bytes == NULL)
			ok(!is_valid, strings[i].name);
		else
			is_mem(text, is_valid ? size : SIZE_MAX, strings[i].bytes,
			    strings[i].size, strings[i].name);
		free(text);
	}
}

static void
test_ends(void)
{
	static const char text[] = "a\\\"b\\\\\" : \"c\"";
	struct json_string string;
	size_t size;

	ok(json_string_find(&string, text, sizeof(text) - 1) &&
	    string.text == text && string.size == 6 && string.has_escapes,
	    "a string ends at the first quote that is not escaped");
	for (size = 0; size <= 6; size++)
		if (json_string_find(&string, text, size))
			break;
	is_int((long long)size, 7, "without that quote it is not valid");
	ok(json_string_find(&string, "ab\"", 3) && !string.has_escapes,
	    "without escapes it stands for itself");
}

static void
test_overlap(void)
{
	char text[] = "...\\u00e9\\n and so on, without escapes\\u0000\"";
	struct json_string string;

	need(json_string_find(&string, text + 3, sizeof(text) - 4), "string");
	is_int((long long)json_string_decode(&string, text), 31,
	    "decoded to before it: the size");
	is_mem(text, 31, "\xc3\xa9\n and so on, without escapes\0", 31,
	    "decoded to before it: the bytes");
	memcpy(text, "...a long one, without an escape\"", 33);
	need(json_string_find(&string, text + 3, 30), "string");
	is_mem(text, json_string_decode(&string, text),
	    "a long one, without an escape", 29, "moved to before it");
}

int
main(void)
{
	test_strings();
	test_ends();
	test_overlap();
	return done_testing();
}
