/* SPDX-License-Identifier: MIT */
/*
 * The scripted command that passes descriptors: an instrument for the tests.
 *
 *	hand STEP...
 *
 * does its steps in order and exits 0.  It sends and receives on descriptor 0,
 * or on N after use:N.  After an unexpected error it prints a line on standard
 * error and exits 99.
 *
 *	open:PATH	open PATH for reading, and hold the descriptor
 *	make:PATH	create PATH for writing, and hold the descriptor
 *	many:N		hold N duplicates of standard error
 *	same:N		hold standard error itself N times
 *	own:N		hold a duplicate of descriptor N, such as our end
 *	ring		hold two sockets, each with the other one in its queue
 *	refuse-fds	let nobody send us descriptors (Linux 6.16)
 *	pass:TEXT	send TEXT with all descriptors held, and close these
 *	bulk:N		the same with N bytes, sent by one call
 *	say:TEXT	send TEXT alone
 *	flood:N		send N bytes, one by one, each with 253 descriptors, as
 *			fast as the system allows
 *	take:N		receive once, at most N bytes, and keep the descriptors;
 *			write a line on standard error: the bytes, the number
 *			of descriptors, and the names of their files, if these
 *			are in the current directory
 *	take-all	receive until end of file; write how many bytes and
 *			descriptors came
 *	put:TEXT	write TEXT to the descriptor that was kept last
 *	end		receive end of file, or fail
 *	half-close	shut the socket down for writing
 *	touch:PATH	create the file PATH
 *	wait:PATH	wait until the file PATH exists (a minute at most)
 *	use:N		from here on use descriptor N
 *	exit:N		exit with status N
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64	/* inodes of the host, in 32 bits */
#include <sys/socket.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "instrument.h"

#define MOST 253
#define PASS_RIGHTS 83		/* SO_PASSRIGHTS of Linux 6.16 */
#define ROOM (1 << 20)		/* bytes of one send */

static int end = 0;
static int held[MOST];
static int held_count;
static int kept = -1;
static char data[ROOM];

static union {
	struct cmsghdr header;
	char space[CMSG_SPACE(MOST * sizeof(int)) + 256];
} control;

static void
hold(int fd, const char *what)
{
	expect(fd != -1 && held_count < MOST, what);
	held[held_count++] = fd;
}

static void
hold_same(int count)
{
	while (count-- > 0)
		hold(STDERR_FILENO, "same");
}

static void
hold_many(int count)
{
	while (count-- > 0)
		hold(dup(STDERR_FILENO), "many");
}

/* Returns what sendmsg(2) does. */
static ssize_t
send_through(int to, size_t size, const int *fds, int count)
{
	struct iovec iov = { data, size };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *header = &control.header;
	size_t length = (size_t)count * sizeof(int);

	if (count > 0) {
		message.msg_control = control.space;
		message.msg_controllen = CMSG_SPACE(length);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(length);
		memcpy(CMSG_DATA(header), fds, length);
	}
	return sendmsg(to, &message, MSG_NOSIGNAL);
}

static ssize_t
send_with(size_t size, const int *fds, int count)
{
	return send_through(end, size, fds, count);
}

static void
hold_ring(void)
{
	int ring[2];

	expect(socketpair(AF_UNIX, SOCK_DGRAM, 0, ring) == 0, "ring");
	expect(send_through(ring[0], 1, &ring[0], 1) == 1 &&
	    send_through(ring[1], 1, &ring[1], 1) == 1, "ring");
	hold(ring[0], "ring");
	hold(ring[1], "ring");
}

static void
pass(size_t size)
{
	expect(send_with(size, held, held_count) == (ssize_t)size, "sendmsg");
	while (held_count > 0)
		if (held[--held_count] != STDERR_FILENO)
			close(held[held_count]);
}

static void
flood(long count)
{
	int fds[MOST];
	int i;

	for (i = 0; i < MOST; i++)
		fds[i] = STDERR_FILENO;
	data[0] = 'f';
	while (count > 0) {
		if (send_with(1, fds, MOST) == 1)
			count--;
		else if (errno == ETOOMANYREFS)
			usleep(1000);	/* a user without rights has a limit */
		else
			expect(false, "flood");
	}
}

/* Returns the bytes received, and puts the descriptors into fds. */
static ssize_t
receive(size_t size, int fds[MOST], int *count)
{
	struct iovec iov = { data, size };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *header;
	ssize_t got;

	message.msg_control = control.space;
	message.msg_controllen = sizeof(control.space);
	got = recvmsg(end, &message, 0);
	expect(got != -1, "recvmsg");
	expect(!(message.msg_flags & (MSG_CTRUNC | MSG_TRUNC)), "cut");
	*count = 0;
	header = CMSG_FIRSTHDR(&message);
	if (header != NULL && header->cmsg_type == SCM_RIGHTS) {
		*count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		memcpy(fds, CMSG_DATA(header), (size_t)*count * sizeof(int));
	}
	return got;
}

/* Add the name of fd's file in this directory, behind a blank. */
static void
add_name(FILE *line, int fd)
{
	DIR *directory = opendir(".");
	struct dirent *entry;
	struct stat file, other;

	expect(directory != NULL && fstat(fd, &file) == 0, "fstat");
	while ((entry = readdir(directory)) != NULL)
		if (stat(entry->d_name, &other) == 0 &&
		    other.st_ino == file.st_ino && other.st_dev == file.st_dev)
			break;
	fprintf(line, " %s", entry != NULL ? entry->d_name : "?");
	closedir(directory);
}

/* The line is one write: others may write there, too. */
static void
take(size_t size)
{
	int fds[MOST], count, i;
	ssize_t got = receive(size, fds, &count);
	char text[4000];
	FILE *line = fmemopen(text, sizeof(text), "w");

	expect(line != NULL, "fmemopen");
	fprintf(line, "took %zd", got);
	if (got < 30)
		fprintf(line, " %.*s", (int)got, data);
	fprintf(line, " +%d", count);
	for (i = 0; i < count && count < 10; i++)
		add_name(line, fds[i]);
	putc('\n', line);
	size = (size_t)ftell(line);
	expect(fclose(line) == 0, "fclose");
	expect(write(STDERR_FILENO, text, size) == (ssize_t)size, "write");
	if (count > 0)
		kept = fds[count - 1];
}

static void
take_all(void)
{
	long long bytes = 0, descriptors = 0;
	int fds[MOST], count, i;
	ssize_t got;

	while ((got = receive(ROOM, fds, &count)) > 0) {
		bytes += got;
		descriptors += count;
		for (i = 0; i < count; i++)
			close(fds[i]);
	}
	fprintf(stderr, "took %lld +%lld\n", bytes, descriptors);
}

static size_t
say(const char *text)
{
	return strlen(strcpy(data, text));
}

static size_t
fill(size_t size)
{
	expect(size <= ROOM, "bulk");
	memset(data, 'b', size);
	return size;
}

static bool
do_step(const char *name, const char *argument)
{
	long number = atol(argument);

	if (strcmp(name, "open") == 0)
		hold(open(argument, O_RDONLY), argument);
	else if (strcmp(name, "make") == 0)
		hold(open(argument, O_WRONLY | O_CREAT, 0600), argument);
	else if (strcmp(name, "many") == 0)
		hold_many((int)number);
	else if (strcmp(name, "same") == 0)
		hold_same((int)number);
	else if (strcmp(name, "own") == 0)
		hold(dup((int)number), name);
	else if (strcmp(name, "ring") == 0)
		hold_ring();
	else if (strcmp(name, "refuse-fds") == 0)
		expect(setsockopt(end, SOL_SOCKET, PASS_RIGHTS, &(int){ 0 },
		    sizeof(int)) == 0, name);
	else if (strcmp(name, "pass") == 0)
		pass(say(argument));
	else if (strcmp(name, "bulk") == 0)
		pass(fill((size_t)number));
	else if (strcmp(name, "say") == 0)
		expect(send(end, data, say(argument), 0) != -1, "send");
	else if (strcmp(name, "flood") == 0)
		flood(number);
	else if (strcmp(name, "take") == 0)
		take((size_t)number);
	else if (strcmp(name, "take-all") == 0)
		take_all();
	else if (strcmp(name, "put") == 0)
		expect(write(kept, argument, strlen(argument)) != -1, "put");
	else if (strcmp(name, "end") == 0)
		expect(recv(end, data, 1, 0) == 0, "no end of file");
	else if (strcmp(name, "half-close") == 0)
		expect(shutdown(end, SHUT_WR) == 0, "half-close");
	else if (strcmp(name, "touch") == 0)
		expect(close(open(argument, O_WRONLY | O_CREAT, 0600)) == 0,
		    argument);
	else if (strcmp(name, "wait") == 0)
		wait_for(argument);
	else if (strcmp(name, "use") == 0)
		end = (int)number;
	else if (strcmp(name, "exit") == 0)
		exit((int)number);
	else
		return false;
	return true;
}

int
main(int argc, char **argv)
{
	char *argument;
	int i;

	for (i = 1; i < argc; i++) {
		argument = strchr(argv[i], ':');
		if (argument != NULL)
			*argument++ = '\0';
		if (!do_step(argv[i], argument == NULL ? "" : argument)) {
			fprintf(stderr, "hand: no step '%s'\n", argv[i]);
			return EXIT_UNEXPECTED;
		}
	}
	return 0;
}
