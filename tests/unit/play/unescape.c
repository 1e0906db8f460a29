/* SPDX-License-Identifier: MIT */
/*
 * Strings of JSON: each escape, and all strings up to a length over a few bytes
 * and parts of escapes, against the parser of a library.
 */
#include "config.h"

#include <jansson.h>

#include "play/unescape.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define TEXT_MAX 64		/* bytes of a string of parts */

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

/*
 * Whether the size bytes at text are a valid string.  If so, decode it in
 * place.  There is one byte more in text, for the closing quote.
 */
static bool
decode_in_place(char *text, size_t *size)
{
	struct json_string string;

	text[*size] = '"';
	if (!json_string_find(&string, text, *size + 1) ||
	    string.size != *size)
		return false;
	*size = json_string_decode(&string, text);
	return true;
}

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
			is_mem(text, is_valid ? size : 0, strings[i].bytes,
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

/* Whether the parser of the library says the same of the size bytes at text. */
static bool
is_as_parsed(const char *text, size_t size)
{
	char array[TEXT_MAX + 5] = "[\"";
	char decoded[TEXT_MAX + 1];
	size_t decoded_size = size;
	const json_t *value;
	json_t *parsed;
	bool is_valid;
	bool is_same;

	memcpy(array + 2, text, size);
	memcpy(array + 2 + size, "\"]", 2);
	parsed = json_loadb(array, size + 4, JSON_ALLOW_NUL, NULL);
	value = json_array_get(parsed, 0);
	memcpy(decoded, text, size);
	is_valid = decode_in_place(decoded, &decoded_size);
	/* With a quote in text these may be two strings. */
	if (json_array_size(parsed) != 1)
		is_same = !is_valid;
	else
		is_same = is_valid &&
		    json_string_length(value) == decoded_size &&
		    memcmp(json_string_value(value), decoded,
		    decoded_size) == 0;
	json_decref(parsed);
	if (!is_same)
		printf("# not as parsed: %.*s\n", (int)size, text);
	return is_same;
}

/* Of the strings of count parts, check that number number. */
static bool
check_number(const char *const parts[], size_t part_count, size_t count,
    size_t number)
{
	char text[TEXT_MAX];
	size_t size = 0;
	size_t i, length;

	for (i = 0; i < count; i++) {
		length = strlen(parts[number % part_count]);
		memcpy(text + size, parts[number % part_count], length);
		size += length;
		number /= part_count;
	}
	return is_as_parsed(text, size);
}

/* All strings of up to max parts. */
static void
check_all(const char *const parts[], size_t part_count, size_t max,
    const char *name)
{
	size_t numbers = 1;
	size_t count, number;
	bool good = true;

	for (count = 0; count <= max && good; count++) {
		for (number = 0; number < numbers && good; number++)
			good = check_number(parts, part_count, count, number);
		numbers *= part_count;
	}
	ok(good, name);
}

static void
test_all(void)
{
	static const char *const bytes[] = {
		"\"", "\\", "/", "u", "0", "d", "8", "C", "n", "\n", "\x7f",
		"\xc3", "\xa9", "\xed", "\xf0",
	};
	static const char *const parts[] = {
		"\\u", "\\", "d8", "DC", "00", "\"", "\xe2\x82\xac", "\xac",
	};
	bool slow = is_under_valgrind();

	check_all(bytes, COUNT(bytes), slow ? 3 : 5,
	    "every short string is as the library has it");
	check_all(parts, COUNT(parts), slow ? 4 : 6,
	    "so is every string of parts of escapes");
}

int
main(void)
{
	test_strings();
	test_ends();
	test_overlap();
	test_all();
	return done_testing();
}
