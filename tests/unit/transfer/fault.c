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
		{ { .kind = FAULT_CUT, .noun = "standard input",
		    .message = 2 }, true,
		    "cannot read message 2: standard input ended inside it" },
		{ { .kind = FAULT_AFTER_END, .message = 3 }, true,
		    "cannot send message 3: the empty message before it has "
		    "ended the input" },
		{ { .kind = FAULT_MALFORMED, .noun = "standard input",
		    .framing = FRAMING_NETSTRING, .text = "1;x", .size = 2 },
		    true, "byte 0 of standard input is no netstring: '1;'" },
		{ { .kind = FAULT_MALFORMED, .noun = "the command's output",
		    .framing = FRAMING_LSP, .offset = 1868,
		    .text = "Loading numpy", .size = 13 }, true,
		    "byte 1868 of the command's output is no lsp header: "
		    "'Loading numpy'" },
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

static void
test_bytes(void)
{
	static const char want[] =
	    "byte 7 of standard input is no netstring: 'a\0b\033'";
	const struct fault fault = {
		.kind = FAULT_MALFORMED, .noun = "standard input",
		.framing = FRAMING_NETSTRING, .offset = 7,
		.text = "a\0b\033", .size = 4
	};
	char text[FAULT_TEXT_MAX];

	is_mem(text, fault_text(&fault, text, sizeof(text)), want,
	    sizeof(want) - 1, "what is quoted may be any bytes");
	is_int((long long)fault_text(&fault, text, 49), 48,
	    "a text with NULs that does not fit is cut");
	is_str(text, "byte 7 of standard input is no netstring: 'a",
	    "a text that is cut ends with a NUL");
}

int
main(void)
{
	const struct fault none = { .kind = FAULT_NONE };

	test_texts();
	test_bytes();
	ok(!fault_is_loss(&none), "no fault is no loss");
	return done_testing();
}
