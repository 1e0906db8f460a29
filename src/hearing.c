/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>

#include <poll.h>

#include "clocks.h"
#include "hearing.h"

static void
note_reaped(struct relay *relay)
{
	struct party *command = &relay->command;

	clocks_note_reaped(relay);
	/* Nothing more is read: the next typed line is the shell's. */
	channel_stop_reading(command->input);
	/*
	 * Datagrams have no end of file: this is it, unless somebody wants to
	 * wait for others, who cannot be seen.
	 */
	if (command->pair->type == SOCK_DGRAM &&
	    relay->plan->linger == PLAN_NEVER)
		command->output->from.writer_gone = true;
}

/* Whether a signal ends us, once there is no command to pass it on to. */
static bool
ends_us(const struct relay *relay, int number)
{
	return signal_is_fatal(number) &&
	    !signals_blocked_on_entry(relay->signals, number);
}

void
hearing_die(struct relay *relay, int number)
{
	signal_die_of(number);
	relay->died_of = number;
}

bool
hearing_is_owed(const struct relay *relay, short socket)
{
	return relay->owed != 0 && party_is_lingering(&relay->command) &&
	    !(socket & POLLIN);
}

static void
hear_signal(struct relay *relay, const struct signal_event *event)
{
	struct child *child = relay->command.child;

	if (event->number == SIGCHLD)
		return;		/* see hearing_take() */
	if (event->number == SIGCONT) {
		clocks_restart(relay);
		return;
	}
	if (signal_is_own_fault(event))
		hearing_die(relay, event->number);
	if (relay->watch != NULL && relay->watch->wants_stats &&
	    event->number == SIGUSR1) {
		watch_print(relay->watch);
		return;
	}
	if (child->reaped) {
		/* A grandchild, a full terminal: nothing else ends us. */
		if (ends_us(relay, event->number))
			hearing_die(relay, event->number);
		return;
	}
	/*
	 * The terminal's have reached the command, as part of its group; but
	 * not one that came before there was a command.
	 */
	if (signal_from_terminal(event) &&
	    !signals_take_early(relay->signals, event->number))
		return;
	if (child_has_ended(child) && ends_us(relay, event->number))
		relay->owed = event->number;
	child_signal(child, event->number);
	if (relay->watch != NULL)
		watch_signal(relay->watch, event->number);
}

/*
 * The command is reaped after all signals that came with its end have been
 * heard: they were meant for it, and must not end us before its last words are
 * written.  And after SIGCHLD has been taken, or its end could be missed.
 */
void
hearing_take(struct relay *relay)
{
	struct signal_event event;

	while (signals_next(relay->signals, &event))
		hear_signal(relay, &event);
	if (party_reap(&relay->command))
		note_reaped(relay);
}
