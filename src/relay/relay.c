/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation.  Each channel is moved on in turn by the events that
 * poll(2) reported for its ends, and closed when it has ended or its reader has
 * gone.  One side is the command; the other is standard input and output, or a
 * second command with a pair of its own.  With two commands each is notified of
 * the other's end as the kernel would do with one pair and no relay.  What the
 * ends of one command lead to is modelled in tests/spin/ends.pml.
 */
#include "config.h"

#include <sys/socket.h>

#include <inttypes.h>
#include <poll.h>
#include <sched.h>

#include "base/clock.h"
#include "base/diag.h"
#include "relay/relay.h"
#include "relay/setup.h"

/* Traces and totals need to know whether messages are relayed. */
static void
set_type(struct monitor *monitor, const struct pair *pair, bool has_wire)
{
	monitor_set_type(monitor, pair->is_pipes ? "pipes" :
	    names_name(type_names, pair->type),
	    pair->type != SOCK_STREAM || has_wire);
}

int
relay_init(struct relay *relay, const struct plan *plan,
    struct side *sides, struct monitor *monitor)
{
	struct channel *to_command = &relay->to_command;
	struct channel *from_command = &relay->from_command;

	*relay = (struct relay){
		.plan = plan, .sides = sides, .monitor = monitor
	};
	channel_init(to_command);
	channel_init(from_command);
	sides[SIDE_COMMAND].input = sides[SIDE_OTHER].output = to_command;
	sides[SIDE_COMMAND].output = sides[SIDE_OTHER].input = from_command;
	if (monitor != NULL)
		set_type(monitor, sides[SIDE_COMMAND].pair,
		    plan->wire != -1);
	return setup_make_conduits(relay);
}

void
relay_free(struct relay *relay)
{
	channel_free(&relay->to_command);
	channel_free(&relay->from_command);
}

bool
relay_is_drained(const struct relay *relay)
{
	const struct side *side;
	bool is_open = false;

	for (side = relay->sides; side < relay->sides + SIDE_COUNT; side++) {
		if (side->child == NULL)
			continue;
		if (channel_pending(side->output) > 0)
			return false;
		is_open |= side->output->src_open;
	}
	return is_open;
}

bool
relay_is_flushed(const struct relay *relay)
{
	const struct side *side;

	for (side = relay->sides; side < relay->sides + SIDE_COUNT; side++)
		if (side->child != NULL && side->output->dst_open)
			return false;
	return true;
}

static void
report_fault(struct relay *relay, const struct fault *fault)
{
	char text[FAULT_TEXT_MAX];

	if (fault->kind == FAULT_NONE)
		return;
	monitor_clear(relay->monitor);
	diag_print_text(text, fault_text(fault, text, sizeof(text)));
	if (fault_is_loss(fault))
		relay->failed = true;
}

/*
 * The command's output has ended.  If standard input and output are one socket,
 * the channel shuts it down after a half-close by the command, but not after
 * the command has closed its end.  Once we have shut down its input as well,
 * poll(2) reports a hang-up in both cases (tests/unit/kernel:
 * half_closes_hang_up).  With two pipes a hang-up says nothing of the other
 * pipe.  So check whether the command still holds its end.
 */
static void
note_half_close(struct relay *relay)
{
	const struct side *command = &relay->sides[SIDE_COMMAND];

	if ((!relay->to_command.dst_open || command->pair->is_pipes) &&
	    child_holds_end(command->child))
		relay->from_command.src_half_closed = true;
}

/*
 * Move on the channel that writer writes and reader reads.  Close it if it has
 * ended or its reader has gone.
 */
static void
advance_channel(struct relay *relay, struct side *writer,
    const struct side *reader)
{
	struct channel *channel = writer->output;
	short src = writer->src_events;
	struct fault fault;
	enum channel_result result;

	do {
		result = channel_step(channel, src, reader->dst_events,
		    &fault);
		report_fault(relay, &fault);
		src = 0;
	} while (result == CHANNEL_OPEN && fault.kind != FAULT_NONE);
	switch (result) {
	case CHANNEL_OPEN:
	case CHANNEL_CLOSED:
		break;
	case CHANNEL_FLUSHED:
		if (channel->dst.inherited)
			note_half_close(relay);
		channel_finish(channel, &fault);
		report_fault(relay, &fault);
		break;
	case CHANNEL_REFUSED:
		channel_break(channel);
		side_begin_break(writer);
		break;
	}
}

/*
 * Whether to let the writer run before its piece is read, so that it can add
 * more: in a stream, where that pays (coalesce.h).  In bulk it pays as well: on
 * one core, both ways at once move 1.09 times as much (Linux 6.18).  A trace
 * shows the pieces as they were written, so they are left alone.
 */
static bool
should_yield(struct relay *relay)
{
	return !monitor_needs_bytes(relay->monitor) &&
	    coalesce_is_stream(&relay->coalesce,
	    relay->to_command.conduit.moved,
	    relay->from_command.conduit.moved) &&
	    coalesce_pays(&relay->coalesce, clock_now());
}

void
relay_advance(struct relay *relay)
{
	struct side *command = &relay->sides[SIDE_COMMAND];
	struct side *other = &relay->sides[SIDE_OTHER];

	if (should_yield(relay))
		(void)sched_yield();
	advance_channel(relay, other, command);
	advance_channel(relay, command, other);
	relay->moved = relay->to_command.conduit.moved +
	    relay->from_command.conduit.moved;
}

int64_t
relay_retry_deadline(const struct relay *relay)
{
	if (channel_is_ready(&relay->to_command) ||
	    channel_is_ready(&relay->from_command))
		return 0;
	return deadline_sooner(channel_retry_deadline(&relay->to_command),
	    channel_retry_deadline(&relay->from_command));
}

/*
 * The side's output ends with its command, because datagrams have no end of
 * file and other holders of the socket cannot be seen.  Everything that the
 * command sent is there by now (tests/unit/kernel: reaped_has_sent).  What a
 * second command sends to this side is refused from now on; the kernel would
 * not refuse it, because we hold the end that it goes to.
 */
static void
end_relayed_datagrams(struct side *side)
{
	side->output->src.writer_gone = true;
	side->input->dst.reader_gone = !side->input->src.inherited;
}

void
relay_note_reaped(struct relay *relay, struct side *side)
{
	/* What is typed from now on is for the shell. */
	if (side->input->src.inherited)
		channel_stop_reading(side->input);
	if (side->pair->type == SOCK_DGRAM &&
	    relay->plan->linger == PLAN_NEVER)
		end_relayed_datagrams(side);
}

void
relay_open(struct relay *relay, const bool closed[3])
{
	setup_open_endpoints(relay, closed);
}

void
relay_begin(struct relay *relay)
{
	if (channel_is_ready(&relay->to_command))
		advance_channel(relay, &relay->sides[SIDE_OTHER],
		    &relay->sides[SIDE_COMMAND]);
}

void
relay_give_up(struct relay *relay)
{
	struct side *side;

	for (side = relay->sides; side < relay->sides + SIDE_COUNT; side++)
		if (side->child != NULL && side->output->dst_open)
			(void)channel_give_up(side->output);
}

/*
 * Whether a process may still read what is written to endpoint.  False for a
 * datagram socket: we hold its other end, so poll(2) cannot say.
 */
static bool
has_reader(const struct endpoint *endpoint)
{
	struct pollfd slot = { .fd = endpoint->fd };

	return endpoint->other_end == -1 && poll(&slot, 1, 0) != -1 &&
	    !endpoint_has_lost_reader(endpoint, slot.revents);
}

void
relay_report_input(struct relay *relay)
{
	struct channel *channel = &relay->to_command;
	uint64_t before = channel->undelivered;

	if (!channel->dst_open || channel_pending(channel) == 0 ||
	    !has_reader(&channel->dst))
		return;
	channel_break(channel);
	if (channel->undelivered == before)
		return;
	monitor_clear(relay->monitor);
	diag_print("cannot write %s: the command has ended; "
	    "%" PRIu64 " B undelivered", channel->dst.name,
	    channel->undelivered - before);
	relay->failed = true;
}

void
relay_finish(struct relay *relay)
{
	if (channel_pending(&relay->to_command) > 0)
		channel_break(&relay->to_command);
}
