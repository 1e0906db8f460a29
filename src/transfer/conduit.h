/* SPDX-License-Identifier: MIT */
/*
 * A conduit connects the two ends of a channel: it reads data from src and
 * writes it to dst, as bytes or converted.  Its kind is chosen when the channel
 * is made.  The channel opens, ends and half-closes in the same way with each.
 */
#ifndef CONDUIT_H
#define CONDUIT_H

#include "socket/message.h"
#include "trace/monitor.h"
#include "transfer/endpoint.h"
#include "transfer/fault.h"
#include "transfer/frames.h"
#include "transfer/splice.h"

struct conduit;

/* Each kind of conduit is a file with these functions. */
struct conduit_kind {
	/*
	 * If there is a backlog, make some of it pending, and do not read src.
	 * Else read src once, without waiting, or begin to splice its data.
	 * Called only while no data is pending.  Results as of endpoint_read();
	 * the channel turns an error into a fault.
	 */
	enum io (*fill)(struct conduit *conduit, struct endpoint *src,
	    struct endpoint *dst);

	/* src has ended, or failed: nothing more will be read. */
	void (*end)(struct conduit *conduit);

	/*
	 * Write pending data to dst, without waiting.
	 *
	 * IO_MOVED	no data is pending; or *fault is set, the channel goes
	 *		on, and data may still be pending
	 * IO_AGAIN	there is no room now, or a signal may have come
	 * IO_END	src has ended; *fault may say why
	 * IO_TOO_LARGE, IO_FAILED	a write failed for good; dst->error is
	 *		set
	 */
	enum io (*drain)(struct conduit *conduit, struct endpoint *src,
	    struct endpoint *dst, struct fault *fault);

	/* How many bytes or messages wait to be written. */
	size_t (*pending)(const struct conduit *conduit);

	/*
	 * How many bytes were read and are not yet written.  Of whole messages
	 * the frames do not count.
	 */
	uint64_t (*held)(const struct conduit *conduit);

	/*
	 * Drop the data that was read and not written; returns how many bytes.
	 * Of frames, only the bytes of whole messages count.
	 */
	uint64_t (*drop)(struct conduit *conduit);

	void (*free)(struct conduit *conduit);
};

#define BYTES_SIZE 65536	/* bytes: a pipe's capacity, see pipe(7) */

/* Bytes, copied or moved by the kernel. */
struct conduit_bytes {
	char *data;		/* owned; BYTES_SIZE bytes */
	size_t start;		/* of the bytes read and not yet written */
	size_t end;
	struct splice splice;
	bool is_splicing;	/* bytes come in bulk: splice if possible */
	unsigned int run;	/* pieces in a row that suit the other method */
};

/* Messages received from a socket, to be written as frames. */
struct conduit_encode {
	enum framing framing;
	bool reported_split;	/* of a terminator inside a message: once */
	bool enlarged;		/* dst was full, and enlarged if a pipe */
	struct mailbox *mailbox;	/* owned */
	/* Numbers of its messages: next <= framed <= traced. */
	unsigned int next;	/* the next message to be written */
	unsigned int framed;	/* the first that is not framed */
	unsigned int traced;	/* the first that is not traced; it and later */
				/* ones are not pending */
	uint64_t number;	/* messages written or lost so far */
	struct iovec frames[MESSAGE_BATCH];
};

#define FRAME_PARTS 3		/* header, message, trailer */

/* Messages of one framing, to be written in another. */
struct conduit_reframe {
	struct frames frames;	/* the first member: see struct conduit */
	enum framing framing;	/* of dst */
	bool is_to_wire;	/* dst is the command's stream, else src is */
	bool reported_split;	/* of a terminator inside a message: once */
	bool enlarged;		/* dst was full, and enlarged if a pipe */
	bool is_alone;		/* write the next message by itself */
	uint64_t wire_end;	/* bytes of the command's stream so far */
	uint64_t dropped_at;	/* first offset there that was not written */
				/* when the reader left; else UINT64_MAX */
	uint64_t starts[MESSAGE_BATCH];	/* where each message begins in the */
					/* command's stream; to it, its frame */
	/* Frames to be written: of messages frames.next to framed - 1. */
	unsigned int framed;
	unsigned int part;	/* of parts: the first not yet written */
	unsigned int part_count;
	unsigned int ends[MESSAGE_BATCH];	/* index after each message's */
					/* last part */
	struct iovec parts[MESSAGE_BATCH * FRAME_PARTS];
	char headers[MESSAGE_BATCH][FRAME_HEADER_MAX];
	char trailer[FRAME_TRAILER_MAX];
};

struct conduit {
	const struct conduit_kind *kind;
	uint64_t moved;		/* bytes and messages read and written */
	bool has_backlog;	/* data was read that is not yet pending */
	struct ancillary ancillary;	/* came with the data in the conduit */
	struct monitor *monitor;	/* borrowed; NULL: nothing is traced */
	enum trace_direction direction;
	union {
		struct conduit_bytes bytes;
		struct conduit_encode encode;
		struct frames frames;	/* of decode, and first in reframe */
		struct conduit_reframe reframe;
	} of;
};

/*
 * Trace the set of descriptors that came along, if there is a new one.  Every
 * conduit calls this after it has read data and before it traces the data.  The
 * set is refused if dst is no unix socket, or for the reason refusal, unless
 * that is REFUSAL_NONE.
 */
void conduit_note_descriptors(struct conduit *conduit,
    const struct endpoint *dst, enum ancillary_refusal refusal);

/*
 * Each of these makes a conduit of its kind, with all the memory that it will
 * need.  Returns 0, or -1 with errno ENOMEM.  kind->free() is called in both
 * cases.
 */
int conduit_open_bytes(struct conduit *conduit);

/*
 * From our own message socket to bytes: messages of up to largest bytes become
 * frames.  has_end: see mailbox_open().
 */
int conduit_open_encode(struct conduit *conduit, enum framing framing,
    size_t largest, bool has_end);

/* From our own message socket to another one: messages stay unchanged. */
int conduit_open_carry(struct conduit *conduit, size_t largest, bool has_end);

/*
 * From bytes to bytes: frames of one framing, in, become frames of another,
 * out.  is_to_wire: dst is the command's stream, rather than src.
 */
int conduit_open_reframe(struct conduit *conduit, enum framing in,
    enum framing out, size_t largest, bool is_to_wire);

/* From bytes to our own message socket: frames become messages. */
int conduit_open_decode(struct conduit *conduit, enum framing framing,
    size_t largest);

#endif
