/* SPDX-License-Identifier: MIT */
/* Files that are neither pipes nor sockets: what they are, what poll says. */
#include "config.h"

#ifdef __linux__

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/uio.h>

#include <stdint.h>
#include <termios.h>

#include "kernel.h"

static int
read_error(int fd)
{
	char byte;

	return error_of(read(fd, &byte, 1));
}

/* --- poll ----------------------------------------------------------------- */

static int
closed_is_invalid(void)
{
	int fd = open("/dev/null", O_RDONLY);

	ASK(fd != -1);
	ASK(poll_now(fd, 0) == 0);
	close(fd);
	ASK(poll_now(fd, 0) == POLLNVAL);
	return 0;
}

static int
path_is_invalid(void)
{
	int fd = open("/dev/null", O_PATH);

	ASK(fd != -1);
	ASK(poll_now(fd, 0) == POLLNVAL);
	ASK(fcntl(fd, F_GETFL) & O_PATH);
	ASK(read_error(fd) == EBADF);
	return 0;
}

static int
wrong_mode_ready(void)
{
	int fd = open("/dev/null", O_WRONLY);

	ASK(fd != -1);
	ASK(poll_now(fd, POLLIN) == POLLIN);
	ASK(read_error(fd) == EBADF);
	return 0;
}

static int
directory_ready(void)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY);

	ASK(fd != -1);
	ASK(poll_now(fd, POLLIN) == POLLIN);
	ASK(read_error(fd) == EISDIR);
	return 0;
}

static int
sysfs_always_error(void)
{
	static const char *const paths[] = {
		"/sys/kernel/uevent_seqnum", "/sys/power/state",
		"/sys/kernel/mm/transparent_hugepage/enabled",
	};
	size_t i;
	int fd = -1;

	for (i = 0; i < COUNT(paths) && fd == -1; i++)
		fd = open(paths[i], O_RDONLY);
	if (fd == -1)
		return unknown("no sysfs");
	ASK((poll_now(fd, POLLOUT) & POLLERR) == POLLERR);
	return 0;
}

static int
kmsg_without_room(void)
{
	int fd = open("/dev/kmsg", O_WRONLY);

	if (fd == -1)
		return unknown("/dev/kmsg cannot be opened");
	ASK(poll_now(fd, POLLOUT) == 0);
	return 0;
}

static int
timerfd_without_room(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);

	ASK(fd != -1);
	ASK(poll_now(fd, POLLOUT) == 0);
	return 0;
}

/* --- files without a type ------------------------------------------------- */

static bool
has_no_type(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && (status.st_mode & S_IFMT) == 0;
}

static int
no_type(void)
{
	uint64_t value;
	int events = eventfd(3, 0);
	int epoll = epoll_create1(0);

	ASK(has_no_type(events) && has_no_type(epoll));
	ASK(read(events, &value, sizeof(value)) == sizeof(value));
	ASK(value == 3);
	ASK(read_error(epoll) == EINVAL);
	return 0;
}

static int
epoll_unreadable(void)
{
	int epoll = epoll_create1(0);

	ASK(epoll != -1);
	/* poll does not report it, a read of no bytes does. */
	ASK(poll_now(epoll, POLLIN) == 0);
	ASK(error_of(read(epoll, NULL, 0)) == EINVAL);
	return 0;
}

/* --- terminals ------------------------------------------------------------ */

static int master;
static int slave;

/* False where there are no pseudo-terminals. */
static bool
open_terminal(void)
{
	slave = open_pty(&master);
	return slave != -1;
}

#define NO_TERMINALS "no pseudo-terminals"

static int
open_again(int fd)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDWR | O_NONBLOCK | O_NOCTTY);
}

static int
terminal_nowait_refused(void)
{
#if defined __GLIBC__ && defined RWF_NOWAIT
	char byte = 'x';
	struct iovec iov = { &byte, 1 };

	if (!open_terminal())
		return unknown(NO_TERMINALS);
	if (error_of(preadv2(slave, &iov, 1, -1, RWF_NOWAIT)) == ENOSYS)
		return unknown("no RWF_NOWAIT");
	ASK(error_of(preadv2(slave, &iov, 1, -1, RWF_NOWAIT)) == EOPNOTSUPP);
	ASK(error_of(pwritev2(slave, &iov, 1, -1, RWF_NOWAIT)) == EOPNOTSUPP);
	return 0;
#else
	return unknown("no RWF_NOWAIT");
#endif
}

static int
terminal_reopened(void)
{
	int again;

	if (!open_terminal())
		return unknown(NO_TERMINALS);
	again = open_again(slave);
	if (again == -1)
		return unknown("the terminal cannot be opened by its number");
	ASK((fcntl(slave, F_GETFL) & O_NONBLOCK) == 0);
	ASK(read_error(again) == EAGAIN);
	ASK(write(master, "x\n", 2) == 2);
	ASK(read_error(again) == 0);
	return 0;
}

static int
master_reopened(void)
{
	struct stat status;
	char name[100];
	int again;

	if (!open_terminal())
		return unknown(NO_TERMINALS);
	ASK(fstat(master, &status) == 0);
	ASK(major(status.st_rdev) == 5 && minor(status.st_rdev) == 2);
	again = open_again(master);
	if (again == -1)
		return unknown("the terminal cannot be opened by its number");
	snprintf(name, sizeof(name), "%s", ptsname(master));
	ASK(strcmp(name, ptsname(again)) != 0);
	return 0;
}

static int
terminal_line_shared(void)
{
	char text[20];
	int other;

	if (!open_terminal())
		return unknown(NO_TERMINALS);
	other = open(ptsname(master), O_RDWR | O_NOCTTY);
	ASK(other != -1);
	ASK(write(master, "secret\n", 7) == 7);
	ASK(read(slave, text, 1) == 1 && *text == 's');
	ASK(read(other, text, sizeof(text)) == 6);
	ASK(memcmp(text, "ecret\n", 6) == 0);
	return 0;
}

static int
terminal_hung_up(void)
{
	if (!open_terminal())
		return unknown(NO_TERMINALS);
	ASK((poll_now(slave, POLLOUT) & POLLHUP) == 0);
	close(master);
	ASK(poll_now(slave, 0) & POLLHUP);
	ASK(error_of(write(slave, "x", 1)) == EIO);
	return 0;
}

static void
time_is_up(int number)
{
	(void)number;
}

/*
 * Fill a terminal whose reader takes a little from time to time, size bytes of
 * byte at a time while poll(2) reports room.  True if no write waits.
 */
static bool
is_filled(int to, int from, char byte, size_t size)
{
	const struct sigaction action = { .sa_handler = time_is_up };
	char data[1000];
	int round;

	sigaction(SIGALRM, &action, NULL);
	for (round = 0; round < 200; round++) {
		memset(data, byte, sizeof(data));
		while (poll_now(to, POLLOUT) == POLLOUT) {
			alarm(10);
			if (write(to, data, size) != (ssize_t)size)
				return false;
			alarm(0);
		}
		if (read(from, data, (size_t)(1 + round * 7 % 700)) <= 0)
			return false;
	}
	return true;
}

static int
terminal_room(void)
{
	struct termios modes;

	if (!open_terminal())
		return unknown(NO_TERMINALS);
	/* The slave changes newlines, the master nothing. */
	ASK(is_filled(slave, master, 'x', 256));
	ASK(tcflush(slave, TCIOFLUSH) == 0);
	ASK(is_filled(slave, master, '\n', 1));
	ASK(tcgetattr(slave, &modes) == 0);
	cfmakeraw(&modes);
	ASK(tcsetattr(slave, TCSANOW, &modes) == 0);
	ASK(is_filled(master, slave, 'x', 256));
	return 0;
}

static struct fact facts[] = {
	FACT(closed_is_invalid, "poll says POLLNVAL of what is closed"),
	FACT(path_is_invalid,
	    "poll says POLLNVAL of what was opened with O_PATH"),
	FACT(wrong_mode_ready, "poll says that a file is ready which is not "
	    "open for that, and its use fails with EBADF"),
	FACT(directory_ready, "a directory is ready, and cannot be read"),
	FACT(sysfs_always_error, "a file of sysfs has POLLERR from the start"),
	FACT(kmsg_without_room, "poll reports no room in /dev/kmsg"),
	FACT(timerfd_without_room, "poll reports no room in a timerfd"),
	FACT(no_type, "an eventfd and an epoll descriptor have no type; the "
	    "one can be read, the other cannot"),
	FACT(epoll_unreadable, "poll does not report that an epoll descriptor "
	    "cannot be read, a read of no bytes does"),
	FACT(terminal_nowait_refused, "a terminal refuses RWF_NOWAIT"),
	FACT(terminal_reopened,
	    "a terminal that is opened once more has a flag of its own"),
	FACT(master_reopened, "a pseudo-terminal's master is device 5, 2; "
	    "opened once more it is another terminal"),
	FACT(terminal_room, "where poll reports room a terminal takes 256 "
	    "bytes, or a newline, without waiting"),
	FACT(terminal_line_shared,
	    "a line at a terminal goes in parts to all who read there"),
	FACT(terminal_hung_up,
	    "a terminal that has hung up gives POLLHUP, and a write EIO"),
};

int
main(void)
{
	return check_facts(facts, COUNT(facts));
}

#else
#include "not-linux.h"
#endif
