/* SPDX-License-Identifier: MIT */
/* File descriptors: moved to other numbers, and closed. */
#ifndef FD_H
#define FD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fd-list.h"

/*
 * If *fd is in list, which is not empty, move the descriptor to the first free
 * number above those in list; or, if that is past the limit on descriptors, to
 * the lowest free number not in list.  The descriptor is close-on-exec and used
 * by us alone.
 * Returns 0 with *fd set to its number now; or -1 with errno (EMFILE: there is
 * no such number), and *fd is not changed.
 */
int fd_move_off(int *fd, const struct fd_list *list);

/* Close *fd, unless it is -1, and set it to -1.  errno is kept. */
void fd_close(int *fd);

/*
 * Make fd non-blocking; only for open file descriptions that no other process
 * shares.  Returns 0, or -1 with errno.
 */
int fd_set_nonblocking(int fd);

/*
 * Raise the soft limit on open files to the hard limit, since descriptors that
 * pass through sockpair count, too.  If that fails, the limit stays as it is.
 */
void fd_raise_limit(void);

/* The type of the socket fd, as SOCK_STREAM; or -1 with errno. */
int fd_socket_type(int fd);

/* Whether fd is a unix socket, over which descriptors can be sent. */
bool fd_is_unix_socket(int fd);

/*
 * Close fd, 0 or 1, so that the process at its other end is notified, and
 * occupy its number, so that no descriptor that we open or receive later gets
 * it.  Returns 0, or -1 with errno: close(2) tells that what was written is
 * lost.  dup2(2) would do both at once, but hide that.
 */
int fd_give_up(int fd);

/*
 * Close all inherited descriptors from 3 up: those that are not close-on-exec,
 * since every descriptor that we open is.  ours are the count descriptors that
 * we use, each of which may be -1; above the greatest of them nothing is kept.
 * Uses close_range(2), or else the list in /dev/fd, which takes longer.  Does
 * nothing if the system has neither.
 */
void fd_close_inherited(const int *ours, size_t count);

#endif
