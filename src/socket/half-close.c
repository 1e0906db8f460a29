/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "base/diag.h"
#include "base/fd.h"
#include "socket/half-close.h"

static int
cannot_half_close(int fd, const char *reason)
{
	diag_print("cannot half-close descriptor %d: %s", fd, reason);
	return -1;
}

int
half_close(int fd)
{
	int type = fd_socket_type(fd);

	if (type == -1)
		return cannot_half_close(fd, strerror(errno));
	if (type != SOCK_STREAM && type != SOCK_SEQPACKET)
		return cannot_half_close(fd,
		    "a datagram socket has no end of file");
	/* ENOTCONN: a TCP connection was reset, so the peer has gone. */
	if (shutdown(fd, SHUT_WR) == -1 && errno != ENOTCONN)
		return cannot_half_close(fd, strerror(errno));
	return 0;
}
