/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "relay/waiting.h"
#define REPORT_AFTER (2 * SECOND)	/* a user's patience with silence */
#define GIVE_UP_AFTER SECOND		/* a signal's sender waits for us */
/*
 * The same for a socket, which has room again only after a whole message
 * (tests/unit/kernel: room_by_message).
 */
#define GIVE_UP_SOCKET_AFTER (5 * SECOND)

/* Whether somebody waits for our exit: see waiting.h. */
static bool
is_hurried(const struct supervisor *supervisor)
{
	if (supervisor->fatal_signal != 0)
		return true;
	return !supervise_has_command(supervisor) &&
	    (supervisor->was_ended || supervisor->pending_fatal != 0 ||
	    supervisor->timed_out);
}

/* We are about to print a line: take the meter off the terminal. */
static void
clear_meter(struct supervisor *supervisor)
{
	if (supervisor->monitor != NULL)
		monitor_clear(supervisor->monitor);
}

int64_t
waiting_report_deadline(const struct supervisor *supervisor)
{
	/* The last events are written after the relay has been left. */
	bool may_wait = supervisor->relay != NULL ||
	    monitor_is_behind(supervisor->monitor);

	if (!may_wait || supervisor->reported_waiting ||
	    supervise_has_command(supervisor))
		return DEADLINE_NEVER;
	return deadline_after(supervisor->reaped_at, REPORT_AFTER);
}

void
waiting_report(struct supervisor *supervisor, int64_t now)
{
	bool has_peer = supervisor->sides[SIDE_OTHER].child != NULL;

	(void)now;
	supervisor->reported_waiting = true;
	if (isatty(STDERR_FILENO) != 1)
		return;
	clear_meter(supervisor);
	if (monitor_is_behind(supervisor->monitor))
		diag_print("%s ended; waiting for the reader of a trace",
		    has_peer ? "the commands have" : "the command has");
	else if (has_peer)
		diag_print("the commands have ended; "
		    "waiting for others that hold their sockets");
	else if (supervise_is_lingering(supervisor))
		diag_print("the command has ended; "
		    "waiting for others that hold its %s",
		    supervisor->sides[SIDE_COMMAND].pair->is_pipes ?
		    "pipe" : "socket");
	else
		diag_print("the command has ended; "
		    "waiting for the reader of standard output");
}

/*
 * How long others that hold the end of a command may be silent.  Once --timeout
 * has ended the commands, nobody waits for what others may still write.
 */
static int64_t
linger_time(const struct supervisor *supervisor)
{
	if (supervisor->plan->linger != PLAN_NEVER)
		return supervisor->plan->linger;
	return supervisor->timed_out ? GIVE_UP_AFTER : PLAN_NEVER;
}

int64_t
waiting_linger_deadline(const struct supervisor *supervisor,
    const struct side *side)
{
	int64_t time = linger_time(supervisor);

	if (time == PLAN_NEVER || !side_is_lingering(side))
		return DEADLINE_NEVER;
	return deadline_after(side->active_at, time);
}

void
waiting_end_linger(struct supervisor *supervisor, struct side *side,
    int64_t now)
{
	(void)supervisor;
	side_leave(side);
	/* Of two pipes, what waits is read before that is done again. */
	side->active_at = now;
}

int64_t
waiting_trace_deadline(const struct supervisor *supervisor)
{
	int64_t hurried = supervisor->fatal_signal != 0 ?
	    supervisor->hurried_at : supervisor->reaped_at;
	int64_t since;

	if (!is_hurried(supervisor) || !monitor_is_behind(supervisor->monitor))
		return DEADLINE_NEVER;
	since = supervisor->monitor->trace.waits_since;
	return deadline_after(since > hurried ? since : hurried,
	    GIVE_UP_AFTER);
}

void
waiting_give_up_trace(struct supervisor *supervisor, int64_t now)
{
	(void)now;
	diag_hurry();
	trace_give_up(&supervisor->monitor->trace);
}

int64_t
waiting_reader_deadline(const struct supervisor *supervisor,
    const struct side *side)
{
	if (side->child == NULL || side->output == NULL ||
	    !is_hurried(supervisor) || channel_pending(side->output) == 0 ||
	    monitor_is_behind(supervisor->monitor))
		return DEADLINE_NEVER;
	return side->stuck_since == 0 ? supervisor->reaped_at :
	    deadline_after(side->stuck_since, side->output->dst.is_socket ?
	    GIVE_UP_SOCKET_AFTER : GIVE_UP_AFTER);
}

/*
 * Whether the reader of the side's output has taken nothing since the last
 * call; false in the first call.
 *
 * That we could not write does not prove it.  A pipe has room again only after
 * a whole page was read, a unix socket after a whole message
 * (tests/unit/kernel: pipe_room_by_page, room_by_message).  So the amount that
 * the reader has still to take is compared as well (tests/unit/kernel:
 * pipe_unread, unread_one_number).
 */
static bool
is_stuck(struct side *side, int64_t now)
{
	uint64_t moved = side->output->conduit.moved;
	int unread = endpoint_unread(&side->output->dst);

	if (side->stuck_since != 0 && side->stuck_moved == moved &&
	    side->stuck_unread == unread)
		return true;
	side->stuck_since = now;
	side->stuck_moved = moved;
	side->stuck_unread = unread;
	return false;
}

void
waiting_check_reader(struct supervisor *supervisor, struct side *side,
    int64_t now)
{
	uint64_t lost;

	if (!is_stuck(side, now))
		return;
	lost = channel_give_up(side->output);
	clear_meter(supervisor);
	diag_hurry();
	diag_print("cannot write %s: its reader does not read; "
	    "%" PRIu64 " B undelivered", side->output->dst.name, lost);
	supervisor->failed = true;
}
