/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "trace/fd-info.h"

static const char *
kind_of(int fd)
{
	struct stat status;

	if (fstat(fd, &status) == -1)
		return "unknown";
	if (S_ISSOCK(status.st_mode))
		return "socket";
	if (S_ISFIFO(status.st_mode))
		return "pipe";
	if (S_ISDIR(status.st_mode))
		return "directory";
	return S_ISREG(status.st_mode) ? "file" : "device";
}

/*
 * The mode of a socket is always both, so it is not given.  fstat(2) is not
 * used to recognise a socket: on a file whose server does not answer it would
 * wait for ever.
 */
static enum trace_mode
mode_of(int fd, const char *target)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || strncmp(target, "socket", 6) == 0)
		return TRACE_NO_MODE;
	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		return TRACE_READ;
	case O_WRONLY:
		return TRACE_WRITE;
	default:
		return TRACE_BOTH;
	}
}

/* As readlink(2) of the link of fd: returns its bytes, at most size, or -1. */
static ssize_t
read_link(int fd, char *text, size_t size)
{
#ifdef LINUX_EXTRAS
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return readlink(path, text, size);
#else
	(void)fd, (void)text, (void)size;
	return -1;
#endif
}

static void
find_text(int fd, char text[FD_INFO_MAX])
{
	static const char cut[] = "...";
	ssize_t size = read_link(fd, text, FD_INFO_MAX);

	if (size <= 0) {
		snprintf(text, FD_INFO_MAX, "%s", kind_of(fd));
	} else if (size == FD_INFO_MAX) {
		memcpy(text + FD_INFO_MAX - sizeof(cut), cut, sizeof(cut));
	} else {
		text[size] = '\0';
	}
}

void
fd_info_find(struct fd_info *fd_info, const int *numbers, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		find_text(numbers[i], fd_info->texts[i]);
		fd_info->fds[i] = (struct trace_fd){
			.number = numbers[i],
			.mode = mode_of(numbers[i], fd_info->texts[i]),
			.target = fd_info->texts[i],
		};
	}
}
