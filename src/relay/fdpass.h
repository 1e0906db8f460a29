/* SPDX-License-Identifier: MIT */
/* --pass-fd: the other end goes to whoever reads our standard output. */
#ifndef FDPASS_H
#define FDPASS_H

#include "base/stdfds.h"
#include "command/signals.h"
#include "socket/pair.h"

/*
 * Whether a descriptor can be sent over standard output.  Returns 0, or -1
 * after a line that says what it is not.
 */
int fdpass_check(const struct stdfds *stdfds);

/*
 * Send our end of pair, in the way of ssh's ProxyUseFdpass: one byte, 0, and
 * with it the descriptor.  This waits while there is no room; the dispositions
 * and mask of signals are as on entry from here on, so that one may end us.
 * Returns 0, or -1 after a line; then the command, which has nobody to speak
 * with, reads end of file once the ends are closed.
 */
int fdpass_send(const struct pair *pair, const struct signals *signals);

#endif
