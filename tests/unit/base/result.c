/* SPDX-License-Identifier: MIT */
/* What an errno means: try again, do without, wait a little, or none. */
#include "config.h"

#include <time.h>

#include "base/result.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* How each error is judged; wait: of a small message, and of a large one. */
static const struct {
	int error;
	const char *name;
	bool temporary;
	bool refusal;
	bool wait_small;
	bool wait_large;
} rows[] = {
	{ 0, "no error", false, false, false, false },
	{ EAGAIN, "EAGAIN", true, false, false, false },
	{ EWOULDBLOCK, "EWOULDBLOCK", true, false, false, false },
	{ EINTR, "EINTR", true, false, false, false },
	{ EOPNOTSUPP, "EOPNOTSUPP", false, true, false, false },
	{ ENOSYS, "ENOSYS", false, true, false, false },
	{ EINVAL, "EINVAL", false, true, false, false },
	{ EPERM, "EPERM", false, true, false, false },
	{ ENOBUFS, "ENOBUFS", false, false, true, false },
	{ ETOOMANYREFS, "ETOOMANYREFS", false, false, true, true },
	{ EACCES, "EACCES", false, false, false, false },
	{ EBADF, "EBADF", false, false, false, false },
	{ ECONNREFUSED, "ECONNREFUSED", false, false, false, false },
	{ ECONNRESET, "ECONNRESET", false, false, false, false },
	{ EIO, "EIO", false, false, false, false },
	{ EMSGSIZE, "EMSGSIZE", false, false, false, false },
	{ ENOMEM, "ENOMEM", false, false, false, false },
	{ ENOSPC, "ENOSPC", false, false, false, false },
	{ EPIPE, "EPIPE", false, false, false, false },
};

static const char *
title(const char *error, const char *what, bool is)
{
	static char text[100];

	snprintf(text, sizeof(text), "%s %s %s", error, is ? "is" : "is not",
	    what);
	return text;
}

static void
test_kinds(void)
{
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		ok(io_is_temporary(rows[i].error) == rows[i].temporary,
		    title(rows[i].name, "\"not now\"", rows[i].temporary));
		ok(io_is_refusal(rows[i].error) == rows[i].refusal,
		    title(rows[i].name, "a call that is not to be had",
		    rows[i].refusal));
		ok(io_wait_for(rows[i].error, 65535) == rows[i].wait_small,
		    title(rows[i].name, "waited for with a small message",
		    rows[i].wait_small));
		ok(io_wait_for(rows[i].error, 65536) == rows[i].wait_large,
		    title(rows[i].name, "waited for with a large one",
		    rows[i].wait_large));
	}
}

/* Whether a millisecond has passed, as true says. */
static void
test_pause(void)
{
	struct timespec before, now;

	clock_gettime(CLOCK_MONOTONIC, &before);
	ok(io_wait_for(ENOBUFS, 0), "an empty message is waited for");
	clock_gettime(CLOCK_MONOTONIC, &now);
	ok((now.tv_sec - before.tv_sec) * 1000000000LL + now.tv_nsec -
	    before.tv_nsec >= 1000000, "a wait lasts a millisecond at least");
}

int
main(void)
{
	test_kinds();
	test_pause();
	return done_testing();
}
