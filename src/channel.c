/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation.  The buffer is read into only when it is empty, so what
 * one read brought is written before more is taken: nothing is read ahead that
 * the reader cannot get soon, memory is bounded, and a full reader holds up
 * its own writer and nobody else.
 *
 * from_open and to_open only ever go from true to false:
 *
 *	from  to
 *	open  open	moving
 *	-     open	flushing; then CHANNEL_FLUSHED, channel_finish()
 *	open  -		CHANNEL_REFUSED, channel_break(); not read any more
 *	-     -		closed
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "channel.h"

#define BUFFER_SIZE 65536	/* bytes: a pipe's capacity, see pipe(7) */

int
channel_init(struct channel *channel)
{
	*channel = (struct channel){
		.from_open = true,
		.to_open = true,
		.size = BUFFER_SIZE,
	};
	channel->data = malloc(channel->size);
	return channel->data == NULL ? -1 : 0;
}

size_t
channel_pending(const struct channel *channel)
{
	return channel->end - channel->start;
}

static bool
wants_to_read(const struct channel *channel)
{
	return channel->from_open && channel->to_open &&
	    channel_pending(channel) == 0;
}

short
channel_from_events(const struct channel *channel)
{
	return wants_to_read(channel) &&
	    !endpoint_is_always_ready(&channel->from) ? POLLIN : 0;
}

short
channel_to_events(const struct channel *channel)
{
	return channel_pending(channel) > 0 ? POLLOUT : 0;
}

bool
channel_is_ready(const struct channel *channel)
{
	return wants_to_read(channel) &&
	    endpoint_is_always_ready(&channel->from);
}

static void
note_fault(struct channel_fault *fault, const char *verb,
    const struct endpoint *endpoint)
{
	fault->verb = verb;
	fault->noun = endpoint->name;
	fault->error = errno;
}

static void
fill(struct channel *channel, struct channel_fault *fault)
{
	size_t moved;

	switch (endpoint_read(&channel->from, channel->data, channel->size,
	    &moved)) {
	case IO_MOVED:
		channel->start = 0;
		channel->end = moved;
		channel->moved += moved;
		return;
	case IO_AGAIN:
		return;
	case IO_END:
		channel->from_half_closed =
		    !endpoint_is_hung_up(&channel->from);
		break;
	case IO_FAILED:
		note_fault(fault, "read", &channel->from);
		break;
	}
	channel_stop_reading(channel);
}

/* Write what waits.  False if the other side takes no more, ever. */
static bool
drain(struct channel *channel, struct channel_fault *fault)
{
	size_t moved;

	while (channel_pending(channel) > 0) {
		switch (endpoint_write(&channel->to,
		    channel->data + channel->start, channel_pending(channel),
		    &moved)) {
		case IO_MOVED:
			channel->start += moved;
			channel->moved += moved;
			/* A signal may have cut it short: look before more. */
			if (channel->to.may_block)
				return true;
			break;
		case IO_FAILED:
			if (!endpoint_is_gone(errno))
				note_fault(fault, "write", &channel->to);
			return false;
		case IO_AGAIN:
		case IO_END:
			return true;
		}
	}
	return true;
}

enum channel_result
channel_step(struct channel *channel, short from, short to,
    struct channel_fault *fault)
{
	bool to_hung_up = to & (POLLERR | POLLHUP | POLLNVAL);

	*fault = (struct channel_fault){ 0 };
	if (!channel->to_open)
		return CHANNEL_CLOSED;
	/* Before more is read that nobody would take. */
	if (to_hung_up && channel_pending(channel) == 0)
		return CHANNEL_REFUSED;
	if ((wants_to_read(channel) && from != 0) || channel_is_ready(channel))
		fill(channel, fault);
	if (!drain(channel, fault))
		return CHANNEL_REFUSED;
	if (channel_pending(channel) > 0)
		/* Hung up and yet full: nobody will ever make room. */
		return to_hung_up ? CHANNEL_REFUSED : CHANNEL_OPEN;
	return channel->from_open ? CHANNEL_OPEN : CHANNEL_FLUSHED;
}

void
channel_stop_reading(struct channel *channel)
{
	if (!channel->from_open)
		return;
	channel->from_open = false;
	endpoint_refuse(&channel->from);
}

void
channel_finish(struct channel *channel, struct channel_fault *fault)
{
	*fault = (struct channel_fault){ 0 };
	channel->to_open = false;
	if (endpoint_finish(&channel->to, channel->from_half_closed) == -1)
		note_fault(fault, "write", &channel->to);
}

void
channel_break(struct channel *channel)
{
	channel->undelivered += channel_pending(channel);
	channel->start = channel->end = 0;
	channel->to_open = false;
	/* If it failed and is still there, it must not wait for more. */
	(void)endpoint_finish(&channel->to, false);
}

void
channel_free(struct channel *channel)
{
	free(channel->data);
	channel->data = NULL;
}
