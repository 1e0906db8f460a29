/* SPDX-License-Identifier: MIT */
/* Pieces: when they are a stream, and when it pays to let them gather. */
#include "config.h"

#include "transfer/coalesce.h"
#include "tap.h"

#define MICROSECOND INT64_C(1000)

static struct coalesce coalesce;
static uint64_t to_command, from_command;
static int64_t now;

static void
begin(void)
{
	coalesce = (struct coalesce){ .to_command = 0 };
	to_command = from_command = 0;
	now = INT64_C(7000000000);
}

/* So many looks, with so much more moved before each; what the last one said. */
static bool
look(int times, uint64_t more_to, uint64_t more_from)
{
	bool result = false;
	int i;

	for (i = 0; i < times; i++) {
		to_command += more_to;
		from_command += more_from;
		result = coalesce_is_stream(&coalesce, to_command,
		    from_command);
	}
	return result;
}

static void
test_stream(void)
{
	bool any = false;
	int i;

	begin();
	ok(!look(15, 2, 0) && look(1, 2, 0), "some pieces one way are a stream");
	ok(!look(1, 0, 0) && look(1, 2, 0),
	    "nothing at all is no piece, and ends none");
	begin();
	ok(!look(16, 0, 200000) && look(1, 0, 200000), "the other way as well");
	begin();
	ok(!look(15, 2, 2) && look(1, 2, 2), "and both at once");
	ok(look(50, 2, 2) && look(1, 2, 0) && look(1, 0, 2),
	    "a turn does not end a long one");
	begin();
	for (i = 0; i < 1000; i++) {
		any = look(1, 2, 0) || any;
		any = look(1, 0, 2) || any;
	}
	ok(!any, "question and answer are none");
	begin();
	for (i = 0; i < 1000; i++) {
		any = look(1, 2, 0) || any;
		any = look(2, 0, 2) || any;
	}
	ok(!any, "nor if the answer is two pieces");
	begin();
	ok(look(100, 2, 0), "a stream");
	for (i = 0; i < 20; i++) {
		any = look(1, 0, 2);
		any = look(1, 2, 0) || any;
	}
	ok(!any, "that becomes a talk is none any more");
}

/* What a piece is like: its size, and how long it takes to come. */
struct piece {
	uint64_t size;
	int64_t time;
};

/*
 * So many pieces, as they are and as they are if others run before; returns how
 * many of a hundred were of the second kind.
 */
static int
stream(int count, struct piece plain, struct piece gathered)
{
	const struct piece *piece = &plain;
	int waited = 0;
	int i;

	for (i = 0; i < count; i++) {
		to_command += piece->size;
		now += piece->time;
		piece = &plain;
		if (coalesce_is_stream(&coalesce, to_command, from_command) &&
		    coalesce_pays(&coalesce, now)) {
			piece = &gathered;
			waited++;
		}
	}
	return waited * 100 / count;
}

static void
test_pay(void)
{
	const struct piece small = { 20, 5 * MICROSECOND };
	const struct piece more = { 2000, 50 * MICROSECOND };
	const struct piece bulk = { 200000, 60 * MICROSECOND };
	const struct piece late = { 200000, 3000 * MICROSECOND };
	const struct piece line = { 20, 1000 * MICROSECOND };
	int64_t alone;

	begin();
	(void)stream(2000, small, more);
	ok(stream(10000, small, more) > 90, "what grows by it is let gather");
	(void)stream(20000, bulk, late);
	is_int(stream(20000, bulk, late), 0, "until that costs more");
	(void)stream(20000, small, more);
	ok(stream(10000, small, more) > 90, "and again when it does not");
	begin();
	alone = 20000 * bulk.time;
	(void)stream(20000, bulk, late);
	ok(now - INT64_C(7000000000) < alone + alone / 20,
	    "to find out takes less than a twentieth of the time");
	begin();
	ok(stream(20000, bulk, bulk) < 10, "what gains nothing is not let gather");
	begin();
	is_int(stream(20000, line, more), 0, "nor is what pauses in between");
}

int
main(void)
{
	test_stream();
	test_pay();
	return done_testing();
}
