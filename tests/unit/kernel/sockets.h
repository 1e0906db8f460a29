/* SPDX-License-Identifier: MIT */
/* A pair of unix sockets: ours as of a relay, and theirs as of a command. */
#ifndef SOCKETS_H
#define SOCKETS_H

#include "kernel.h"

static int ours;
static int theirs;

static inline void
open_pair(int type)
{
	int ends[2];

	need(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) == 0,
	    "socketpair");
	ours = ends[0];
	theirs = ends[1];
}

static inline void
close_pair(void)
{
	close(ours);
	close(theirs);
}

/* Whether one read of fd, which does not wait, gives want. */
static inline bool
receives(int fd, const char *want)
{
	char data[100];
	ssize_t got = recv(fd, data, sizeof(data), MSG_DONTWAIT);

	return got == (ssize_t)strlen(want) &&
	    memcmp(data, want, strlen(want)) == 0;
}

static inline int
receive_error(int fd)
{
	char byte;

	return error_of(recv(fd, &byte, 1, MSG_DONTWAIT));
}

static inline bool
sends(int fd, const char *text)
{
	return send(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL) ==
	    (ssize_t)strlen(text);
}

static inline int
send_error(int fd)
{
	return error_of(send(fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL));
}

/* Send until there is no room. */
static inline void
fill(int fd)
{
	while (sends(fd, "x"))
		;
	need(errno == EAGAIN, "send");
}

/* Read until nothing is there. */
static inline void
drain(int fd)
{
	char data[65536];

	while (recv(fd, data, sizeof(data), MSG_DONTWAIT) > 0)
		;
}

#endif
