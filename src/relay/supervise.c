/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "relay/supervise.h"
#include "relay/timers.h"

/* Nanoseconds in which most commands end that a signal ends. */
#define QUIET_AFTER INT64_C(20000000)
/* Nanoseconds to the next such pause, so that signals cannot stop a write. */
#define QUIET_AGAIN INT64_C(1000000000)

/*
 * Datagrams have no end of file: this is it, unless somebody wants to wait for
 * others, who cannot be seen.  From a second command nobody takes any more
 * either, though we hold the end that it would come to.
 */
static void
end_datagrams(struct side *side)
{
	side->output->src.writer_gone = true;
	side->input->dst.reader_gone = !side->input->src.inherited;
}

/*
 * Whether a signal that was meant for the command has ended it.  One that
 * catches it may exit with the status that a shell gives for that signal.
 */
static bool
was_ended(const struct relay *relay, const struct child *child)
{
	int number = WIFSIGNALED(child->wait_status) ?
	    WTERMSIG(child->wait_status) :
	    WEXITSTATUS(child->wait_status) - 128;

	return number > 0 && sigismember(&relay->fatal_seen, number) == 1;
}

static void
note_reaped(struct relay *relay, struct side *side)
{
	size_t i;

	timers_note_reaped(relay, side);
	if (was_ended(relay, side->child))
		relay->was_ended = true;
	/* Nothing more is read: the next typed line is the shell's. */
	if (side->input->src.inherited)
		channel_stop_reading(side->input);
	if (side->pair->type == SOCK_DGRAM && relay->plan->linger == PLAN_NEVER)
		end_datagrams(side);
	for (i = 0; i < relay->side_count; i++)
		side_schedule_kill(&relay->sides[i], relay->plan->kill_after);
}

/* Whether a signal ends us, once there is no command to pass it on to. */
static bool
ends_us(const struct relay *relay, int number)
{
	return signal_is_fatal(number) &&
	    !signals_blocked_on_entry(relay->signals, number);
}

void
supervise_die(struct relay *relay, int number)
{
	if (relay->fatal_signal == 0) {
		relay->fatal_signal = number;
		timers_hurry(relay);
		if (relay->monitor != NULL)
			monitor_ended_by(relay->monitor, number);
	} else if (relay->monitor != NULL) {
		/* The second signal: a trace stops waiting for its reader. */
		relay->monitor->trace.wait.is_over = true;
	}
}

bool
supervise_is_fatal_pending(const struct relay *relay)
{
	return relay->pending_fatal != 0 && relay_is_lingering(relay);
}

/*
 * A signal for all commands.  A signal of the terminal has reached them
 * already, as part of its foreground group.  If it came before a command
 * existed, it was sent to the command at the start.
 */
static void
pass_on(struct relay *relay, const struct signal_event *event)
{
	bool sends = !signal_from_terminal(event);
	bool was_sent = sends;
	struct child *child;
	size_t i;

	if (signal_is_fatal(event->number))
		sigaddset(&relay->fatal_seen, event->number);
	if (sends && !relay_has_command(relay) &&
	    ends_us(relay, event->number))
		relay->pending_fatal = event->number;
	for (i = 0; i < relay->side_count; i++) {
		child = relay->sides[i].child;
		if (child_take_early(child, event->number))
			was_sent = true;
		else if (sends)
			child_signal(child, event->number);
	}
	if (was_sent && relay->monitor != NULL)
		monitor_signal(relay->monitor, event->number);
}

/* was_running: a command existed when the signal came, or may have. */
static void
relay_handle_signal(struct relay *relay, const struct signal_event *event,
    bool was_running)
{
	if (event->number == SIGCONT) {
		timers_restart(relay);
		return;
	}
	if (signal_is_own_fault(event)) {
		signal_die_of(event->number);
		supervise_die(relay, event->number);
		return;
	}
	if (relay->monitor != NULL && relay->monitor->wants_stats &&
	    event->number == SIGUSR1) {
		monitor_print(relay->monitor);
		return;
	}
	if (!was_running) {
		/* A grandchild, a full terminal: nothing else ends us. */
		if (ends_us(relay, event->number))
			supervise_die(relay, event->number);
		return;
	}
	pass_on(relay, event);
}

/* A command may end soon: see step() in relay.c. */
static void
note_quiet(struct relay *relay)
{
	int64_t now = clock_now();

	if (now >= deadline_after(relay->quiet_until, QUIET_AGAIN))
		relay->quiet_until = deadline_after(now, QUIET_AFTER);
}

/* Handle all signals that have come.  True if SIGCHLD is among them. */
static bool
handle_signals(struct relay *relay, bool was_running)
{
	struct signal_event event;
	bool child = false;

	while (signals_next(relay->signals, &event)) {
		if (event.number == SIGCHLD) {
			child = true;
			continue;
		}
		relay_handle_signal(relay, &event, was_running);
		if (signal_is_fatal(event.number))
			note_quiet(relay);
	}
	return child;
}

/*
 * Reap what has ended, and handle the signals after that.  A signal that came
 * before the end of a command was meant for it, or sent by it, and must not end
 * us before the command's last output is written.  In this order it is handled
 * by the call that reaps the command, and not by a later one.  True if another
 * command may have ended since.
 */
static bool
take_once(struct relay *relay)
{
	bool was_running = relay_has_command(relay);
	const struct child *children[RELAY_SIDES];
	bool ended[RELAY_SIDES];
	bool child;
	size_t i;

	for (i = 0; i < relay->side_count; i++) {
		children[i] = relay->sides[i].child;
		ended[i] = side_reap(&relay->sides[i]);
	}
	child_reap_orphans(children, relay->side_count);
	child = handle_signals(relay, was_running);
	for (i = 0; i < relay->side_count; i++)
		if (ended[i])
			note_reaped(relay, &relay->sides[i]);
	return child;
}

void
supervise_handle_signals(struct relay *relay)
{
	while (take_once(relay))
		;
}
