/* SPDX-License-Identifier: MIT */
/*
 * One run: its resources, and the functions that open, start, supervise and
 * close it.  main.c makes one.
 */
#ifndef RUN_H
#define RUN_H

#include "base/stdfds.h"
#include "command/child.h"
#include "command/signals.h"
#include "command/spawn.h"
#include "plan/plan.h"
#include "relay/relay.h"
#include "relay/supervise.h"
#include "socket/pair.h"
#include "trace/monitor.h"

/* What a run has, in the order in which it is opened. */
struct run {
	struct plan plan;
	struct stdfds stdfds;
	struct monitor monitor;	/* if monitor_is_wanted() */
	struct signals signals;
	struct pair pair;	/* the command's */
	struct pair second;	/* the second command's, if there is a relay */
				/* between the two */
	struct supervisor supervisor;
	struct relay relay;	/* if plan_has_relay() */
	struct child command;
	struct child peer;	/* the second command */
};

/* Nothing is open yet.  The plan is the caller's to fill in. */
void run_init(struct run *run);

/*
 * Open what the plan needs, up to the socket pair and the relay's buffers.  May
 * wait for the reader of a FIFO that gets a trace.
 * Returns 0, or -1 after a line that says what failed.
 */
int run_open(struct run *run);

/*
 * Start the commands.  With --pass-fd also send the other end of the pair away:
 * then nothing is left to be done.  Results as of peer_start(), and each but
 * SPAWN_STARTED after a line.  A command that could not be run is traced.
 */
enum spawn_result run_start(struct run *run);

/*
 * Call this after SPAWN_STARTED.  Close the descriptors that we inherited, and
 * supervise until the commands have ended and their output is written.
 * Returns how the run ended, see supervise.h.
 */
struct outcome run_supervise(struct run *run);

/* Close and free everything, the plan as well, however far the run has got. */
void run_close(struct run *run);

#endif
