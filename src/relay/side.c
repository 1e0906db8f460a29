/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>

#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "relay/side.h"

void
side_init(struct side *side, struct child *child, struct pair *pair)
{
	*side = (struct side){ .child = child, .pair = pair, .end = -1 };
	terminate_init(&side->termination);
}

bool
side_is_running(const struct side *side)
{
	return side->child != NULL && !side->child->reaped;
}

bool
side_reap(struct side *side)
{
	if (!side_is_running(side) || !child_reap(side->child))
		return false;
	if (side->child->error != 0)
		diag_print("cannot wait for process %ld: %s",
		    (long)side->child->pid, strerror(side->child->error));
	terminate_stop(&side->termination);
	return true;
}

void
side_schedule_kill(struct side *side, int64_t kill_after)
{
	if (kill_after != PLAN_NEVER && side_is_running(side))
		terminate_begin(&side->termination, kill_after, kill_after);
}

static struct pollfd
make_slot(int fd, short events)
{
	return (struct pollfd){ .fd = fd, .events = events };
}

/* Whether the two channels end in one socket, rather than in two files. */
static bool
has_socket(const struct side *side)
{
	return side->pair != NULL && !side->pair->is_pipes;
}

/*
 * Standard output, or the pipe to the command, stays in its slot even if
 * nothing is to be written, so that poll(2) reports when its reader leaves.
 */
static void
fill_two_slots(const struct side *side, struct pollfd slots[SIDE_SLOTS])
{
	short events = channel_src_events(side->output);

	slots[0] = make_slot(events != 0 ? side->output->src.fd : -1, events);
	slots[1] = make_slot(channel_polls_dst(side->input) ?
	    side->input->dst.fd : -1, channel_dst_events(side->input));
}

static void
fill_socket_slot(const struct side *side, struct pollfd *slot)
{
	short events = channel_src_events(side->output);

	if (side->input->dst_open)
		events |= channel_dst_events(side->input);
	*slot = make_slot(events == 0 && side->hung_up ? -1 :
	    side->pair->ours, events);
}

void
side_fill_slots(const struct side *side, struct pollfd slots[SIDE_SLOTS])
{
	slots[0] = slots[1] = make_slot(-1, 0);
	if (side->output == NULL)
		return;
	if (has_socket(side))
		fill_socket_slot(side, &slots[0]);
	else
		fill_two_slots(side, slots);
}

void
side_read_slots(struct side *side, const struct pollfd slots[SIDE_SLOTS])
{
	short both = slots[0].revents | slots[1].revents;

	if (has_socket(side) && (both & POLLHUP))
		side->hung_up = true;
	side->src_events = slots[0].revents & ~POLLOUT;
	side->dst_events = has_socket(side) ? slots[0].revents & ~POLLIN :
	    slots[1].revents;
}

bool
side_is_cut_off(const struct side *side)
{
	return side->hung_up ||
	    (!side->input->dst_open && !side->output->src_open);
}

bool
side_is_lingering(const struct side *side)
{
	return side->output != NULL && side->child != NULL &&
	    side->child->reaped && side->output->src_open &&
	    !side->output->src.writer_gone &&
	    channel_pending(side->output) == 0 &&
	    !monitor_is_behind(side->output->conduit.monitor);
}

void
side_leave(struct side *side)
{
	if (!endpoint_stop_writer(&side->output->src)) {
		if (channel_waiting(side->output) > 0)
			return;
		channel_end(side->output);
	}
	side->input->dst.reader_gone = true;
}

bool
side_is_breaking(const struct side *side)
{
	return side->child != NULL && side->output != NULL &&
	    side->output->src_open && !side->output->dst_open;
}

void
side_begin_break(struct side *side)
{
	if (side->child == NULL) {
		channel_stop_reading(side->output);
		return;
	}
	sigpipe_begin(&side->sigpipe, clock_now());
}

int64_t
side_break_deadline(const struct side *side)
{
	return side_is_breaking(side) ? side->sigpipe.inspect_at :
	    DEADLINE_NEVER;
}

/*
 * Whether we are to send the command SIGPIPE when it writes output that nobody
 * reads.  If the output goes to our standard output it is, as in a pipeline.
 * Between two commands the relay behaves like one pair of the commands' own:
 * there a write to a stream brings SIGPIPE, and one to a message socket only
 * EPIPE (tests/unit/kernel: messages_no_signal).  The writer of a pipe gets it
 * from the kernel, even while it waits for room.
 */
static bool
gets_sigpipe(const struct side *side)
{
	if (side->pair->is_pipes)
		return false;
	return side->output->dst.inherited || side->pair->type == SOCK_STREAM;
}

void
side_continue_break(struct side *side, int64_t now)
{
	const struct conduit *conduit = &side->output->conduit;

	if (gets_sigpipe(side) &&
	    !sigpipe_send(&side->sigpipe, side->child, now))
		return;
	channel_stop_reading(side->output);
	if (conduit->monitor != NULL)
		monitor_note(conduit->monitor, TRACE_SHUTDOWN,
		    conduit->direction);
}
