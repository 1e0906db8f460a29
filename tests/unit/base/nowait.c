/* SPDX-License-Identifier: MIT */
/* Reads and writes of pipes and terminals that others share. */
#include "config.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>

#include "base/nowait.h"
#include "base/result.h"
#include "tap.h"

/* Put '\0' bytes into fd until it is full, without waiting. */
static void
fill(int fd)
{
	static char block[65536];

	while (nowait_is_ready(fd, POLLOUT))
		need(write(fd, block, PIPE_BUF) > 0, "write");
}

static void
test_pipe(void)
{
	static const char name[] = "an empty pipe is not waited for";
	const struct iovec iov[2] = {
		{ (char []){ 'a', 'b' }, 2 }, { (char []){ 'c' }, 1 }
	};
	char data[8];
	int ends[2];
	ssize_t got;

	need(pipe(ends) == 0, "pipe");
	got = nowait_read(ends[0], data, sizeof(data));
	if (got == -1 && io_is_refusal(errno)) {
		elsewhere(name, "no RWF_NOWAIT");
	} else {
		ok(got == -1 && errno == EAGAIN, name);
		ok(nowait_writev(ends[1], iov, 2) == 3 &&
		    nowait_read(ends[0], data, 8) == 3 &&
		    memcmp(data, "abc", 3) == 0,
		    "what several buffers hold is written and read");
		fill(ends[1]);
		ok(nowait_writev(ends[1], iov, 2) == -1 && errno == EAGAIN,
		    "a full pipe is not waited for");
	}
	close(ends[0]);
	ok(nowait_is_ready(ends[1], POLLOUT),
	    "a pipe without a reader is ready: a write fails at once");
	close(ends[1]);
}

static void
test_ready(void)
{
	int ends[2];

	need(pipe(ends) == 0, "pipe");
	ok(!nowait_is_ready(ends[0], POLLIN), "an empty pipe is not ready");
	ok(nowait_is_ready(ends[1], POLLOUT), "but has room");
	fill(ends[1]);
	ok(!nowait_is_ready(ends[1], POLLOUT), "a full pipe has none");
	ok(nowait_is_ready(ends[0], POLLIN), "but is ready to be read");
	close(ends[0]);
	close(ends[1]);
}

static void
test_room(void)
{
	int null = open("/dev/null", O_WRONLY);
	char path[] = "/tmp/sockpair-unit.XXXXXX";
	int file = mkstemp(path);
	int ends[2];

	need(null != -1 && file != -1 && pipe(ends) == 0,
	    "open");
	unlink(path);
	fill(ends[1]);
	ok(nowait_reports_room(ends[1]), "a pipe reports room, even if full");
	ok(nowait_reports_room(null), "a device does if it has some");
	ok(!nowait_reports_room(file), "a file always has room");
	close(null);
	close(file);
	close(ends[0]);
	close(ends[1]);
}

#ifdef LINUX_EXTRAS

/* Whether fd is opened again, with O_NONBLOCK on the new description alone. */
static bool
is_reopened(int fd, int mode)
{
	int again = nowait_reopen(fd, mode);
	bool is_apart;

	if (again == -1)
		return false;
	is_apart = fcntl(again, F_GETFL) & O_NONBLOCK &&
	    !(fcntl(fd, F_GETFL) & O_NONBLOCK) &&
	    fcntl(again, F_GETFD) & FD_CLOEXEC;
	close(again);
	return is_apart;
}

/* A leader of a session without a terminal opens this one again. */
static int
reopen_without_terminal(void *argument)
{
	const int *slave = argument;
	int again;

	ASK(setsid() != -1);
	again = nowait_reopen(*slave, O_RDONLY);
	ASK(again != -1);
	ASK(open("/dev/tty", O_RDWR) == -1);
	return 0;
}

#endif

static void
test_reopen(void)
{
	char path[] = "/tmp/sockpair-unit.XXXXXX";
	int master;
	int slave = open_pty(&master);
	int ends[2];
	int file = mkstemp(path);

	need(file != -1 && pipe(ends) == 0, "open");
	unlink(path);
	ok(nowait_reopen(file, O_WRONLY) == -1, "a file is not opened again");
#ifdef LINUX_EXTRAS
	if (access("/proc/self/fd", X_OK) == -1)
		skip("a pipe is opened again for us alone", "no /proc");
	else
		ok(is_reopened(ends[1], O_WRONLY) &&
		    is_reopened(ends[0], O_RDONLY),
		    "a pipe is opened again for us alone");
#endif
	if (slave == -1) {
		skip("a terminal is opened again", "no terminals");
	} else {
#ifdef LINUX_EXTRAS
		ok(is_reopened(slave, O_WRONLY),
		    "a terminal is opened again for us alone");
		is_int(run_child(reopen_without_terminal, &slave), 0,
		    "it does not become the terminal of our session");
#endif
		ok(nowait_reopen(master, O_WRONLY) == -1,
		    "the master of one is not");
		close(slave);
	}
	if (master != -1)
		close(master);
	close(file);
	close(ends[0]);
	close(ends[1]);
}

/* A terminal is filled, and the other side closed. */
static void
test_hangup(void)
{
	static const char name[] = "a full terminal whose other side is closed "
	    "is not ready";
	int master;
	int slave = open_full_pty(&master);

	if (slave == -1) {
		skip(name, "no terminals");
		return;
	}
	/* The master is the one whose full state outlives the other side. */
	close(slave);
	ok(!nowait_is_ready(master, POLLOUT), name);
	close(master);
}

int
main(void)
{
	int before = count_descriptors();

	signal(SIGPIPE, SIG_IGN);
	test_pipe();
	test_ready();
	test_room();
	test_reopen();
	test_hangup();
	is_int(count_descriptors(), before, "no descriptor leaks");
	return done_testing();
}
