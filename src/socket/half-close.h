/* SPDX-License-Identifier: MIT */
/* --half-close: end one direction of a socket that a script has inherited. */
#ifndef HALF_CLOSE_H
#define HALF_CLOSE_H

/*
 * Shut down the socket fd, which we inherited, for writing: its peer reads end
 * of file once it has read what was sent, and its answer can still be read.
 * shutdown(2) acts on the socket, so this holds for our parent as well.
 *
 * Returns 0, also if it was shut down before or if its peer has gone; or -1
 * after printing a message: fd is not open, is no socket, or is one that sends
 * datagrams, which have no end of file.
 */
int half_close(int fd);

#endif
