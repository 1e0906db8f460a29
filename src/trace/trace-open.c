/* SPDX-License-Identifier: MIT */
/* Opens the files of a trace. */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/nowait.h"
#include "base/parse.h"
#include "trace/trace.h"

/* Add a sink; on failure fd stays open. */
static int
add_sink(struct trace *trace, int fd, bool own, const char *name,
    const struct sink_options *options)
{
	struct sink *sinks;

	sinks = realloc(trace->sinks, (trace->count + 1) * sizeof(*sinks));
	if (sinks == NULL)
		return -1;
	trace->sinks = sinks;
	if (sink_open(&sinks[trace->count], fd, own, name, options,
	    trace->run) == -1)
		return -1;
	trace->count++;
	trace_note_sinks(trace);
	return 0;
}

/* Whether a large write to fd may be cut in two, unlike one to a file. */
static bool
may_cut(int fd)
{
	struct stat status;

	return fstat(fd, &status) == -1 || !S_ISREG(status.st_mode);
}

int
trace_open_fd(struct trace *trace, int fd, const char *name,
    const struct sink_options *options)
{
	int copy = nowait_reopen(fd, O_WRONLY);
	bool own = copy != -1;

	if (!own)
		copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy == -1)
		return -1;
	if (add_sink(trace, copy, own, name, options) == -1) {
		fd_close(&copy);
		return -1;
	}
	trace->sinks[trace->count - 1].in_lines = may_cut(fd);
	return 0;
}

/*
 * Make fd non-blocking unless it is a regular file.  If it is a FIFO, open(2)
 * has waited for its reader already.
 */
static int
make_nonblocking(int fd)
{
	struct stat status;

	if (fstat(fd, &status) == -1)
		return -1;
	return S_ISREG(status.st_mode) ? 0 : fd_set_nonblocking(fd);
}

/* The number of the descriptor that path names, or -1 if it names a file. */
static int
named_descriptor(const char *path)
{
	static const char *const names[] = { "/dev/stdin", "/dev/stdout",
	    "/dev/stderr" };
	static const char *const directories[] = { "/dev/fd/",
	    "/proc/self/fd/" };
	uint64_t number;
	size_t size;
	int i;

	if (strcmp(path, "-") == 0)
		return STDOUT_FILENO;
	for (i = 0; i < 3; i++)
		if (strcmp(path, names[i]) == 0)
			return i;
	for (i = 0; i < 2; i++) {
		size = strlen(directories[i]);
		if (strncmp(path, directories[i], size) == 0 &&
		    parse_number(path + size, INT_MAX, &number) == 0)
			return (int)number;
	}
	return -1;
}

/*
 * Whether the program was started with fd, open for writing; false with errno
 * EBADF.  All descriptors that the program has opened itself are close-on-exec,
 * and so is the /dev/null in place of a closed standard output or error.
 */
static bool
is_inherited_output(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	if (flags != -1 && !(flags & FD_CLOEXEC) &&
	    (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY)
		return true;
	errno = EBADF;
	return false;
}

int
trace_open_inherited(struct trace *trace, int fd, const char *name,
    const struct sink_options *options)
{
	return is_inherited_output(fd) ?
	    trace_open_fd(trace, fd, name, options) : -1;
}

int
trace_open_file(struct trace *trace, const char *path,
    const struct sink_options *options)
{
	int flags = options->append ? O_APPEND : O_TRUNC;
	int fd = named_descriptor(path);

	if (fd != -1)
		return trace_open_inherited(trace, fd, path, options);
	do {
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY |
		    flags, 0600);
	} while (fd == -1 && errno == EINTR);
	if (fd == -1)
		return -1;
	if (make_nonblocking(fd) == 0 &&
	    add_sink(trace, fd, true, path, options) == 0)
		return 0;
	fd_close(&fd);
	return -1;
}
