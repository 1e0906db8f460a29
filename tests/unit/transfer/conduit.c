/* SPDX-License-Identifier: MIT */
/*
 * The conduits of messages: frames in, messages out, and back.  What is told
 * of those that cannot pass, what waits, and what is lost when nobody takes it.
 */
#include "config.h"

#include <sys/ioctl.h>

#include <poll.h>

#include "transfer/conduit.h"
#include "tap.h"

#define LARGEST 1000

static struct conduit conduit;
static struct endpoint src, dst;
static struct fault fault;
static int writer;		/* what is read at from is written here */
static int reader;
static char block[70000];

static void
begin(void)
{
	int pipe_ends[2], socket_ends[2];

	need(pipe(pipe_ends) == 0 &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, socket_ends) == 0, "pair");
	fcntl(socket_ends[0], F_SETFL, O_NONBLOCK);
	fault = (struct fault){ .kind = FAULT_NONE };
	writer = pipe_ends[1];
	reader = socket_ends[1];
	endpoint_open_inherited(&src, pipe_ends[0], ENDPOINT_READ, false,
	    "from");
	endpoint_open_socket(&dst, socket_ends[0], ENDPOINT_WRITE, -1, "to");
}

static void
begin_unpack(enum framing framing)
{
	begin();
	need(conduit_open_decode(&conduit, framing, LARGEST) == 0, "unpack");
}

/* The same the other way about. */
static void
begin_pack(enum framing framing)
{
	int fd, other;

	begin();
	fd = dst.fd;
	other = reader;
	need(message_mark(fd, true) == 0, "message_mark");
	endpoint_open_inherited(&dst, writer, ENDPOINT_WRITE, false, "to");
	reader = src.fd;
	writer = other;
	endpoint_open_socket(&src, fd, ENDPOINT_READ, -1, "from");
	need(conduit_open_encode(&conduit, framing, LARGEST, true) == 0,
	    "pack");
}

static void
end(void)
{
	conduit.kind->free(&conduit);
	close(src.fd);
	close(dst.fd);
	close(writer);
	close(reader);
}

static enum io
fill(void)
{
	return conduit.kind->fill(&conduit, &src, &dst);
}

static enum io
drain(void)
{
	fault = (struct fault){ .kind = FAULT_NONE };
	return conduit.kind->drain(&conduit, &src, &dst, &fault);
}

static size_t
pending(void)
{
	return conduit.kind->pending(&conduit);
}

static bool
comes(const char *want)
{
	ssize_t size = recv(reader, block, sizeof(block), MSG_DONTWAIT);

	return size == (ssize_t)strlen(want) &&
	    memcmp(block, want, strlen(want)) == 0;
}

static void
put(const char *text)
{
	need(write(writer, text, strlen(text)) == (ssize_t)strlen(text),
	    "write");
}

static void
test_unpack(void)
{
	begin_unpack(FRAMING_LINE);
	is_int(fill(), IO_AGAIN, "nothing is there yet");
	put("a\n\nhal");
	ok(fill() == IO_MOVED && pending() == 2, "two messages have come whole");
	ok(drain() == IO_MOVED && pending() == 0 && comes("a") && comes(""),
	    "and are sent");
	put("f\n");
	ok(fill() == IO_MOVED && drain() == IO_MOVED && comes("half"),
	    "half a message waits for its other half");
	put("rest");
	ok(fill() == IO_MOVED && pending() == 0, "a rest is no message yet");
	close(writer);
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
test_unpack_faults(void)
{
	int i, sent;

	begin_unpack(FRAMING_NETSTRING);
	put("1:a,2000:");
	memset(block, 'x', 2000);
	need(write(writer, block, 2000) == 2000, "write");
	put(",1:b,1;c,");
	while (fill() == IO_MOVED && pending() == 0)
		;
	ok(drain() == IO_MOVED && fault.kind == FAULT_LARGE &&
	    fault.message == 2 && fault.size == 2000 &&
	    fault.limit == LARGEST, "one that is too large is told of");
	ok(comes("a"), "after those before it");
	ok(pending() > 0 && drain() == IO_MOVED &&
	    fault.kind == FAULT_MALFORMED && fault.message == 4,
	    "so is what is no frame");
	ok(comes("b"), "after those before that");
	ok(conduit.at_eof && pending() == 0 && fill() == IO_END,
	    "behind it the input is over");
	conduit.kind->end(&conduit);
	is_int((long long)pending(), 0, "and there is no more to be told");
	end();

	begin_unpack(FRAMING_LINE);
	for (i = 0; i < 2000; i++)
		put("1234567\n");
	fill();
	while (drain() == IO_MOVED && fill() == IO_MOVED)
		;
	ok(pending() > 0 && drain() == IO_AGAIN, "a full queue waits");
	for (sent = 0; comes("1234567"); sent++)
		;
	ok(sent > 0 && sent < 2000, "and holds some");
	close(reader);
	reader = -1;
	is_int(drain(), IO_FAILED, "a reader that leaves takes no more");
	is_int((long long)conduit.kind->drop(&conduit), (2000 - sent) * 7,
	    "what it has not been sent is counted to the byte");
	is_int((long long)pending(), 0, "and dropped");
	end();

	begin_unpack(FRAMING_LINE);
	put("abc\nde\n\nrest");
	fill();
	is_int((long long)conduit.kind->drop(&conduit), 5,
	    "what is no whole message does not count");
	end();
}

static void
test_pack(void)
{
	begin_pack(FRAMING_U16);
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
	close(writer);
	is_int(fill(), IO_END, "the end comes");
	is_int((long long)pending(), 0, "with nothing left");
	writer = -1;
	end();

	begin_pack(FRAMING_LINE);
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
test_pack_full(void)
{
	static char want[1 << 20], got[1 << 20];
	size_t want_size = 0, got_size = 0;
	unsigned int sent = 0;
	unsigned int parts = 0;
	size_t size;
	ssize_t taken;

	begin_pack(FRAMING_U16);
	fcntl(reader, F_SETFL, O_NONBLOCK);
	do {
		while ((size = send_frame(sent, want + want_size)) > 0) {
			want_size += size;
			sent++;
		}
		fill();
		/* Twice, since the first time that it is full it is enlarged. */
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
	is_int((long long)conduit.kind->drop(&conduit), 4,
	    "what is dropped is counted");
	end();
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	alarm(60);
	test_unpack();
	test_unpack_faults();
	test_pack();
	test_pack_full();
	return done_testing();
}
