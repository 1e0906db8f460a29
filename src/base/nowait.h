/* SPDX-License-Identifier: MIT */
/*
 * Reading and writing without waiting, where other processes share the open
 * file description.  O_NONBLOCK is a flag of the description, so setting it
 * would change their reads and writes, too, even after we have ended
 * (tests/unit/kernel: nonblock_is_shared).
 */
#ifndef NOWAIT_H
#define NOWAIT_H

#include <sys/uio.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * As read(2) and writev(2), but fail with EAGAIN instead of waiting (RWF_NOWAIT
 * of preadv2(2)).  Named FIFOs, terminals and many devices do not support that,
 * nor do some systems.  Then errno is one for which io_is_refusal() is true
 * (tests/unit/kernel: pipe_nowait, fifo_nowait_refused,
 * terminal_nowait_refused).
 */
ssize_t nowait_read(int fd, void *data, size_t size);
ssize_t nowait_writev(int fd, const struct iovec *iov, int count);

/*
 * Whether a read (events is POLLIN) or a small write (POLLOUT) of fd would not
 * wait, as far as poll(2) tells.
 */
bool nowait_is_ready(int fd, short events);

/*
 * Whether poll(2) reports when fd has room.  It does so for pipes, sockets and
 * terminals.  A regular file always has room.  Other files are judged by what
 * poll(2) reports now: /dev/kmsg and a timerfd, among others, are never
 * writable (tests/unit/kernel: kmsg_without_room, timerfd_without_room), and a
 * device that is only full at the moment looks the same.
 */
bool nowait_reports_room(int fd);

/*
 * Open the file behind fd again, for us alone and non-blocking.  mode is
 * O_RDONLY or O_WRONLY.  Returns the new descriptor, or -1 if that fails or
 * would not give the same file: only pipes, FIFOs and terminals are opened.
 */
int nowait_reopen(int fd, int mode);

#endif
