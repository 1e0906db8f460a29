/* SPDX-License-Identifier: MIT */
/*
 * The conduit of frames to messages.  What is told of those that cannot pass,
 * what waits, and what is lost when nobody takes it.
 */
#include "config.h"

#include "conduit.h"
#include "traced.h"

#define LARGEST 1000

static char block[70000];

static void
begin_decode(enum framing framing)
{
	begin_src_pipe();
	begin_dst(SOCK_SEQPACKET);
	need(conduit_open_decode(&conduit, framing, LARGEST) == 0,
	    "conduit_open_decode");
}

static bool
comes(const char *want)
{
	ssize_t size = recv(reader, block, sizeof(block), MSG_DONTWAIT);

	return size == (ssize_t)strlen(want) &&
	    memcmp(block, want, strlen(want)) == 0;
}

static void
test_decode(void)
{
	begin_decode(FRAMING_LINE);
	is_int(fill(), IO_AGAIN, "nothing is there yet");
	put_text("a\n\nhal");
	ok(fill() == IO_MOVED && pending() == 2, "two messages have come");
	ok(drain() == IO_MOVED && pending() == 0 && comes("a") && comes(""),
	    "and are sent");
	put_text("f\n");
	ok(fill() == IO_MOVED && drain() == IO_MOVED && comes("half"),
	    "half a message waits for its other half");
	put_text("rest");
	ok(fill() == IO_MOVED && pending() == 0, "a rest is no message yet");
	end_writer();
	is_int(fill(), IO_END, "the input ends");
	conduit.kind->end(&conduit);
	ok(pending() == 1 && drain() == IO_MOVED && comes("rest"),
	    "then the rest is one");
	/* 12 bytes read, 9 sent, in 4 messages. */
	is_int((long long)conduit.moved, 12 + 9 + 4,
	    "bytes and messages are counted");
	end();
}

static void
test_decode_faults(void)
{
	int i, sent;

	begin_decode(FRAMING_NETSTRING);
	put_text("1:a,2000:");
	memset(block, 'x', 2000);
	put(block, 2000);
	put_text(",1:b,1;c,");
	while (fill() == IO_MOVED && pending() == 0)
		;
	ok(drain() == IO_MOVED && fault.kind == FAULT_LARGE &&
	    fault.message == 2 && fault.size == 2000 &&
	    fault.limit == LARGEST, "one that is too large is told of");
	ok(comes("a"), "after those before it");
	is_int((long long)pending(), 0, "the rest is decoded later");
	ok(conduit.has_backlog && fill() == IO_MOVED && pending() == 2,
	    "without another read");
	ok(drain() == IO_END && fault.kind == FAULT_MALFORMED &&
	    fault.framing == FRAMING_NETSTRING,
	    "then it is told what is no frame");
	/* After 4 + 2006 + 4 bytes of three frames. */
	ok(fault.offset == 2014 && fault.size == 2 &&
	    memcmp(fault.text, "1;", 2) == 0,
	    "with its place, and what stands there");
	ok(comes("b"), "after those before that");
	conduit.kind->end(&conduit);
	ok(!conduit.has_backlog && pending() == 0,
	    "behind it the input is over");
	is_int((long long)pending(), 0, "and there is no more to be told");
	end();

	begin_decode(FRAMING_LINE);
	for (i = 0; i < 2000; i++)
		put_text("1234567\n");
	fill();
	while (drain() == IO_MOVED && fill() == IO_MOVED)
		;
	ok(pending() > 0 && drain() == IO_AGAIN, "a full queue waits");
	for (sent = 0; comes("1234567"); sent++)
		;
	ok(sent > 0 && sent < 2000, "and holds some");
	end_reader();
	is_int(drain(), IO_FAILED, "a reader that leaves takes no more");
	ok(conduit.kind->held(&conduit) >=
	    (uint64_t)(2000 - sent) * 7,
	    "what it has not been sent is held");
	is_int((long long)conduit.kind->drop(&conduit), (2000 - sent) * 7,
	    "what it has not been sent is counted to the byte");
	is_int((long long)pending(), 0, "and dropped");
	end();

	begin_decode(FRAMING_LINE);
	put_text("abc\nde\n\nrest");
	fill();
	is_int((long long)conduit.kind->held(&conduit), 5 + 4,
	    "what is no whole message is held, too");
	is_int((long long)conduit.kind->drop(&conduit), 5,
	    "what is no whole message does not count");
	end();
}

/* Whether the next messages of a row are there; *next counts them. */
static bool
come_in_order(int *next)
{
	char want[20];
	ssize_t size;

	while ((size = recv(reader, block, sizeof(block), MSG_DONTWAIT)) !=
	    -1) {
		snprintf(want, sizeof(want), "%d", (*next)++);
		if (size != (ssize_t)strlen(want) ||
		    memcmp(block, want, strlen(want)) != 0)
			return false;
	}
	return true;
}

/* A reader that makes room now and then. */
static void
test_order(void)
{
	char text[20];
	int i, next = 0;

	begin_decode(FRAMING_LINE);
	for (i = 0; i < 2000; i++) {
		snprintf(text, sizeof(text), "%d\n", i);
		put_text(text);
	}
	for (i = 0; i < 4000 && next < 2000; i++) {
		while (pending() == 0 ? fill() == IO_MOVED && pending() > 0 :
		    drain() == IO_MOVED)
			;
		if (!come_in_order(&next))
			break;
	}
	is_int(next, 2000, "a batch that is sent in parts comes in order");
	end();
}

/* The socket takes no message as large as the first, which has a set. */
static void
test_refused(void)
{
	int least = 1;

	begin_src(SOCK_STREAM);
	begin_dst(SOCK_SEQPACKET);
	need(setsockopt(dst.fd, SOL_SOCKET, SO_SNDBUF, &least,
	    sizeof(least)) == 0 && conduit_open_decode(&conduit, FRAMING_LINE,
	    sizeof(block)) == 0, "conduit_open_decode");
	memset(block, 'x', 20000);
	block[20000] = '\n';
	put_with_fd(block, 20001);
	put_text("b\n");
	while (pending() == 0 && fill() == IO_MOVED)
		;
	ok(drain() == IO_MOVED && fault.kind == FAULT_SEND &&
	    fault.error == EMSGSIZE && fault.message == 1 &&
	    fault.size == 20000, "one that the socket refuses is told of");
	ok(conduit.ancillary.count == 0 && conduit.ancillary.refused == 1,
	    "its descriptors do not go with another");
	while (pending() == 0 && fill() == IO_MOVED)
		;
	ok(drain() == IO_MOVED && fault.kind == FAULT_NONE && comes("b"),
	    "and the next is sent");
	end();
}

/* What the conduit relays is traced, as of a seqpacket socket. */
static void
trace_to_command(void)
{
	make_plan();
	plan.type = SOCK_SEQPACKET;
	need(monitor_open(&monitor, &plan) == 0, "monitor_open");
	monitor_set_type(&monitor, "seqpacket", true);
	conduit.monitor = &monitor;
	conduit.direction = TRACE_TO_COMMAND;
}

/* What is no header is passed over in standard input, too. */
static void
test_lsp(void)
{
	begin_decode(FRAMING_LSP);
	trace_to_command();
	put_text("Content-Length: 1\r\n\r\nastray\n"
	    "Content-Length: 1\r\n\r\nb");
	ok(fill() == IO_MOVED && drain() == IO_MOVED && comes("a") &&
	    fault.kind == FAULT_MALFORMED && fault.offset == 22,
	    "what is no header is told of");
	ok(fill() == IO_MOVED && drain() == IO_MOVED && comes("b") &&
	    fault.kind == FAULT_NONE, "and the next message passes");
	is_int((long long)monitor.stats.to_command.undelivered, 6,
	    "it is counted");
	trace_is("> message 1 B at 0, number 1\n>   a\\\n"
	    "> undelivered 6 B at 22\n"
	    "> message 1 B at 1, number 2\n>   b\\\n", "and traced");
	end();
}

/* An empty message has bytes to point at, as tracers take it for granted. */
static void
test_empty(void)
{
	begin_src_messages();
	begin_dst(SOCK_SEQPACKET);
	need(conduit_open_decode(&conduit, FRAMING_RAW, LARGEST) == 0,
	    "conduit_open_decode");
	trace_to_command();
	need(send(writer, "", 0, 0) == 0, "send");
	ok(fill() == IO_MOVED && pending() == 1 &&
	    conduit.of.frames.messages[0].iov_base != NULL,
	    "an empty message without a frame is in the buffer");
	ok(drain() == IO_MOVED && comes(""), "and is sent");
	put_text("ab");
	ok(fill() == IO_MOVED && drain() == IO_MOVED && comes("ab"),
	    "so is the next");
	trace_is("> message 0 B at 0, number 1\n"
	    "> message 2 B at 0, number 2\n>   ab\\\n", "and traced");
	end();
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	alarm(60);
	test_decode();
	test_decode_faults();
	test_order();
	test_refused();
	test_lsp();
	test_empty();
	return done_testing();
}
