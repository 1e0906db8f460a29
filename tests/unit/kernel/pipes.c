/* SPDX-License-Identifier: MIT */
/* Pipes and FIFOs: room, the end, RWF_NOWAIT, and what splice(2) does. */
#include "config.h"

#ifdef __linux__

#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#include <limits.h>

#include "sockets.h"

#if defined __GLIBC__ && defined RWF_NOWAIT
#define HAS_NOWAIT 1
#else
#define HAS_NOWAIT 0
#endif

#define PIECE 1000000		/* bytes to splice at most */

static int input;		/* the end of a pipe that is read */
static int output;
static char block[65536];

static void
open_pipe(void)
{
	int ends[2];

	need(pipe(ends) == 0, "pipe");
	input = ends[0];
	output = ends[1];
}

static void
set_nonblocking(int fd, int on)
{
	need(ioctl(fd, FIONBIO, &on) == 0, "FIONBIO");
}

/* Write until there is no room. */
static void
fill_pipe(void)
{
	set_nonblocking(output, 1);
	while (write(output, block, sizeof(block)) > 0)
		;
	while (write(output, block, 1) > 0)
		;
	need(errno == EAGAIN, "write");
	set_nonblocking(output, 0);
}

static int
read_error(int fd)
{
	char byte;

	return error_of(read(fd, &byte, 1));
}

/* --- room and the end ----------------------------------------------------- */

static int
pipe_reader_gone(void)
{
	open_pipe();
	ASK(poll_now(output, 0) == 0);
	close(input);
	ASK(poll_now(output, 0) == POLLERR);
	return 0;
}

static int
pipe_room_by_page(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t i;

	open_pipe();
	fill_pipe();
	ASK(poll_now(output, POLLOUT) == 0);
	for (i = 1; i < page; i++)
		ASK(read(input, block, 1) == 1);
	ASK(poll_now(output, POLLOUT) == 0);
	ASK(read(input, block, 1) == 1);
	ASK(poll_now(output, POLLOUT) == POLLOUT);
	/* Were there too little room, the alarm would end this. */
	ASK(write(output, block, PIPE_BUF) == PIPE_BUF);
	return 0;
}

static int
pipe_unread(void)
{
	int unread = -1;

	open_pipe();
	ASK(ioctl(output, TIOCOUTQ, &unread) == -1);
	ASK(write(output, "abc", 3) == 3);
	ASK(ioctl(output, FIONREAD, &unread) == 0 && unread == 3);
	ASK(read(input, block, 1) == 1);
	ASK(ioctl(output, FIONREAD, &unread) == 0 && unread == 2);
	return 0;
}

static int
pipe_shrinks_if_empty(void)
{
	int size;

	open_pipe();
	size = fcntl(output, F_GETPIPE_SZ);
	if (fcntl(output, F_SETPIPE_SZ, 4 * size) == -1)
		return unknown("this user may not enlarge pipes");
	fill_pipe();
	ASK(error_of(fcntl(output, F_SETPIPE_SZ, size)) == EBUSY);
	set_nonblocking(input, 1);
	while (read(input, block, sizeof(block)) > 0)
		;
	ASK(fcntl(output, F_SETPIPE_SZ, size) == size);
	return 0;
}

/* --- without waiting ------------------------------------------------------ */

static int
nonblock_is_shared(void)
{
	int other;

	open_pipe();
	other = dup(input);
	set_nonblocking(other, 1);
	ASK(fcntl(input, F_GETFL) & O_NONBLOCK);
	ASK(read_error(input) == EAGAIN);
	return 0;
}

/* The errno of one try with RWF_NOWAIT, or 0. */
static int
try_nowait(int fd, bool is_write)
{
#if HAS_NOWAIT
	struct iovec iov = { block, sizeof(block) };

	return error_of(is_write ? pwritev2(fd, &iov, 1, -1, RWF_NOWAIT) :
	    preadv2(fd, &iov, 1, -1, RWF_NOWAIT));
#else
	(void)fd, (void)is_write;
	return ENOSYS;
#endif
}

static int
pipe_nowait(void)
{
	open_pipe();
	if (!HAS_NOWAIT || try_nowait(input, false) == ENOSYS)
		return unknown("no RWF_NOWAIT");
	ASK(try_nowait(input, false) == EAGAIN);
	/* More than fits: a part is written, and then none. */
	while (try_nowait(output, true) == 0)
		;
	ASK(errno == EAGAIN);
	ASK(try_nowait(input, false) == 0);
	ASK((fcntl(input, F_GETFL) & O_NONBLOCK) == 0);
	return 0;
}

/* The same with the ends of a named FIFO. */
static void
open_named(void)
{
	int ends[2];

	open_fifo(ends);
	input = ends[0];
	output = ends[1];
}

static int
fifo_nowait_refused(void)
{
	open_pipe();
	if (!HAS_NOWAIT || try_nowait(input, false) == ENOSYS)
		return unknown("no RWF_NOWAIT");
	open_named();
	ASK(try_nowait(input, false) == EOPNOTSUPP);
	ASK(try_nowait(output, true) == EOPNOTSUPP);
	return 0;
}

static int
reopen(int fd, int mode)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, mode | O_NONBLOCK);
}

static int
fifo_reopened(void)
{
	int again;

	if (!has_proc())
		return unknown("no /proc");
	open_named();
	again = reopen(output, O_WRONLY);
	ASK(again != -1);
	ASK((fcntl(output, F_GETFL) & O_NONBLOCK) == 0);
	close(input);
	ASK(poll_now(output, 0) == POLLERR);
	open_named();
	again = reopen(input, O_RDONLY);
	ASK(again != -1);
	ASK((fcntl(input, F_GETFL) & O_NONBLOCK) == 0);
	ASK(read_error(again) == EAGAIN);
	close(output);
	ASK(poll_now(input, 0) == POLLHUP);
	return 0;
}

/* --- splice --------------------------------------------------------------- */

static ssize_t
splice_some(int from, int to)
{
	return splice(from, NULL, to, NULL, PIECE, SPLICE_F_NONBLOCK);
}

static int
splice_to_full_pipe(void)
{
	open_pipe();
	fill_pipe();
	open_pair(SOCK_STREAM);
	ASK(sends(theirs, "data"));
	ASK(error_of(splice_some(ours, output)) == EAGAIN);
	ASK(receives(ours, "data"));
	return 0;
}

static int
splice_from_pipe(int fd)
{
	return error_of(splice_some(input, fd));
}

static int
splice_flag_pipe_only(void)
{
	pid_t pid;

	if (!has_proc())
		return unknown("no /proc");
	open_pipe();
	ASK(write(output, "data", 4) == 4);
	open_pair(SOCK_STREAM);
	fill(ours);
	/* A socket that may block does, in spite of SPLICE_F_NONBLOCK. */
	pid = start_asleep(splice_from_pipe, ours);
	ASK(pid != -1);
	ASK(sleeps_on(pid));
	drain(theirs);
	ASK(await_end(pid) == exit_with(0));
	ASK(poll_now(input, POLLIN) == 0);
	drain(theirs);
	/* One that is non-blocking does not. */
	ASK(write(output, "more", 4) == 4);
	fill(ours);
	set_nonblocking(ours, 1);
	ASK(splice_from_pipe(ours) == EAGAIN);
	drain(theirs);
	ASK(splice_some(input, ours) == 4 && receives(theirs, "more"));
	return 0;
}

static int
splice_cuts_message(void)
{
	open_pipe();
	open_pair(SOCK_SEQPACKET);
	ASK(sends(theirs, "message") && sends(theirs, "2"));
	ASK(splice(ours, NULL, output, NULL, 4, SPLICE_F_NONBLOCK) == 4);
	ASK(receives(ours, "2"));
	return 0;
}

static int
splice_into(int fd)
{
	return splice(input, NULL, fd, NULL, 4, 0) == 4 ? 0 : 1;
}

static int
splice_shares_position(void)
{
	char text[PATH_MAX];
	int file = open_unnamed(text, sizeof(text));
	pid_t pid;

	if (!has_proc())
		return unknown("no /proc");
	open_pipe();
	pid = start_asleep(splice_into, file);
	ASK(pid != -1);
	/* As another process that shares the file: it goes to its start. */
	ASK(write(file, "mine", 4) == 4);
	ASK(write(output, "this", 4) == 4);
	ASK(await_end(pid) == exit_with(0));
	/* And so did this: ours is lost. */
	ASK(pread(file, text, sizeof(text), 0) == 4);
	ASK(memcmp(text, "this", 4) == 0);
	return 0;
}

static int
send_from(int fd)
{
	return sendfile(output, fd, NULL, 4) == 4 ? 0 : 1;
}

static int
sendfile_shares_position(void)
{
	char text[PATH_MAX];
	int file = open_unnamed(text, sizeof(text));
	int waiting;
	ssize_t got;
	pid_t pid;

	if (!has_proc())
		return unknown("no /proc");
	ASK(write(file, "1234", 4) == 4 && lseek(file, 0, SEEK_SET) == 0);
	open_pipe();
	fill_pipe();
	pid = start_asleep(send_from, file);
	ASK(pid != -1);
	/* As another process that shares the file. */
	ASK(read(file, text, 4) == 4 && memcmp(text, "1234", 4) == 0);
	ASK(ioctl(input, FIONREAD, &waiting) == 0);
	for (; waiting > 0; waiting -= (int)got) {
		got = read(input, block, waiting < (int)sizeof(block) ?
		    (size_t)waiting : sizeof(block));
		ASK(got > 0);
	}
	ASK(await_end(pid) == exit_with(0));
	/* The same bytes once more. */
	ASK(read(input, text, 4) == 4 && memcmp(text, "1234", 4) == 0);
	return 0;
}

/* How many bytes can be written one by one before there is no room. */
static int
count_small_writes(int fd)
{
	int count = 0;

	set_nonblocking(fd, 1);
	while (write(fd, "x", 1) == 1)
		count++;
	need(errno == EAGAIN, "write");
	return count;
}

static int
small_writes_fill_socket(void)
{
	socklen_t length = sizeof(int);
	int in_pipe, in_socket, size;

	open_pipe();
	in_pipe = count_small_writes(output);
	open_pair(SOCK_STREAM);
	in_socket = count_small_writes(ours);
	ASK(in_pipe >= sysconf(_SC_PAGESIZE));
	need(getsockopt(ours, SOL_SOCKET, SO_SNDBUF, &size, &length) == 0,
	    "SO_SNDBUF");
	/* 278 and 65536 with Linux 6.18 and its default sizes. */
	ASK(in_socket >= 1 && in_socket < size / 100);
	return 0;
}

static struct fact facts[] = {
	FACT(small_writes_fill_socket, "a socket counts a few hundred bytes "
	    "for each write of one byte, a pipe one"),
	FACT(pipe_reader_gone, "poll reports unasked that a pipe's reader has "
	    "gone, by POLLERR"),
	FACT(pipe_room_by_page, "poll reports room in a pipe once a whole page "
	    "is free, enough for PIPE_BUF bytes"),
	FACT(pipe_unread, "FIONREAD tells a pipe's writer what is unread"),
	FACT(pipe_shrinks_if_empty,
	    "a pipe gets a smaller size only if that holds what waits"),
	FACT(nonblock_is_shared,
	    "O_NONBLOCK is seen through every copy of a descriptor"),
	FACT(pipe_nowait, "RWF_NOWAIT does not wait for a pipe, and leaves "
	    "O_NONBLOCK as it is"),
	FACT(fifo_nowait_refused, "a named FIFO refuses RWF_NOWAIT"),
	FACT(fifo_reopened, "a FIFO that is opened once more has a flag of its "
	    "own, and the same ends"),
	FACT(splice_to_full_pipe,
	    "what cannot be spliced into a full pipe stays in the socket"),
	FACT(splice_flag_pipe_only,
	    "SPLICE_F_NONBLOCK does not cover a socket, O_NONBLOCK does"),
	FACT(splice_cuts_message,
	    "a splice from a message socket loses the tail of a message"),
	FACT(splice_shares_position,
	    "a splice into a file overwrites what another writes meanwhile"),
	FACT(sendfile_shares_position,
	    "sendfile from a file sends what another reads meanwhile"),
};

int
main(void)
{
	return check_facts(facts, COUNT(facts));
}

#else
#include "not-linux.h"
#endif
