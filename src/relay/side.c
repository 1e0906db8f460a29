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
party_init(struct party *party, const struct pair *pair,
    struct channel *input, struct channel *output)
{
	*party = (struct party){
		.pair = pair, .input = input, .output = output
	};
	terminate_init(&party->termination);
}

bool
party_reap(struct party *party)
{
	if (party->child->reaped || !child_reap(party->child))
		return false;
	if (party->child->error != 0)
		diag_print("cannot wait for process %ld: %s",
		    (long)party->child->pid, strerror(party->child->error));
	terminate_stop(&party->termination);
	return true;
}

void
party_survive(struct party *party, int64_t kill_after)
{
	if (kill_after != PLAN_NEVER && !party->child->reaped)
		terminate_begin(&party->termination, kill_after, kill_after);
}

struct pollfd
party_slot(const struct party *party)
{
	struct pollfd slot = { .fd = party->pair->ours };

	slot.events = channel_src_events(party->output);
	if (party->input->dst_open)
		slot.events |= channel_dst_events(party->input);
	if (slot.events == 0 && party->hung_up)
		slot.fd = -1;
	return slot;
}

void
party_hear(struct party *party, short revents)
{
	if (revents & POLLHUP)
		party->hung_up = true;
}

bool
party_is_cut_off(const struct party *party)
{
	return party->hung_up ||
	    (!party->input->dst_open && !party->output->src_open);
}

bool
party_is_lingering(const struct party *party)
{
	return party->child->reaped && party->output->src_open &&
	    channel_pending(party->output) == 0;
}

void
party_leave(struct party *party)
{
	channel_stop_reading(party->output);
	party->input->dst.reader_gone = true;
}

bool
party_is_breaking(const struct party *party)
{
	return party->output->src_open && !party->output->dst_open;
}

void
party_begin_break(struct party *party)
{
	party->look_at = clock_now();
	party->looked_until = deadline_after(party->look_at, LOOK_FOR);
}

int64_t
party_look_deadline(const struct party *party)
{
	return party_is_breaking(party) ? party->look_at : DEADLINE_NEVER;
}

/*
 * Whether SIGPIPE tells it that nobody reads its output: yes in a pipeline;
 * between two commands as their own pair would, whose messages only bring EPIPE
 * (Linux 6.18).
 */
static bool
gets_sigpipe(const struct party *party)
{
	return party->output->dst.inherited || party->pair->type == SOCK_STREAM;
}

/*
 * The kernel wakes a writer that is held up in our socket with EPIPE alone
 * (unix(7) sockets; measured on Linux 6.18, 300 of 300), so the command gets
 * the SIGPIPE from us if it is seen asleep in a write.  A busy writer that we
 * have just made room for is running: as nobody reads any more, it will soon
 * be held up there, or be asleep elsewhere.
 */
void
party_continue_break(struct party *party, int64_t now)
{
	const struct conduit *conduit = &party->output->conduit;

	switch (gets_sigpipe(party) ? child_look(party->child) :
	    CHILD_ELSEWHERE) {
	case CHILD_RUNNING:
		if (now < party->looked_until) {
			party->look_at = deadline_after(now, LOOK_PAUSE);
			return;
		}
		break;
	case CHILD_WRITING:
		child_signal(party->child, SIGPIPE);
		break;
	case CHILD_ELSEWHERE:
		break;
	}
	channel_stop_reading(party->output);
	if (conduit->monitor != NULL)
		monitor_note(conduit->monitor, TRACE_SHUTDOWN,
		    conduit->direction);
}
