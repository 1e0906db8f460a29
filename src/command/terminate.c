/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <signal.h>

#include "base/clock.h"
#include "command/terminate.h"

void
terminate_init(struct termination *termination)
{
	*termination = (struct termination){
		TERMINATE_NOT, DEADLINE_NEVER, 0, 0
	};
}

void
terminate_begin(struct termination *termination, int64_t delay, int64_t grace)
{
	if (termination->step != TERMINATE_NOT &&
	    termination->step != TERMINATE_TERM)
		return;
	termination->step = TERMINATE_TERM;
	termination->delay = delay;
	termination->grace = grace;
	termination->deadline = deadline_after(clock_now(), delay);
}

void
terminate_continue(struct termination *termination, const struct child *child,
    int64_t now)
{
	if (now < termination->deadline)
		return;
	if (termination->step == TERMINATE_TERM) {
		child_signal(child, SIGTERM);
		/* A stopped command cannot handle SIGTERM. */
		child_signal(child, SIGCONT);
		termination->step = TERMINATE_KILL;
		termination->deadline = deadline_after(now, termination->grace);
	} else {
		child_signal(child, SIGKILL);
		terminate_stop(termination);
	}
}

void
terminate_restart(struct termination *termination, int64_t now)
{
	if (termination->step == TERMINATE_TERM)
		termination->deadline = deadline_after(now, termination->delay);
	else if (termination->step == TERMINATE_KILL)
		termination->deadline = deadline_after(now, termination->grace);
}

void
terminate_stop(struct termination *termination)
{
	termination->step = TERMINATE_DONE;
	termination->deadline = DEADLINE_NEVER;
}
