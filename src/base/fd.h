/* SPDX-License-Identifier: MIT */
/* Descriptors as numbers: where they are, and that they do not leak. */
#ifndef FD_H
#define FD_H

#include <stdbool.h>

#include "base/fd-list.h"

/*
 * Make sure that *fd, which is ours and close-on-exec, is none of the numbers
 * in list: if it is, move it to the first free number above them all, or, past
 * the limit on descriptors, to the lowest free number that is not in list.
 * Returns 0 with *fd where it is now, or -1 with errno (EMFILE: there is no
 * such number) and *fd as it was.
 */
int fd_move_off(int *fd, const struct fd_list *list);

/* Close *fd, unless it is -1, and set it to -1. */
void fd_close(int *fd);

/* Make fd non-blocking; only for descriptions that nobody shares with us. */
int fd_set_nonblocking(int fd);

/*
 * Let us have as many open files as the system allows: what passes through us
 * counts, too, and has no room of its own.  Cannot fail: it may stay as it is.
 */
void fd_raise_limit(void);

/* Whether fd is a unix socket, over which descriptors can be sent. */
bool fd_is_unix_socket(int fd);

/*
 * Close all descriptors from 3 up that came through our exec.  What we opened
 * is close-on-exec, and greatest, at least 2, is the greatest of these numbers.
 * Does nothing where the system can neither close a range nor list descriptors
 * (/dev/fd, which takes much longer).
 */
void fd_close_inherited(int greatest);

#endif
