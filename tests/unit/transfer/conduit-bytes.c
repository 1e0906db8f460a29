/* SPDX-License-Identifier: MIT */
/*
 * The conduit of bytes: copied at first, moved by the kernel once they come in
 * bulk, copied again when they do not; and always where somebody looks.
 */
#include "config.h"

#include "conduit.h"

static struct ancillary *const set = &conduit.ancillary;

#define LARGE 32768		/* bytes of a piece that is large, at least */
#define SMALL 8191		/* bytes of one that is small, at most */
#define SMALL_RUN 16		/* of them in a row decide */

#ifdef HAVE_SPLICE
#define CAN_SPLICE true
#else
#define CAN_SPLICE false
#endif

static char block[3 * BYTES_SIZE];
static char got[65536];

static void
open_bytes(void)
{
	need(conduit_open_bytes(&conduit) == 0, "conduit_open_bytes");
}

/* From a pipe into a socket of ours. */
static void
begin(void)
{
	begin_src_pipe();
	begin_dst(SOCK_STREAM);
	open_bytes();
}

/* From a socket of ours, with descriptors, into another or into a pipe. */
static void
begin_with_fds(bool into_socket)
{
	begin_src(SOCK_STREAM);
	if (into_socket)
		begin_dst(SOCK_STREAM);
	else
		begin_dst_pipe();
	open_bytes();
}

/* Whether the size bytes of want, and no more, have come. */
static bool
comes(const void *want, size_t size)
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
	return sum == size && memcmp(got, want, size) == 0;
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
	if (drain() != IO_MOVED || pending() != 0 || !comes(block, size))
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
	end_writer();
	ok(fill() == IO_MOVED && drain() == IO_MOVED && comes(block, 4),
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
	ok(drain() == IO_MOVED && pending() == 0 && comes(block, 5),
	    title("and gets the rest", method));
	end_reader();
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
	is_int((long long)conduit.kind->held(&conduit), 5,
	    "what was copied and not given is held");
	is_int((long long)conduit.kind->drop(&conduit), 5,
	    "what was copied and not given is counted");
	is_int((long long)pending(), 0, "and dropped");
	ok(pass(7) == COPIED, "what comes later passes");
	end();
	begin();
	go_over();
	put(block, 5);
	fill();
	is_int((long long)conduit.kind->held(&conduit), CAN_SPLICE ? 0 : 5,
	    "what was not moved yet is not held");
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

/*
 * What is told of 5 bytes, in the totals and in a trace of these events, if
 * there are any.
 */
static void
test_monitor(unsigned int events)
{
	const char *command[] = { "cat", NULL };
	static struct plan plan;
	static struct monitor monitor;
	enum how how;

	need(plan_init(&plan) == 0 && plan_set_command(&plan, command) == 0,
	    "plan");
	plan.events = events;
	if (events != 0)
		need(plan_add_output(&plan, "/dev/null") == 0,
		    "plan_add_output");
	need(monitor_open(&monitor, &plan) == 0, "monitor_open");
	begin();
	conduit.monitor = &monitor;
	conduit.direction = TRACE_TO_COMMAND;
	go_over();
	how = pass(5);
	if (events & TRACE_BYTES)
		is_int(how, COPIED, "where bytes are traced they are copied");
	else
		is_int(how, CAN_SPLICE ? MOVED : COPIED, events == 0 ?
		    "where they are only counted the kernel moves them" :
		    "or where a trace shows other events");
	ok(monitor.stats.to_command.bytes == 5 &&
	    monitor.stats.to_command.pieces == 1 &&
	    monitor.stats.from_command.bytes == 0, "and they are counted once");
	end();
	monitor_finish(&monitor, 0, 0);
	monitor_free(&monitor);
	plan_free(&plan);
}

/* --- the buffer --------------------------------------------------------- */

/* Whether one turn has this result, and so much is there then. */
static bool
takes(enum io want, size_t want_pending)
{
	return fill() == want && pending() == want_pending;
}

static bool
takes_text(const char *text)
{
	return takes(IO_MOVED, strlen(text)) &&
	    memcmp(conduit.of.bytes.data, text, strlen(text)) == 0;
}

static bool
gives(const char *text)
{
	return drain() == IO_MOVED && pending() == 0 &&
	    comes(text, strlen(text));
}

static void
test_moves(void)
{
	begin_with_fds(true);
	ok(conduit.of.bytes.data != NULL && pending() == 0,
	    "a new buffer is empty");
	ok(takes(IO_AGAIN, 0), "nothing has been sent yet");
	put_text("hello");
	ok(takes_text("hello") && comes("", 0),
	    "what is there is taken, and not given yet");
	ok(gives("hello"), "then it is given");
	put_text("a");
	ok(takes_text("a") && gives("a"),
	    "the buffer is used from its start again");
	put_text("last");
	end_writer();
	ok(takes_text("last") && gives("last"),
	    "what was sent before the end is moved");
	ok(takes(IO_END, 0), "and behind it the end is found");
	end();
}

static void
test_failures(void)
{
	int directory = open("/", O_RDONLY | O_CLOEXEC);

	begin_with_fds(true);
	put_text("lost");
	end_reader();
	ok(takes_text("lost") && drain() == IO_FAILED && dst.error == EPIPE &&
	    pending() == 4, "a lost reader is EPIPE, and takes none");
	end();

	begin_with_fds(true);
	need(directory != -1, "open");
	close(src.fd);
	endpoint_open_inherited(&src, directory, ENDPOINT_READ, false, "from");
	ok(takes(IO_FAILED, 0) && src.error == EISDIR,
	    "what cannot be read is an error");
	end();
}

/* A reader with little room: it takes parts, and waits between them. */
static void
test_parts(void)
{
	static char parts_got[BYTES_SIZE + 1];
	size_t got_size = 0, before;
	unsigned int parts = 0, waits = 0;
	uint64_t moved;
	int small = 4096;
	bool good = true;
	enum io result;
	ssize_t size;

	begin_with_fds(true);
	need(setsockopt(dst.fd, SOL_SOCKET, SO_SNDBUF, &small,
	    sizeof(small)) == 0, "SO_SNDBUF");
	fcntl(writer, F_SETFL, O_NONBLOCK);
	size = write(writer, block, sizeof(block));
	need(size > BYTES_SIZE, "write");
	ok(takes(IO_MOVED, BYTES_SIZE), "at most a buffer is taken");
	while (pending() > 0 && good) {
		before = pending();
		moved = conduit.moved;
		result = drain();
		good = before - pending() == conduit.moved - moved &&
		    (result == IO_MOVED ? pending() == 0 :
		    result == IO_AGAIN && pending() > 0);
		parts += pending() < before;
		waits += result == IO_AGAIN;
		size = recv(reader, parts_got + got_size, 1000, MSG_DONTWAIT);
		got_size += size > 0 ? (size_t)size : 0;
	}
	ok(good && parts > 1 && waits > 0,
	    "a full reader waits, and takes parts when it can");
	while ((size = recv(reader, parts_got + got_size,
	    sizeof(parts_got) - got_size, MSG_DONTWAIT)) > 0)
		got_size += (size_t)size;
	is_mem(parts_got, got_size, block, BYTES_SIZE,
	    "it gets all of it in order");
	end();
}

/* --- descriptors -------------------------------------------------------- */

static void
test_descriptors(void)
{
	begin_with_fds(true);
	stay();
	put(block, 2);
	put_with_fd(block + 2, 3);
	ok(fill() == IO_MOVED && pending() == 5 && set->count == 1 &&
	    set->bytes_before_fds == 2 && !set->is_new,
	    "descriptors for a unix socket are kept, with their place");
	ancillary_refuse(set, REFUSAL_TOLD);
	end();
	begin_with_fds(false);
	stay();
	put_with_fd(block, 3);
	ok(fill() == IO_MOVED && pending() == 3 && set->count == 0 &&
	    set->came == 1 && set->refused == 1 &&
	    set->refusal == REFUSAL_FAMILY,
	    "those for a pipe are closed, and that is noted");
	ok(drain() == IO_MOVED && comes(block, 3), "the bytes pass");
	end();
}

/* The kernel would move the bytes, close the set, and say nothing. */
static void
test_descriptors_in_bulk(void)
{
	begin_with_fds(false);
	conduit.of.bytes.is_splicing = true;
	put(block, 2);
	put_with_fd(block + 2, 3);
	put(block + 5, 4);
	ok(fill() == IO_MOVED && drain() == IO_MOVED && set->came == 1 &&
	    set->refused == 1 && set->refusal == REFUSAL_FAMILY,
	    "descriptors are noted, too, while bytes are moved in bulk");
	ok(fill() == IO_MOVED && drain() == IO_MOVED && comes(block, 9),
	    "all the bytes pass");
	is_int(fill(), IO_AGAIN, "and there is no more");
	end();
}

/* Whether a turn takes text, with count descriptors behind ahead bytes. */
static bool
takes_apart(const char *text, unsigned int count, size_t ahead)
{
	bool good = takes_text(text) && set->count == count &&
	    (count == 0 || set->bytes_before_fds == ahead);

	if (!good)
		printf("# pending %zu, count %u, before %zu\n", pending(),
		    set->count, set->bytes_before_fds);
	if (count > 0)
		ancillary_refuse(set, REFUSAL_TOLD);
	return good && gives(text);
}

static void
test_apart(void)
{
	begin_with_fds(true);
	put_text("plain");
	ok(takes_apart("plain", 0, 0), "bytes without any are taken as ever");
	put_with_fd("first", 5);
	ok(takes_apart("first", 1, 0), "a set comes with its first byte");
	put_text("12");
	put_with_fd("345", 3);
	put_text("67");
	ok(takes_apart("12345", 1, 2), "one behind other bytes is placed");
	ok(takes_apart("67", 0, 0), "and those behind its own come alone");
	put_with_fd("a", 1);
	put_with_fd("bc", 2);
	ok(takes_apart("a", 1, 0) && takes_apart("bc", 1, 0),
	    "two sets come one after the other");
	put_text("12");
	put_with_fd("a", 1);
	put_text("34");
	put_with_fd("b", 1);
	ok(takes_apart("12a", 1, 2) && takes_apart("34b", 1, 2),
	    "so do two behind other bytes");
	ok(takes(IO_AGAIN, 0), "and then there is nothing");
	ok(!src.ignore_peek, "what announces a set is believed");
	put_text("last");
	end_writer();
	ok(takes_apart("last", 0, 0) && takes(IO_END, 0),
	    "then comes the end, with or without descriptors");
	end();
}

/* Whether want is next, with count descriptors, which are closed. */
static bool
comes_with(const char *want, int count)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(4 * sizeof(int))];
	} room;
	char data[100];
	struct iovec iov = { data, strlen(want) };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room.space,
		.msg_controllen = sizeof(room.space),
	};
	ssize_t size = recvmsg(reader, &message, MSG_DONTWAIT);
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int fd;

	if (header != NULL) {
		if (header->cmsg_len != CMSG_LEN(sizeof(int)))
			return false;
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
		close(fd);
	}
	return size == (ssize_t)strlen(want) &&
	    memcmp(data, want, strlen(want)) == 0 &&
	    count == (header != NULL);
}

/* What is taken apart is given apart: a set goes with its own byte. */
static void
test_give_apart(void)
{
	begin_with_fds(true);
	put_text("12");
	put_with_fd("345", 3);
	need(takes_text("12345") && set->count == 1, "fill");
	ok(drain() == IO_MOVED && pending() == 0 && set->count == 0,
	    "bytes before a set are given, and those with it");
	ok(comes_with("12", 0), "the first without it");
	ok(comes_with("345", 1) && comes("", 0), "the others with it");
	put_text("6");
	need(takes_text("6"), "fill");
	ok(drain() == IO_MOVED && comes_with("6", 0) && set->came == 1 &&
	    set->refused == 0, "and no others");
	end();
}

/*
 * Behind so many bytes that they are not all looked for in one turn: signals
 * and the other direction have theirs.
 */
static void
test_far(void)
{
	static const size_t before = 60000;
	size_t sum = 0, most = 0;
	size_t size = 0;
	bool good = true;
	int turns;

	begin_with_fds(true);
	put(block, before);
	put_with_fd(block + before, 10);
	for (turns = 0; good && set->count == 0 && turns < 100; turns++) {
		good = fill() == IO_MOVED && memcmp(conduit.of.bytes.data,
		    block + sum, pending()) == 0;
		size = pending();
		most = size > most && set->count == 0 ? size : most;
		sum += size;
		conduit.kind->drop(&conduit);
	}
	ok(good && most > 1 && most <= 4097,
	    "far ahead of a set a turn is short");
	ok(sum == before + 10 && set->count == 1 &&
	    sum - size + set->bytes_before_fds == before,
	    "it is with its own byte all the same");
	ancillary_refuse(set, REFUSAL_TOLD);
	end();
}

/* Credentials are announced in the same way. */
static void
test_credentials(void)
{
#ifdef SO_PASSCRED
	int on = 1;

	begin_with_fds(true);
	need(setsockopt(src.fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0,
	    "SO_PASSCRED");
	put_text("hello");
	ok(takes_apart("hello", 0, 0) && src.ignore_peek,
	    "what announces no set is not believed again");
	put_text("more");
	ok(takes_apart("more", 0, 0), "and the bytes come all the same");
	end();
#else
	skip("what announces no set is not believed again", "no SO_PASSCRED");
#endif
}

/* A set that our limit of open files cuts was announced all the same. */
static int
take_after_cut(void *argument)
{
	int lowest = dup(0);
	struct rlimit limit = { (rlim_t)lowest, 1000 };

	(void)argument;
	close(lowest);
	need(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
	put_with_fd("a", 1);
	ASK(takes_apart("a", 0, 0) && set->was_cut && set->came == 0);
	limit.rlim_cur = 1000;
	need(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
	put_text("12");
	put_with_fd("345", 3);
	ASK(takes_apart("12345", 1, 2));
	return 0;
}

static void
test_cut(void)
{
	begin_with_fds(true);
	passes_bare(take_after_cut, NULL,
	    "behind a set that was cut the next one is placed");
	end();
}

/* To look for descriptors must not take away what a read is to find. */
static void
test_reset(void)
{
	begin_with_fds(true);
	need(send(src.fd, "unread", 6, 0) == 6, "send");
	end_writer();
	is_int(fill(), IO_END, "a reset is the end");
	ok(src.was_reset, "and is noted");
	end();
	begin_with_fds(true);
	src.inherited = true;
	need(send(src.fd, "unread", 6, 0) == 6, "send");
	end_writer();
	is_int(fill(), IO_END, "that of an inherited unix socket is its end");
	ok(!src.was_reset, "and is not noted, because it is no command's");
	end();
	begin_with_fds(true);
	src.inherited = true;
	src.is_unix = false;
	need(send(src.fd, "unread", 6, 0) == 6, "send");
	end_writer();
	ok(fill() == IO_FAILED && src.error == ECONNRESET,
	    "that of another inherited socket is an error");
	is_int(fill(), IO_END, "and then there is the end");
	end();
}

/* Without memory: 0 if that was told right. */
static int
open_without_memory(void *argument)
{
	(void)argument;
	use_up_memory();
	return conduit_open_bytes(&conduit) == -1 && errno == ENOMEM &&
	    conduit.of.bytes.data == NULL && pending() == 0 ? 0 : 1;
}

static void
test_free(void)
{
	need(conduit_open_bytes(&conduit) == 0, "conduit_open_bytes");
	conduit.kind->free(&conduit);
	ok(conduit.of.bytes.data == NULL, "a freed conduit has no buffer");
	conduit.kind->free(&conduit);
	ok(pending() == 0, "and may be freed again");
}

int
main(void)
{
	static const char no_memory[] = "a buffer without memory is ENOMEM";
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
	test_monitor(TRACE_ALL);
	test_monitor(0);
	test_monitor(1u << TRACE_EXIT);
	test_moves();
	test_failures();
	test_parts();
	test_descriptors();
	test_descriptors_in_bulk();
	test_apart();
	test_give_apart();
	test_far();
	test_credentials();
	test_cut();
	test_reset();
	test_free();
	if (can_limit_memory())
		is_int(run_child(open_without_memory, NULL), 0, no_memory);
	else
		elsewhere(no_memory, "memory tool");
	return done_testing();
}
