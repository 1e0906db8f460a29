/* SPDX-License-Identifier: MIT */
/*
 * Whether to yield the processor before a piece is read.  A reader that
 * is woken by every small write pays a context switch and a few system calls
 * each time.  Yielding first lets the writer add more, which one read then
 * returns, unless a third process takes the processor.  So in a stream of
 * pieces both are tried from time to time, and the faster one is kept.
 *
 * Without a stream, as with a question and its answer or with a line now and
 * then, data is passed on at once.
 */
#ifndef COALESCE_H
#define COALESCE_H

#include <stdbool.h>
#include <stdint.h>

struct coalesce {
	uint64_t to_command;	/* totals that the last call of */
	uint64_t from_command;	/* coalesce_is_stream() passed */
	bool was_from_command;	/* the direction of the last piece */
	unsigned int stream;	/* grows with pieces of a stream, to MOST */
	int64_t at;		/* time of the last piece in a stream */
	uint64_t moved;		/* total of both directions at that time */
	bool is_yielding;	/* whether to yield in this window */
	bool is_trial;		/* this window tries the other choice */
	unsigned int pieces;	/* in this window */
	int64_t begun;		/* time when the window began */
	uint64_t begun_moved;	/* moved at that time */
	int64_t check_after;	/* nanoseconds: see yield_is_slower() */
	uint64_t rates[2];	/* of the last windows, by is_yielding */
	unsigned int hold;	/* windows between two trials */
	unsigned int left;	/* windows until the next trial */
};

/*
 * to_command and from_command are the totals, in bytes and messages, that have
 * moved in each direction.  True in a stream of pieces: the caller then calls
 * coalesce_pays().
 */
bool coalesce_is_stream(struct coalesce *coalesce, uint64_t to_command,
    uint64_t from_command);

/* Whether to yield before the next piece is read.  now is of clock.h. */
bool coalesce_pays(struct coalesce *coalesce, int64_t now);

#endif
