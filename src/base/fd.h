/* SPDX-License-Identifier: MIT */
/* File descriptors: moved to other numbers, and closed. */
#ifndef FD_H
#define FD_H

#include <stdbool.h>

#include "base/fd-list.h"

/*
 * If the number *fd is in list, move the descriptor, which is ours and
 * close-on-exec, to the first free number above those in list; or, if that is
 * past the limit on descriptors, to the lowest free number not in list.
 * Returns 0 with *fd set to the number it has now; or -1 with errno (EMFILE:
 * there is no such number), and *fd is not changed.
 */
int fd_move_off(int *fd, const struct fd_list *list);

/* Close *fd, unless it is -1, and set it to -1. */
void fd_close(int *fd);

/* Make fd non-blocking; only for descriptions that nobody shares with us. */
int fd_set_nonblocking(int fd);

/*
 * Raise the limit on open files as far as the system allows, since descriptors
 * that are passed through sockpair count, too.  If that fails, the limit stays
 * as it is.
 */
void fd_raise_limit(void);

/* Whether fd is a unix socket, over which descriptors can be sent. */
bool fd_is_unix_socket(int fd);

/*
 * Close all inherited descriptors from 3 up.  They are those that are not
 * close-on-exec, since every descriptor that sockpair opens is.  greatest, at
 * least 2, is the greatest of its own.  Does nothing where the system can
 * neither close a range nor list descriptors (/dev/fd, which takes longer).
 */
void fd_close_inherited(int greatest);

#endif
