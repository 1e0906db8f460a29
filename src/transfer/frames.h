/* SPDX-License-Identifier: MIT */
/*
 * Messages that are read from a stream of bytes: a buffer of what was read, and
 * a batch of the messages found in it.  For the conduits that read frames.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include "base/pages.h"
#include "plan/decoder.h"
#include "socket/message.h"
#include "transfer/endpoint.h"
#include "transfer/fault.h"

struct conduit;

struct frames {
	struct decoder decoder;
	struct pages pages;	/* the bytes that were read */
	size_t start;		/* of the bytes not yet decoded */
	size_t end;
	bool ended;		/* nothing more will be read */
	bool goes_on;		/* src is read after stray bytes, too; else */
				/* it ends there */
	const char *source;	/* src in error messages: "standard input" */
	const char *verb;	/* "send", in that about one too large */
	bool is_skipping;	/* a message too large, or stray bytes, are */
				/* being dropped */
	bool is_stray;		/* the latter */
	bool reported_stray;	/* stray bytes were reported: once is enough */
	uint64_t skipped;	/* bytes dropped so far */
	uint64_t skipped_at;	/* offset in src of the first */
	struct fault fault;	/* to be reported after the messages */
	unsigned int next;	/* index of the next message to be written */
	unsigned int count;	/* of messages */
	uint64_t first;		/* number of messages[0], from 1 */
	struct iovec messages[MESSAGE_BATCH];	/* in pages */
	/* How to trace; set by frames_open(). */
	const struct frames_tracer *tracer;
};

/* How a conduit traces what it has read.  Offsets are in src. */
struct frames_tracer {
	/* size bytes were read.  May be NULL. */
	void (*bytes)(struct conduit *conduit, const char *data, size_t size);
	/* A message was found, which is messages[count - 1]. */
	void (*message)(struct conduit *conduit, const char *message,
	    size_t size, uint64_t offset);
	/*
	 * size stray bytes, or those of a message that was cut off, are
	 * dropped.  If NULL, skipped() is not called for the latter either.
	 */
	void (*stray)(struct conduit *conduit, const char *data, size_t size,
	    uint64_t offset);
	/*
	 * A message that was too large (is_message), or bytes as for stray(),
	 * have ended.  size bytes of them have come, from offset on.
	 */
	void (*skipped)(struct conduit *conduit, uint64_t size, uint64_t offset,
	    bool is_message);
};

/*
 * Make frames for messages of up to largest bytes.  tracer is a constant, and
 * so are the two strings in frames, which the caller sets.  Returns 0, or -1
 * with errno ENOMEM; call frames_free() in both cases.
 */
int frames_open(struct frames *frames, enum framing framing, size_t largest,
    const struct frames_tracer *tracer);

/*
 * These are functions of a conduit_kind (conduit.h), for a conduit that has
 * frames first in its union.  frames_drop() returns the bytes of messages,
 * without their frames; nothing more is read after it.
 */
enum io frames_fill(struct conduit *conduit, struct endpoint *src,
    struct endpoint *dst);
void frames_end(struct conduit *conduit);
size_t frames_pending(const struct conduit *conduit);
uint64_t frames_held(const struct conduit *conduit);
uint64_t frames_drop(struct conduit *conduit);
void frames_free(struct conduit *conduit);

/*
 * All messages have been written: report the fault after them, if there is one.
 * Returns IO_END if nothing after it can be decoded, so that src ends there;
 * else IO_MOVED.
 */
enum io frames_report(struct conduit *conduit, struct fault *fault);

/* The bytes of the messages in the batch from number i on. */
uint64_t frames_bytes_from(const struct frames *frames, unsigned int i);

#endif
