/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <signal.h>

#include "base/clock.h"
#include "command/terminate.h"

void
ending_init(struct ending *ending)
{
	*ending = (struct ending){ ENDING_NOT, DEADLINE_NEVER, 0, 0 };
}

void
ending_begin(struct ending *ending, int64_t delay, int64_t grace)
{
	if (ending->step != ENDING_NOT && ending->step != ENDING_TERM)
		return;
	ending->step = ENDING_TERM;
	ending->delay = delay;
	ending->grace = grace;
	ending->deadline = deadline_after(deadline_now(), delay);
}

void
ending_continue(struct ending *ending, const struct child *child, int64_t now)
{
	if (now < ending->deadline)
		return;
	if (ending->step == ENDING_TERM) {
		child_signal(child, SIGTERM);
		/* A stopped command could not hear it. */
		child_signal(child, SIGCONT);
		ending->step = ENDING_KILL;
		ending->deadline = deadline_after(now, ending->grace);
	} else {
		child_signal(child, SIGKILL);
		ending_stop(ending);
	}
}

void
ending_restart(struct ending *ending, int64_t now)
{
	if (ending->step == ENDING_TERM)
		ending->deadline = deadline_after(now, ending->delay);
	else if (ending->step == ENDING_KILL)
		ending->deadline = deadline_after(now, ending->grace);
}

void
ending_stop(struct ending *ending)
{
	ending->step = ENDING_DONE;
	ending->deadline = DEADLINE_NEVER;
}
