/* SPDX-License-Identifier: MIT */
/* Descriptors as numbers: moved off the chosen ones, and never leaked. */
#include "config.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <limits.h>

#include "base/fd.h"
#include "base/parse.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct fd_list
list_of(const char *text)
{
	struct fd_list list;

	need(parse_fd_list(text, &list) == 0, text);
	return list;
}

/* Put a close-on-exec descriptor of our own on number fd. */
static void
put(int fd)
{
	int opened = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (opened == fd)
		return;
	need(opened != -1 && dup3(opened, fd, O_CLOEXEC) == fd, "dup3");
	close(opened);
}

/*
 * A case, in a child with 0 to 2, fd and also, unless 0, open, under a limit
 * unless that is 0: where fd is afterwards; the error, if it stays.
 */
struct move {
	const char *list;
	int fd;
	int also;
	int limit;
	int want;
	int error;
	const char *name;
};

static int
move(void *argument)
{
	const struct move *row = argument;
	struct fd_list list = list_of(row->list);
	struct rlimit limit;
	int fd = row->fd;
	int count;
	int result;
	int other;

	for (other = 3; other < 1024; other++)
		close(other);
	for (other = 0; other < 3; other++)
		put(other);
	if (row->also != 0)
		put(row->also);
	put(fd);
	if (row->limit != 0) {
		limit.rlim_cur = limit.rlim_max = (rlim_t)row->limit;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	count = count_descriptors();
	errno = 0;
	result = fd_move_off(&fd, &list);
	if (result != (row->error == 0 ? 0 : -1))
		return 1;
	if (row->error != 0 && errno != row->error)
		return 2;
	if (fd != row->want)
		return 3;
	if (!(fcntl(fd, F_GETFD) & FD_CLOEXEC))
		return 4;
	if (fd != row->fd && fcntl(row->fd, F_GETFD) != -1)
		return 5;
	if (count_descriptors() != count)
		return 6;
	fd_list_free(&list);
	return 0;
}

static void
test_move(void)
{
	static const struct move rows[] = {
		{ "0,1", 5, 0, 0, 5, 0, "a number not chosen stays" },
		{ "5", 5, 0, 0, 6, 0, "a chosen one moves above" },
		{ "5,5", 5, 0, 0, 6, 0, "even if chosen twice" },
		{ "5,9,3", 5, 0, 0, 10, 0, "above all that are chosen" },
		{ "5,9,3", 5, 10, 0, 11, 0, "to a free number" },
		{ "7", 7, 0, 8, 3, 0,
		    "at the limit it moves to the lowest free number" },
		{ "7,3,4", 7, 0, 8, 5, 0, "that is not chosen itself" },
		{ "7,3,5", 7, 4, 8, 6, 0, "and is free" },
		{ "7,2147483647", 7, 0, 0, 3, 0,
		    "above the greatest number there is nothing" },
		{ "3,1000000", 3, 0, 100, 4, 0,
		    "a number past the limit may be in the list" },
		{ "3", 3, 0, 4, 3, EMFILE, "with no number left it stays" },
		{ "3,4,5,6", 4, 3, 7, 4, EMFILE,
		    "with only chosen numbers left it stays" },
	};
	struct move row;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		row = rows[i];
		if (row.limit != 0)
			passes_bare(move, &row, row.name);
		else
			is_int(run_child(move, &row), 0, row.name);
	}
}

static void
test_close(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int number = fd;

	errno = EXDEV;
	fd_close(&fd);
	ok(fd == -1 && errno == EXDEV && fcntl(number, F_GETFD) == -1,
	    "a closed descriptor is -1, and errno is kept");
	errno = EXDEV;
	fd_close(&fd);
	ok(fd == -1 && errno == EXDEV, "a second close does nothing");
	fd = number;
	fd_close(&fd);
	ok(fd == -1 && errno == EXDEV, "errno is kept if close(2) fails");
}

static void
test_nonblocking(void)
{
	int ends[2];

	need(pipe2(ends, O_CLOEXEC) == 0, "pipe2");
	fcntl(ends[1], F_SETFL, O_APPEND);
	is_int(fd_set_nonblocking(ends[1]), 0,
	    "a descriptor is made non-blocking");
	is_int(fcntl(ends[1], F_GETFL) & (O_NONBLOCK | O_APPEND),
	    O_NONBLOCK | O_APPEND, "and keeps its other flags");
	is_int(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0,
	    "the other end is left alone");
	close(ends[0]);
	close(ends[1]);
	errno = 0;
	ok(fd_set_nonblocking(ends[1]) == -1 && errno == EBADF,
	    "a closed one is EBADF");
}

static void
test_socket_type(void)
{
	int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };
	int ends[2];
	size_t i;

	for (i = 0; i < COUNT(types); i++) {
		need(socketpair(AF_UNIX, types[i] | SOCK_CLOEXEC, 0,
		    ends) == 0, "socketpair");
		is_int(fd_socket_type(ends[0]), types[i],
		    "a socket's type is found");
		close(ends[0]);
		close(ends[1]);
	}
	need(pipe2(ends, O_CLOEXEC) == 0, "pipe2");
	is_int(fd_socket_type(ends[0]), -1, "a pipe has no type");
	close(ends[0]);
	close(ends[1]);
}

static int
close_inherited(void *argument)
{
	int inherited = open("/dev/null", O_RDONLY);
	int lower = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int ours = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int next = fcntl(inherited, F_DUPFD, ours + 1);
	int far = fcntl(inherited, F_DUPFD, 900);

	(void)argument;
	ASK(inherited > 2 && lower < ours && next == ours + 1 && far >= 900);
	fcntl(0, F_SETFD, 0);
	fd_close_inherited((int[]){ -1, ours, lower, 0 }, 4);
	ASK(fcntl(inherited, F_GETFD) == -1 && fcntl(far, F_GETFD) == -1);
	ASK(fcntl(next, F_GETFD) == -1);
	ASK(fcntl(lower, F_GETFD) != -1 && fcntl(ours, F_GETFD) != -1);
	ASK(fcntl(0, F_GETFD) != -1 && fcntl(2, F_GETFD) != -1);
	close(lower);
	close(ours);
	ours = count_descriptors();
	fd_close_inherited((int[]){ -1 }, 1);
	ASK(count_descriptors() == ours);
	return 0;
}

int
main(void)
{
	test_move();
	test_close();
	test_nonblocking();
	test_socket_type();
	passes_bare(close_inherited, NULL,
	    "what was inherited is closed, but for 0 to 2 and what is ours");
	return done_testing();
}
