/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/parse.h"

/*
 * Duplicate fd to the lowest free number that is not in list.  A duplicate on a
 * number in list is kept open until a number that is not in list is found.
 */
static int
duplicate_below(int fd, const struct fd_list *list)
{
	int moved;
	int result;

	moved = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (moved == -1 || !fd_list_has(list, moved))
		return moved;
	result = duplicate_below(fd, list);
	fd_close(&moved);
	return result;
}

int
fd_move_off(int *fd, const struct fd_list *list)
{
	int greatest = fd_list_greatest(list);
	int moved = -1;

	if (!fd_list_has(list, *fd))
		return 0;
	if (greatest < INT_MAX)
		moved = fcntl(*fd, F_DUPFD_CLOEXEC, greatest + 1);
	if (moved == -1)
		moved = duplicate_below(*fd, list);
	if (moved == -1)
		return -1;
	fd_close(fd);
	*fd = moved;
	return 0;
}

void
fd_close(int *fd)
{
	int saved_errno = errno;

	if (*fd != -1)
		close(*fd);
	*fd = -1;
	errno = saved_errno;
}

/*
 * Occupy the lowest free number.  A small system may have no /dev/null, but it
 * has a root directory.
 */
static void
hold_number(void)
{
	if (open("/dev/null", O_RDWR | O_CLOEXEC) == -1)
		(void)!open("/", O_RDONLY | O_CLOEXEC);
}

int
fd_give_up(int fd)
{
	int result = close(fd);
	int error = errno;

	hold_number();
	errno = error;
	return result == -1 && error != EINTR ? -1 : 0;
}

int
fd_set_nonblocking(int fd)
{
	int on = 1;

	/* F_SETFL would need a second call, F_GETFL, to keep other flags. */
	return ioctl(fd, FIONBIO, &on) == -1 ? -1 : 0;
}

void
fd_raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1 ||
	    limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

int
fd_socket_type(int fd)
{
	int type;
	socklen_t size = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 ? type :
	    -1;
}

bool
fd_is_unix_socket(int fd)
{
	struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
	socklen_t size = sizeof(address);

	return getsockname(fd, (struct sockaddr *)&address, &size) == 0 &&
	    address.ss_family == AF_UNIX;
}

/* Close fd if it was inherited: the descriptors we open are close-on-exec. */
static void
close_if_inherited(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	if (flags != -1 && !(flags & FD_CLOEXEC))
		close(fd);
}

static void
close_listed(void)
{
	DIR *directory = opendir("/dev/fd");
	struct dirent *entry;
	uint64_t number;

	if (directory == NULL)
		return;
	while ((entry = readdir(directory)) != NULL)
		if (parse_number(entry->d_name, INT_MAX, &number) == 0 &&
		    number > STDERR_FILENO)
			close_if_inherited((int)number);
	closedir(directory);
}

/* Returns 0, or -1: the system has no such call, or refuses it. */
static int
close_above(int fd)
{
#ifdef HAVE_CLOSE_RANGE
	return close_range((unsigned int)fd + 1, UINT_MAX, 0);
#else
	(void)fd;
	return -1;
#endif
}

void
fd_close_inherited(const int *ours, size_t count)
{
	int greatest = STDERR_FILENO;
	size_t i;
	int fd;

	for (i = 0; i < count; i++)
		if (ours[i] > greatest)
			greatest = ours[i];
	if (close_above(greatest) == -1) {
		close_listed();
		return;
	}
	for (fd = STDERR_FILENO + 1; fd < greatest; fd++)
		close_if_inherited(fd);
}
