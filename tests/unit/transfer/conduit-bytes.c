/* SPDX-License-Identifier: MIT */
/*
 * The conduit of bytes: copied at first, moved by the kernel once they come in
 * bulk, copied again when they do not; and always where somebody looks.
 */
#include "config.h"

#include <poll.h>

#include "conduit.h"

#define LARGE 32768		/* bytes of a piece that is large, at least */
#define SMALL 8191		/* bytes of one that is small, at most */
#define SMALL_RUN 16		/* of them in a row decide */

#ifdef HAVE_SPLICE
#define CAN_SPLICE true
#else
#define CAN_SPLICE false
#endif

static struct ancillary ancillary;
static char block[65536];
static char got[65536];

static void
open_socket(int ends[2])
{
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 &&
	    fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0, "socketpair");
}

/* From a pipe into a socket of ours. */
static void
begin(void)
{
	int pipe_ends[2], socket_ends[2];

	need(pipe(pipe_ends) == 0, "pipe");
	open_socket(socket_ends);
	writer = pipe_ends[1];
	reader = socket_ends[1];
	endpoint_open_inherited(&src, pipe_ends[0], ENDPOINT_READ, false,
	    "from");
	endpoint_open_socket(&dst, socket_ends[0], ENDPOINT_WRITE, -1, "to");
	need(conduit_open_bytes(&conduit) == 0, "conduit_open_bytes");
}

/* From a socket of ours, with descriptors, into another or into a pipe. */
static void
begin_with_fds(bool into_socket)
{
	int from[2], to[2];

	open_socket(from);
	writer = from[1];
	endpoint_open_socket(&src, from[0], ENDPOINT_READ, -1, "from");
	ancillary_init(&ancillary);
	src.ancillary = &ancillary;
	if (into_socket) {
		open_socket(to);
		reader = to[1];
		endpoint_open_socket(&dst, to[0], ENDPOINT_WRITE, -1, "to");
	} else {
		need(pipe(to) == 0, "pipe");
		reader = to[0];
		endpoint_open_inherited(&dst, to[1], ENDPOINT_WRITE, false,
		    "to");
	}
	need(conduit_open_bytes(&conduit) == 0, "conduit_open_bytes");
}

static void
put(const void *data, size_t size)
{
	need(write(writer, data, size) == (ssize_t)size, "write");
}

/* Whether size bytes of block, and no more, have come. */
static bool
comes(size_t size)
{
	struct pollfd slot = { .fd = reader, .events = POLLIN };
	size_t sum = 0;
	ssize_t part;

	while (poll(&slot, 1, 0) == 1 && sum < sizeof(got)) {
		part = read(reader, got + sum, sizeof(got) - sum);
		if (part <= 0)
			break;
		sum += (size_t)part;
	}
	return sum == size && memcmp(got, block, size) == 0;
}

/* How a piece is moved. */
enum how { COPIED, MOVED, WRONG };

/* Have a piece of size bytes, more than one, pass. */
static enum how
pass(size_t size)
{
	uint64_t before = conduit.moved;
	enum how how;

	put(block, size);
	if (fill() != IO_MOVED)
		return WRONG;
	how = pending() == size ? COPIED : pending() == 1 ? MOVED : WRONG;
	if (drain() != IO_MOVED || pending() != 0 || !comes(size))
		return WRONG;
	/* Taken and given, or both at once. */
	return conduit.moved - before == (how == COPIED ? 2 * size : size) ?
	    how : WRONG;
}

/* Whether count pieces of size bytes all pass like this. */
static bool
pass_like(enum how how, size_t size, int count)
{
	bool good = true;

	for (; count > 0; count--)
		good = pass(size) == how && good;
	return good;
}

#ifndef SPLICE_AT_ONCE

static void
test_first(void)
{
	begin();
	is_int(fill(), IO_AGAIN, "nothing is there yet");
	ok(pass_like(COPIED, 5, 100), "what comes in small pieces is copied");
	ok(pass_like(COPIED, LARGE - 1, 10), "or in those that are not large");
	end();
}

static void
test_large(void)
{
	enum how how = CAN_SPLICE ? MOVED : COPIED;

	begin();
	ok(pass_like(COPIED, LARGE, 1) && pass_like(COPIED, 5, 1) &&
	    pass_like(COPIED, LARGE, 1) && pass_like(COPIED, 5, 1),
	    "single large pieces are copied");
	ok(pass_like(COPIED, LARGE, 2) && pass_like(how, LARGE, 3),
	    "behind two in a row the kernel moves them, if it can");
	ok(pass_like(how, SMALL + 1, 50), "and those that are not small");
	ok(pass_like(how, 5, SMALL_RUN - 1) && pass_like(how, LARGE, 1) &&
	    pass_like(how, SMALL, SMALL_RUN - 1) &&
	    pass_like(how, SMALL + 1, 1), "and some that are");
	ok(pass_like(how, SMALL, SMALL_RUN) && pass_like(COPIED, 5, 3),
	    "behind many small ones in a row they are copied again");
	ok(pass_like(COPIED, LARGE, 2) && pass_like(how, LARGE, 1),
	    "until two are large");
	end();
}

#else

static void
test_at_once(void)
{
	enum how how = CAN_SPLICE ? MOVED : COPIED;

	begin();
	ok(pass_like(how, 5, 100) && pass_like(how, LARGE, 3) &&
	    pass_like(how, 5, 100), "a build for tests never copies");
	end();
}

#endif

/* From now on the kernel moves the bytes, if it can. */
static void
go_over(void)
{
	conduit.of.bytes.is_splicing = true;
}

/* From now on they are copied. */
static void
stay(void)
{
	conduit.of.bytes.is_splicing = false;
	conduit.of.bytes.splice.use = SPLICE_NEVER;
}

static void (*const methods[])(void) = { stay, go_over };

static const char *
title(const char *name, size_t method)
{
	static char text[120];

	snprintf(text, sizeof(text), "%s: %s", method == 0 ? "copied" :
	    "spliced", name);
	return text;
}

static void
test_end(size_t method)
{
	enum io result;

	begin();
	methods[method]();
	put(block, 4);
	close(writer);
	writer = -1;
	ok(fill() == IO_MOVED && drain() == IO_MOVED && comes(4),
	    title("what came before the end passes", method));
	result = fill();
	if (result == IO_MOVED)
		result = drain();
	is_int(result, IO_END, title("then comes the end", method));
	conduit.kind->end(&conduit);
	is_int((long long)pending(), 0, title("with nothing left", method));
	end();
}

static void
fill_up(int fd)
{
	while (write(fd, block, sizeof(block)) > 0)
		;
	while (write(fd, block, 1) > 0)
		;
}

static void
test_full(size_t method)
{
	begin();
	methods[method]();
	put(block, 5);
	fill_up(dst.fd);
	ok(fill() == IO_MOVED && drain() == IO_AGAIN && drain() == IO_AGAIN &&
	    pending() > 0, title("a full reader waits", method));
	while (recv(reader, got, sizeof(got), MSG_DONTWAIT) > 0)
		;
	ok(drain() == IO_MOVED && pending() == 0 && comes(5),
	    title("and gets the rest", method));
	close(reader);
	reader = -1;
	put(block, 5);
	ok(fill() == IO_MOVED && drain() == IO_FAILED && dst.error == EPIPE,
	    title("one that leaves takes no more", method));
	end();
}

static void
test_drop(void)
{
	begin();
	stay();
	put(block, 5);
	fill();
	is_int((long long)conduit.kind->drop(&conduit), 5,
	    "what was copied and not given is counted");
	is_int((long long)pending(), 0, "and dropped");
	ok(pass(7) == COPIED, "what comes later passes");
	end();
	begin();
	go_over();
	put(block, 5);
	fill();
	is_int((long long)conduit.kind->drop(&conduit), CAN_SPLICE ? 0 : 5,
	    "what was not moved yet is not");
	is_int((long long)pending(), 0, "and is forgotten");
	if (CAN_SPLICE)
		ok(read(src.fd, got, sizeof(got)) == 5, "it stays in the pipe");
	else
		elsewhere("it stays in the pipe", "no splice(2)");
	end();
}

/* --- who looks ---------------------------------------------------------- */

/* What is told of 5 bytes, in a trace if there is one, and in the totals. */
static void
test_monitor(bool has_trace)
{
	const char *command[] = { "cat", NULL };
	static struct plan plan;
	static struct monitor monitor;
	enum how how;

	need(plan_init(&plan) == 0 && plan_set_command(&plan, command) == 0,
	    "plan");
	if (has_trace)
		need(plan_add_output(&plan, "/dev/null", FORMAT_TEXT, false) ==
		    0, "plan_add_output");
	need(monitor_open(&monitor, &plan) == 0, "monitor_open");
	begin();
	conduit.monitor = &monitor;
	conduit.direction = TRACE_TO_COMMAND;
	go_over();
	how = pass(5);
	if (has_trace)
		is_int(how, COPIED, "where bytes are traced they are copied");
	else
		is_int(how, CAN_SPLICE ? MOVED : COPIED,
		    "where they are only counted the kernel moves them");
	ok(monitor.stats.to_command.bytes == 5 &&
	    monitor.stats.to_command.pieces == 1 &&
	    monitor.stats.from_command.bytes == 0, "and they are counted once");
	end();
	monitor_finish(&monitor, 0, 0);
	monitor_free(&monitor);
	plan_free(&plan);
}

/* --- descriptors -------------------------------------------------------- */

static void
put_with_fd(const char *data, size_t size)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} room = { .space = { 0 } };
	struct iovec iov = { (void *)data, size };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room.space,
		.msg_controllen = sizeof(room.space),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &writer, sizeof(int));
	need(sendmsg(writer, &message, 0) == (ssize_t)size, "sendmsg");
}

static void
test_descriptors(void)
{
	begin_with_fds(true);
	stay();
	put(block, 2);
	put_with_fd(block + 2, 3);
	ok(fill() == IO_MOVED && pending() == 5 && ancillary.count == 1 &&
	    ancillary.bytes_before_fds == 2 && !ancillary.is_new,
	    "descriptors for a unix socket are kept, with their place");
	ancillary_refuse(&ancillary, REFUSAL_TOLD);
	end();
	begin_with_fds(false);
	stay();
	put_with_fd(block, 3);
	ok(fill() == IO_MOVED && pending() == 3 && ancillary.count == 0 &&
	    ancillary.came == 1 && ancillary.refused == 1 &&
	    ancillary.refusal == REFUSAL_FAMILY,
	    "those for a pipe are closed, and that is noted");
	ok(drain() == IO_MOVED && comes(3), "the bytes pass");
	end();
}

static void
test_free(void)
{
	need(conduit_open_bytes(&conduit) == 0, "conduit_open_bytes");
	conduit.kind->free(&conduit);
	ok(conduit.of.bytes.copy.data == NULL, "a freed conduit has no buffer");
	conduit.kind->free(&conduit);
	ok(pending() == 0, "and may be freed again");
}

int
main(void)
{
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	alarm(60);
	for (i = 0; i < sizeof(block); i++)
		block[i] = (char)(i * 7 + i / 251);
#ifdef SPLICE_AT_ONCE
	test_at_once();
	elsewhere("the method is chosen by the size of pieces",
	    "a build that always splices");
#else
	test_first();
	test_large();
#endif
	for (i = 0; i < 2; i++) {
		test_end(i);
		test_full(i);
	}
	test_drop();
	test_monitor(true);
	test_monitor(false);
	test_descriptors();
	test_free();
	return done_testing();
}
