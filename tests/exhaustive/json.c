/* SPDX-License-Identifier: MIT */
/*
 * What is written of JSON: strings of text and of base64, and the records of a
 * stream whose pieces cut characters.  The model writes the same text, or reads
 * the records by the letter of RFC 8259 and puts the stream together again.
 *
 * The parts are what JSON escapes, controls, the bytes of characters of every
 * length that are shown and hidden, a byte that is in none, and for the tests
 * of eight bytes at once a run that is one byte shorter.
 */
#include "config.h"

#include "trace/json.h"
#include "base64.h"
#include "character.h"
#include "every.h"
#include "held.h"

#define SHORT 4			/* bytes of a stream that is cut in all ways */
#define GAP 10			/* bytes that a stream leaves out */
#define OUTPUT_MAX 90000		/* bytes of what becomes of a text */

static struct held held;

/* --- strings ------------------------------------------------------------- */

/* Put text, valid UTF-8, as JSON.  Returns the size. */
static size_t
model_text(const char *data, size_t size, char *to)
{
	static const char *const escapes[128] = {
		['"'] = "\\\"", ['\\'] = "\\\\", ['\n'] = "\\n",
		['\r'] = "\\r", ['\t'] = "\\t",
	};
	char *start = to;
	size_t length;
	uint32_t code;

	*to++ = '"';
	for (; size > 0; data += length, size -= length) {
		length = model_character(data, size, &code);
		need(length > 0, "a character");
		if (code < COUNT(escapes) && escapes[code] != NULL)
			to += sprintf(to, "%s", escapes[code]);
		else if (!model_is_hidden(code))
			to += sprintf(to, "%.*s", (int)length, data);
		else if (code < 0x10000)
			to += sprintf(to, "\\u%04x", code);
		else
			to += sprintf(to, "\\u%04x\\u%04x",
			    0xd800 + (code - 0x10000) / 0x400,
			    0xdc00 + code % 0x400);
	}
	*to++ = '"';
	return (size_t)(to - start);
}

static bool
is_put(const char *what, const char *want, size_t size)
{
	const struct textbuf *record = &held.sink.record;

	every_runs++;
	return every_is(record->data, record->used, want, size) ||
	    every_found(what, record->data, record->used, want, size);
}

/* In one, and divided behind its first character. */
static bool
check_text(const char *data, size_t size)
{
	char want[OUTPUT_MAX];
	size_t want_size = model_text(data, size, want);
	uint32_t code;
	size_t first = model_character(data, size, &code);

	held_clear(&held);
	json_put_text(&held.sink, NULL, 0, data, size);
	if (!is_put("text", want, want_size))
		return false;
	held_clear(&held);
	json_put_text(&held.sink, data, first, data + first, size - first);
	return is_put("text in two", want, want_size);
}

/* Divided behind each of the first four bytes. */
static bool
check_base64(const char *data, size_t size)
{
	const struct textbuf *record = &held.sink.record;
	size_t first;

	for (first = 0; first <= 4 && first <= size; first++) {
		every_runs++;
		held_clear(&held);
		json_put_base64(&held.sink, data, first, data + first,
		    size - first);
		if (record->used < 2 || record->data[0] != '"' ||
		    record->data[record->used - 1] != '"' ||
		    !model_is_encoded(record->data + 1, record->used - 2, data,
		    size))
			return every_found("base64", record->data,
			    record->used, data, size);
	}
	return true;
}

/* A string, as it is or in an object. */
static bool
check_any(const char *data, size_t size)
{
	const struct textbuf *record = &held.sink.record;
	static const char key[] = "{\"base64\":\"";
	char string[OUTPUT_MAX], want[OUTPUT_MAX];

	memcpy(string, data, size);
	string[size] = '\0';
	held_clear(&held);
	json_put_any(&held.sink, every_copy(string, size + 1));
	if (model_valid(data, size) == size)
		return is_put("any text", want, model_text(data, size, want));
	every_runs++;
	return (record->used > sizeof(key) &&
	    memcmp(record->data, key, sizeof(key) - 1) == 0 &&
	    memcmp(record->data + record->used - 2, "\"}", 2) == 0 &&
	    model_is_encoded(record->data + sizeof(key) - 1,
	    record->used - sizeof(key) - 1, data, size)) ||
	    every_found("any bytes", record->data, record->used, data, size);
}

/* --- records ------------------------------------------------------------- */

/* What is read out of the records. */
struct reading {
	size_t gap_at;		/* bytes behind which there is a gap */
	const char *p;		/* what is left of them */
	const char *end;
	char data[OUTPUT_MAX];
	size_t size;
	size_t binary;		/* records that are not text */
	const char *fault;
};

static bool
take_word(struct reading *reading, const char *word)
{
	size_t size = strlen(word);

	if ((size_t)(reading->end - reading->p) < size ||
	    memcmp(reading->p, word, size) != 0)
		return false;
	reading->p += size;
	return true;
}

static size_t
take_number(struct reading *reading)
{
	char *end;
	size_t number = strtoul(reading->p, &end, 10);

	reading->p = end;
	return number;
}

static uint32_t
take_unit(struct reading *reading)
{
	char digits[5] = "";

	memcpy(digits, reading->p, 4);
	reading->p += 4;
	return (uint32_t)strtoul(digits, NULL, 16);
}

/* A string behind its quote, to the quote that ends it. */
static void
take_text(struct reading *reading)
{
	static const char letters[] = "\"\\nrt", meanings[] = "\"\\\n\r\t";
	const char *found;
	uint32_t code;
	size_t length;

	while (reading->p < reading->end && *reading->p != '"') {
		length = model_character(reading->p,
		    (size_t)(reading->end - reading->p), &code);
		if (length == 0 || model_is_hidden(code)) {
			reading->fault = "not text, or not harmless";
			return;
		}
		if (code != '\\') {
			memcpy(reading->data + reading->size, reading->p,
			    length);
			reading->size += length;
			reading->p += length;
			continue;
		}
		reading->p += 2;
		if (reading->p[-1] == 'u') {
			code = take_unit(reading);
			if (code >= 0xd800 && code < 0xdc00 &&
			    take_word(reading, "\\u"))
				code = 0x10000 + (code - 0xd800) * 0x400 +
				    take_unit(reading) - 0xdc00;
			reading->size += model_encode(code,
			    reading->data + reading->size);
			continue;
		}
		found = strchr(letters, reading->p[-1]);
		if (found == NULL) {
			reading->fault = "no such escape";
			return;
		}
		reading->data[reading->size++] = meanings[found - letters];
	}
	if (!take_word(reading, "\""))
		reading->fault = "no quote";
}

static void
take_base64(struct reading *reading)
{
	const char *quote = memchr(reading->p, '"',
	    (size_t)(reading->end - reading->p));
	long size;

	if (quote == NULL) {
		reading->fault = "no quote";
		return;
	}
	size = model_decode(reading->p, (size_t)(quote - reading->p),
	    reading->data + reading->size);
	if (size == -1)
		reading->fault = "no base64";
	else
		reading->size += (size_t)size;
	reading->p = quote + 1;
	reading->binary++;
}

/* A record of data, behind its type.  Returns how many bytes it is of. */
static size_t
take_piece(struct reading *reading, size_t snaplen)
{
	size_t before = reading->size;
	size_t size, shown;

	if (!take_word(reading, ",\"offset\":"))
		return 0;
	if (take_number(reading) != before +
	    (before >= reading->gap_at ? GAP : 0))
		reading->fault = "not where the one before ends";
	if (!take_word(reading, ",\"size\":"))
		return 0;
	size = shown = take_number(reading);
	if (take_word(reading, ",\"shown\":"))
		shown = take_number(reading);
	if (take_word(reading, ",\"text\":\""))
		take_text(reading);
	else if (take_word(reading, ",\"base64\":\""))
		take_base64(reading);
	else
		reading->fault = "no bytes";
	if (reading->size - before != shown || shown > size ||
	    (shown < size && shown > snaplen))
		reading->fault = "another number of bytes";
	return size;
}

/*
 * Read all records.  Of those of the command's side, which are other events, is
 * only the number known.  Bytes that are not shown are taken from data.
 */
static void
read_records(struct reading *reading, const char *data, size_t snaplen,
    size_t gap_at, size_t *others)
{
	static const char from[] = "{\"t\":0.000000,\"from\":\"stdin\","
	    "\"type\":\"data\"";
	static const char other[] = "{\"t\":0.000000,\"from\":\"command\","
	    "\"type\":\"shutdown\"";
	size_t before, size;

	*reading = (struct reading){
		.gap_at = gap_at,
		.p = held.sink.record.data,
		.end = held.sink.record.data + held.sink.record.used,
	};
	*others = 0;
	while (reading->p < reading->end && reading->fault == NULL) {
		before = reading->size;
		if (take_word(reading, from)) {
			size = take_piece(reading, snaplen);
			memcpy(reading->data + reading->size,
			    data + reading->size, before + size -
			    reading->size);
			reading->size = before + size;
		} else if (take_word(reading, other)) {
			++*others;
		} else {
			reading->fault = "another record";
		}
		if (!take_word(reading, "}\n"))
			reading->fault = "no end";
	}
}

/* What comes at the first cut of a stream. */
enum between { NOTHING, OTHER_EVENT, EMPTY_PIECE, GAP_OF_OFFSETS, BETWEEN };

static const char *const between_names[] = {
	"nothing", "another event", "an empty piece", "a gap"
};

/* A stream with a cut behind each byte whose bit is set in places. */
static bool
check_stream(const char *data, size_t size, uint64_t places,
    enum between between, size_t snaplen)
{
	struct reading reading;
	size_t at, length, others;
	size_t gap_at = SIZE_MAX;
	const char *fault;

	every_runs++;
	held_clear(&held);
	/* The state of a new one. */
	held.sink.format->finish(&held.sink);
	free(held.sink.state);
	need(held.sink.format->start(&held.sink) == 0, "start");
	held_clear(&held);
	held.sink.options.snaplen = snaplen;
	for (at = 0; at < size; at += length) {
		length = 1;
		while (at + length < size &&
		    !(places >> (at + length - 1) & 1))
			length++;
		held_data(&held, TRACE_TO_COMMAND, data + at, length,
		    at + (at >= gap_at ? GAP : 0));
		if (at == 0 && between == OTHER_EVENT)
			held_event(&held, TRACE_SHUTDOWN, TRACE_FROM_COMMAND);
		if (at == 0 && between == EMPTY_PIECE)
			held_data(&held, TRACE_TO_COMMAND, "", 0, length);
		if (at == 0 && between == GAP_OF_OFFSETS)
			gap_at = length;
	}
	held.sink.format->finish(&held.sink);
	read_records(&reading, data, snaplen, gap_at, &others);
	fault = reading.fault;
	if (fault == NULL && others != (between == OTHER_EVENT && size > 0))
		fault = "the other event is missing";
	if (fault == NULL && snaplen >= size &&
	    (between == NOTHING || between == EMPTY_PIECE) &&
	    model_valid(data, size) == size && reading.binary > 0)
		fault = "text is in base64";
	if (fault == NULL && every_is(reading.data, reading.size, data, size))
		return true;
	printf("# places 0x%" PRIx64 ", %s between, snaplen %zu: %s\n",
	    places, between_names[between], snaplen,
	    fault == NULL ? "" : fault);
	every_show("records", held.sink.record.data, held.sink.record.used);
	return every_found("the stream", reading.data, reading.size, data,
	    size);
}

static bool
check_records(const char *data, size_t size)
{
	uint64_t places;
	bool good = true;
	size_t cut;
	enum between between;

	for (between = NOTHING; between < BETWEEN && good; between++) {
		for (places = 0; size <= SHORT && good &&
		    places < UINT64_C(1) << (size > 0 ? size - 1 : 0); places++)
			good = check_stream(data, size, places, between,
			    SIZE_MAX);
		for (cut = 1; size > SHORT && cut < size && good; cut++)
			good = check_stream(data, size,
			    UINT64_C(1) << (cut - 1), between, SIZE_MAX);
	}
	return good;
}

/* With only so many bytes shown of each piece. */
static bool
check_shown(const char *data, size_t size)
{
	size_t cut, snaplen;
	bool good = true;

	for (snaplen = 1; snaplen < size && good; snaplen++)
		for (cut = 1; cut <= size && good; cut++)
			good = check_stream(data, size,
			    UINT64_C(1) << (cut - 1), NOTHING, snaplen);
	return good;
}

int
main(int argc, char **argv)
{
	static const struct part characters[] = {
		PART("a"), PART("\""), PART("\\"), PART("\n"), PART("\0"),
		PART("\x1f"), PART("\x7f"), PART("\xc2\x80"),
		PART("\xc3\xa9"), PART("\xe2\x80\xae"), PART("\xe2\x82\xac"),
		PART("\xf3\xa0\x80\x81"), PART("\xf0\x9f\x98\x80"),
		PART("abcdefg"),
	};
	static char run[8190];
	static const struct part longs[] = {
		{ run, sizeof(run) }, PART("a"), PART("\xc3\xa9"),
		PART("\xe2\x82\xac"), PART("\xf0\x9f\x98\x80"),
	};
	static const struct part binary[] = {
		PART("\0"), PART("\xff"), PART("a"),
	};
	static const struct part strings[] = {
		PART("a"), PART("\""), PART("\r"), PART("\t"), PART("\1"),
		PART("\xc3"), PART("\xa9"), PART("\xff"),
	};
	static const struct part bytes[] = {
		PART("a"), PART("\xc3"), PART("\xa9"), PART("\xe2"),
		PART("\x82"), PART("\xac"), PART("\xf0"), PART("\x9f"),
		PART("\xff"), PART("\""),
	};
	static const struct texts of_characters = {
		characters, COUNT(characters), 3, 5
	};
	static const struct texts of_longs = { longs, COUNT(longs), 3, 4 };
	static const struct texts of_binary = {
		binary, COUNT(binary), 6, 10
	};
	static const struct texts of_strings = {
		strings, COUNT(strings), 3, 6
	};
	static const struct texts of_bytes = { bytes, COUNT(bytes), 3, 5 };
	static const struct texts of_shown = { bytes, COUNT(bytes), 3, 4 };

	every_begin(argc, argv);
	held_open(&held, FORMAT_JSON);
	every("every text is escaped", &of_characters, check_text);
	memset(run, 'r', sizeof(run));
	every("also every one of more than is escaped at a time", &of_longs,
	    check_text);
	every("all bytes are encoded", &of_binary, check_base64);
	every("every word is text or encoded", &of_strings, check_any);
	every("every stream comes back, however it is cut", &of_bytes,
	    check_records);
	every("what is shown of one is right", &of_shown, check_shown);
	held_close(&held);
	return done_testing();
}
