/* SPDX-License-Identifier: MIT */
/*
 * The format is that of mm_receive_fd() in OpenSSH's monitor_fdpass.c: one byte
 * of any value, and one descriptor with it.
 */
#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/fd.h"
#include "base/result.h"
#include "relay/fdpass.h"
#include "socket/ancillary.h"

int
fdpass_check(const struct stdfds *stdfds)
{
	if (!stdfds->closed[STDOUT_FILENO] && fd_is_unix_socket(STDOUT_FILENO))
		return 0;
	diag_print("cannot pass a descriptor over standard output: "
	    "it is not a unix socket");
	return -1;
}

/* Returns what sendmsg(2) returns, and its errno. */
static ssize_t
send_descriptor(int fd)
{
	struct ancillary ancillary = { .fds = { fd }, .count = 1 };
	union ancillary_room room;
	char byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };

	ancillary_attach(&ancillary, &room, &message);
	return sendmsg(STDOUT_FILENO, &message, MSG_NOSIGNAL);
}

/*
 * Whether to call sendmsg(2) again after it failed with errno.  If another
 * process made standard output non-blocking, waits in poll(2) for room.
 */
static bool
may_send_again(void)
{
	struct pollfd slot = { .fd = STDOUT_FILENO, .events = POLLOUT };

	if (errno == EINTR)
		return true;
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		return false;
	return poll(&slot, 1, -1) == 1 || io_is_temporary(errno);
}

int
fdpass_send(const struct pair *pair, const struct signals *signals)
{
	if (signals_restore(signals) == -1) {
		diag_print("cannot restore signals: %s", strerror(errno));
		return -1;
	}
	while (send_descriptor(pair->ours) == -1) {
		if (may_send_again())
			continue;
		diag_print("cannot pass a descriptor over standard output: %s",
		    strerror(errno));
		/*
		 * The command would not read end of file when a dgram's other
		 * end is closed (tests/unit/kernel: dgram_close_untold).
		 */
		if (pair->command != -1)
			shutdown(pair->command, SHUT_RD);
		return -1;
	}
	return 0;
}
