/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "trace/event.h"

const char *
trace_kind_name(enum trace_kind kind)
{
	static const char *const names[] = {
		[TRACE_START] = "start",
		[TRACE_DATA] = "data",
		[TRACE_MESSAGE] = "message",
		[TRACE_FDS] = "fds",
		[TRACE_EOF] = "eof",
		[TRACE_SHUTDOWN] = "shutdown",
		[TRACE_RESET] = "reset",
		[TRACE_GONE] = "gone",
		[TRACE_SIGNAL] = "signal",
		[TRACE_TIMEOUT] = "timeout",
		[TRACE_UNDELIVERED] = "undelivered",
		[TRACE_EXIT] = "exit",
	};

	return names[kind];
}
