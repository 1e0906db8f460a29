/* SPDX-License-Identifier: MIT */
/*
 * The blocks of a pcapng file, draft-ietf-opsawg-pcapng, in the machine's own
 * byte order.  Only the few that we write.
 */
#ifndef PCAPNG_H
#define PCAPNG_H

#include <stddef.h>
#include <stdint.h>

#include "base/textbuf.h"

/* Section 4.3.1, epb_flags, bits 0 and 1. */
enum pcapng_direction { PCAPNG_INBOUND = 1, PCAPNG_OUTBOUND = 2 };

#define PCAPNG_COMMENT_MAX 4096	/* bytes: more than anybody reads */

/* A packet that was captured. */
struct pcapng_packet {
	int64_t time;		/* CLOCK_REALTIME, nanoseconds */
	size_t captured;	/* bytes of it that are in the file */
	size_t original;	/* bytes that it had */
	enum pcapng_direction direction;
	const struct textbuf *comment;	/* UTF-8; NULL for none */
};

/* What an interface has seen. */
struct pcapng_counts {
	int64_t start;		/* CLOCK_REALTIME, nanoseconds */
	int64_t end;
	uint64_t packets;
};

/*
 * Put a Section Header Block with the name of the program and a comment, for a
 * section whose length is not known.
 */
void pcapng_put_section(struct textbuf *line, const char *program,
    const struct textbuf *comment);

/*
 * Put an Interface Description Block: raw IP, times in nanoseconds, at most
 * snaplen bytes a packet, or 0 for no limit.
 */
void pcapng_put_interface(struct textbuf *line, const char *name,
    uint32_t snaplen);

/*
 * Begin an Enhanced Packet Block, and end it.  Between the two the caller puts
 * the packet's captured bytes.  start is what the first returned.
 */
size_t pcapng_begin_packet(struct textbuf *line,
    const struct pcapng_packet *packet);
void pcapng_end_packet(struct textbuf *line, const struct pcapng_packet *packet,
    size_t start);

/* Put an Interface Statistics Block, with time in nanoseconds. */
void pcapng_put_statistics(struct textbuf *line, int64_t time,
    const struct pcapng_counts *counts);

#endif
