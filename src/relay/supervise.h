/* SPDX-License-Identifier: MIT */
/*
 * Supervision: the one loop of a run.  It waits for the commands, handles
 * signals and deadlines, and moves the relay on if there is one.
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
	bool failed;		/* data was lost, or a command could not be */
				/* notified; a line has said so */
	bool timed_out;		/* --timeout has fired */
	bool command_timed_out;	/* it has, while the first command ran */
	bool reported_waiting;	/* waiting_report() has been called */
	sigset_t fatal_seen;	/* fatal signals that came for the commands */
	bool was_ended;		/* one of them has ended a command */
	bool ended[SIDE_COUNT];	/* its command has been reaped, and that has */
				/* still to be noted: supervise-signals.c */
	int pending_fatal;	/* see supervise_is_fatal_pending(); or 0 */
	int fatal_signal;	/* the signal that ends us, or 0 */
	/* Times, see clock.h: */
	int64_t hurried_at;	/* when fatal_signal was set */
	int64_t reaped_at;	/* when a command was reaped last, or SIGCONT */
				/* came after that */
	int64_t active_at;	/* when a byte last moved, or SIGCONT came */
	int64_t stall_reported_at;	/* active_at in the last report */
	uint64_t moved;		/* bytes and messages relayed until then */
};

/* How a run ended, for report_status(). */
struct outcome {
	bool failed;		/* as in struct supervisor */
	bool timed_out;		/* --timeout fired while the command ran */
	int fatal_signal;	/* the signal that we are to die of, or 0 */
};

/*
 * Make a supervisor of a run in which nothing has happened yet.  The caller
 * then makes its sides with side_init().  traces is the number of traces that
 * the relay's monitor has, 0 without one.
 * Returns 0, or -1 with errno ENOMEM; supervise_free() may be called either
 * way.  plan and signals are borrowed until then.
 */
int supervise_init(struct supervisor *supervisor, const struct plan *plan,
    struct signals *signals, size_t traces);

void supervise_free(struct supervisor *supervisor);

/*
 * The commands have been started: wait until all of them have been reaped.
 * With a relay also move it on until all output has ended and is written, or
 * its reader has gone.  Afterwards the traces are finished.
 *
 * relay is NULL, or was initialised with the supervisor's sides.  closed[n]
 * says that descriptor n, 0 to 2, was closed on entry.
 *
 * While a command runs, signals are passed on to the commands.  After the last
 * command has ended, a signal ends the run, and the data that is not written by
 * then is traced as undelivered.  Returns how the run ended.
 */
struct outcome supervise_run(struct supervisor *supervisor,
    struct relay *relay, const bool closed[3]);

/*
 * For supervise.c: signals have come.  Reap the commands that have ended, and
 * handle the signals.
 */
void supervise_handle_signals(struct supervisor *supervisor);

/*
 * Signal number is to end the run and us.  If a signal is ending us already,
 * number is ignored, and the traces that are behind are given up.
 */
void supervise_die(struct supervisor *supervisor, int number);

/* Whether a command has not been reaped. */
bool supervise_has_command(const struct supervisor *supervisor);

/*
 * Whether we only wait for other processes that hold the sockets of commands
 * that have been reaped: nothing is pending, and more may come from them.
 */
bool supervise_is_lingering(const struct supervisor *supervisor);

/*
 * Whether a signal that came when all commands had ended, but before we had
 * reaped them, is to end us now.  It waits until the commands' last output is
 * written.  Then it ends us, even if other processes still hold the sockets.
 */
bool supervise_is_fatal_pending(const struct supervisor *supervisor);

#endif
