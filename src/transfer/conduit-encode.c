/* SPDX-License-Identifier: MIT */
/*
 * The conduit from messages to frames.  The messages of a command are received
 * in batches, framed in place, and written with one call for many frames.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "socket/message.h"
#include "transfer/conduit.h"

/* The bytes of message number i that are kept: a part if it is too large. */
static size_t
kept_size(const struct conduit_encode *encode, unsigned int i)
{
	size_t size;

	(void)mailbox_message(encode->mailbox, i, &size);
	return size < encode->mailbox->largest ? size :
	    encode->mailbox->largest;
}

/* The sum of these for all traced messages from number i on. */
static uint64_t
encode_bytes_from(const struct conduit_encode *encode, unsigned int i)
{
	uint64_t bytes = 0;

	for (; i < encode->traced; i++)
		bytes += kept_size(encode, i);
	return bytes;
}

/*
 * Receive messages, with their descriptors if those are traced or can be passed
 * on.
 */
static enum io
receive_messages(struct conduit *conduit, struct endpoint *src,
    struct endpoint *dst)
{
	struct mailbox *mailbox = conduit->of.encode.mailbox;
	enum io result;

	conduit->ancillary.is_unwanted = conduit->monitor == NULL &&
	    !dst->is_unix;
	result = mailbox_receive(mailbox, src->fd, &conduit->ancillary);
	if (result == IO_FAILED)
		src->error = errno;
	conduit_note_descriptors(conduit, dst, REFUSAL_NONE);
	return result;
}

/* The next message that was received is pending: count and trace it. */
static void
trace_next(struct conduit *conduit)
{
	struct conduit_encode *encode = &conduit->of.encode;
	unsigned int i = encode->traced++;
	size_t size;
	char *message = mailbox_message(encode->mailbox, i, &size);

	conduit->moved += 1 + size;
	if (conduit->monitor != NULL)
		monitor_piece(conduit->monitor, conduit->direction, message,
		    kept_size(encode, i));
}

/* Trace received messages, at least one, while the traces keep up. */
static void
trace_some(struct conduit *conduit)
{
	struct conduit_encode *encode = &conduit->of.encode;

	do
		trace_next(conduit);
	while (encode->traced < encode->mailbox->received &&
	    !monitor_is_behind(conduit->monitor));
}

static enum io
encode_fill(struct conduit *conduit, struct endpoint *src, struct endpoint *dst)
{
	struct conduit_encode *encode = &conduit->of.encode;
	enum io result = IO_MOVED;

	if (encode->traced == encode->mailbox->received) {
		encode->next = encode->framed = encode->traced = 0;
		result = receive_messages(conduit, src, dst);
		src->was_reset = encode->mailbox->was_reset;
		encode->mailbox->was_reset = false;
	}
	if (result == IO_AGAIN && src->writer_gone &&
	    !message_is_waiting(src->fd))
		return IO_END;
	if (result == IO_MOVED)
		trace_some(conduit);
	conduit->has_backlog = mailbox_is_keeping(encode->mailbox) ||
	    encode->traced < encode->mailbox->received;
	return result;
}

static void
encode_end(struct conduit *conduit)
{
	(void)conduit;
}

static size_t
encode_pending(const struct conduit *conduit)
{
	const struct conduit_encode *encode = &conduit->of.encode;

	return encode->traced - encode->next;
}

static uint64_t
encode_held(const struct conduit *conduit)
{
	const struct conduit_encode *encode = &conduit->of.encode;

	return encode_bytes_from(encode, encode->next);
}

/* The bytes of the largest message that can be received and framed. */
static size_t
encode_limit(const struct conduit_encode *encode)
{
	size_t limit = frame_limit(encode->framing);

	return limit < encode->mailbox->largest ? limit :
	    encode->mailbox->largest;
}

/* Put the frame around message number i, whose slot has margins for it. */
static void
frame_message(struct conduit_encode *encode, unsigned int i)
{
	char header[FRAME_HEADER_MAX];
	size_t size;
	char *message = mailbox_message(encode->mailbox, i, &size);
	size_t front = frame_header(encode->framing, size, header);
	size_t behind = frame_trailer(encode->framing, message + size);

	memcpy(message - front, header, front);
	encode->frames[i].iov_base = message - front;
	encode->frames[i].iov_len = front + size + behind;
}

/* The next message cannot be written: count it as lost. */
static void
encode_pass_over(struct conduit *conduit)
{
	struct conduit_encode *encode = &conduit->of.encode;

	encode->number++;
	ancillary_refuse(&conduit->ancillary, REFUSAL_TOLD);
	if (conduit->monitor != NULL)
		monitor_undelivered(conduit->monitor, conduit->direction,
		    kept_size(encode, encode->next),
		    encode_bytes_from(encode, encode->next + 1));
	encode->framed = ++encode->next;
}

/* Set *fault: the next message is too large to be framed, or was cut. */
static void
note_large(const struct conduit_encode *encode, struct fault *fault)
{
	size_t size;

	(void)mailbox_message(encode->mailbox, encode->next, &size);
	*fault = (struct fault){
		.kind = FAULT_LARGE,
		.noun = size > encode->mailbox->largest ? "receive" : "frame",
		.message = encode->number + 1,
		.size = size,
		.limit = encode_limit(encode),
	};
}

/*
 * Frame the pending messages from the next one on, up to one that is too large
 * or needs a report.  False if that is the next one itself, with *fault set.
 */
static bool
frame_messages(struct conduit *conduit, struct fault *fault)
{
	struct conduit_encode *encode = &conduit->of.encode;
	size_t limit = encode_limit(encode);
	bool is_first;
	size_t size;
	char *message;

	do {
		is_first = encode->framed == encode->next;
		message = mailbox_message(encode->mailbox, encode->framed,
		    &size);
		if (size > limit) {
			if (is_first) {
				note_large(encode, fault);
				encode_pass_over(conduit);
			}
			break;
		}
		if (!encode->reported_split &&
		    frame_splits(encode->framing, message, size)) {
			if (!is_first)
				break;
			encode->reported_split = true;
			*fault = (struct fault){
				.kind = FAULT_SPLIT,
				.message = encode->number + 1,
			};
		}
		frame_message(encode, encode->framed);
		encode->framed++;
		/* Without framing, one message is one write. */
	} while (encode->framed < encode->traced &&
	    encode->framing != FRAMING_RAW);
	return fault->kind == FAULT_NONE;
}

/* Set *fault: sending the next message failed with error. */
static void
note_unsent(const struct conduit_encode *encode, int error,
    struct fault *fault)
{
	*fault = (struct fault){
		.kind = FAULT_SEND,
		.error = error,
		.message = encode->number + 1,
		.size = kept_size(encode, encode->next),
	};
}

/* Count moved bytes as written, from the start of the next frame on. */
static void
take_off(struct conduit_encode *encode, size_t moved)
{
	struct iovec *frame = &encode->frames[encode->next];

	while (encode->next < encode->framed && moved >= frame->iov_len) {
		moved -= frame->iov_len;
		encode->next++;
		encode->number++;
		frame++;
	}
	if (moved > 0) {
		frame->iov_base = (char *)frame->iov_base + moved;
		frame->iov_len -= moved;
	}
}

/* dst was full: enlarge it once if it is a pipe. */
static void
note_full(struct conduit_encode *encode, struct endpoint *dst)
{
	if (!encode->enlarged)
		endpoint_enlarge_pipe(dst, PIPE_ENLARGED);
	encode->enlarged = true;
}

static enum io
encode_drain(struct conduit *conduit, struct endpoint *src,
    struct endpoint *dst, struct fault *fault)
{
	struct conduit_encode *encode = &conduit->of.encode;
	enum io result;
	size_t moved;

	(void)src;
	while (encode->next < encode->traced) {
		if (encode->next == encode->framed &&
		    !frame_messages(conduit, fault))
			return IO_MOVED;
		result = endpoint_writev(dst, encode->frames + encode->next,
		    (int)(encode->framed - encode->next), &moved,
		    &conduit->ancillary);
		/* To a message socket all frames are one message. */
		if (result == IO_TOO_LARGE && encode->framed > encode->next + 1)
			result = endpoint_writev(dst,
			    encode->frames + encode->next, 1, &moved,
			    &conduit->ancillary);
		if (result == IO_TOO_LARGE) {
			note_unsent(encode, dst->error, fault);
			encode_pass_over(conduit);
			return IO_MOVED;
		}
		if (result == IO_AGAIN)
			note_full(encode, dst);
		if (result != IO_MOVED)
			return result;
		take_off(encode, moved);
		conduit->moved += moved;
	}
	return IO_MOVED;
}

/* Trace all received messages, even if the traces do not keep up. */
static void
trace_all(struct conduit *conduit)
{
	struct conduit_encode *encode = &conduit->of.encode;

	while (encode->traced < encode->mailbox->received)
		trace_next(conduit);
}

static uint64_t
encode_drop(struct conduit *conduit)
{
	struct conduit_encode *encode = &conduit->of.encode;
	struct ancillary kept = { .count = 0 };
	uint64_t bytes;

	trace_all(conduit);
	bytes = encode_bytes_from(encode, encode->next);
	while (mailbox_is_keeping(encode->mailbox)) {
		mailbox_receive(encode->mailbox, -1, &kept);
		ancillary_refuse(&kept, REFUSAL_TOLD);
		encode->traced = 0;
		trace_all(conduit);
		bytes += encode_bytes_from(encode, 0);
	}
	conduit->has_backlog = false;
	encode->framed = encode->next = encode->traced;
	return bytes;
}

static void
encode_free(struct conduit *conduit)
{
	mailbox_free(conduit->of.encode.mailbox);
	conduit->of.encode.mailbox = NULL;
}

static const struct conduit_kind encode_kind = {
	.fill = encode_fill,
	.end = encode_end,
	.drain = encode_drain,
	.pending = encode_pending,
	.held = encode_held,
	.drop = encode_drop,
	.free = encode_free,
};

int
conduit_open_carry(struct conduit *conduit, size_t largest, bool has_end)
{
	return conduit_open_encode(conduit, FRAMING_RAW, largest, has_end);
}

int
conduit_open_encode(struct conduit *conduit, enum framing framing,
    size_t largest, bool has_end)
{
	struct conduit_encode *encode = &conduit->of.encode;

	*conduit = (struct conduit){ .kind = &encode_kind };
	encode->framing = framing;
	encode->mailbox = mailbox_open(largest, FRAME_HEADER_MAX, has_end);
	return encode->mailbox == NULL ? -1 : 0;
}
