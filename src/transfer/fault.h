/* SPDX-License-Identifier: MIT */
/* The faults that one step of a channel can have, and their texts.  Pure. */
#ifndef FAULT_H
#define FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/framing.h"

enum fault_kind {
	FAULT_NONE,
	FAULT_READ,		/* error: noun cannot be read */
	FAULT_WRITE,		/* error: noun cannot be written */
	FAULT_LARGE,		/* a message has more bytes than the limit */
	FAULT_SEND,		/* error: a message cannot be sent */
	FAULT_CUT,		/* noun ended inside a message */
	FAULT_AFTER_END,	/* a message follows the one that is the end */
	FAULT_MALFORMED,	/* text, in noun, is stray: see decoder.h */
	FAULT_PASS_FDS,		/* descriptors cannot be sent to noun */
	FAULT_LATE_FDS,		/* a message came with a second set of them */
	FAULT_EMPTY_FDS,	/* no byte came with them */
	FAULT_SEND_FDS,		/* error: noun does not take them */
	FAULT_RECEIVE_FDS,	/* error: not all of them came from noun */
	FAULT_SPLIT,		/* a message contains its terminator */
};

struct fault {
	enum fault_kind kind;
	const char *noun;	/* borrowed: the endpoint's name; CUT, */
				/* MALFORMED: "standard input"; LARGE: what */
				/* cannot be done, "send" */
	int error;		/* errno */
	uint64_t message;	/* its number, from 1 */
	uint64_t size;		/* its bytes; MALFORMED: those of text */
	uint64_t limit;		/* in bytes */
	enum framing framing;
	uint64_t offset;	/* of the first byte of text */
	const char *text;	/* borrowed, until the fault is reported */
};

/* Whether data was lost, or may have been. */
bool fault_is_loss(const struct fault *fault);

#define FAULT_TEXT_MAX 300	/* bytes: enough for every text */

/*
 * Write the message for fault, in one of the forms of diag.h, into text, which
 * has size bytes; it is cut if it does not fit.  Returns its bytes, without the
 * NUL that follows.  It may contain NULs of its own.  fault->kind is not
 * FAULT_NONE.
 */
size_t fault_text(const struct fault *fault, char *text, size_t size);

#endif
