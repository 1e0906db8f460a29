/* SPDX-License-Identifier: MIT */
/*
 * A conduit is what lies between the two ends of a channel: how data is read
 * from the one and written to the other.  Its kind is chosen when the channel
 * is made; the channel opens, ends and half-closes the same way over each.
 */
#ifndef CONDUIT_H
#define CONDUIT_H

#include "plan/decoder.h"
#include "socket/message.h"
#include "trace/monitor.h"
#include "transfer/endpoint.h"
#include "transfer/fault.h"
#include "transfer/splice.h"

struct conduit;

/* A kind of conduit is a file with these functions. */
struct conduit_kind {
	/*
	 * Go on with what has been read, if there is a backlog, and leave src
	 * alone.  Else read src once, without waiting, or begin to move what it
	 * has.  Only called while nothing is pending.  Results as of
	 * endpoint_read(); the channel makes a fault of an error.
	 */
	enum io (*fill)(struct conduit *conduit, struct endpoint *src,
	    struct endpoint *dst);

	/* src has ended, or failed: nothing more will be read. */
	void (*end)(struct conduit *conduit);

	/*
	 * Write to dst what is pending, without waiting.
	 *
	 * IO_MOVED	nothing is pending any more; or a fault that ends
	 *		nothing is in *fault, and there may be more
	 * IO_AGAIN	there is no room now, or a signal may have come
	 * IO_END	src has ended, as fill() could have found; *fault may
	 *		say why
	 * IO_TOO_LARGE, IO_FAILED	a write failed for good; dst->error is
	 *		set
	 */
	enum io (*drain)(struct conduit *conduit, struct endpoint *src,
	    struct endpoint *dst, struct fault *fault);

	/* How much waits to be written: bytes or messages; 0 for nothing. */
	size_t (*pending)(const struct conduit *conduit);

	/*
	 * Drop what was read and not written; returns how many bytes.  Of
	 * frames, those of whole messages: there is nothing else to deliver.
	 */
	uint64_t (*drop)(struct conduit *conduit);

	void (*free)(struct conduit *conduit);
};

#define BYTES_SIZE 65536	/* bytes: a pipe's capacity, see pipe(7) */

/* Bytes, copied or moved by the kernel. */
struct conduit_bytes {
	char *data;		/* owned; BYTES_SIZE bytes */
	size_t start;		/* of what was read and is not yet written */
	size_t end;
	struct splice splice;
	unsigned int run;	/* pieces in a row that suit the other method */
};

/* Messages received from a socket, to be written as frames. */
struct conduit_encode {
	enum framing framing;
	bool reported_split;	/* a terminator inside a message, once */
	bool enlarged;		/* the pipe that dst is, once it was full */
	struct mailbox *mailbox;	/* owned */
	/* Numbers of its messages: next <= framed <= traced. */
	unsigned int next;	/* the next to be written, */
	unsigned int framed;	/* up to here in a frame each, and */
	unsigned int traced;	/* up to here pending */
	uint64_t number;	/* messages written so far */
	struct iovec frames[MESSAGE_BATCH];
};

/* Frames that were read, to be sent as messages. */
struct conduit_decode {
	struct decoder decoder;
	struct pages pages;	/* what was read */
	size_t start;		/* of what has not been decoded */
	size_t end;
	bool ended;		/* nothing more will be read */
	bool is_skipping;	/* a message too large is being dropped: */
	uint64_t skipped;	/* so many of its bytes have come */
	struct fault fault;	/* to be reported behind the messages */
	unsigned int next;	/* the next of the messages to be sent, */
	unsigned int count;	/* and how many there are */
	uint64_t first;		/* number of messages[0], from 1 */
	struct iovec messages[MESSAGE_BATCH];	/* in pages */
};

struct conduit {
	const struct conduit_kind *kind;
	uint64_t moved;		/* bytes and messages read and written */
	bool has_backlog;	/* more was read than what is pending */
	bool is_splicing;	/* bytes come in bulk: splice if possible */
	struct ancillary ancillary;	/* came with what the conduit holds */
	struct monitor *monitor;	/* borrowed; NULL: nothing is traced */
	enum trace_direction direction;
	union {
		struct conduit_bytes bytes;
		struct conduit_encode encode;
		struct conduit_decode decode;
	} of;
};

/*
 * Every conduit calls this after it has read, and before it traces the data: it
 * traces the set of descriptors that came along.  The set is refused if dst is
 * no unix socket, or for the reason given, unless that is REFUSAL_NONE.
 */
void conduit_note_descriptors(struct conduit *conduit,
    const struct endpoint *dst, enum ancillary_refusal refusal);

/*
 * Each of these makes a conduit of its kind, with all the memory that it will
 * need.  Returns 0, or -1 with errno ENOMEM, and then too it may be freed.
 */
int conduit_open_bytes(struct conduit *conduit);

/*
 * From a message socket of ours to bytes: messages of up to largest bytes,
 * framed.  has_end: see mailbox_open().
 */
int conduit_open_encode(struct conduit *conduit, enum framing framing,
    size_t largest, bool has_end);

/* From such a socket to another of ours: message by message, as they are. */
int conduit_open_carry(struct conduit *conduit, size_t largest, bool has_end);

/* From bytes to such a socket: frames of messages of up to largest bytes. */
int conduit_open_decode(struct conduit *conduit, enum framing framing,
    size_t largest);

#endif
