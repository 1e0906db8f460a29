/* SPDX-License-Identifier: MIT */
/*
 * The relay: two channels between the two sides of a run, one for each
 * direction.  No function here waits for anything: supervise.c does.
 */
#ifndef RELAY_H
#define RELAY_H

#include "plan/plan.h"
#include "relay/side.h"
#include "transfer/channel.h"
#include "transfer/coalesce.h"

enum relay_side {
	SIDE_COMMAND,
	SIDE_OTHER,		/* standard input and output, or the second */
				/* command (--peer) */
	SIDE_COUNT
};

struct relay {
	/* Borrowed. */
	const struct plan *plan;
	struct monitor *monitor;	/* NULL: no traces, no totals */
	struct side *sides;		/* SIDE_COUNT of them */

	struct channel to_command;	/* from the other side */
	struct channel from_command;	/* to the other side */
	bool failed;		/* data was lost; a line has said so */
	bool input_echoed;	/* standard input was a terminal that echoed */
				/* before the commands were started */
	uint64_t moved;		/* bytes and messages, by both channels */
	struct coalesce coalesce;
};

/*
 * Make a relay of plan between the SIDE_COUNT sides, and set their channels.
 * Everything that it will need is allocated here.  monitor is NULL for none;
 * else it gets the socket's type.
 * Returns 0, or -1 with errno ENOMEM; relay_free() must be called either way.
 * plan, sides and monitor are borrowed until then.
 */
int relay_init(struct relay *relay, const struct plan *plan,
    struct side *sides, struct monitor *monitor);

/*
 * Open the endpoints, after the commands were started.  closed[n] says that
 * descriptor n, 0 to 2, was closed on entry.
 */
void relay_open(struct relay *relay, const bool closed[3]);

/*
 * Move what is ready before the first poll(2): data or an end of standard input
 * that poll(2) does not report.  That input does not depend on the command, so
 * whether it is read must not depend on how soon the command ends.  Prints
 * lines as relay_advance() does.
 */
void relay_begin(struct relay *relay);

/*
 * When to call relay_advance() even if poll(2) reports nothing, as of clock.h.
 * 0 for at once, DEADLINE_NEVER if only poll(2) matters.
 */
int64_t relay_retry_deadline(const struct relay *relay);

/*
 * Move both channels on by the events that side_read_slots() has kept.  Prints
 * a line for each error of an endpoint.
 */
void relay_advance(struct relay *relay);

/*
 * Whether the output of every command has ended, and is written or has no
 * reader any more.
 */
bool relay_is_flushed(const struct relay *relay);

/*
 * Whether no command's output is pending, but the output of one is still open.
 * After the commands' ends more can come only from other processes that hold
 * their sockets.
 */
bool relay_is_drained(const struct relay *relay);

/*
 * The command of side has been reaped.  Standard input is closed, if it was the
 * command's input.  A dgram socket reports no end of file: without --linger the
 * command's output ends now, otherwise once --linger is over.
 */
void relay_note_reaped(struct relay *relay, struct side *side);

/*
 * A signal ends the run: drop the commands' output that is not written yet, and
 * trace it as undelivered.  Standard output is closed.
 */
void relay_give_up(struct relay *relay);

/*
 * The run is over.  If input is pending, and a process other than the command
 * could still have read it, drop it and print a line: it is lost.
 */
void relay_report_input(struct relay *relay);

/*
 * Nothing is relayed any more: drop the input that the command has not taken,
 * and trace it as undelivered.
 */
void relay_finish(struct relay *relay);

void relay_free(struct relay *relay);

#endif
