/* SPDX-License-Identifier: MIT */
/* The totals of both directions of a relay, as numbers and as text.  Pure. */
#ifndef STATS_H
#define STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One direction. */
struct stats_totals {
	uint64_t bytes;		/* read from its writer */
	uint64_t pieces;	/* reads or messages that they came in */
	uint64_t largest;	/* bytes of the largest piece */
	uint64_t undelivered;	/* bytes of them that its reader did not get */
	uint64_t descriptors;	/* that came with them */
	uint64_t refused;	/* those that could not be passed on */
	int64_t blocked;	/* nanoseconds that it waited for its reader */
};

struct stats {
	struct stats_totals to_command;
	struct stats_totals from_command;
	int64_t duration;	/* nanoseconds from the start on */
	bool messages;		/* a piece is a message; else a read */
};

#define STATS_TEXT_MAX 256	/* bytes, more than a line can have */

/* Count one more piece of size bytes. */
void stats_count(struct stats_totals *totals, size_t size);

/*
 * Write bytes into text for people: "68 B", "1.5 MiB"; in powers of 1024, as
 * the SIZE of an option is.
 */
void stats_format_bytes(uint64_t bytes, char text[16]);

/*
 * Write one line without its newline about totals, one of the two in stats,
 * into text: bytes for people and to the byte, messages and the largest if they
 * are messages, what was not delivered, seconds, rate, and how long it was
 * blocked by its reader.  name begins the line: "standard input", say.
 */
void stats_format_totals(const struct stats *stats,
    const struct stats_totals *totals, const char *name,
    char text[STATS_TEXT_MAX]);

#endif
