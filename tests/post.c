/* SPDX-License-Identifier: MIT */
/*
 * The scripted command for message sockets: an instrument for the tests.
 *
 *	post STEP...
 *
 * does its steps in order and exits 0.  It receives from descriptor 0 and sends
 * to 1, until use:N makes both N.  After an unexpected error it prints a line
 * on standard error and exits 99.  A time stamp distinguishes an empty message
 * from end of file, which has none.
 *
 *	say:TEXT	send TEXT
 *	empty		send a message of no bytes
 *	size:N		send a message of N bytes, each depending on its place
 *	count:N		send the numbers 1 to N, a message each
 *	attach:N	send a message with N descriptors
 *	quietly:TEXT	send TEXT, and ignore errors
 *	flood		send for ever; EPIPE without SIGPIPE is a success
 *	echo		send back each message, until end of file
 *	list:PATH	receive until end of file, and then create the file
 *			PATH: the size of each message and its text, or whether
 *			size:N would send the same
 *	take:N		receive N messages
 *	end		receive end of file, or fail
 *	half-close	shut the socket down for writing
 *	stop-reading	shut it down for reading
 *	ignore:SIG	ignore signal SIG (a number)
 *	die:SIG		die of SIG
 *	exit:N		exit with status N
 *	use:N		from here on receive from N and send to N
 *	touch:PATH	create the file PATH
 *	wait:PATH	wait until the file PATH exists (a minute at most)
 *	fork		a child does the steps that follow; we exit 0
 *	orphan		wait until our parent has gone
 *	pause		wait for a signal that ends us
 */
#define _GNU_SOURCE
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "instrument.h"

#define ROOM (8 << 20)		/* bytes: more than any message can have */
#define SHOWN 60		/* bytes of a message in a list */

static char *data;
static int in = 0;
static int out = 1;
static pid_t parent;

static char
pattern(size_t place)
{
	return (char)('!' + place % 89);
}

/* Returns its size, or -1 at the end of file. */
static ssize_t
receive(void)
{
	char control[CMSG_SPACE(sizeof(struct timespec))];
	struct iovec iov = { data, ROOM };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t size;

	message.msg_control = control;
	message.msg_controllen = sizeof(control);
	size = recvmsg(in, &message, 0);
	expect(size != -1, "recvmsg");
	expect(!(message.msg_flags & MSG_TRUNC), "too large");
	return size == 0 && message.msg_controllen == 0 ? -1 : size;
}

static void
send_message(size_t size)
{
	expect(send(out, data, size, 0) == (ssize_t)size, "send");
}

static void
send_size(size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		data[i] = pattern(i);
	send_message(size);
}

static void
count_to(long last)
{
	long i;

	for (i = 1; i <= last; i++)
		send_message((size_t)sprintf(data, "%ld", i));
}

static void
attach(int count)
{
	char control[CMSG_SPACE(253 * sizeof(int))] = "";
	struct iovec iov = { data, 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *header;
	int i;

	data[0] = '@';
	message.msg_control = control;
	message.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
	header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
	for (i = 0; i < count; i++)
		((int *)CMSG_DATA(header))[i] = STDERR_FILENO;
	expect(sendmsg(out, &message, 0) == 1, "sendmsg");
}

static void
flood(void)
{
	memset(data, 'f', 100);
	while (send(out, data, 100, MSG_NOSIGNAL) == 100)
		;
	expect(errno == EPIPE, "flood");
}

static void
list(const char *path)
{
	char part[200];
	FILE *file;
	ssize_t size, i;

	snprintf(part, sizeof(part), "%s.part", path);
	file = fopen(part, "w");
	expect(file != NULL, part);
	while ((size = receive()) != -1) {
		fprintf(file, "%zd ", size);
		for (i = 0; i < size && data[i] == pattern((size_t)i); i++)
			;
		if (size > SHOWN)
			fputs(i == size ? "right" : "wrong", file);
		else
			fwrite(data, 1, (size_t)size, file);
		putc('\n', file);
	}
	fclose(file);
	expect(rename(part, path) == 0, path);
}

static void
do_fork(void)
{
	pid_t pid = fork();

	expect(pid != -1, "fork");
	if (pid != 0)
		_exit(0);
}

static void
await_orphanage(void)
{
	while (getppid() == parent)
		usleep(1000);
}

static void
use(int fd)
{
	int on = 1;

	in = out = fd;
	setsockopt(in, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof(on));
}

/* Steps that take an argument. */
static bool
do_with(const char *step, const char *value)
{
	long number = atol(value);

	if (strcmp(step, "say") == 0) {
		strcpy(data, value);
		send_message(strlen(value));
	} else if (strcmp(step, "quietly") == 0) {
		(void)!send(out, value, strlen(value), MSG_NOSIGNAL);
	} else if (strcmp(step, "size") == 0) {
		send_size((size_t)number);
	} else if (strcmp(step, "count") == 0) {
		count_to(number);
	} else if (strcmp(step, "attach") == 0) {
		attach((int)number);
	} else if (strcmp(step, "list") == 0) {
		list(value);
	} else if (strcmp(step, "take") == 0) {
		while (number-- > 0)
			expect(receive() != -1, "take");
	} else if (strcmp(step, "ignore") == 0) {
		signal((int)number, SIG_IGN);
	} else if (strcmp(step, "die") == 0) {
		raise((int)number);
	} else if (strcmp(step, "exit") == 0) {
		exit((int)number);
	} else if (strcmp(step, "use") == 0) {
		use((int)number);
	} else if (strcmp(step, "touch") == 0) {
		expect(close(open(value, O_CREAT | O_WRONLY, 0666)) == 0,
		    value);
	} else if (strcmp(step, "wait") == 0) {
		wait_for(value);
	} else {
		return false;
	}
	return true;
}

static bool
do_alone(const char *step)
{
	ssize_t size;

	if (strcmp(step, "empty") == 0)
		send_message(0);
	else if (strcmp(step, "flood") == 0)
		flood();
	else if (strcmp(step, "echo") == 0)
		while ((size = receive()) != -1)
			send_message((size_t)size);
	else if (strcmp(step, "end") == 0)
		expect(receive() == -1, "no end");
	else if (strcmp(step, "half-close") == 0)
		shutdown(out, SHUT_WR);
	else if (strcmp(step, "stop-reading") == 0)
		shutdown(in, SHUT_RD);
	else if (strcmp(step, "fork") == 0)
		do_fork();
	else if (strcmp(step, "orphan") == 0)
		await_orphanage();
	else if (strcmp(step, "pause") == 0)
		pause();
	else
		return false;
	return true;
}

int
main(int argc, char **argv)
{
	int on = 1;
	char *value;
	int i;

	alarm(300);
	parent = getpid();
	data = malloc(ROOM);
	expect(data != NULL, "malloc");
	setsockopt(in, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof(on));
	for (i = 1; i < argc; i++) {
		value = strchr(argv[i], ':');
		if (value != NULL)
			*value++ = '\0';
		expect(value != NULL ? do_with(argv[i], value) :
		    do_alone(argv[i]), argv[i]);
	}
	return 0;
}
