/* SPDX-License-Identifier: MIT */
/* The file that each descriptor refers to, for a trace. */
#ifndef FD_INFO_H
#define FD_INFO_H

#include <stddef.h>

#include "trace/event.h"

#define FD_INFO_MAX 256		/* bytes of a target; a longer path is cut */

/* Room for all descriptors that one message can carry. */
struct fd_info {
	struct trace_fd fds[TRACE_FDS_MAX];
	char texts[TRACE_FDS_MAX][FD_INFO_MAX];
};

/*
 * Fill in the first count of fd_info->fds (at most TRACE_FDS_MAX) for the
 * descriptors in numbers: the mode that each was opened with, and its target.
 * The target is the text of its link in /proc/self/fd, see proc(5); where there
 * are no such links, the kind of file.
 */
void fd_info_find(struct fd_info *fd_info, const int *numbers, size_t count);

#endif
