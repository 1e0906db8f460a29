/* SPDX-License-Identifier: MIT */
/* One side of a channel, over every kind of descriptor there is. */
#include "config.h"

#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/uio.h>

#include <poll.h>
#include <termios.h>

#include "base/fd.h"
#include "transfer/endpoint.h"
#include "tap.h"
#include "writes-nothing.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum kind { PIPE, FIFO, SOCKET, SLAVE, MASTER };

static const char *const kinds[] = {
	"a pipe", "a FIFO", "a socket", "a terminal", "a terminal's master",
};

static char block[1 << 16];
static struct ancillary none;	/* no descriptors come or go */

/* A terminal without echo: ends are its slave and its master. */
static void
open_terminal(int ends[2])
{
	struct termios modes;

	ends[0] = open_pty(&ends[1]);
	need(ends[0] != -1 && tcgetattr(ends[0], &modes) == 0, "open terminal");
	cfmakeraw(&modes);
	tcsetattr(ends[0], TCSANOW, &modes);
}

static bool
has_terminals(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	if (master == -1)
		return false;
	close(master);
	return true;
}

/* Two ends: the one under test for use, and the other. */
static void
open_ends(enum kind kind, enum endpoint_use use, int *ours, int *other)
{
	int ends[2];
	bool second;

	if (kind == PIPE)
		need(pipe(ends) == 0, "pipe");
	else if (kind == FIFO)
		open_fifo(ends);
	else if (kind == SOCKET)
		need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "pair");
	else
		open_terminal(ends);
	second = kind == MASTER ||
	    (kind < SOCKET && use == ENDPOINT_WRITE);
	*ours = ends[second];
	*other = ends[!second];
}

static struct endpoint
inherited(int fd, enum endpoint_use use)
{
	struct endpoint endpoint;

	endpoint_open_inherited(&endpoint, fd, use, false, "it");
	return endpoint;
}

/* Wait for what the other end wrote: a terminal takes its time. */
static void
await(int fd)
{
	struct pollfd slot = { .fd = fd, .events = POLLIN };

	need(poll(&slot, 1, 20000) == 1, "poll");
}

static void
test_source(enum kind kind, int extra_flags)
{
	struct endpoint endpoint;
	char title[100];
	char data[8];
	size_t moved = 77;
	int ours, other, flags;
	bool right;

	open_ends(kind, ENDPOINT_READ, &ours, &other);
	fcntl(ours, F_SETFL, fcntl(ours, F_GETFL) | extra_flags);
	flags = fcntl(ours, F_GETFL);
	endpoint = inherited(ours, ENDPOINT_READ);
	snprintf(title, sizeof(title), "%s is read without waiting%s",
	    kinds[kind], extra_flags != 0 ? ", being non-blocking" : "");
	right = endpoint_read(&endpoint, data, 4, &moved, &none) == IO_AGAIN &&
	    write(other, "abcde", 5) == 5;
	await(ours);
	right = right &&
	    endpoint_read(&endpoint, data, 4, &moved, &none) == IO_MOVED &&
	    moved == 4 && memcmp(data, "abcd", 4) == 0 &&
	    endpoint_read(&endpoint, data, 4, &moved, &none) == IO_MOVED &&
	    moved == 1 && data[0] == 'e' &&
	    endpoint_read(&endpoint, data, 4, &moved, &none) == IO_AGAIN;
	ok(right, title);
	snprintf(title, sizeof(title), "%s keeps its flags", kinds[kind]);
	is_int(fcntl(ours, F_GETFL), flags, title);
	close(other);
	if (kind <= SOCKET) {
		snprintf(title, sizeof(title), "%s has an end", kinds[kind]);
		await(ours);
		is_int(endpoint_read(&endpoint, data, 4, &moved, &none), IO_END,
		    title);
	}
	if (endpoint.own_fd != -1)
		close(endpoint.own_fd);
	close(ours);
}

/* Fill it. */
static void
test_sink(enum kind kind, int extra_flags)
{
	struct endpoint endpoint;
	enum io result;
	char title[100];
	size_t moved;
	size_t sum = 0;
	int ours, other, flags;

	open_ends(kind, ENDPOINT_WRITE, &ours, &other);
	fcntl(ours, F_SETFL, fcntl(ours, F_GETFL) | extra_flags);
	flags = fcntl(ours, F_GETFL);
	endpoint = inherited(ours, ENDPOINT_WRITE);
	for (;;) {
		moved = 0;
		result = endpoint_write(&endpoint, block, sizeof(block) - 1,
		    &moved, &none);
		if (result != IO_MOVED || moved == 0 ||
		    moved >= sizeof(block))
			break;
		sum += moved;
	}
	snprintf(title, sizeof(title), "%s is filled without waiting%s",
	    kinds[kind], extra_flags != 0 ? ", being non-blocking" : "");
	ok(result == IO_AGAIN && sum > 0, title);
	snprintf(title, sizeof(title), "full, %s keeps its flags", kinds[kind]);
	is_int(fcntl(ours, F_GETFL), flags, title);
	if (kind < SLAVE) {
		close(other);
		snprintf(title, sizeof(title), "%s tells that its reader left",
		    kinds[kind]);
		result = endpoint_write(&endpoint, "x", 1, &moved, &none);
		ok(result == IO_FAILED && endpoint_is_gone(&endpoint), title);
	}
	if (endpoint.own_fd != -1)
		close(endpoint.own_fd);
	close(ours);
	close(other);
}

static void
test_room(void)
{
	static const enum kind with_room[] = { PIPE, FIFO, SOCKET };
	struct endpoint endpoint;
	char title[80];
	size_t moved;
	int ours, other;
	size_t i;

	for (i = 0; i < COUNT(with_room); i++) {
		open_ends(with_room[i], ENDPOINT_WRITE, &ours, &other);
		endpoint = inherited(ours, ENDPOINT_WRITE);
		while (endpoint_write(&endpoint, block, sizeof(block),
		    &moved, &none) == IO_MOVED)
			;
		for (moved = 0; moved < sizeof(block); )
			moved += (size_t)read(other, block, sizeof(block));
		snprintf(title, sizeof(title), "%s takes more once it was read",
		    kinds[with_room[i]]);
		ok(endpoint_write(&endpoint, block, 10, &moved,
		    &none) == IO_MOVED &&
		    moved == 10, title);
		if (endpoint.own_fd != -1)
			close(endpoint.own_fd);
		close(ours);
		close(other);
	}
}

/* A file, opened with flags; reading it starts at offset 2 of "abcdef". */
static int
open_file(int flags)
{
	char path[] = "/tmp/sockpair-unit.XXXXXX";
	int file = mkstemp(path);
	int fd = open(path, flags);

	need(file != -1 && fd != -1 && write(file, "abcdef", 6) == 6, path);
	close(file);
	unlink(path);
	lseek(fd, 2, SEEK_SET);
	return fd;
}

static void
test_files(void)
{
	struct endpoint endpoint;
	char data[8];
	size_t moved;
	int fd;

	fd = open_file(O_RDONLY);
	endpoint = inherited(fd, ENDPOINT_READ);
	ok(endpoint_read(&endpoint, data, 3, &moved, &none) == IO_MOVED &&
	    moved == 3 && memcmp(data, "cde", 3) == 0 &&
	    lseek(fd, 0, SEEK_CUR) == 5,
	    "a file is read at the offset that others share");
	ok(endpoint_read(&endpoint, data, 3, &moved, &none) == IO_MOVED &&
	    moved == 1 &&
	    endpoint_read(&endpoint, data, 3, &moved, &none) == IO_END,
	    "a file has an end");
	close(fd);
	fd = open_file(O_RDWR);
	endpoint = inherited(fd, ENDPOINT_WRITE);
	ok(endpoint_write(&endpoint, "XY", 2, &moved, &none) == IO_MOVED &&
	    moved == 2 && pread(fd, data, 8, 0) == 6 &&
	    memcmp(data, "abXYef", 6) == 0, "a file is written at its offset");
	close(fd);
	fd = open_file(O_WRONLY | O_APPEND);
	endpoint = inherited(fd, ENDPOINT_WRITE);
	ok(endpoint_write(&endpoint, "XY", 2, &moved, &none) == IO_MOVED &&
	    lseek(fd, 0, SEEK_END) == 8, "or at its end, if so opened");
	close(fd);
}

/* On a file system that takes 10 more bytes of a file of 6. */
static int
outgrow(void *argument)
{
	struct rlimit limit = { 16, 16 };
	struct endpoint endpoint;
	size_t moved;
	int fd = open_file(O_WRONLY | O_APPEND);

	(void)argument;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	endpoint = inherited(fd, ENDPOINT_WRITE);
	ASK(endpoint_write(&endpoint, block, 100, &moved, &none) == IO_MOVED);
	ASK(moved == 10);
	ASK(endpoint_write(&endpoint, block, 90, &moved, &none) == IO_FAILED);
	ASK(endpoint.error == EFBIG && !endpoint_is_gone(&endpoint));
	return 0;
}

/* What a device or odd descriptor gives. */
static void
result_is(const char *path, int flags, enum endpoint_use use, enum io want,
    int error, const char *name)
{
	struct endpoint endpoint;
	enum io result;
	size_t moved = 0;
	int fd = open(path, flags);

	if (fd == -1) {
		skip(name, strerror(errno));
		return;
	}
	endpoint = inherited(fd, use);
	result = use == ENDPOINT_READ ?
	    endpoint_read(&endpoint, block, 100, &moved, &none) :
	    endpoint_write(&endpoint, block, 100, &moved, &none);
	ok(result == want && endpoint.error == error &&
	    (want != IO_MOVED || moved == 100), name);
	if (endpoint.own_fd != -1)
		close(endpoint.own_fd);
	close(fd);
}

static void
test_devices(void)
{
	result_is("/dev/null", O_RDONLY, ENDPOINT_READ, IO_END, 0,
	    "/dev/null has an end");
	result_is("/dev/null", O_WRONLY, ENDPOINT_WRITE, IO_MOVED, 0,
	    "/dev/null takes all");
	result_is("/dev/zero", O_RDONLY, ENDPOINT_READ, IO_MOVED, 0,
	    "/dev/zero gives all");
	result_is("/dev/full", O_WRONLY, ENDPOINT_WRITE, IO_FAILED, ENOSPC,
	    "/dev/full is ENOSPC");
	result_is("/", O_RDONLY, ENDPOINT_READ, IO_FAILED, EISDIR,
	    "a directory is EISDIR");
	result_is("/dev/zero", O_WRONLY, ENDPOINT_READ, IO_FAILED, EBADF,
	    "what is open for writing only cannot be read");
	result_is("/dev/null", O_WRONLY, ENDPOINT_READ, IO_END, 0,
	    "but /dev/null, as nohup(1) opens it, is empty");
	result_is("/dev/null", O_RDONLY, ENDPOINT_WRITE, IO_FAILED, EBADF,
	    "what is open for reading only cannot be written");
#ifdef O_PATH
	result_is("/dev/zero", O_PATH, ENDPOINT_READ, IO_FAILED, EBADF,
	    "what is open as a path only cannot be read");
#endif
}

/* An empty message is not the end, though nothing comes beside either. */
static void
test_messages(void)
{
	struct endpoint endpoint;
	size_t moved;
	int ends[2];

	need(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0, "pair");
	endpoint = inherited(ends[0], ENDPOINT_READ);
	need(send(ends[1], "abc", 3, 0) == 3 && send(ends[1], "", 0, 0) == 0 &&
	    send(ends[1], "defgh", 5, 0) == 5, "send");
	shutdown(ends[1], SHUT_WR);
	ok(endpoint_read(&endpoint, block, 4, &moved, &none) == IO_MOVED &&
	    moved == 3,
	    "a message is read from a message socket");
	ok(endpoint_read(&endpoint, block, 4, &moved, &none) == IO_MOVED &&
	    moved == 0,
	    "so is an empty one");
	ok(endpoint_read(&endpoint, block, 4, &moved, &none) ==
	    IO_TOO_LARGE && endpoint.error == EMSGSIZE && moved == 5,
	    "one that has no room tells its size");
	is_int(endpoint_read(&endpoint, block, 4, &moved, &none), IO_END,
	    "behind them is the end");
	close(ends[0]);
	close(ends[1]);

	need(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0, "pair");
	endpoint = inherited(ends[0], ENDPOINT_READ);
	endpoint.is_marked = true;	/* so that no mark is set */
	need(send(ends[1], "", 0, 0) == 0 && send(ends[1], "abc", 3, 0) == 3,
	    "send");
	shutdown(ends[1], SHUT_WR);
	ok(endpoint_read(&endpoint, block, 4, &moved, &none) == IO_MOVED &&
	    moved == 0 &&
	    endpoint_read(&endpoint, block, 4, &moved, &none) == IO_MOVED &&
	    moved == 3,
	    "without marks, an empty message that bytes follow is no end");
	is_int(endpoint_read(&endpoint, block, 4, &moved, &none), IO_END,
	    "but the end behind these is one");
	close(ends[0]);
	close(ends[1]);
}

/* Our own end of a pipe or socket, with a chunk of three bytes. */
static struct endpoint
open_chunked(bool is_pipe, int *reader)
{
	struct endpoint endpoint;
	int fd;

	open_ends(is_pipe ? PIPE : SOCKET, ENDPOINT_WRITE, &fd, reader);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (is_pipe)
		endpoint_open_pipe(&endpoint, fd, ENDPOINT_WRITE, "it");
	else
		endpoint_open_socket(&endpoint, fd, ENDPOINT_WRITE, -1, "it");
	endpoint.chunk = 3;
	return endpoint;
}

static enum io
write_buffers(struct endpoint *endpoint, size_t *moved)
{
	static char first[] = "abcde", second[] = "fg";
	const struct iovec buffers[] = { { first, 5 }, { second, 2 } };

	return endpoint_writev(endpoint, buffers, 2, moved, &none);
}

static void
test_chunk(bool is_pipe)
{
	const char *kind = is_pipe ? "pipe" : "socket";
	struct endpoint endpoint;
	char title[100];
	size_t moved;
	int reader;

	endpoint = open_chunked(is_pipe, &reader);
	snprintf(title, sizeof(title), "%s: a chunk is written", kind);
	ok(write_buffers(&endpoint, &moved) == IO_MOVED && moved == 3, title);
	snprintf(title, sizeof(title), "%s: and no other", kind);
	is_int(write_buffers(&endpoint, &moved), IO_AGAIN, title);
	need(read(reader, block, 2) == 2, "read");
	snprintf(title, sizeof(title), "%s: while a byte of it waits", kind);
	is_int(write_buffers(&endpoint, &moved), IO_AGAIN, title);
	ok(read(reader, block, 100) == 1 && *block == 'c', "the last of them");
	snprintf(title, sizeof(title), "%s: then less than a chunk may be the "
	    "next", kind);
	ok(endpoint_write(&endpoint, "x", 1, &moved, &none) == IO_MOVED &&
	    moved == 1 && read(reader, block, 100) == 1, title);
	close(reader);
	close(endpoint.fd);
}

/* Of a pipe poll(2) reports it. */
static void
test_chunk_refused(bool closes)
{
	struct endpoint endpoint;
	size_t moved;
	int reader;

	endpoint = open_chunked(false, &reader);
	need(write_buffers(&endpoint, &moved) == IO_MOVED, "write");
	if (closes)
		close(reader);
	else
		need(shutdown(reader, SHUT_RD) == 0, "shutdown");
	ok(write_buffers(&endpoint, &moved) == IO_FAILED &&
	    endpoint_is_gone(&endpoint), closes ?
	    "a reader that goes with a chunk unread is gone" :
	    "so is one that reads no more");
	if (!closes)
		close(reader);
	close(endpoint.fd);
}

static void
test_chunk_pause(void)
{
	static const int pauses[] = { 1, 2, 4, 8, 16, 20, 20 };
	struct endpoint endpoint;
	bool good = true;
	size_t moved;
	size_t i;
	int reader;

	endpoint = open_chunked(false, &reader);
	for (i = 0; i < COUNT(pauses); i++)
		good &= endpoint_chunk_pause(&endpoint) ==
		    pauses[i] * INT64_C(1000000);
	ok(good, "the pauses grow from 1 ms to 20 ms");
	need(write_buffers(&endpoint, &moved) == IO_MOVED, "write");
	is_int(endpoint_chunk_pause(&endpoint), 1000000,
	    "and begin anew with each chunk");
	close(reader);
	close(endpoint.fd);
}

/*
 * Fill a terminal that changes newlines, and whose reader takes a little from
 * time to time.
 */
static int
fill_slowly(void *argument)
{
	static const char lines[] = "one\n\n\n\ttwo\n\n\n\n\n";
	struct rlimit limit;
	struct termios modes;
	struct endpoint endpoint;
	char data[700];
	size_t moved;
	enum io result;
	int ends[2];
	int round;

	(void)argument;
	open_terminal(ends);
	need(tcgetattr(ends[0], &modes) == 0, "tcgetattr");
	modes.c_oflag |= OPOST | ONLCR | XTABS;
	need(tcsetattr(ends[0], TCSANOW, &modes) == 0, "tcsetattr");
	/* No descriptor is left to open it again. */
	need(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
	limit.rlim_cur = 1;	/* poll(2) needs one */
	need(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
	endpoint = inherited(ends[0], ENDPOINT_WRITE);
	ASK(endpoint.own_fd == -1);
	for (round = 0; round < 200; round++) {
		do {
			alarm(60);
			result = endpoint_write(&endpoint, lines,
			    sizeof(lines) - 1, &moved, &none);
			ASK(result == IO_MOVED || result == IO_AGAIN);
		} while (result == IO_MOVED);
		ASK(read(ends[1], data, (size_t)(1 + round * 7 % 700)) > 0);
	}
	return 0;
}

static void
test_nothing(void)
{
	FILE *file = tmpfile();
	struct endpoint endpoint;
	enum io result;
	size_t moved;

	need(file != NULL, "tmpfile");
	endpoint_open_inherited(&endpoint, fileno(file), ENDPOINT_WRITE, false,
	    "file");
	writes_nothing = true;
	result = endpoint_write(&endpoint, "x", 1, &moved, &none);
	writes_nothing = false;
	ok(result == IO_FAILED && endpoint.error == EIO,
	    "a file that takes nothing has failed");
	fclose(file);
}

/* Which events mean that nobody reads, and which errors. */
static void
test_lost_reader(void)
{
	struct endpoint pipe = { .is_pipe = true, .reports_lost_reader = true };
	struct endpoint socket = {
		.is_socket = true, .reports_lost_reader = true
	};
	struct endpoint other = { .inherited = true };

	ok(endpoint_has_lost_reader(&pipe, POLLERR) &&
	    !endpoint_has_lost_reader(&pipe, POLLHUP) &&
	    !endpoint_has_lost_reader(&pipe, POLLOUT),
	    "a pipe that nobody reads reports an error");
	ok(endpoint_has_lost_reader(&socket, POLLERR) &&
	    endpoint_has_lost_reader(&socket, POLLHUP),
	    "a socket may report a hang-up as well");
	ok(!endpoint_has_lost_reader(&other, POLLERR | POLLHUP),
	    "another file says nothing of its reader");
	socket.error = other.error = EPIPE;
	ok(endpoint_is_gone(&socket) && endpoint_is_gone(&other),
	    "a write may say that nobody reads");
	socket.error = other.error = ECONNREFUSED;
	ok(endpoint_is_gone(&socket) && !endpoint_is_gone(&other),
	    "of a socket of others somebody may read later");
}

/* Set or clear a flag of the terminal. */
static void
set_flag(int fd, tcflag_t flag, bool on)
{
	struct termios modes;

	need(tcgetattr(fd, &modes) == 0, "tcgetattr");
	modes.c_lflag = on ? modes.c_lflag | flag : modes.c_lflag & ~flag;
	need(tcsetattr(fd, TCSANOW, &modes) == 0, "tcsetattr");
}

static void
test_password(void)
{
	struct endpoint endpoint;
	int ends[2];

	ends[0] = open_pty(&ends[1]);
	need(ends[0] != -1, "open_pty");
	set_flag(ends[0], ECHO, false);
	endpoint_open_inherited(&endpoint, ends[0], ENDPOINT_READ, false, "");
	ok(!endpoint_awaits_password(&endpoint),
	    "a terminal that never echoed asks for no password");
	set_flag(ends[0], ECHO, true);
	ok(!endpoint_awaits_password(&endpoint), "nor one that echoes");
	set_flag(ends[0], ECHO, false);
	ok(endpoint_awaits_password(&endpoint), "one that echoed before does");
	set_flag(ends[0], ICANON, false);
	ok(!endpoint_awaits_password(&endpoint),
	    "but for an editor, which reads byte by byte");
	fd_close(&endpoint.own_fd);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	int kind;

	signal(SIGPIPE, SIG_IGN);
	for (kind = PIPE; kind <= MASTER; kind++) {
		if (kind >= SLAVE && !has_terminals()) {
			skip(kinds[kind], "no pseudo-terminals");
			continue;
		}
		test_source((enum kind)kind, 0);
		test_source((enum kind)kind, O_NONBLOCK);
		test_sink((enum kind)kind, 0);
		test_sink((enum kind)kind, O_NONBLOCK);
	}
	test_nothing();
	test_lost_reader();
	if (has_terminals())
		test_password();
	else
		skip("a terminal asks for a password", "no pseudo-terminals");
	if (has_terminals())
		is_int(run_child(fill_slowly, NULL), 0, "a terminal that "
		    "cannot be opened again is filled without waiting");
	else
		skip("a terminal that cannot be opened again",
		    "no pseudo-terminals");
	test_room();
	test_files();
	is_int(run_child(outgrow, NULL), 0,
	    "a limit is a short write, then EFBIG");
	test_devices();
	test_messages();
	test_chunk(false);
	test_chunk(true);
	test_chunk_refused(true);
	test_chunk_refused(false);
	test_chunk_pause();
	return done_testing();
}
