/* SPDX-License-Identifier: MIT */
/*
 * The blocks of a pcapng file, draft-ietf-opsawg-pcapng, that we write, in the
 * machine's own byte order.
 */
#ifndef PCAPNG_H
#define PCAPNG_H

#include <stddef.h>
#include <stdint.h>

#include "base/textbuf.h"

/* Section 4.3.1, epb_flags, bits 0 and 1. */
enum pcapng_direction { PCAPNG_INBOUND = 1, PCAPNG_OUTBOUND = 2 };

#define PCAPNG_COMMENT_MAX 4096	/* bytes: a limit of our own */

/* A packet that was captured. */
struct pcapng_packet {
	int64_t time;		/* CLOCK_REALTIME, nanoseconds */
	size_t captured;	/* bytes of it that are in the file */
	size_t original;	/* bytes of the whole packet */
	enum pcapng_direction direction;
	const struct textbuf *comment;	/* UTF-8; NULL for none */
};

/* The packets of an interface. */
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
 * Begin and end an Enhanced Packet Block.  Between the two calls the caller
 * puts the captured bytes.  start is the result of pcapng_begin_packet().
 */
size_t pcapng_begin_packet(struct textbuf *line,
    const struct pcapng_packet *packet);
void pcapng_end_packet(struct textbuf *line, const struct pcapng_packet *packet,
    size_t start);

/* Put an Interface Statistics Block, with time in nanoseconds. */
void pcapng_put_statistics(struct textbuf *line, int64_t time,
    const struct pcapng_counts *counts);

#endif
