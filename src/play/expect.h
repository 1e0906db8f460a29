/* SPDX-License-Identifier: MIT */
/* Reads from the link what the other side says, and compares it. */
#ifndef EXPECT_H
#define EXPECT_H

#include "plan/decoder.h"
#include "play/compare.h"
#include "play/link.h"

struct expect {
	struct link *link;	/* borrowed */
	struct compare compare;
	char *buffer;		/* owned: for a stream */
	size_t room;
	size_t held;		/* bytes in buffer, of an incomplete message */
	bool is_wire;		/* messages in a stream, found by decoder */
	struct decoder decoder;
	bool has_ended;		/* the other side says no more */
};

/*
 * The size in bytes of the largest message of speaker that is compared byte by
 * byte.  Of a larger one only the size is shown, because it differs anyway.
 */
size_t expect_largest(const struct record *record, enum speaker speaker);

/*
 * Begin before the first thing that speaker, the other side, says.  name is
 * what printed messages call that side.  All pointers are borrowed until
 * expect_free(), which the caller calls in both cases.
 * Returns 0, or -1 with errno ENOMEM.
 */
int expect_init(struct expect *expect, struct link *link,
    const struct record *record, const struct ignore *ignore,
    enum speaker speaker, const char *name);

/*
 * Read what has come, some of it at a time, and compare it.  After a difference
 * (expect->compare.difference.is_found) what comes is dropped.
 *
 * IO_MOVED	something has come
 * IO_AGAIN	nothing is there
 * IO_END	the other side has said all; has_ended is set
 * IO_FAILED	errno is set
 */
enum io expect_next(struct expect *expect);

/*
 * The other side cannot say more: compare its end with the record.
 * Returns IO_END, or IO_FAILED with errno ENOMEM.
 */
enum io expect_end(struct expect *expect);

void expect_free(struct expect *expect);

#endif
