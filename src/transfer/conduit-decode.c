/* SPDX-License-Identifier: MIT */
/* The conduit from frames to messages: see frames.h for how they are read. */
#include "config.h"

#include <errno.h>

#include "socket/message.h"
#include "transfer/conduit.h"

static void
trace_message(struct conduit *conduit, const char *message, size_t size,
    uint64_t offset)
{
	(void)offset;
	if (conduit->monitor != NULL)
		monitor_piece(conduit->monitor, conduit->direction, message,
		    size);
}

static void
trace_skipped(struct conduit *conduit, uint64_t size, uint64_t offset,
    bool is_message)
{
	if (conduit->monitor == NULL)
		return;
	if (is_message)
		monitor_unkept(conduit->monitor, conduit->direction, size);
	else
		monitor_lost(conduit->monitor, conduit->direction, size,
		    offset);
}

static const struct frames_tracer tracer = {
	.message = trace_message,
	.skipped = trace_skipped,
};

/* Skip the next message of the batch, whose send failed with error. */
static void
decode_pass_over(struct conduit *conduit, int error, struct fault *fault)
{
	struct frames *frames = &conduit->of.frames;

	ancillary_refuse(&conduit->ancillary, REFUSAL_TOLD);
	*fault = (struct fault){
		.kind = FAULT_SEND,
		.error = error,
		.message = frames->first + frames->next,
		.size = frames->messages[frames->next].iov_len,
	};
	frames->next++;
	if (conduit->monitor != NULL)
		monitor_undelivered(conduit->monitor, conduit->direction,
		    fault->size, frames_bytes_from(frames, frames->next));
}

static enum io
decode_drain(struct conduit *conduit, struct endpoint *src,
    struct endpoint *dst, struct fault *fault)
{
	struct frames *frames = &conduit->of.frames;
	unsigned int sent;
	enum io result;

	(void)src;
	while (frames->next < frames->count) {
		result = message_send(dst->fd, frames->messages + frames->next,
		    frames->count - frames->next, &conduit->ancillary, &sent);
		if (result == IO_TOO_LARGE) {
			decode_pass_over(conduit, errno, fault);
			return IO_MOVED;
		}
		if (result == IO_FAILED)
			dst->error = errno;
		if (result != IO_MOVED)
			return result;
		for (; sent > 0; sent--)
			conduit->moved += 1 +
			    frames->messages[frames->next++].iov_len;
	}
	return frames_report(conduit, fault);
}

static const struct conduit_kind decode_kind = {
	.fill = frames_fill,
	.end = frames_end,
	.drain = decode_drain,
	.pending = frames_pending,
	.held = frames_held,
	.drop = frames_drop,
	.free = frames_free,
};

int
conduit_open_decode(struct conduit *conduit, enum framing framing,
    size_t largest)
{
	struct frames *frames = &conduit->of.frames;

	*conduit = (struct conduit){ .kind = &decode_kind };
	frames->source = "standard input";
	frames->verb = "send";
	frames->goes_on = framing == FRAMING_LSP;
	return frames_open(frames, framing, largest, &tracer);
}
