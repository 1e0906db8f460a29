/* SPDX-License-Identifier: MIT */
/*
 * Any events in every format of traces: what is written is well formed and
 * harmless, and gives back the bytes.  The first byte of an input chooses, from
 * the low bits up:
 *
 *	1 bit	the pieces are messages
 *	1 bit	there is a second command
 *	2 bits	how many bytes are shown, see snaplens
 *
 * Then comes a word of the command, up to a NUL, and then the events: 4 bits
 * choose the kind, 1 the direction, and 3 how many of the next bytes it has.
 */
#include "config.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exhaustive/pcapng.h"
#include "exhaustive/shown.h"
#include "target.h"
#include "trace/sink.h"

#define EVENTS_MAX 200
#define DATA_MAX 65536		/* bytes of all pieces of a direction */

static const size_t snaplens[] = { SIZE_MAX, SIZE_MAX, 1, 5 };
static const size_t sizes[] = { 0, 1, 2, 3, 4, 8, 17, 1000 };

/* What is traced. */
struct talk {
	struct trace_run run;
	struct fd_list fds;
	int numbers[2];
	char *command[3];
	char word[300];
	size_t snaplen;
	struct trace_event events[EVENTS_MAX];
	size_t count;
	struct trace_fd passed;
	struct stats stats;
	uint64_t offsets[3];	/* by direction */
	uint64_t numbers_of[3];
};

/* --- the events ---------------------------------------------------------- */

static void
add_event(struct talk *talk, uint8_t byte, const char *data, size_t size)
{
	struct trace_event *event = &talk->events[talk->count++];
	unsigned int kind = byte & 15;

	*event = (struct trace_event){
		.kind = kind <= TRACE_EXIT ? (enum trace_kind)kind : TRACE_DATA,
		.direction = byte & 16 ? TRACE_FROM_COMMAND : TRACE_TO_COMMAND,
		.signal = (int)(size + 1),
		.told = (byte & 32) != 0,
		.duration = (int64_t)size * 1000000,
		.wait_status = byte & 64 ? (int)size + 1 : (int)size << 8,
		.peer_status = byte & 128 ? 9 : 0,
		.stats = &talk->stats,
	};
	if (event->kind == TRACE_DATA || event->kind == TRACE_MESSAGE)
		event->kind = talk->run.messages ? TRACE_MESSAGE : TRACE_DATA;
	if (event->kind == TRACE_FDS) {
		event->fds = &talk->passed;
		event->fd_count = 1;
	}
	if (event->kind != TRACE_DATA && event->kind != TRACE_MESSAGE)
		return;
	event->data = data;
	event->size = size;
	event->offset = talk->offsets[event->direction];
	event->number = ++talk->numbers_of[event->direction];
	talk->offsets[event->direction] += size;
}

static void
read_talk(struct talk *talk, const char *data, size_t size)
{
	static char program[] = "cat";
	unsigned char modes = (unsigned char)data[0];
	size_t length;
	uint8_t byte;

	*talk = (struct talk){
		.numbers = { 0, 1 },
		.snaplen = snaplens[modes >> 2 & 3],
		.run = { .type = "stream", .messages = (modes & 1) != 0 },
	};
	talk->fds = (struct fd_list){ talk->numbers, 2 };
	talk->run.fds = &talk->fds;
	length = strnlen(data + 1, size - 1 < 299 ? size - 1 : 299);
	memcpy(talk->word, data + 1, length);
	talk->command[0] = program;
	talk->command[1] = talk->word;
	talk->run.command = talk->command;
	talk->run.peer = modes & 2 ? talk->word : NULL;
	talk->passed = (struct trace_fd){ 5, TRACE_BOTH, talk->word };
	data += 1 + length;
	size -= 1 + length;
	talk->events[talk->count++] = (struct trace_event){
		.kind = TRACE_START, .pid = 7
	};
	while (size > 1 && talk->count < EVENTS_MAX) {
		byte = (uint8_t)data[0];
		length = sizes[(uint8_t)data[1] & 7];
		data += 2;
		size -= 2;
		if (length > size)
			length = size;
		add_event(talk, byte, data, length);
		if (talk->events[talk->count - 1].size == 0)
			continue;
		data += length;
		size -= length;
	}
}

/*
 * A sink of talk, which is always the same one, in this format.  It is opened
 * once, because mapping its memory takes long, and then started again.
 */
static struct sink *
start_sink(struct talk *talk, enum trace_format format)
{
	static struct sink sinks[FORMAT_PCAPNG + 1];
	struct sink *sink = &sinks[format];
	struct sink_options options;
	int fd;

	if (sink->format != NULL) {
		free(sink->state);
		sink->record.used = 0;
		hold(sink->format->start(sink) == 0, "there is memory");
		return sink;
	}
	sink_options_init(&options);
	options.format = format;
	options.time = TIME_NONE;
	fd = open("/dev/null", O_WRONLY);
	hold(fd != -1 && sink_open(sink, fd, true, "-", &options,
	    &talk->run) == 0, "there is memory");
	/* As if the reader had refused: sink_flush() waits for poll(2). */
	sink->refusals = 1;
	return sink;
}

/* Write all of it in this format, and keep it in the sink's record. */
static const struct textbuf *
write_talk(struct talk *talk, enum trace_format format, bool utf8)
{
	struct sink *sink = start_sink(talk, format);
	size_t i;

	sink->options.utf8 = utf8;
	sink->options.snaplen = talk->snaplen;
	for (i = 0; i < talk->count; i++)
		sink->format->event(sink, &talk->events[i]);
	if (sink->format->finish != NULL)
		sink->format->finish(sink);
	hold(!sink->record.cut && sink->error == 0, "all is written");
	return &sink->record;
}

/* The bytes of a direction that are shown; all, one after the other. */
static size_t
talk_data(const struct talk *talk, enum trace_direction direction, char *to)
{
	const struct trace_event *event;
	size_t size = 0;
	size_t shown, i;

	for (i = 0; i < talk->count; i++) {
		event = &talk->events[i];
		shown = event->size < talk->snaplen ? event->size :
		    talk->snaplen;
		if (event->direction != direction || shown == 0)
			continue;
		memcpy(to + size, event->data, shown);
		size += shown;
	}
	return size;
}

static bool
is_same(const char *one, size_t one_size, const char *other,
    size_t other_size)
{
	return one_size == other_size &&
	    (one_size == 0 || memcmp(one, other, one_size) == 0);
}

/* --- text ---------------------------------------------------------------- */

static void
check_text(struct talk *talk, enum trace_format format, bool utf8)
{
	static char want[2 * DATA_MAX], got[2 * DATA_MAX];
	const struct textbuf *record = write_talk(talk, format, utf8);
	size_t size;

	hold(model_is_harmless(record->data, record->used, utf8, "\n"),
	    "text is harmless");
	/* A row in hexadecimal has its offset, so none may be left out. */
	if (talk->snaplen == SIZE_MAX) {
		size = talk_data(talk, TRACE_TO_COMMAND, want);
		hold(is_same(got, model_read_trace(record->data, record->used,
		    '>', 0, got), want, size), "text gives back the input");
		size = talk_data(talk, TRACE_FROM_COMMAND, want);
		hold(is_same(got, model_read_trace(record->data, record->used,
		    '<', 0, got), want, size), "text gives back the output");
	}
}

/* --- JSON ---------------------------------------------------------------- */

/* Decode base64, by the digits alone: a parser has seen the string. */
static size_t
decode_base64(const char *text, char *to)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned int bits = 0, held = 0;
	char *start = to;

	for (; *text != '\0' && *text != '='; text++) {
		hold(strchr(digits, *text) != NULL, "it is base64");
		bits = bits << 6 | (unsigned int)(strchr(digits, *text) -
		    digits);
		held += 6;
		if (held >= 8) {
			held -= 8;
			*to++ = (char)(bits >> held);
		}
	}
	return (size_t)(to - start);
}

/* The bytes of a value: a string, or an object with base64. */
static size_t
decode_value(const json_t *value, char *to)
{
	const json_t *base64 = json_object_get(value, "base64");

	if (base64 != NULL)
		return decode_base64(json_string_value(base64), to);
	hold(json_is_string(value), "a value is a string");
	memcpy(to, json_string_value(value), json_string_length(value));
	return json_string_length(value);
}

/* The bytes of an event; also how many of them are not shown. */
static size_t
decode_bytes(const json_t *event, char *to)
{
	const json_t *text = json_object_get(event, "text");
	size_t size = 0;

	if (text != NULL) {
		size = json_string_length(text);
		memcpy(to, json_string_value(text), size);
	} else if (json_object_get(event, "base64") != NULL) {
		size = decode_base64(json_string_value(json_object_get(event,
		    "base64")), to);
	} else {
		return 0;
	}
	hold((json_int_t)size == json_integer_value(json_object_get(event,
	    json_object_get(event, "shown") != NULL ? "shown" : "size")),
	    "the size is that of the bytes");
	return size;
}

static void
check_start(const struct talk *talk, const json_t *event)
{
	const json_t *words = json_object_get(event, "argv");
	char word[1000];

	hold(json_array_size(words) == 2, "there are all words");
	hold(is_same(word, decode_value(json_array_get(words, 1), word),
	    talk->word, strlen(talk->word)), "a word is the same");
	if (talk->run.peer != NULL)
		hold(is_same(word, decode_value(json_object_get(event, "peer"),
		    word), talk->word, strlen(talk->word)),
		    "the peer is the same");
}

static void
check_json(struct talk *talk)
{
	static char want[2 * DATA_MAX], got[2][2 * DATA_MAX];
	const struct textbuf *record = write_talk(talk, FORMAT_JSON, true);
	const char *line, *newline, *end, *from;
	size_t used[2] = { 0, 0 };
	json_t *event;
	size_t side;

	hold(model_is_harmless(record->data, record->used, true, "\n"),
	    "JSON is harmless");
	end = record->data + record->used;
	for (line = record->data; line < end; line = newline + 1) {
		newline = memchr(line, '\n', (size_t)(end - line));
		hold(newline != NULL, "each line ends");
		event = json_loadb(line, (size_t)(newline - line),
		    JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
		hold(json_is_object(event), "each line is an object");
		from = json_string_value(json_object_get(event, "from"));
		side = from != NULL && strcmp(from, "command") == 0;
		used[side] += decode_bytes(event, got[side] + used[side]);
		if (strcmp(json_string_value(json_object_get(event, "type")),
		    "start") == 0)
			check_start(talk, event);
		json_decref(event);
	}
	/* With --snaplen a character that is cut is left out. */
	if (talk->snaplen == SIZE_MAX) {
		hold(is_same(got[0], used[0], want, talk_data(talk,
		    TRACE_TO_COMMAND, want)), "JSON gives back the input");
		hold(is_same(got[1], used[1], want, talk_data(talk,
		    TRACE_FROM_COMMAND, want)), "JSON gives back the output");
	}
}

/* --- pcapng -------------------------------------------------------------- */

/* Check the options at data, and that comments are harmless text. */
static void
check_options(const char *data, size_t size)
{
	struct pcapng_option option;

	while (pcapng_take_option(&data, &size, &option))
		if (option.code == 1)
			hold(model_is_harmless(option.value, option.size, true,
			    ""), "a comment is harmless");
	hold(size == 0, "options end");
}

/*
 * The payload of a packet of TCP or UDP, which has size bytes at ip, put at the
 * end of what its side has said.
 */
static void
take_payload(const char *ip, size_t size, char got[2][2 * DATA_MAX],
    size_t used[2])
{
	size_t side = ip[15] == 2;
	size_t header = ip[9] == 17 ? 28 : ip[9] != 6 ? size :
	    20 + (size_t)((unsigned char)ip[32] >> 4) * 4;

	hold(size >= 20 && ip[0] == 0x45 && header <= size,
	    "a packet has its headers");
	memcpy(got[side] + used[side], ip + header, size - header);
	used[side] += size - header;
}

static void
check_pcapng(struct talk *talk)
{
	static char want[2 * DATA_MAX], got[2][2 * DATA_MAX];
	const struct textbuf *record = write_talk(talk, FORMAT_PCAPNG, true);
	const char *data = record->data;
	size_t size = record->used;
	size_t used[2] = { 0, 0 };
	struct pcapng_block block;
	size_t fixed, captured, padded;

	while (pcapng_take_block(&data, &size, &block)) {
		fixed = block.type == 0x0a0d0d0a ? 16 : block.type == 1 ? 8 :
		    block.type == 5 ? 12 : 20;
		hold(block.size >= fixed, "a block has its fields");
		captured = fixed == 20 ? pcapng_read32(block.body + 12) : 0;
		padded = pcapng_padded(block.body + fixed, captured,
		    block.size - fixed);
		hold(padded >= captured, "a packet is padded");
		check_options(block.body + fixed + padded,
		    block.size - fixed - padded);
		if (fixed == 20)
			take_payload(block.body + 20, captured, got, used);
	}
	hold(size == 0, "the file is all blocks");
	hold(is_same(got[0], used[0], want, talk_data(talk, TRACE_TO_COMMAND,
	    want)), "a capture gives back the input");
	hold(is_same(got[1], used[1], want, talk_data(talk,
	    TRACE_FROM_COMMAND, want)), "a capture gives back the output");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct talk talk;

	if (size < 1 || size > DATA_MAX)
		return 0;
	read_talk(&talk, (const char *)data, size);
	check_text(&talk, FORMAT_TEXT, true);
	check_text(&talk, FORMAT_TEXT, false);
	check_text(&talk, FORMAT_HEX, true);
	check_json(&talk);
	check_pcapng(&talk);
	return 0;
}
