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
	uint64_t descriptors;	/* that came with the bytes */
	uint64_t refused;	/* descriptors that were not passed on */
	int64_t blocked;	/* nanoseconds that it waited for its reader */
};

struct stats {
	struct stats_totals to_command;
	struct stats_totals from_command;
	int64_t duration;	/* nanoseconds from the start on */
	bool messages;		/* a piece is a message; else a read */
};

#define STATS_TEXT_MAX 256	/* bytes; every line is shorter */

/* Count one more piece of size bytes. */
void stats_count(struct stats_totals *totals, size_t size);

/* Count a message of size bytes, but not its bytes. */
void stats_count_message(struct stats_totals *totals, size_t size);

/*
 * Write bytes into text in a unit for people, a power of 1024 as for the SIZE
 * of an option: "68 B", "1.5 MiB".
 */
void stats_format_bytes(uint64_t bytes, char text[16]);

/*
 * Write one line about totals, one of the two in stats, into text, without a
 * newline: name ("standard input"), the bytes in a unit for people and exactly,
 * for messages their number and the largest, the bytes not delivered, the
 * descriptors if there were any, the seconds, the rate, and the seconds for
 * which its reader blocked it.
 */
void stats_format_totals(const struct stats *stats,
    const struct stats_totals *totals, const char *name,
    char text[STATS_TEXT_MAX]);

#endif
