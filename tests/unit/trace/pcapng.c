/* SPDX-License-Identifier: MIT */
/* The blocks of a capture, field by field. */
#include "config.h"

#include "trace/pcapng.h"
#include "tap.h"

static char text[1000];
static struct textbuf line;

/* What a block should be, put together here. */
static unsigned char want[1000];
static size_t want_size;

static void
begin(void)
{
	line = textbuf_in(text, sizeof(text));
	memset(text, '!', sizeof(text));
	want_size = 0;
}

static void
want16(uint16_t value)
{
	memcpy(want + want_size, &value, sizeof(value));
	want_size += sizeof(value);
}

static void
want32(uint32_t value)
{
	memcpy(want + want_size, &value, sizeof(value));
	want_size += sizeof(value);
}

static void
want64(uint64_t value)
{
	memcpy(want + want_size, &value, sizeof(value));
	want_size += sizeof(value);
}

/* Bytes, and zeros up to a multiple of 4. */
static void
want_padded(const char *data, size_t size)
{
	memcpy(want + want_size, data, size);
	memset(want + want_size + size, 0, (4 - size % 4) % 4);
	want_size += size + (4 - size % 4) % 4;
}

/* Section 3.5. */
static void
want_option(uint16_t code, const char *value, size_t size)
{
	want16(code);
	want16((uint16_t)size);
	want_padded(value, size);
}

static void
want_number_option(uint16_t code, uint64_t value)
{
	want16(code);
	want16(8);
	want64(value);
}

/* A time is its upper half, and then its lower. */
static void
want_time(uint64_t time)
{
	want32((uint32_t)(time >> 32));
	want32((uint32_t)time);
}

/* The end of the options, and the length, which stands in front as well. */
static void
want_end(void)
{
	uint32_t length = (uint32_t)want_size + 8;

	want32(0);
	want32(length);
	memcpy(want + 4, &length, sizeof(length));
}

static void
is_block(const char *name)
{
	is_mem(line.data, line.used, want, want_size, name);
}

static void
section_is(const char *program, const char *comment, size_t size,
    const char *name)
{
	struct textbuf words;
	char data[20];

	begin();
	words = textbuf_in(data, sizeof(data));
	textbuf_put(&words, comment, size);
	pcapng_put_section(&line, program, &words);
	/* Section 4.1: version 1.0, of a length that is not known. */
	want32(0x0a0d0d0a);
	want32(0);
	want32(0x1a2b3c4d);
	want16(1);
	want16(0);
	want64(UINT64_MAX);
	want_option(1, comment, size);
	want_option(4, program, strlen(program));
	want_end();
	is_block(name);
}

static void
test_section(void)
{
	section_is("me", "cat", 3, "a section has the command and the program");
	section_is("four", "12345678", 8,
	    "what is a multiple of 4 is not padded");
	section_is("12345", "", 0, "a comment may be empty");
}

static void
interface_is(uint32_t snaplen, const char *name)
{
	begin();
	pcapng_put_interface(&line, "sockpair", snaplen);
	/* Section 4.2: LINKTYPE_RAW; if_tsresol is 10 to the -9th. */
	want32(1);
	want32(0);
	want16(101);
	want16(0);
	want32(snaplen);
	want_option(2, "sockpair", 8);
	want_option(9, "\11", 1);
	want_end();
	is_block(name);
}

static void
test_interface(void)
{
	interface_is(0, "an interface has its name and its resolution");
	interface_is(UINT32_MAX, "and its limit");
}

/* Section 4.3.  The packet's bytes are put between its head and its tail. */
static void
packet_is(const char *data, size_t size, size_t original,
    enum pcapng_direction direction, const char *comment, const char *name)
{
	struct textbuf words = textbuf_in(NULL, 0);
	struct pcapng_packet packet = {
		.time = INT64_C(0x123456789abcdef0),
		.captured = size,
		.original = original,
		.direction = direction,
		.comment = comment == NULL ? NULL : &words,
	};
	uint32_t flags = direction;
	char room[20];
	size_t start;

	if (comment != NULL) {
		words = textbuf_in(room, sizeof(room));
		textbuf_put(&words, comment, strlen(comment));
	}
	begin();
	start = pcapng_begin_packet(&line, &packet);
	textbuf_put(&line, data, size);
	pcapng_end_packet(&line, &packet, start);
	want32(6);
	want32(0);
	want32(0);
	want_time(UINT64_C(0x123456789abcdef0));
	want32((uint32_t)size);
	want32((uint32_t)original);
	want_padded(data, size);
	if (comment != NULL)
		want_option(1, comment, strlen(comment));
	want16(2);
	want16(4);
	want32(flags);
	want_end();
	is_block(name);
}

static void
test_packet(void)
{
	static const char comment[] = "abcdefgh";
	char title[80];
	size_t size;

	for (size = 0; size <= 5; size++) {
		snprintf(title, sizeof(title), "a packet of %zu bytes", size);
		packet_is("hello", size, size, PCAPNG_OUTBOUND, NULL, title);
	}
	for (size = 0; size <= 5; size++) {
		snprintf(title, sizeof(title), "a comment of %zu bytes", size);
		packet_is("abc", 3, 3, PCAPNG_INBOUND,
		    comment + sizeof(comment) - 1 - size, title);
	}
	packet_is("abc", 3, 70000, PCAPNG_INBOUND, NULL,
	    "a packet that had more bytes than there are");
}

static void
test_statistics(void)
{
	struct pcapng_counts counts = {
		.start = INT64_C(0x100000002), .end = INT64_C(0x300000004),
		.packets = UINT64_C(0x500000006),
	};

	begin();
	pcapng_put_statistics(&line, INT64_C(0x700000008), &counts);
	/* Section 4.6; none was dropped. */
	want32(5);
	want32(0);
	want32(0);
	want_time(UINT64_C(0x700000008));
	want16(2);
	want16(8);
	want_time(UINT64_C(0x100000002));
	want16(3);
	want16(8);
	want_time(UINT64_C(0x300000004));
	want_number_option(4, UINT64_C(0x500000006));
	want_number_option(5, 0);
	want_end();
	is_block("statistics have two times and two numbers");
}

/* Blocks are put one behind the other: each has its own length. */
static void
test_behind(void)
{
	size_t first;

	begin();
	pcapng_put_interface(&line, "a", 0);
	first = line.used;
	pcapng_put_interface(&line, "a", 0);
	is_mem(line.data + first, line.used - first, line.data, first,
	    "a block behind another is as it is alone");
}

int
main(void)
{
	test_section();
	test_interface();
	test_packet();
	test_statistics();
	test_behind();
	return done_testing();
}
