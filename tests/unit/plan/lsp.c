/* SPDX-License-Identifier: MIT */
/* The header of a message in the Language Server Protocol: read, and found. */
#include "config.h"

#include "plan/lsp.h"
#include "tap.h"

#define TEXT(text) text, sizeof(text) - 1
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	const char *name;
	const char *data;
	size_t size;
	enum lsp want;
	struct lsp_header header;	/* if it is one */
} rows[] = {
	{ "a length", TEXT("Content-Length: 17\r\n\r\n{"), LSP_HEADER,
	    { 22, 17 } },
	{ "lines that end with a newline", TEXT("Content-Length: 17\n\n"),
	    LSP_HEADER, { 20, 17 } },
	{ "both line ends", TEXT("Content-Length: 17\r\n\n"), LSP_HEADER,
	    { 21, 17 } },
	{ "a name in small letters", TEXT("content-length: 1\r\n\r\n"),
	    LSP_HEADER, { 21, 1 } },
	{ "a name in capitals", TEXT("CONTENT-LENGTH: 1\r\n\r\n"), LSP_HEADER,
	    { 21, 1 } },
	{ "no blank after the colon", TEXT("Content-Length:1\r\n\r\n"),
	    LSP_HEADER, { 20, 1 } },
	{ "blanks around the length", TEXT("Content-Length: \t 1 \t\r\n\r\n"),
	    LSP_HEADER, { 25, 1 } },
	{ "a length of zero", TEXT("Content-Length: 0\r\n\r\n"), LSP_HEADER,
	    { 21, 0 } },
	{ "leading zeros, in decimal", TEXT("Content-Length: 010\r\n\r\n"),
	    LSP_HEADER, { 23, 10 } },
	{ "the greatest length",
	    TEXT("Content-Length: 18446744073709551615\r\n\r\n"), LSP_HEADER,
	    { 40, UINT64_MAX } },
	{ "a type in front",
	    TEXT("Content-Type: x; charset=utf-8\r\n"
	    "Content-Length: 5\r\n\r\n"), LSP_HEADER, { 53, 5 } },
	{ "any field behind", TEXT("Content-Length: 5\r\nX-a:b:c\r\n\r\n"),
	    LSP_HEADER, { 30, 5 } },
	{ "an empty field", TEXT("Content-Length: 5\r\nX:\r\n\r\n"), LSP_HEADER,
	    { 25, 5 } },
	{ "a length given twice",
	    TEXT("Content-Length: 5\r\nContent-Length: 05\r\n\r\n"),
	    LSP_HEADER, { 41, 5 } },

	{ "nothing yet", TEXT(""), LSP_MORE, { 0 } },
	{ "half a name", TEXT("Cont"), LSP_MORE, { 0 } },
	{ "half a line, whatever it is", TEXT("Loading nu"), LSP_MORE, { 0 } },
	{ "a line", TEXT("Content-Length: 17\r\n"), LSP_MORE, { 0 } },
	{ "half an end", TEXT("Content-Length: 17\r\n\r"), LSP_MORE, { 0 } },

	{ "an empty line in front", TEXT("\r\nContent-Length: 1\r\n\r\n"),
	    LSP_NONE, { 0 } },
	{ "no length", TEXT("Content-Type: x\r\n\r\n"), LSP_NONE, { 0 } },
	{ "another field in front", TEXT("X: y\r\nContent-Length: 1\r\n\r\n"),
	    LSP_NONE, { 0 } },
	{ "half a name in front", TEXT("Cont: y\r\nContent-Length: 1\r\n\r\n"),
	    LSP_NONE, { 0 } },
	{ "another line in front", TEXT("Loading numpy\n"), LSP_NONE, { 0 } },
	{ "a line like a field in front", TEXT("WARNING: old\n"), LSP_NONE,
	    { 0 } },
	{ "a line without a colon behind", TEXT("Content-Length: 1\r\nx\r\n"),
	    LSP_NONE, { 0 } },
	{ "a line without a name behind", TEXT("Content-Length: 1\r\n:x\r\n"),
	    LSP_NONE, { 0 } },
	{ "a blank in a name", TEXT("Content-Length : 1\r\n"), LSP_NONE,
	    { 0 } },
	{ "a NUL in a name", TEXT("Content-\0Length: 1\r\n"), LSP_NONE, { 0 } },
	{ "a name that goes on", TEXT("Content-Lengths: 1\r\n\r\n"), LSP_NONE,
	    { 0 } },
	{ "a folded line", TEXT("Content-Length: 1\r\n x\r\n"), LSP_NONE,
	    { 0 } },
	{ "no digits", TEXT("Content-Length:\r\n"), LSP_NONE, { 0 } },
	{ "blanks for digits", TEXT("Content-Length: \r\n"), LSP_NONE, { 0 } },
	{ "letters", TEXT("Content-Length: 1x\r\n"), LSP_NONE, { 0 } },
	{ "a sign", TEXT("Content-Length: +1\r\n"), LSP_NONE, { 0 } },
	{ "a negative length", TEXT("Content-Length: -1\r\n"), LSP_NONE,
	    { 0 } },
	{ "two numbers", TEXT("Content-Length: 1 2\r\n"), LSP_NONE, { 0 } },
	{ "a carriage return inside", TEXT("Content-Length: 1\r\r\n"), LSP_NONE,
	    { 0 } },
	{ "more than 64 bits",
	    TEXT("Content-Length: 18446744073709551616\r\n"), LSP_NONE, { 0 } },
	{ "two lengths", TEXT("Content-Length: 5\r\nContent-Length: 6\r\n"),
	    LSP_NONE, { 0 } },
};

/* Whether each part of data gives LSP_MORE, or the result of the whole. */
static bool
parts_agree(const char *data, size_t size, enum lsp want)
{
	struct lsp_header header;
	enum lsp got = LSP_MORE;
	size_t i;

	for (i = 0; i < size && got == LSP_MORE; i++)
		got = lsp_read(data, i, &header);
	return got == LSP_MORE || got == want;
}

static void
test_rows(void)
{
	struct lsp_header header;
	enum lsp got;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		got = lsp_read(rows[i].data, rows[i].size, &header);
		ok(got == rows[i].want && (got != LSP_HEADER ||
		    (header.size == rows[i].header.size &&
		    header.length == rows[i].header.length)), rows[i].name);
		ok(parts_agree(rows[i].data, rows[i].size, rows[i].want),
		    "no part of it gives another result");
	}
}

/* A header of size bytes, with a second field that fills it. */
static enum lsp
read_long(size_t size, struct lsp_header *header)
{
	static const char front[] = "Content-Length: 5\r\nX: ";
	static char data[LSP_HEADER_MAX + 10];

	memset(data, 'x', sizeof(data));
	memcpy(data, front, sizeof(front) - 1);
	memcpy(data + size - 4, "\r\n\r\n", 4);
	return lsp_read(data, size, header);
}

static void
test_limit(void)
{
	static char line[LSP_HEADER_MAX];
	struct lsp_header header;

	ok(read_long(LSP_HEADER_MAX, &header) == LSP_HEADER &&
	    header.size == 4096 && header.length == 5,
	    "a header may have 4096 bytes");
	is_int(read_long(LSP_HEADER_MAX + 1, &header), LSP_NONE,
	    "a header of 4097 bytes is too long");
	memset(line, 'x', sizeof(line));
	memcpy(line, "Content-", 8);
	is_int(lsp_read(line, sizeof(line) - 1, &header), LSP_MORE,
	    "4095 bytes without an end may become one");
	is_int(lsp_read(line, sizeof(line), &header), LSP_NONE,
	    "4096 of them will not");
}

static void
test_begin(void)
{
	ok(lsp_may_begin("", 0) && lsp_may_begin("c", 1) &&
	    lsp_may_begin("conTENT-", 8) && lsp_may_begin("Content-x", 9),
	    "a header may begin with Content-, in any case");
	ok(!lsp_may_begin("d", 1) && !lsp_may_begin("Kontent-", 8) &&
	    !lsp_may_begin("Contents: 1", 11), "no header begins otherwise");
}

static void
test_find(void)
{
	static const struct {
		const char *name;
		const char *data;
		size_t size;
		bool is_mid_line;	/* before */
		size_t want;
		bool is_found;
		bool is_still_mid_line;	/* if it is not found */
	} finds[] = {
		{ "here", TEXT("Content-Length: 1"), false, 0, true, false },
		{ "in any case", TEXT("cONTENT-lENGTH:"), false, 0, true,
		    false },
		{ "not inside a line", TEXT("Content-Length: 1"), true, 17,
		    false, true },
		{ "on the next line", TEXT("x\nContent-Length:"), true, 2, true,
		    false },
		{ "after an empty line", TEXT("\r\n\nContent-Length:"), false, 3,
		    true, false },
		{ "not without its colon", TEXT("Content-Length 1\n"), false,
		    17, false, false },
		{ "not behind a blank", TEXT(" Content-Length:\n"), false, 17,
		    false, false },
		{ "not in another field", TEXT("Content-Type:\nX"), false, 15,
		    false, true },
		{ "perhaps, in the rest", TEXT("x\nCont"), false, 2, false,
		    false },
		{ "perhaps, once there is a byte", TEXT("x\n"), false, 2, false,
		    false },
		{ "not in nothing", TEXT(""), true, 0, false, true },
	};
	bool is_mid_line, found;
	size_t used;
	size_t i;

	for (i = 0; i < COUNT(finds); i++) {
		is_mid_line = finds[i].is_mid_line;
		used = lsp_find(finds[i].data, finds[i].size, &is_mid_line,
		    &found);
		ok(used == finds[i].want && found == finds[i].is_found &&
		    (found || is_mid_line == finds[i].is_still_mid_line),
		    finds[i].name);
	}
}

int
main(void)
{
	test_rows();
	test_limit();
	test_begin();
	test_find();
	return done_testing();
}
