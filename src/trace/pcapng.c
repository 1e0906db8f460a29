/* SPDX-License-Identifier: MIT */
/* Sections are those of draft-ietf-opsawg-pcapng. */
#include "config.h"

#include <string.h>

#include "trace/pcapng.h"

enum block {
	BLOCK_INTERFACE = 1,		/* section 4.2 */
	BLOCK_STATISTICS = 5,		/* section 4.6 */
	BLOCK_PACKET = 6,		/* section 4.3 */
	BLOCK_SECTION = 0x0a0d0d0a,	/* section 4.1 */
};

/* Option codes: the first two of all blocks, the others of one block each. */
enum option {
	OPTION_END = 0,			/* section 3.5 */
	OPTION_COMMENT = 1,
	SECTION_PROGRAM = 4,		/* shb_userappl, section 4.1 */
	INTERFACE_NAME = 2,		/* if_name, section 4.2 */
	INTERFACE_RESOLUTION = 9,	/* if_tsresol */
	PACKET_FLAGS = 2,		/* epb_flags, section 4.3 */
	STATISTICS_START = 2,		/* isb_starttime, section 4.6 */
	STATISTICS_END = 3,		/* isb_endtime */
	STATISTICS_RECEIVED = 4,	/* isb_ifrecv */
	STATISTICS_DROPPED = 5,		/* isb_ifdrop */
};

#define BYTE_ORDER_MAGIC 0x1a2b3c4d	/* section 4.1 */
/*
 * Raw IP without a link layer header: tcpdump.org/linktypes.html.  More
 * programs support it than LINKTYPE_IPV4 (228), which ngrep, tcpflow and
 * tcpreplay refuse.
 */
#define LINKTYPE_RAW 101

static void
put16(struct textbuf *line, size_t value)
{
	uint16_t number = (uint16_t)value;

	textbuf_put(line, &number, sizeof(number));
}

static void
put32(struct textbuf *line, uint64_t value)
{
	uint32_t number = (uint32_t)value;

	textbuf_put(line, &number, sizeof(number));
}

/* Pad a field of size bytes to a multiple of 4 bytes. */
static void
put_padding(struct textbuf *line, size_t size)
{
	static const char zeros[4];

	textbuf_put(line, zeros, -size % 4);
}

/* Section 3.5. */
static void
put_option(struct textbuf *line, enum option code, const void *value,
    size_t size)
{
	put16(line, code);
	put16(line, size);
	textbuf_put(line, value, size);
	put_padding(line, size);
}

/* A timestamp is two halves, the upper one first: sections 4.3 and 4.6. */
static void
put_timestamp(struct textbuf *line, int64_t time)
{
	put32(line, (uint64_t)time >> 32);
	put32(line, (uint64_t)time & 0xffffffff);
}

static void
put_timestamp_option(struct textbuf *line, enum option code, int64_t time)
{
	put16(line, code);
	put16(line, sizeof(time));
	put_timestamp(line, time);
}

/* Begin a block, without its length.  Returns its start.  Section 3.1. */
static size_t
begin_block(struct textbuf *line, enum block type)
{
	size_t start = line->used;

	put32(line, type);
	put32(line, 0);
	return start;
}

/* End the options and the block that began at start, and set its length. */
static void
end_block(struct textbuf *line, size_t start)
{
	uint32_t length;

	put_option(line, OPTION_END, NULL, 0);
	length = (uint32_t)(line->used + sizeof(length) - start);
	put32(line, length);
	memcpy(line->data + start + 4, &length, sizeof(length));
}

void
pcapng_put_section(struct textbuf *line, const char *program,
    const struct textbuf *comment)
{
	static const int64_t unknown = -1;
	size_t start = begin_block(line, BLOCK_SECTION);

	put32(line, BYTE_ORDER_MAGIC);
	put16(line, 1);		/* version 1.0 */
	put16(line, 0);
	textbuf_put(line, &unknown, sizeof(unknown));
	put_option(line, OPTION_COMMENT, comment->data, comment->used);
	put_option(line, SECTION_PROGRAM, program, strlen(program));
	end_block(line, start);
}

void
pcapng_put_interface(struct textbuf *line, const char *name, uint32_t snaplen)
{
	static const unsigned char nanoseconds = 9;	/* 10 to the -9th */
	size_t start = begin_block(line, BLOCK_INTERFACE);

	put16(line, LINKTYPE_RAW);
	put16(line, 0);
	put32(line, snaplen);
	put_option(line, INTERFACE_NAME, name, strlen(name));
	put_option(line, INTERFACE_RESOLUTION, &nanoseconds, 1);
	end_block(line, start);
}

size_t
pcapng_begin_packet(struct textbuf *line, const struct pcapng_packet *packet)
{
	size_t start = begin_block(line, BLOCK_PACKET);

	put32(line, 0);		/* the first interface of the section */
	put_timestamp(line, packet->time);
	put32(line, packet->captured);
	put32(line, packet->original);
	return start;
}

void
pcapng_end_packet(struct textbuf *line, const struct pcapng_packet *packet,
    size_t start)
{
	uint32_t flags = packet->direction;

	put_padding(line, packet->captured);
	if (packet->comment != NULL)
		put_option(line, OPTION_COMMENT, packet->comment->data,
		    packet->comment->used);
	put_option(line, PACKET_FLAGS, &flags, sizeof(flags));
	end_block(line, start);
}

void
pcapng_put_statistics(struct textbuf *line, int64_t time,
    const struct pcapng_counts *counts)
{
	static const uint64_t none = 0;
	size_t start = begin_block(line, BLOCK_STATISTICS);

	put32(line, 0);		/* the first interface of the section */
	put_timestamp(line, time);
	put_timestamp_option(line, STATISTICS_START, counts->start);
	put_timestamp_option(line, STATISTICS_END, counts->end);
	put_option(line, STATISTICS_RECEIVED, &counts->packets,
	    sizeof(counts->packets));
	put_option(line, STATISTICS_DROPPED, &none, sizeof(none));
	end_block(line, start);
}
