/* SPDX-License-Identifier: MIT */
/* Which conduits a relay has, with which limits, and what its ends are. */
#include "config.h"

#include <termios.h>

#include "relay/setup.h"
#include "tap.h"

static struct plan plan;
static struct child command, peer;
static struct pair pair, second;
static struct side sides[SIDE_COUNT];
static struct relay relay;
static bool closed[3];

static struct pair
make_pair(int type, size_t largest)
{
	struct pair made = { .type = type, .largest = largest };
	int ends[2];

	need(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) == 0,
	    "socketpair");
	made.ours = ends[0];
	made.command = ends[1];
	if (type != SOCK_DGRAM) {
		close(ends[1]);
		made.command = -1;
	}
	return made;
}

static void
begin_plan(void)
{
	need(plan_init(&plan) == 0, "plan");
	memset(closed, 0, sizeof(closed));
}

/* A relay of the plan; with a peer between two commands. */
static void
begin(int type, bool has_peer)
{
	command = peer = (struct child){ .pid = -1 };
	pair = make_pair(type, 5000);
	second = has_peer ? make_pair(type, 4000) :
	    (struct pair){ .ours = -1, .command = -1 };
	side_init(&sides[SIDE_COMMAND], &command, &pair);
	side_init(&sides[SIDE_OTHER], has_peer ? &peer : NULL,
	    has_peer ? &second : NULL);
	need(relay_init(&relay, &plan, sides, NULL) == 0, "relay_init");
}

static void
finish(void)
{
	relay_free(&relay);
	pair_close(&pair);
	pair_close(&second);
	plan_free(&plan);
}

/* The kinds of conduits, to compare with. */
static const struct conduit_kind *bytes_kind, *decode_kind, *encode_kind;
static const struct conduit_kind *reframe_kind;

static void
find_kinds(void)
{
	struct conduit conduit;

	need(conduit_open_bytes(&conduit) == 0, "conduit");
	bytes_kind = conduit.kind;
	conduit.kind->free(&conduit);
	need(conduit_open_decode(&conduit, FRAMING_LINE, 1) == 0, "conduit");
	decode_kind = conduit.kind;
	conduit.kind->free(&conduit);
	need(conduit_open_encode(&conduit, FRAMING_LINE, 1, false) == 0,
	    "conduit");
	encode_kind = conduit.kind;
	conduit.kind->free(&conduit);
	need(conduit_open_reframe(&conduit, FRAMING_LINE, FRAMING_LINE, 1,
	    false) == 0, "conduit");
	reframe_kind = conduit.kind;
	conduit.kind->free(&conduit);
}

static void
test_stream(bool has_peer)
{
	begin_plan();
	begin(SOCK_STREAM, has_peer);
	ok(relay.to_command.conduit.kind == bytes_kind &&
	    relay.from_command.conduit.kind == bytes_kind, has_peer ?
	    "between two commands a stream is bytes both ways" :
	    "a stream is bytes both ways");
	finish();
}

/* With --pipes the endpoints own our ends. */
static void
test_pipes(void)
{
	const struct endpoint *to = &relay.to_command.dst;
	const struct endpoint *from = &relay.from_command.src;
	int read_end, write_end;

	begin_plan();
	plan.pipes = plan.no_shutdown = true;
	plan.chunk = 7;
	command = (struct child){ .pid = -1 };
	need(pair_open(&pair, &plan) == 0, "pipes");
	pair_init(&second);
	read_end = pair.ours;
	write_end = pair.ours_write;
	side_init(&sides[SIDE_COMMAND], &command, &pair);
	side_init(&sides[SIDE_OTHER], NULL, NULL);
	need(relay_init(&relay, &plan, sides, NULL) == 0, "relay_init");
	ok(relay.to_command.conduit.kind == bytes_kind &&
	    relay.from_command.conduit.kind == bytes_kind,
	    "pipes are bytes both ways");
	setup_open_endpoints(&relay, closed);
	ok(to->fd == write_end && to->use == ENDPOINT_WRITE && to->is_pipe &&
	    !to->inherited && to->reports_lost_reader && to->no_shutdown &&
	    to->chunk == 7, "the command's input is a pipe of ours");
	ok(from->fd == read_end && from->use == ENDPOINT_READ &&
	    from->is_pipe && !from->inherited, "and so is its output");
	ok(pair.ours == -1 && pair.ours_write == -1,
	    "which are no longer the pair's");
	finish();
	ok(fcntl(read_end, F_GETFD) == -1 && fcntl(write_end, F_GETFD) == -1,
	    "they are closed with the relay");
}

static void
test_messages(int type)
{
	const struct conduit *to, *from;

	begin_plan();
	plan.framing = FRAMING_NETSTRING;
	plan.max_message = SIZE_MAX;
	begin(type, false);
	to = &relay.to_command.conduit;
	from = &relay.from_command.conduit;
	ok(to->kind == decode_kind, "standard input is decoded to messages");
	is_int(to->of.frames.decoder.framing, FRAMING_NETSTRING,
	    "standard input is decoded by the plan's framing");
	is_int((long long)to->of.frames.decoder.max, 5000,
	    "input messages are limited by what the command's socket carries");
	ok(from->kind == encode_kind, "messages are encoded for output");
	is_int(from->of.encode.framing, FRAMING_NETSTRING,
	    "output is encoded by the plan's framing");
	is_int((long long)from->of.encode.mailbox->largest, MESSAGE_LARGEST,
	    "output messages are limited by what any socket carries");
	is_int(from->of.encode.mailbox->has_end, type == SOCK_SEQPACKET,
	    "only seqpacket output has an end of file");
	finish();

	begin_plan();
	plan.max_message = 100;
	begin(type, false);
	is_int((long long)to->of.frames.decoder.max, 100,
	    "--max-message limits input");
	is_int((long long)from->of.encode.mailbox->largest, 100,
	    "--max-message limits output");
	finish();

	begin_plan();
	plan.max_message = 5001;
	begin(type, false);
	is_int((long long)to->of.frames.decoder.max, 5000,
	    "--max-message does not raise the limit of input");
	is_int((long long)from->of.encode.mailbox->largest, 5001,
	    "the limit of input is none for output");
	finish();
}

static void
test_wire(void)
{
	const struct conduit_reframe *to, *from;

	begin_plan();
	plan.framing = FRAMING_NETSTRING;
	plan.wire = FRAMING_U16;
	begin(SOCK_STREAM, false);
	to = &relay.to_command.conduit.of.reframe;
	from = &relay.from_command.conduit.of.reframe;
	ok(relay.to_command.conduit.kind == reframe_kind &&
	    relay.from_command.conduit.kind == reframe_kind,
	    "with --wire a stream is messages both ways");
	ok(to->frames.decoder.framing == FRAMING_NETSTRING &&
	    to->framing == FRAMING_U16 && to->is_to_wire,
	    "from standard input in its framing to the wire's");
	ok(from->frames.decoder.framing == FRAMING_U16 &&
	    from->framing == FRAMING_NETSTRING && !from->is_to_wire,
	    "and from the wire's framing to that of standard output");
	is_int((long long)to->frames.decoder.max, 65535,
	    "messages are limited by the framing that they get");
	is_int((long long)from->frames.decoder.max, 64 << 20,
	    "and, with no socket of messages, by 64M alone");
	finish();

	begin_plan();
	plan.wire = FRAMING_LSP;
	plan_set_max_message(&plan, 100);
	begin(SOCK_STREAM, false);
	ok(to->frames.decoder.max == 100 && from->frames.decoder.max == 100,
	    "--max-message limits both");
	finish();
}

static void
test_carriers(int type)
{
	const struct conduit *to, *from;

	begin_plan();
	begin(type, true);
	to = &relay.to_command.conduit;
	from = &relay.from_command.conduit;
	ok(to->kind == encode_kind && from->kind == encode_kind,
	    "between two commands messages are carried both ways");
	ok(to->of.encode.framing == FRAMING_RAW &&
	    from->of.encode.framing == FRAMING_RAW,
	    "between two commands there are no frames");
	is_int((long long)to->of.encode.mailbox->largest, 5000,
	    "messages to the command are limited by its socket");
	is_int((long long)from->of.encode.mailbox->largest, 4000,
	    "messages to the peer are limited by the peer's socket");
	ok(to->of.encode.mailbox->has_end == (type == SOCK_SEQPACKET) &&
	    from->of.encode.mailbox->has_end == (type == SOCK_SEQPACKET),
	    "only seqpacket has an end of file, both ways");
	finish();

	begin_plan();
	plan.max_message = 100;
	begin(type, true);
	ok(to->of.encode.mailbox->largest == 100 &&
	    from->of.encode.mailbox->largest == 100,
	    "--max-message limits messages both ways");
	finish();
}

/* Whether endpoint is our end of a pair, for use. */
static bool
is_end_of(const struct endpoint *endpoint, const struct pair *made,
    enum endpoint_use use)
{
	return endpoint->fd == made->ours && endpoint->use == use &&
	    endpoint->is_socket && !endpoint->inherited &&
	    endpoint->other_end == made->command &&
	    !endpoint->reader_gone && !endpoint->writer_gone;
}

static void
test_standard(int type)
{
	const struct endpoint *input = &relay.to_command.src;
	const struct endpoint *to = &relay.to_command.dst;
	const struct endpoint *from = &relay.from_command.src;
	const struct endpoint *output = &relay.from_command.dst;

	begin_plan();
	begin(type, false);
	setup_open_endpoints(&relay, closed);
	ok(is_end_of(to, &pair, ENDPOINT_WRITE),
	    "input is written to our end of the command's pair");
	ok(is_end_of(from, &pair, ENDPOINT_READ),
	    "output is read from our end of the command's pair");
	is_int(to->is_message, type != SOCK_STREAM,
	    "the endpoint of a message socket is marked as such");
	is_str(to->name, "the command's socket",
	    "the endpoint that is written is named after the command");
	is_str(from->name, "the command's socket",
	    "the endpoint that is read is named after the command");
	ok(!to->no_shutdown, "the end of input is passed on by default");
	ok(input->fd == STDIN_FILENO && input->use == ENDPOINT_READ &&
	    input->inherited && !input->was_closed,
	    "input comes from standard input");
	is_str(input->name, "standard input",
	    "the source of input is named so");
	ok(output->fd == STDOUT_FILENO && output->use == ENDPOINT_WRITE &&
	    output->inherited && !output->was_closed,
	    "output goes to standard output");
	is_str(output->name, "standard output",
	    "the destination of output is named so");
	ok(!output->is_input_too && !input->has_echoed,
	    "/dev/null is no socket shared by both, and no terminal");
	finish();
}

static void
test_flags(void)
{
	begin_plan();
	plan.no_shutdown = true;
	closed[STDIN_FILENO] = true;
	begin(SOCK_STREAM, false);
	setup_open_endpoints(&relay, closed);
	ok(relay.to_command.dst.no_shutdown,
	    "with --no-shutdown the end of input is not passed on");
	ok(!relay.from_command.dst.no_shutdown,
	    "with --no-shutdown the end of output is");
	ok(relay.to_command.src.was_closed &&
	    !relay.from_command.dst.was_closed,
	    "standard input that was closed on entry is not read");
	finish();

	begin_plan();
	closed[STDOUT_FILENO] = true;
	begin(SOCK_STREAM, false);
	setup_open_endpoints(&relay, closed);
	ok(!relay.to_command.src.was_closed &&
	    relay.from_command.dst.was_closed,
	    "standard output that was closed on entry is not written");
	finish();
}

static void
test_chunk(bool has_peer)
{
	begin_plan();
	plan.chunk = 7;
	begin(SOCK_STREAM, has_peer);
	setup_open_endpoints(&relay, closed);
	ok(relay.to_command.dst.chunk == 7, "the command reads chunks");
	ok(relay.from_command.dst.chunk == (has_peer ? 7 : 0), has_peer ?
	    "so does the other" : "standard output gets all at once");
	finish();
}

static void
test_two(int type)
{
	begin_plan();
	plan.no_shutdown = true;
	begin(type, true);
	setup_open_endpoints(&relay, closed);
	ok(is_end_of(&relay.to_command.src, &second, ENDPOINT_READ),
	    "input is read from our end of the peer's pair");
	ok(is_end_of(&relay.from_command.dst, &second, ENDPOINT_WRITE),
	    "output is written to our end of the peer's pair");
	ok(is_end_of(&relay.to_command.dst, &pair, ENDPOINT_WRITE) &&
	    is_end_of(&relay.from_command.src, &pair, ENDPOINT_READ),
	    "at the other side both use the command's pair");
	is_str(relay.to_command.src.name, "the peer's socket",
	    "the endpoint that is read is named after the peer");
	is_str(relay.from_command.dst.name, "the peer's socket",
	    "the endpoint that is written is named after the peer");
	ok(relay.to_command.dst.no_shutdown &&
	    !relay.from_command.dst.no_shutdown,
	    "--no-shutdown is for the command's input");
	finish();
}

union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

/* Send a message with descriptor 0, or receive one: whether one came. */
static bool
exchange(ssize_t (*call)(int, struct msghdr *, int), int fd)
{
	const int passed = STDIN_FILENO;
	union control control = { .header = {
		.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS
	} };
	char byte = 'x';
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control)
	};

	memcpy(CMSG_DATA(&control.header), &passed, sizeof(int));
	return call(fd, &message, MSG_DONTWAIT) == 1 &&
	    message.msg_controllen >= CMSG_LEN(sizeof(int));
}

static ssize_t
send_message(int fd, struct msghdr *message, int flags)
{
	return sendmsg(fd, message, flags);
}

static void
test_descriptors(void)
{
	begin_plan();
	begin(SOCK_DGRAM, true);
	setup_open_endpoints(&relay, closed);
	need(exchange(send_message, second.command) &&
	    exchange(send_message, pair.command), "sendmsg");
	sides[SIDE_COMMAND].src_events = sides[SIDE_OTHER].src_events = POLLIN;
	relay_advance(&relay);
	ok(exchange(recvmsg, pair.command),
	    "descriptors are passed on to the command");
	ok(exchange(recvmsg, second.command),
	    "descriptors are passed on to the peer");
	finish();
}

/* Standard input and output are one socket, and then two. */
static int
share_socket(void *argument)
{
	int ends[2];

	(void)argument;
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
	dup2(ends[0], STDIN_FILENO);
	dup2(ends[0], STDOUT_FILENO);
	begin_plan();
	begin(SOCK_STREAM, false);
	setup_open_endpoints(&relay, closed);
	ASK(relay.from_command.dst.is_input_too);
	relay_free(&relay);
	dup2(ends[1], STDOUT_FILENO);
	begin(SOCK_STREAM, false);
	setup_open_endpoints(&relay, closed);
	ASK(!relay.from_command.dst.is_input_too);
	return 0;
}

/* Standard input and output are one file, but no socket. */
static int
share_file(void *argument)
{
	(void)argument;
	dup2(STDIN_FILENO, STDOUT_FILENO);
	begin_plan();
	begin(SOCK_STREAM, false);
	setup_open_endpoints(&relay, closed);
	ASK(!relay.from_command.dst.is_input_too);
	return 0;
}

/* The command may switch off a terminal's echo as soon as it runs. */
static int
start_echoing(void *argument)
{
	struct termios modes;
	int master;
	int terminal = open_pty(&master);

	(void)argument;
	if (terminal == -1)
		return 77;
	dup2(terminal, STDIN_FILENO);
	begin_plan();
	begin(SOCK_STREAM, false);
	ASK(tcgetattr(STDIN_FILENO, &modes) == 0);
	modes.c_lflag &= ~(tcflag_t)ECHO;
	ASK(tcsetattr(STDIN_FILENO, TCSANOW, &modes) == 0);
	setup_open_endpoints(&relay, closed);
	ASK(relay.to_command.src.has_echoed);
	return 0;
}

/* What passes through us counts against our limit. */
static int
raise_limit(void *argument)
{
	struct rlimit limit;

	(void)argument;
	begin_plan();
	begin(SOCK_STREAM, false);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max / 2;
	setrlimit(RLIMIT_NOFILE, &limit);
	setup_open_endpoints(&relay, closed);
	getrlimit(RLIMIT_NOFILE, &limit);
	ASK(limit.rlim_cur == limit.rlim_max);
	return 0;
}

int
main(void)
{
	int null = open("/dev/null", O_RDONLY);

	/* Whatever the caller's is, this is no socket and no terminal. */
	need(null != -1 && dup2(null, STDIN_FILENO) == STDIN_FILENO, "input");
	find_kinds();
	test_stream(false);
	test_stream(true);
	test_pipes();
	test_messages(SOCK_SEQPACKET);
	test_messages(SOCK_DGRAM);
	test_wire();
	test_carriers(SOCK_SEQPACKET);
	test_carriers(SOCK_DGRAM);
	test_standard(SOCK_STREAM);
	test_standard(SOCK_SEQPACKET);
	test_standard(SOCK_DGRAM);
	test_flags();
	test_chunk(false);
	test_chunk(true);
	test_two(SOCK_STREAM);
	test_two(SOCK_SEQPACKET);
	test_two(SOCK_DGRAM);
	test_descriptors();
	is_int(run_child(share_socket, NULL), 0,
	    "standard input and output can be one socket");
	is_int(run_child(share_file, NULL), 0,
	    "standard input and output can be one file, which is not noted");
	passes_or_skips(start_echoing, NULL,
	    "a terminal's echo is noted before the command starts",
	    "no terminal for us");
	passes_bare(raise_limit, NULL, "the limit on open files is raised");
	return done_testing();
}
