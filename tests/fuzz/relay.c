/* SPDX-License-Identifier: MIT */
/*
 * A whole run of the relay in one process: what the command, a grandchild of
 * it, the producer of standard input and the consumer of standard output do is
 * read from the input, and so is what the clock shows.  The sockets and pipes
 * are real.  No byte may be lost, changed or made up, no end may be told too
 * early, and the run must end, without spinning, once all the others have done
 * what they would do in the end.
 *
 * The first bytes of an input choose the run, see choose_run(); each further
 * byte is a step, of which the low four bits choose the kind and the others how
 * much, see take_step().  One step is taken each time the relay would wait.
 */
#include "config.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "plan/framing.h"
#include "relay/relay.h"
#include "relay/supervise.h"
#include "socket/pair.h"
#include "target.h"

#define ITEMS 2000		/* of a flow: pieces, or messages */
#define FLOW_MAX (1 << 20)	/* bytes of a flow after which none is added */
#define ITEM_MAX 70000		/* bytes of the largest item */
#define BUFFER (FLOW_MAX + ITEM_MAX + 100)
#define IDLE_MAX 200		/* turns in which nothing happens */

/* How the bytes of a flow look at one of its ends. */
enum form {
	FORM_BYTES,
	FORM_MESSAGES,		/* of a message socket */
	FORM_FRAMES
};

/* One end of a flow: what is to pass there, in the order in which it does. */
struct end {
	enum form form;
	enum framing framing;	/* of FORM_FRAMES */
	char data[BUFFER];
	size_t size;
	size_t done;		/* bytes written, or read and compared */
	size_t ends[ITEMS];	/* where each item ends in data */
	size_t items;		/* written whole, or read, of a message end */
};

/* One direction. */
struct flow {
	struct end source;
	struct end sink;
	size_t count;		/* of items */
	uint32_t seed;
	bool source_ended;	/* its writer has ended it */
	bool sink_left;		/* its reader has gone */
	bool sink_saw_end;
	size_t due;		/* items that must arrive in any case */
};

static struct flow input;	/* from standard input to the command */
static struct flow output;	/* from the command to standard output */

/* What the others hold. */
static int producer;		/* writes to standard input; or -1 */
static int consumer;		/* reads standard output; or -1 */
static int command_reads;	/* the command's end, or its pipe; or -1 */
static int command_writes;	/* the same for writing; or -1 */
static bool is_one_socket;	/* producer and consumer are the same */
static bool is_pipes;

static struct plan plan;
static struct signals signals;
static struct supervisor supervisor;
static struct relay relay;
static struct child command;
static struct pair pair;

static const uint8_t *steps;
static size_t steps_left;
static int64_t now;
static int coming;		/* the signal that has come, or 0 */
static bool has_ended;		/* the command has, with status */
static int status;
static bool was_fatal;		/* a signal that may end us has come */
static int lines;		/* printed on standard error */
static int idle;		/* turns since something was done or moved */
static int quiet;		/* of these, with nothing to wait for */
static uint64_t last_moved;

/* --- in place of the system, see Makefile.am -------------------------------*/

int __wrap_signals_poll(const struct signals *, struct pollfd *, nfds_t,
    int64_t);
bool __wrap_signals_next(struct signals *, struct signal_event *);
void __wrap_signals_begin(const struct signals *);
bool __wrap_child_reap(struct child *);
void __wrap_child_signal(const struct child *, int);
bool __wrap_child_holds_end(const struct child *);
bool __wrap_sigpipe_send(struct sigpipe *, const struct child *, int64_t);
int64_t __wrap_clock_now(void);
void __wrap_stall_print(struct supervisor *, int64_t);
void __wrap_diag_print(const char *, ...);
void __wrap_diag_print_text(const char *, size_t);

bool
__wrap_signals_next(struct signals *some, struct signal_event *event)
{
	(void)some;
	*event = (struct signal_event){ .number = coming };
	coming = 0;
	return event->number != 0;
}

void
__wrap_signals_begin(const struct signals *some)
{
	(void)some;
}

bool
__wrap_child_reap(struct child *child)
{
	child->reaped = has_ended;
	child->wait_status = status;
	return child->reaped;
}

/* The command handles all signals. */
void
__wrap_child_signal(const struct child *child, int number)
{
	(void)child, (void)number;
}

bool
__wrap_child_holds_end(const struct child *child)
{
	return !child->reaped && (command_reads != -1 || command_writes != -1);
}

bool
__wrap_sigpipe_send(struct sigpipe *sigpipe, const struct child *child,
    int64_t time)
{
	(void)sigpipe, (void)child, (void)time;
	return true;
}

int64_t
__wrap_clock_now(void)
{
	return now;
}

/* It would look at the processes of this machine. */
void
__wrap_stall_print(struct supervisor *some, int64_t duration)
{
	(void)some, (void)duration;
}

void
__wrap_diag_print(const char *format, ...)
{
	(void)format;
	lines++;
}

void
__wrap_diag_print_text(const char *text, size_t size)
{
	if (getenv("RELAY_SHOW") != NULL)
		fprintf(stderr, "(%.*s)\n", (int)size, text);
	lines++;
}

/* --- flows -----------------------------------------------------------------*/

static void
end_put(struct end *end, const char *data, size_t size)
{
	memcpy(end->data + end->size, data, size);
	end->size += size;
}

static void
end_add(struct end *end, const char *item, size_t size, size_t number)
{
	char header[FRAME_HEADER_MAX];
	char trailer[FRAME_TRAILER_MAX];

	if (end->form == FORM_FRAMES)
		end_put(end, header,
		    frame_header(end->framing, size, header));
	end_put(end, item, size);
	if (end->form == FORM_FRAMES)
		end_put(end, trailer, frame_trailer(end->framing, trailer));
	end->ends[number] = end->size;
}

static size_t
item_begin(const struct end *end, size_t number)
{
	return number == 0 ? 0 : end->ends[number - 1];
}

/* Add an item of size bytes, which contains no end of a frame. */
static bool
flow_add(struct flow *flow, size_t size)
{
	static char item[ITEM_MAX];
	size_t i;

	if (flow->count == ITEMS || flow->source.size > FLOW_MAX ||
	    flow->sink.size > FLOW_MAX)
		return false;
	for (i = 0; i < size; i++) {
		flow->seed = flow->seed * 1664525 + 1013904223;
		item[i] = (char)('A' + (flow->seed >> 24) % 64);
	}
	end_add(&flow->source, item, size, flow->count);
	end_add(&flow->sink, item, size, flow->count);
	flow->count++;
	return true;
}

/* Forget the last item, which could not be written. */
static void
flow_drop(struct flow *flow)
{
	flow->count--;
	flow->source.size = item_begin(&flow->source, flow->count);
	flow->sink.size = item_begin(&flow->sink, flow->count);
}

/* How many items have been written whole. */
static size_t
flow_written(const struct flow *flow)
{
	size_t n;

	if (flow->source.form == FORM_MESSAGES)
		return flow->source.items;
	for (n = flow->count; n > 0; n--)
		if (flow->source.ends[n - 1] <= flow->source.done)
			return n;
	return 0;
}

/* Whether so many items have arrived whole. */
static bool
flow_has_arrived(const struct flow *flow, size_t count)
{
	if (flow->sink.form == FORM_MESSAGES)
		return flow->sink.items >= count;
	/* Of bytes the part of an item counts as well. */
	if (flow->source.form == FORM_BYTES)
		return flow->sink.done >= flow->source.done;
	return count == 0 || flow->sink.done >= flow->sink.ends[count - 1];
}

/*
 * Whether the writer has ended in the middle of a frame.  What becomes of that
 * one depends on the framing: an unfinished line is a message, too.
 */
static bool
flow_is_cut(const struct flow *flow)
{
	return flow->source.form == FORM_FRAMES && flow->source_ended &&
	    flow->source.done != item_begin(&flow->source, flow_written(flow));
}

static bool
is_no_reader(int error)
{
	return error == EPIPE || error == ECONNRESET || error == ENOTCONN;
}

/*
 * Write more of the flow to fd.  False if nothing could be written; *has_left
 * says whether that is because nobody reads.
 */
static bool
flow_write(struct flow *flow, int fd, bool *has_left)
{
	struct end *end = &flow->source;
	bool is_message = end->form == FORM_MESSAGES;
	size_t size = end->size - end->done;
	ssize_t n;

	*has_left = false;
	if (is_message ? end->items == flow->count : size == 0)
		return false;
	if (is_message)
		size = end->ends[end->items] - end->done;
	n = send(fd, end->data + end->done, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n == -1 && errno == ENOTSOCK)
		n = write(fd, end->data + end->done, size);
	if (n == -1) {
		*has_left = is_no_reader(errno);
		return false;
	}
	hold(!is_message || (size_t)n == size, "a message is sent whole");
	end->done += (size_t)n;
	end->items += is_message;
	return true;
}

/* A message, or the end: an empty one looks the same. */
static void
compare_message(struct flow *flow, const char *data, size_t size)
{
	struct end *end = &flow->sink;
	size_t begin = item_begin(end, end->items);

	if (size == 0 && (end->items == flow->count ||
	    end->ends[end->items] != begin)) {
		flow->sink_saw_end = true;
		return;
	}
	if (flow_is_cut(flow) && end->items >= flow_written(flow))
		return;
	hold(end->items < flow->count, "no message is made up");
	hold(end->ends[end->items] - begin == size &&
	    memcmp(end->data + begin, data, size) == 0,
	    "a message arrives as it was sent, and in its place");
	end->items++;
	end->done += size;
}

static void
compare_bytes(struct flow *flow, const char *data, size_t size)
{
	struct end *end = &flow->sink;
	size_t whole = item_begin(end, flow_written(flow));

	if (size == 0)
		flow->sink_saw_end = true;
	if (flow_is_cut(flow) && end->done + size > whole)
		size = whole > end->done ? whole - end->done : 0;
	hold(end->size - end->done >= size, "no byte is made up");
	hold(memcmp(end->data + end->done, data, size) == 0,
	    "bytes arrive as they were sent, and in order");
	end->done += size;
}

/* Read at most size bytes, or one message.  False if there is nothing. */
static bool
flow_read(struct flow *flow, int fd, size_t size)
{
	static char data[ITEM_MAX + 1];
	bool is_message = flow->sink.form == FORM_MESSAGES;
	ssize_t n;

	if (is_message || size > sizeof(data))
		size = sizeof(data);
	n = recv(fd, data, size, MSG_DONTWAIT);
	if (n == -1 && errno == ENOTSOCK)
		n = read(fd, data, size);
	if (n == -1)
		return false;
	if (is_message)
		compare_message(flow, data, (size_t)n);
	else
		compare_bytes(flow, data, (size_t)n);
	return n > 0 || !flow->sink_saw_end;
}

/* --- what the others do ----------------------------------------------------*/

static void
close_end(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

/* Everything that the command has said by now must arrive. */
static void
note_due(struct flow *flow)
{
	flow->due = flow_written(flow);
}

static void
producer_give(size_t size)
{
	bool has_left;

	if (producer == -1 || input.source_ended)
		return;
	if (input.source.done == input.source.size)
		(void)flow_add(&input, size);
	(void)flow_write(&input, producer, &has_left);
}

static void
producer_end(void)
{
	if (producer == -1 || input.source_ended)
		return;
	input.source_ended = true;
	note_due(&input);
	if (is_one_socket)
		shutdown(producer, SHUT_WR);
	else
		close_end(&producer);
}

static void
consumer_leave(void)
{
	if (is_one_socket)
		producer_end();
	output.sink_left = true;
	close_end(&consumer);
	if (is_one_socket)
		producer = -1;
}

static void
command_say(size_t size)
{
	bool has_left, done;

	if (command_writes == -1 || output.source_ended)
		return;
	if (output.source.form != FORM_MESSAGES) {
		if (output.source.done == output.source.size)
			(void)flow_add(&output, size);
		(void)flow_write(&output, command_writes, &has_left);
		return;
	}
	if (!flow_add(&output, size))
		return;
	done = flow_write(&output, command_writes, &has_left);
	if (!done)
		flow_drop(&output);
}

static void
command_half_close(void)
{
	if (command_writes == -1 || output.source_ended)
		return;
	output.source_ended = true;
	note_due(&output);
	if (is_pipes)
		close_end(&command_writes);
	else
		shutdown(command_writes, SHUT_WR);
}

static void
command_stop_reading(void)
{
	if (command_reads == -1)
		return;
	input.sink_left = true;
	if (is_pipes)
		close_end(&command_reads);
	else
		shutdown(command_reads, SHUT_RD);
}

static void
command_close(void)
{
	if (!output.source_ended)
		note_due(&output);
	input.sink_left = output.source_ended = true;
	close_end(&command_reads);
	if (is_pipes)
		close_end(&command_writes);
	command_writes = -1;
}

/* The command has ended.  Another process may have its end. */
static void
command_exit(int how, bool has_grandchild)
{
	if (has_ended)
		return;
	has_ended = true;
	status = how << 8;
	input.sink_left = true;
	/* Of datagrams only what the command itself sent is relayed. */
	if (pair.type == SOCK_DGRAM && !output.source_ended) {
		output.source_ended = true;
		note_due(&output);
	}
	if (!has_grandchild)
		command_close();
}

static void
signal_come(int number)
{
	was_fatal = was_fatal || number == SIGTERM || number == SIGUSR1;
	coming = number;
}

static const size_t amounts[] = {
	0, 1, 2, 100, 1000, 4096, 4097, 8192, 60000, 65535, 65536,
	ITEM_MAX, 3, 5, 7, 11
};

static size_t
item_size(const struct flow *flow, size_t amount)
{
	return flow->source.form == FORM_BYTES && amount == 0 ? 1 :
	    amount > 65535 && flow->source.form != FORM_BYTES ? 65535 : amount;
}

static void
take_step(uint8_t step)
{
	static const int numbers[] = { SIGUSR1, SIGCONT, SIGWINCH, SIGTERM };
	size_t amount = amounts[step >> 4];

	switch (step & 15) {
	case 0:
	case 1:
		producer_give(item_size(&input, amount));
		break;
	case 2:
	case 3:
		if (consumer != -1)
			(void)flow_read(&output, consumer, amount + 1);
		break;
	case 4:
	case 5:
		command_say(item_size(&output, amount));
		break;
	case 6:
	case 7:
		if (command_reads != -1)
			(void)flow_read(&input, command_reads, amount + 1);
		break;
	case 8:
		producer_end();
		break;
	case 9:
		command_half_close();
		break;
	case 10:
		command_exit(step >> 7, (step & 0x10) != 0);
		break;
	case 11:
		if ((step & 0xc0) == 0)
			command_stop_reading();
		else if ((step & 0xc0) == 0x40)
			command_close();
		break;
	case 12:
		if ((step & 0x80) == 0)
			consumer_leave();
		break;
	case 13:
		signal_come(numbers[step >> 6]);
		break;
	case 14:
		now += (int64_t)(step >> 4) * SECOND / 10;
		break;
	case 15:
		break;
	}
}

/* Whether the command can still learn that its input has ended. */
static bool
awaits_end(void)
{
	return command_reads != -1 && !input.sink_left && !has_ended &&
	    pair.type != SOCK_DGRAM && !plan.no_shutdown;
}

/*
 * The input is used up: everyone does what they do in the end, a bit at a time.
 * Returns whether something was done.
 */
static bool
wind_down(void)
{
	size_t before = input.source.done + input.sink.done +
	    output.source.done + output.sink.done + input.sink.items +
	    output.sink.items;
	bool has_left = false;

	if (producer != -1 && !input.source_ended &&
	    !flow_write(&input, producer, &has_left) &&
	    (has_left || input.source.done == input.source.size))
		producer_end();
	if (consumer != -1 && !output.sink_saw_end)
		while (flow_read(&output, consumer, ITEM_MAX))
			;
	if (command_reads != -1 && !input.sink_saw_end)
		while (flow_read(&input, command_reads, ITEM_MAX))
			;
	if (command_writes != -1 && !output.source_ended)
		(void)flow_write(&output, command_writes, &has_left);
	return before != input.source.done + input.sink.done +
	    output.source.done + output.sink.done + input.sink.items +
	    output.sink.items;
}

/* Nothing more happens by itself: the command, or who has its end, goes. */
static void
command_leave(void)
{
	if (has_ended)
		command_close();
	else
		command_exit(0, false);
}

int
__wrap_signals_poll(const struct signals *some, struct pollfd *slots,
    nfds_t count, int64_t deadline)
{
	uint64_t moved = relay.to_command.conduit.moved +
	    relay.from_command.conduit.moved;
	bool is_moving = moved != last_moved;
	int n;

	(void)some;
	last_moved = moved;
	if (steps_left > 0) {
		take_step(*steps);
		steps++;
		steps_left--;
		is_moving = true;
	} else if (wind_down()) {
		is_moving = true;
	}
	idle = is_moving ? 0 : idle + 1;
	quiet = is_moving ? 0 : quiet;
	hold(idle < IDLE_MAX, "the run ends");
	n = poll(slots, count, 0);
	hold(n != -1, "poll");
	if (coming != 0 || (has_ended && !command.reaped)) {
		slots[count - 1].revents = POLLIN;
		return n + 1;
	}
	if (n > 0 || deadline <= now || is_moving)
		return n;
	if (steps_left == 0 && ++quiet == 3) {
		hold(!awaits_end() || input.sink_saw_end ||
		    output.sink_left, "the command learns of its input's end");
		command_leave();
	} else if (deadline != DEADLINE_NEVER) {
		now = deadline;
	}
	return n;
}

/* --- a run -----------------------------------------------------------------*/

static void
flow_begin(struct flow *flow, enum form from, enum framing from_framing,
    enum form to, enum framing to_framing, uint32_t seed)
{
	flow->source.form = from;
	flow->source.framing = from_framing;
	flow->sink.form = to;
	flow->sink.framing = to_framing;
	flow->source.size = flow->source.done = flow->source.items = 0;
	flow->sink.size = flow->sink.done = flow->sink.items = 0;
	flow->count = flow->due = 0;
	flow->seed = seed;
	flow->source_ended = flow->sink_left = flow->sink_saw_end = false;
}

/* Those that keep the boundaries of what flow_add() makes. */
static const enum framing framings[] = {
	FRAMING_LINE, FRAMING_NULL, FRAMING_NETSTRING, FRAMING_U16,
	FRAMING_U16LE, FRAMING_U32, FRAMING_U32LE, FRAMING_LSP
};

/*
 * The bytes that choose a run, from the low bits up:
 *
 *	1st	2 bits	stream, seqpacket, dgram, pipes
 *		1 bit	messages in a stream: --wire
 *		1 bit	--linger
 *		1 bit	--timeout
 *		1 bit	--no-shutdown
 *		2 bits	standard input and output: pipes, sockets, one socket
 *	2nd	3 bits	--framing
 *		3 bits	--wire
 *		2 bits	--chunk
 */
static void
choose_run(const uint8_t data[2])
{
	static const int types[] = {
		SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM, SOCK_STREAM
	};
	static const size_t chunks[] = { 0, 0, 100, 1000 };

	hold(plan_init(&plan) == 0, "plan");
	plan.type = types[data[0] & 3];
	plan.pipes = is_pipes = (data[0] & 3) == 3;
	plan.max_message = 100000;
	plan.framing = framings[data[1] & 7];
	if (plan.type == SOCK_STREAM && (data[0] & 4) != 0)
		plan.wire = (int)framings[data[1] >> 3 & 7];
	if ((data[0] & 8) != 0)
		plan.linger = SECOND;
	if ((data[0] & 16) != 0)
		plan.timeout = SECOND;
	plan.no_shutdown = !is_pipes && (data[0] & 32) != 0;
	if (plan.type == SOCK_STREAM)
		plan.chunk = chunks[data[1] >> 6];
	is_one_socket = data[0] >> 6 == 2;
}

static void
begin_flows(void)
{
	enum form standard = FORM_FRAMES, other = FORM_MESSAGES;
	enum framing wire = FRAMING_RAW;

	if (plan.wire != -1) {
		other = FORM_FRAMES;
		wire = (enum framing)plan.wire;
	} else if (plan.type == SOCK_STREAM) {
		standard = other = FORM_BYTES;
	}
	flow_begin(&input, standard, plan.framing, other, wire, 1);
	flow_begin(&output, other, wire, standard, plan.framing, 2);
}

static void
set_nonblocking(int fd)
{
	hold(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0,
	    "O_NONBLOCK");
}

static void
put_at(int fd, int number)
{
	hold(dup2(fd, number) == number && close(fd) == 0, "dup2");
}

/* Nothing else may get these numbers. */
static void
close_standard(void)
{
	int fd, number;

	for (number = STDIN_FILENO; number <= STDOUT_FILENO; number++) {
		fd = open("/dev/null", O_RDWR);
		hold(fd != -1, "/dev/null");
		if (fd != number)
			put_at(fd, number);
	}
}

/* Standard input and output of the relay. */
static void
open_standard(bool is_sockets)
{
	int in[2], out[2];

	if (is_one_socket) {
		hold(socketpair(AF_UNIX, SOCK_STREAM, 0, in) == 0, "pair");
		hold(dup2(in[0], STDOUT_FILENO) != -1, "dup2");
		put_at(in[0], STDIN_FILENO);
		producer = consumer = in[1];
		return;
	}
	if (is_sockets)
		hold(socketpair(AF_UNIX, SOCK_STREAM, 0, in) == 0 &&
		    socketpair(AF_UNIX, SOCK_STREAM, 0, out) == 0, "pair");
	else
		hold(pipe(in) == 0 && pipe(out) == 0, "pipe");
	producer = in[1];
	consumer = out[0];
	put_at(in[0], STDIN_FILENO);
	put_at(out[1], STDOUT_FILENO);
	set_nonblocking(producer);
	set_nonblocking(consumer);
}

/* The command has its end; the relay keeps what it keeps after a start. */
static void
open_command(void)
{
	hold(pair_open(&pair, &plan) == 0, "pair");
	command_reads = fcntl(pair.command, F_DUPFD_CLOEXEC, 0);
	command_writes = command_reads;
	if (is_pipes)
		command_writes = fcntl(pair.command_write, F_DUPFD_CLOEXEC, 0);
	hold(command_reads != -1 && command_writes != -1, "dup");
	set_nonblocking(command_reads);
	set_nonblocking(command_writes);
	pair_release_command(&pair);
	command = (struct child){ .pid = 1000000001, .fds = &plan.fds };
}

static void
check_ends(const struct outcome *outcome)
{
	/* What a pipe takes after --linger has passed nobody reads. */
	bool is_cut = outcome->fatal_signal != 0 || outcome->failed ||
	    (is_pipes && (plan.linger != PLAN_NEVER || supervisor.timed_out));

	hold(!outcome->failed || lines > 0, "a failure is told");
	hold(outcome->fatal_signal == 0 || was_fatal,
	    "no signal ends the run that has not come");
	hold(has_ended || outcome->fatal_signal != 0,
	    "the run ends after the command");
	if (!output.sink_left && !is_cut)
		hold(flow_has_arrived(&output, output.due),
		    "what the command said before its end is given");
	/* An end is told for a reason, and after all there was. */
	if (input.sink_saw_end && !input.sink_left && !output.sink_left &&
	    !is_cut) {
		hold(input.source_ended, "an end of input is told if there is");
		hold(flow_has_arrived(&input, input.due),
		    "an end of input is told after all of it");
	}
}

static void
close_all(void)
{
	channel_free(&relay.to_command);
	channel_free(&relay.from_command);
	supervise_free(&supervisor);
	pair_close(&pair);
	if (!is_one_socket)
		close_end(&producer);
	close_end(&consumer);
	producer = -1;
	close_end(&command_reads);
	if (is_pipes)
		close_end(&command_writes);
	plan_free(&plan);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const bool closed[3];
	struct outcome outcome;

	if (size < 2)
		return 0;
	signal(SIGPIPE, SIG_IGN);
	close_standard();
	choose_run(data);
	begin_flows();
	steps = data + 2;
	steps_left = size - 2;
	now = 1000 * SECOND;
	coming = status = lines = idle = quiet = 0;
	last_moved = 0;
	has_ended = was_fatal = false;
	open_standard(data[0] >> 6 == 1);
	open_command();
	signals = (struct signals){ .fd = -1, .handler_fd = -1 };
	sigemptyset(&signals.entry_mask);
	hold(supervise_init(&supervisor, &plan, &signals, 0) == 0,
	    "supervisor");
	side_init(&supervisor.sides[SIDE_COMMAND], &command, &pair);
	side_init(&supervisor.sides[SIDE_OTHER], NULL, NULL);
	hold(relay_init(&relay, &plan, supervisor.sides, NULL) == 0, "relay");
	outcome = supervise_run(&supervisor, &relay, closed);
	/* What the consumer has not read yet. */
	if (consumer != -1 && !output.sink_saw_end)
		while (flow_read(&output, consumer, ITEM_MAX))
			;
	check_ends(&outcome);
	close_all();
	return 0;
}
