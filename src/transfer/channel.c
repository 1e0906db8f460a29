/* SPDX-License-Identifier: MIT */
/*
 * Theory of operation.  The conduit is filled only while no data in it waits to
 * be written.  This file decides when either end is read, written and closed,
 * in the same way for every kind of conduit: see struct channel for the states.
 */
#include "config.h"

#include <sys/ioctl.h>

#include <errno.h>
#include <poll.h>

#include "base/clock.h"
#include "transfer/channel.h"

/* Nanoseconds before a blocked write is retried: soon, and at a low cost. */
#define RETRY_AFTER INT64_C(250000000)
/* The same if poll(2) does not report room in the file. */
#define RETRY_UNPOLLABLE_AFTER INT64_C(10000000)
/* Nanoseconds before checking again whether a password is still asked for. */
#define CHECK_AFTER INT64_C(50000000)

void
channel_init(struct channel *channel)
{
	*channel = (struct channel){
		.src = { .fd = -1 }, .dst = { .fd = -1 },
		.src_open = true, .dst_open = true
	};
}

void
channel_monitor(struct channel *channel, struct monitor *monitor,
    enum trace_direction direction)
{
	channel->conduit.monitor = monitor;
	channel->conduit.direction = direction;
}

static bool
has_pending(const struct channel *channel)
{
	return channel->conduit.kind->pending(&channel->conduit) > 0;
}

size_t
channel_pending(const struct channel *channel)
{
	return channel->conduit.kind->pending(&channel->conduit) +
	    channel->conduit.has_backlog;
}

uint64_t
channel_held(const struct channel *channel)
{
	return channel->conduit.kind->held(&channel->conduit);
}

uint64_t
channel_waiting(const struct channel *channel)
{
	uint64_t bytes = channel_held(channel);
	int unread;

	if (channel->src_open && endpoint_has_queue(&channel->src) &&
	    ioctl(channel->src.fd, FIONREAD, &unread) == 0 && unread > 0)
		bytes += (uint64_t)unread;
	return bytes;
}

/* A trace that is behind holds up the writer, as a slow reader does. */
static bool
wants_data(const struct channel *channel)
{
	return channel->dst_open && !has_pending(channel) &&
	    (channel->src_open || channel->conduit.has_backlog) &&
	    !monitor_is_behind(channel->conduit.monitor);
}

static bool
wants_to_read(const struct channel *channel)
{
	return wants_data(channel) && !channel->conduit.has_backlog;
}

/*
 * Data is written only once it is in every trace.  If a trace goes to the same
 * file, the event comes before the data there.
 */
static bool
wants_to_write(const struct channel *channel)
{
	return has_pending(channel) &&
	    !monitor_is_behind(channel->conduit.monitor);
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
	return wants_to_write(channel) && channel->dst.chunk == 0 ?
	    POLLOUT : 0;
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

/* Whether data is wanted and is there in a way that poll(2) cannot report. */
static bool
fills_at_once(const struct channel *channel)
{
	return wants_data(channel) && (channel->conduit.has_backlog ||
	    channel->src.writer_gone || channel->src.is_untried ||
	    endpoint_is_always_ready(&channel->src));
}

bool
channel_is_ready(const struct channel *channel)
{
	if (channel->dst_open && (channel->dst.reader_gone ||
	    (!channel->src_open && channel_pending(channel) == 0) ||
	    (wants_to_write(channel) && !channel->is_blocked)))
		return true;
	return fills_at_once(channel);
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

/* src has ended, unless it was closed before. */
static void
end_src(struct channel *channel)
{
	if (!channel->src_open)
		return;
	channel->src_half_closed = !endpoint_is_hung_up(&channel->src);
	channel_end(channel);
}

/* Trace that our socket was reset: bytes that went the other way are lost. */
static void
trace_reset(struct channel *channel)
{
	struct monitor *monitor = channel->conduit.monitor;

	if (monitor != NULL && channel->src.was_reset)
		monitor_note(monitor, TRACE_RESET,
		    channel->conduit.direction == TRACE_TO_COMMAND ?
		    TRACE_FROM_COMMAND : TRACE_TO_COMMAND);
	channel->src.was_reset = false;
}

/* Report why descriptors were closed, unless that has been reported. */
static void
report_refusal(struct channel *channel, struct fault *fault)
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

/* Report once that descriptors were lost, unless there is another fault. */
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
		report_refusal(channel, fault);
	}
}

/*
 * Whether to fill the conduit, given the events that poll(2) reported of src.
 * src is not read while another program asks for a password there.
 */
static bool
may_fill(struct channel *channel, short src)
{
	if (channel->check_at != 0 && clock_now() >= channel->check_at)
		channel->check_at = 0;
	if (!wants_data(channel) || (src == 0 && !fills_at_once(channel)))
		return false;
	if (channel->conduit.has_backlog ||
	    !endpoint_awaits_password(&channel->src))
		return true;
	channel->check_at = deadline_after(clock_now(), CHECK_AFTER);
	return false;
}

static void
fill_conduit(struct channel *channel, struct fault *fault)
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
		channel_end(channel);
		break;
	}
	trace_reset(channel);
	note_descriptors(channel, fault);
}

/*
 * dst had no room: set the time to retry unless poll(2) reports room before.
 * poll(2) may not report it for a socket, see channel_retry_deadline(), nor for
 * a pseudo-terminal whose data the kernel moves on itself (Linux 6.18).
 */
static void
note_blocked(struct channel *channel)
{
	channel->is_blocked = true;
	channel->retry_at = DEADLINE_NEVER;
	if (channel->dst.chunk > 0)
		channel->retry_at = deadline_after(clock_now(),
		    endpoint_chunk_pause(&channel->dst));
	else if (channel->dst.is_socket || channel->dst.is_terminal)
		channel->retry_at = deadline_after(clock_now(),
		    RETRY_AFTER);
	else if (endpoint_is_always_ready(&channel->dst))
		channel->retry_at = deadline_after(clock_now(),
		    RETRY_UNPOLLABLE_AFTER);
}

/*
 * Whether to write pending data, given the events that poll(2) reported of dst.
 * While dst is known to be full, wait for poll(2) or for retry_at: a write
 * would cost a system call or two and move nothing.
 */
static bool
may_drain(struct channel *channel, short dst)
{
	if (!wants_to_write(channel) || (channel->is_blocked && dst == 0 &&
	    clock_now() < channel->retry_at))
		return false;
	channel->is_blocked = false;
	return true;
}

/* A write has failed for good, which is no fault if the reader went away. */
static void
note_failed_write(struct channel *channel, struct fault *fault)
{
	struct monitor *monitor = channel->conduit.monitor;

	channel->dst_failed = !endpoint_is_gone(&channel->dst);
	if (channel->dst_failed)
		note_error(fault, FAULT_WRITE, &channel->dst,
		    channel->dst.error);
	/*
	 * A message socket reports a reset to its writer (tests/unit/kernel:
	 * seqpacket_reset_writer).
	 */
	else if (channel->dst.error == ECONNRESET && !channel->dst.inherited &&
	    monitor != NULL)
		monitor_note(monitor, TRACE_RESET, channel->conduit.direction);
}

/* Write pending data.  False if dst will never take more. */
static bool
drain_conduit(struct channel *channel, struct fault *fault)
{
	struct conduit *conduit = &channel->conduit;

	switch (conduit->kind->drain(conduit, &channel->src, &channel->dst,
	    fault)) {
	case IO_AGAIN:
		note_blocked(channel);
		break;
	case IO_MOVED:
		break;
	case IO_END:
		end_src(channel);
		break;
	case IO_TOO_LARGE:
	case IO_FAILED:
		note_failed_write(channel, fault);
		return false;
	}
	note_descriptors(channel, fault);
	return true;
}

/* The result of a step, after all data that can be moved has been moved. */
static enum channel_result
find_result(struct channel *channel, short dst, bool is_lost,
    struct fault *fault)
{
	if (fault->kind != FAULT_NONE && has_pending(channel))
		return CHANNEL_OPEN;
	if (channel->conduit.monitor != NULL)
		monitor_blocked(channel->conduit.monitor,
		    channel->conduit.direction, has_pending(channel));
	if (channel_pending(channel) == 0)
		return channel->src_open ? CHANNEL_OPEN : CHANNEL_FLUSHED;
	if (is_lost)
		return CHANNEL_REFUSED;
	if (!(dst & POLLHUP) || !wants_to_write(channel))
		return CHANNEL_OPEN;
	/*
	 * A full terminal that has hung up will never have room
	 * (tests/unit/kernel: terminal_hung_up).
	 */
	note_error(fault, FAULT_WRITE, &channel->dst, EIO);
	return CHANNEL_REFUSED;
}

enum channel_result
channel_step(struct channel *channel, short src, short dst,
    struct fault *fault)
{
	bool is_lost = endpoint_has_lost_reader(&channel->dst, dst);

	*fault = (struct fault){ .kind = FAULT_NONE };
	if (!channel->dst_open)
		return CHANNEL_CLOSED;
	/* Checked before reading, since nobody would take the data. */
	if (channel->dst.reader_gone ||
	    (is_lost && channel_pending(channel) == 0))
		return CHANNEL_REFUSED;
	if (may_fill(channel, src))
		fill_conduit(channel, fault);
	/* One fault is reported before there can be another. */
	if (fault->kind == FAULT_NONE && may_drain(channel, dst) &&
	    !drain_conduit(channel, fault))
		return CHANNEL_REFUSED;
	return find_result(channel, dst, is_lost, fault);
}

/* Close src.  Returns how many bytes are lost: see endpoint_refuse(). */
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

void
channel_end(struct channel *channel)
{
	channel->conduit.kind->end(&channel->conduit);
	channel_stop_reading(channel);
}

/* Refuse the set that waits: the data that it came with is not sent. */
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
	channel->is_broken = true;
	channel->undelivered += dropped;
	if (conduit->monitor != NULL && !channel->dst_failed)
		monitor_note(conduit->monitor, channel->src.inherited ?
		    TRACE_SHUTDOWN : TRACE_GONE, conduit->direction);
	if (conduit->monitor != NULL)
		monitor_undelivered(conduit->monitor, conduit->direction,
		    dropped, 0);
	channel->dst_open = false;
	/* A reader that still exists must not wait for more data. */
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
	if (monitor != NULL)
		monitor_unread(monitor, channel->conduit.direction, unread);
	return channel->undelivered;
}

void
channel_free(struct channel *channel)
{
	endpoint_close(&channel->src);
	endpoint_close(&channel->dst);
	ancillary_refuse(&channel->conduit.ancillary, REFUSAL_TOLD);
	if (channel->conduit.kind != NULL)
		channel->conduit.kind->free(&channel->conduit);
}
