/* SPDX-License-Identifier: MIT */
/* Characters that a stream's pieces cut, joined again. */
#include "config.h"

#include "trace/carry.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Pieces of a stream that end in a NUL, and what is written of each. */
static const struct {
	const char *pieces[4];
	const char *wants[4];	/* "-": nothing */
	const char *name;
} rows[] = {
	{ { "abc", "de" }, { "abc", "de" }, "ASCII is left as it is" },
	{ { "", "a" }, { "", "a" }, "an empty piece is written" },
	{ { "a\xc3", "\xa9" "b" }, { "a", "\xc3\xa9" "b" },
	    "a cut character goes to the next piece" },
	{ { "\xc3", "\xa9" }, { "-", "\xc3\xa9" },
	    "nothing is written of a piece that it is all of" },
	{ { "\xe2", "\x82", "\xac" "x" }, { "-", "-", "\xe2\x82\xac" "x" },
	    "it may be cut twice" },
	{ { "\xe2\x82", "", "\xac" }, { "-", "-", "\xe2\x82\xac" },
	    "or have an empty piece inside" },
	{ { "a\xc3", "b\xc3", "\xa9" }, { "a", "\xc3" "b", "\xc3\xa9" },
	    "one that is not completed is written with what follows" },
};

static void
test_join(void)
{
	struct carry carry;
	struct joined joined;
	uint64_t offset, written;
	char got[16];
	bool right, is_some;
	size_t i, j;

	for (i = 0; i < COUNT(rows); i++) {
		carry = (struct carry){ .size = 0 };
		offset = written = 0;
		right = true;
		for (j = 0; j < COUNT(rows[i].pieces) &&
		    rows[i].pieces[j] != NULL; j++) {
			is_some = carry_join(&carry, rows[i].pieces[j],
			    strlen(rows[i].pieces[j]), offset, &joined);
			offset += strlen(rows[i].pieces[j]);
			if (!is_some) {
				right &= strcmp(rows[i].wants[j], "-") == 0;
				continue;
			}
			snprintf(got, sizeof(got), "%.*s%.*s",
			    (int)joined.first_size, joined.first,
			    (int)joined.size, joined.data);
			right &= strcmp(got, rows[i].wants[j]) == 0 &&
			    joined.offset == written;
			written += strlen(got);
		}
		ok(right, rows[i].name);
	}
}

static void
test_end(void)
{
	struct carry carry = { .size = 0 };
	struct joined joined;

	ok(!carry_end(&carry, &joined), "at the end nothing is carried");
	carry_join(&carry, "ab\xe2\x82", 4, 10, &joined);
	ok(carry_end(&carry, &joined) && joined.first_size == 2 &&
	    memcmp(joined.first, "\xe2\x82", 2) == 0 && joined.size == 0 &&
	    joined.offset == 12, "or the beginning of a character");
	ok(!carry_end(&carry, &joined), "which is carried no longer");
	ok(carry_join(&carry, "\xac" "c", 2, 14, &joined) &&
	    joined.first_size == 0 && joined.size == 2 && joined.offset == 14,
	    "and is not joined with what follows");
}

/* Pieces after the one whose end was taken: how much of each is set apart. */
static const struct {
	const char *taken;
	const char *pieces[3];
	size_t wants[3];
	const char *name;
} rests[] = {
	{ "a\xc3", { "\xa9" "b", "\xa9" }, { 1, 0 },
	    "the end of a character is set apart" },
	{ "\xf0", { "\x9f", "\x98", "\x80" "b" }, { 1, 1, 1 },
	    "byte by byte" },
	{ "\xf0", { "\x9f\x98\x80\x80" }, { 3 },
	    "and no byte that can only follow an end" },
	{ "\xe2", { "\x82", "", "\xac" }, { 1, 0, 0 },
	    "and none after an empty piece" },
	{ "\xe0", { "\x80\x80" }, { 0 }, "or none that is not UTF-8" },
	{ "\xc3", { "b\xc3", "\xa9" }, { 0, 0 },
	    "or if something else follows" },
	{ "a", { "\xa9" }, { 0 }, "or if none was cut" },
};

/* As a trace does: what is not set apart is joined. */
static void
test_rest(void)
{
	struct carry carry;
	struct joined joined;
	const char *piece;
	uint64_t offset;
	size_t size, rest;
	bool right;
	size_t i, j;

	for (i = 0; i < COUNT(rests); i++) {
		carry = (struct carry){ .size = 0 };
		offset = strlen(rests[i].taken);
		carry_join(&carry, rests[i].taken, (size_t)offset, 0, &joined);
		(void)carry_end(&carry, &joined);
		right = true;
		for (j = 0; j < COUNT(rests[i].pieces) &&
		    rests[i].pieces[j] != NULL; j++) {
			piece = rests[i].pieces[j];
			size = strlen(piece);
			rest = carry_rest(&carry, piece, size, offset);
			right &= rest == rests[i].wants[j];
			if (rest == 0 || rest < size)
				carry_join(&carry, piece + rest, size - rest,
				    offset + rest, &joined);
			offset += size;
		}
		ok(right, rests[i].name);
	}
	carry = (struct carry){ .size = 0 };
	carry_join(&carry, "\xc3", 1, 0, &joined);
	is_int((int)carry_rest(&carry, "\xa9", 1, 1), 0,
	    "or if the beginning is still carried");
	(void)carry_end(&carry, &joined);
	is_int((int)carry_rest(&carry, "\xa9", 1, 2), 0,
	    "or if there is a gap between them");
}

/* What is shown of these as text, if it is. */
static void
test_text(void)
{
	const struct joined joined = {
		.first = "\xc3\xa9", .first_size = 2,
		.data = "a\xe2\x82\xac\xff", .size = 5
	};
	static const struct {
		size_t size;
		size_t want;
		bool is_text;
	} sizes[] = {
		{ 0, 0, true }, { 1, 0, true }, { 2, 2, true }, { 3, 3, true },
		{ 4, 3, true }, { 5, 3, true }, { 6, 6, true }, { 7, 7, false },
	};
	bool right = true;
	size_t size;
	size_t i;

	for (i = 0; i < COUNT(sizes); i++) {
		size = sizes[i].size;
		right &= joined_is_text(&joined, &size) == sizes[i].is_text &&
		    size == sizes[i].want;
	}
	ok(right, "text is cut before a character that is not whole");
}

int
main(void)
{
	test_join();
	test_end();
	test_rest();
	test_text();
	return done_testing();
}
