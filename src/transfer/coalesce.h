/* SPDX-License-Identifier: MIT */
/*
 * Whether to let pieces gather.  Who is woken by each write runs before the
 * next one is made, and pays a wake-up and a few system calls for it; who lets
 * the writer run first may get many at once.  But on a busy processor it may
 * be somebody else who runs.  So in a stream both are tried from time to time,
 * and what has moved more in its time is gone on with.
 *
 * A question and its answer, or now and then a line, are passed on at once.
 */
#ifndef COALESCE_H
#define COALESCE_H

#include <stdbool.h>
#include <stdint.h>

struct coalesce {
	uint64_t there;		/* what had moved when it was last asked */
	uint64_t back;
	bool was_back;		/* the way that the latest went */
	unsigned int stream;	/* pieces that speak for one */
	int64_t at;		/* time of the latest in a stream, and */
	uint64_t moved;		/* what had moved then, there and back */
	bool is_waiting;	/* what is done now: let others run, or not */
	bool is_trial;		/* as it is not what was better last time */
	unsigned int pieces;	/* in this window */
	int64_t begun;		/* time, and what had moved */
	uint64_t begun_moved;
	int64_t glance;		/* time: see is_bad_idea() */
	uint64_t rates[2];	/* of the last windows: not waiting, waiting */
	unsigned int hold;	/* windows between two trials */
	unsigned int left;	/* of them */
};

/*
 * Note what has moved there and back since the beginning.  True in a stream:
 * then coalesce_pays() is to be asked.
 */
bool coalesce_is_stream(struct coalesce *coalesce, uint64_t there,
    uint64_t back);

/* Whether to let others run before the next piece is taken; now is a time. */
bool coalesce_pays(struct coalesce *coalesce, int64_t now);

#endif
