/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/textbuf.h"
#include "transfer/fault.h"

bool
fault_is_loss(const struct fault *fault)
{
	return fault->kind != FAULT_NONE && fault->kind != FAULT_SPLIT;
}

/* The message quotes stray bytes, which may contain NULs. */
static size_t
malformed_text(const struct fault *fault, char *text, size_t size)
{
	struct textbuf line = textbuf_in(text, size - 1);

	textbuf_print(&line, "byte %" PRIu64 " of %s is no %s: '",
	    fault->offset, fault->noun, fault->framing == FRAMING_LSP ?
	    "lsp header" : "netstring");
	textbuf_put(&line, fault->text, (size_t)fault->size);
	textbuf_put_byte(&line, '\'');
	text[line.used] = '\0';
	return line.used;
}

size_t
fault_text(const struct fault *fault, char *text, size_t size)
{
	text[0] = '\0';
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
		    ": %s ended inside it", fault->message, fault->noun);
		break;
	case FAULT_AFTER_END:
		snprintf(text, size, "cannot send message %" PRIu64
		    ": the empty message before it has ended the input",
		    fault->message);
		break;
	case FAULT_MALFORMED:
		return malformed_text(fault, text, size);
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
	return strlen(text);
}
