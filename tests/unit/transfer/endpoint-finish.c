/* SPDX-License-Identifier: MIT */
/* How an endpoint ends: told, given up, refused; and our own socket. */
#include "config.h"

#include <sys/stat.h>

#include <poll.h>

#include "transfer/endpoint.h"
#include "tap.h"

static struct ancillary none;	/* no descriptors come or go */

static bool
is_null(int fd)
{
	struct stat null, status;

	return stat("/dev/null", &null) == 0 && fstat(fd, &status) == 0 &&
	    S_ISCHR(status.st_mode) && status.st_rdev == null.st_rdev;
}

/* What a read that does not wait gives: 0 at the end of file, -1 for none. */
static ssize_t
look(int fd)
{
	struct pollfd slot = { .fd = fd, .events = POLLIN };
	char byte;

	return poll(&slot, 1, 0) == 1 ? read(fd, &byte, 1) : -1;
}

static void
make_pair(int ends[2])
{
	need(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0,
	    "socketpair");
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

/* --- closed on entry, or of the wrong mode ------------------------------ */

static int
is_left_alone(void *argument)
{
	struct endpoint endpoint;
	size_t moved;
	char byte;
	int ends[2];

	(void)argument;
	ASK(pipe(ends) == 0 && dup2(ends[0], 0) == 0 && dup2(ends[1], 1) == 1);
	ASK(write(1, "x", 1) == 1);
	endpoint_open_inherited(&endpoint, 0, ENDPOINT_READ, true, "input");
	ASK(endpoint_is_always_ready(&endpoint));
	ASK(endpoint_read(&endpoint, &byte, 1, &moved, &none) == IO_END);
	endpoint_refuse(&endpoint);
	endpoint_open_inherited(&endpoint, 1, ENDPOINT_WRITE, true, "output");
	ASK(endpoint_is_always_ready(&endpoint));
	ASK(endpoint_write(&endpoint, "y", 1, &moved, &none) == IO_FAILED);
	ASK(endpoint.error == EBADF && !endpoint_is_gone(&endpoint));
	ASK(endpoint_finish(&endpoint, false) == 0);
	ASK(endpoint_finish(&endpoint, true) == 0);
	/* What holds the numbers is as it was. */
	ASK(read(0, &byte, 1) == 1 && byte == 'x' && write(1, "z", 1) == 1);
	return 0;
}

static int
is_wrong(void *argument)
{
	struct endpoint endpoint;
	int ends[2];

	(void)argument;
	ASK(pipe(ends) == 0);
	endpoint_open_inherited(&endpoint, ends[1], ENDPOINT_READ, false, "");
	ASK(endpoint_is_always_ready(&endpoint));
	endpoint_open_inherited(&endpoint, ends[0], ENDPOINT_WRITE, false, "");
	ASK(endpoint_is_always_ready(&endpoint));
	endpoint_open_inherited(&endpoint, ends[0], ENDPOINT_READ, false, "");
	ASK(!endpoint_is_always_ready(&endpoint));
	endpoint_open_inherited(&endpoint, 999, ENDPOINT_READ, false, "");
	ASK(endpoint_is_always_ready(&endpoint));
	return 0;
}

/* --- given up ------------------------------------------------------------ */

static int
gives_up_output(void *argument)
{
	struct endpoint endpoint;
	int ends[2];
	int count;

	(void)argument;
	ASK(pipe(ends) == 0 && dup2(ends[1], 1) == 1);
	close(ends[1]);
	count = count_descriptors();
	endpoint_open_inherited(&endpoint, 1, ENDPOINT_WRITE, false, "output");
	ASK(look(ends[0]) == -1);
	ASK(endpoint_finish(&endpoint, false) == 0);
	ASK(look(ends[0]) == 0);
	ASK(is_null(1) && fcntl(1, F_GETFD) & FD_CLOEXEC);
	ASK(write(1, "x", 1) == 1);
	ASK(endpoint.fd == -1 && count_descriptors() == count);
	ASK(endpoint_finish(&endpoint, false) == 0 && is_null(1));
	return 0;
}

/* A FIFO, where what was opened in addition must be closed as well. */
static int
gives_up_fifo(void *argument)
{
	char directory[] = "/tmp/sockpair-unit.XXXXXX";
	char path[40];
	struct endpoint endpoint;
	size_t moved;
	int reader, count;

	(void)argument;
	ASK(mkdtemp(directory) != NULL);
	snprintf(path, sizeof(path), "%s/fifo", directory);
	ASK(mkfifo(path, 0600) == 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	close(1);
	ASK(open(path, O_WRONLY) == 1);
	unlink(path);
	rmdir(directory);
	count = count_descriptors();
	endpoint_open_inherited(&endpoint, 1, ENDPOINT_WRITE, false, "output");
	ASK(endpoint_write(&endpoint, "x", 1, &moved, &none) == IO_MOVED);
	ASK(endpoint_finish(&endpoint, false) == 0);
	ASK(look(reader) == 1 && look(reader) == 0);
	ASK(count_descriptors() == count);
	return 0;
}

static int
refuses_input(void *argument)
{
	struct endpoint endpoint;
	int ends[2];

	(void)argument;
	signal(SIGPIPE, SIG_IGN);
	ASK(pipe(ends) == 0 && dup2(ends[0], 0) == 0);
	close(ends[0]);
	endpoint_open_inherited(&endpoint, 0, ENDPOINT_READ, false, "input");
	ASK(write(ends[1], "x", 1) == 1);
	endpoint_refuse(&endpoint);
	ASK(write(ends[1], "x", 1) == -1 && errno == EPIPE);
	ASK(is_null(0) && look(0) == 0);
	endpoint_refuse(&endpoint);
	ASK(is_null(0));
	return 0;
}

/* An error of close(2): here, that somebody else has closed it. */
static int
tells_of_close(void *argument)
{
	struct endpoint endpoint;

	(void)argument;
	endpoint_open_inherited(&endpoint, 1, ENDPOINT_WRITE, false, "output");
	close(1);
	ASK(endpoint_finish(&endpoint, false) == -1 && errno == EBADF);
	ASK(is_null(1));
	return 0;
}

/* --- a socket that was inherited, and that its caller uses on ----------- */

/* A script's output: what the script says later comes through it, too. */
static int
leaves_socket(void *argument)
{
	struct endpoint endpoint;
	int ends[2];

	(void)argument;
	make_pair(ends);
	ASK(dup2(ends[0], 1) == 1);
	endpoint_open_inherited(&endpoint, 1, ENDPOINT_WRITE, false, "output");
	ASK(endpoint_finish(&endpoint, true) == 0);
	ASK(look(ends[1]) == -1 && is_null(1));
	return 0;
}

static int
finishes_socket(void *half_closed)
{
	struct endpoint endpoint;
	int ends[2];

	make_pair(ends);
	ASK(dup2(ends[0], 1) == 1);
	endpoint_open_inherited(&endpoint, 1, ENDPOINT_WRITE, false, "output");
	endpoint.is_input_too = true;
	ASK(endpoint_finish(&endpoint, *(bool *)half_closed) == 0);
	ASK(look(ends[1]) == (*(bool *)half_closed ? 0 : -1));
	ASK(is_null(1));
	/* The other direction is not ours. */
	ASK(write(ends[1], "x", 1) == 1 && look(ends[0]) == 1);
	return 0;
}

static int
refuses_socket(void *argument)
{
	struct endpoint endpoint;
	int ends[2];

	(void)argument;
	make_pair(ends);
	ASK(dup2(ends[0], 0) == 0);
	endpoint_open_inherited(&endpoint, 0, ENDPOINT_READ, false, "input");
	endpoint_refuse(&endpoint);
	ASK(is_null(0));
	ASK(write(ends[1], "x", 1) == 1 && look(ends[0]) == 1);
	return 0;
}

/* --- our own socket ------------------------------------------------------ */

static int
finishes_own(void *argument)
{
	struct endpoint endpoint;
	int ends[2];

	(void)argument;
	make_pair(ends);
	endpoint_open_socket(&endpoint, ends[0], ENDPOINT_WRITE, -1, "socket");
	ASK(!endpoint_is_always_ready(&endpoint));
	endpoint.no_shutdown = true;
	ASK(endpoint_finish(&endpoint, false) == 0);
	ASK(look(ends[1]) == -1);
	endpoint.no_shutdown = false;
	ASK(endpoint_finish(&endpoint, false) == 0);
	ASK(look(ends[1]) == 0);
	ASK(write(ends[1], "x", 1) == 1 && look(ends[0]) == 1);
	ASK(fcntl(ends[0], F_GETFD) != -1);
	close(ends[1]);
	ASK(endpoint_finish(&endpoint, false) == 0);
	close(ends[0]);
	ASK(endpoint_finish(&endpoint, false) == -1 && errno == EBADF);
	return 0;
}

static int
refuses_own(void *argument)
{
	struct endpoint endpoint;
	int ends[2];

	(void)argument;
	signal(SIGPIPE, SIG_IGN);
	make_pair(ends);
	endpoint_open_socket(&endpoint, ends[0], ENDPOINT_READ, -1, "socket");
	endpoint_refuse(&endpoint);
	ASK(write(ends[1], "x", 1) == -1 && errno == EPIPE);
	ASK(write(ends[0], "x", 1) == 1 && look(ends[1]) == 1);
	return 0;
}

static int
finishes_pipe(void *argument)
{
	struct endpoint endpoint;
	int ends[2];

	(void)argument;
	ASK(pipe(ends) == 0);
	endpoint_open_pipe(&endpoint, ends[1], ENDPOINT_WRITE, "pipe");
	ASK(!endpoint_is_always_ready(&endpoint));
	endpoint.no_shutdown = true;
	ASK(endpoint_finish(&endpoint, false) == 0);
	ASK(endpoint.fd == ends[1] && look(ends[0]) == -1);
	endpoint.no_shutdown = false;
	ASK(endpoint_finish(&endpoint, false) == 0);
	ASK(endpoint.fd == -1 && look(ends[0]) == 0);
	ASK(fcntl(ends[1], F_GETFD) == -1);
	ASK(endpoint_finish(&endpoint, false) == 0);
	endpoint_close(&endpoint);
	return 0;
}

static int
refuses_pipe(void *argument)
{
	struct endpoint endpoint;
	int ends[2];

	(void)argument;
	signal(SIGPIPE, SIG_IGN);
	ASK(pipe(ends) == 0);
	endpoint_open_pipe(&endpoint, ends[0], ENDPOINT_READ, "pipe");
	ASK(write(ends[1], "lost", 4) == 4);
	ASK(endpoint_refuse(&endpoint) == 4 && endpoint.fd == -1);
	ASK(write(ends[1], "x", 1) == -1 && errno == EPIPE);
	ASK(endpoint_refuse(&endpoint) == 0);
	return 0;
}

/* endpoint_close() is for our own pipes only. */
static int
closes_pipe(void *argument)
{
	struct endpoint endpoint;
	int ends[2];

	(void)argument;
	ASK(pipe(ends) == 0);
	endpoint_open_inherited(&endpoint, ends[0], ENDPOINT_READ, false, "in");
	endpoint_close(&endpoint);
	ASK(fcntl(ends[0], F_GETFD) != -1);
	endpoint_open_pipe(&endpoint, ends[0], ENDPOINT_READ, "pipe");
	endpoint_close(&endpoint);
	ASK(fcntl(ends[0], F_GETFD) == -1 && endpoint.fd == -1);
	return 0;
}

static int
hangs_up(void *argument)
{
	struct endpoint endpoint;
	int ends[2];
	int held;

	(void)argument;
	make_pair(ends);
	endpoint_open_socket(&endpoint, ends[0], ENDPOINT_READ, -1, "socket");
	ASK(!endpoint_is_hung_up(&endpoint));
	ASK(write(ends[1], "x", 1) == 1);
	ASK(!endpoint_is_hung_up(&endpoint));
	shutdown(ends[1], SHUT_WR);
	ASK(!endpoint_is_hung_up(&endpoint));
	held = dup(ends[1]);
	close(ends[1]);
	ASK(!endpoint_is_hung_up(&endpoint));
	close(held);
	ASK(endpoint_is_hung_up(&endpoint));
	return 0;
}

/* The other end leaves bytes of ours unread: a reset, behind its own. */
static int
reads_past_reset(void *argument)
{
	struct endpoint endpoint;
	char data[8];
	size_t moved;
	int ends[2];

	(void)argument;
	make_pair(ends);
	ASK(write(ends[0], "unread", 6) == 6 && write(ends[1], "last", 4) == 4);
	close(ends[1]);
	endpoint_open_socket(&endpoint, ends[0], ENDPOINT_READ, -1, "socket");
	ASK(endpoint_read(&endpoint, data, 8, &moved, &none) == IO_MOVED);
	ASK(moved == 4 && memcmp(data, "last", 4) == 0);
	ASK(endpoint_read(&endpoint, data, 8, &moved, &none) == IO_END);
	return 0;
}

/* Open an inherited socket that has been reset, and read from it. */
static enum io
read_inherited(struct endpoint *endpoint, bool is_unix)
{
	char data[8];
	size_t moved;
	int ends[2];

	make_pair(ends);
	need(write(ends[0], "unread", 6) == 6, "write");
	close(ends[1]);
	endpoint_open_inherited(endpoint, ends[0], ENDPOINT_READ, false, "");
	endpoint->is_unix = is_unix;
	return endpoint_read(endpoint, data, 8, &moved, &none);
}

static int
ends_by_reset(void *argument)
{
	struct endpoint endpoint;

	(void)argument;
	ASK(read_inherited(&endpoint, true) == IO_END);
	ASK(!endpoint.was_reset);
	return 0;
}

/* A TCP connection may have lost data. */
static int
tells_of_reset(void *argument)
{
	struct endpoint endpoint;

	(void)argument;
	ASK(read_inherited(&endpoint, false) == IO_FAILED);
	ASK(endpoint.error == ECONNRESET);
	return 0;
}

static int
writes_to_nobody(void *argument)
{
	struct endpoint endpoint;
	size_t moved;
	int ends[2];

	(void)argument;
	make_pair(ends);
	endpoint_open_socket(&endpoint, ends[0], ENDPOINT_WRITE, -1, "socket");
	ASK(endpoint_write(&endpoint, "x", 1, &moved, &none) == IO_MOVED);
	close(ends[1]);
	/* SIGPIPE is at its default here: it must not be sent. */
	ASK(endpoint_write(&endpoint, "x", 1, &moved, &none) == IO_FAILED);
	ASK(endpoint_is_gone(&endpoint));
	ASK(endpoint_write(&endpoint, "x", 1, &moved, &none) == IO_FAILED);
	ASK(endpoint_is_gone(&endpoint));
	return 0;
}

#ifdef F_SETPIPE_SZ
/* A pipe that was made larger is as before for those who go on using it. */
static int
restores_pipe(void *argument)
{
	struct endpoint endpoint;
	int ends[2];
	int before;

	(void)argument;
	ASK(pipe(ends) == 0 && dup2(ends[1], 1) == 1);
	close(ends[1]);
	before = fcntl(ends[0], F_GETPIPE_SZ);
	endpoint_open_inherited(&endpoint, 1, ENDPOINT_WRITE, false, "output");
	endpoint_enlarge_pipe(&endpoint, 2 * before);
	if (fcntl(ends[0], F_GETPIPE_SZ) == before)
		return 77;
	ASK(fcntl(ends[0], F_GETPIPE_SZ) == 2 * before);
	ASK(endpoint_finish(&endpoint, false) == 0);
	ASK(fcntl(ends[0], F_GETPIPE_SZ) == before);
	return 0;
}
#endif

int
main(void)
{
	static const struct {
		int (*function)(void *);
		const char *name;
	} rows[] = {
		{ is_left_alone, "what was closed on entry is never touched" },
		{ is_wrong, "a wrong mode needs no poll(2), a right one does" },
		{ gives_up_output, "a finished output is /dev/null" },
		{ gives_up_fifo, "the reader of a FIFO hears of its end" },
		{ refuses_input, "a refused input is /dev/null, its writer "
		    "hears of it" },
		{ tells_of_close, "an error of close is told" },
		{ refuses_socket, "an inherited socket is given up, no more" },
		{ finishes_own, "our own socket is shut down for writing" },
		{ refuses_own, "or for reading" },
		{ finishes_pipe, "our own pipe is closed" },
		{ refuses_pipe, "also for reading, and what it held counted" },
		{ closes_pipe, "or at the end of all, but not another's" },
		{ hangs_up, "it hangs up when all who held it have closed" },
		{ reads_past_reset, "a reset behind the data is no error" },
		{ ends_by_reset, "on an inherited unix socket it is the end" },
		{ tells_of_reset, "on another inherited socket it is an error" },
		{ writes_to_nobody, "a write to nobody is no signal" },
	};
	bool half_closed;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		is_int(run_child(rows[i].function, NULL), 0, rows[i].name);
	half_closed = true;
	is_int(run_child(finishes_socket, &half_closed), 0,
	    "an inherited socket is shut down after a half-close");
	is_int(run_child(leaves_socket, NULL), 0,
	    "not one that is the output alone");
	half_closed = false;
	is_int(run_child(finishes_socket, &half_closed), 0,
	    "but not when its writer went away");
#ifdef F_SETPIPE_SZ
	passes_or_skips(restores_pipe, NULL,
	    "a pipe that was enlarged is made smaller again",
	    "pipes cannot be enlarged");
#endif
	return done_testing();
}
