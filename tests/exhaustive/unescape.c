/* SPDX-License-Identifier: MIT */
/*
 * Strings of JSON as sockplay reads them: each is valid, and stands for the
 * same, as by the parser of libjansson; and the long string of a line, which
 * must be found where a parser of the whole line finds it.
 *
 * The parts are what is special in a string, what escapes are made of, the
 * bytes of characters beyond ASCII; and for lines the words of JSON, with the
 * keys and strings that matter and some that do not.
 */
#include "config.h"

#include <jansson.h>

#include "play/long-string.h"
#include "every.h"
#include "unescape.h"

/* --- strings ------------------------------------------------------------- */

static bool
check_string(const char *data, size_t size)
{
	char array[EVERY_BYTES] = "[\"";
	char *decoded = every_room(size + 1);
	size_t decoded_size = size;
	const json_t *value;
	json_t *parsed;
	bool is_valid, good;

	every_runs++;
	memcpy(array + 2, data, size);
	memcpy(array + 2 + size, "\"]", 2);
	parsed = json_loadb(array, size + 4, JSON_ALLOW_NUL, NULL);
	value = json_array_get(parsed, 0);
	memcpy(decoded, data, size);
	is_valid = decode_in_place(decoded, &decoded_size);
	/* With a quote in the text these may be two strings. */
	if (json_array_size(parsed) != 1)
		good = !is_valid || every_found("taken", decoded, decoded_size,
		    "", 0);
	else
		good = (is_valid && every_is(decoded, decoded_size,
		    json_string_value(value), json_string_length(value))) ||
		    every_found(is_valid ? "decoded" : "refused", decoded,
		    decoded_size, json_string_value(value),
		    json_string_length(value));
	json_decref(parsed);
	return good;
}

/* --- lines --------------------------------------------------------------- */

#define LONG "0123456789012345678901234567890123456789012345678901234567890123"

/* A line is made of these; those of more than a byte are strings. */
static const struct part words[] = {
	PART("{"), PART("}"), PART("["), PART("]"), PART(":"), PART(","),
	PART("\"text\""), PART("\"base64\""), PART("\"x\\\"\""),
	PART("\"" LONG "\""), PART("\"[{text:\""), PART("1"),
	PART("\"last\""), PART("\"\\z"),
};

/* The model: a parser of an object, which must be a whole line. */
struct parser {
	const char *p;
	const char *end;
	const char *found;	/* the first long string that matters */
};

static bool
takes(struct parser *parser, char byte)
{
	if (parser->p == parser->end || *parser->p != byte)
		return false;
	parser->p++;
	return true;
}

/* Take a string; *text is what is between its quotes. */
static bool
takes_string(struct parser *parser, const char **text, size_t *size)
{
	if (!takes(parser, '"'))
		return false;
	*text = parser->p;
	while (parser->p < parser->end && *parser->p != '"')
		if (parser->p[0] == '\\' && parser->p[1] == 'z')
			return false;
		else
			parser->p += *parser->p == '\\' ? 2 : 1;
	if (parser->p == parser->end)
		return false;
	*size = (size_t)(parser->p++ - *text);
	return true;
}

static bool takes_list(struct parser *parser, size_t depth, char begin,
    char end);

static bool
takes_value(struct parser *parser, size_t depth, const char **text,
    size_t *size)
{
	*size = 0;
	if (takes_string(parser, text, size))
		return true;
	if (takes(parser, '1')) {
		while (takes(parser, '1'))
			;
		return true;
	}
	return takes_list(parser, depth, '{', '}') ||
	    takes_list(parser, depth, '[', ']');
}

/* A member of an object. */
static bool
takes_member(struct parser *parser, size_t depth)
{
	const char *key, *text;
	size_t key_size, size;

	if (!takes_string(parser, &key, &key_size) || !takes(parser, ':') ||
	    !takes_value(parser, depth, &text, &size))
		return false;
	if (depth == 1 && size >= LONG_STRING_MIN && parser->found == NULL &&
	    (every_is(key, key_size, "text", 4) ||
	    every_is(key, key_size, "base64", 6)))
		parser->found = text;
	return true;
}

/* An object or an array, at this depth. */
static bool
takes_list(struct parser *parser, size_t depth, char begin, char end)
{
	const char *text;
	size_t size;

	if (!takes(parser, begin))
		return false;
	if (takes(parser, end))
		return true;
	do {
		if (begin == '{' ? !takes_member(parser, depth + 1) :
		    !takes_value(parser, depth + 1, &text, &size))
			return false;
	} while (takes(parser, ','));
	return takes(parser, end);
}

/* In a line that is no object, anything may be found, but nothing beyond it. */
static bool
check_line(const char *data, size_t size)
{
	struct parser parser = { .p = data, .end = data + size };
	struct json_string string = { .text = NULL };
	bool is_found;

	every_runs++;
	is_found = long_string_find(&string, data, size);
	if (is_found && (string.size < LONG_STRING_MIN || string.text < data ||
	    string.text + string.size >= data + size))
		return every_found("outside", "", 0, data, size);
	if (!takes_list(&parser, 0, '{', '}') || parser.p != parser.end)
		return true;
	if (is_found == (parser.found != NULL) &&
	    (!is_found || string.text == parser.found))
		return true;
	printf("# found at %td, want %td\n", is_found ? string.text - data : -1,
	    parser.found != NULL ? parser.found - data : -1);
	return false;
}

/* The members of an object, to which the text adds the braces. */
static bool
check_members(const char *data, size_t size)
{
	char line[EVERY_BYTES];

	line[0] = '{';
	memcpy(line + 1, data, size);
	line[size + 1] = '}';
	return check_line(every_copy(line, size + 2), size + 2);
}

int
main(int argc, char **argv)
{
	static const struct part bytes[] = {
		PART("\""), PART("\\"), PART("/"), PART("u"), PART("0"),
		PART("d"), PART("8"), PART("C"), PART("n"), PART("\n"),
		PART("\x7f"), PART("\xc3"), PART("\xa9"), PART("\xed"),
		PART("\xf0"),
	};
	static const struct part escapes[] = {
		PART("\\u"), PART("\\"), PART("d8"), PART("DC"), PART("00"),
		PART("\""), PART("\xe2\x82\xac"), PART("\xac"),
		PART("abcdefg"),
	};
	static const struct part letters[] = {
		PART("\\"), PART("\""), PART("b"), PART("f"), PART("n"),
		PART("r"), PART("t"), PART("/"), PART("u"), PART("\x1f"),
		PART("abcdefg"),
	};
	static const struct part members[] = {
		PART(":"), PART(","), PART("\"text\""), PART("\"base64\""),
		PART("\"" LONG "\""), PART("{\"text\":\"" LONG "\"}"),
		PART("[]"), PART("\"]\\\\\""), PART("\"base32\""),
	};
	static const struct texts of_bytes = { bytes, COUNT(bytes), 4, 5 };
	static const struct texts of_escapes = {
		escapes, COUNT(escapes), 4, 6
	};
	static const struct texts of_letters = {
		letters, COUNT(letters), 4, 5
	};
	static const struct texts of_words = { words, COUNT(words), 4, 6 };
	static const struct texts of_members = {
		members, COUNT(members), 4, 7
	};

	every_begin(argc, argv);
	every("every short string is as the library has it", &of_bytes,
	    check_string);
	every("so is every string of parts of escapes", &of_escapes,
	    check_string);
	every("so is every string of letters of escapes", &of_letters,
	    check_string);
	every("the long string is found in every line", &of_words, check_line);
	every("also among many members", &of_members, check_members);
	return done_testing();
}
