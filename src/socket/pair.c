/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/fd.h"
#include "plan/names.h"
#include "socket/message.h"
#include "socket/pair.h"

#define NAME_MAX_SHOWN 24	/* bytes: enough for any int */

/* Returns the name of value in table, or its digits, in buffer. */
static const char *
show_name(const struct name *table, int value, char buffer[NAME_MAX_SHOWN])
{
	const char *name = names_name(table, value);

	if (name != NULL)
		return name;
	snprintf(buffer, NAME_MAX_SHOWN, "%d", value);
	return buffer;
}

void
pair_init(struct pair *pair)
{
	*pair = (struct pair){
		.ours = -1, .command = -1, .ours_write = -1,
		.command_write = -1
	};
}

static int
create_pair(struct pair *pair, const struct plan *plan)
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
	 * Do not close ends[].  Linux may have written numbers there, against
	 * its man page, that are not open (tests/unit/kernel:
	 * failed_pair_numbers).
	 */
	diag_print("cannot create a socket pair (%s, %s, %d): %s",
	    show_name(domain_names, plan->domain, domain),
	    show_name(type_names, plan->type, type), plan->protocol,
	    strerror(errno));
	return -1;
}

/* Create a pipe.  Returns 0, or -1 with errno, and nothing is changed. */
static int
create_pipe(int *read_end, int *write_end)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	*read_end = ends[0];
	*write_end = ends[1];
	return 0;
}

/*
 * Create a pipe from the command and one to it, in place of the pair.  Only our
 * ends are non-blocking: unlike a socket, each end of a pipe has an open file
 * description of its own.  Returns 0, or -1 after printing a message.
 */
static int
create_pipes(struct pair *pair)
{
	pair->is_pipes = true;
	pair->type = SOCK_STREAM;
	if (create_pipe(&pair->ours, &pair->command_write) == 0 &&
	    create_pipe(&pair->command, &pair->ours_write) == 0 &&
	    fd_set_nonblocking(pair->ours) == 0 &&
	    fd_set_nonblocking(pair->ours_write) == 0)
		return 0;
	diag_print("cannot create pipes: %s", strerror(errno));
	return -1;
}

static bool
is_relayable(int type)
{
	return type == SOCK_STREAM || type == SOCK_SEQPACKET ||
	    type == SOCK_DGRAM;
}

/*
 * Ask the kernel for the type of the pair that it created, unless it is one of
 * those that are created as requested: unix(7) makes SOCK_RAW a SOCK_DGRAM
 * without an error (tests/unit/kernel: raw_is_dgram).
 */
static int
find_pair_type(struct pair *pair, const struct plan *plan)
{
	socklen_t size = sizeof(pair->type);

	pair->type = plan->type;
	if (is_relayable(plan->type) || getsockopt(pair->ours, SOL_SOCKET,
	    SO_TYPE, &pair->type, &size) == 0)
		return 0;
	diag_print("cannot ask for the socket's type: %s", strerror(errno));
	return -1;
}

static int
check_relayed_type(const struct pair *pair)
{
	char shown[NAME_MAX_SHOWN];

	if (is_relayable(pair->type))
		return 0;
	diag_print("cannot relay a socket of type %s: %s",
	    show_name(type_names, pair->type, shown), strerror(EOPNOTSUPP));
	return -1;
}

/*
 * Request buffers of bytes bytes for fd.  The kernel may silently grant less,
 * at most twice net.core.wmem_max (socket(7); tests/unit/kernel:
 * buffer_capped).
 * Returns 0, or -1 with errno.
 */
static int
set_buffer(int fd, size_t bytes)
{
	int value = bytes > INT_MAX ? INT_MAX : (int)bytes;

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &value, sizeof(value)) == -1)
		return -1;
	return setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, sizeof(value));
}

/*
 * Find the size of the send buffer of fd, in bytes as the system counts them.
 * Returns 0, or -1 with errno.
 */
static int
find_buffer(int fd, int *value)
{
	socklen_t size = sizeof(*value);

	return getsockopt(fd, SOL_SOCKET, SO_SNDBUF, value, &size);
}

/* Request a send buffer of wanted bytes.  A refusal is no error. */
static void
enlarge_buffer(int fd, int wanted)
{
	/* Linux doubles the value, see socket(7). */
	int value = (wanted + 1) / 2;

#ifdef SO_SNDBUFFORCE
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &value,
	    sizeof(value)) == 0)
		return;
#endif
	/* Where Linux grants less, other systems refuse. */
	while (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &value,
	    sizeof(value)) == -1 && value > 65536)
		value /= 2;
}

/*
 * Enlarge the buffers of both ends so that each can send a message of message
 * bytes, or the largest possible one.  The limit is the sender's buffer
 * (tests/unit/kernel: sender_limits_size), and MESSAGE_LARGEST.  Both ends of a
 * new pair have buffers of the same size, so only one is inspected.
 */
static void
enlarge_buffers(const struct pair *pair, size_t message)
{
	int wanted = MESSAGE_OVERHEAD + (message < MESSAGE_LARGEST ?
	    (int)message : MESSAGE_LARGEST);
	int value;

	if (find_buffer(pair->ours, &value) == 0 && value >= wanted)
		return;
	enlarge_buffer(pair->ours, wanted);
	enlarge_buffer(pair->command, wanted);
}

/*
 * Print a message if the send buffer of fd has fewer than asked bytes.  Linux
 * doubles the size that is set and reports the doubled one (socket(7);
 * tests/unit/kernel: buffer_doubled).
 */
static void
report_grant(int fd, size_t asked)
{
	int value;

	if (find_buffer(fd, &value) == 0 && (size_t)value / 2 < asked)
		diag_print("cannot set socket buffers of %zu bytes: "
		    "the system grants %d", asked, value / 2);
}

/*
 * Set the buffers of both ends as pair_open() promises.  Returns 0, or -1 after
 * printing a message.
 */
static int
set_buffers(const struct pair *pair, const struct plan *plan)
{
	if (plan->buffer == 0) {
		if (pair->type != SOCK_STREAM)
			enlarge_buffers(pair, plan->max_message);
		return 0;
	}
	if (set_buffer(pair->ours, plan->buffer) == 0 &&
	    set_buffer(pair->command, plan->buffer) == 0)
		return 0;
	diag_print("cannot set the socket buffers: %s", strerror(errno));
	return -1;
}

/* Set pair->largest.  Returns 0, or -1 with errno. */
static int
find_largest(struct pair *pair)
{
	int value;

	if (find_buffer(pair->ours, &value) == -1)
		return -1;
	if (value > MESSAGE_LARGEST + MESSAGE_OVERHEAD)
		value = MESSAGE_LARGEST + MESSAGE_OVERHEAD;
	pair->largest = (size_t)(value - MESSAGE_OVERHEAD);
	return 0;
}

/* Set the options of our end if it is relayed and has a message type. */
static int
set_up_messages(struct pair *pair)
{
	/*
	 * A mark distinguishes an empty message from end of file.  SOCK_DGRAM
	 * has no end of file, and needs no marks.  If the system has no marks,
	 * message.c works without them.
	 */
	if (pair->type == SOCK_SEQPACKET)
		(void)message_mark(pair->ours, true);
	return find_largest(pair);
}

/*
 * Set the options of our end if it is a relayed stream.  Without SO_OOBINLINE
 * the kernel drops an urgent byte from what we read (tests/unit/kernel:
 * urgent_byte_dropped).
 */
static int
set_up_stream(const struct pair *pair)
{
	int on = 1;

	return setsockopt(pair->ours, SOL_SOCKET, SO_OOBINLINE, &on,
	    sizeof(on));
}

/*
 * Set up our end for the relay.  Returns 0, or -1 after printing a message.
 */
static int
set_up_relayed(struct pair *pair)
{
	int result;

	if (check_relayed_type(pair) == -1)
		return -1;
	result = pair->type == SOCK_STREAM ? set_up_stream(pair) :
	    set_up_messages(pair);
	if (result == 0 && fd_set_nonblocking(pair->ours) == 0)
		return 0;
	diag_print("cannot set up the socket: %s", strerror(errno));
	return -1;
}

/*
 * Move our end off the numbers in ours, and the command's end off those in
 * command.  Returns 0, or -1 after printing a message.
 */
static int
move_pair_off(struct pair *pair, const struct fd_list *ours,
    const struct fd_list *command)
{
	if (fd_move_off(&pair->ours, ours) == 0 &&
	    fd_move_off(&pair->command, command) == 0 &&
	    (!pair->is_pipes ||
	    (fd_move_off(&pair->ours_write, ours) == 0 &&
	    fd_move_off(&pair->command_write, command) == 0)))
		return 0;
	diag_print("cannot move a %s off the chosen descriptors: %s",
	    pair->is_pipes ? "pipe" : "socket", strerror(errno));
	return -1;
}

/* pair_open(), for ends that are none of the numbers in these lists. */
static int
open_pair_off(struct pair *pair, const struct plan *plan,
    const struct fd_list *ours, const struct fd_list *command)
{
	pair_init(pair);
	if (create_pair(pair, plan) == 0 && find_pair_type(pair, plan) == 0 &&
	    set_buffers(pair, plan) == 0 &&
	    (!plan_has_relay(plan) || set_up_relayed(pair) == 0) &&
	    move_pair_off(pair, ours, command) == 0)
		return 0;
	pair_close(pair);
	return -1;
}

static int
open_pipes(struct pair *pair, const struct plan *plan)
{
	pair_init(pair);
	if (create_pipes(pair) == 0 &&
	    move_pair_off(pair, &plan->fds, &plan->fds) == 0)
		return 0;
	pair_close(pair);
	return -1;
}

int
pair_open(struct pair *pair, const struct plan *plan)
{
	if (plan->pipes)
		return open_pipes(pair, plan);
	if (open_pair_off(pair, plan, plan->peer != NULL ? &plan->peer_fds :
	    &plan->fds, &plan->fds) == -1)
		return -1;
	if (plan->verbose && plan->buffer != 0)
		report_grant(pair->ours, plan->buffer);
	return 0;
}

int
pair_open_second(struct pair *pair, const struct plan *plan)
{
	return open_pair_off(pair, plan, &plan->peer_fds, &plan->peer_fds);
}

void
pair_release_command(struct pair *pair)
{
	if (pair->type != SOCK_DGRAM)
		fd_close(&pair->command);
	if (pair->is_pipes)
		fd_close(&pair->command_write);
}

void
pair_take_pipes(struct pair *pair, int *from, int *to)
{
	*from = pair->ours;
	*to = pair->ours_write;
	pair->ours = pair->ours_write = -1;
}

void
pair_release_ours(struct pair *pair)
{
	if (pair->type != SOCK_DGRAM)
		fd_close(&pair->ours);
}

void
pair_close(struct pair *pair)
{
	fd_close(&pair->ours);
	fd_close(&pair->command);
	if (pair->is_pipes) {
		fd_close(&pair->ours_write);
		fd_close(&pair->command_write);
	}
}
