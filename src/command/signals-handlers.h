/* SPDX-License-Identifier: MIT */
/*
 * Signals where the system refuses signalfd(2): a handler writes each signal
 * into a pipe.  Only signals.c uses these functions.
 *
 * Theory of operation.  The signals are blocked, so that their handlers run
 * only while a call lifts the mask: ppoll(2), which does it while it sleeps, or
 * signals_run_handlers().  So a signal that comes before the sleep ends it.
 */
#ifndef SIGNALS_HANDLERS_H
#define SIGNALS_HANDLERS_H

#include "command/signals.h"

/*
 * Create the pipe, fd to read from and handler_fd to write to, and install a
 * handler for each signal in signals->taken that is not ignored.  These signals
 * leave signals->wait_mask.
 * Returns 0, or -1 with errno; signals_close() undoes what was done so far.
 */
int signals_install_handlers(struct signals *signals);

/*
 * Set each signal that has a handler to its default action.  Does nothing if
 * there are no handlers.  Async-signal-safe.
 * Returns 0; or -1 with errno, and as many as possible are set.
 */
int signals_remove_handlers(const struct signals *signals);

/*
 * Run the handlers of the signals that are pending now.  Does nothing if there
 * are no handlers.
 */
void signals_run_handlers(const struct signals *signals);

#endif
