/* SPDX-License-Identifier: MIT */
/*
 * The conduit of messages to frames.  What is told of those that cannot pass,
 * what waits, and what is lost when nobody takes it.
 */
#include "config.h"

#include <sys/ioctl.h>

#include "conduit.h"

#define LARGEST 1000

static char block[70000];

/* From a message socket of ours into a pipe. */
static void
begin_encode(enum framing framing)
{
	begin_src(SOCK_SEQPACKET);
	begin_dst_pipe();
	need(message_mark(src.fd, true) == 0, "message_mark");
	need(conduit_open_encode(&conduit, framing, LARGEST, true) == 0,
	    "conduit_open_encode");
}

static void
test_encode(void)
{
	begin_encode(FRAMING_U16);
	is_int(fill(), IO_AGAIN, "nothing has been sent yet");
	send(writer, "abc", 3, 0);
	send(writer, "", 0, 0);
	ok(fill() == IO_MOVED && pending() == 2, "two messages wait");
	ok(drain() == IO_MOVED && pending() == 0 &&
	    read(reader, block, 100) == 7 &&
	    memcmp(block, "\0\3abc\0\0", 7) == 0, "they become two frames");
	send(writer, block, LARGEST + 1, 0);
	send(writer, "d", 1, 0);
	ok(fill() == IO_MOVED && drain() == IO_MOVED &&
	    fault.kind == FAULT_LARGE && fault.message == 3 &&
	    fault.size == LARGEST + 1, "one that is too large is told of");
	ok(drain() == IO_MOVED && fault.kind == FAULT_NONE &&
	    read(reader, block, 100) == 3, "the next one passes");
	end_writer();
	is_int(fill(), IO_END, "the end comes");
	is_int((long long)pending(), 0, "with nothing left");
	end();

	begin_encode(FRAMING_LINE);
	send(writer, "a", 1, 0);
	send(writer, "b\nc", 3, 0);
	send(writer, "d\ne", 3, 0);
	fill();
	ok(drain() == IO_MOVED && fault.kind == FAULT_SPLIT &&
	    fault.message == 2, "one that a newline splits is told of");
	ok(drain() == IO_MOVED && fault.kind == FAULT_NONE &&
	    read(reader, block, 100) == 10 &&
	    memcmp(block, "a\nb\nc\nd\ne\n", 10) == 0,
	    "once, and nothing of it is lost");
	end();
}

/* From a message socket of ours into another, with little room. */
static void
begin_carry(void)
{
	int small = 4096;

	begin_src(SOCK_SEQPACKET);
	begin_dst(SOCK_SEQPACKET);
	need(message_mark(src.fd, true) == 0 && setsockopt(dst.fd, SOL_SOCKET,
	    SO_SNDBUF, &small, sizeof(small)) == 0, "setsockopt");
	dst.is_message = true;	/* as relay/setup.c has it */
	need(conduit_open_carry(&conduit, sizeof(block), true) == 0,
	    "conduit_open_carry");
}

/* Whether the next message is want, and not a part of it. */
static bool
comes(const char *want)
{
	ssize_t size = recv(reader, block, sizeof(block), MSG_DONTWAIT);

	return size == (ssize_t)strlen(want) &&
	    memcmp(block, want, strlen(want)) == 0;
}

/* Whether all that has been sent passes, without a fault. */
static bool
passes(void)
{
	enum io result;

	while ((result = fill()) == IO_MOVED)
		if (drain() != IO_MOVED || fault.kind != FAULT_NONE)
			return false;
	return result == IO_AGAIN;
}

static void
test_carry(void)
{
	begin_carry();
	send(writer, "a\n", 2, 0);
	send(writer, "", 0, 0);
	send(writer, "bc", 2, 0);
	ok(passes() && comes("a\n") && comes("") && comes("bc"),
	    "messages become messages, as they are");
	need(send(writer, block, 50000, 0) == 50000, "send");
	send(writer, "d", 1, 0);
	ok(fill() == IO_MOVED && drain() == IO_MOVED &&
	    fault.kind == FAULT_SEND && fault.error == EMSGSIZE &&
	    fault.message == 4 && fault.size == 50000,
	    "one that cannot be sent is told of");
	ok(drain() == IO_MOVED && fault.kind == FAULT_NONE && comes("d") &&
	    pending() == 0, "the next one passes");
	end();
}

/* Frames to a message socket of others, with room for few of them at once. */
static void
test_encode_to_messages(void)
{
	int small = 4096;
	int ends[2];
	size_t sum = 0;
	ssize_t size;
	int i;

	begin_src(SOCK_SEQPACKET);
	open_socket(SOCK_SEQPACKET, ends);
	reader = ends[1];
	need(message_mark(src.fd, true) == 0 && setsockopt(ends[0], SOL_SOCKET,
	    SO_SNDBUF, &small, sizeof(small)) == 0, "setsockopt");
	endpoint_open_inherited(&dst, ends[0], ENDPOINT_WRITE, false, "to");
	need(conduit_open_encode(&conduit, FRAMING_U16, LARGEST, true) == 0,
	    "conduit_open_encode");
	for (i = 0; i < 40; i++)
		need(send(writer, block, LARGEST, 0) == LARGEST, "send");
	while (fill() == IO_MOVED)
		while (pending() > 0 && drain() != IO_FAILED &&
		    fault.kind == FAULT_NONE)
			while ((size = recv(reader, block, sizeof(block),
			    MSG_DONTWAIT)) > 0)
				sum += (size_t)size;
	is_int((long long)sum, 40 * (2 + LARGEST),
	    "frames that are too many for one message are sent one by one");
	is_int(fault.kind, FAULT_NONE, "and nothing is told of");
	end();
}

/* Messages that wait behind one with descriptors. */
static void
test_drop_kept(void)
{
	int i;

	begin_src(SOCK_SEQPACKET);
	begin_dst(SOCK_STREAM);
	need(message_mark(src.fd, true) == 0 && conduit_open_encode(&conduit,
	    FRAMING_LINE, LARGEST, true) == 0, "conduit_open_encode");
	/* Until several are received at once. */
	for (i = 0; i < 20; i++)
		send(writer, "x", 1, 0);
	while (fill() == IO_MOVED)
		drain();
	send(writer, "a", 1, 0);
	put_with_fd("bc", 2);
	send(writer, "def", 3, 0);
	ok(fill() == IO_MOVED && pending() == 1 && conduit.has_backlog,
	    "messages behind a set are kept");
	is_int((long long)conduit.kind->drop(&conduit), 6,
	    "what is kept counts when it is dropped");
	ok(pending() == 0 && !conduit.has_backlog, "and nothing is left");
	end();
}

/* A datagram socket has no end: the writer is known to have gone. */
static void
test_encode_gone(void)
{
	begin_encode(FRAMING_LINE);
	send(writer, "last", 4, 0);
	src.writer_gone = true;
	ok(fill() == IO_MOVED && drain() == IO_MOVED &&
	    read(reader, block, 100) == 5,
	    "what a writer that has gone has sent still comes");
	is_int(fill(), IO_END, "then comes the end");
	end();
}

/* The frame of message number: of a size and of bytes that tell it. */
static size_t
make_frame(unsigned int number, char *frame)
{
	size_t size = number * 37 % (LARGEST + 1);
	size_t i;

	frame[0] = (char)(size >> 8);
	frame[1] = (char)size;
	for (i = 0; i < size; i++)
		frame[2 + i] = (char)(number + i * 7);
	return size + 2;
}

/* Send its message; returns the size of the frame, or 0: there is no room. */
static size_t
send_frame(unsigned int number, char *frame)
{
	size_t size = make_frame(number, frame);

	return send(writer, frame + 2, size - 2, MSG_DONTWAIT) == -1 ? 0 : size;
}

/* Whether the first taken bytes of all frames end inside one of them. */
static bool
is_part_of_frame(size_t taken)
{
	char frame[2 + LARGEST];
	unsigned int number = 0;
	size_t sum = 0;

	while (sum < taken)
		sum += make_frame(number++, frame);
	return sum > taken;
}

/* Bytes that the pipe holds. */
static size_t
count_held(void)
{
	int held;

	need(ioctl(reader, FIONREAD, &held) == 0, "FIONREAD");
	return (size_t)held;
}

/* A pipe that is full takes a part of a frame, and the rest later. */
static void
test_encode_full(void)
{
	static char want[1 << 20], got[1 << 20];
	size_t want_size = 0, got_size = 0;
	unsigned int sent = 0;
	unsigned int parts = 0;
	size_t size;
	ssize_t taken;

	begin_encode(FRAMING_U16);
	fcntl(reader, F_SETFL, O_NONBLOCK);
	do {
		while ((size = send_frame(sent, want + want_size)) > 0) {
			want_size += size;
			sent++;
		}
		fill();
		/* Twice, since at first a full pipe is enlarged. */
	} while (drain() == IO_MOVED || drain() == IO_MOVED);
	ok(pending() > 0, "a full pipe waits");
	/* Room for little more than a page, again and again. */
	do {
		parts += is_part_of_frame(got_size + count_held());
		taken = read(reader, got + got_size, 5000);
		need(taken > 0, "read");
		got_size += (size_t)taken;
	} while (drain() != IO_MOVED || fill() == IO_MOVED);
#ifdef LINUX_EXTRAS
	ok(parts > 0, "it has taken a part of a frame");
#else
	(void)parts;
	elsewhere("it has taken a part of a frame",
	    "frame by frame a pipe takes all or nothing");
#endif
	while ((taken = read(reader, got + got_size, 5000)) > 0)
		got_size += (size_t)taken;
	is_mem(got, got_size, want, want_size,
	    "every frame comes whole, and no more");
	send(writer, "lost", 4, 0);
	fill();
	is_int((long long)conduit.kind->held(&conduit), 4,
	    "what is held has its size");
	is_int((long long)conduit.kind->drop(&conduit), 4,
	    "what is dropped is counted");
	end();
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	alarm(60);
	test_encode();
	test_encode_full();
	test_encode_gone();
	test_drop_kept();
	test_carry();
	test_encode_to_messages();
	return done_testing();
}
