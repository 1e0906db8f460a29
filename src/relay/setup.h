/* SPDX-License-Identifier: MIT */
/*
 * What a relay joins: the endpoints of both channels, and the conduits that
 * suit them.
 */
#ifndef SETUP_H
#define SETUP_H

#include "relay/relay.h"

/*
 * Make the conduits of relay's sides.  Also note what must be known of
 * standard input before a command runs.  Results as of relay_init().
 */
int setup_make_conduits(struct relay *relay);

/* The commands run; closed as of relay_run(). */
void setup_open_endpoints(struct relay *relay, const bool closed[3]);

#endif
