/* SPDX-License-Identifier: MIT */
/* What can go wrong in one step of a channel, in data and in words.  Pure. */
#ifndef FAULT_H
#define FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fault_kind {
	FAULT_NONE,
	FAULT_READ,		/* error: noun cannot be read */
	FAULT_WRITE,		/* error: noun cannot be written */
	FAULT_LARGE,		/* a message has more bytes than the limit */
	FAULT_SEND,		/* error: a message cannot be sent */
	FAULT_CUT,		/* the input ended inside a message */
	FAULT_MALFORMED,	/* the input has a byte that is no noun */
	FAULT_PASS_FDS,		/* noun cannot be sent descriptors */
	FAULT_LATE_FDS,		/* more came for a message that has some */
	FAULT_EMPTY_FDS,	/* no byte came with them */
	FAULT_SEND_FDS,		/* error: noun does not take them */
	FAULT_RECEIVE_FDS,	/* error: those from noun did not come whole */
	FAULT_SPLIT,		/* a message contains what ends it */
};

struct fault {
	enum fault_kind kind;
	const char *noun;	/* borrowed: the endpoint's name; LARGE: what
				   cannot be done; MALFORMED: "a digit" */
	int error;		/* errno */
	uint64_t message;	/* its number, from 1 */
	uint64_t size;		/* its bytes; MALFORMED: offset of the byte */
	uint64_t limit;		/* in bytes */
};

/* Whether data was lost, or may have been. */
bool fault_is_loss(const struct fault *fault);

#define FAULT_TEXT_MAX 300	/* bytes: enough for every text */

/*
 * Write the words for fault into text, of size bytes: "cannot VERB NOUN:
 * reason", cut if they do not fit.  fault is not FAULT_NONE.
 */
void fault_text(const struct fault *fault, char *text, size_t size);

#endif
