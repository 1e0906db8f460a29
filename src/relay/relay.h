/* SPDX-License-Identifier: MIT */
/*
 * The relay: two channels between the two sides, and what both channels have
 * in common.  It does not wait for anything: see supervise.h.
 */
#ifndef RELAY_H
#define RELAY_H

#include "plan/plan.h"
#include "relay/side.h"
#include "transfer/channel.h"
#include "transfer/coalesce.h"

enum relay_side {
	SIDE_COMMAND,
	SIDE_OTHER,		/* standard input and output, or --peer's */
	SIDE_COUNT
};

struct relay {
	/* Borrowed. */
	const struct plan *plan;
	struct monitor *monitor;	/* NULL: no traces, no totals */
	struct side *sides;		/* SIDE_COUNT of them */

	struct channel to_command;
	struct channel from_command;
	bool failed;		/* data was lost; a line has said so */
	bool input_echoed;	/* standard input's echo before the start */
	uint64_t moved;		/* bytes and messages, by both channels */
	struct coalesce coalesce;
};

/*
 * Allocate all that a relay of plan between the SIDE_COUNT sides will need, and
 * give the sides their channels; nothing is allocated later.  monitor is NULL
 * for none.  All are borrowed.
 * Returns 0, or -1 with errno ENOMEM, and then too it must be freed.
 */
int relay_init(struct relay *relay, const struct plan *plan,
    struct side *sides, struct monitor *monitor);

/*
 * The commands run: open the endpoints.  closed[n] says that descriptor n was
 * closed on entry.
 */
void relay_open(struct relay *relay, const bool closed[3]);

/*
 * Move what can be moved without the commands.  Prints a line for every error
 * of standard input or output, as relay_advance() does.
 */
void relay_begin(struct relay *relay);

/*
 * When to call relay_advance() even if poll(2) reports nothing, as of clock.h:
 * 0 for now.
 */
int64_t relay_retry_deadline(const struct relay *relay);

/* Move both channels on by what the sides know from poll(2). */
void relay_advance(struct relay *relay);

/* Whether all that the commands wrote is written, or nobody takes it. */
bool relay_is_flushed(const struct relay *relay);

/*
 * Whether nothing waits to be written, and more can come only from others who
 * hold the commands' ends, if the commands have ended.
 */
bool relay_is_drained(const struct relay *relay);

/* side has been reaped: whoever holds its end may only write to us. */
void relay_note_reaped(struct relay *relay, struct side *side);

/* Count what will not be written, and close the inherited descriptors. */
void relay_give_up(struct relay *relay);

/* No more will be relayed: count what waits for a command that has left. */
void relay_finish(struct relay *relay);

void relay_free(struct relay *relay);

#endif
