/* SPDX-License-Identifier: MIT */
/* Variables by which the command is told where its end is. */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

#include <stddef.h>

/*
 * Set each of count variables, names, to number in decimal.
 * Returns NULL, or with errno the name that could not be set.
 */
const char *environment_set_number(char *const *names, size_t count,
    int number);

/*
 * Set the variables of sd_listen_fds(3) for one descriptor, a connection, but
 * for the value of LISTEN_PID, which only the command's process knows.
 * Returns the place to give to environment_write_pid(), to be freed by
 * environment_free_listen(); or NULL with errno.
 */
char *environment_set_listen(void);

/* Once the command has it, take LISTEN_PID back.  place may be NULL. */
void environment_free_listen(char *place);

/*
 * In a child, before exec: LISTEN_PID, at place, is this process.  Only
 * async-signal-safe calls are made.
 */
void environment_write_pid(char *place);

#endif
