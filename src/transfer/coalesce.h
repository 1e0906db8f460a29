/* SPDX-License-Identifier: MIT */
/*
 * Whether to yield the processor before a piece is read.  A reader that each
 * small write wakes pays a context switch and a few system calls for it.
 * If the writer may run first, it adds more, and one read brings it all.  But
 * on a busy processor a third process may run instead.  So in a stream both are
 * tried from time to time, and the one that moved more in its time is kept.
 *
 * A question and its answer, or a line now and then, are passed on at once.
 */
#ifndef COALESCE_H
#define COALESCE_H

#include <stdbool.h>
#include <stdint.h>

struct coalesce {
	uint64_t there;		/* what had moved each way when it was last */
	uint64_t back;		/* asked */
	bool was_back;		/* the direction of the last piece */
	unsigned int stream;	/* grows with pieces of a stream, to MOST */
	int64_t at;		/* time of the last piece in a stream, and */
	uint64_t moved;		/* what had moved both ways by then */
	bool is_yielding;	/* what is done now */
	bool is_trial;		/* and not what was better the last time */
	unsigned int pieces;	/* in this window */
	int64_t begun;		/* time when the window began, and */
	uint64_t begun_moved;	/* what had moved by then */
	int64_t glance;		/* time: see is_bad_idea() */
	uint64_t rates[2];	/* of the last windows, by is_yielding */
	unsigned int hold;	/* windows between two trials */
	unsigned int left;	/* of these, still to come */
};

/*
 * Note what has moved each way since the beginning.  True in a stream of
 * pieces: then coalesce_pays() is to be asked.
 */
bool coalesce_is_stream(struct coalesce *coalesce, uint64_t there,
    uint64_t back);

/* Whether to yield before the next piece is read; now is a time. */
bool coalesce_pays(struct coalesce *coalesce, int64_t now);

#endif
