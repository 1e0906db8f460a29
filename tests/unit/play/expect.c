/* SPDX-License-Identifier: MIT */
/*
 * What comes through a link of this test, which hands out some bytes or one
 * message at a time, until there is no more.
 */
#include "config.h"

#include "plan/names.h"
#include "play/expect.h"
#include "talk.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define LARGE ((size_t)700000)	/* bytes, more than are read at a time */
#define SURPLUS ((size_t)64 << 10)	/* as in expect.c */

static char large[LARGE + SURPLUS + 100];

/* --- the link ------------------------------------------------------------ */

static struct {
	const char *data;
	size_t size;
	size_t piece;		/* bytes of one read */
	enum io last;		/* the result when nothing is left */
	const size_t *sizes;	/* of messages, and how many there are */
	size_t count;
} coming;

enum io
link_read(struct link *link, void *data, size_t size, size_t *got)
{
	(void)link;
	/* As read(2): no room looks like the end. */
	if (coming.size == 0 || size == 0)
		return size == 0 ? IO_END : coming.last;
	if (size > coming.piece)
		size = coming.piece;
	if (size > coming.size)
		size = coming.size;
	memcpy(data, coming.data, size);
	coming.data += size;
	coming.size -= size;
	*got = size;
	return IO_MOVED;
}

enum io
link_receive(struct link *link, const char **message, size_t *size)
{
	(void)link;
	if (coming.count == 0)
		return coming.last;
	*message = coming.data;
	*size = *coming.sizes;
	coming.data += *size;
	coming.sizes++;
	coming.count--;
	return IO_MOVED;
}

/* --- tools --------------------------------------------------------------- */

static const struct ignore nothing;
static struct talk talk;
static struct link pretended;
static struct mailbox mailbox;
static struct expect expect;

static void
command_says(const char *data, size_t size)
{
	need(talk_add(&talk, STEP_DATA, SPEAKER_COMMAND, data, size),
	    "talk_add");
}

static void
begin(const char *data, size_t size, size_t piece)
{
	memset(&coming, 0, sizeof(coming));
	coming.data = data;
	coming.size = size;
	coming.piece = piece;
	coming.last = IO_END;
	need(expect_init(&expect, &pretended, &talk.record, &nothing,
	    SPEAKER_COMMAND, "it") == 0, "expect_init");
}

/* Take all that comes; the last result. */
static enum io
take_all(void)
{
	enum io result;

	while ((result = expect_next(&expect)) == IO_MOVED)
		;
	return result;
}

/* What is found; words are marked.  Then end. */
static const char *
found(void)
{
	static char text[300];
	const struct difference *difference = &expect.compare.difference;

	text[0] = '\0';
	if (difference->is_found)
		snprintf(text, sizeof(text), "%s: %.*s / %.*s",
		    difference->what, (int)difference->expected.size,
		    difference->expected.data, (int)difference->got.size,
		    difference->got.data);
	else if (!compare_is_done(&expect.compare))
		snprintf(text, sizeof(text), "something is missing");
	expect_free(&expect);
	return text;
}

/* --- streams ------------------------------------------------------------- */

static void
test_stream(void)
{
	size_t piece;

	talk_init(&talk);
	command_says("one\n", 4);
	talk_add(&talk, STEP_DATA, SPEAKER_STDIN, "?", 1);
	command_says("two\n", 4);
	talk_add(&talk, STEP_END, SPEAKER_COMMAND, NULL, 0);
	for (piece = 1; piece <= 8; piece++) {
		begin("one\ntwo\n", 8, piece);
		ok(take_all() == IO_END && expect.has_ended,
		    "a stream is read to its end");
		is_str(found(), "", "it is as recorded");
		begin("one\ntoo\nmore", 12, piece);
		ok(take_all() == IO_END && expect.has_ended,
		    "another one as well");
		is_str(found(), "byte 5 of it: wo\n / oo\n",
		    "and differs, in any pieces");
	}
	begin("one", 3, 9);
	is_int(take_all(), IO_END, "an early end comes");
	is_int(expect_next(&expect), IO_END, "it comes again and again");
	is_str(found(), "byte 3 of it: \n / the end", "but differs once");

	begin("one\ntwo\n", 8, 9);
	coming.last = IO_AGAIN;
	is_int(take_all(), IO_AGAIN, "when nothing comes, nothing is read");
	ok(!expect.has_ended, "and that is not the end");
	is_int(expect_end(&expect), IO_END, "somebody else can say so");
	is_str(found(), "", "and it is compared");

	begin("one\n", 4, 9);
	coming.last = IO_FAILED;
	is_int(take_all(), IO_FAILED, "an error is returned");
	is_str(found(), "something is missing", "and is not the end");
}

/* --- messages in a stream ------------------------------------------------ */

static void
begin_talk(enum framing framing)
{
	talk_init(&talk);
	talk.record.has_messages = true;
	talk.record.wire = (int)framing;
}

struct wire {
	enum framing framing;
	const char *bytes;	/* of the messages "one", "" and "three" */
	size_t size;
};

#define WIRE_OF(framing, bytes) { framing, bytes, sizeof(bytes) - 1 }

static const struct wire wires[] = {
	WIRE_OF(FRAMING_LINE, "one\n\nthree\n"),
	WIRE_OF(FRAMING_NULL, "one\0\0three\0"),
	WIRE_OF(FRAMING_NETSTRING, "3:one,0:,5:three,"),
	WIRE_OF(FRAMING_U16, "\0\3one\0\0\0\5three"),
	WIRE_OF(FRAMING_U16LE, "\3\0one\0\0\5\0three"),
	WIRE_OF(FRAMING_U32, "\0\0\0\3one\0\0\0\0\0\0\0\5three"),
	WIRE_OF(FRAMING_U32LE, "\3\0\0\0one\0\0\0\0\5\0\0\0three"),
	WIRE_OF(FRAMING_LSP, "Content-Length: 3\r\n\r\none"
	    "content-length: 0\r\nContent-Type: x\r\n\r\n"
	    "Content-Length:5\n\nthree"),
};

static void
three_messages(enum framing framing)
{
	begin_talk(framing);
	command_says("one", 3);
	talk_add(&talk, STEP_DATA, SPEAKER_STDIN, "?", 1);
	command_says("", 0);
	command_says("three", 5);
	talk_add(&talk, STEP_END, SPEAKER_COMMAND, NULL, 0);
}

static bool
is_found(const struct wire *wire, size_t size, const char *what)
{
	const char *got;
	size_t piece;

	for (piece = 1; piece <= size; piece++) {
		begin(wire->bytes, size, piece);
		if (take_all() != IO_END)
			return false;
		got = found();
		if (strcmp(got, what) != 0) {
			printf("# by %zu: '%s'\n", piece, got);
			return false;
		}
	}
	return true;
}

static void
test_wire(const struct wire *wire)
{
	const char *name = names_name(framing_names, (int)wire->framing);
	const char *cut = "message 3 of it: three / the end, inside a message";
	char title[80];

	three_messages(wire->framing);
	snprintf(title, sizeof(title), "%s: messages are found in any pieces",
	    name);
	ok(is_found(wire, wire->size, ""), title);
	if (frame_layouts[wire->framing].is_terminated) {
		snprintf(title, sizeof(title),
		    "%s: the last one need not be terminated", name);
		ok(is_found(wire, wire->size - 1, ""), title);
		cut = "byte 4 of message 3 of it: e / ";
	}
	snprintf(title, sizeof(title), "%s: one that is cut is found", name);
	ok(is_found(wire, wire->size - 2, cut), title);
	talk.steps[3].size--;
	snprintf(title, sizeof(title), "%s: a longer one differs", name);
	ok(is_found(wire, wire->size, "byte 4 of message 3 of it:  / e"),
	    title);
	talk.steps[3].kind = STEP_NONE;
	snprintf(title, sizeof(title), "%s: one more differs", name);
	ok(is_found(wire, wire->size,
	    "byte 0 of message 3 of it: the end / three"), title);
}

static void
test_stray(void)
{
	static const struct wire netstring = WIRE_OF(FRAMING_NETSTRING,
	    "3:one,x\n5:three,");
	static const struct wire lsp = WIRE_OF(FRAMING_LSP,
	    "Content-Length: 3\r\n\r\noneWARNING: x\n"
	    "Content-Length: 0\r\n\r\n");

	three_messages(FRAMING_NETSTRING);
	ok(is_found(&netstring, netstring.size,
	    "message 2 of it:  / x"), "what is no netstring differs");
	three_messages(FRAMING_LSP);
	ok(is_found(&lsp, lsp.size, "message 2 of it:  / WARNING: x"),
	    "what is no header differs");
	begin_talk(FRAMING_LSP);
	command_says("one", 3);
	begin(lsp.bytes, lsp.size, 7);
	expect.compare.takes_surplus = true;
	is_int(take_all(), IO_END, "it is read to its end");
	is_str(found(), "", "but not when anything may come");
}

/* Messages around the sizes that count, in large and small pieces. */
static void
check_large(size_t recorded, size_t size, const char *what, const char *name)
{
	static const size_t pieces[] = { SIZE_MAX, 65536, 4093 };
	static char stream[FRAME_HEADER_MAX + sizeof(large)];
	static char data[LARGE];
	struct step step = {
		.kind = STEP_DATA, .speaker = SPEAKER_COMMAND,
		.line = 1, .size = recorded
	};
	size_t header = frame_header(FRAMING_U32, size, stream);
	const char *got;
	size_t i;
	bool is_right = true;

	memcpy(stream + header, large, size);
	memcpy(data, large, recorded);
	begin_talk(FRAMING_U32);
	talk.steps[talk.record.count++] = step;
	talk.record.data = data;
	talk.record.largest[SPEAKER_COMMAND] = recorded;
	for (i = 0; i < COUNT(pieces); i++) {
		begin(stream, header + size, pieces[i]);
		is_right &= take_all() == IO_END;
		got = found();
		is_right &= *what == '\0' ? *got == '\0' :
		    strncmp(got, what, strlen(what)) == 0;
	}
	ok(is_right, name);
}

static void
test_large(void)
{
	char words[200];

	memset(large, 'x', sizeof(large));
	check_large(LARGE, LARGE, "", "a large message is found");
	check_large(LARGE, LARGE + SURPLUS, "byte 700000 of message 1 of it:",
	    "one larger by 64 KiB is compared");
	snprintf(words, sizeof(words),
	    "message 1 of it: %.*s / a message of 765537 bytes",
	    DIFFERENCE_SHOWN, large);
	check_large(LARGE, LARGE + SURPLUS + 1, words,
	    "one larger than that is not, and its size is shown");
	check_large(3, 3, "", "a small message is found");
	check_large(3, SURPLUS + 4,
	    "message 1 of it: xxx / a message of 65540 bytes",
	    "one much larger than a small one is not compared");
}

/* --- messages of a socket ------------------------------------------------ */

static void
test_messages(void)
{
	static const size_t sizes[] = { 3, 0, 5 };
	static const size_t much[] = { 3, 0, SURPLUS + 6 };

	three_messages(FRAMING_LINE);
	talk.record.wire = -1;
	mailbox.largest = expect_largest(&talk.record, SPEAKER_COMMAND);
	pretended.mailbox = &mailbox;
	is_int((long long)mailbox.largest, 5 + (long long)SURPLUS,
	    "there is room for a larger message than all recorded ones");
	begin("onethree", 0, 0);
	coming.sizes = sizes;
	coming.count = 3;
	is_int(take_all(), IO_END, "messages are received");
	is_str(found(), "", "they are as recorded");
	begin("onethrew", 0, 0);
	coming.sizes = sizes;
	coming.count = 3;
	is_int(take_all(), IO_END, "other ones as well");
	is_str(found(), "byte 4 of message 3 of it: e / w", "and differ");
	begin("one", 0, 0);
	coming.sizes = much;
	coming.count = 3;
	is_int(take_all(), IO_END, "a very large one as well");
	is_str(found(),
	    "message 3 of it: three / a message of 65542 bytes",
	    "and its size is shown");
	pretended.mailbox = NULL;
}

static int
lack_memory(void *unused)
{
	(void)unused;
	talk_init(&talk);
	use_up_memory();
	errno = 0;
	ASK(expect_init(&expect, &pretended, &talk.record, &nothing,
	    SPEAKER_COMMAND, "it") == -1 && errno == ENOMEM);
	expect_free(&expect);
	return 0;
}

int
main(void)
{
	size_t i;

	test_stream();
	for (i = 0; i < COUNT(wires); i++)
		test_wire(&wires[i]);
	test_stray();
	test_large();
	test_messages();
	if (can_limit_memory())
		is_int(run_child(lack_memory, NULL), 0,
		    "a lack of memory is reported");
	else
		elsewhere("a lack of memory is reported", "no limit here");
	return done_testing();
}
