/* SPDX-License-Identifier: MIT */
/* --pass-fd: send our end of the pair to the process at standard output. */
#ifndef FDPASS_H
#define FDPASS_H

#include "base/stdfds.h"
#include "command/signals.h"
#include "socket/pair.h"

/*
 * Check that standard output is a unix socket, over which a descriptor can be
 * sent.  stdfds says whether it was closed on entry.  Returns 0, or -1 after a
 * line on standard error.
 */
int fdpass_check(const struct stdfds *stdfds);

/*
 * Send our end of pair over standard output: one byte, 0, and with it the
 * descriptor (SCM_RIGHTS), as ssh_config(5) ProxyUseFdpass wants it.  Waits
 * while standard output has no room.  First restores the signal mask and
 * dispositions that we had on entry, so that a signal can end the wait.
 * Returns 0, or -1 after a line on standard error.  The caller closes pair in
 * either case; after a failure the command then reads end of file.
 */
int fdpass_send(const struct pair *pair, const struct signals *signals);

#endif
