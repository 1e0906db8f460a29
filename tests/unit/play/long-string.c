/* SPDX-License-Identifier: MIT */
/* The long string of a line: which one it is, and where there is none. */
#include "config.h"

#include "play/long-string.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* In these an @ stands for LONG_STRING_MIN bytes, a + for one byte less. */
static const struct {
	const char *line;
	long at;		/* of the string's first byte; -1: none */
	const char *name;
} lines[] = {
	{ "{\"text\":\"@\"}", 9, "a long text" },
	{ "{\"base64\":\"@\"}", 11, "a long base64" },
	{ "{\"a\":[1,{\"b\":2}],\"text\":\"@\"}", 25,
	    "behind another member" },
	{ " { \"text\"\t:\r\"@\" }", 13, "with white space" },
	{ "{\"text\":\"@\\\"\\u0000\"}", 9, "with escapes" },
	{ "{\"text\":\"a\",\"base64\":\"@\"}", 22,
	    "behind one that is short" },
	{ "{\"text\":\"@\",\"base64\":\"@\"}", 9, "the first of two" },
	{ "{\"text\":\"+\"}", -1, "one byte too short" },
	{ "{\"texts\":\"@\"}", -1, "of another member" },
	{ "{\"argv\":[\"text\",\"@\"]}", -1, "in a list" },
	{ "{\"a\":{\"text\":\"@\"}}", -1, "of an object within" },
	{ "[{\"text\":\"@\"}]", -1, "of an object in a list" },
	{ "{\"a\":\"text\",\"@\":1}", -1, "a long key" },
	{ "{\"text\":1,\"a\":\"@\"}", -1,
	    "of another member behind the text" },
	{ "{\"a\":\"{\\\"text\\\":\",\"b\":\"@\"}", -1,
	    "what looks so within a string" },
	{ "{\"text\":\"@\\x\"}", -1, "with an escape that is not valid" },
	{ "{\"text\":\"@", -1, "without an end" },
	{ "{\"a\":\"\\x\",\"text\":\"@\"}", -1,
	    "behind a string that is not valid" },
	{ "\"text\":\"@\"", -1, "without an object" },
	{ "}{\"text\":\"@\"}", -1, "not at depth 1" },
	{ "", -1, "in nothing" },
};

/* A copy of line, to the byte, with @ and + replaced. */
static char *
expand(const char *line, size_t *size)
{
	char *text = malloc(strlen(line) * LONG_STRING_MIN + 1);
	size_t count;

	need(text != NULL, "malloc");
	for (*size = 0; *line != '\0'; line++) {
		count = *line == '@' ? LONG_STRING_MIN :
		    *line == '+' ? LONG_STRING_MIN - 1 : 1;
		memset(text + *size, count == 1 ? *line : 'A', count);
		*size += count;
	}
	text = realloc(text, *size + 1);
	need(text != NULL, "realloc");
	return text;
}

int
main(void)
{
	struct json_string found;
	char *text;
	size_t size;
	size_t i;
	bool is_found;

	for (i = 0; i < COUNT(lines); i++) {
		text = expand(lines[i].line, &size);
		is_found = long_string_find(&found, text, size);
		is_int(is_found ? found.text - text : -1, lines[i].at,
		    lines[i].name);
		free(text);
	}
	return done_testing();
}
