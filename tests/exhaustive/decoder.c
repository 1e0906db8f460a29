/* SPDX-License-Identifier: MIT */
/*
 * Messages in a stream, in every framing: what is found must be what the model
 * of tests/model.h finds, in every way to cut the input in two, and in every
 * way to cut a short one at all; and what is found, framed again, must be found
 * once more.
 *
 * The parts are what the framing gives a meaning, a byte that has none, sizes
 * around the limits, and the largest numbers.  The limits are none, small ones
 * that some of the messages exceed, and 0.
 */
#include "config.h"

#include "feed.h"
#include "model.h"
#include "every.h"

#define SHORT 5			/* bytes of an input that is cut in all ways */

/* What is checked, since a check is only given a text. */
static enum framing framing;
static const size_t *limits;
static size_t limit_count;

/* A file in memory that is used again and again. */
struct memory {
	FILE *stream;
	char *data;		/* owned by stream */
	size_t size;
};

static struct memory memories[4];

static struct memory *
memory_begin(size_t index)
{
	struct memory *memory = &memories[index];

	if (memory->stream == NULL)
		memory->stream = open_memstream(&memory->data, &memory->size);
	need(memory->stream != NULL, "open_memstream");
	rewind(memory->stream);
	return memory;
}

static void
memory_end(struct memory *memory)
{
	need(fflush(memory->stream) == 0, "fflush");
	memory->size = (size_t)ftell(memory->stream);
}

/* Whether the input becomes want; places are those of feed_input_at(). */
static bool
becomes(size_t max, const char *data, size_t size, const struct cuts *cuts,
    uint64_t places, const struct memory *want)
{
	struct memory *log = memory_begin(1);
	const char *fault;
	char what[100];

	every_runs++;
	fault = cuts == NULL ?
	    feed_input_at(framing, max, data, size, places, log->stream, NULL) :
	    feed_input(framing, max, data, size, cuts, log->stream, NULL);
	memory_end(log);
	if (fault == NULL &&
	    every_is(log->data, log->size, want->data, want->size))
		return true;
	snprintf(what, sizeof(what), "max %zu, cut at %zu, places 0x%" PRIx64
	    ", late end %d: %s", max, cuts == NULL ? 0 : cuts->first, places,
	    cuts != NULL && cuts->late_end, fault == NULL ? "" : fault);
	return every_found(what, log->data, log->size, want->data, want->size);
}

static bool
becomes_in_all_cuts(size_t max, const char *data, size_t size,
    const struct memory *want)
{
	struct cuts cuts = { 0, SIZE_MAX, 0, false };
	uint64_t places;
	bool good = true;

	if (size <= SHORT) {
		for (places = 0; places < UINT64_C(1) << size; places++)
			good = good && becomes(max, data, size, NULL, places,
			    want);
		return good;
	}
	for (cuts.first = 1; cuts.first <= size; cuts.first++) {
		cuts.late_end = cuts.first % 2 == 1;
		good = good && becomes(max, data, size, &cuts, 0, want);
	}
	cuts = (struct cuts){ 1, 1, 0, true };
	return good && becomes(max, data, size, &cuts, 0, want);
}

/* Whether the messages, framed again, are found again. */
static bool
comes_back(size_t max, const char *data, size_t size)
{
	const struct cuts whole = { SIZE_MAX, SIZE_MAX, 0, false };
	struct memory *frames = memory_begin(2);
	struct memory *again = memory_begin(3);

	every_runs++;
	(void)feed_input(framing, max, data, size, &whole, NULL,
	    frames->stream);
	memory_end(frames);
	(void)feed_input(framing, max,
	    every_copy(frames->data, frames->size), frames->size, &whole, NULL,
	    again->stream);
	memory_end(again);
	return every_is(again->data, again->size, frames->data,
	    frames->size) || every_found("there and back", again->data,
	    again->size, frames->data, frames->size);
}

/* Whether a reader will take it for several, that is if it has the end. */
static bool
is_split(const char *data, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if ((framing == FRAMING_LINE && data[i] == '\n') ||
		    (framing == FRAMING_NULL && data[i] == '\0'))
			return true;
	return false;
}

static bool
check(const char *data, size_t size)
{
	struct memory *want;
	size_t i;

	if (frame_splits(framing, data, size) != is_split(data, size)) {
		printf("# frame_splits: not %d\n", is_split(data, size));
		return false;
	}
	for (i = 0; i < limit_count; i++) {
		want = memory_begin(0);
		model(framing, limits[i], data, size, want->stream);
		memory_end(want);
		if (!becomes_in_all_cuts(limits[i], data, size, want) ||
		    !comes_back(limits[i], data, size))
			return false;
	}
	return true;
}

static void
every_message(enum framing chosen, const size_t *max, size_t max_count,
    const struct texts *texts, const char *name)
{
	framing = chosen;
	limits = max;
	limit_count = max_count;
	every(name, texts, check);
}

/*
 * Without a framing a message is what a read returns: each piece, as it was
 * cut, but for more than max.
 */
static bool
check_raw_to(size_t max, const char *data, size_t size)
{
	/* A message of a byte has room, to be refused. */
	size_t room = max == 0 ? 1 : max;
	struct memory *want, *got;
	const char *fault;
	uint64_t places;
	size_t i, length;
	unsigned int number;

	for (places = 0; places < UINT64_C(1) << size; places++) {
		want = memory_begin(0);
		number = 1;
		for (i = 0; i < size; i += length) {
			length = 1;
			while (i + length < size && length < room &&
			    !(places >> (i + length - 1) & 1))
				length++;
			fprintf(want->stream, max == 0 ? "%u>1" : "%u=",
			    number++);
			if (max > 0)
				fwrite(data + i, 1, length, want->stream);
			fputc('|', want->stream);
		}
		fputs("end", want->stream);
		memory_end(want);
		got = memory_begin(1);
		every_runs++;
		fault = feed_input_at(FRAMING_RAW, max, data, size, places,
		    got->stream, NULL);
		memory_end(got);
		if (fault != NULL || !every_is(got->data, got->size, want->data,
		    want->size))
			return every_found(fault != NULL ? fault : "raw",
			    got->data, got->size, want->data, want->size);
	}
	return true;
}

static bool
check_raw(const char *data, size_t size)
{
	return check_raw_to(0, data, size) && check_raw_to(3, data, size);
}

/* Whether text, inside what stands around it, is as in the model. */
static bool
check_inside(const char *before, const char *text, size_t size,
    const char *after)
{
	size_t front = strlen(before);
	size_t back = strlen(after);
	char input[EVERY_BYTES];
	bool good;

	memcpy(input, before, front);
	memcpy(input + front, text, size);
	memcpy(input + front + size, after, back);
	size += front + back;
	good = check(every_copy(input, size), size);
	if (!good)
		every_show("in", input, size);
	return good;
}

static bool
check_field_name(const char *text, size_t size)
{
	return check_inside("Content-", text, size,
	    ":1\nContent-Length: 1\n\nx");
}

static bool
check_field_length(const char *text, size_t size)
{
	return check_inside("Content-Length:", text, size, "\r\n\r\nxy");
}

static void
test_lines(void)
{
	static const struct part parts[] = {
		PART("a"), PART("\n"), PART("\0"), PART("\r"),
	};
	static const struct texts texts = { parts, COUNT(parts), 5, 8 };
	static const struct texts pieces = { parts, COUNT(parts), 4, 6 };
	static const size_t max[] = { 0, 1, 3, SIZE_MAX };

	every_message(FRAMING_LINE, max, COUNT(max), &texts, "every line");
	every_message(FRAMING_NULL, max, COUNT(max), &texts,
	    "every message with a NUL behind");
	every("every piece without a framing", &pieces, check_raw);
}

static void
test_netstrings(void)
{
	static const struct part parts[] = {
		PART("0"), PART("1"), PART("2"), PART(":"), PART(","),
		PART("x"), PART("1844674407370955161"), PART("5"), PART("6"),
		PART("10:abcdefghij"),
	};
	static const struct texts texts = { parts, COUNT(parts), 3, 5 };
	/* With fewer parts, but two messages in an input. */
	static const struct texts longer = { parts, 6, 4, 7 };
	static const size_t max[] = { 0, 1, 10, SIZE_MAX };

	every_message(FRAMING_NETSTRING, max, COUNT(max), &texts,
	    "every netstring, also of the largest sizes");
	every_message(FRAMING_NETSTRING, max + 1, 2, &longer,
	    "every longer row of netstrings");
}

static void
test_sizes(void)
{
	static const struct part parts[] = {
		PART("\0"), PART("\1"), PART("\2"), PART("\xff"),
	};
	static const struct texts texts = { parts, COUNT(parts), 5, 8 };
	static const struct texts longer = { parts, 3, 6, 10 };
	static const size_t max[] = { 0, 1, SIZE_MAX };

	every_message(FRAMING_U16, max, COUNT(max), &texts, "every u16");
	every_message(FRAMING_U16LE, max, COUNT(max), &texts, "every u16le");
	every_message(FRAMING_U32, max + 1, 2, &longer, "every u32");
	every_message(FRAMING_U32LE, max + 1, 2, &longer, "every u32le");
}

/* A field so long that a few fill a header, and one that just fits behind. */
#define LONG_FIELD "X: 0123456789012345678901234567890123456789012345678901\n"
#define LONG_8 LONG_FIELD LONG_FIELD LONG_FIELD LONG_FIELD \
	LONG_FIELD LONG_FIELD LONG_FIELD LONG_FIELD

static void
test_lsp(void)
{
	static const struct part bytes[] = {
		PART("Content-Length"), PART("content-"), PART("Y"), PART(":"),
		PART(" "), PART("\t"), PART("1"), PART("\r"), PART("\n"),
		PART("18446744073709551616"), PART("0"), PART("\0"),
	};
	static const struct part lines[] = {
		PART("Content-Length: 2\r\n"), PART("CONTENT-LENGTH:1\n"),
		PART("Content-Type: y\n"), PART("Y: z\r\n"), PART("\r\n"),
		PART("\n"), PART("x"),
		PART("Content-Length: 18446744073709551615\n"),
		PART("Content-Origin: 1\n"),
	};
	static const struct part numbers[] = {
		PART(" "), PART("\t"), PART("0"), PART("1"), PART("6"),
		PART("1844674407370955161"), PART("5"), PART("-"), PART("\r"),
		PART(":"), PART("/"),
	};
	static struct part all[256];
	static char all_bytes[256];
	static const struct part longs[] = {
		PART(LONG_8 LONG_8 LONG_8 LONG_8), PART(LONG_8 LONG_8),
		PART("Content-Length:1\n"), PART(LONG_FIELD), PART("\n"),
	};
	static const struct texts of_bytes = { bytes, COUNT(bytes), 3, 4 };
	static const struct texts of_lines = { lines, COUNT(lines), 3, 5 };
	static const struct texts of_longs = { longs, COUNT(longs), 1, 4 };
	static const struct texts of_numbers = {
		numbers, COUNT(numbers), 2, 4
	};
	static const struct texts of_all = { all, COUNT(all), 1, 2 };
	static const size_t max[] = { 0, 1, SIZE_MAX };
	size_t i;

	for (i = 0; i < COUNT(all); i++) {
		all_bytes[i] = (char)i;
		all[i] = (struct part){ all_bytes + i, 1 };
	}
	every_message(FRAMING_LSP, max + 1, 1, &of_bytes,
	    "every header of parts of fields");
	every_message(FRAMING_LSP, max, COUNT(max), &of_lines,
	    "every row of fields and messages");
	every_message(FRAMING_LSP, max + 1, 2, &of_longs,
	    "every header around the largest size");
	every("every name of a field", &of_all, check_field_name);
	every("every length", &of_numbers, check_field_length);
}

int
main(int argc, char **argv)
{
	every_begin(argc, argv);
	test_lines();
	test_netstrings();
	test_sizes();
	test_lsp();
	return done_testing();
}
