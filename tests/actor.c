/* SPDX-License-Identifier: MIT */
/*
 * The scripted command of tests/soak, which says and hears anything.
 *
 *	actor NAME STEP...
 *
 * does its steps in order and exits 0.  What it says is in the file NAME.say,
 * and what it hears goes to NAME.heard: pieces, each behind its size in 4 bytes
 * as this machine has them.  A piece is one write or one read; of a message
 * socket it is one message.  NAME.state has what became of it, as struct state
 * below: it is shared memory, so it is true even of an actor that was killed.
 * After an unexpected error it prints a line on standard error and exits 99.
 *
 *	in:N, out:N	hear from descriptor N, and say to N (default 0, 1)
 *	messages	they are message sockets
 *	pass:N		from here on send descriptors, one to three, with every
 *			Nth piece, and record in NAME.passed those that come:
 *			for each its place in what is heard (bytes or messages),
 *			the bytes that came with it, and its number, 8 bytes each.
 *			The number is the size of its file: of a piece P, counted
 *			from 0, it is 4 * P + 1 and so on.
 *	room:N		read at most N bytes at a time (default 65536)
 *	nonblock	set O_NONBLOCK on both
 *	read:N		hear N bytes, or N messages
 *	drain		hear until the end of file
 *	write:N		say the next N pieces
 *	write		say all that are left
 *	both		do as an event loop does: hear until the end of file,
 *			and say all that are left, both without blocking
 *	converse	the same, and half-close when all is said
 *	echo		hear until the end of file, and say each piece
 *	half-close	end what is said
 *	stop-reading	shut what is heard down, or close it if it is no socket
 *	close:N		close descriptor N
 *	sleep:MS	wait
 *	ignore:SIG	ignore signal SIG (a number)
 *	catch:SIG	from here on catch it
 *	await:SIG	wait until it was caught
 *	ready		create the file NAME.ready
 *	fork		a child does the steps that follow; we go to "parent"
 *	parent		the child of fork exits here; we do the rest
 *	pause		wait for a signal that ends us
 *	die:SIG		die of SIG
 *	exit:N		exit with status N
 *
 * After EPIPE the steps that say something are passed over.  An echo then goes
 * on hearing.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "steps.h"

#define ROOM (8 << 20)		/* bytes: more than any message can have */

/* tests/soak reads this: all members have 8 bytes. */
struct state {
	int64_t pieces;		/* said completely */
	int64_t begun;		/* said, or begun */
	int64_t partial;	/* bytes said of a piece that was begun */
	int64_t ended;		/* 1: read end of file; 2: ECONNRESET */
	int64_t broken;		/* 1: EPIPE; 2: ECONNRESET or another */
	int64_t fate;		/* 1 + status of an exit; -SIG of a death */
	int64_t descriptors;	/* those open at the start, as bits */
	int64_t pid;
	int64_t ended_at;	/* when it read end of file: nanoseconds */
	int64_t finished_at;	/* a moment before it ended what it says */
};

static const char *name;
static struct state *state;
static char *buffer;
static const char *say;		/* what is left of NAME.say */
static const char *say_end;
static int heard;		/* descriptor of NAME.heard */
static int in = 0;
static int out = 1;
static bool messages;
static long passing;		/* pieces; 0: no descriptors */
static int passed;		/* descriptor of NAME.passed */
static int64_t heard_so_far;	/* bytes or messages */
static size_t room = 65536;

static int64_t
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* What is said is about to end. */
static void
note_finish(void)
{
	if (state->finished_at == 0)
		state->finished_at = now();
}

static _Noreturn void
leave(int status)
{
	note_finish();
	state->fate = 1 + status;
	_exit(status);
}

static int
open_mine(const char *ending, int flags)
{
	char path[200];
	int fd;

	snprintf(path, sizeof(path), "%s.%s", name, ending);
	fd = open(path, flags | O_CLOEXEC, 0600);
	expect(fd != -1, path);
	/* Out of the way of whatever descriptors the ends have. */
	flags = fcntl(fd, F_DUPFD_CLOEXEC, 500);
	expect(flags != -1, path);
	close(fd);
	return flags;
}

static void *
map(int fd, size_t size, int protection)
{
	void *place = mmap(NULL, size, protection, MAP_SHARED, fd, 0);

	expect(place != MAP_FAILED, "mmap");
	return place;
}

static void
note_descriptors(void)
{
	int fd;

	for (fd = 0; fd < 63; fd++)
		if (fcntl(fd, F_GETFD) != -1)
			state->descriptors |= (int64_t)1 << fd;
}

static void
open_files(void)
{
	struct stat status;
	int fd = open_mine("state", O_RDWR | O_CREAT);

	expect(ftruncate(fd, sizeof(*state)) == 0, "state");
	state = map(fd, sizeof(*state), PROT_READ | PROT_WRITE);
	fd = open_mine("say", O_RDONLY);
	expect(fstat(fd, &status) == 0, "say");
	if (status.st_size > 0)
		say = map(fd, (size_t)status.st_size, PROT_READ);
	say_end = say + status.st_size;
	heard = open_mine("heard", O_WRONLY | O_CREAT | O_APPEND);
	passed = open_mine("passed", O_WRONLY | O_CREAT | O_APPEND);
}

static void
wait_ready(int fd, short events)
{
	struct pollfd one = { .fd = fd, .events = events };

	while (poll(&one, 1, -1) == -1)
		expect(errno == EINTR, "poll");
}

/* --- hearing -------------------------------------------------------------- */

static void
keep(size_t size)
{
	uint32_t head = (uint32_t)size;

	expect(write(heard, &head, sizeof(head)) == sizeof(head), "heard");
	expect(write(heard, buffer, size) == (ssize_t)size, "heard");
	heard_so_far += messages ? 1 : (int64_t)size;
}

/* Note the descriptors that have come with size bytes, and close them. */
static void
note_passed(struct msghdr *message, ssize_t size)
{
	struct cmsghdr *header;
	struct stat status;
	int64_t note[3] = { heard_so_far, size };
	size_t i;
	int fd;

	expect(!(message->msg_flags & MSG_CTRUNC), "descriptors are cut");
	for (header = CMSG_FIRSTHDR(message); header != NULL;
	    header = CMSG_NXTHDR(message, header)) {
		if (header->cmsg_type != SCM_RIGHTS)
			continue;
		for (i = CMSG_LEN(0); i < header->cmsg_len; i += sizeof(fd)) {
			memcpy(&fd, (char *)header + i, sizeof(fd));
			expect(fstat(fd, &status) == 0, "a descriptor");
			note[2] = status.st_size;
			expect(write(passed, note, sizeof(note)) ==
			    sizeof(note), "passed");
			close(fd);
		}
	}
}

/*
 * As read(2), but -2 is the end of file: an empty message is not.  A time stamp
 * distinguishes the two, because end of file has none.
 */
static ssize_t
receive(size_t most)
{
	union {
		struct cmsghdr header;		/* for its alignment */
		char space[CMSG_SPACE(sizeof(struct timespec)) +
		    CMSG_SPACE(253 * sizeof(int))];
	} control;
	struct iovec iov = { buffer, messages ? ROOM : most };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t size;

	if (!messages && passing == 0) {
		size = read(in, buffer, most);
		return size == 0 ? -2 : size;
	}
	message.msg_control = control.space;
	message.msg_controllen = passing == 0 ?
	    CMSG_SPACE(sizeof(struct timespec)) : sizeof(control);
	size = recvmsg(in, &message, MSG_CMSG_CLOEXEC);
	if (size == -1)
		return -1;
	expect(!(message.msg_flags & MSG_TRUNC), "too large");
	if (passing != 0)
		note_passed(&message, size);
	return size == 0 && (!messages || message.msg_controllen == 0) ?
	    -2 : size;
}

/* The end of file of a dgram socket: poll(2) tells it, recvmsg(2) does not. */
static bool
is_hung_up(void)
{
	struct pollfd one = { .fd = in, .events = POLLRDHUP };

	return messages && poll(&one, 1, 0) == 1 &&
	    (one.revents & (POLLRDHUP | POLLHUP)) != 0;
}

/* Hear a piece without waiting: its size, -1 for none yet, -2 for the end. */
static ssize_t
hear_now(size_t most)
{
	ssize_t size = receive(most < room ? most : room);

	if (size == -1 && errno == EAGAIN && is_hung_up()) {
		size = receive(room);
		if (size == -1 && errno == EAGAIN)
			size = -2;
	}
	if (size == -1 && errno == ECONNRESET) {
		state->ended = 2;
		return -2;
	}
	if (size == -1)
		expect(errno == EAGAIN || errno == EINTR, "read");
	else if (size == -2) {
		state->ended_at = now();
		state->ended = 1;
	} else
		keep((size_t)size);
	return size;
}

static ssize_t
hear(size_t most)
{
	ssize_t size;

	while ((size = hear_now(most)) == -1)
		if (errno == EAGAIN)
			wait_ready(in, POLLIN);
	return size;
}

static void
hear_count(long long count)
{
	ssize_t size;

	while (count > 0) {
		size = hear((size_t)count);
		if (size == -2)
			break;
		count -= messages ? 1 : size;
	}
}

/* --- saying --------------------------------------------------------------- */

/* As write(2), with descriptors. */
static ssize_t
write_passing(const char *data, size_t size)
{
	union {
		struct cmsghdr header;		/* for its alignment */
		char space[CMSG_SPACE(3 * sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (char *)data, size };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	size_t count = (size_t)(state->pieces / passing % 3 + 1);
	int fds[3] = { 0 }, error;
	ssize_t put;
	size_t i;

	for (i = 0; i < count; i++) {
		fds[i] = memfd_create("passed", MFD_CLOEXEC);
		expect(fds[i] != -1 && ftruncate(fds[i],
		    (off_t)(state->pieces * 4) + (off_t)i + 1) == 0, "memfd");
	}
	message.msg_control = control.space;
	message.msg_controllen = CMSG_SPACE(count * sizeof(int));
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
	put = sendmsg(out, &message, 0);
	error = errno;
	for (i = 0; i < count; i++)
		close(fds[i]);
	errno = error;
	return put;
}

/* Say what can be said now of size bytes: how much, or -1 for none. */
static ssize_t
say_now(const char *data, size_t size)
{
	bool passes = passing != 0 && state->partial == 0 &&
	    state->pieces % passing == 0;
	ssize_t put = passes ? write_passing(data, size) :
	    write(out, data, size);

	if (put != -1)
		return put;
	if (errno == EAGAIN || errno == EINTR)
		return -1;
	state->broken = errno == EPIPE ? 1 : 2;
	return -1;
}

static void
say_bytes(const char *data, size_t size)
{
	ssize_t put;

	state->begun = state->pieces + 1;
	state->partial = 0;
	for (;;) {
		put = say_now(data, size);
		if (state->broken)
			return;
		if (put == -1) {
			if (errno == EAGAIN)
				wait_ready(out, POLLOUT);
			continue;
		}
		state->partial += put;
		data += put;
		size -= (size_t)put;
		if (size == 0)
			break;
	}
	state->pieces++;
	state->partial = 0;
}

static uint32_t
next_size(void)
{
	uint32_t size;

	memcpy(&size, say, sizeof(size));
	return size;
}

static void
say_count(long long count)
{
	for (; count > 0 && say < say_end && !state->broken; count--) {
		say_bytes(say + sizeof(uint32_t), next_size());
		say += sizeof(uint32_t) + next_size();
	}
}

static void
echo(void)
{
	ssize_t size;

	while ((size = hear(room)) != -2)
		if (!state->broken)
			say_bytes(buffer, (size_t)size);
}

/* One turn of saying; returns whether there is more to say. */
static bool
say_some(size_t *done)
{
	ssize_t put;

	if (say == say_end || state->broken)
		return false;
	state->begun = state->pieces + 1;
	put = say_now(say + sizeof(uint32_t) + *done, next_size() - *done);
	if (put == -1)
		return !state->broken;
	*done += (size_t)put;
	state->partial = (int64_t)*done;
	if (*done < next_size())
		return true;
	say += sizeof(uint32_t) + *done;
	*done = 0;
	state->pieces++;
	state->partial = 0;
	return say < say_end;
}

/* End what we say, and note when. */
static void
finish(const char *step)
{
	note_finish();
	shut_down(out, SHUT_WR, step);
}

static void
do_both(bool half_close)
{
	struct pollfd ends[2] = {
		{ .fd = in, .events = POLLIN },
		{ .fd = out, .events = POLLOUT },
	};
	size_t done = 0;

	set_nonblocking(in);
	set_nonblocking(out);
	if (say == say_end || state->broken) {
		ends[1].fd = -1;
		if (half_close)
			finish("converse");
	}
	while (ends[0].fd != -1 || ends[1].fd != -1) {
		if (poll(ends, 2, -1) == -1) {
			expect(errno == EINTR, "poll");
			continue;
		}
		if (ends[0].fd != -1 && ends[0].revents != 0 &&
		    hear_now(room) == -2)
			ends[0].fd = -1;
		if (ends[1].fd != -1 && ends[1].revents != 0 &&
		    !say_some(&done)) {
			ends[1].fd = -1;
			if (half_close)
				finish("converse");
		}
	}
}

/* --- ends, signals, processes --------------------------------------------- */

static void
pause_for(long ms)
{
	struct timespec left = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&left, &left) == -1 && errno == EINTR)
		;
}

static void
die_of(int number)
{
	if (number != SIGKILL)
		set_handler(number, SIG_DFL);
	note_finish();
	state->fate = -number;
	raise(number);
}

/* --- the steps ------------------------------------------------------------ */

static bool
do_alone(const char *step)
{
	int on = 1;

	if (strcmp(step, "messages") == 0) {
		messages = true;
		room = ROOM;
		expect(setsockopt(in, SOL_SOCKET, SO_TIMESTAMPNS, &on,
		    sizeof(on)) == 0, step);
	} else if (strcmp(step, "nonblock") == 0) {
		set_nonblocking(in);
		set_nonblocking(out);
	} else if (strcmp(step, "drain") == 0)
		while (hear(room) != -2)
			;
	else if (strcmp(step, "write") == 0)
		say_count(say_end - say);
	else if (strcmp(step, "both") == 0)
		do_both(false);
	else if (strcmp(step, "converse") == 0)
		do_both(true);
	else if (strcmp(step, "echo") == 0)
		echo();
	else if (strcmp(step, "half-close") == 0)
		finish(step);
	else if (strcmp(step, "stop-reading") == 0)
		shut_down(in, SHUT_RD, step);
	else if (strcmp(step, "ready") == 0)
		close(open_mine("ready", O_WRONLY | O_CREAT));
	else if (strcmp(step, "parent") == 0) {
		if (forked)
			_exit(0);
	} else if (strcmp(step, "pause") == 0)
		for (;;)
			pause();
	else
		return false;
	return true;
}

static bool
do_with(const char *step, const char *value)
{
	long long number = atoll(value);

	if (strcmp(step, "in") == 0)
		in = (int)number;
	else if (strcmp(step, "out") == 0)
		out = (int)number;
	else if (strcmp(step, "pass") == 0)
		passing = (long)number;
	else if (strcmp(step, "room") == 0)
		room = (size_t)number;
	else if (strcmp(step, "read") == 0)
		hear_count(number);
	else if (strcmp(step, "write") == 0)
		say_count(number);
	else if (strcmp(step, "close") == 0)
		close((int)number);
	else if (strcmp(step, "sleep") == 0)
		pause_for((long)number);
	else if (strcmp(step, "ignore") == 0)
		set_handler((int)number, SIG_IGN);
	else if (strcmp(step, "catch") == 0)
		set_handler((int)number, note_signal);
	else if (strcmp(step, "await") == 0)
		await_signal((int)number);
	else if (strcmp(step, "die") == 0)
		die_of((int)number);
	else if (strcmp(step, "exit") == 0)
		leave((int)number);
	else
		return false;
	return true;
}

int
main(int argc, char **argv)
{
	char *value;
	int i;

	expect(argc > 1, "no name");
	alarm(600);
	name = argv[1];
	buffer = malloc(ROOM);
	expect(buffer != NULL, "malloc");
	open_files();
	note_descriptors();
	state->pid = getpid();
	for (i = 2; i < argc; i++) {
		if (strcmp(argv[i], "fork") == 0) {
			i += do_fork(argv + i + 1);
			continue;
		}
		value = strchr(argv[i], ':');
		if (value != NULL)
			*value++ = '\0';
		expect(value != NULL ? do_with(argv[i], value) :
		    do_alone(argv[i]), argv[i]);
	}
	leave(0);
}
