/* SPDX-License-Identifier: MIT */
/* The signals that come to a relay, and the end of its commands. */
#ifndef HEARING_H
#define HEARING_H

#include "relay.h"

/* Do what the signals that have come ask for, and reap what has ended. */
void hearing_take(struct relay *relay);

/*
 * A signal came when all commands had ended, unknown to us: it is ours, but
 * their last words are not to be lost by that.  True if it is time, should
 * nothing come any more.
 */
bool hearing_is_owed(const struct relay *relay);

/* It ends the relay, and us. */
void hearing_die(struct relay *relay, int number);

#endif
