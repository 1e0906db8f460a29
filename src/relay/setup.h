/* SPDX-License-Identifier: MIT */
/*
 * Makes the parts of a relay: its conduits, and then its endpoints.  For
 * relay.c.
 */
#ifndef SETUP_H
#define SETUP_H

#include "relay/relay.h"

/*
 * Allocate the conduits of relay, whose sides and plan are set: bytes for a
 * stream; for messages frames to and from standard input and output, or
 * messages as they are between two commands.  A message is limited by the plan
 * and by what the socket that it goes to can carry.
 *
 * Also notes whether standard input's terminal echoes, before a command runs
 * that may switch the echo off.
 *
 * Returns 0, or -1 with errno ENOMEM; relay_free() is to be called either way.
 */
int setup_make_conduits(struct relay *relay);

/*
 * Open the endpoints of relay, after the commands were started.  closed[n] says
 * that descriptor n, 0 to 2, was closed on entry.  Raises our limit on open
 * files, because the descriptors that pass through us count against it.
 */
void setup_open_endpoints(struct relay *relay, const bool closed[3]);

#endif
