/* SPDX-License-Identifier: MIT */
/* The kinds of events: each has its name, which traces have in common. */
#include "config.h"

#include "trace/event.h"
#include "tap.h"

/* As the manual has them, in the order of the kinds. */
static const char *const names[] = {
	"start", "data", "message", "fds", "eof", "shutdown", "reset", "gone",
	"signal", "timeout", "undelivered", "exit",
};

int
main(void)
{
	enum trace_kind kind;
	char title[80];

	is_int(TRACE_EXIT + 1, sizeof(names) / sizeof(names[0]),
	    "every kind is known here");
	for (kind = TRACE_START; kind <= TRACE_EXIT; kind++) {
		snprintf(title, sizeof(title), "a kind is called '%s'",
		    names[kind]);
		is_str(trace_kind_name(kind), names[kind], title);
	}
	return done_testing();
}
