/* SPDX-License-Identifier: MIT */
/*
 * The conduit from frames to other frames: what it writes, the faults that it
 * reports, the end of the input, what is lost when the reader leaves, and
 * what traces show of all this.
 */
#include "config.h"

#include "conduit.h"
#include "traced.h"

#define LARGEST 1000
#define TO_WIRE true
#define FROM_WIRE false
#define TEXT(text) text, sizeof(text) - 1

static char block[300000];

static void
open_reframe(enum framing in, enum framing out, bool is_to_wire)
{
	need(conduit_open_reframe(&conduit, in, out, LARGEST, is_to_wire) == 0,
	    "conduit_open_reframe");
}

/* From a pipe into a pipe. */
static void
begin(enum framing in, enum framing out, bool is_to_wire)
{
	begin_src_pipe();
	begin_dst_pipe();
	open_reframe(in, out, is_to_wire);
}

/* Whether what has been written is this, and no more. */
static bool
comes(const char *want, size_t want_size)
{
	ssize_t size = poll(&(struct pollfd){ reader, POLLIN, 0 }, 1, 0) == 1 ?
	    read(reader, block, sizeof(block)) : 0;

	if (size == (ssize_t)want_size && memcmp(block, want, want_size) == 0)
		return true;
	printf("# got %zd bytes: %.*s\n", size, size < 0 ? 0 : (int)size,
	    block);
	return false;
}

/* Move all that is there.  False if there is a fault, which is kept. */
static bool
passes(void)
{
	while (pending() > 0 || fill() == IO_MOVED)
		if (drain() != IO_MOVED || fault.kind != FAULT_NONE)
			return false;
	return true;
}

static bool
is_fault(enum fault_kind kind, uint64_t message)
{
	return fault.kind == kind && fault.message == message;
}

static void
test_messages(void)
{
	begin(FRAMING_LINE, FRAMING_LSP, TO_WIRE);
	is_int(fill(), IO_AGAIN, "nothing is there yet");
	put_text("ab\n\nhal");
	ok(fill() == IO_MOVED && pending() == 2, "two messages have come");
	is_int((long long)conduit.kind->held(&conduit), 5,
	    "they and half of another have five bytes");
	ok(drain() == IO_MOVED && pending() == 0 &&
	    comes(TEXT("Content-Length: 2\r\n\r\nab"
	    "Content-Length: 0\r\n\r\n")), "and are written in their frames");
	put_text("f\nrest");
	ok(passes() && comes(TEXT("Content-Length: 4\r\n\r\nhalf")),
	    "half a message waits for its other half");
	end_writer();
	is_int(fill(), IO_END, "the input ends");
	conduit.kind->end(&conduit);
	ok(pending() == 1 && drain() == IO_MOVED &&
	    comes(TEXT("Content-Length: 4\r\n\r\nrest")),
	    "the rest is the last");
	/* 13 bytes read; 4 frames of 21 bytes in front, 10 in them. */
	is_int((long long)conduit.moved, 13 + 4 * 21 + 10,
	    "bytes are counted both ways");
	end();

	begin(FRAMING_U16LE, FRAMING_NETSTRING, FROM_WIRE);
	put("\1\0a\0\0\2\0bc", 9);
	ok(passes() && comes(TEXT("1:a,0:,2:bc,")),
	    "what is found in the wire is framed as well");
	end();
}

static void
test_split(void)
{
	begin(FRAMING_U16, FRAMING_LINE, FROM_WIRE);
	put("\0\1a\0\3b\nc\0\3d\ne", 13);
	ok(!passes() && is_fault(FAULT_SPLIT, 2),
	    "a message that contains its terminator is reported");
	ok(passes() && comes(TEXT("a\nb\nc\nd\ne\n")),
	    "once, and nothing of it is lost");
	end();
}

static void
test_large(void)
{
	begin(FRAMING_LINE, FRAMING_NULL, TO_WIRE);
	memset(block, 'x', LARGEST + 1);
	put(block, LARGEST + 1);
	put_text("\na\n");
	ok(!passes() && is_fault(FAULT_LARGE, 1) && fault.size == LARGEST + 1 &&
	    fault.limit == LARGEST && strcmp(fault.noun, "send") == 0,
	    "a message that is too large to be sent is reported");
	ok(passes() && comes(TEXT("a\0")), "the next one passes");
	end();

	begin(FRAMING_U32, FRAMING_LINE, FROM_WIRE);
	put("\377\377\377\377", 4);
	ok(!passes() && is_fault(FAULT_LARGE, 1) && fault.size == 4294967295 &&
	    strcmp(fault.noun, "receive") == 0,
	    "the greatest size is reported before its message has come");
	end();

	begin_src_pipe();
	begin_dst_pipe();
	need(conduit_open_reframe(&conduit, FRAMING_LINE, FRAMING_U16, 100000,
	    FROM_WIRE) == 0, "conduit_open_reframe");
	memset(block, 'x', 65536);
	block[65536] = '\n';
	fcntl(writer, F_SETFL, O_NONBLOCK);
	need(write(writer, block, 60000) == 60000 && passes() &&
	    write(writer, block + 60000, 5537) == 5537, "write");
	ok(!passes() && is_fault(FAULT_LARGE, 1) && fault.limit == 65535 &&
	    strcmp(fault.noun, "frame") == 0,
	    "one too large for the other framing is reported");
	end();
}

static void
test_stray(void)
{
	begin(FRAMING_LSP, FRAMING_LINE, FROM_WIRE);
	put_text("Loading numpy\nContent-Length: 1\n\na");
	ok(!passes() && fault.kind == FAULT_MALFORMED && fault.offset == 0 &&
	    fault.framing == FRAMING_LSP && fault.size == 13 &&
	    memcmp(fault.text, "Loading numpy", 13) == 0 &&
	    strcmp(fault.noun, "the command's output") == 0,
	    "a stray line in the wire is reported");
	ok(passes() && comes(TEXT("a\n")), "the message behind it passes");
	put_text("more\nContent-Length: 1\n\nb");
	ok(passes() && comes(TEXT("b\n")), "the next stray line is not reported");
	end();

	begin(FRAMING_LSP, FRAMING_LINE, TO_WIRE);
	put_text("x\n");
	ok(fill() == IO_MOVED && drain() == IO_MOVED &&
	    fault.kind == FAULT_MALFORMED &&
	    strcmp(fault.noun, "standard input") == 0,
	    "a stray line in standard input is reported");
	put_text("Content-Length: 1\n\na");
	ok(passes() && comes(TEXT("a\n")), "and passed over as well");
	end();

	begin(FRAMING_NETSTRING, FRAMING_LINE, FROM_WIRE);
	put_text("1:a,1;b,");
	ok(!passes() && fault.kind == FAULT_MALFORMED && fault.offset == 4,
	    "a malformed netstring in the wire is reported");
	put_text("1:c,");
	ok(passes() && comes(TEXT("a\n")),
	    "what follows is read, so that its writer goes on, and dropped");
	end();

	begin(FRAMING_NETSTRING, FRAMING_LINE, TO_WIRE);
	put_text("1:a,1;b,");
	ok(fill() == IO_MOVED && drain() == IO_END && comes(TEXT("a\n")) &&
	    fault.kind == FAULT_MALFORMED, "in standard input it is the end");
	conduit.kind->end(&conduit);
	ok(pending() == 0 && !conduit.has_backlog, "with nothing behind it");
	end();
}

static void
test_cut(void)
{
	begin(FRAMING_U32, FRAMING_LINE, FROM_WIRE);
	put("\0\0\0\1a\0\0\0\5b", 10);
	ok(passes() && comes(TEXT("a\n")), "half a message is not written");
	end_writer();
	need(fill() == IO_END, "end");
	conduit.kind->end(&conduit);
	ok(pending() == 1 && drain() == IO_MOVED && is_fault(FAULT_CUT, 2) &&
	    strcmp(fault.noun, "the command's output") == 0,
	    "an end inside a message is reported");
	ok(pending() == 0 && comes("", 0), "and it is not written");
	end();
}

/* Trace what follows as text, without times. */
static void
watch(void)
{
	make_plan();
	plan.wire = conduit.of.reframe.is_to_wire ?
	    (int)conduit.of.reframe.framing :
	    (int)conduit.of.frames.decoder.framing;
	need(monitor_open(&monitor, &plan) == 0, "monitor_open");
	monitor_set_type(&monitor, "stream", true);
	conduit.monitor = &monitor;
	conduit.direction = conduit.of.reframe.is_to_wire ?
	    TRACE_TO_COMMAND : TRACE_FROM_COMMAND;
}

/* --- raw ------------------------------------------------------------------ */

static void
test_raw_end(void)
{
	begin(FRAMING_LINE, FRAMING_RAW, TO_WIRE);
	put_text("ab\nc\n\n");
	ok(fill() == IO_MOVED && drain() == IO_END &&
	    fault.kind == FAULT_NONE && comes(TEXT("abc")),
	    "to a wire without frames, an empty message is the end");
	conduit.kind->end(&conduit);
	is_int((long long)pending(), 0, "and the last");
	end();

	begin(FRAMING_LINE, FRAMING_RAW, TO_WIRE);
	watch();
	put_text("a\n\nb\nc");
	ok(fill() == IO_MOVED && drain() == IO_END &&
	    is_fault(FAULT_AFTER_END, 3) && comes(TEXT("a")),
	    "messages after the empty one are reported");
	conduit.kind->end(&conduit);
	is_int((long long)pending(), 0, "and dropped");
	trace_is("> message 1 B at 0, number 1\n>   a\\\n"
	    "> message 0 B at 1, number 2\n"
	    "> message 1 B at 1, number 3\n>   b\\\n"
	    "> undelivered 1 B at 1\n", "and traced");
	end();

	begin(FRAMING_LINE, FRAMING_RAW, TO_WIRE);
	put_text("\npartial");
	ok(fill() == IO_MOVED && drain() == IO_END &&
	    is_fault(FAULT_AFTER_END, 2), "even if it is no whole message");
	conduit.kind->end(&conduit);
	ok(pending() == 0 && !conduit.has_backlog, "and dropped as well");
	end();

	begin(FRAMING_LINE, FRAMING_RAW, FROM_WIRE);
	put_text("a\n\nb\n");
	ok(passes() && comes(TEXT("ab")),
	    "on standard output it is just empty");
	end();

	begin(FRAMING_RAW, FRAMING_NETSTRING, FROM_WIRE);
	put_text("a\n");
	need(fill() == IO_MOVED && drain() == IO_MOVED, "a piece");
	put_text("bc");
	ok(passes() && comes(TEXT("2:a\n,2:bc,")), "a piece is a message");
	end();
}

/* From a message socket, where a message needs no frame and may be empty. */
static void
test_raw_empty(void)
{
	begin_src_messages();
	begin_dst_pipe();
	open_reframe(FRAMING_RAW, FRAMING_LINE, TO_WIRE);
	watch();
	need(send(writer, "", 0, 0) == 0, "send");
	ok(fill() == IO_MOVED && pending() == 1 &&
	    conduit.of.frames.messages[0].iov_base != NULL &&
	    drain() == IO_MOVED && comes(TEXT("\n")),
	    "an empty message of a socket is one of the wire");
	put_text("ab");
	ok(fill() == IO_MOVED && drain() == IO_MOVED && comes(TEXT("ab\n")),
	    "so is the next");
	trace_is("> message 0 B at 0, number 1\n"
	    "> message 2 B at 1, number 2\n>   ab\\\n", "and traced");
	end();
}

/* Frames to a message socket of others, with room for few of them at once. */
static void
test_to_messages(void)
{
	int small = 4096;
	int ends[2];
	ssize_t size;
	size_t sum = 0;
	int i;

	begin_src_pipe();
	open_socket(SOCK_SEQPACKET, ends);
	reader = ends[1];
	need(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &small,
	    sizeof(small)) == 0, "setsockopt");
	endpoint_open_inherited(&dst, ends[0], ENDPOINT_WRITE, false, "to");
	need(conduit_open_reframe(&conduit, FRAMING_LINE, FRAMING_NETSTRING,
	    100000, FROM_WIRE) == 0, "conduit_open_reframe");
	watch();
	memset(block, 'x', 1000);
	block[999] = '\n';
	for (i = 0; i < 40; i++)
		put(block, 1000);
	while (pending() > 0 || fill() == IO_MOVED) {
		if (drain() == IO_FAILED || fault.kind != FAULT_NONE)
			break;
		while ((size = recv(reader, block, sizeof(block),
		    MSG_DONTWAIT)) > 0)
			sum += (size_t)size;
	}
	is_int((long long)sum, 40 * (4 + 999 + 1),
	    "frames that are too many for one message are sent one by one");
	memset(block, 'y', 30000);
	block[29999] = '\n';
	put(block, 30000);
	put_text("a\n");
	ok(!passes() && is_fault(FAULT_SEND, 41) && fault.size == 29999,
	    "a frame too large for one message is reported");
	ok(passes() && comes(TEXT("1:a,")), "and the next one is sent");
	ok(monitor.stats.from_command.undelivered == 29999 &&
	    trace_has("\n< undelivered 29999 B at 40000\n"),
	    "and the trace has what was lost");
	end();
}

/* --- little room ---------------------------------------------------------- */

/* Add message number i, and its frame in netstring, to two texts. */
static void
add_message(unsigned int i, char *lines, size_t *size, char *frames,
    size_t *frames_size)
{
	size_t length = i * 37 % 900;
	size_t j;

	*frames_size += (size_t)sprintf(frames + *frames_size, "%zu:", length);
	/* No two parts of it are the same. */
	for (j = 0; j < length; j++)
		lines[*size + j] = (char)('a' + (i + j * j) % 26);
	memcpy(frames + *frames_size, lines + *size, length);
	*size += length;
	*frames_size += length;
	lines[(*size)++] = '\n';
	frames[(*frames_size)++] = ',';
}

static void
test_slow_reader(void)
{
	static char lines[200000], frames[200000], got[200000];
	size_t size = 0, want_size = 0, done = 0, put_size = 0;
	bool was_full = false;
	ssize_t moved;
	unsigned int i;

	for (i = 0; i < 300; i++)
		add_message(i, lines, &size, frames, &want_size);
	begin_src_pipe();
	begin_dst(SOCK_STREAM);
	open_reframe(FRAMING_LINE, FRAMING_NETSTRING, TO_WIRE);
	fcntl(writer, F_SETFL, O_NONBLOCK);
	need(setsockopt(dst.fd, SOL_SOCKET, SO_SNDBUF, &(int){ 4096 },
	    sizeof(int)) == 0, "setsockopt");
	while (done < want_size) {
		moved = write(writer, lines + put_size, size - put_size);
		put_size += moved > 0 ? (size_t)moved : 0;
		if (pending() == 0 && fill() == IO_FAILED)
			break;
		was_full |= drain() == IO_AGAIN;
		moved = recv(reader, got + done, 7 + done % 1001,
		    MSG_DONTWAIT);
		done += moved > 0 ? (size_t)moved : 0;
	}
	ok(was_full && done == want_size && memcmp(got, frames, done) == 0,
	    "frames that are written in parts are whole");
	end();
}

/* A pipe that gets full is made larger, once. */
static void
test_full_pipe(void)
{
#ifdef F_SETPIPE_SZ
	static const char name[] = "a full pipe is enlarged";
	enum io result = IO_MOVED;

	begin(FRAMING_NULL, FRAMING_LINE, FROM_WIRE);
	if (fcntl(reader, F_GETPIPE_SZ) >= PIPE_ENLARGED || !can_enlarge()) {
		skip(name, "no larger pipe is to be had");
		end();
		return;
	}
	memset(block, 'x', 1000);
	block[999] = '\0';
	while (result == IO_MOVED) {
		put(block, 1000);
		need(fill() == IO_MOVED, "fill");
		result = drain();
	}
	is_int(fcntl(reader, F_GETPIPE_SZ), PIPE_ENLARGED, name);
	end();
#endif
}

/* --- what is lost, and traces --------------------------------------------- */

static void
test_traces(void)
{
	begin(FRAMING_LINE, FRAMING_NETSTRING, TO_WIRE);
	watch();
	put_text("ab\n\nc\n");
	ok(passes() && monitor.stats.to_command.bytes == 5 + 3 + 4 &&
	    monitor.stats.to_command.pieces == 3 &&
	    monitor.stats.to_command.largest == 2,
	    "the totals have the wire's bytes, and the messages");
	trace_is("> message 2 B at 2, number 1\n>   ab\\\n"
	    "> message 0 B at 7, number 2\n"
	    "> message 1 B at 10, number 3\n>   c\\\n",
	    "messages to the wire have their places there");
	end();

	begin(FRAMING_LINE, FRAMING_NULL, FROM_WIRE);
	watch();
	memset(block, 'x', LARGEST + 1);
	put(block, LARGEST + 1);
	put_text("\na\n");
	ok(!passes() && passes() && monitor.stats.from_command.pieces == 2,
	    "a line that is too large is counted once");
	trace_is("< undelivered 1001 B at 0\n"
	    "< message 1 B at 1002, number 2\n<   a\\\n", "and traced");
	end();

	begin(FRAMING_LINE, FRAMING_NETSTRING, TO_WIRE);
	watch();
	put_text("ab\n");
	memset(block, 'x', LARGEST + 1);
	put(block, LARGEST + 1);
	put_text("\na\n");
	while (!passes())
		;
	trace_is("> message 2 B at 2, number 1\n>   ab\\\n"
	    "> undelivered 1001 B at 5\n"
	    "> message 1 B at 7, number 3\n>   a\\\n",
	    "to the wire, it is where it would have been");
	end();

	begin(FRAMING_LSP, FRAMING_LINE, FROM_WIRE);
	watch();
	put_text("stray\nContent-Length: 1\n\naContent-Length: 2000\n\n");
	while (!passes())
		;
	memset(block, 'x', 2000);
	put(block, 2000);
	put_text("Content-Length: 1\n\nbContent-Length: 2\n\nc");
	need(passes(), "the rest");
	end_writer();
	need(fill() == IO_END, "end");
	conduit.kind->end(&conduit);
	need(drain() == IO_MOVED && is_fault(FAULT_CUT, 4), "drain");
	ok(monitor.stats.from_command.bytes == 6 + 20 + 22 + 2000 + 20 + 20 &&
	    monitor.stats.from_command.pieces == 3 &&
	    monitor.stats.from_command.undelivered == 6 + 2000 + 20,
	    "what is no message is counted as bytes, and as undelivered");
	trace_is("< data  6 B at 0\n<   stray\n< undelivered 6 B at 0\n"
	    "< message 1 B at 25, number 1\n<   a\\\n"
	    "< undelivered 2000 B at 48\n"
	    "< message 1 B at 2067, number 3\n<   b\\\n"
	    "< data  20 B at 2068\n<   Content-Length: 2\n<   \n<   c\\\n"
	    "< undelivered 20 B at 2068\n", "and shown, with its place");
	end();
}

static void
test_drop(void)
{
	begin(FRAMING_LINE, FRAMING_NETSTRING, TO_WIRE);
	put_text("ab\nc\nrest");
	need(fill() == IO_MOVED && pending() == 2, "fill");
	is_int((long long)conduit.kind->drop(&conduit), 5 + 4,
	    "to the wire, frames of whole messages are lost");
	ok(pending() == 0 && !conduit.has_backlog, "all of them");
	conduit.kind->end(&conduit);
	is_int((long long)pending(), 0, "and a rest is no message");
	end();

	begin(FRAMING_NETSTRING, FRAMING_LINE, FROM_WIRE);
	put_text("1:a,2:bc,5:d");
	need(fill() == IO_MOVED && pending() == 2, "fill");
	is_int((long long)conduit.kind->drop(&conduit), 12 - 2,
	    "from the wire, all that was read from the first on is lost");
	end();

	begin(FRAMING_LSP, FRAMING_LINE, FROM_WIRE);
	watch();
	put_text("Content-Length: 1\n\nastray\nmore");
	need(fill() == IO_MOVED && drain() == IO_MOVED && comes(TEXT("a\n")) &&
	    fault.kind == FAULT_MALFORMED && fill() == IO_MOVED, "a");
	is_int((long long)conduit.kind->drop(&conduit), 10,
	    "what is no message is lost as well");
	monitor_undelivered(&monitor, TRACE_FROM_COMMAND, 10, 0);
	is_int((long long)monitor.stats.from_command.undelivered, 10,
	    "and counted once");
	trace_is("< message 1 B at 19, number 1\n<   a\\\n"
	    "< data  10 B at 20\n<   stray\n<   more\\\n"
	    "< undelivered 10 B at 20\n", "and traced once");
	end();
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	alarm(60);
	test_messages();
	test_split();
	test_large();
	test_stray();
	test_cut();
	test_raw_end();
	test_raw_empty();
	test_to_messages();
	test_slow_reader();
	test_full_pipe();
	test_traces();
	test_drop();
	return done_testing();
}
