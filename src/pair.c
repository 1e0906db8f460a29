/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "descriptor.h"
#include "diag.h"
#include "names.h"
#include "pair.h"

#define NAME_MAX_SHOWN 24	/* bytes: any name in the tables, any int */

/* The name of value in table, else the number, in buffer. */
static const char *
show_name(const struct name *table, int value, char buffer[NAME_MAX_SHOWN])
{
	const char *name = names_name(table, value);

	if (name != NULL)
		return name;
	snprintf(buffer, NAME_MAX_SHOWN, "%d", value);
	return buffer;
}

static int
create(struct pair *pair, const struct plan *plan)
{
	char domain[NAME_MAX_SHOWN];
	char type[NAME_MAX_SHOWN];
	int ends[2];

	if (socketpair(plan->domain, plan->type | SOCK_CLOEXEC,
	    plan->protocol, ends) == 0) {
		pair->ours = ends[0];
		pair->command = ends[1];
		return 0;
	}
	/*
	 * Linux may have written ends[] all the same (measured on 6.18, against
	 * its man page): these numbers are not ours to close.
	 */
	diag_print("cannot create a socket pair (%s, %s, %d): %s",
	    show_name(domain_names, plan->domain, domain),
	    show_name(type_names, plan->type, type), plan->protocol,
	    strerror(errno));
	return -1;
}

/*
 * Ask what the kernel really made: unix(7) takes SOCK_RAW and makes it
 * SOCK_DGRAM in silence.
 */
static int
check_type(const struct pair *pair)
{
	char shown[NAME_MAX_SHOWN];
	socklen_t size;
	int type;

	size = sizeof(type);
	if (getsockopt(pair->ours, SOL_SOCKET, SO_TYPE, &type, &size) == -1) {
		diag_print("cannot ask for the socket's type: %s",
		    strerror(errno));
		return -1;
	}
	if (type != SOCK_STREAM) {
		diag_print("cannot relay a socket of type %s: "
		    "not yet supported", show_name(type_names, type, shown));
		return -1;
	}
	return 0;
}

/*
 * Ask for buffers of so many bytes.  The kernel grants what it likes
 * (socket(7): at most twice net.core.wmem_max), which is no error.
 */
static int
set_buffer(int fd, size_t bytes)
{
	int value = bytes > INT_MAX ? INT_MAX : (int)bytes;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &value, sizeof(value)) == -1)
		return -1;
	return setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, sizeof(value));
}

static int
set_options(const struct pair *pair, const struct plan *plan)
{
	int on = 1;

	if (plan->buffer != 0 && (set_buffer(pair->ours, plan->buffer) == -1 ||
	    set_buffer(pair->command, plan->buffer) == -1)) {
		diag_print("cannot set the socket buffers: %s",
		    strerror(errno));
		return -1;
	}
	/* Without it the kernel drops an urgent byte from what we read. */
	if (setsockopt(pair->ours, SOL_SOCKET, SO_OOBINLINE, &on,
	    sizeof(on)) == -1 ||
	    descriptor_set_nonblocking(pair->ours) == -1) {
		diag_print("cannot set up the socket: %s", strerror(errno));
		return -1;
	}
	return 0;
}

static int
move_off(struct pair *pair, const struct fd_list *fds)
{
	if (descriptor_move_off(&pair->ours, fds) == 0 &&
	    descriptor_move_off(&pair->command, fds) == 0)
		return 0;
	diag_print("cannot move a socket off the chosen descriptors: %s",
	    strerror(errno));
	return -1;
}

int
pair_open(struct pair *pair, const struct plan *plan)
{
	pair->ours = pair->command = -1;
	if (create(pair, plan) == 0 && check_type(pair) == 0 &&
	    set_options(pair, plan) == 0 && move_off(pair, &plan->fds) == 0)
		return 0;
	pair_close(pair);
	return -1;
}

void
pair_close_command(struct pair *pair)
{
	descriptor_close(&pair->command);
}

void
pair_close(struct pair *pair)
{
	descriptor_close(&pair->ours);
	descriptor_close(&pair->command);
}
