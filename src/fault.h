/* SPDX-License-Identifier: MIT */
/* What can go wrong in one step of a channel, and the words for it.  Pure. */
#ifndef FAULT_H
#define FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fault_kind {
	FAULT_NONE,
	FAULT_READ,		/* error: noun cannot be read */
	FAULT_WRITE,		/* error: noun cannot be written */
};

struct fault {
	enum fault_kind kind;
	const char *noun;	/* borrowed: the endpoint's name */
	int error;		/* errno */
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
