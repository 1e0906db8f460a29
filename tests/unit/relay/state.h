/* SPDX-License-Identifier: MIT */
/*
 * For unit tests of a run that does not run: a supervisor, its relay and its
 * two sides, whose state each test sets by hand.  The clock shows what the test
 * sets, and signals to the commands are only recorded.  The linker puts both
 * functions here before the library's (ld --wrap).
 */
#ifndef RELAY_STATE_H
#define RELAY_STATE_H

#include "base/clock.h"
#include "relay/timers.h"
#include "tap.h"
#define START (1000 * SECOND)	/* the time at which each case begins */

static int64_t now;

/* The signals that were sent to the commands, as text: "command TERM, ". */
static char sent[200];

static struct plan plan;
static struct signals signals;
static struct supervisor supervisor;
static struct side *const command_side = &supervisor.sides[SIDE_COMMAND];
static struct side *const other_side = &supervisor.sides[SIDE_OTHER];
static struct relay relay;
static struct monitor monitor;
static struct sink sink;

static struct child command;
static struct child peer;
static struct pair pair;	/* its command end is -1: closed, but */
static struct pair second;	/* for dgrams */
static int command_end;		/* the command's end of pair */
static int peer_end;		/* the peer's end of second, or -1 */
static int input;		/* what is written here is standard input */
static int output;		/* standard output is read here */

/* What waits in either channel. */
static size_t pending_to_command;
static size_t pending_from_command;

/* The answer of sigpipe_send(), and how often it was asked. */
static bool may_stop;
static int inspections;

int64_t __wrap_clock_now(void);
bool __wrap_sigpipe_send(struct sigpipe *, const struct child *, int64_t);
void __wrap_child_signal(const struct child *, int);

int64_t
__wrap_clock_now(void)
{
	return now;
}

static const char *
signal_text(int number)
{
	switch (number) {
	case SIGCONT:
		return "CONT";
	case SIGKILL:
		return "KILL";
	case SIGTERM:
		return "TERM";
	case SIGUSR1:
		return "USR1";
	case SIGUSR2:
		return "USR2";
	case SIGWINCH:
		return "WINCH";
	default:
		return "?";
	}
}

void
__wrap_child_signal(const struct child *child, int number)
{
	size_t used = strlen(sent);

	snprintf(sent + used, sizeof(sent) - used, "%s %s, ",
	    child == &command ? "command" : "peer", signal_text(number));
}

bool
__wrap_sigpipe_send(struct sigpipe *sigpipe, const struct child *child,
    int64_t time)
{
	inspections += child == &command && time == now;
	sigpipe->inspect_at = time + 5;
	return may_stop;
}

static size_t
count_pending(const struct conduit *conduit)
{
	return conduit == &relay.to_command.conduit ? pending_to_command :
	    pending_from_command;
}

static uint64_t
count_held(const struct conduit *conduit)
{
	return count_pending(conduit);
}

/* What waits in the conduit is what the test says; kind is its own. */
static inline void
script_pending(struct conduit *conduit, struct conduit_kind *kind)
{
	*kind = *conduit->kind;
	kind->pending = count_pending;
	kind->held = count_held;
	conduit->kind = kind;
}

static inline struct pair
make_pair(int type, int *end)
{
	struct pair made = { .command = -1, .type = type, .largest = 1000 };
	int ends[2];

	need(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) == 0 &&
	    fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0, "socketpair");
	made.ours = ends[0];
	if (type == SOCK_DGRAM)
		made.command = ends[1];
	*end = ends[1];
	return made;
}

static inline void
open_socket_side(struct side *side, const char *name)
{
	endpoint_open_socket(&side->input->dst, side->pair->ours,
	    ENDPOINT_WRITE, side->pair->command, name);
	endpoint_open_socket(&side->output->src, side->pair->ours,
	    ENDPOINT_READ, side->pair->command, name);
}

/*
 * After begin_state(): put two pipes in place of the command's socket.  The
 * command's ends are command_reads and command_writes.
 */
static int command_reads;
static int command_writes;

static inline void
use_pipes(void)
{
	int in[2], out[2];

	need(pipe2(in, O_CLOEXEC | O_NONBLOCK) == 0 &&
	    pipe2(out, O_CLOEXEC | O_NONBLOCK) == 0, "pipe");
	close(pair.ours);
	pair.ours = -1;
	pair.is_pipes = true;
	pair.ours_write = pair.command_write = -1;
	command_reads = in[0];
	command_writes = out[1];
	endpoint_open_pipe(&relay.to_command.dst, in[1], ENDPOINT_WRITE,
	    "the command's pipe");
	endpoint_open_pipe(&relay.from_command.src, out[0], ENDPOINT_READ,
	    "the command's pipe");
}

static inline void
close_pipes(void)
{
	close(command_reads);
	close(command_writes);
}

/* Standard input and output of the relay are pipes, with other numbers. */
static inline void
open_standard_side(void)
{
	int in[2], out[2];

	need(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0, "pipe");
	input = in[1];
	output = out[0];
	endpoint_open_inherited(&relay.to_command.src, in[0], ENDPOINT_READ,
	    false, "standard input");
	endpoint_open_inherited(&relay.from_command.dst, out[1],
	    ENDPOINT_WRITE, false, "standard output");
}

static inline void
begin_relay_state(bool has_peer)
{
	static struct conduit_kind kinds[2];

	need(relay_init(&relay, &plan, supervisor.sides, NULL) == 0, "relay");
	script_pending(&relay.to_command.conduit, &kinds[0]);
	script_pending(&relay.from_command.conduit, &kinds[1]);
	open_socket_side(command_side, "the command's socket");
	if (has_peer)
		open_socket_side(other_side, "the peer's socket");
	else
		open_standard_side();
	supervisor.relay = &relay;
}

/*
 * A command on a socket of type, which is relayed to standard input and output
 * or, if has_peer, to a second command.  Both run, nothing has moved, and no
 * time is limited.
 */
static inline void
begin_state(int type, bool has_peer)
{
	now = START;
	sent[0] = '\0';
	pending_to_command = pending_from_command = 0;
	input = output = peer_end = -1;
	command = (struct child){ .pid = 1000000001 };
	peer = (struct child){ .pid = 1000000002 };
	signals = (struct signals){ .fd = -1, .handler_fd = -1 };
	sigemptyset(&signals.entry_mask);
	need(plan_init(&plan) == 0, "plan");
	need(supervise_init(&supervisor, &plan, &signals, 1) == 0,
	    "supervisor");
	pair = make_pair(type, &command_end);
	command.fds = peer.fds = &plan.fds;
	side_init(command_side, &command, &pair);
	second = (struct pair){ .ours = -1, .command = -1 };
	if (has_peer)
		second = make_pair(type, &peer_end);
	side_init(other_side, has_peer ? &peer : NULL,
	    has_peer ? &second : NULL);
	begin_relay_state(has_peer);
	supervisor.active_at = command_side->active_at =
	    other_side->active_at = START;
}

/* A trace that has something to write, and waits for its reader since then. */
static inline void
begin_trace_behind(int64_t since)
{
	monitor = (struct monitor){ .draw_at = DEADLINE_NEVER };
	sink = (struct sink){
		.fd = open("/dev/null", O_WRONLY | O_CLOEXEC), .name = "trace",
		.waits_since = since, .retry_at = DEADLINE_NEVER
	};
	sink.record.used = 1;
	monitor.trace.sinks = &sink;
	monitor.trace.count = 1;
	trace_note_sinks(&monitor.trace);
	supervisor.monitor = relay.monitor = &monitor;
}

/* The next deadline is want nanoseconds after the start of the case. */
static inline void
is_due(int64_t want, const char *name)
{
	is_int(timers_next(&supervisor) - START, want, name);
}

static inline void
is_never(const char *name)
{
	is_int(timers_next(&supervisor), DEADLINE_NEVER, name);
}

/* Handle what is due at the time, counted from the start of the case. */
static inline void
handle_at(int64_t time)
{
	now = START + time;
	timers_handle(&supervisor);
}

static inline void
end_state(void)
{
	channel_free(&relay.to_command);
	channel_free(&relay.from_command);
	supervise_free(&supervisor);
	if (supervisor.monitor != NULL)
		close(sink.fd);
	close(pair.ours);
	close(command_end);
	close(second.ours);
	close(peer_end);
	close(input);
	close(output);
	if (relay.to_command.src.inherited)
		close(relay.to_command.src.fd);
	if (relay.from_command.dst.inherited)
		close(relay.from_command.dst.fd);
	plan_free(&plan);
}

#endif
