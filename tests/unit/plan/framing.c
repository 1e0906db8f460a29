/* SPDX-License-Identifier: MIT */
/* What stands around a message in each framing. */
#include "config.h"

#include "plan/framing.h"
#include "plan/names.h"
#include "tap.h"

#define TEXT(text) text, sizeof(text) - 1

static void
header_is(enum framing framing, size_t size, const char *want,
    size_t want_size)
{
	char header[FRAME_HEADER_MAX];
	char title[80];

	snprintf(title, sizeof(title), "what stands in front of %zu bytes: %s",
	    size, names_name(framing_names, (int)framing));
	is_mem(header, frame_header(framing, size, header), want, want_size,
	    title);
}

static void
test_frames(void)
{
	char trailer[FRAME_TRAILER_MAX];
	char digits[50];
	int length;

	header_is(FRAMING_LINE, 5, TEXT(""));
	header_is(FRAMING_NULL, 5, TEXT(""));
	header_is(FRAMING_RAW, 5, TEXT(""));
	header_is(FRAMING_NETSTRING, 0, TEXT("0:"));
	header_is(FRAMING_NETSTRING, 9, TEXT("9:"));
	header_is(FRAMING_NETSTRING, 10, TEXT("10:"));
	header_is(FRAMING_NETSTRING, 1234567890, TEXT("1234567890:"));
	length = snprintf(digits, sizeof(digits), "%zu:", SIZE_MAX);
	header_is(FRAMING_NETSTRING, SIZE_MAX, digits, (size_t)length);
	header_is(FRAMING_U16, 0x1234, TEXT("\x12\x34"));
	header_is(FRAMING_U16LE, 0x1234, TEXT("\x34\x12"));
	header_is(FRAMING_U16, 0xffff, TEXT("\xff\xff"));
	header_is(FRAMING_U32, 0x12345678, TEXT("\x12\x34\x56\x78"));
	header_is(FRAMING_U32LE, 0x12345678, TEXT("\x78\x56\x34\x12"));
	header_is(FRAMING_U32, 0xffffffff, TEXT("\xff\xff\xff\xff"));
	header_is(FRAMING_LSP, 0, TEXT("Content-Length: 0\r\n\r\n"));
	header_is(FRAMING_LSP, 4095, TEXT("Content-Length: 4095\r\n\r\n"));
	length = snprintf(digits, sizeof(digits),
	    "Content-Length: %zu\r\n\r\n", SIZE_MAX);
	header_is(FRAMING_LSP, SIZE_MAX, digits, (size_t)length);
	is_mem(trailer, frame_trailer(FRAMING_LINE, trailer), "\n", 1,
	    "a newline ends a line");
	is_mem(trailer, frame_trailer(FRAMING_NULL, trailer), "", 1,
	    "a NUL ends a message of null");
	is_mem(trailer, frame_trailer(FRAMING_NETSTRING, trailer), ",", 1,
	    "a comma ends a netstring");
	ok(frame_trailer(FRAMING_U16, trailer) == 0 &&
	    frame_trailer(FRAMING_U16LE, trailer) == 0 &&
	    frame_trailer(FRAMING_U32, trailer) == 0 &&
	    frame_trailer(FRAMING_U32LE, trailer) == 0 &&
	    frame_trailer(FRAMING_LSP, trailer) == 0 &&
	    frame_trailer(FRAMING_RAW, trailer) == 0,
	    "nothing ends the others");
	ok(frame_limit(FRAMING_U16) == 65535 &&
	    frame_limit(FRAMING_U16LE) == 65535, "16 bits tell 65535");
	ok(frame_limit(FRAMING_U32) == 4294967295 &&
	    frame_limit(FRAMING_U32LE) == 4294967295,
	    "32 bits tell 4294967295");
	ok(frame_limit(FRAMING_LINE) == SIZE_MAX &&
	    frame_limit(FRAMING_NULL) == SIZE_MAX &&
	    frame_limit(FRAMING_NETSTRING) == SIZE_MAX &&
	    frame_limit(FRAMING_LSP) == SIZE_MAX &&
	    frame_limit(FRAMING_RAW) == SIZE_MAX,
	    "the others tell any size");
}

static void
test_splits(void)
{
	ok(frame_splits(FRAMING_LINE, TEXT("ab\n")), "a newline splits a line");
	ok(frame_splits(FRAMING_LINE, TEXT("\nab")),
	    "a newline in front splits a line");
	ok(!frame_splits(FRAMING_LINE, TEXT("a\0b\r")),
	    "a NUL splits no line");
	ok(!frame_splits(FRAMING_LINE, "ab\n", 2),
	    "a newline behind it splits no line");
	ok(frame_splits(FRAMING_NULL, TEXT("a\0b")),
	    "a NUL splits a message of null");
	ok(!frame_splits(FRAMING_NULL, TEXT("a\nb")),
	    "a newline splits no message of null");
	ok(!frame_splits(FRAMING_LINE, NULL, 0) &&
	    !frame_splits(FRAMING_NULL, NULL, 0),
	    "an empty message is not split");
	ok(!frame_splits(FRAMING_NETSTRING, TEXT("\n\0,")) &&
	    !frame_splits(FRAMING_U16, TEXT("\n\0,")) &&
	    !frame_splits(FRAMING_U16LE, TEXT("\n\0,")) &&
	    !frame_splits(FRAMING_U32, TEXT("\n\0,")) &&
	    !frame_splits(FRAMING_U32LE, TEXT("\n\0,")) &&
	    !frame_splits(FRAMING_RAW, TEXT("\n\0,")),
	    "nothing splits the others");
}

int
main(void)
{
	test_frames();
	test_splits();
	return done_testing();
}
