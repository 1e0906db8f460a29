/* SPDX-License-Identifier: MIT */
/* The signals that come to a relay, and the end of its commands. */
#ifndef SUPERVISE_H
#define SUPERVISE_H

#include "relay/relay.h"

/* Do what the signals that have come ask for, and reap what has ended. */
void supervise_handle_signals(struct relay *relay);

/*
 * A signal came when all commands had ended, but before we knew that.  It is to
 * end us, but not before their last output is written.  True if it ends us as
 * soon as no more output comes.
 */
bool supervise_is_fatal_pending(const struct relay *relay);

/* The signal number ends the relay and us. */
void supervise_die(struct relay *relay, int number);

#endif
