/* SPDX-License-Identifier: MIT */
/*
 * What signals ask for, and the end of commands.
 *
 * Theory of operation.  Commands are reaped before the signals are handled, and
 * whether one still ran is noted before that.  So a signal that came before the
 * last command ended counts as one for the commands: at most it ends us later,
 * when their last output is written.  A signal that comes when no command is
 * left ends us at once.
 */
#include "config.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <string.h>

#include "base/diag.h"
#include "relay/supervise.h"
#include "relay/timers.h"
#include "socket/message.h"

/*
 * Whether a signal that was meant for the command has ended it.  One that
 * catches it may exit with the status that a shell gives for that signal.
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
 * The command with this end reads end of file, or is refused to write, from now
 * on.  A temporary failure is retried, or the command would wait for ever.
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
 * One command of a dgram pair that has no relay has been reaped.  Nobody can
 * send to its end any more, and what waits there is dropped: that wakes a
 * sender that waits for room, and the kernel refuses it now.  The survivor
 * still reads what waits for it, and then end of file (tests/unit/kernel:
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

/* Whether a signal ends us, once there is no command to pass it on to. */
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
		/* The second signal: a trace stops waiting for its reader. */
		trace_give_up(&supervisor->monitor->trace);
	}
}

/*
 * A signal for all commands.  A signal of the terminal has reached them
 * already, as part of its foreground group, or was sent to them when they began
 * (keys.h).
 */
static void
pass_signal_on(struct supervisor *supervisor, const struct signal_event *event)
{
	size_t i;

	if (signal_is_fatal(event->number))
		sigaddset(&supervisor->fatal_seen, event->number);
	if (signal_from_terminal(event))
		return;
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

/* was_running says that a command existed when the signal came, or may have. */
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
		return;
	}
	if (!was_running) {
		/* A grandchild or a full terminal could hold us forever. */
		if (ends_us(supervisor, event->number))
			supervise_die(supervisor, event->number);
		return;
	}
	pass_signal_on(supervisor, event);
}

/* Handle all signals that have come.  True if SIGCHLD is among them. */
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
 * then do what follows from the ends.  True if SIGCHLD was among the signals:
 * another command may have ended since.
 */
static bool
reap_and_handle(struct supervisor *supervisor)
{
	bool was_running = supervise_has_command(supervisor);
	const struct child *children[SIDE_COUNT];
	bool ended[SIDE_COUNT];
	size_t count = 0;
	bool child;
	size_t i;

	for (i = 0; i < SIDE_COUNT; i++) {
		if (supervisor->sides[i].child != NULL)
			children[count++] = supervisor->sides[i].child;
		ended[i] = side_reap(&supervisor->sides[i]);
	}
	child_reap_orphans(children, count);
	child = handle_all_signals(supervisor, was_running);
	for (i = 0; i < SIDE_COUNT; i++)
		if (ended[i])
			note_reaped(supervisor, &supervisor->sides[i]);
	return child;
}

void
supervise_handle_signals(struct supervisor *supervisor)
{
	while (reap_and_handle(supervisor))
		;
}
