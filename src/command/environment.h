/* SPDX-License-Identifier: MIT */
/*
 * Environment variables that name the descriptor on which the command finds its
 * end of the pair.
 */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

#include <stddef.h>

/*
 * Set each of the count variables in names to number, in decimal.
 * Returns NULL; or, with errno, the name of the variable that could not be set.
 */
const char *environment_set_number(char *const *names, size_t count,
    int number);

/*
 * Set the variables of sd_listen_fds(3) for one descriptor, a connection.
 * LISTEN_PID is left empty: its value is the pid of the command, which
 * environment_write_pid() adds in the child.
 * Returns the place of that value, or NULL with errno.  The caller frees it
 * with environment_free_listen().
 */
char *environment_set_listen(void);

/*
 * Unset LISTEN_PID and free its place.  Call it after the exec of the command.
 * Does nothing if place is NULL.
 */
void environment_free_listen(char *place);

/*
 * Write the pid of the calling process to place, as the value of LISTEN_PID.
 * The child calls it before exec.  Async-signal-safe.
 */
void environment_write_pid(char *place);

#endif
