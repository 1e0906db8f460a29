/* SPDX-License-Identifier: MIT */
/*
 * The conduit from messages to frames: what the command sends is received in
 * batches, framed where it lies, and written with one call for many frames.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "socket/message.h"
#include "transfer/conduit.h"

/* The bytes of message number i that there are: of too large a one, a part. */
static size_t
kept_size(const struct pack *pack, unsigned int i)
{
	size_t size;

	(void)mailbox_message(pack->mailbox, i, &size);
	return size < pack->mailbox->largest ? size : pack->mailbox->largest;
}

/* Those of all the messages from number i on. */
static uint64_t
bytes_from(const struct pack *pack, unsigned int i)
{
	uint64_t bytes = 0;

	for (; i < pack->mailbox->received; i++)
		bytes += kept_size(pack, i);
	return bytes;
}

/*
 * Receive messages, with their descriptors if anybody wants to see them or can
 * be given them.
 */
static enum io
receive(struct conduit *conduit, struct endpoint *from, struct endpoint *to)
{
	struct mailbox *mailbox = conduit->of.pack.mailbox;
	struct ancillary *ancillary = from->ancillary;
	enum io result;

	if (conduit->monitor == NULL && !endpoint_carries_descriptors(to))
		ancillary = NULL;
	result = mailbox_receive(mailbox, from->fd, ancillary);
	if (result == IO_FAILED)
		from->error = errno;
	conduit_note_descriptors(conduit, from, to, REFUSAL_NONE);
	if (mailbox->had_descriptors && from->ancillary != NULL)
		from->ancillary->refusal = REFUSAL_FAMILY;
	mailbox->had_descriptors = false;
	conduit->keeps = mailbox_is_keeping(mailbox);
	return result;
}

/* What has been received is moved, and told. */
static void
note_received(struct conduit *conduit)
{
	struct pack *pack = &conduit->of.pack;
	unsigned int i;
	size_t size;
	char *message;

	conduit->moved += pack->mailbox->received;
	for (i = 0; i < pack->mailbox->received; i++) {
		message = mailbox_message(pack->mailbox, i, &size);
		conduit->moved += size;
		if (conduit->monitor != NULL)
			monitor_piece(conduit->monitor, conduit->direction,
			    message, kept_size(pack, i));
	}
}

static enum io
pack_fill(struct conduit *conduit, struct endpoint *from, struct endpoint *to)
{
	struct pack *pack = &conduit->of.pack;
	enum io result;

	pack->next = pack->framed = 0;
	result = receive(conduit, from, to);
	from->was_reset = pack->mailbox->was_reset;
	pack->mailbox->was_reset = false;
	if (result == IO_AGAIN && from->writer_gone &&
	    !message_is_waiting(from->fd))
		return IO_END;
	if (result == IO_MOVED)
		note_received(conduit);
	return result;
}

static void
pack_end(struct conduit *conduit)
{
	(void)conduit;
}

static size_t
pack_pending(const struct conduit *conduit)
{
	const struct pack *pack = &conduit->of.pack;

	return pack->mailbox->received - pack->next;
}

/* The bytes that can be both received and told by the framing. */
static size_t
pack_limit(const struct pack *pack)
{
	size_t limit = frame_limit(pack->framing);

	return limit < pack->mailbox->largest ? limit : pack->mailbox->largest;
}

/* Put its frame around message number i: it lies in a slot with margins. */
static void
frame_message(struct pack *pack, unsigned int i)
{
	char header[FRAME_HEADER_MAX];
	size_t size;
	char *message = mailbox_message(pack->mailbox, i, &size);
	size_t front = frame_header(pack->framing, size, header);
	size_t behind = frame_trailer(pack->framing, message + size);

	memcpy(message - front, header, front);
	pack->frames[i].iov_base = message - front;
	pack->frames[i].iov_len = front + size + behind;
}

/*
 * Frame the messages from the next on, up to one that cannot be, or that
 * somebody has to be told of.
 */
static void
frame_messages(struct pack *pack, struct fault *fault)
{
	size_t limit = pack_limit(pack);
	size_t size;
	char *message;

	while (pack->framed < pack->mailbox->received) {
		message = mailbox_message(pack->mailbox, pack->framed, &size);
		if (size > limit)
			return;
		if (!pack->told_split &&
		    frame_splits(pack->framing, message, size)) {
			if (pack->framed > pack->next)
				return;
			pack->told_split = true;
			*fault = (struct fault){
				.kind = FAULT_SPLIT,
				.message = pack->number + 1,
			};
		}
		frame_message(pack, pack->framed);
		pack->framed++;
		/* One message, one write. */
		if (pack->framing == FRAMING_RAW)
			return;
	}
}

/* The next message cannot be given: count it as lost. */
static void
pass_over(struct conduit *conduit, struct endpoint *from)
{
	struct pack *pack = &conduit->of.pack;

	pack->number++;
	if (from->ancillary != NULL)
		ancillary_refuse(from->ancillary, REFUSAL_TOLD);
	if (conduit->monitor != NULL)
		monitor_undelivered(conduit->monitor, conduit->direction,
		    kept_size(pack, pack->next),
		    bytes_from(pack, pack->next + 1));
	pack->framed = ++pack->next;
}

/* The next message is too large to be framed, or to have been received. */
static void
note_large(const struct pack *pack, struct fault *fault)
{
	size_t size;

	(void)mailbox_message(pack->mailbox, pack->next, &size);
	*fault = (struct fault){
		.kind = FAULT_LARGE,
		.noun = size > pack->mailbox->largest ? "receive" : "frame",
		.message = pack->number + 1,
		.size = size,
		.limit = pack_limit(pack),
	};
}

/* The next message is too large to be sent on; false if it is not that. */
static bool
note_unsent(const struct pack *pack, const struct endpoint *to,
    struct fault *fault)
{
	if (!to->is_message ||
	    (to->error != EMSGSIZE && to->error != ENOBUFS))
		return false;
	*fault = (struct fault){
		.kind = FAULT_SEND,
		.error = to->error,
		.message = pack->number + 1,
		.size = kept_size(pack, pack->next),
	};
	return true;
}

/* Count moved bytes as written, from the front of the next frame on. */
static void
take_off(struct pack *pack, size_t moved)
{
	struct iovec *frame = &pack->frames[pack->next];

	while (pack->next < pack->framed && moved >= frame->iov_len) {
		moved -= frame->iov_len;
		pack->next++;
		pack->number++;
		frame++;
	}
	if (moved > 0) {
		frame->iov_base = (char *)frame->iov_base + moved;
		frame->iov_len -= moved;
	}
}

static enum io
pack_drain(struct conduit *conduit, struct endpoint *from, struct endpoint *to,
    struct fault *fault)
{
	struct pack *pack = &conduit->of.pack;
	enum io result;
	size_t moved;

	while (pack->next < pack->mailbox->received) {
		if (pack->next == pack->framed)
			frame_messages(pack, fault);
		if (pack->next == pack->framed) {
			note_large(pack, fault);
			pass_over(conduit, from);
		}
		if (fault->kind != FAULT_NONE)
			return IO_MOVED;
		result = endpoint_writev(to, pack->frames + pack->next,
		    (int)(pack->framed - pack->next), &moved);
		if (result == IO_FAILED && note_unsent(pack, to, fault)) {
			pass_over(conduit, from);
			return IO_MOVED;
		}
		if (result == IO_AGAIN && !pack->enlarged) {
			/* It has turned out to be small for so much. */
			pack->enlarged = true;
			endpoint_enlarge_pipe(to, PIPE_ENLARGED);
		}
		if (result != IO_MOVED)
			return result;
		take_off(pack, moved);
		conduit->moved += moved;
		/* A signal may have cut it short: look before more. */
		if (to->may_block)
			return IO_AGAIN;
	}
	return IO_MOVED;
}

static uint64_t
pack_drop(struct conduit *conduit)
{
	struct pack *pack = &conduit->of.pack;
	uint64_t bytes = bytes_from(pack, pack->next);
	struct ancillary kept;

	ancillary_init(&kept);
	while (mailbox_is_keeping(pack->mailbox)) {
		mailbox_receive(pack->mailbox, -1, &kept);
		ancillary_refuse(&kept, REFUSAL_TOLD);
		note_received(conduit);
		bytes += bytes_from(pack, 0);
	}
	conduit->keeps = false;
	pack->framed = pack->next = pack->mailbox->received;
	return bytes;
}

static void
pack_free(struct conduit *conduit)
{
	mailbox_free(conduit->of.pack.mailbox);
	conduit->of.pack.mailbox = NULL;
}

static const struct conduit_kind pack_kind = {
	.fill = pack_fill,
	.end = pack_end,
	.drain = pack_drain,
	.pending = pack_pending,
	.drop = pack_drop,
	.free = pack_free,
};

int
conduit_open_carry(struct conduit *conduit, size_t largest, bool has_end)
{
	return conduit_open_pack(conduit, FRAMING_RAW, largest, has_end);
}

int
conduit_open_pack(struct conduit *conduit, enum framing framing,
    size_t largest, bool has_end)
{
	struct pack *pack = &conduit->of.pack;

	*conduit = (struct conduit){ .kind = &pack_kind };
	pack->framing = framing;
	pack->mailbox = mailbox_open(largest, FRAME_HEADER_MAX, has_end);
	return pack->mailbox == NULL ? -1 : 0;
}
