/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "transfer/fault.h"

bool
fault_is_loss(const struct fault *fault)
{
	return fault->kind != FAULT_NONE && fault->kind != FAULT_SPLIT;
}

void
fault_text(const struct fault *fault, char *text, size_t size)
{
	switch (fault->kind) {
	case FAULT_NONE:
		break;
	case FAULT_READ:
		snprintf(text, size, "cannot read %s: %s", fault->noun,
		    strerror(fault->error));
		break;
	case FAULT_WRITE:
		snprintf(text, size, "cannot write %s: %s", fault->noun,
		    strerror(fault->error));
		break;
	case FAULT_LARGE:
		snprintf(text, size, "cannot %s message %" PRIu64 ": its %"
		    PRIu64 " bytes are more than the limit of %" PRIu64,
		    fault->noun, fault->message, fault->size, fault->limit);
		break;
	case FAULT_SEND:
		snprintf(text, size, "cannot send message %" PRIu64 " of %"
		    PRIu64 " bytes: %s", fault->message, fault->size,
		    strerror(fault->error));
		break;
	case FAULT_CUT:
		snprintf(text, size, "cannot read message %" PRIu64
		    ": standard input ended inside it", fault->message);
		break;
	case FAULT_MALFORMED:
		snprintf(text, size, "cannot read message %" PRIu64
		    ": the byte at %" PRIu64 " of standard input is not %s",
		    fault->message, fault->size, fault->noun);
		break;
	case FAULT_PASS_FDS:
		snprintf(text, size, "cannot pass on descriptors: "
		    "%s is not a unix socket", fault->noun);
		break;
	case FAULT_LATE_FDS:
		snprintf(text, size, "cannot pass on descriptors: "
		    "others have come with the same message");
		break;
	case FAULT_EMPTY_FDS:
		snprintf(text, size, "cannot pass on descriptors: "
		    "they came with an empty message");
		break;
	case FAULT_SEND_FDS:
		snprintf(text, size, "cannot pass on descriptors to %s: %s",
		    fault->noun, strerror(fault->error));
		break;
	case FAULT_RECEIVE_FDS:
		snprintf(text, size, "cannot receive descriptors from %s: %s",
		    fault->noun, strerror(fault->error));
		break;
	case FAULT_SPLIT:
		snprintf(text, size, "cannot keep message %" PRIu64
		    " whole: it contains the byte that ends one",
		    fault->message);
		break;
	}
}
