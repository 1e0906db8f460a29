/* SPDX-License-Identifier: MIT */
/* What file each descriptor refers to, for a trace. */
#ifndef FD_INFO_H
#define FD_INFO_H

#include <stddef.h>

#include "trace/event.h"

#define FD_INFO_MAX 256		/* bytes of one's text: a path longer is cut */

/* Room for all that one message can carry. */
struct fd_info {
	struct trace_fd fds[TRACE_FDS_MAX];
	char texts[TRACE_FDS_MAX][FD_INFO_MAX];
};

/*
 * Fill in fd_info->fds, count of them (at most TRACE_FDS_MAX), for the
 * descriptors numbers: the mode that each was opened with, and its target as
 * the links in /proc/self/fd have it, see proc(5); where there are none, what
 * kind of file it is.
 */
void fd_info_find(struct fd_info *fd_info, const int *numbers, size_t count);

#endif
