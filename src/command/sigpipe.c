/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>
#ifdef LINUX_EXTRAS
#include <sys/syscall.h>
#endif

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
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

/*
 * Read /proc/PID/syscall of child into text, with a NUL at its end.  It holds
 * "running", or the number of the system call that the process sleeps in and
 * its arguments in hexadecimal.  Only a process that may trace the child can
 * read it (proc(5)).  Returns whether it could be read.
 */
static bool
read_system_call(const struct child *child, char *text, size_t size)
{
	char path[40];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/syscall", (long)child->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return false;
	got = read(fd, text, size - 1);
	fd_close(&fd);
	text[got > 0 ? got : 0] = '\0';
	return got > 0;
}

enum activity
sigpipe_inspect(const struct child *child)
{
	char text[256];
	unsigned long arguments[4];
	long number;
	char *end;
	int i;

	if (child->reaped || !read_system_call(child, text, sizeof(text)))
		return ACTIVITY_OTHER;
	if (strncmp(text, "running", 7) == 0)
		return ACTIVITY_RUNNING;
	number = strtol(text, &end, 10);
	for (i = 0; i < 4; i++)
		arguments[i] = strtoul(end, &end, 16);
	return is_signalled_write(child, number, arguments) ?
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
