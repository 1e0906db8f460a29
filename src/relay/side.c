/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>

#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "relay/side.h"

#define SECOND INT64_C(1000000000)	/* nanoseconds */
#define LOOK_PAUSE (SECOND / 2000)	/* between two looks at the command */
#define LOOK_FOR SECOND			/* at most, on a busy machine */

void
side_init(struct side *side, struct child *child, const struct pair *pair)
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

/*
 * Standard output stays in the set even while there is nothing to write, so
 * that we notice when its reader leaves.
 */
static void
fill_standard_slots(const struct side *side, struct pollfd slots[SIDE_SLOTS])
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
	if (side->pair == NULL)
		fill_standard_slots(side, slots);
	else
		fill_socket_slot(side, &slots[0]);
}

void
side_read_slots(struct side *side, const struct pollfd slots[SIDE_SLOTS])
{
	short both = slots[0].revents | slots[1].revents;

	if (side->pair != NULL && (both & POLLHUP))
		side->hung_up = true;
	side->src_events = slots[0].revents & ~POLLOUT;
	side->dst_events = side->pair != NULL ? slots[0].revents & ~POLLIN :
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
	    channel_pending(side->output) == 0 &&
	    !conduit_is_behind(&side->output->conduit);
}

void
side_leave(struct side *side)
{
	channel_stop_reading(side->output);
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
	side->inspect_at = clock_now();
	side->inspected_until = deadline_after(side->inspect_at, LOOK_FOR);
}

int64_t
side_inspect_deadline(const struct side *side)
{
	return side_is_breaking(side) ? side->inspect_at : DEADLINE_NEVER;
}

/*
 * Whether SIGPIPE tells it that nobody reads its output: yes in a pipeline;
 * between two commands as their own pair would, whose messages only bring EPIPE
 * (tests/unit/kernel: messages_no_signal).
 */
static bool
gets_sigpipe(const struct side *side)
{
	return side->output->dst.inherited || side->pair->type == SOCK_STREAM;
}

/*
 * The kernel wakes a writer that is held up in our socket with EPIPE alone
 * (tests/unit/kernel: blocked_writer_no_signal, late_write_signalled), so the
 * command gets the SIGPIPE from us if it is seen asleep in a write.  A busy
 * writer that we have just made room for is running: as nobody reads any more,
 * it will soon be held up there, or be asleep elsewhere.
 */
void
side_continue_break(struct side *side, int64_t now)
{
	const struct conduit *conduit = &side->output->conduit;
	enum child_activity activity = CHILD_ELSEWHERE;

	if (gets_sigpipe(side))
		activity = child_inspect(side->child);
	switch (activity) {
	case CHILD_RUNNING:
		if (now < side->inspected_until) {
			side->inspect_at = deadline_after(now, LOOK_PAUSE);
			return;
		}
		break;
	case CHILD_WRITING:
		child_signal(side->child, SIGPIPE);
		break;
	case CHILD_ELSEWHERE:
		break;
	}
	channel_stop_reading(side->output);
	if (conduit->monitor != NULL)
		monitor_note(conduit->monitor, TRACE_SHUTDOWN,
		    conduit->direction);
}
