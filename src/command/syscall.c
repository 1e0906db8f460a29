/* SPDX-License-Identifier: MIT */
#include "config.h"

#ifdef LINUX_EXTRAS
#include <sys/syscall.h>
#endif

#include <stddef.h>

#include "command/syscall.h"

/* The system calls that processes sleep in most. */
static const struct {
	long number;
	enum doing doing;
} calls[] = {
#ifdef LINUX_EXTRAS
	{ SYS_read, DOING_READ },
	{ SYS_readv, DOING_READ },
#ifdef SYS_recvfrom
	{ SYS_recvfrom, DOING_READ },
#endif
#ifdef SYS_recvmsg
	{ SYS_recvmsg, DOING_READ },
#endif
#ifdef SYS_recvmmsg
	{ SYS_recvmmsg, DOING_READ },
#endif
#ifdef SYS_recvmmsg_time64
	{ SYS_recvmmsg_time64, DOING_READ },
#endif
	{ SYS_write, DOING_WRITE },
	{ SYS_writev, DOING_WRITE },
#ifdef SYS_sendto
	{ SYS_sendto, DOING_WRITE },
#endif
#ifdef SYS_sendmsg
	{ SYS_sendmsg, DOING_WRITE },
#endif
#ifdef SYS_sendmmsg
	{ SYS_sendmmsg, DOING_WRITE },
#endif
#ifdef SYS_sendfile
	{ SYS_sendfile, DOING_WRITE },
#endif
#ifdef SYS_sendfile64
	{ SYS_sendfile64, DOING_WRITE },
#endif
#ifdef SYS_poll
	{ SYS_poll, DOING_POLL },
#endif
#ifdef SYS_ppoll
	{ SYS_ppoll, DOING_POLL },
#endif
#ifdef SYS_ppoll_time64
	{ SYS_ppoll_time64, DOING_POLL },
#endif
#ifdef SYS_select
	{ SYS_select, DOING_POLL },
#endif
#ifdef SYS__newselect
	{ SYS__newselect, DOING_POLL },
#endif
#ifdef SYS_pselect6
	{ SYS_pselect6, DOING_POLL },
#endif
#ifdef SYS_pselect6_time64
	{ SYS_pselect6_time64, DOING_POLL },
#endif
#ifdef SYS_epoll_wait
	{ SYS_epoll_wait, DOING_POLL },
#endif
#ifdef SYS_epoll_pwait
	{ SYS_epoll_pwait, DOING_POLL },
#endif
#ifdef SYS_epoll_pwait2
	{ SYS_epoll_pwait2, DOING_POLL },
#endif
#ifdef SYS_wait4
	{ SYS_wait4, DOING_WAIT },
#endif
	{ SYS_waitid, DOING_WAIT },
#ifdef SYS_waitpid
	{ SYS_waitpid, DOING_WAIT },
#endif
#ifdef SYS_pause
	{ SYS_pause, DOING_SLEEP },
#endif
#ifdef SYS_nanosleep
	{ SYS_nanosleep, DOING_SLEEP },
#endif
#ifdef SYS_clock_nanosleep
	{ SYS_clock_nanosleep, DOING_SLEEP },
#endif
#ifdef SYS_clock_nanosleep_time64
	{ SYS_clock_nanosleep_time64, DOING_SLEEP },
#endif
	{ SYS_rt_sigsuspend, DOING_SLEEP },
#endif
	{ -1, DOING_OTHER },	/* the end */
};

enum doing
syscall_doing(const struct system_call *call)
{
	size_t i = 0;

	while (calls[i].doing != DOING_OTHER &&
	    (calls[i].number != call->number || call->is_foreign))
		i++;
	return calls[i].doing;
}
