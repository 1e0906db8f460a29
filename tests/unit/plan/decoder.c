/* SPDX-License-Identifier: MIT */
/*
 * Messages in a stream of bytes: each row of a table is fed with every cut
 * into two pieces and byte by byte, and so is each beginning of it as if the
 * input ended there; what must come of that is said by a model.
 */
#include "config.h"

#include <stdint.h>

#include "plan/decoder.h"
#include "plan/names.h"
#include "feed.h"
#include "model.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define TEXT(text) text, sizeof(text) - 1

static const enum framing framings[] = {
	FRAMING_LINE, FRAMING_NULL, FRAMING_NETSTRING, FRAMING_U16,
	FRAMING_U16LE, FRAMING_U32, FRAMING_U32LE, FRAMING_LSP,
};

static const char *
name_of(enum framing framing)
{
	return names_name(framing_names, (int)framing);
}

/* --- texts that are made bit by bit -------------------------------------- */

struct text {
	char *data;		/* owned */
	size_t size;
	FILE *stream;
};

static void
text_begin(struct text *text)
{
	text->stream = open_memstream(&text->data, &text->size);
	need(text->stream != NULL, "open_memstream");
}

static void
text_end(struct text *text)
{
	need(fclose(text->stream) == 0, "fclose");
}

static bool
text_is(const struct text *text, const char *data, size_t size)
{
	return text->size == size && memcmp(text->data, data, size) == 0;
}

static void
text_show(const char *what, const char *data, size_t size)
{
	size_t i;

	printf("# %s: ", what);
	for (i = 0; i < size && i < 200; i++)
		if (data[i] >= ' ' && data[i] <= '~')
			putchar(data[i]);
		else
			printf("\\%03o", (unsigned char)data[i]);
	printf("%s\n", size > 200 ? "..." : "");
}

/* --- feeding ------------------------------------------------------------- */

/* Whether input, cut so, becomes want; if not, says why. */
static bool
becomes(enum framing framing, size_t max, const char *input, size_t size,
    const struct cuts *cuts, const char *want, size_t want_size)
{
	struct text got;
	const char *fault;
	bool same;

	text_begin(&got);
	fault = feed_input(framing, max, input, size, cuts, got.stream, NULL);
	text_end(&got);
	same = fault == NULL && text_is(&got, want, want_size);
	if (!same) {
		printf("# %s, max %zu, cuts %zu, %zu, %" PRIu32 "%s: %s\n",
		    name_of(framing), max, cuts->first, cuts->rest,
		    cuts->seed, cuts->late_end ? ", late end" : "",
		    fault == NULL ? "another result" : fault);
		text_show("input", input, size);
		text_show("got", got.data, got.size);
		text_show("want", want, want_size);
	}
	free(got.data);
	return same;
}

/* The same, cut in two in every way, and byte by byte. */
static bool
always_becomes(enum framing framing, size_t max, const char *input,
    size_t size, const char *want, size_t want_size)
{
	struct cuts cuts = { 1, 1, 0, false };
	bool same = true;
	int late;

	for (late = 0; late < 2 && same; late++) {
		cuts = (struct cuts){ 1, 1, 0, late == 1 };
		same = becomes(framing, max, input, size, &cuts, want,
		    want_size);
		cuts.rest = size + 1;
		for (cuts.first = 0; cuts.first <= size && same; cuts.first++)
			same = becomes(framing, max, input, size, &cuts, want,
			    want_size);
	}
	return same;
}

/* Whether each beginning of input, ended there, becomes what the model says. */
static bool
beginnings_become(enum framing framing, size_t max, const char *input,
    size_t size)
{
	struct text want;
	bool same = true;
	size_t length;

	for (length = 0; length <= size && same; length++) {
		text_begin(&want);
		model(framing, max, input, length, want.stream);
		text_end(&want);
		same = always_becomes(framing, max, input, length, want.data,
		    want.size);
		free(want.data);
	}
	return same;
}

static const struct row {
	const char *name;
	enum framing framing;
	size_t max;
	const char *input;
	size_t size;
	const char *want;
	size_t want_size;
} rows[] = {
	{ "no line", FRAMING_LINE, 9, TEXT(""), TEXT("end") },
	{ "a line", FRAMING_LINE, 9, TEXT("a\n"), TEXT("1=a|end") },
	{ "a last line without a newline", FRAMING_LINE, 9, TEXT("ab\ncd"),
	    TEXT("1=ab|2=cd|end") },
	{ "an empty line", FRAMING_LINE, 9, TEXT("\n"), TEXT("1=|end") },
	{ "empty lines", FRAMING_LINE, 9, TEXT("\n\na\n\n"),
	    TEXT("1=|2=|3=a|4=|end") },
	{ "a line with a NUL and a carriage return", FRAMING_LINE, 9,
	    TEXT("a\0b\r\n\xff\n"), TEXT("1=a\0b\r|2=\xff|end") },
	{ "lines of max and one more", FRAMING_LINE, 3,
	    TEXT("abc\nabcd\nabc\nab\n"), TEXT("1=abc|2>4|3=abc|4=ab|end") },
	{ "a last line of max", FRAMING_LINE, 3, TEXT("\nabc"),
	    TEXT("1=|2=abc|end") },
	{ "a last line above max", FRAMING_LINE, 3, TEXT("abcdefgh"),
	    TEXT("1>8|end") },
	{ "lines far above max", FRAMING_LINE, 2,
	    TEXT("abcdefghijkl\nabcdefghijklm\n\nabcdefg\na"),
	    TEXT("1>12|2>13|3=|4>7|5=a|end") },
	{ "lines where none may have a byte", FRAMING_LINE, 0,
	    TEXT("\na\n\nbc\n"), TEXT("1=|2>1|3=|4>2|end") },
	{ "lines without a limit", FRAMING_LINE, SIZE_MAX, TEXT("a\nbcd\n"),
	    TEXT("1=a|2=bcd|end") },

	{ "nothing with NULs", FRAMING_NULL, 9, TEXT(""), TEXT("end") },
	{ "messages with NULs", FRAMING_NULL, 9, TEXT("a\0\0b\nc\0"),
	    TEXT("1=a|2=|3=b\nc|end") },
	{ "a last one without a NUL", FRAMING_NULL, 9, TEXT("ab\0cd"),
	    TEXT("1=ab|2=cd|end") },
	{ "with NULs, above max", FRAMING_NULL, 3,
	    TEXT("abcdefg\0abc\0abcd"), TEXT("1>7|2=abc|3>4|end") },

	{ "no netstring", FRAMING_NETSTRING, 9, TEXT(""), TEXT("end") },
	{ "an empty netstring", FRAMING_NETSTRING, 9, TEXT("0:,"),
	    TEXT("1=|end") },
	{ "the netstring of the paper", FRAMING_NETSTRING, 12,
	    TEXT("12:hello world!,"), TEXT("1=hello world!|end") },
	{ "netstrings", FRAMING_NETSTRING, 10,
	    TEXT("1:a,0:,10:0123456789,2::,,"),
	    TEXT("1=a|2=|3=0123456789|4=:,|end") },
	{ "netstrings of max and one more", FRAMING_NETSTRING, 9,
	    TEXT("9:123456789,10:1234567890,1:a,"),
	    TEXT("1=123456789|2>10|3=a|end") },
	{ "netstrings where none may have a byte", FRAMING_NETSTRING, 0,
	    TEXT("0:,1:a,0:,"), TEXT("1=|2>1|3=|end") },
	{ "netstrings without a limit", FRAMING_NETSTRING, SIZE_MAX,
	    TEXT("1:a,2:ab,"), TEXT("1=a|2=ab|end") },
	{ "a netstring that is cut off", FRAMING_NETSTRING, 9,
	    TEXT("1:a,5:abc"), TEXT("1=a|2/3 of 5|end") },
	{ "a netstring without a comma at the end", FRAMING_NETSTRING, 9,
	    TEXT("3:abc"), TEXT("1/3 of 3|end") },
	{ "an empty netstring without a comma at the end",
	    FRAMING_NETSTRING, 9, TEXT("0:"), TEXT("1/0 of 0|end") },
	{ "a netstring whose size is cut off", FRAMING_NETSTRING, 9,
	    TEXT("1:a,5"), TEXT("1=a|2/0 of 0|end") },
	{ "a netstring that is too large and cut off", FRAMING_NETSTRING, 9,
	    TEXT("99:abc"), TEXT("1>99|end") },
	{ "one that is too large without a comma at the end",
	    FRAMING_NETSTRING, 2, TEXT("3:abc"), TEXT("1>3|end") },
	{ "the largest size of a netstring", FRAMING_NETSTRING, 9,
	    TEXT("18446744073709551615:abc,"),
	    TEXT("1>18446744073709551615|end") },
	{ "a leading zero", FRAMING_NETSTRING, 9, TEXT("1:a,01:a,"),
	    TEXT("1=a|2!4 01|end") },
	{ "two zeros", FRAMING_NETSTRING, 9, TEXT("00:,"),
	    TEXT("1!0 00|end") },
	{ "a zero without a colon", FRAMING_NETSTRING, 9, TEXT("0,"),
	    TEXT("1!0 0,|end") },
	{ "a size without a colon", FRAMING_NETSTRING, 9, TEXT("1:a,2ab,"),
	    TEXT("1=a|2!4 2a|end") },
	{ "a size with a blank behind", FRAMING_NETSTRING, 9, TEXT("2 :ab,"),
	    TEXT("1!0 2 |end") },
	{ "no size at all", FRAMING_NETSTRING, 9, TEXT("1:a,:,"),
	    TEXT("1=a|2!4 :|end") },
	{ "a letter for a size", FRAMING_NETSTRING, 9, TEXT("x:a,1:a,"),
	    TEXT("1!0 x|end") },
	{ "a blank before a size", FRAMING_NETSTRING, 9, TEXT(" 1:a,"),
	    TEXT("1!0  |end") },
	{ "a newline between two", FRAMING_NETSTRING, 9, TEXT("1:a,\n1:b,"),
	    TEXT("1=a|2!4 \n|end") },
	{ "a plus sign", FRAMING_NETSTRING, 9, TEXT("+1:a,"),
	    TEXT("1!0 +|end") },
	{ "a minus sign", FRAMING_NETSTRING, 9, TEXT("-1:a,"),
	    TEXT("1!0 -|end") },
	{ "a NUL for a size", FRAMING_NETSTRING, 9, TEXT("\0" "1:a,"),
	    TEXT("1!0 \0|end") },
	{ "a hexadecimal size", FRAMING_NETSTRING, 99, TEXT("0x1:a,"),
	    TEXT("1!0 0x|end") },
	{ "another byte for the comma", FRAMING_NETSTRING, 9,
	    TEXT("1:a,3:abc;1:b,"), TEXT("1=a|2!4 3:abc;|end") },
	{ "one byte more than announced", FRAMING_NETSTRING, 9,
	    TEXT("3:abcd,"), TEXT("1!0 3:abcd|end") },
	{ "an empty one without a comma", FRAMING_NETSTRING, 9,
	    TEXT("0:0:,"), TEXT("1!0 0:0|end") },
	{ "no comma behind one that is too large", FRAMING_NETSTRING, 2,
	    TEXT("1:a,5:abcde;1:b,"), TEXT("1=a|2>5|2!11 ;|end") },
	{ "a comma behind one that is too large", FRAMING_NETSTRING, 2,
	    TEXT("5:abcde,5:abcde,2:ab,"), TEXT("1>5|2>5|3=ab|end") },
	{ "a size that just does not fit 64 bits", FRAMING_NETSTRING, 9,
	    TEXT("18446744073709551616:abc,"),
	    TEXT("1!0 18446744073709551616|end") },
	{ "a size of 21 digits", FRAMING_NETSTRING, 9,
	    TEXT("1:a,100000000000000000000:abc,"),
	    TEXT("1=a|2!4 100000000000000000000|end") },
	{ "a size that never ends", FRAMING_NETSTRING, SIZE_MAX,
	    TEXT("99999999999999999999999999999999"),
	    TEXT("1!0 99999999999999999999|end") },

	{ "nothing with 16 bits", FRAMING_U16, 9, TEXT(""), TEXT("end") },
	{ "messages with 16 bits", FRAMING_U16, 300,
	    TEXT("\0\1a\0\0\0\3abc"), TEXT("1=a|2=|3=abc|end") },
	{ "16 bits are big-endian", FRAMING_U16, 9, TEXT("\1\2abc"),
	    TEXT("1>258|end") },
	{ "the largest with 16 bits", FRAMING_U16, 9, TEXT("\xff\xff" "abc"),
	    TEXT("1>65535|end") },
	{ "16 bits, max and one more", FRAMING_U16, 3,
	    TEXT("\0\3abc\0\4abcd\0\1a"), TEXT("1=abc|2>4|3=a|end") },
	{ "16 bits where none may have a byte", FRAMING_U16, 0,
	    TEXT("\0\0\0\1a\0\0"), TEXT("1=|2>1|3=|end") },
	{ "16 bits that are cut off", FRAMING_U16, 9, TEXT("\0\1a\0"),
	    TEXT("1=a|2/0 of 0|end") },
	{ "a message behind 16 bits that is cut off", FRAMING_U16, 9,
	    TEXT("\0\5abc"), TEXT("1/3 of 5|end") },
	{ "no message behind 16 bits", FRAMING_U16, 9, TEXT("\0\5"),
	    TEXT("1/0 of 5|end") },
	{ "one above max that is cut off", FRAMING_U16, 9,
	    TEXT("\0\xff" "abc"), TEXT("1>255|end") },

	{ "messages with 16 bits, little-endian", FRAMING_U16LE, 300,
	    TEXT("\1\0a\0\0\3\0abc"), TEXT("1=a|2=|3=abc|end") },
	{ "16 bits are little-endian", FRAMING_U16LE, 9, TEXT("\1\2abc"),
	    TEXT("1>513|end") },
	{ "16 bits, little-endian, cut off", FRAMING_U16LE, 9,
	    TEXT("\1\0a\4"), TEXT("1=a|2/0 of 0|end") },

	{ "nothing with 32 bits", FRAMING_U32, 9, TEXT(""), TEXT("end") },
	{ "messages with 32 bits", FRAMING_U32, 9,
	    TEXT("\0\0\0\1a\0\0\0\0\0\0\0\3abc"), TEXT("1=a|2=|3=abc|end") },
	{ "32 bits are big-endian", FRAMING_U32, 9, TEXT("\1\2\3\4abc"),
	    TEXT("1>16909060|end") },
	{ "the largest with 32 bits", FRAMING_U32, 9,
	    TEXT("\xff\xff\xff\xff" "abc"), TEXT("1>4294967295|end") },
	{ "32 bits, max and one more", FRAMING_U32, 3,
	    TEXT("\0\0\0\3abc\0\0\0\4abcd\0\0\0\1a"),
	    TEXT("1=abc|2>4|3=a|end") },
	{ "32 bits that are cut off", FRAMING_U32, 9, TEXT("\0\0\0\0\0\0\0"),
	    TEXT("1=|2/0 of 0|end") },
	{ "a message behind 32 bits that is cut off", FRAMING_U32, 999,
	    TEXT("\0\0\1\5abc"), TEXT("1/3 of 261|end") },

	{ "messages with 32 bits, little-endian", FRAMING_U32LE, 9,
	    TEXT("\1\0\0\0a\0\0\0\0\3\0\0\0abc"),
	    TEXT("1=a|2=|3=abc|end") },
	{ "32 bits are little-endian", FRAMING_U32LE, 9,
	    TEXT("\1\2\3\4abc"), TEXT("1>67305985|end") },
	{ "the largest with 32 bits, little-endian", FRAMING_U32LE, 9,
	    TEXT("\xff\xff\xff\xff" "abc"), TEXT("1>4294967295|end") },
	{ "no header", FRAMING_LSP, 9, TEXT(""), TEXT("end") },
	{ "messages with a header", FRAMING_LSP, 9,
	    TEXT("Content-Length: 1\r\n\r\naContent-Length: 0\r\n\r\n"
	    "Content-Length: 3\r\n\r\nabc"), TEXT("1=a|2=|3=abc|end") },
	{ "headers with other line ends", FRAMING_LSP, 9,
	    TEXT("Content-Length: 1\n\naContent-Length:2\r\n\nab"
	    "content-length:\t03 \n\r\nabc"), TEXT("1=a|2=ab|3=abc|end") },
	{ "headers with other fields", FRAMING_LSP, 9,
	    TEXT("CONTENT-LENGTH: 1\r\nContent-Type: x; y=z\r\nX: \r\n\r\na"
	    "Content-Type:\r\nContent-Length: 2\r\n\r\nab"),
	    TEXT("1=a|2=ab|end") },
	{ "one length twice", FRAMING_LSP, 9,
	    TEXT("Content-Length: 1\nContent-Length: 1\n\na"),
	    TEXT("1=a|end") },
	{ "messages of max and one more", FRAMING_LSP, 3,
	    TEXT("Content-Length: 4\n\nabcdContent-Length: 3\n\nabc"),
	    TEXT("1>4|2=abc|end") },
	{ "the largest length in a header", FRAMING_LSP, 9,
	    TEXT("Content-Length: 18446744073709551615\n\nabc"),
	    TEXT("1>18446744073709551615|end") },
	{ "a stray line in front", FRAMING_LSP, 9,
	    TEXT("Loading numpy\r\nContent-Length: 1\r\n\r\na"),
	    TEXT("1!0 Loading numpy|1=a|end") },
	{ "stray lines between two", FRAMING_LSP, 9,
	    TEXT("Content-Length: 1\n\naone\n\nContent-\ntwo\n"
	    "Content-Length: 1\n\nb"), TEXT("1=a|2!20 one|2=b|end") },
	{ "a stray line that looks like a field", FRAMING_LSP, 9,
	    TEXT("WARNING: x\nContent-Length: 1\n\na"),
	    TEXT("1!0 WARNING: x|1=a|end") },
	{ "an empty line in front", FRAMING_LSP, 9,
	    TEXT("\r\nContent-Length: 1\n\na"), TEXT("1!0 \r\n|1=a|end") },
	{ "a stray text without a line end", FRAMING_LSP, 9,
	    TEXT("xContent-Length: 1\n\naContent-Length: 1\n\nb"),
	    TEXT("1!0 xContent-Length: 1|end") },
	{ "a header without a length", FRAMING_LSP, 9,
	    TEXT("Content-Type: x\n\nabc\nContent-Length: 1\n\na"),
	    TEXT("1!0 Content-Type: x|1=a|end") },
	{ "a length that is no number", FRAMING_LSP, 9,
	    TEXT("Content-Length: x\nContent-Length: 1\n\na"),
	    TEXT("1!0 Content-Length: x|1=a|end") },
	{ "lengths that are no numbers", FRAMING_LSP, 9,
	    TEXT("Content-Length:\nContent-Length: -1\nContent-Length: 1 1\n"
	    "Content-Length: 18446744073709551616\n"),
	    TEXT("1!0 Content-Length:|1!16 Content-Length: -1|"
	    "1!35 Content-Length: 1 1|"
	    "1!55 Content-Length: 18446744073709551616|end") },
	{ "two lengths", FRAMING_LSP, 9,
	    TEXT("Content-Length: 1\nContent-Length: 2\n\nab"),
	    TEXT("1!0 Content-Length: 1|1=ab|end") },
	{ "no colon, and a blank before it", FRAMING_LSP, 9,
	    TEXT("Content-Length\nContent-Length : 1\n"),
	    TEXT("1!0 Content-Length|end") },
	{ "a stray line longer than what is shown", FRAMING_LSP, 9,
	    TEXT("0123456789012345678901234567890123456789"
	    "01234567890123456789012345678901234567890123456789\n"),
	    TEXT("1!0 0123456789012345678901234567890123456789"
	    "012345678901234567890123|end") },
	{ "a stray line at the end", FRAMING_LSP, 9,
	    TEXT("Content-Length: 1\n\nabye"), TEXT("1=a|2!20 bye|end") },
	{ "a header that is cut off", FRAMING_LSP, 9,
	    TEXT("Content-Length: 1\n\naContent-Le"),
	    TEXT("1=a|2/0 of 0|end") },
	{ "a message behind a header that is cut off", FRAMING_LSP, 9,
	    TEXT("Content-Length: 5\n\nabc"), TEXT("1/3 of 5|end") },
	{ "a stray line behind one that is too large", FRAMING_LSP, 2,
	    TEXT("Content-Length: 3\n\nabcx\nContent-Length: 1\n\na"),
	    TEXT("1>3|2!22 x|2=a|end") },

#if SIZE_MAX > UINT32_MAX
	{ "32 bits without a limit, cut off", FRAMING_U32, SIZE_MAX,
	    TEXT("\xff\xff\xff\xff" "abc"), TEXT("1/3 of 4294967295|end") },
	{ "the largest netstring without a limit, cut off",
	    FRAMING_NETSTRING, SIZE_MAX, TEXT("18446744073709551615:abc,"),
	    TEXT("1/4 of 18446744073709551615|end") },
#endif
};

static void
test_rows(void)
{
	const struct row *row;
	char title[120];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		row = &rows[i];
		snprintf(title, sizeof(title), "%s, however cut", row->name);
		ok(always_becomes(row->framing, row->max, row->input,
		    row->size, row->want, row->want_size), title);
		snprintf(title, sizeof(title), "%s, wherever it ends",
		    row->name);
		ok(beginnings_become(row->framing, row->max, row->input,
		    row->size), title);
	}
}

/* A byte that means something to some framing, more often than not. */
static char
random_byte(uint32_t *seed)
{
	static const char bytes[] = "\0\0\0\0\1\1\2\3\n\n00112349::,,,ab";

	return bytes[feed_random(seed) % sizeof(bytes)];
}

/*
 * Put something that means something to framing, more often than not, at the
 * end of input.  Returns its bytes, at most room.
 */
static size_t
random_part(enum framing framing, char *input, size_t room, uint32_t *seed)
{
	static const char *const parts[] = {
		"Content-Length:", "Content-Length: 3\r\n\r\n",
		"content-type:x", "content-length: 1\n\n", "\r\n", "\n",
		"\r", "1", "20", "a", ":", "X: y", " ", "Content-",
	};
	const char *part;
	size_t size;

	if (framing != FRAMING_LSP) {
		*input = random_byte(seed);
		return 1;
	}
	part = parts[feed_random(seed) % COUNT(parts)];
	size = strlen(part) < room ? strlen(part) : room;
	memcpy(input, part, size);
	return size;
}

static void
test_nonsense(void)
{
	static const size_t limits[] = { 0, 1, 3, 12, 300, SIZE_MAX };
	char input[100];
	uint32_t seed = 1;
	struct text want;
	struct cuts cuts;
	enum framing framing;
	size_t max, size;
	bool same = true;
	int i;
	size_t j;

	for (i = 0; i < 20000 && same; i++) {
		framing = framings[feed_random(&seed) % COUNT(framings)];
		max = limits[feed_random(&seed) % COUNT(limits)];
		size = feed_random(&seed) % (sizeof(input) + 1);
		for (j = 0; j < size;)
			j += random_part(framing, input + j, size - j, &seed);
		text_begin(&want);
		model(framing, max, input, size, want.stream);
		text_end(&want);
		cuts = (struct cuts){ 1, 1 + feed_random(&seed) % 9,
		    feed_random(&seed), feed_random(&seed) % 2 == 0 };
		same = becomes(framing, max, input, size, &cuts, want.data,
		    want.size);
		free(want.data);
	}
	ok(same, "20000 random inputs are as the model has them");
}

/* --- whole messages, there and back -------------------------------------- */

/* Write a random message of size bytes that framing can carry. */
static void
make_message(enum framing framing, char *message, size_t size, uint32_t *seed)
{
	size_t i;

	for (i = 0; i < size; i++) {
		message[i] = (char)(feed_random(seed) & 0xff);
		if (frame_splits(framing, message + i, 1))
			message[i] = 'x';
	}
}

static size_t
random_size(size_t limit, uint32_t *seed)
{
	static const size_t ranges[] = { 0, 1, 12, 300, 70000, 200000 };
	size_t range = ranges[feed_random(seed) % COUNT(ranges)];

	return feed_random(seed) % ((range < limit ? range : limit) + 1);
}

static void
round_trip(enum framing framing)
{
	static char message[200000];
	const struct cuts big = { 65536, 65536, 0, true };
	const struct cuts small = { 1, 3000, 12345, false };
	struct text frames, want, again;
	uint32_t seed = 42;
	char title[80];
	size_t size;
	int number;
	bool same;

	text_begin(&frames);
	text_begin(&want);
	for (number = 1; number <= 60; number++) {
		size = number == 30 ? sizeof(message) :
		    random_size(frame_limit(framing), &seed);
		if (size > frame_limit(framing))
			size = frame_limit(framing);
		make_message(framing, message, size, &seed);
		feed_frame(frames.stream, framing, message, size);
		fprintf(want.stream, "%d=", number);
		fwrite(message, 1, size, want.stream);
		fputc('|', want.stream);
	}
	fputs("end", want.stream);
	text_end(&frames);
	text_end(&want);
	same = becomes(framing, sizeof(message), frames.data, frames.size,
	    &big, want.data, want.size) &&
	    becomes(framing, sizeof(message), frames.data, frames.size,
	    &small, want.data, want.size);
	snprintf(title, sizeof(title), "%s: 60 messages there and back",
	    name_of(framing));
	ok(same, title);

	text_begin(&again);
	(void)feed_input(framing, sizeof(message), frames.data, frames.size,
	    &small, NULL, again.stream);
	text_end(&again);
	snprintf(title, sizeof(title), "%s: framed again they are the same",
	    name_of(framing));
	ok(text_is(&again, frames.data, frames.size), title);
	free(again.data);
	free(frames.data);
	free(want.data);
}

/* One of size bytes and a small one behind: with a limit of max. */
static bool
limit_holds(enum framing framing, size_t max, size_t size)
{
	static const struct cuts ways[] = {
		{ 0, 4096, 0, false }, { 1, 7000, 9, false },
		{ SIZE_MAX, SIZE_MAX, 0, true },
	};
	static char message[70001];
	struct text frames, want;
	uint32_t seed = 7;
	bool same = true;
	size_t i;

	make_message(framing, message, size, &seed);
	text_begin(&frames);
	feed_frame(frames.stream, framing, message, size);
	feed_frame(frames.stream, framing, "", 0);
	text_end(&frames);
	text_begin(&want);
	if (size > max) {
		fprintf(want.stream, "1>%zu", size);
	} else {
		fputs("1=", want.stream);
		fwrite(message, 1, size, want.stream);
	}
	fputs("|2=|end", want.stream);
	text_end(&want);
	for (i = 0; i < COUNT(ways) && same; i++)
		same = becomes(framing, max, frames.data, frames.size,
		    &ways[i], want.data, want.size);
	free(frames.data);
	free(want.data);
	return same;
}

static void
test_limits(enum framing framing)
{
	static const size_t limits[] = {
		0, 1, 2, 8, 9, 10, 98, 99, 100, 254, 255, 256, 257, 4095, 4096,
		65533, 65534, 65535, 65536, 70000,
	};
	char title[80];
	bool held = true;
	size_t i;

	for (i = 0; i < COUNT(limits) && held; i++) {
		if (limits[i] >= frame_limit(framing))
			continue;
		held = limit_holds(framing, limits[i], limits[i]) &&
		    limit_holds(framing, limits[i], limits[i] + 1);
	}
	snprintf(title, sizeof(title),
	    "%s: max passes, one byte more does not",
	    name_of(framing));
	ok(held, title);
}

static void
test_empty_messages(enum framing framing)
{
	const struct cuts cuts = { 1, 5000, 3, false };
	struct text frames, want;
	char title[80];
	int number;

	text_begin(&frames);
	text_begin(&want);
	for (number = 1; number <= 20000; number++) {
		feed_frame(frames.stream, framing, "", 0);
		fprintf(want.stream, "%d=|", number);
	}
	fputs("end", want.stream);
	text_end(&frames);
	text_end(&want);
	snprintf(title, sizeof(title), "%s: 20000 empty messages",
	    name_of(framing));
	ok(becomes(framing, 0, frames.data, frames.size, &cuts, want.data,
	    want.size), title);
	free(frames.data);
	free(want.data);
}

/* Lines of all lengths around max, and one of a million bytes. */
static void
test_long_lines(void)
{
	static char line[1000001];
	const struct cuts ways[] = {
		{ 1, 1, 0, false }, { 1, 50, 5, false },
		{ SIZE_MAX, SIZE_MAX, 0, true },
	};
	struct text input, want;
	size_t length, i;

	memset(line, 'x', sizeof(line));
	text_begin(&input);
	text_begin(&want);
	for (length = 0; length <= 200; length++) {
		fprintf(input.stream, "%.*s\n", (int)length, line);
		if (length > 100)
			fprintf(want.stream, "%zu>%zu|", length + 1, length);
		else
			fprintf(want.stream, "%zu=%.*s|", length + 1,
			    (int)length, line);
	}
	fputs("end", want.stream);
	text_end(&input);
	text_end(&want);
	for (i = 0; i < COUNT(ways); i++)
		ok(becomes(FRAMING_LINE, 100, input.data, input.size,
		    &ways[i], want.data, want.size),
		    "lines that are too long are counted in full");
	free(input.data);
	free(want.data);
	line[sizeof(line) - 1] = '\n';
	ok(becomes(FRAMING_LINE, 100, line, sizeof(line), &ways[1],
	    TEXT("1>1000000|end")), "a line of a million bytes is one message");
}

/* --- what the feeding cannot show ---------------------------------------- */

/* One step, with what it should come to. */
static bool
step_is(struct decoder *decoder, const char *data, size_t size, bool ended,
    enum decode want, size_t want_used)
{
	struct decoded decoded;
	enum decode got;

	got = decoder_next(decoder, data, size, ended, &decoded);
	if (got != want || decoded.used != want_used)
		printf("# got %d, %zu used; want %d, %zu\n", (int)got,
		    decoded.used, (int)want, want_used);
	return got == want && decoded.used == want_used;
}

static void
test_steps(void)
{
	struct decoder decoder;

	decoder_init(&decoder, FRAMING_LINE, 2);
	ok(step_is(&decoder, TEXT("ab"), false, DECODE_MORE, 0),
	    "a line that may yet be whole stays in the buffer");
	ok(step_is(&decoder, TEXT("abc"), false, DECODE_MORE, 3),
	    "one that is too large is dropped as soon as that is known");
	ok(step_is(&decoder, TEXT("d"), false, DECODE_MORE, 1),
	    "the rest of it is dropped as it comes");
	ok(decoder.number == 1 && decoder.offset == 4,
	    "it is still the first, and four bytes are behind us");
	ok(step_is(&decoder, TEXT("\nx\ny"), false, DECODE_TOO_LARGE, 1),
	    "it is told when its end has come");
	ok(step_is(&decoder, TEXT("x\ny"), false, DECODE_MESSAGE, 2),
	    "the next one passes");
	ok(decoder.number == 3 && decoder.offset == 7,
	    "the third is next, and seven bytes are behind us");
	ok(step_is(&decoder, TEXT("y"), true, DECODE_MESSAGE, 1) &&
	    step_is(&decoder, NULL, 0, true, DECODE_END, 0) &&
	    step_is(&decoder, NULL, 0, true, DECODE_END, 0),
	    "the end is the end however often it is asked for");

	decoder_init(&decoder, FRAMING_LINE, 100);
	(void)step_is(&decoder, TEXT("abc"), false, DECODE_MORE, 0);
	ok(step_is(&decoder, TEXT("\n\n\nde\n"), false, DECODE_MESSAGE, 6),
	    "what held no terminator is not looked at again");

	decoder_init(&decoder, FRAMING_U16, 2);
	ok(step_is(&decoder, TEXT("\0\5"), false, DECODE_TOO_LARGE, 2),
	    "one that is too large is told from its size alone");
	ok(step_is(&decoder, TEXT("abc"), false, DECODE_MORE, 3),
	    "its bytes are dropped as they come");
	ok(step_is(&decoder, TEXT("de\0\1x"), false, DECODE_MESSAGE, 5),
	    "what is left of it is dropped with the next message");
	ok(step_is(&decoder, TEXT("\0\5x"), false, DECODE_TOO_LARGE, 2) &&
	    step_is(&decoder, TEXT("x"), true, DECODE_END, 1) &&
	    step_is(&decoder, NULL, 0, true, DECODE_END, 0),
	    "an end inside one that is too large is not told again");

	decoder_init(&decoder, FRAMING_NETSTRING, 9);
	ok(step_is(&decoder, TEXT("x1:a,"), false, DECODE_MALFORMED, 0) &&
	    step_is(&decoder, TEXT("x1:a,"), false, DECODE_MORE, 5) &&
	    step_is(&decoder, TEXT("1:a,"), false, DECODE_MORE, 4) &&
	    step_is(&decoder, TEXT("1:a,"), true, DECODE_END, 4),
	    "behind a malformed netstring all is dropped");
	decoder_init(&decoder, FRAMING_NETSTRING, 9);
	ok(step_is(&decoder, TEXT("0"), false, DECODE_MORE, 0) &&
	    step_is(&decoder, TEXT("00"), false, DECODE_MALFORMED, 0),
	    "a leading zero is known by the digit behind it");
	decoder_init(&decoder, FRAMING_NETSTRING, 9);
	ok(step_is(&decoder, TEXT("3:abcd"), false, DECODE_MALFORMED, 0),
	    "a missing comma is known by the byte in its place");
	decoder_init(&decoder, FRAMING_NETSTRING, 9);
	ok(step_is(&decoder, TEXT("5:ab"), true, DECODE_CUT, 4) &&
	    step_is(&decoder, NULL, 0, true, DECODE_END, 0),
	    "a message that is cut off is told once");
	ok(step_is(&decoder, TEXT("1:a,"), true, DECODE_END, 4),
	    "behind a message that is cut off there is nothing");
}

/* Whether the next result is want, about bytes that begin at this offset. */
static bool
is_at(struct decoder *decoder, const char *data, size_t size, bool ended,
    enum decode want, uint64_t at)
{
	struct decoded decoded;

	return decoder_next(decoder, data, size, ended, &decoded) == want &&
	    decoded.at == at;
}

static void
test_places(void)
{
	struct decoder decoder;

	decoder_init(&decoder, FRAMING_LINE, 2);
	need(step_is(&decoder, TEXT("a\n"), false, DECODE_MESSAGE, 2) &&
	    step_is(&decoder, TEXT("bcd"), false, DECODE_MORE, 3), "line");
	ok(is_at(&decoder, TEXT("e\n"), false, DECODE_TOO_LARGE, 2),
	    "a line that is too large is at its first byte");
	decoder_init(&decoder, FRAMING_LSP, 2);
	ok(is_at(&decoder, TEXT("stray\n"), false, DECODE_MALFORMED, 0) &&
	    step_is(&decoder, TEXT("stray\n"), false, DECODE_MORE, 6) &&
	    is_at(&decoder, TEXT("Content-Length: 5\n\n"), false,
	    DECODE_TOO_LARGE, 6 + 19),
	    "a message that is too large is after its header");
	decoder_init(&decoder, FRAMING_U16, 2);
	need(step_is(&decoder, TEXT("\0\1a"), false, DECODE_MESSAGE, 3),
	    "u16");
	ok(is_at(&decoder, TEXT("\0\2a"), true, DECODE_CUT, 3),
	    "a message that is cut off is at its size");
}

static void
test_search(void)
{
	static const char field[] = "Content-Length:";
	struct decoder decoder;

	decoder_init(&decoder, FRAMING_LSP, 9);
	need(step_is(&decoder, TEXT("x\nCont"), false, DECODE_MALFORMED, 0),
	    "lsp");
	ok(step_is(&decoder, TEXT("x\nCont"), false, DECODE_MORE, 2),
	    "a line that may yet begin a message stays in the buffer");
	ok(step_is(&decoder, TEXT("Continued\n"), false, DECODE_MORE, 10),
	    "if it does not begin one, it is dropped");
	ok(step_is(&decoder, TEXT("CONTENT-LENGTH"), false, DECODE_MORE, 0) &&
	    decoder.skipping, "a name without its colon stays in the buffer");
	ok(step_is(&decoder, TEXT(field), false, DECODE_MORE, 0) &&
	    !decoder.skipping, "with its colon the search is over");
	ok(step_is(&decoder, TEXT("Content-Length: 1\n\na"), false,
	    DECODE_MESSAGE, 20), "and the message is read from there");
	need(step_is(&decoder, TEXT("x\n"), false, DECODE_MALFORMED, 0),
	    "lsp");
	ok(step_is(&decoder, TEXT("x\nContent-Length"), true, DECODE_END, 16),
	    "at the end of the input an incomplete name is dropped");
}

static void
test_raw(void)
{
	const struct cuts threes = { 3, 3, 0, true };
	struct decoder decoder;

	decoder_init(&decoder, FRAMING_RAW, 4);
	is_int((long long)decoder_room(&decoder), 4,
	    "raw: the room is that of a message");
	ok(step_is(&decoder, NULL, 0, false, DECODE_MORE, 0),
	    "raw: nothing is no message");
	ok(step_is(&decoder, TEXT("a\n\0b"), false, DECODE_MESSAGE, 4),
	    "raw: what is there is a message");
	ok(step_is(&decoder, TEXT("abcde"), false, DECODE_TOO_LARGE, 5),
	    "raw: one above max is too large");
	ok(step_is(&decoder, TEXT("a"), true, DECODE_MESSAGE, 1) &&
	    step_is(&decoder, NULL, 0, true, DECODE_END, 0),
	    "raw: the last one is a message like the others");
	ok(becomes(FRAMING_RAW, 4, TEXT("abcdefgh"), &threes,
	    TEXT("1=abc|2=def|3=gh|end")), "raw: a read is a message");
}

static void
test_room(void)
{
	static const struct {
		enum framing framing;
		size_t max;
		size_t want;
	} sizes[] = {
		{ FRAMING_LINE, 0, 1 },
		{ FRAMING_LINE, 100, 101 },
		{ FRAMING_NULL, 100, 101 },
		{ FRAMING_NETSTRING, 0, 22 },
		{ FRAMING_NETSTRING, 100, 122 },
		{ FRAMING_U16, 100, 102 },
		{ FRAMING_U16LE, 100, 102 },
		{ FRAMING_U32, 100, 104 },
		{ FRAMING_U32LE, 100, 104 },
		{ FRAMING_LSP, 0, 4096 },
		{ FRAMING_LSP, 100, 4196 },
		{ FRAMING_U32, SIZE_MAX - 4, SIZE_MAX },
		{ FRAMING_U32, SIZE_MAX - 3, SIZE_MAX },
		{ FRAMING_LINE, SIZE_MAX, SIZE_MAX },
		{ FRAMING_NETSTRING, SIZE_MAX, SIZE_MAX },
		{ FRAMING_RAW, 0, 1 },
		{ FRAMING_RAW, SIZE_MAX, SIZE_MAX },
	};
	struct decoder decoder;
	char title[80];
	size_t i;

	for (i = 0; i < COUNT(sizes); i++) {
		decoder_init(&decoder, sizes[i].framing, sizes[i].max);
		snprintf(title, sizeof(title), "the room for %s of %zu",
		    name_of(sizes[i].framing), sizes[i].max);
		ok(decoder_room(&decoder) == sizes[i].want, title);
	}
}

/* How far the message at the front reaches in text. */
static void
test_reach(void)
{
	static const struct {
		enum framing framing;
		const char *text;
		size_t size;
		size_t want;
		const char *name;
	} reaches[] = {
		{ FRAMING_LINE, TEXT("ab\ncd\n"), 3, "to the end of a line" },
		{ FRAMING_LINE, TEXT("abc"), 3, "all of a part of one" },
		{ FRAMING_LINE, TEXT("123456789\nx"), 10, "a line too large" },
		{ FRAMING_NULL, TEXT("\0ab"), 1, "an empty message" },
		{ FRAMING_NETSTRING, TEXT("2:ab,1:c,"), 5, "a netstring" },
		{ FRAMING_NETSTRING, TEXT("2:a"), 3, "a part of one" },
		{ FRAMING_NETSTRING, TEXT("9:123456789,1:c,"), 12,
		    "one too large" },
		{ FRAMING_NETSTRING, TEXT("9:1234"), 6, "a part of that" },
		{ FRAMING_NETSTRING, TEXT("9:123456789"), 11,
		    "all but its comma" },
		{ FRAMING_NETSTRING, TEXT("x:ab"), 4, "stray bytes" },
		{ FRAMING_LSP, TEXT("Content-Length: 1\n\nab"), 20,
		    "a header in front" },
		{ FRAMING_LSP, TEXT("x\nContent-Length: 1\n\nab"), 23,
		    "a stray line in front" },
		{ FRAMING_U16, TEXT("\0\1a\0\1b"), 3, "a size in front" },
		{ FRAMING_U16, TEXT("\0\011123456789\0\1b"), 11,
		    "one too large in front" },
	};
	struct decoder decoder;
	struct decoded decoded;
	char title[100];
	size_t i;

	for (i = 0; i < COUNT(reaches); i++) {
		decoder_init(&decoder, reaches[i].framing, 8);
		snprintf(title, sizeof(title), "the reach of %s",
		    reaches[i].name);
		is_int((long long)decoder_reach(&decoder, reaches[i].text,
		    reaches[i].size), (long long)reaches[i].want, title);
	}
	decoder_init(&decoder, FRAMING_NETSTRING, 8);
	decoder_next(&decoder, TEXT("9:"), false, &decoded);
	is_int((long long)decoder_reach(&decoder, TEXT("123456789,1:c,")), 10,
	    "and of what is being dropped");
	is_int((long long)decoder_reach(&decoder, TEXT("1234")), 4,
	    "and of a part of that");
	decoder_init(&decoder, FRAMING_LSP, 8);
	decoder_next(&decoder, TEXT("x\n"), false, &decoded);
	is_int((long long)decoder_reach(&decoder, TEXT("x\ny\n")), 4,
	    "the reach of stray bytes");
}

int
main(void)
{
	size_t i;

	test_rows();
	test_reach();
	test_nonsense();
	for (i = 0; i < COUNT(framings); i++) {
		round_trip(framings[i]);
		test_limits(framings[i]);
		test_empty_messages(framings[i]);
	}
	test_long_lines();
	test_steps();
	test_places();
	test_search();
	test_raw();
	test_room();
	return done_testing();
}
