/* SPDX-License-Identifier: MIT */
/*
 * The conduit from messages in one framing to the same messages in another, for
 * --wire: one of its ends is the command's stream, the wire.  See frames.h for
 * how messages are read.
 *
 * Traces show messages with their offsets in the wire, and captures show the
 * bytes of the wire.  Frames to the wire are traced before they are written.
 */
#include "config.h"

#include "transfer/conduit.h"

/* The bytes of the frame of a message of size bytes, written to dst. */
static size_t
frame_size(const struct conduit_reframe *reframe, size_t size)
{
	char header[FRAME_HEADER_MAX];
	char trailer[FRAME_TRAILER_MAX];

	return frame_header(reframe->framing, size, header) + size +
	    frame_trailer(reframe->framing, trailer);
}

/* --- traces --------------------------------------------------------------- */

/* Bytes were read. */
static void
trace_bytes(struct conduit *conduit, const char *data, size_t size)
{
	struct conduit_reframe *reframe = &conduit->of.reframe;

	if (reframe->is_to_wire)
		return;
	reframe->wire_end += size;
	if (conduit->monitor != NULL)
		monitor_wire(conduit->monitor, conduit->direction, data, size);
}

/* The frame of a message is going to be written to the wire. */
static void
trace_frame(struct conduit *conduit, const char *message, size_t size)
{
	struct conduit_reframe *reframe = &conduit->of.reframe;
	char header[FRAME_HEADER_MAX];
	char trailer[FRAME_TRAILER_MAX];

	monitor_wire(conduit->monitor, conduit->direction, header,
	    frame_header(reframe->framing, size, header));
	monitor_wire(conduit->monitor, conduit->direction, message, size);
	monitor_wire(conduit->monitor, conduit->direction, trailer,
	    frame_trailer(reframe->framing, trailer));
}

static void
trace_message(struct conduit *conduit, const char *message, size_t size,
    uint64_t offset)
{
	struct conduit_reframe *reframe = &conduit->of.reframe;
	char header[FRAME_HEADER_MAX];

	reframe->starts[reframe->frames.count - 1] = offset;
	if (reframe->is_to_wire) {
		reframe->starts[reframe->frames.count - 1] = reframe->wire_end;
		offset = reframe->wire_end +
		    frame_header(reframe->framing, size, header);
		reframe->wire_end += frame_size(reframe, size);
	}
	if (conduit->monitor == NULL)
		return;
	monitor_message(conduit->monitor, conduit->direction, message, size,
	    offset);
	if (reframe->is_to_wire)
		trace_frame(conduit, message, size);
}

/* Stray bytes were dropped. */
static void
trace_stray(struct conduit *conduit, const char *data, size_t size,
    uint64_t offset)
{
	if (conduit->monitor != NULL && !conduit->of.reframe.is_to_wire)
		monitor_stray(conduit->monitor, conduit->direction, data, size,
		    offset);
}

static void
trace_skipped(struct conduit *conduit, uint64_t size, uint64_t offset,
    bool is_message)
{
	struct conduit_reframe *reframe = &conduit->of.reframe;

	if (conduit->monitor == NULL)
		return;
	if (is_message)
		monitor_count_message(conduit->monitor, conduit->direction,
		    size);
	if (reframe->is_to_wire)
		offset = reframe->wire_end;
	/* reframe_drop() counts what is dropped after the reader has left. */
	if (offset < reframe->dropped_at)
		monitor_lost(conduit->monitor, conduit->direction, size,
		    offset);
}

static const struct frames_tracer tracer = {
	.bytes = trace_bytes,
	.message = trace_message,
	.stray = trace_stray,
	.skipped = trace_skipped,
};

/* --- writing -------------------------------------------------------------- */

static void
add_part(struct conduit_reframe *reframe, char *data, size_t size)
{
	if (size > 0)
		reframe->parts[reframe->part_count++] = (struct iovec){
			data, size
		};
}

/* Frame message i.  It gets at least one part, which may be empty. */
static void
frame_message(struct conduit_reframe *reframe, unsigned int i)
{
	const struct iovec *message = &reframe->frames.messages[i];
	unsigned int before = reframe->part_count;

	add_part(reframe, reframe->headers[i], frame_header(reframe->framing,
	    message->iov_len, reframe->headers[i]));
	add_part(reframe, message->iov_base, message->iov_len);
	add_part(reframe, reframe->trailer, frame_trailer(reframe->framing,
	    reframe->trailer));
	if (reframe->part_count == before)
		reframe->parts[reframe->part_count++] = (struct iovec){
			NULL, 0
		};
	reframe->ends[i] = reframe->part_count;
}

/*
 * Whether to report, in *fault, that the reader of dst will read message i as
 * several messages.
 */
static bool
must_report_split(struct conduit_reframe *reframe, unsigned int i,
    struct fault *fault)
{
	const struct frames *frames = &reframe->frames;
	const struct iovec *message = &frames->messages[i];

	if (reframe->reported_split || !frame_splits(reframe->framing,
	    message->iov_base, message->iov_len))
		return false;
	*fault = (struct fault){
		.kind = FAULT_SPLIT, .message = frames->first + i
	};
	return true;
}

/*
 * Frame messages from the next one on, up to one that must be reported first.
 * If the next one must be, sets *fault and returns false; the call after that
 * frames it.
 */
static bool
frame_messages(struct conduit_reframe *reframe, struct fault *fault)
{
	struct frames *frames = &reframe->frames;
	struct fault split;
	unsigned int i;

	reframe->part = reframe->part_count = 0;
	for (i = frames->next; i < frames->count; i++) {
		if (must_report_split(reframe, i, &split)) {
			if (i > frames->next)
				break;
			reframe->reported_split = true;
			*fault = split;
			return false;
		}
		frame_message(reframe, i);
		/* Without framing, one message is one write. */
		if (reframe->is_alone || reframe->framing == FRAMING_RAW) {
			i++;
			break;
		}
	}
	reframe->framed = i;
	reframe->is_alone = false;
	return true;
}

/* moved bytes have been written: leave them out of the parts. */
static void
take_off(struct conduit_reframe *reframe, size_t moved)
{
	struct frames *frames = &reframe->frames;
	struct iovec *part = &reframe->parts[reframe->part];

	while (reframe->part < reframe->part_count && moved >= part->iov_len) {
		moved -= part->iov_len;
		part++;
		reframe->part++;
		if (reframe->part == reframe->ends[frames->next])
			frames->next++;
	}
	if (moved > 0) {
		part->iov_base = (char *)part->iov_base + moved;
		part->iov_len -= moved;
	}
}

/*
 * dst is a message socket, and the frames of one write were too large as one
 * message for it.  Write the next frame alone; or if it was alone, drop it, set
 * *fault and return false.
 */
static bool
make_smaller(struct conduit *conduit, int error, struct fault *fault)
{
	struct conduit_reframe *reframe = &conduit->of.reframe;
	struct frames *frames = &reframe->frames;
	size_t size = frames->messages[frames->next].iov_len;
	bool was_alone = reframe->framed == frames->next + 1;

	reframe->part = reframe->part_count = 0;
	reframe->is_alone = !was_alone;
	if (!was_alone)
		return true;
	ancillary_refuse(&conduit->ancillary, REFUSAL_TOLD);
	*fault = (struct fault){
		.kind = FAULT_SEND,
		.error = error,
		.message = frames->first + frames->next,
		.size = size,
	};
	if (conduit->monitor != NULL)
		monitor_lost(conduit->monitor, conduit->direction, size,
		    reframe->starts[frames->next]);
	frames->next++;
	return false;
}

/* dst was full: enlarge it once if it is a pipe. */
static void
note_full(struct conduit_reframe *reframe, struct endpoint *dst)
{
	if (!reframe->enlarged)
		endpoint_enlarge_pipe(dst, PIPE_ENLARGED);
	reframe->enlarged = true;
}

/* Whether the next message is the end of the input: see --wire=raw. */
static bool
is_end_message(const struct conduit_reframe *reframe)
{
	const struct frames *frames = &reframe->frames;

	return reframe->is_to_wire && reframe->framing == FRAMING_RAW &&
	    frames->messages[frames->next].iov_len == 0;
}

/*
 * The offset in the command's stream of the first byte that is neither written
 * nor traced as undelivered.
 */
static uint64_t
first_waiting(const struct conduit_reframe *reframe)
{
	const struct frames *frames = &reframe->frames;

	if (frames->next < frames->count)
		return reframe->starts[frames->next];
	if (reframe->is_to_wire)
		return reframe->wire_end;
	return frames->is_skipping ? frames->skipped_at :
	    frames->decoder.offset;
}

/* The bytes are those of the wire, frames included. */
static uint64_t
reframe_drop(struct conduit *conduit)
{
	struct conduit_reframe *reframe = &conduit->of.reframe;
	uint64_t start = first_waiting(reframe);

	if (!reframe->is_to_wire)
		reframe->dropped_at = start;
	reframe->part = reframe->part_count = 0;
	(void)frames_drop(conduit);
	return reframe->wire_end - start;
}

/* The next message, an empty one, ends src; what follows it is lost. */
static enum io
end_in_band(struct conduit *conduit, struct fault *fault)
{
	struct conduit_reframe *reframe = &conduit->of.reframe;
	struct frames *frames = &reframe->frames;
	uint64_t number = frames->first + frames->next++;
	uint64_t lost;

	if (frames->next < frames->count || conduit->has_backlog ||
	    frames->start < frames->end)
		*fault = (struct fault){
			.kind = FAULT_AFTER_END, .message = number + 1
		};
	lost = reframe_drop(conduit);
	if (conduit->monitor != NULL)
		monitor_lost(conduit->monitor, conduit->direction, lost,
		    reframe->wire_end - lost);
	return IO_END;
}

/* Write the frames that have been made, or some of them. */
static enum io
write_frames(struct conduit *conduit, struct endpoint *dst)
{
	struct conduit_reframe *reframe = &conduit->of.reframe;
	enum io result;
	size_t moved;

	result = endpoint_writev(dst, reframe->parts + reframe->part,
	    (int)(reframe->part_count - reframe->part), &moved,
	    &conduit->ancillary);
	if (result == IO_AGAIN)
		note_full(reframe, dst);
	if (result == IO_MOVED) {
		take_off(reframe, moved);
		conduit->moved += moved;
	}
	return result;
}

static enum io
reframe_drain(struct conduit *conduit, struct endpoint *src,
    struct endpoint *dst, struct fault *fault)
{
	struct conduit_reframe *reframe = &conduit->of.reframe;
	struct frames *frames = &reframe->frames;
	enum io result;

	(void)src;
	while (frames->next < frames->count) {
		if (is_end_message(reframe))
			return end_in_band(conduit, fault);
		if (reframe->part == reframe->part_count &&
		    !frame_messages(reframe, fault))
			return IO_MOVED;
		result = write_frames(conduit, dst);
		if (result == IO_TOO_LARGE &&
		    !make_smaller(conduit, dst->error, fault))
			return IO_MOVED;
		if (result != IO_MOVED && result != IO_TOO_LARGE)
			return result;
	}
	return frames_report(conduit, fault);
}

static const struct conduit_kind reframe_kind = {
	.fill = frames_fill,
	.end = frames_end,
	.drain = reframe_drain,
	.pending = frames_pending,
	.held = frames_held,
	.drop = reframe_drop,
	.free = frames_free,
};

int
conduit_open_reframe(struct conduit *conduit, enum framing in,
    enum framing out, size_t largest, bool is_to_wire)
{
	struct conduit_reframe *reframe = &conduit->of.reframe;
	struct frames *frames = &reframe->frames;
	size_t limit = frame_limit(out);

	*conduit = (struct conduit){ .kind = &reframe_kind };
	reframe->framing = out;
	reframe->is_to_wire = is_to_wire;
	reframe->dropped_at = UINT64_MAX;
	frames->source = is_to_wire ? "standard input" : "the command's output";
	frames->verb = is_to_wire ? "send" : "receive";
	if (limit < largest)
		frames->verb = "frame";
	frames->goes_on = !is_to_wire || in == FRAMING_LSP;
	return frames_open(frames, in, largest < limit ? largest : limit,
	    &tracer);
}
