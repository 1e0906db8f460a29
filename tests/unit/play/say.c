/* SPDX-License-Identifier: MIT */
/* Our steps, said through a link of this test that takes what it is told to. */
#include "config.h"

#include "plan/names.h"
#include "play/say.h"
#include "talk.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* --- the link ------------------------------------------------------------ */

static struct {
	enum io result;		/* of what is written next */
	size_t room;		/* bytes that one write takes */
	char data[TALK_BYTES];
	size_t size;
	int messages;
	int half_closes;
} taken;

enum io
link_write(struct link *link, const struct iovec *iov, int count, size_t *done)
{
	size_t left = taken.room;
	size_t size;
	int i;

	(void)link;
	if (taken.result != IO_MOVED)
		return taken.result;
	for (i = 0; i < count; i++) {
		size = iov[i].iov_len < left ? iov[i].iov_len : left;
		memcpy(taken.data + taken.size, iov[i].iov_base, size);
		taken.size += size;
		left -= size;
	}
	*done = taken.room - left;
	return IO_MOVED;
}

enum io
link_send(struct link *link, const char *message, size_t size)
{
	(void)link;
	if (taken.result != IO_MOVED)
		return taken.result;
	memcpy(taken.data + taken.size, message, size);
	taken.size += size;
	taken.messages++;
	return IO_MOVED;
}

void
link_half_close(struct link *link)
{
	link->out = -1;
	taken.half_closes++;
}

/* --- cases --------------------------------------------------------------- */

static struct talk talk;
static struct link pretended;
static struct say say;

static void
begin(size_t room)
{
	memset(&taken, 0, sizeof(taken));
	taken.result = IO_MOVED;
	taken.room = room;
	pretended = (struct link){ .in = 3, .out = 3 };
	say_init(&say, &talk.record, &pretended, SPEAKER_STDIN);
}

static void
add(enum step_kind kind, enum speaker speaker, const char *text)
{
	need(talk_add(&talk, kind, speaker, text, strlen(text)), "talk_add");
}

/* Say all, and count what is left at each step.  False if that is wrong. */
static bool
say_all(void)
{
	size_t next, left;
	bool is_right = true;

	while (!say_is_done(&say)) {
		next = say.next;
		left = say_left(&say);
		is_right &= say_next(&say) == IO_MOVED;
		if (say.next == next)
			is_right &= say_left(&say) == left - taken.room;
		else
			is_right &= left <= taken.room;
	}
	return is_right;
}

static void
test_stream(void)
{
	char title[80];
	size_t room;

	talk_init(&talk);
	add(STEP_DATA, SPEAKER_COMMAND, "hello");
	add(STEP_NONE, SPEAKER_STDIN, "lost");
	add(STEP_DATA, SPEAKER_STDIN, "one");
	add(STEP_DATA, SPEAKER_COMMAND, "yes");
	add(STEP_DATA, SPEAKER_STDIN, "");
	need(talk_add(&talk, STEP_DATA, SPEAKER_STDIN, "t\0o\n", 4), "add");
	add(STEP_END, SPEAKER_STDIN, "");
	add(STEP_DATA, SPEAKER_COMMAND, "bye");
	for (room = 1; room <= 6; room++) {
		begin(room);
		snprintf(title, sizeof(title),
		    "%zu bytes at a time, our steps are said", room);
		ok(say.next == 2 && say_all() && say_is_done(&say), title);
		snprintf(title, sizeof(title), "%zu: in order", room);
		is_mem(taken.data, taken.size, "onet\0o\n", 7, title);
		snprintf(title, sizeof(title), "%zu: with the end", room);
		is_int(taken.half_closes, 1, title);
	}

	talk_init(&talk);
	add(STEP_DATA, SPEAKER_COMMAND, "hello");
	begin(9);
	ok(say_is_done(&say), "a side that says nothing is done at once");
}

static void
test_wire(enum framing framing, const char *bytes, size_t size)
{
	char title[80];
	size_t room;
	bool is_right = true;

	talk_init(&talk);
	talk.record.has_messages = true;
	talk.record.wire = (int)framing;
	add(STEP_DATA, SPEAKER_STDIN, "one");
	add(STEP_DATA, SPEAKER_COMMAND, "no");
	add(STEP_DATA, SPEAKER_STDIN, "");
	add(STEP_DATA, SPEAKER_STDIN, "0123456789");
	for (room = 1; room <= size; room++) {
		begin(room);
		is_right &= say_all() && taken.size == size &&
		    memcmp(taken.data, bytes, size) == 0;
	}
	snprintf(title, sizeof(title), "messages are framed as %s, in any "
	    "pieces", names_name(framing_names, (int)framing));
	ok(is_right && taken.messages == 0, title);
}

static void
test_wires(void)
{
	static const struct {
		enum framing framing;
		const char *bytes;
		size_t size;
	} wires[] = {
#define WIRE(framing, bytes) { framing, bytes, sizeof(bytes) - 1 }
		WIRE(FRAMING_LINE, "one\n\n0123456789\n"),
		WIRE(FRAMING_NULL, "one\0\0" "0123456789\0"),
		WIRE(FRAMING_NETSTRING, "3:one,0:,10:0123456789,"),
		WIRE(FRAMING_U16, "\0\3one\0\0\0\n0123456789"),
		WIRE(FRAMING_U16LE, "\3\0one\0\0\n\0" "0123456789"),
		WIRE(FRAMING_U32, "\0\0\0\3one\0\0\0\0\0\0\0\n0123456789"),
		WIRE(FRAMING_U32LE,
		    "\3\0\0\0one\0\0\0\0\n\0\0\0" "0123456789"),
		WIRE(FRAMING_LSP, "Content-Length: 3\r\n\r\none"
		    "Content-Length: 0\r\n\r\n"
		    "Content-Length: 10\r\n\r\n0123456789"),
#undef WIRE
	};
	size_t i;

	for (i = 0; i < COUNT(wires); i++)
		test_wire(wires[i].framing, wires[i].bytes, wires[i].size);
}

static void
test_messages(void)
{
	talk_init(&talk);
	talk.record.type = SOCK_SEQPACKET;
	talk.record.has_messages = true;
	add(STEP_DATA, SPEAKER_STDIN, "one");
	add(STEP_DATA, SPEAKER_STDIN, "");
	add(STEP_END, SPEAKER_STDIN, "");
	begin(0);
	is_int((long long)say_left(&say), 3, "a message is left");
	ok(say_next(&say) == IO_MOVED && say.next == 1 && taken.messages == 1,
	    "a message is sent as a whole");
	ok(say_next(&say) == IO_MOVED && say.next == 2 && taken.messages == 2,
	    "and an empty one");
	is_int((long long)say_left(&say), 0, "of an end nothing is left");
	ok(say_next(&say) == IO_MOVED && say_is_done(&say) &&
	    taken.half_closes == 1, "and the end");
}

/* What is not moved must not be lost, nor said twice. */
static void
test_results(bool has_messages)
{
	static const enum io results[] = {
		IO_AGAIN, IO_TOO_LARGE, IO_FAILED
	};
	char title[80];
	size_t i;

	talk_init(&talk);
	talk.record.has_messages = has_messages;
	add(STEP_DATA, SPEAKER_STDIN, "one");
	for (i = 0; i < COUNT(results); i++) {
		begin(9);
		taken.result = results[i];
		snprintf(title, sizeof(title), "result %d of %s is returned",
		    results[i], has_messages ? "a message" : "a stream");
		is_int(say_next(&say), results[i], title);
		taken.result = IO_MOVED;
		snprintf(title, sizeof(title), "after %d it can be said",
		    results[i]);
		ok(!say_is_done(&say) && say_next(&say) == IO_MOVED &&
		    say_is_done(&say) && taken.size == 3, title);
	}
}

static void
test_refused(bool has_messages)
{
	const char *what = has_messages ? "message" : "piece";
	char title[100];

	talk_init(&talk);
	talk.record.has_messages = has_messages;
	add(STEP_DATA, SPEAKER_STDIN, "one");
	add(STEP_SIGNAL, SPEAKER_STDIN, "");
	add(STEP_DATA, SPEAKER_STDIN, "two");
	add(STEP_END, SPEAKER_STDIN, "");
	add(STEP_LEAVE, SPEAKER_STDIN, "");
	begin(9);
	taken.result = IO_END;
	snprintf(title, sizeof(title), "a %s that nobody reads is left out",
	    what);
	ok(say_next(&say) == IO_END && taken.half_closes == 1 &&
	    say.next == 1, title);
	taken.result = IO_MOVED;
	say_end_step(&say);
	snprintf(title, sizeof(title), "and the next %s, behind a signal",
	    what);
	ok(say.next == 2 && say_next(&say) == IO_END && taken.size == 0 &&
	    say.next == 3, title);
	snprintf(title, sizeof(title), "the end and what follows are done (%s)",
	    what);
	ok(say_next(&say) == IO_MOVED && say.next == 4, title);
	say_end_step(&say);
	snprintf(title, sizeof(title), "then all is done (%s)", what);
	ok(say_is_done(&say), title);
}

static void
test_leave_out(void)
{
	talk_init(&talk);
	add(STEP_DATA, SPEAKER_STDIN, "one");
	add(STEP_DATA, SPEAKER_STDIN, "two");
	begin(2);
	ok(say_next(&say) == IO_MOVED && say_left(&say) == 1,
	    "a part is said");
	say_leave_out(&say);
	ok(say_is_done(&say), "the rest can be left out");
}

int
main(void)
{
	test_stream();
	test_wires();
	test_messages();
	test_results(false);
	test_results(true);
	test_refused(false);
	test_refused(true);
	test_leave_out();
	return done_testing();
}
