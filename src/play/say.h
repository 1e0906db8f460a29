/* SPDX-License-Identifier: MIT */
/* Says again what our side said in the record. */
#ifndef SAY_H
#define SAY_H

#include "play/link.h"
#include "play/record.h"

struct say {
	const struct record *record;	/* borrowed */
	struct link *link;		/* borrowed */
	enum speaker speaker;		/* our side */
	size_t next;		/* index of our next step, or record->count */
	size_t at;		/* bytes of it and its frame that were said */
};

/* Begin before the first thing that speaker says. */
void say_init(struct say *say, const struct record *record, struct link *link,
    enum speaker speaker);

/* Whether all has been said. */
bool say_is_done(const struct say *say);

/*
 * Say the next step, which is STEP_DATA or STEP_END, or as much of it as there
 * is room for.
 *
 * IO_MOVED	something was said; say->next and say->at show how far
 * IO_AGAIN	there is no room
 * IO_END	the other side reads no more: the step is left out, and the link
 *		is half-closed, so that later data is left out, too
 * IO_TOO_LARGE	there will never be room for a message; errno is set
 * IO_FAILED	errno is set
 */
enum io say_next(struct say *say);

/* Go on after the next step, which is of another kind: the caller did it. */
void say_end_step(struct say *say);

/* Drop the steps that are left. */
void say_leave_out(struct say *say);

/* Bytes of the next step, with its frame, that have not been said. */
size_t say_left(const struct say *say);

#endif
