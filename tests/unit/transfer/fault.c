/* SPDX-License-Identifier: MIT */
/* The words for what goes wrong: every kind has some. */
#include "config.h"

#include "transfer/fault.h"
#include "tap.h"

static void
test_texts(void)
{
	static const struct {
		struct fault fault;
		bool loss;
		const char *want;
	} rows[] = {
		{ { .kind = FAULT_READ, .noun = "standard input",
		    .error = EISDIR }, true,
		    "cannot read standard input: Is a directory" },
		{ { .kind = FAULT_WRITE, .noun = "standard output",
		    .error = ENOSPC }, true,
		    "cannot write standard output: No space left on device" },
		{ { .kind = FAULT_LARGE, .noun = "send", .message = 7,
		    .size = 5000000000, .limit = 212960 }, true,
		    "cannot send message 7: its 5000000000 bytes are more "
		    "than the limit of 212960" },
		{ { .kind = FAULT_SEND, .error = ENOBUFS, .message = 1,
		    .size = 70000 }, true, "cannot send message 1 of 70000 "
		    "bytes: No buffer space available" },
		{ { .kind = FAULT_CUT, .message = 2 }, true,
		    "cannot read message 2: standard input ended inside it" },
		{ { .kind = FAULT_MALFORMED, .noun = "a comma", .message = 3,
		    .size = 0 }, true, "cannot read message 3: the byte at 0 "
		    "of standard input is not a comma" },
		{ { .kind = FAULT_PASS_FDS, .noun = "standard output" }, true,
		    "cannot pass on descriptors: standard output is not a "
		    "unix socket" },
		{ { .kind = FAULT_LATE_FDS }, true, "cannot pass on "
		    "descriptors: others have come with the same message" },
		{ { .kind = FAULT_EMPTY_FDS }, true, "cannot pass on "
		    "descriptors: they came with an empty message" },
		{ { .kind = FAULT_SEND_FDS, .noun = "standard output",
		    .error = EPERM }, true, "cannot pass on descriptors to "
		    "standard output: Operation not permitted" },
		{ { .kind = FAULT_RECEIVE_FDS, .noun = "standard input",
		    .error = EMFILE }, true, "cannot receive descriptors from "
		    "standard input: Too many open files" },
		{ { .kind = FAULT_SPLIT, .message = 1 }, false,
		    "cannot keep message 1 whole: it contains the byte that "
		    "ends one" },
	};
	char text[FAULT_TEXT_MAX];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fault_text(&rows[i].fault, text, sizeof(text));
		is_str(text, rows[i].want, "each kind has its words");
		is_int(fault_is_loss(&rows[i].fault), rows[i].loss,
		    rows[i].loss ? "is a loss" : "is no loss");
	}
	fault_text(&rows[0].fault, text, 12);
	is_str(text, "cannot read", "a text that does not fit is cut");
}

int
main(void)
{
	const struct fault none = { .kind = FAULT_NONE };

	test_texts();
	ok(!fault_is_loss(&none), "no fault is no loss");
	return done_testing();
}
