/* SPDX-License-Identifier: MIT */
/*
 * Lines of a recorded talk, made at random: with long strings decoded apart,
 * and by the parser of JSON alone, all comes to the same.  Some are valid, some
 * nearly.  The numbers are the same in each run.
 */
#include "config.h"

#include "record-ways.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define FILE_MAX 20000		/* bytes of a file of a few lines */

static uint64_t state = 1;

/* A number below limit: xorshift64*, https://arxiv.org/abs/1402.6246. */
static size_t
pick(size_t limit)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (size_t)((state * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % limit;
}

/* The file that is being made. */
static char text[FILE_MAX];
static size_t used;

static void
put(const char *string)
{
	size_t size = strlen(string);

	if (size <= sizeof(text) - used) {
		memcpy(text + used, string, size);
		used += size;
	}
}

#define PUT_ONE(table) put((table)[pick(COUNT(table))])

static void
put_space(void)
{
	static const char *const spaces[] = {
		"", "", "", "", "", "", " ", "\t", "\r", "  ",
	};

	PUT_ONE(spaces);
}

/* What is between the quotes of a string: short or long. */
static void
put_string(bool is_base64)
{
	static const char *const parts[] = {
		"plain text, ", "\\n", "\\\"", "\\\\", "\\/", "\\u00e9",
		"\\ud83d\\ude00", "\\u0000", "\xc3\xa9", "\xe2\x82\xac", "{",
		"}", ":", ",", "\x7f", "0123456789012345678901234567890",
	};
	static const char *const faults[] = {
		"\\", "\\u12", "\\ud83d", "\\ude00", "\xff", "\xc3", "\1",
		"\"", "\\x", "\n",
	};
	static const char *const digits[] = {
		"QUJD", "AAAA", "////", "zz+/", "QUJDQUJDQUJDQUJDQUJD",
	};
	size_t size = pick(3) == 0 ? pick(20) :
	    LONG_STRING_MIN - 10 + pick(300);
	size_t start = used;

	while (used - start < size && used < sizeof(text) - 100)
		if (pick(2000) == 0)
			PUT_ONE(faults);
		else if (is_base64 && pick(100) != 0)
			PUT_ONE(digits);
		else if (is_base64)
			put("\\/AAA");
		else
			PUT_ONE(parts);
	if (is_base64 && pick(3) == 0)
		put(pick(2) == 0 ? "QQ==" : "QUI=");
}

static void
put_member(size_t which)
{
	static const char *const values[] = {
		"\"from\":\"stdin\"", "\"from\":\"command\"",
		"\"from\":\"peer\"", "\"type\":\"data\"",
		"\"type\":\"data\"", "\"type\":\"message\"",
		"\"t\":0.5", "\"new\":{\"text\":[\"a\",{}]}",
		"\"argv\":[\"text\",\"base64\"]", "\"told\":true",
		"\"size\":1",
	};

	put_space();
	if (which < 2) {
		put(which == 0 ? "\"text\"" : "\"base64\"");
		put_space();
		put(":");
		put_space();
		put("\"");
		put_string(which == 1);
		put("\"");
	} else {
		PUT_ONE(values);
	}
	put_space();
}

/* A piece, as a trace has it, or members in any order. */
static void
put_line(void)
{
	bool is_base64 = pick(2) == 0;
	size_t count;

	if (pick(10) != 0) {
		put("{\"t\":0.000312,\"from\":");
		put(pick(2) == 0 ? "\"stdin\"" : "\"command\"");
		put(",\"type\":\"data\",");
		put_member(is_base64);
		if (pick(20) == 0) {
			put(",");
			put_member(pick(20));
		}
	} else {
		put("{");
		for (count = pick(6); count > 0; count--) {
			put_member(pick(10));
			put(",");
		}
		put("\"type\":\"data\",\"from\":\"peer\"");
	}
	put(pick(50) == 0 ? "" : "}");
	put(pick(50) == 0 ? "" : "\n");
}

/* Change a byte, or leave one out. */
static void
disturb(void)
{
	static const char bytes[] = "\"\\{}[]:,u0 \n\xc3";
	size_t at = pick(used);

	if (pick(2) == 0) {
		text[at] = bytes[pick(sizeof(bytes) - 1)];
	} else {
		memmove(text + at, text + at + 1, used - at - 1);
		used--;
	}
}

int
main(void)
{
	size_t files = is_under_valgrind() || is_emulated() ? 200 : 20000;
	const char *fault = NULL;
	size_t taken = 0;
	size_t lines, i;
	bool is_taken;

	for (i = 0; i < files && fault == NULL; i++) {
		used = 0;
		for (lines = 1 + pick(4); lines > 0; lines--)
			put_line();
		if (pick(4) == 0)
			disturb();
		fault = check_both_ways(text, used, &is_taken);
		taken += is_taken;
	}
	is_str(fault, NULL, "both ways come to the same");
	if (fault != NULL)
		printf("# file %zu:\n# %.*s\n", i, (int)used, text);
	printf("# %zu of %zu taken, %zu long strings\n", taken, files,
	    long_strings);
	ok(taken > files / 5 && files - taken > files / 5 &&
	    long_strings > files / 2,
	    "many files are taken, many refused, many strings long");
	return done_testing();
}
