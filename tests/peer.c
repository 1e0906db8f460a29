/* SPDX-License-Identifier: MIT */
/*
 * The scripted command: an instrument for the tests.
 *
 *	peer STEP...
 *
 * does its steps in order and exits 0.  Input is descriptor 0 and output is 1,
 * until use:N makes both N.  After an unexpected error it prints a line on
 * standard error and exits 99.
 *
 *	echo		copy input to output until end of file
 *	echo:N		copy N bytes
 *	cat-in		read until end of file; write how much to standard error
 *	read:N		read N bytes
 *	check:N		read N bytes; exit 98 if they are not the pattern
 *	out:N		write N bytes of the pattern: each depends on its place
 *	say:TEXT	write TEXT and a newline
 *	err:TEXT	the same on standard error
 *	oob:C		send the urgent byte C
 *	fill		write single bytes until there is no room
 *	receive:N	receive a byte, 0, and with it a descriptor, to become
 *			N; else exit 98
 *	half-close	shut the output down for writing, or close it if it is
 *			no socket
 *	stop-reading	the same with the input, for reading
 *	close:N		close descriptor N
 *	nonblock:N	set O_NONBLOCK on descriptor N
 *	use:N		from here on input and output are N
 *	fds		write a line for each descriptor: number, type, flags
 *	signals		write lines of the ignored, blocked and caught signals
 *	env:NAME	write NAME=VALUE, or "NAME unset"
 *	socket:N	write domain, type, protocol and buffer sizes of N
 *	catch:SIG	from here on catch signal SIG (a number)
 *	ignore:SIG	ignore SIG
 *	await:SIG	wait until SIG was caught; report it on standard error
 *	die:SIG		die of SIG
 *	exit:N		exit with status N
 *	touch:PATH	create the file PATH
 *	wait:PATH	wait until the file PATH exists (a minute at most)
 *	pid:PATH	write our parent's pid into PATH.parent, then ours into
 *			PATH, which appears whole
 *	fork		a child does the steps that follow; we go to "parent"
 *	parent		the forked child exits here; we do the rest
 *	stop		stop, as by SIGSTOP
 *	pause		wait for a signal that ends us
 *	spin		use the processor for ever
 */
#define _GNU_SOURCE
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "steps.h"

#define EXIT_DIFFERENT 98

static int input = 0;
static int output = 1;
static char buffer[65536];

/* Byte number place of the pattern: a short cycle would hide a loss. */
static char
pattern(unsigned long long place)
{
	return (char)(place * 31 + (place >> 8) * 7 + (place >> 16));
}

static void
write_all(int fd, const char *data, size_t size, const char *step)
{
	ssize_t put;

	for (; size > 0; data += put, size -= (size_t)put) {
		put = write(fd, data, size);
		if (put == -1 && errno == EINTR)
			put = 0;
		else if (put == -1)
			fail(step);
	}
}

/* Read some; 0 is the end of file. */
static size_t
read_some(size_t size, const char *step)
{
	ssize_t got;

	do {
		got = read(input, buffer, size < sizeof(buffer) ?
		    size : sizeof(buffer));
	} while (got == -1 && errno == EINTR);
	if (got == -1)
		fail(step);
	return (size_t)got;
}

/* Read size bytes, or all for an endless size, and do with them as told. */
static unsigned long long
take(unsigned long long size, bool copy, bool compare, const char *step)
{
	unsigned long long place = 0;
	size_t got;
	size_t i;

	while (place < size) {
		got = read_some(size - place < sizeof(buffer) ?
		    (size_t)(size - place) : sizeof(buffer), step);
		if (got == 0)
			break;
		for (i = 0; compare && i < got; i++)
			if (buffer[i] != pattern(place + i)) {
				fprintf(stderr, "peer: byte %llu differs\n",
				    place + i);
				exit(EXIT_DIFFERENT);
			}
		if (copy)
			write_all(output, buffer, got, step);
		place += got;
	}
	return place;
}

static void
take_exactly(const char *number, bool copy, bool compare, const char *step)
{
	unsigned long long size = strtoull(number, NULL, 10);
	unsigned long long got = take(size, copy, compare, step);

	if (got == size)
		return;
	fprintf(stderr, "peer: %s: end of file after %llu bytes\n", step, got);
	exit(EXIT_DIFFERENT);
}

static void
write_pattern(unsigned long long size, const char *step)
{
	unsigned long long place;
	size_t part;
	size_t i;

	for (place = 0; place < size; place += part) {
		part = size - place < sizeof(buffer) ?
		    (size_t)(size - place) : sizeof(buffer);
		for (i = 0; i < part; i++)
			buffer[i] = pattern(place + i);
		write_all(output, buffer, part, step);
	}
}

/* TEXT and a newline in one write, so that lines never mix. */
static void
write_line(int fd, const char *text, const char *step)
{
	char line[4096];
	int size = snprintf(line, sizeof(line), "%s\n", text);

	write_all(fd, line, (size_t)size, step);
}

static const char *
type_of(const struct stat *status, int fd)
{
	if (S_ISSOCK(status->st_mode))
		return "socket";
	if (S_ISFIFO(status->st_mode))
		return "pipe";
	if (S_ISREG(status->st_mode))
		return "file";
	if (S_ISDIR(status->st_mode))
		return "directory";
	if (S_ISCHR(status->st_mode) && isatty(fd))
		return "tty";
	if (S_ISCHR(status->st_mode) && status->st_rdev == 0x103)
		return "null";
	return "other";
}

static void
show_descriptor(int fd)
{
	static const char *const modes[] = { "read", "write", "both", "path" };
	struct stat status;
	char line[120];
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fstat(fd, &status) == -1)
		return;
	snprintf(line, sizeof(line), "%d %s %s%s%s", fd, type_of(&status, fd),
	    modes[flags & O_ACCMODE], flags & O_NONBLOCK ? ",nonblock" : "",
	    fcntl(fd, F_GETFD) & FD_CLOEXEC ? ",cloexec" : "");
	write_line(output, line, "fds");
}

static void
show_descriptors(void)
{
	int fd;

	for (fd = 0; fd < 4096; fd++)
		show_descriptor(fd);
}

static void
show_signals(void)
{
	char ignored[400] = "ignored";
	char blocked[400] = "blocked";
	char handled[400] = "caught";
	struct sigaction action;
	sigset_t mask;
	char number[16];
	int n;

	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (n = 1; n < 65; n++) {
		snprintf(number, sizeof(number), " %d", n);
		if (sigismember(&mask, n) == 1)
			strcat(blocked, number);
		if (sigaction(n, NULL, &action) == -1)
			continue;
		if (action.sa_handler == SIG_IGN)
			strcat(ignored, number);
		else if (action.sa_handler != SIG_DFL)
			strcat(handled, number);
	}
	write_line(output, ignored, "signals");
	write_line(output, blocked, "signals");
	write_line(output, handled, "signals");
}

static int
socket_option(int fd, int option)
{
	int value = -1;
	socklen_t size = sizeof(value);

	if (getsockopt(fd, SOL_SOCKET, option, &value, &size) == -1)
		fail("socket");
	return value;
}

static void
show_socket(int fd)
{
	char line[160];

	snprintf(line, sizeof(line), "domain %d type %d protocol %d "
	    "sndbuf %d rcvbuf %d oobinline %d", socket_option(fd, SO_DOMAIN),
	    socket_option(fd, SO_TYPE), socket_option(fd, SO_PROTOCOL),
	    socket_option(fd, SO_SNDBUF), socket_option(fd, SO_RCVBUF),
	    socket_option(fd, SO_OOBINLINE));
	write_line(output, line, "socket");
}

static void
show_variable(const char *name)
{
	const char *value = getenv(name);
	char line[4096];

	if (value != NULL)
		snprintf(line, sizeof(line), "%s=%s", name, value);
	else
		snprintf(line, sizeof(line), "%s unset", name);
	write_line(output, line, "env");
}

/* So many messages, or bytes: each has its price in the socket's buffer. */
static void
fill(void)
{
	while (send(output, "x", 1, MSG_DONTWAIT) != -1)
		;
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		fail("fill");
}

/* As ssh does: mm_receive_fd() in OpenSSH's monitor_fdpass.c. */
static void
receive_descriptor(int number)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control;
	char byte = 'x';
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space),
	};
	struct cmsghdr *header;
	ssize_t got = recvmsg(input, &message, 0);
	int fd;

	header = got == -1 ? NULL : CMSG_FIRSTHDR(&message);
	if (got != 1 || byte != 0 || header == NULL ||
	    header->cmsg_type != SCM_RIGHTS ||
	    header->cmsg_len != CMSG_LEN(sizeof(int))) {
		fprintf(stderr, "peer: receive: %zd bytes, %s\n", got,
		    header == NULL ? "nothing with them" : "not a descriptor");
		exit(EXIT_DIFFERENT);
	}
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	if (fd != number && (dup2(fd, number) == -1 || close(fd) == -1))
		fail("receive");
}

static void
show_caught(int number)
{
	char line[40];

	snprintf(line, sizeof(line), "caught SIG %d", number);
	write_line(2, line, "await");
}

static void
make_file(const char *path, const char *text)
{
	char temporary[4096];
	FILE *file;

	snprintf(temporary, sizeof(temporary), "%s.%ld", path, (long)getpid());
	file = fopen(temporary, "w");
	if (file == NULL || fputs(text, file) == EOF || fclose(file) == EOF ||
	    rename(temporary, path) == -1)
		fail(path);
}

static void
write_pid(const char *path)
{
	char parent[4096];
	char text[24];

	snprintf(parent, sizeof(parent), "%s.parent", path);
	snprintf(text, sizeof(text), "%ld\n", (long)getppid());
	make_file(parent, text);
	snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	make_file(path, text);
}

/* Steps that take no argument.  False if step is none of them. */
static bool
do_plain_step(const char *step)
{
	char line[80];

	if (strcmp(step, "echo") == 0) {
		take(~0ULL, true, false, step);
	} else if (strcmp(step, "cat-in") == 0) {
		snprintf(line, sizeof(line), "read %llu bytes",
		    take(~0ULL, false, false, step));
		write_line(2, line, step);
	} else if (strcmp(step, "half-close") == 0) {
		shut_down(output, SHUT_WR, step);
	} else if (strcmp(step, "stop-reading") == 0) {
		shut_down(input, SHUT_RD, step);
	} else if (strcmp(step, "fill") == 0) {
		fill();
	} else if (strcmp(step, "fds") == 0) {
		show_descriptors();
	} else if (strcmp(step, "signals") == 0) {
		show_signals();
	} else if (strcmp(step, "parent") == 0) {
		if (forked)
			exit(0);
	} else if (strcmp(step, "stop") == 0) {
		raise(SIGSTOP);
	} else if (strcmp(step, "pause") == 0) {
		for (;;)
			pause();
	} else if (strcmp(step, "spin") == 0) {
		for (;;)
			;
	} else {
		return false;
	}
	return true;
}

/* Steps of the form name:argument.  False if it is none of them. */
static bool
do_step(const char *name, const char *argument)
{
	int number = atoi(argument);

	if (strcmp(name, "echo") == 0)
		take_exactly(argument, true, false, name);
	else if (strcmp(name, "read") == 0)
		take_exactly(argument, false, false, name);
	else if (strcmp(name, "check") == 0)
		take_exactly(argument, false, true, name);
	else if (strcmp(name, "out") == 0)
		write_pattern(strtoull(argument, NULL, 10), name);
	else if (strcmp(name, "say") == 0)
		write_line(output, argument, name);
	else if (strcmp(name, "err") == 0)
		write_line(2, argument, name);
	else if (strcmp(name, "oob") == 0) {
		if (send(output, argument, 1, MSG_OOB) != 1)
			fail(name);
	} else if (strcmp(name, "receive") == 0)
		receive_descriptor(number);
	else if (strcmp(name, "close") == 0)
		close(number);
	else if (strcmp(name, "nonblock") == 0)
		set_nonblocking(number);
	else if (strcmp(name, "use") == 0)
		input = output = number;
	else if (strcmp(name, "env") == 0)
		show_variable(argument);
	else if (strcmp(name, "socket") == 0)
		show_socket(number);
	else if (strcmp(name, "catch") == 0)
		set_handler(number, note_signal);
	else if (strcmp(name, "ignore") == 0)
		set_handler(number, SIG_IGN);
	else if (strcmp(name, "await") == 0) {
		await_signal(number);
		show_caught(number);
	} else if (strcmp(name, "die") == 0) {
		if (number != SIGKILL && number != SIGSTOP)
			set_handler(number, SIG_DFL);
		raise(number);
	} else if (strcmp(name, "exit") == 0)
		exit(number);
	else if (strcmp(name, "touch") == 0)
		make_file(argument, "");
	else if (strcmp(name, "wait") == 0)
		wait_for(argument);
	else if (strcmp(name, "pid") == 0)
		write_pid(argument);
	else
		return false;
	return true;
}

int
main(int argc, char **argv)
{
	char *argument;
	bool known;
	int i;

	(void)argc;
	for (i = 1; argv[i] != NULL; i++) {
		if (strcmp(argv[i], "fork") == 0) {
			i += do_fork(argv + i + 1);
			continue;
		}
		argument = strchr(argv[i], ':');
		if (argument == NULL) {
			known = do_plain_step(argv[i]);
		} else {
			*argument++ = '\0';
			known = do_step(argv[i], argument);
		}
		if (!known) {
			fprintf(stderr, "peer: no step '%s'\n", argv[i]);
			return EXIT_UNEXPECTED;
		}
	}
	return 0;
}
