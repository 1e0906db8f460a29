/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>
#ifdef LINUX_EXTRAS
#include <sys/syscall.h>
#endif

#include <signal.h>

#include "base/clock.h"
#include "command/process.h"
#include "command/sigpipe.h"

#define INSPECT_PAUSE (SECOND / 2000)	/* time between two inspections */
#define INSPECT_FOR SECOND		/* time after which to give up */

#ifdef LINUX_EXTRAS

/*
 * Whether the system call number, with these first four arguments, is a write
 * to the child's end that raises SIGPIPE if nobody reads.  Comparing the
 * descriptor with the numbers in child->fds would not do: the command may have
 * put other files there, or duplicated its end to other numbers.
 */
static bool
is_signalled_write(const struct child *child, long number,
    const unsigned long arguments[4])
{
	unsigned long flags = 0;

	switch (number) {
	case SYS_write:
	case SYS_writev:
#ifdef SYS_sendfile
	case SYS_sendfile:
#endif
#ifdef SYS_sendfile64		/* where long has 32 bits */
	case SYS_sendfile64:
#endif
		break;
	case SYS_sendto:
		flags = arguments[3];
		break;
	case SYS_sendmsg:
		flags = arguments[2];
		break;
#ifdef SYS_sendmmsg
	case SYS_sendmmsg:
		flags = arguments[3];
		break;
#endif
#ifdef SYS_splice
	case SYS_splice:
		return child_has_end_at(child, (int)arguments[2]);
#endif
	default:
		return false;
	}
	return !(flags & MSG_NOSIGNAL) &&
	    child_has_end_at(child, (int)arguments[0]);
}

enum activity
sigpipe_inspect(const struct child *child)
{
	struct system_call call;

	if (child->reaped || !process_find_call(child->pid, &call))
		return ACTIVITY_OTHER;
	if (call.is_running)
		return ACTIVITY_RUNNING;
	return !call.is_foreign &&
	    is_signalled_write(child, call.number, call.arguments) ?
	    ACTIVITY_WRITING : ACTIVITY_OTHER;
}

#else

enum activity
sigpipe_inspect(const struct child *child)
{
	(void)child;
	return ACTIVITY_OTHER;
}

#endif

void
sigpipe_begin(struct sigpipe *sigpipe, int64_t now)
{
	sigpipe->inspect_at = now;
	sigpipe->give_up_at = deadline_after(now, INSPECT_FOR);
}

bool
sigpipe_send(struct sigpipe *sigpipe, const struct child *child, int64_t now)
{
	switch (sigpipe_inspect(child)) {
	case ACTIVITY_RUNNING:
		sigpipe->inspect_at = deadline_after(now, INSPECT_PAUSE);
		return now >= sigpipe->give_up_at;
	case ACTIVITY_WRITING:
		child_signal(child, SIGPIPE);
		return true;
	case ACTIVITY_OTHER:
		return true;
	}
	return true;
}
