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

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Bytes that a write may have once nowait_is_ready() is true for it: to a
 * terminal (tests/unit/kernel: terminal_room), and to a pipe.
 */
#define TERMINAL_ROOM 256
#ifndef PIPE_BUF
#define PIPE_BUF 512	/* the least that POSIX allows */
#endif

/*
 * As read(2) and writev(2), but fail with EAGAIN instead of waiting (RWF_NOWAIT
 * of preadv2(2)).  Named FIFOs, terminals, many devices and some systems do not
 * support this flag.  The calls then fail with an errno for which
 * io_is_refusal() is true (tests/unit/kernel: pipe_nowait, fifo_nowait_refused,
 * terminal_nowait_refused).
 */
ssize_t nowait_read(int fd, void *data, size_t size);
ssize_t nowait_writev(int fd, const struct iovec *iov, int count);

/*
 * Whether, according to poll(2), a read from fd (events is POLLIN) or a small
 * write to it (POLLOUT) would not wait.
 */
bool nowait_is_ready(int fd, short events);

/*
 * Whether to wait in poll(2) until fd has room.  True for pipes, sockets and
 * terminals.  False for a regular file, which always has room.  For any other
 * file, true if poll(2) reports it writable (or hung up) now: /dev/kmsg and a
 * timerfd, among others, never are (tests/unit/kernel: kmsg_without_room,
 * timerfd_without_room), and a device that is full just now looks the same.
 */
bool nowait_reports_room(int fd);

/*
 * Open the file behind fd again, non-blocking, with an open file description of
 * our own.  mode is O_RDONLY or O_WRONLY.  Only pipes, FIFOs and terminals are
 * opened, since for other files the result might not be the same file.
 * Returns the new descriptor; or -1 if fd is another file, if open(2) fails, or
 * where the system cannot do this.
 */
int nowait_reopen(int fd, int mode);

#endif
