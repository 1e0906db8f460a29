/* SPDX-License-Identifier: MIT */
/*
 * Compares what one side says with what it said in the record.  The pieces of a
 * stream are compared as a whole, however they arrive; messages one by one.
 */
#ifndef COMPARE_H
#define COMPARE_H

#include "play/difference.h"
#include "play/ignore.h"
#include "play/record.h"

enum compare_result {
	COMPARE_SAME,		/* all so far is as recorded */
	COMPARE_DIFFERS,	/* see compare->difference */
	COMPARE_FAILED,		/* there is no memory: errno is ENOMEM */
};

struct compare {
	const struct record *record;	/* borrowed */
	const struct ignore *ignore;	/* borrowed; it may be empty */
	enum speaker speaker;		/* the side that is compared */
	const char *name;	/* of the side, to print: "the command" */
	size_t next;		/* index of its next step, or record->count */
	size_t at;		/* bytes of that step that have agreed */
	uint64_t offset;	/* bytes of the stream that have agreed */
	uint64_t number;	/* of the next message or line, from 1 */
	bool takes_surplus;	/* after the last step, anything may come */
	bool failed;		/* see compare_has_come() */
	struct difference difference;
	struct line *line;	/* owned: with --ignore, see compare-lines.h */
};

/*
 * Begin before the first byte of what speaker says.
 * Returns 0, or -1 with errno ENOMEM.  The caller calls compare_free() in both
 * cases.
 */
int compare_init(struct compare *compare, const struct record *record,
    const struct ignore *ignore, enum speaker speaker, const char *name);

/* The side has said size bytes of a stream. */
enum compare_result compare_bytes(struct compare *compare, const char *data,
    size_t size);

/* The side has said a whole message of size bytes. */
enum compare_result compare_message(struct compare *compare, const char *data,
    size_t size);

/*
 * Instead of a message something else has come, which got describes: bytes that
 * are no message, or words.
 */
enum compare_result compare_stray(struct compare *compare,
    const struct difference_text *got);

/* The side says no more. */
enum compare_result compare_end(struct compare *compare);

/*
 * Whether all that the side said before step number index has come and agreed.
 * With --ignore, a line of which the beginning has come as recorded may still
 * turn out to differ.
 * False, with compare->failed set, if there is no memory to find out.
 */
bool compare_has_come(struct compare *compare, size_t index);

/* The same for all that the side said. */
bool compare_is_done(struct compare *compare);

/* What has not come yet of the side's steps before step number index. */
struct compare_missing {
	uint64_t count;		/* bytes of a stream, or messages; 0: the end */
	unsigned long line;	/* of the record, of the first of them */
};

struct compare_missing compare_missing(const struct compare *compare,
    size_t index);

/* Drop the steps that are left, and accept all that comes from now on. */
void compare_leave_out(struct compare *compare);

void compare_free(struct compare *compare);

#endif
