/* SPDX-License-Identifier: MIT */
/*
 * The relay: two channels between a command and another side, which is standard
 * input and output or a second command; the signals, the clock, and the
 * decision when it is over.
 */
#ifndef RELAY_H
#define RELAY_H

#include "command/child.h"
#include "command/signals.h"
#include "plan/plan.h"
#include "relay/side.h"
#include "socket/pair.h"
#include "transfer/channel.h"
#include "transfer/coalesce.h"

enum relay_side {
	RELAY_COMMAND,
	RELAY_SECOND,		/* which --peer gave */
	RELAY_SIDES
};

struct relay {
	const struct plan *plan;
	struct signals *signals;
	struct monitor *monitor;	/* NULL: nobody looks */
	struct channel to_command;
	struct channel from_command;
	struct side sides[RELAY_SIDES];
	size_t side_count;	/* 1: the other is standard input and output */
	bool failed;		/* data was lost; a line has said so */
	bool timed_out;		/* --timeout has fired, */
	bool command_timed_out;	/* while the first command ran */
	bool input_echoed;	/* standard input's echo before the start */
	bool reported_waiting;	/* see report_waiting() */
	sigset_t fatal_seen;	/* signals that could have ended a command */
	bool was_ended;		/* one of them has ended a command */
	int pending_fatal;	/* see supervise_is_fatal_pending(); or 0 */
	int fatal_signal;	/* a signal that ends us, or 0 */
	int64_t quiet_until;	/* time: see relay.c, step() */
	int64_t hurried_at;	/* time when a signal began to end us */
	int64_t reaped_at;	/* time; both times move on with SIGCONT */
	int64_t active_at;	/* time when a byte last moved */
	uint64_t moved;		/* bytes, up to then */
	struct coalesce coalesce;
};

/* What relay_run() leaves for the report. */
struct relay_result {
	bool failed;		/* as above */
	bool timed_out;		/* --timeout fired while the command ran */
	int fatal_signal;	/* a signal that we are to die of, or 0 */
};

/*
 * Allocate all that the relay of plan over pair will need; nothing is
 * allocated later.  second is the second command's pair, or NULL: then there is
 * none.  monitor is NULL if nobody looks.  All are borrowed.
 * Returns 0, or -1 with errno ENOMEM, and then too it must be freed.
 */
int relay_init(struct relay *relay, const struct plan *plan,
    const struct pair *pair, const struct pair *second,
    struct monitor *monitor);

/*
 * Relay the other side to our end of the command's pair and from there back,
 * until every command has been reaped and its output has ended and is written,
 * or nobody takes it.  relay has been initialised.  child is the command;
 * second the other one, or NULL as above, and then closed[n] says that
 * descriptor n was closed on entry.  All are borrowed; the commands are reaped
 * on return.  Prints a line for every error of standard input or output.
 *
 * Once no command is left a signal ends the relay.  The data that was still to
 * be written is counted in the traces, and the traces are finished.
 */
struct relay_result relay_run(struct relay *relay, struct signals *signals,
    struct child *child, struct child *second, const bool closed[3]);

/* Whether there is a command that has not been reaped. */
bool relay_has_command(const struct relay *relay);

/*
 * Whether we only wait for others who hold the ends of commands that have been
 * reaped.
 */
bool relay_is_lingering(const struct relay *relay);

void relay_free(struct relay *relay);

#endif
