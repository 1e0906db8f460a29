/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation.  The conduit is filled only when nothing in it waits to
 * be written; what to do at either end is decided here, the same for all.
 *
 * src_open and dst_open only ever go from true to false:
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

#include "base/clock.h"
#include "transfer/channel.h"

/* Nanoseconds before a blocked write is retried: soon enough, and cheap. */
#define RETRY_AFTER INT64_C(250000000)
/* The same if poll(2) does not report room in the file. */
#define RETRY_UNPOLLABLE_AFTER INT64_C(10000000)
/* Nanoseconds before checking again whether a password is still asked for. */
#define LOOK_AFTER INT64_C(50000000)

void
channel_init(struct channel *channel)
{
	*channel = (struct channel){ .src_open = true, .dst_open = true };
}

void
channel_monitor(struct channel *channel, struct monitor *monitor,
    enum trace_direction direction)
{
	channel->conduit.monitor = monitor;
	channel->conduit.direction = direction;
}

size_t
channel_pending(const struct channel *channel)
{
	return channel->conduit.kind->pending(&channel->conduit);
}

/* A trace that is behind holds up the writer, as a slow reader does. */
static bool
wants_to_read(const struct channel *channel)
{
	return channel->src_open && channel->dst_open &&
	    channel_pending(channel) == 0 &&
	    !conduit_is_behind(&channel->conduit);
}

/*
 * Nor is anything given that is not yet in every trace: a trace may go to the
 * same file, where it comes first.
 */
static bool
wants_to_write(const struct channel *channel)
{
	return channel_pending(channel) > 0 &&
	    !conduit_is_behind(&channel->conduit);
}

short
channel_src_events(const struct channel *channel)
{
	return wants_to_read(channel) && channel->check_at == 0 &&
	    !endpoint_is_always_ready(&channel->src) ? POLLIN : 0;
}

bool
channel_polls_dst(const struct channel *channel)
{
	return channel->dst_open && !endpoint_is_always_ready(&channel->dst) &&
	    (wants_to_write(channel) || channel->dst.reports_lost_reader);
}

short
channel_dst_events(const struct channel *channel)
{
	return wants_to_write(channel) ? POLLOUT : 0;
}

int64_t
channel_retry_deadline(const struct channel *channel)
{
	if (channel->dst_open && channel->is_blocked &&
	    wants_to_write(channel))
		return channel->retry_at;
	return wants_to_read(channel) && channel->check_at != 0 ?
	    channel->check_at : DEADLINE_NEVER;
}

/* Whether src is wanted, and is ready in a way that poll(2) cannot tell. */
static bool
reads_at_once(const struct channel *channel)
{
	return wants_to_read(channel) && (channel->conduit.at_eof ||
	    channel->conduit.has_backlog || channel->src.writer_gone ||
	    channel->src.is_untried || endpoint_is_always_ready(&channel->src));
}

bool
channel_is_ready(const struct channel *channel)
{
	if (channel->dst_open && (channel->dst.reader_gone ||
	    (!channel->src_open && channel_pending(channel) == 0) ||
	    (wants_to_write(channel) && !channel->is_blocked)))
		return true;
	return reads_at_once(channel);
}

static void
note_error(struct fault *fault, enum fault_kind kind,
    const struct endpoint *endpoint, int error)
{
	*fault = (struct fault){
		.kind = kind,
		.noun = endpoint->name,
		.error = error,
	};
}

static void
end_src(struct channel *channel)
{
	channel->src_half_closed = !endpoint_is_hung_up(&channel->src);
	channel->conduit.kind->end(&channel->conduit);
	channel_stop_reading(channel);
}

/*
 * Tell who looks if our socket was reset: bytes of ours were not read, which
 * went the other way.
 */
static void
watch_reset(struct channel *channel)
{
	struct monitor *monitor = channel->conduit.monitor;

	if (monitor != NULL && channel->src.was_reset)
		monitor_note(monitor, TRACE_RESET,
		    channel->conduit.direction == TRACE_TO_COMMAND ?
		    TRACE_FROM_COMMAND : TRACE_TO_COMMAND);
	channel->src.was_reset = false;
}

static void
note_refusal(struct channel *channel, struct fault *fault)
{
	struct ancillary *ancillary = &channel->conduit.ancillary;

	switch (ancillary->refusal) {
	case REFUSAL_NONE:
	case REFUSAL_TOLD:
		return;
	case REFUSAL_FAMILY:
		note_error(fault, FAULT_PASS_FDS, &channel->dst, 0);
		break;
	case REFUSAL_LATE:
		note_error(fault, FAULT_LATE_FDS, &channel->dst, 0);
		break;
	case REFUSAL_EMPTY:
		note_error(fault, FAULT_EMPTY_FDS, &channel->dst, 0);
		break;
	case REFUSAL_ERROR:
		note_error(fault, FAULT_SEND_FDS, &channel->dst,
		    ancillary->error);
		break;
	}
	ancillary->refusal = REFUSAL_TOLD;
}

/* Say once what became of descriptors, where there is no other fault. */
static void
note_descriptors(struct channel *channel, struct fault *fault)
{
	struct ancillary *ancillary = &channel->conduit.ancillary;

	if (channel->conduit.monitor != NULL)
		monitor_passed(channel->conduit.monitor,
		    channel->conduit.direction, ancillary->came,
		    ancillary->refused);
	if (fault->kind != FAULT_NONE)
		return;
	if (ancillary->was_cut && !ancillary->reported_cut) {
		ancillary->reported_cut = true;
		note_error(fault, FAULT_RECEIVE_FDS, &channel->src, EMFILE);
	} else {
		note_refusal(channel, fault);
	}
}

static void
fill(struct channel *channel, struct fault *fault)
{
	struct conduit *conduit = &channel->conduit;

	switch (conduit->kind->fill(conduit, &channel->src, &channel->dst)) {
	case IO_MOVED:
	case IO_AGAIN:
		break;
	case IO_END:
		end_src(channel);
		break;
	case IO_TOO_LARGE:
	case IO_FAILED:
		note_error(fault, FAULT_READ, &channel->src,
		    channel->src.error);
		conduit->kind->end(conduit);
		channel_stop_reading(channel);
		break;
	}
	watch_reset(channel);
	note_descriptors(channel, fault);
}

/*
 * The sink had no room: set when to retry if poll(2) reports no room before.
 * It need not do so for a socket, see channel_retry_deadline(), nor where the
 * system moves on what is in a terminal (Linux 6.18, pseudo-terminals).
 */
static void
note_blocked(struct channel *channel)
{
	channel->is_blocked = true;
	channel->retry_at = DEADLINE_NEVER;
	if (channel->dst.is_socket || channel->dst.is_terminal)
		channel->retry_at = deadline_after(clock_now(),
		    RETRY_AFTER);
	else if (endpoint_is_always_ready(&channel->dst))
		channel->retry_at = deadline_after(clock_now(),
		    RETRY_UNPOLLABLE_AFTER);
}

/*
 * Whether to write the pending data.  While the sink is known to be full, wait
 * for poll(2) or for retry_at: a write would cost a system call or two and move
 * nothing.
 */
static bool
may_drain(struct channel *channel, short dst)
{
	if (channel->is_blocked && dst == 0 &&
	    clock_now() < channel->retry_at)
		return false;
	channel->is_blocked = false;
	return true;
}

/* Write what waits.  False if the other side takes no more, ever. */
static bool
drain(struct channel *channel, struct fault *fault)
{
	struct conduit *conduit = &channel->conduit;

	switch (conduit->kind->drain(conduit, &channel->src, &channel->dst,
	    fault)) {
	case IO_AGAIN:
		note_blocked(channel);
		return true;
	case IO_MOVED:
		return true;
	case IO_END:
		end_src(channel);
		return true;
	case IO_TOO_LARGE:
	case IO_FAILED:
		break;
	}
	channel->dst_failed = !endpoint_is_gone(&channel->dst);
	if (channel->dst_failed)
		note_error(fault, FAULT_WRITE, &channel->dst,
		    channel->dst.error);
	/*
	 * A message socket tells its writer of a reset (tests/unit/kernel:
	 * seqpacket_reset_writer).
	 */
	else if (channel->dst.error == ECONNRESET && !channel->dst.inherited &&
	    conduit->monitor != NULL)
		monitor_note(conduit->monitor, TRACE_RESET, conduit->direction);
	return false;
}

/*
 * Whether the source, which is ready, may be read now.  Not while another
 * program asks for a password there.
 */
static bool
may_fill(struct channel *channel)
{
	if (!endpoint_awaits_password(&channel->src))
		return true;
	channel->check_at = deadline_after(clock_now(), LOOK_AFTER);
	return false;
}

enum channel_result
channel_step(struct channel *channel, short src, short dst,
    struct fault *fault)
{
	bool is_lost = endpoint_has_lost_reader(&channel->dst, dst);

	*fault = (struct fault){ .kind = FAULT_NONE };
	if (!channel->dst_open)
		return CHANNEL_CLOSED;
	/* Before more is read that nobody would take. */
	if (channel->dst.reader_gone ||
	    (is_lost && channel_pending(channel) == 0))
		return CHANNEL_REFUSED;
	if (channel->check_at != 0 && clock_now() >= channel->check_at)
		channel->check_at = 0;
	if (((wants_to_read(channel) && src != 0) ||
	    reads_at_once(channel)) && may_fill(channel))
		fill(channel, fault);
	if (wants_to_write(channel) && may_drain(channel, dst)) {
		/* One fault is told before there can be another. */
		if (fault->kind != FAULT_NONE)
			return CHANNEL_OPEN;
		if (!drain(channel, fault))
			return CHANNEL_REFUSED;
		note_descriptors(channel, fault);
		if (fault->kind != FAULT_NONE)
			return CHANNEL_OPEN;
	}
	if (channel->conduit.monitor != NULL)
		monitor_blocked(channel->conduit.monitor,
		    channel->conduit.direction, channel_pending(channel) > 0);
	if (channel_pending(channel) > 0) {
		/*
		 * A full terminal that has hung up will never have room
		 * (tests/unit/kernel: terminal_hung_up).
		 */
		if (dst & POLLHUP && !is_lost && wants_to_write(channel)) {
			note_error(fault, FAULT_WRITE, &channel->dst, EIO);
			return CHANNEL_REFUSED;
		}
		return is_lost ? CHANNEL_REFUSED : CHANNEL_OPEN;
	}
	return channel->src_open ? CHANNEL_OPEN : CHANNEL_FLUSHED;
}

/* Returns how many bytes are lost: see endpoint_refuse(). */
static uint64_t
close_src(struct channel *channel)
{
	if (!channel->src_open)
		return 0;
	channel->src_open = false;
	return endpoint_refuse(&channel->src);
}

void
channel_stop_reading(struct channel *channel)
{
	(void)close_src(channel);
}

/* Those that wait have lost what they came with. */
static void
refuse_descriptors(struct channel *channel)
{
	struct ancillary *ancillary = &channel->conduit.ancillary;

	ancillary_refuse(ancillary, REFUSAL_TOLD);
	if (channel->conduit.monitor != NULL)
		monitor_passed(channel->conduit.monitor,
		    channel->conduit.direction, ancillary->came,
		    ancillary->refused);
}

void
channel_finish(struct channel *channel, struct fault *fault)
{
	struct conduit *conduit = &channel->conduit;

	*fault = (struct fault){ .kind = FAULT_NONE };
	refuse_descriptors(channel);
	channel->dst_open = false;
	if (endpoint_finish(&channel->dst, channel->src_half_closed) == -1)
		note_error(fault, FAULT_WRITE, &channel->dst, errno);
	if (conduit->monitor != NULL)
		monitor_eof(conduit->monitor, conduit->direction,
		    fault->kind == FAULT_NONE && !channel->dst.no_shutdown);
}

void
channel_break(struct channel *channel)
{
	struct conduit *conduit = &channel->conduit;
	uint64_t dropped = conduit->kind->drop(conduit);

	refuse_descriptors(channel);
	channel->undelivered += dropped;
	if (conduit->monitor != NULL && !channel->dst_failed)
		monitor_note(conduit->monitor, channel->src.inherited ?
		    TRACE_SHUTDOWN : TRACE_GONE, conduit->direction);
	if (conduit->monitor != NULL)
		monitor_undelivered(conduit->monitor, conduit->direction,
		    dropped, 0);
	channel->dst_open = false;
	/* If it failed and is still there, it must not wait for more. */
	(void)endpoint_finish(&channel->dst, false);
}

uint64_t
channel_give_up(struct channel *channel)
{
	struct monitor *monitor = channel->conduit.monitor;
	uint64_t unread;

	channel->dst_failed = true;
	channel_break(channel);
	unread = close_src(channel);
	channel->undelivered += unread;
	if (monitor != NULL && unread > 0)
		monitor_unkept(monitor, channel->conduit.direction, unread);
	return channel->undelivered;
}

void
channel_free(struct channel *channel)
{
	ancillary_refuse(&channel->conduit.ancillary, REFUSAL_TOLD);
	if (channel->conduit.kind != NULL)
		channel->conduit.kind->free(&channel->conduit);
}
