/* SPDX-License-Identifier: MIT */
/*
 * What a run still waits for once its commands have ended: others that hold the
 * commands' sockets, and readers of output and traces that take nothing.  Each
 * has a deadline, as of clock.h, and a function to call once that has come;
 * timers.c does both.  now is the present time.
 *
 * These waits are hurried if somebody waits for our exit: a signal ends us, or
 * all commands have ended and a signal or --timeout ended one of them.
 */
#ifndef WAITING_H
#define WAITING_H

#include "relay/supervise.h"

/*
 * 2 seconds after the last command's end: print a line that says what we wait
 * for, if standard error is a terminal, where somebody waits for the prompt.
 * Once in a run, and only with a relay or while a trace is behind.
 */
int64_t waiting_report_deadline(const struct supervisor *supervisor);
void waiting_report(struct supervisor *supervisor, int64_t now);

/*
 * --linger after the last output of a side that is lingering (side.h), or a
 * second if --timeout has ended the commands: leave the side, so that its
 * output ends.
 */
int64_t waiting_linger_deadline(const struct supervisor *supervisor,
    const struct side *side);
void waiting_end_linger(struct supervisor *supervisor, struct side *side,
    int64_t now);

/*
 * A hurried wait for a trace, one second after its reader last took something
 * or the hurry began: give up every trace that is behind.
 */
int64_t waiting_trace_deadline(const struct supervisor *supervisor);
void waiting_give_up_trace(struct supervisor *supervisor, int64_t now);

/*
 * A hurried wait for the reader of a side's pending output: check whether it
 * takes anything, at once and then after each second (5 if it reads a socket).
 * The first check only notes the state.  If a later one finds that nothing was
 * taken, the output is dropped, a line says how much of it, and the supervisor
 * has failed.
 */
int64_t waiting_reader_deadline(const struct supervisor *supervisor,
    const struct side *side);
void waiting_check_reader(struct supervisor *supervisor, struct side *side,
    int64_t now);

#endif
