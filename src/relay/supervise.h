/* SPDX-License-Identifier: MIT */
/*
 * Supervision: wait for the commands, handle signals and deadlines, and move a
 * relay on, if there is one.
 */
#ifndef SUPERVISE_H
#define SUPERVISE_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "command/child.h"
#include "command/signals.h"
#include "plan/plan.h"
#include "relay/relay.h"
#include "relay/side.h"
#include "socket/pair.h"

struct supervisor {
	/* Borrowed. */
	const struct plan *plan;
	struct signals *signals;
	struct relay *relay;		/* NULL: the commands need none */
	struct monitor *monitor;	/* the relay's; NULL: it has none */

	struct pollfd *slots;	/* owned: see supervise.c */
	struct side sides[SIDE_COUNT];
	bool failed;		/* data was lost, or a side was not notified; */
				/* a line has said so */
	bool timed_out;		/* --timeout has fired, */
	bool command_timed_out;	/* while the first command ran */
	bool reported_waiting;	/* waiting_report() has been called */
	bool has_lingered;	/* --linger has passed, and ends the run */
	sigset_t fatal_seen;	/* signals that could have ended a command */
	bool was_ended;		/* one of them has ended a command */
	int pending_fatal;	/* see supervise_is_fatal_pending(); or 0 */
	int fatal_signal;	/* a signal that ends us, or 0 */
	int64_t hurried_at;	/* time when a signal began to end us */
	int64_t reaped_at;	/* time; it moves on with SIGCONT */
	int64_t active_at;	/* time when a byte last moved */
	uint64_t moved;		/* by the relay, up to then */
};

/* What came of it, for the report. */
struct outcome {
	bool failed;		/* as above */
	bool timed_out;		/* --timeout fired while the command ran */
	int fatal_signal;	/* a signal that we are to die of, or 0 */
};

/*
 * Nothing has happened yet.  The sides are the caller's to set, by side_init().
 * traces is how many traces the relay's monitor has.  Everything is borrowed.
 * Returns 0, or -1 with errno ENOMEM, and then too it may be freed.
 */
int supervise_init(struct supervisor *supervisor, const struct plan *plan,
    struct signals *signals, size_t traces);

void supervise_free(struct supervisor *supervisor);

/*
 * The commands run: wait until every command has been reaped, and, if relay is
 * not NULL, until its output has ended and is written, or nobody takes it.
 * relay has been initialised with our sides.  closed[n] says that descriptor n
 * was closed on entry.
 *
 * Once no command is left a signal ends the relay.  The data that was still to
 * be written is counted in the traces, and the traces are finished.
 */
struct outcome supervise_run(struct supervisor *supervisor,
    struct relay *relay, const bool closed[3]);

/* For supervise.c: signals have come.  Handle them, and reap what has ended. */
void supervise_handle_signals(struct supervisor *supervisor);

/*
 * The signal number ends the relay and us.  If one has before, a trace whose
 * reader takes nothing is given up.
 */
void supervise_die(struct supervisor *supervisor, int number);

/* Whether there is a command that has not been reaped. */
bool supervise_has_command(const struct supervisor *supervisor);

/*
 * Whether we only wait for others who hold the ends of commands that have been
 * reaped.
 */
bool supervise_is_lingering(const struct supervisor *supervisor);

/*
 * A signal came when all commands had ended, but before we knew that.  It is to
 * end us, but not before their last output is written.  True if it ends us as
 * soon as no more output comes.
 */
bool supervise_is_fatal_pending(const struct supervisor *supervisor);

#endif
