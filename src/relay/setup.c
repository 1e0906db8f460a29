/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <unistd.h>

#include "base/fd.h"
#include "relay/setup.h"

/* The smaller of size and the largest message that plan accepts; bytes. */
static size_t
limit_message(const struct plan *plan, size_t size)
{
	return plan->max_message < size ? plan->max_message : size;
}

/* Messages framed on standard input and output. */
static int
open_messages(struct relay *relay)
{
	const struct plan *plan = relay->plan;
	const struct pair *pair = relay->sides[SIDE_COMMAND].pair;

	if (conduit_open_decode(&relay->to_command.conduit, plan->framing,
	    limit_message(plan, pair->largest)) == -1)
		return -1;
	return conduit_open_encode(&relay->from_command.conduit, plan->framing,
	    limit_message(plan, MESSAGE_LARGEST),
	    pair->type == SOCK_SEQPACKET);
}

/* Messages between two commands. */
static int
open_carriers(struct relay *relay)
{
	const struct pair *pair = relay->sides[SIDE_COMMAND].pair;
	const struct pair *second = relay->sides[SIDE_OTHER].pair;
	bool has_end = pair->type == SOCK_SEQPACKET;

	if (conduit_open_carry(&relay->to_command.conduit,
	    limit_message(relay->plan, pair->largest), has_end) == -1)
		return -1;
	return conduit_open_carry(&relay->from_command.conduit,
	    limit_message(relay->plan, second->largest), has_end);
}

/* Make the conduits for messages in the command's stream. */
static int
open_wire(struct relay *relay)
{
	const struct plan *plan = relay->plan;
	enum framing wire = (enum framing)plan->wire;
	size_t limit = plan_wire_limit(plan);

	if (conduit_open_reframe(&relay->to_command.conduit, plan->framing,
	    wire, limit, true) == -1)
		return -1;
	return conduit_open_reframe(&relay->from_command.conduit, wire,
	    plan->framing, limit, false);
}

static int
open_bytes(struct relay *relay)
{
	if (conduit_open_bytes(&relay->to_command.conduit) == -1)
		return -1;
	return conduit_open_bytes(&relay->from_command.conduit);
}

int
setup_make_conduits(struct relay *relay)
{
	relay->input_echoed = endpoint_echoes(STDIN_FILENO);
	if (relay->plan->wire != -1)
		return open_wire(relay);
	if (relay->sides[SIDE_COMMAND].pair->type == SOCK_STREAM)
		return open_bytes(relay);
	return relay->sides[SIDE_OTHER].child == NULL ? open_messages(relay) :
	    open_carriers(relay);
}

/* Our end of side's pair is one endpoint of each channel. */
static void
open_sockets(const struct side *side, const char *name)
{
	const struct pair *pair = side->pair;

	endpoint_open_socket(&side->input->dst, pair->ours, ENDPOINT_WRITE,
	    pair->command, name);
	side->input->dst.is_message = pair->type != SOCK_STREAM;
	endpoint_open_socket(&side->output->src, pair->ours, ENDPOINT_READ,
	    pair->command, name);
}

/* Our ends of the two pipes, which the endpoints close. */
static void
open_pipes(const struct side *side)
{
	int from, to;

	pair_take_pipes(side->pair, &from, &to);
	endpoint_open_pipe(&side->input->dst, to, ENDPOINT_WRITE,
	    "the command's pipe");
	endpoint_open_pipe(&side->output->src, from, ENDPOINT_READ,
	    "the command's pipe");
}

/* Whether standard input and output are one and the same socket. */
static bool
share_socket(void)
{
	struct stat input, output;

	return fstat(STDIN_FILENO, &input) == 0 && S_ISSOCK(input.st_mode) &&
	    fstat(STDOUT_FILENO, &output) == 0 &&
	    input.st_dev == output.st_dev && input.st_ino == output.st_ino;
}

static void
open_standard(struct relay *relay, const bool closed[3])
{
	endpoint_open_inherited(&relay->to_command.src, STDIN_FILENO,
	    ENDPOINT_READ, closed[STDIN_FILENO], "standard input");
	relay->to_command.src.has_echoed = relay->input_echoed;
	endpoint_open_inherited(&relay->from_command.dst, STDOUT_FILENO,
	    ENDPOINT_WRITE, closed[STDOUT_FILENO], "standard output");
	relay->from_command.dst.is_input_too = share_socket();
}

void
setup_open_endpoints(struct relay *relay, const bool closed[3])
{
	const struct side *command = &relay->sides[SIDE_COMMAND];

	if (command->pair->is_pipes)
		open_pipes(command);
	else
		open_sockets(command, "the command's socket");
	command->input->dst.chunk = relay->plan->chunk;
	relay->to_command.dst.no_shutdown = relay->plan->no_shutdown;
	if (relay->sides[SIDE_OTHER].child == NULL) {
		open_standard(relay, closed);
	} else {
		open_sockets(&relay->sides[SIDE_OTHER], "the peer's socket");
		relay->from_command.dst.chunk = relay->plan->chunk;
	}
	fd_raise_limit();
}
