/* SPDX-License-Identifier: MIT */
/*
 * Signals, and the ends of commands.
 *
 * Theory of operation.  supervise_handle_signals() first notes whether a
 * command runs, then reaps those that have ended, then handles the signals that
 * have come.  If a command ran, the signals were for the commands.  When all of
 * them turn out to have ended before a signal was read, it ends us only later,
 * after their last output is written.  If none ran, a signal ends us at once.
 */
#include "config.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "relay/supervise.h"
#include "relay/stall.h"
#include "relay/timers.h"
#include "socket/message.h"

/*
 * Whether a signal that came for the commands has ended this one.  A command
 * that catches signal n may exit with 128+n, as a shell does.
 */
static bool
was_ended(const struct supervisor *supervisor, const struct child *child)
{
	int number = WIFSIGNALED(child->wait_status) ?
	    WTERMSIG(child->wait_status) :
	    WEXITSTATUS(child->wait_status) - 128;

	return number > 0 && sigismember(&supervisor->fatal_seen, number) == 1;
}

/*
 * Shut down end for reading: a command that reads from it gets end of file, and
 * one that sends to it is refused.  Without that the command could wait for
 * ever, so a failure is retried.  If it lasts, one line in a run says so.
 */
static void
notify_end(struct supervisor *supervisor, int end)
{
	int tries;

	for (tries = 0; tries < 3; tries++)
		if (shutdown(end, SHUT_RD) == 0)
			return;
	if (!supervisor->failed)
		diag_print("cannot notify a command that the other has "
		    "exited: %s", strerror(errno));
	supervisor->failed = true;
}

/*
 * One command of a dgram pair without a relay has been reaped.  reaped and
 * survivor are the commands' ends.  Nobody can send to the reaped command's end
 * any more.  What waits there is dropped, because that wakes a survivor that
 * waits for room, and the kernel then refuses its message.  The survivor still
 * reads what waits for it, and then end of file (tests/unit/kernel:
 * room_wakes_dgram_sender, dgram_end, dgram_end_wakes).
 */
static void
end_bare_datagrams(struct supervisor *supervisor, int reaped, int survivor)
{
	notify_end(supervisor, reaped);
	message_discard(reaped);
	notify_end(supervisor, survivor);
}

static void
note_reaped(struct supervisor *supervisor, struct side *side)
{
	struct side *other = &supervisor->sides[
	    side == supervisor->sides ? SIDE_OTHER : SIDE_COMMAND];

	timers_note_reaped(supervisor, side);
	if (was_ended(supervisor, side->child))
		supervisor->was_ended = true;
	if (supervisor->relay != NULL)
		relay_note_reaped(supervisor->relay, side);
	else if (side->end != -1 && side_is_running(other))
		end_bare_datagrams(supervisor, side->end, other->end);
	side_schedule_kill(other, supervisor->plan->kill_after);
}

/* Whether signal number ends us if no command is left to pass it on to. */
static bool
ends_us(const struct supervisor *supervisor, int number)
{
	return signal_is_fatal(number) &&
	    !signals_blocked_on_entry(supervisor->signals, number);
}

void
supervise_die(struct supervisor *supervisor, int number)
{
	if (supervisor->fatal_signal == 0) {
		supervisor->fatal_signal = number;
		timers_hurry(supervisor);
		if (supervisor->monitor != NULL)
			monitor_ended_by(supervisor->monitor, number);
	} else if (supervisor->monitor != NULL) {
		/* The second signal: do not wait for a trace's reader. */
		trace_give_up(&supervisor->monitor->trace);
	}
}

/*
 * Send the signal to all commands.  One that a terminal's key has sent they
 * have already: they were in the terminal's foreground group, or got it when
 * they were started (keys.h).
 */
static void
pass_signal_on(struct supervisor *supervisor, const struct signal_event *event)
{
	size_t i;

	if (signal_is_fatal(event->number))
		sigaddset(&supervisor->fatal_seen, event->number);
	if (signal_from_terminal(event)) {
		if (supervisor->monitor != NULL &&
		    signal_is_fatal(event->number))
			monitor_terminal_signal(supervisor->monitor,
			    event->number);
		return;
	}
	if (!supervise_has_command(supervisor) &&
	    ends_us(supervisor, event->number))
		supervisor->pending_fatal = event->number;
	for (i = 0; i < SIDE_COUNT; i++)
		if (supervisor->sides[i].child != NULL)
			child_signal(supervisor->sides[i].child,
			    event->number);
	if (supervisor->monitor != NULL)
		monitor_signal(supervisor->monitor, event->number);
}

/* Reap the commands that have ended.  What follows, note_reaped() does later. */
static void
reap_commands(struct supervisor *supervisor)
{
	size_t i;

	for (i = 0; i < SIDE_COUNT; i++)
		if (side_reap(&supervisor->sides[i]))
			supervisor->ended[i] = true;
}

/* was_running: a command may still have run when the signal came. */
static void
handle_one_signal(struct supervisor *supervisor,
    const struct signal_event *event, bool was_running)
{
	if (event->number == SIGCONT) {
		timers_restart(supervisor);
		return;
	}
	if (supervisor->monitor != NULL && supervisor->monitor->wants_stats &&
	    event->number == SIGUSR1) {
		monitor_print(supervisor->monitor);
		stall_print(supervisor, clock_now() - supervisor->active_at);
		return;
	}
	if (!was_running) {
		/* Else a process with the socket, or a reader that takes */
		/* nothing, could keep us for ever. */
		if (ends_us(supervisor, event->number))
			supervise_die(supervisor, event->number);
		return;
	}
	/*
	 * A command may have ended since reap_commands() was last called, and
	 * before this signal came.  Nobody handles the signal then.
	 */
	reap_commands(supervisor);
	pass_signal_on(supervisor, event);
}

/* Handle all signals that have come.  True if SIGCHLD was among them. */
static bool
handle_all_signals(struct supervisor *supervisor, bool was_running)
{
	struct signal_event event;
	bool child = false;

	while (signals_next(supervisor->signals, &event)) {
		if (event.number == SIGCHLD)
			child = true;
		else
			handle_one_signal(supervisor, &event, was_running);
	}
	return child;
}

/*
 * Reap the commands that have ended, then handle the signals that have come,
 * then do what follows from each end.  True if SIGCHLD was among the signals:
 * another command may have ended in between, so this is to be called again.
 */
static bool
reap_and_handle(struct supervisor *supervisor)
{
	bool was_running = supervise_has_command(supervisor);
	const struct child *children[SIDE_COUNT];
	size_t count = 0;
	bool child;
	size_t i;

	for (i = 0; i < SIDE_COUNT; i++)
		if (supervisor->sides[i].child != NULL)
			children[count++] = supervisor->sides[i].child;
	reap_commands(supervisor);
	child_reap_orphans(children, count);
	child = handle_all_signals(supervisor, was_running);
	for (i = 0; i < SIDE_COUNT; i++)
		if (supervisor->ended[i]) {
			supervisor->ended[i] = false;
			note_reaped(supervisor, &supervisor->sides[i]);
		}
	return child;
}

void
supervise_handle_signals(struct supervisor *supervisor)
{
	while (reap_and_handle(supervisor))
		;
}
