/* SPDX-License-Identifier: MIT */
/* Rows of hexadecimal: every length, every byte, every width of the offset. */
#include "config.h"

#include "base/hexdump.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const unsigned char sample[] = "sixteen bytes\n\x7f\xff";

static void
is_row(uint64_t offset, size_t size, const char *want, const char *name)
{
	char text[HEXDUMP_MAX + 1];
	struct textbuf line = textbuf_in(text, HEXDUMP_MAX);

	hexdump_row(&line, offset, sample, size);
	text[line.used] = '\0';
	is_str(text, want, name);
}

static void
test_rows(void)
{
	is_row(16, 16, " 000010  73 69 78 74 65 65 6e 20"
	    "  62 79 74 65 73 0a 7f ff  sixteen bytes...\n",
	    "a whole row with its text");
	is_row(0, 1, " 000000  73"
	    "                                                s\n",
	    "the text of one byte stands in its column");
	is_row(0, 9, " 000000  73 69 78 74 65 65 6e 20  62"
	    "                       sixteen b\n",
	    "there is a gap before the ninth byte");
}

/* Between the digits of one byte and its text. */
#define SPACES "                                                "

static void
test_offsets(void)
{
	static const struct {
		uint64_t offset;
		const char *want;
	} rows[] = {
		{ 0xffffff, " ffffff  73" SPACES "s\n" },
		{ 0x1000000, " 1000000  73" SPACES "s\n" },
		{ 0xfffffffff, " fffffffff  73" SPACES "s\n" },
		{ UINT64_C(0x123456789abcdef),
		    " 123456789abcdef  73" SPACES "s\n" },
		{ UINT64_C(0x1000000000000000),
		    " 1000000000000000  73" SPACES "s\n" },
		{ UINT64_MAX, " ffffffffffffffff  73" SPACES "s\n" },
	};
	char title[80];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		snprintf(title, sizeof(title),
		    "the offset %#llx has all its digits",
		    (unsigned long long)rows[i].offset);
		is_row(rows[i].offset, 1, rows[i].want, title);
	}
	is_row(UINT64_MAX, 16, " ffffffffffffffff  73 69 78 74 65 65 6e "
	    "20  62 79 74 65 73 0a 7f ff  sixteen bytes...\n",
	    "the longest row");
}

/* Of every length: the column of the text, and how many bytes are there. */
static void
test_lengths(void)
{
	char text[HEXDUMP_MAX];
	struct textbuf line;
	bool columns = true;
	size_t size;

	for (size = 1; size <= HEXDUMP_BYTES; size++) {
		line = textbuf_in(text, sizeof(text));
		hexdump_row(&line, 0, sample, size);
		columns = columns && line.used == 9 + 48 + 2 + size + 1 &&
		    text[59] == 's' && text[58] == ' ';
	}
	ok(columns, "the text is in the same column, of every length");
}

static void
test_bytes(void)
{
	char text[HEXDUMP_MAX], want[40];
	struct textbuf line;
	bool good = true;
	unsigned int i;

	for (i = 0; i < 256; i++) {
		line = textbuf_in(text, sizeof(text));
		hexdump_row(&line, 0, &(unsigned char){ (unsigned char)i }, 1);
		snprintf(want, sizeof(want), " 000000  %02x", i);
		good = good && memcmp(text, want, 11) == 0 &&
		    text[59] == (i >= ' ' && i <= '~' ? (char)i : '.') &&
		    text[60] == '\n' && line.used == 61;
	}
	ok(good, "every byte is its digits, and its character if it has one");
}

static void
test_cut(void)
{
	char whole[HEXDUMP_MAX];
	struct textbuf line = textbuf_in(whole, sizeof(whole));
	size_t room, size;
	bool good = true;
	char *text;

	hexdump_row(&line, 0, sample, 16);
	size = line.used;
	for (room = 0; room < size; room++) {
		text = malloc(room + 1);
		need(text != NULL, "malloc");
		line = textbuf_in(text, room);
		hexdump_row(&line, 0, sample, 16);
		good = good && line.cut && line.used == room &&
		    memcmp(text, whole, room) == 0;
		free(text);
	}
	ok(good, "of a row as much is put as fits, at every size");
}

int
main(void)
{
	test_rows();
	test_offsets();
	test_lengths();
	test_bytes();
	test_cut();
	return done_testing();
}
