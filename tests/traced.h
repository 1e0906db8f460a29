/* SPDX-License-Identifier: MIT */
/* For unit tests of what is traced: a plan for a trace in text, read back. */
#ifndef TRACED_H
#define TRACED_H

#include "plan/plan.h"
#include "trace/monitor.h"
#include "tap.h"

static struct plan plan;
static struct monitor monitor;
static char path[40];		/* of the trace */

static inline void
make_plan(void)
{
	const char *command[] = { "cat", NULL };
	int fd;

	strcpy(path, "/tmp/sockpair-unit.XXXXXX");
	fd = mkstemp(path);
	need(fd != -1, "mkstemp");
	close(fd);
	need(plan_init(&plan) == 0 && plan_set_command(&plan, command) == 0 &&
	    plan_add_output(&plan, path) == 0, "plan");
	plan.time = TIME_NONE;
}

/* Put the trace, at most size - 1 bytes of it, into text, and remove it. */
static inline void
take_trace(char *text, size_t size)
{
	FILE *file = fopen(path, "r");

	need(file != NULL, path);
	text[fread(text, 1, size - 1, file)] = '\0';
	fclose(file);
	unlink(path);
}

/* Finish the trace, put it into text, and free all. */
static inline void
end_trace(char *text, size_t size)
{
	trace_finish(&monitor.trace);
	take_trace(text, size);
	monitor_free(&monitor);
	plan_free(&plan);
}

/* Whether the trace is this. */
static inline void
trace_is(const char *want, const char *name)
{
	char text[8192];

	end_trace(text, sizeof(text));
	is_str(text, want, name);
}

/* Whether it has this. */
static inline bool
trace_has(const char *want)
{
	static char text[300000];

	end_trace(text, sizeof(text));
	return strstr(text, want) != NULL;
}

#endif
