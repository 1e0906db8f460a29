/* SPDX-License-Identifier: MIT */
/* A channel, step by step: from a pipe or socket, to a pipe or socket. */
#include "config.h"

#ifdef __linux__
#include <sys/eventfd.h>
#endif

#include <poll.h>

#include "base/clock.h"
#include "transfer/channel.h"
#include "tap.h"

static char block[1 << 20];

/* A channel over descriptors of the test; writer and reader are its outside. */
struct rig {
	struct channel channel;
	struct fault fault;
	int writer;
	int reader;
};

static struct rig rig;
static bool splicing;	/* from the first byte; else never */

static short
events_of(int fd, short events)
{
	struct pollfd slot = { .fd = fd, .events = events };

	return poll(&slot, 1, 0) == 1 ? slot.revents : 0;
}

static enum channel_result
step(void)
{
	struct channel *channel = &rig.channel;

	return channel_step(channel,
	    events_of(channel->src.fd, channel_src_events(channel)),
	    events_of(channel->dst.fd, channel_dst_events(channel)),
	    &rig.fault);
}

static void
open_ends(int ends[2], bool sockets)
{
	need((sockets ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends) :
	    pipe(ends)) == 0, "pipe");
}

/* In a child of its own: 0 is given up, so it is where it would be. */
static void
rig_up(bool from_socket, bool to_socket)
{
	int src[2], dst[2];

	signal(SIGPIPE, SIG_IGN);
	open_ends(src, from_socket);
	open_ends(dst, to_socket);
	rig.writer = src[1];
	rig.reader = dst[0];
	channel_init(&rig.channel);
	need(conduit_open_bytes(&rig.channel.conduit) == 0, "conduit");
	rig.channel.conduit.of.bytes.is_splicing = splicing;
	if (!splicing)
		rig.channel.conduit.of.bytes.splice.use = SPLICE_NEVER;
	if (from_socket) {
		fcntl(src[0], F_SETFL, O_NONBLOCK);
		endpoint_open_socket(&rig.channel.src, src[0],
		    ENDPOINT_READ, -1, "from");
		need(dup2(dst[1], 1) == 1, "dup2");
		close(dst[1]);
		endpoint_open_inherited(&rig.channel.dst, 1, ENDPOINT_WRITE,
		    false, "to");
	} else {
		need(dup2(src[0], 0) == 0, "dup2");
		close(src[0]);
		endpoint_open_inherited(&rig.channel.src, 0, ENDPOINT_READ,
		    false, "from");
		fcntl(dst[1], F_SETFL, O_NONBLOCK);
		endpoint_open_socket(&rig.channel.dst, dst[1], ENDPOINT_WRITE,
		    -1, "to");
	}
}

static int
moves(void *argument)
{
	char data[8];

	(void)argument;
	rig_up(false, true);
	ASK(rig.channel.src_open && rig.channel.dst_open);
	ASK(channel_src_events(&rig.channel) == POLLIN);
	ASK(channel_dst_events(&rig.channel) == 0);
	ASK(!channel_is_ready(&rig.channel));
	ASK(step() == CHANNEL_OPEN && rig.fault.kind == FAULT_NONE);
	ASK(write(rig.writer, "hello", 5) == 5);
	ASK(channel_step(&rig.channel, 0, 0, &rig.fault) == CHANNEL_OPEN);
	ASK(rig.channel.conduit.moved == 0);
	ASK(step() == CHANNEL_OPEN);
	ASK(read(rig.reader, data, 8) == 5 && memcmp(data, "hello", 5) == 0);
	ASK(channel_pending(&rig.channel) == 0);
	ASK(rig.channel.conduit.moved == (splicing ? 5 : 10));
	channel_free(&rig.channel);
	ASK(rig.channel.conduit.of.bytes.data == NULL);
	channel_free(&rig.channel);
	return 0;
}

static int
flushes(void *argument)
{
	char data[8];

	(void)argument;
	rig_up(false, true);
	ASK(write(rig.writer, "last", 4) == 4);
	close(rig.writer);
	ASK(step() == CHANNEL_OPEN);
	ASK(step() == CHANNEL_FLUSHED && rig.fault.kind == FAULT_NONE);
	ASK(!rig.channel.src_open && rig.channel.dst_open);
	ASK(channel_src_events(&rig.channel) == 0);
	ASK(read(rig.reader, data, 8) == 4);
	ASK(events_of(rig.reader, POLLIN) == 0);
	channel_finish(&rig.channel, &rig.fault);
	ASK(rig.fault.kind == FAULT_NONE && !rig.channel.dst_open);
	ASK(read(rig.reader, data, 8) == 0);
	ASK(step() == CHANNEL_CLOSED);
	ASK(rig.channel.undelivered == 0);
	return 0;
}

/* A reader that does not read holds the writer up, and memory is bounded. */
static int
holds_up(void *argument)
{
	size_t sent = 0, got = 0, pending;
	ssize_t size;
	int turns;

	(void)argument;
	rig_up(false, true);
	fcntl(rig.writer, F_SETFL, O_NONBLOCK);
	fcntl(rig.reader, F_SETFL, O_NONBLOCK);
	for (turns = 0; turns < 1000; turns++) {
		size = write(rig.writer, block, sizeof(block));
		sent += size > 0 ? (size_t)size : 0;
		ASK(step() == CHANNEL_OPEN);
		ASK(channel_pending(&rig.channel) <= BYTES_SIZE);
		if (channel_pending(&rig.channel) > 0)
			ASK(channel_src_events(&rig.channel) == 0);
	}
	ASK(size == -1 && errno == EAGAIN);
	pending = channel_pending(&rig.channel);
	ASK(pending > 0 && channel_dst_events(&rig.channel) == POLLOUT);
	ASK(BYTES_SIZE <= 1 << 20);
	close(rig.writer);
	do {
		while ((size = read(rig.reader, block, sizeof(block))) > 0)
			got += (size_t)size;
	} while (step() == CHANNEL_OPEN);
	while ((size = read(rig.reader, block, sizeof(block))) > 0)
		got += (size_t)size;
	ASK(got == sent);
	ASK(rig.channel.conduit.moved == (splicing ? sent : 2 * sent));
	return 0;
}

/* The reader leaves while we are idle: poll(2) says so, nothing is read. */
static int
hears_idle_reader_leave(void *argument)
{
	char byte;

	(void)argument;
	rig_up(true, false);
	close(rig.reader);
	ASK(write(rig.writer, "x", 1) == 1);
	ASK(events_of(rig.channel.dst.fd, 0) & POLLERR);
	ASK(step() == CHANNEL_REFUSED && rig.fault.kind == FAULT_NONE);
	ASK(rig.channel.conduit.moved == 0);
	channel_break(&rig.channel);
	ASK(rig.channel.src_open && !rig.channel.dst_open);
	ASK(channel_src_events(&rig.channel) == 0);
	channel_stop_reading(&rig.channel);
	ASK(!rig.channel.src_open);
	ASK(rig.channel.undelivered == 0);
	ASK(write(rig.writer, "x", 1) == -1 && errno == EPIPE);
	ASK(step() == CHANNEL_CLOSED);
	ASK(read(1, &byte, 1) == 0);
	return 0;
}

static int
hears_full_reader_leave(void *argument)
{
	size_t pending;

	(void)argument;
	rig_up(false, true);
	fcntl(rig.writer, F_SETFL, O_NONBLOCK);
	do {
		(void)!write(rig.writer, block, sizeof(block));
		ASK(step() == CHANNEL_OPEN);
		pending = channel_pending(&rig.channel);
	} while (pending == 0);
	close(rig.reader);
	ASK(step() == CHANNEL_REFUSED && rig.fault.kind == FAULT_NONE);
	channel_break(&rig.channel);
	channel_stop_reading(&rig.channel);
	/* Nothing is taken from a pipe that cannot be given. */
	ASK(rig.channel.undelivered == (splicing ? 0 : pending));
	ASK(channel_pending(&rig.channel) == 0);
	ASK(write(rig.writer, "x", 1) == -1 && errno == EPIPE);
	return 0;
}

/* It has hung up, and takes no more: nobody will ever make room. */
static int
gives_up_hung_up(void *argument)
{
	(void)argument;
	rig_up(false, true);
	fcntl(rig.writer, F_SETFL, O_NONBLOCK);
	do {
		(void)!write(rig.writer, block, sizeof(block));
		ASK(step() == CHANNEL_OPEN);
	} while (channel_pending(&rig.channel) == 0);
	ASK(channel_step(&rig.channel, 0, POLLHUP, &rig.fault) ==
	    CHANNEL_REFUSED);
	return 0;
}

static int
stops_reading(void *argument)
{
	ssize_t size;

	(void)argument;
	rig_up(false, true);
	fcntl(rig.writer, F_SETFL, O_NONBLOCK);
	do {
		(void)!write(rig.writer, block, sizeof(block));
		ASK(step() == CHANNEL_OPEN);
	} while (channel_pending(&rig.channel) == 0);
	channel_stop_reading(&rig.channel);
	ASK(!rig.channel.src_open && channel_pending(&rig.channel) > 0);
	ASK(write(rig.writer, "x", 1) == -1 && errno == EPIPE);
	fcntl(rig.reader, F_SETFL, O_NONBLOCK);
	do {
		while ((size = read(rig.reader, block, sizeof(block))) > 0)
			;
	} while (step() == CHANNEL_OPEN);
	ASK(channel_pending(&rig.channel) == 0);
	ASK(step() == CHANNEL_FLUSHED);
	return 0;
}

/* More messages than are sent at once are read at once. */
static int
delivers_backlog(void *argument)
{
	struct channel *channel = &rig.channel;
	int dst[2];
	char data[8];
	int i;

	(void)argument;
	rig_up(false, true);
	channel_free(channel);
	need(conduit_open_decode(&channel->conduit, FRAMING_LINE, 100) == 0 &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, dst) == 0, "conduit");
	fcntl(dst[0], F_SETFL, O_NONBLOCK);
	endpoint_open_socket(&channel->dst, dst[0], ENDPOINT_WRITE, -1, "to");
	for (i = 0; i < 2 * MESSAGE_BATCH; i++)
		ASK(write(rig.writer, "a\n", 2) == 2);
	ASK(step() == CHANNEL_OPEN && channel->conduit.has_backlog);
	ASK(channel_pending(channel) > 0 && channel_is_ready(channel));
	ASK(channel_src_events(channel) == 0);
	channel_stop_reading(channel);
	for (i = 0; channel_step(channel, 0, 0, &rig.fault) == CHANNEL_OPEN;
	    i++)
		ASK(i < 10);
	ASK(rig.fault.kind == FAULT_NONE && channel_pending(channel) == 0);
	for (i = 0; recv(dst[1], data, 8, MSG_DONTWAIT) == 1; i++)
		;
	ASK(i == 2 * MESSAGE_BATCH);
	return 0;
}

/* Whether the command half-closed, or went away, is handed on. */
static int
hands_half_close_on(void *goes_away)
{
	int held;
	char byte;

	rig_up(true, true);
	rig.channel.dst.is_input_too = true;
	held = dup(1);
	if (*(bool *)goes_away)
		close(rig.writer);
	else
		shutdown(rig.writer, SHUT_WR);
	ASK(step() == CHANNEL_FLUSHED);
	ASK(rig.channel.src_half_closed == !*(bool *)goes_away);
	channel_finish(&rig.channel, &rig.fault);
	ASK(rig.fault.kind == FAULT_NONE);
	if (*(bool *)goes_away)
		ASK(events_of(rig.reader, POLLIN) == 0);
	else
		ASK(read(rig.reader, &byte, 1) == 0);
	ASK(write(rig.reader, "x", 1) == 1 && read(held, &byte, 1) == 1);
	return 0;
}

static int
tells_read_error(void *argument)
{
	int fd = open("/", O_RDONLY);

	(void)argument;
	rig_up(false, true);
	dup2(fd, 0);
	endpoint_open_inherited(&rig.channel.src, 0, ENDPOINT_READ, false,
	    "a directory");
	ASK(step() == CHANNEL_FLUSHED && !rig.channel.src_open);
	ASK(rig.fault.kind == FAULT_READ);
	ASK(strcmp(rig.fault.noun, "a directory") == 0);
	ASK(rig.fault.error == EISDIR);
	return 0;
}

/* Output that was closed on entry is an error with its first byte. */
static int
tells_write_error(void *argument)
{
	(void)argument;
	rig_up(true, false);
	endpoint_open_inherited(&rig.channel.dst, 1, ENDPOINT_WRITE, true,
	    "nothing");
	ASK(step() == CHANNEL_OPEN && rig.fault.kind == FAULT_NONE);
	ASK(write(rig.writer, "abc", 3) == 3);
	ASK(step() == CHANNEL_REFUSED);
	ASK(rig.fault.kind == FAULT_WRITE);
	ASK(strcmp(rig.fault.noun, "nothing") == 0);
	ASK(rig.fault.error == EBADF);
	channel_break(&rig.channel);
	channel_stop_reading(&rig.channel);
	ASK(rig.channel.undelivered == 3);
	ASK(write(rig.writer, "x", 1) == -1 && errno == EPIPE);
	return 0;
}

/* Descriptors could not be received, and then nothing can be written. */
static int
tells_one_by_one(void *argument)
{
	(void)argument;
	rig_up(true, false);
	endpoint_open_inherited(&rig.channel.dst, 1, ENDPOINT_WRITE, true,
	    "nothing");
	rig.channel.conduit.ancillary.was_cut = true;
	ASK(write(rig.writer, "abc", 3) == 3);
	ASK(step() == CHANNEL_OPEN);
	ASK(rig.fault.kind == FAULT_RECEIVE_FDS);
	ASK(step() == CHANNEL_REFUSED && rig.fault.kind == FAULT_WRITE);
	return 0;
}

/* poll(2) may not report that a socket has room again. */
static int
tries_again(void *argument)
{
	(void)argument;
	rig_up(false, true);
	while (write(rig.channel.dst.fd, block, sizeof(block)) > 0)
		;
	ASK(channel_retry_deadline(&rig.channel) == DEADLINE_NEVER);
	ASK(write(rig.writer, "hello", 5) == 5);
	ASK(step() == CHANNEL_OPEN && channel_pending(&rig.channel) > 0);
	ASK(channel_retry_deadline(&rig.channel) != DEADLINE_NEVER);
	ASK(channel_retry_deadline(&rig.channel) > clock_now() - SECOND);
	return 0;
}

#ifdef __linux__
/*
 * Standard output is a full eventfd, in place of a device in which poll(2)
 * reports no room: it is written all the same, and again after a while.
 */
static int
writes_unreported(void *argument)
{
	struct channel *channel = &rig.channel;
	uint64_t number = UINT64_MAX - 1;
	uint64_t more = 5;
	int fd = eventfd(0, EFD_NONBLOCK);

	(void)argument;
	ASK(fd != -1 && write(fd, &number, sizeof(number)) == sizeof(number));
	rig_up(true, false);
	ASK(dup2(fd, 1) == 1);
	channel->dst.fd = 1;
	channel->dst.method = METHOD_POLLED;
	channel->dst.is_pipe = channel->dst.reports_lost_reader = false;
	channel->dst.is_unpollable = true;
	ASK(write(rig.writer, &more, sizeof(more)) == sizeof(more));
	ASK(step() == CHANNEL_OPEN && channel_pending(channel) > 0);
	ASK(!channel_polls_dst(channel) && !channel_is_ready(channel));
	ASK(channel_retry_deadline(channel) <=
	    deadline_after(clock_now(), SECOND / 10));
	ASK(read(fd, &number, sizeof(number)) == sizeof(number));
	do
		ASK(channel_step(channel, 0, 0, &rig.fault) == CHANNEL_OPEN);
	while (channel_pending(channel) > 0);
	ASK(clock_now() >= channel->retry_at);
	ASK(read(fd, &number, sizeof(number)) == sizeof(number));
	ASK(number == more);
	return 0;
}
#endif

static int
tells_close_error(void *argument)
{
	(void)argument;
	rig_up(true, false);
	close(rig.writer);
	ASK(channel_step(&rig.channel, POLLIN, 0, &rig.fault) ==
	    CHANNEL_FLUSHED);
	close(1);
	channel_finish(&rig.channel, &rig.fault);
	ASK(rig.fault.error == EBADF && rig.fault.kind == FAULT_WRITE);
	ASK(!rig.channel.dst_open);
	return 0;
}

/* poll(2) does not say when the next chunk can be written. */
static int
waits_for_chunks(void *argument)
{
	struct channel *channel = &rig.channel;
	char data[100];

	(void)argument;
	rig_up(false, true);
	channel->dst.chunk = 3;
	ASK(write(rig.writer, "hello", 5) == 5);
	ASK(step() == CHANNEL_OPEN && channel_pending(channel) > 0);
	ASK(read(rig.reader, data, 100) == 3);
	ASK(channel_dst_events(channel) == 0 && channel_polls_dst(channel));
	ASK(!channel_is_ready(channel) && channel_src_events(channel) == 0);
	ASK(channel_retry_deadline(channel) <=
	    deadline_after(clock_now(), SECOND / 1000));
	do
		ASK(step() == CHANNEL_OPEN);
	while (channel_pending(channel) > 0);
	ASK(clock_now() >= channel->retry_at);
	ASK(read(rig.reader, data, 100) == 2);
	ASK(channel_retry_deadline(channel) == DEADLINE_NEVER);
	/* A reader that goes is reported at once. */
	ASK(write(rig.writer, "hello", 5) == 5);
	ASK(step() == CHANNEL_OPEN);
	close(rig.reader);
	ASK(step() == CHANNEL_REFUSED && rig.fault.kind == FAULT_NONE);
	channel_break(channel);
	ASK(channel->undelivered == 2);
	return 0;
}

/* Input that was closed on entry is empty, and poll(2) cannot say so. */
static int
is_ready_when_closed(void *argument)
{
	(void)argument;
	rig_up(false, true);
	endpoint_open_inherited(&rig.channel.src, 0, ENDPOINT_READ, true, "");
	ASK(channel_is_ready(&rig.channel));
	ASK(channel_src_events(&rig.channel) == 0);
	ASK(channel_step(&rig.channel, 0, 0, &rig.fault) == CHANNEL_FLUSHED);
	ASK(rig.fault.kind == FAULT_NONE);
	/* It has to be closed, and then never again. */
	ASK(channel_is_ready(&rig.channel));
	channel_finish(&rig.channel, &rig.fault);
	ASK(!channel_is_ready(&rig.channel));
	return 0;
}

/* A reader that is known to be gone, of which its socket would not tell. */
static int
hears_of_gone_reader(void *argument)
{
	(void)argument;
	rig_up(true, false);
	ASK(write(rig.writer, "hello", 5) == 5);
	ASK(!channel_is_ready(&rig.channel));
	rig.channel.dst.reader_gone = true;
	ASK(channel_is_ready(&rig.channel));
	ASK(channel_step(&rig.channel, POLLIN, 0, &rig.fault) ==
	    CHANNEL_REFUSED);
	ASK(rig.channel.conduit.moved == 0 && rig.fault.kind == FAULT_NONE);
	ASK(!rig.channel.is_broken);
	channel_break(&rig.channel);
	ASK(!channel_is_ready(&rig.channel) && rig.channel.is_broken);
	return 0;
}

/* What waits: in the writer's pipe, and in the conduit; not in a file. */
static int
counts_waiting(void *argument)
{
	FILE *file = tmpfile();

	(void)argument;
	rig_up(false, true);
	ASK(channel_waiting(&rig.channel) == 0);
	ASK(write(rig.writer, "hello", 5) == 5);
	ASK(channel_waiting(&rig.channel) == 5);
	ASK(channel_held(&rig.channel) == 0);
	while (write(rig.channel.dst.fd, block, sizeof(block)) > 0)
		;
	ASK(step() == CHANNEL_OPEN && channel_pending(&rig.channel) > 0);
	ASK(channel_held(&rig.channel) == (splicing ? 0 : 5));
	ASK(channel_waiting(&rig.channel) == 5);
	channel_free(&rig.channel);
	rig_up(false, true);
	ASK(file != NULL && write(fileno(file), "hello", 5) == 5 &&
	    lseek(fileno(file), 0, SEEK_SET) == 0);
	ASK(dup2(fileno(file), 0) == 0);
	endpoint_open_inherited(&rig.channel.src, 0, ENDPOINT_READ, false, "");
	ASK(channel_waiting(&rig.channel) == 0);
	fclose(file);
	return 0;
}

/* What waits here, and what waits for us, is lost, and counted. */
static int
counts_lost(void *argument)
{
	(void)argument;
	rig_up(true, false);
	/* Or it would be enlarged, and have room, when it is full. */
	endpoint_enlarge_pipe(&rig.channel.dst, PIPE_ENLARGED);
	need(fcntl(1, F_SETFL, O_NONBLOCK) == 0, "fcntl");
	while (write(1, block, sizeof(block)) > 0)
		;
	need(fcntl(1, F_SETFL, 0) == 0, "fcntl");
	ASK(write(rig.writer, "hello", 5) == 5);
	ASK(step() == CHANNEL_OPEN);
	ASK(write(rig.writer, "more", 4) == 4);
	ASK(channel_give_up(&rig.channel) == 9);
	ASK(rig.channel.undelivered == 9);
	ASK(!rig.channel.src_open && !rig.channel.dst_open);
	return 0;
}

/* Descriptors that wait when a direction ends, and our ends of two pipes. */
static int
closes_all(void *argument)
{
	struct ancillary *ancillary = &rig.channel.conduit.ancillary;
	int from[2], to[2];
	int set;

	(void)argument;
	rig_up(false, true);
	ancillary->fds[0] = set = dup(rig.reader);
	ancillary->count = 1;
	channel_finish(&rig.channel, &rig.fault);
	ASK(ancillary->count == 0 && ancillary->refused == 1);
	ASK(fcntl(set, F_GETFD) == -1);
	channel_free(&rig.channel);

	channel_init(&rig.channel);
	open_ends(from, false);
	open_ends(to, false);
	endpoint_open_pipe(&rig.channel.src, from[0], ENDPOINT_READ, "from");
	endpoint_open_pipe(&rig.channel.dst, to[1], ENDPOINT_WRITE, "to");
	channel_free(&rig.channel);
	ASK(fcntl(from[0], F_GETFD) == -1 && fcntl(to[1], F_GETFD) == -1);
	return 0;
}

/* While a trace is behind, nothing is read, and nothing written. */
static int
waits_for_trace(void *argument)
{
	static struct monitor monitor;
	char data[8];

	(void)argument;
	trace_init(&monitor.trace, &monitor.run);
	rig_up(false, true);
	channel_monitor(&rig.channel, &monitor, TRACE_TO_COMMAND);
	monitor.trace.is_behind = true;
	ASK(write(rig.writer, "hello", 5) == 5);
	ASK(channel_src_events(&rig.channel) == 0);
	ASK(channel_step(&rig.channel, POLLIN, 0, &rig.fault) ==
	    CHANNEL_OPEN && channel_held(&rig.channel) == 0);
	monitor.trace.is_behind = false;
	while (write(rig.channel.dst.fd, block, sizeof(block)) > 0)
		;
	ASK(step() == CHANNEL_OPEN && channel_pending(&rig.channel) > 0);
	while (recv(rig.reader, block, sizeof(block), MSG_DONTWAIT) > 0)
		;
	monitor.trace.is_behind = true;
	ASK(channel_dst_events(&rig.channel) == 0);
	ASK(channel_step(&rig.channel, 0, POLLOUT, &rig.fault) ==
	    CHANNEL_OPEN && channel_pending(&rig.channel) > 0);
	monitor.trace.is_behind = false;
	ASK(step() == CHANNEL_OPEN && channel_pending(&rig.channel) == 0);
	ASK(read(rig.reader, data, 8) == 5 && memcmp(data, "hello", 5) == 0);
	return 0;
}

static int
finds_no_memory(void *argument)
{
	struct channel channel;

	(void)argument;
	channel_init(&channel);
	use_up_memory();
	ASK(conduit_open_bytes(&channel.conduit) == -1 && errno == ENOMEM);
	channel_free(&channel);
	return 0;
}

/* All of it, over the conduit as splicing says. */
static void
test_all(const char *method)
{
	static const struct {
		int (*function)(void *);
		const char *name;
	} rows[] = {
		{ moves, "bytes move, when poll(2) says so" },
		{ flushes, "the end comes behind all bytes" },
		{ holds_up, "a reader that waits holds its writer up" },
		{ hears_idle_reader_leave, "an idle reader leaves" },
		{ hears_full_reader_leave, "a full reader leaves" },
		{ gives_up_hung_up, "a full reader that hung up is left" },
		{ stops_reading, "what waits is delivered after the last read" },
		{ delivers_backlog, "so is what was read and not decoded" },
		{ tells_read_error, "a read error ends the channel, and is told" },
		{ tells_write_error, "a write error refuses, and is told" },
		{ tells_one_by_one, "two errors are told one by one" },
		{ tries_again, "a socket that was full is tried again" },
		{ tells_close_error, "an error of close is told" },
		{ is_ready_when_closed, "an input closed on entry is empty" },
		{ hears_of_gone_reader, "nothing is read for a gone reader" },
		{ counts_waiting, "the bytes that wait are counted" },
#ifdef __linux__
		{ writes_unreported,
		    "room that poll(2) does not report is tried again" },
#endif
		{ waits_for_chunks, "a chunk waits for the one before" },
		{ counts_lost, "what is lost is counted" },
		{ closes_all, "no descriptor is left behind" },
		{ waits_for_trace, "a trace that is behind holds all up" },
	};
	bool goes_away = false;
	char title[100];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(title, sizeof(title), "%s (%s)", rows[i].name, method);
		is_int(run_child(rows[i].function, NULL), 0, title);
	}
	snprintf(title, sizeof(title), "a half-close is handed on to a "
	    "socket (%s)", method);
	is_int(run_child(hands_half_close_on, &goes_away), 0, title);
	goes_away = true;
	snprintf(title, sizeof(title), "a writer that went away ends no "
	    "socket of others (%s)", method);
	is_int(run_child(hands_half_close_on, &goes_away), 0, title);
}

int
main(void)
{
	test_all("copied");
#ifdef HAVE_SPLICE
	splicing = true;
	test_all("spliced");
#endif
	if (can_limit_memory())
		is_int(run_child(finds_no_memory, NULL), 0,
		    "a channel that finds no memory is ENOMEM");
	else
		elsewhere("a channel that finds no memory is ENOMEM", "memory tool");
	return done_testing();
}
