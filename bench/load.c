/* SPDX-License-Identifier: MIT */
/*
 * The two ends of every measured flow, which do as little as possible:
 *
 *	load give BYTES CHUNK [u32]
 *		write BYTES bytes, CHUNK in each write; u32: each CHUNK after
 *		its size, in four bytes that do not count
 *	load take BYTES		read to the end; fail unless BYTES bytes came
 *	load echo		write back all data as it comes
 *	load fetch COUNT SIZE	read COUNT messages; fail unless each has SIZE
 *				bytes
 *	load join RELAY... -- COMMAND...
 *		run COMMAND on one end of a stream socket pair, and RELAY with
 *		the other end as its descriptors 6 and 7, as s6-ioconnect
 *		expects
 *
 * A short write is continued until CHUNK bytes are written.  A read takes at
 * most 64 KiB; from a message socket, one message, so give and echo work with
 * messages as well.
 *
 * When all data has come, take and fetch send SIGUSR1 to the process that METER
 * in the environment names.  So the meter does not measure the end of a relay,
 * and does not wait for a command that never gets end of file.
 */
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE 65536
#define LARGEST (1 << 24)
#define FRAME 4

static char piece[PIECE];

static unsigned long long
number(const char *text)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0')
		errx(2, "'%s' is not a number of bytes", text);
	return value;
}

static void
put(const char *data, size_t size)
{
	ssize_t done;

	while (size > 0) {
		done = write(STDOUT_FILENO, data, size);
		if (done == -1 && errno == EINTR)
			continue;
		if (done == -1)
			err(1, "cannot write");
		data += done;
		size -= (size_t)done;
	}
}

/* What was read, 0 at the end. */
static size_t
get(void)
{
	ssize_t got;

	do
		got = read(STDIN_FILENO, piece, sizeof piece);
	while (got == -1 && errno == EINTR);
	if (got == -1)
		err(1, "cannot read");
	return (size_t)got;
}

/* Tell the meter that all has come. */
static void
mark(void)
{
	const char *meter = getenv("METER");

	if (meter != NULL)
		kill((pid_t)number(meter), SIGUSR1);
}

static void
set_frame(char *frame, unsigned long long size)
{
	int i;

	for (i = 0; i < FRAME; i++)
		frame[i] = (char)(size >> 8 * (FRAME - 1 - i));
}

static void
give(unsigned long long left, unsigned long long chunk, bool framed)
{
	char *data;
	size_t before = framed ? FRAME : 0;

	if (chunk == 0 || chunk > LARGEST)
		errx(2, "a write of %llu bytes is not to be had", chunk);
	data = malloc(FRAME + (size_t)chunk);
	if (data == NULL)
		err(1, "no memory");
	memset(data + before, 'x', (size_t)chunk);
	while (left > 0) {
		if (chunk > left)
			chunk = left;
		if (framed)
			set_frame(data, chunk);
		put(data, before + (size_t)chunk);
		left -= chunk;
	}
	free(data);
}

static void
take(unsigned long long wanted)
{
	unsigned long long total = 0;
	size_t size;

	while ((size = get()) > 0) {
		total += size;
		if (total == wanted)
			mark();
	}
	if (total != wanted)
		errx(1, "%llu bytes came, not %llu", total, wanted);
}

static void
echo(void)
{
	size_t size;

	while ((size = get()) > 0)
		put(piece, size);
}

/* Datagrams have no end, so the count decides. */
static void
fetch(unsigned long long count, unsigned long long size)
{
	unsigned long long i, got;

	for (i = 0; i < count; i++) {
		got = get();
		if (got != size)
			errx(1, "message %llu has %llu bytes, not %llu", i,
			    got, size);
	}
	mark();
}

/* In this process RELAY, whose end is what counts. */
static void
join(char **relay)
{
	char **command;
	int ends[2];

	for (command = relay; strcmp(*command, "--") != 0; command++)
		if (command[1] == NULL)
			errx(2, "no command");
	*command++ = NULL;
	if (*relay == NULL || *command == NULL)
		errx(2, "an empty command");
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
		err(1, "cannot make a socket pair");
	switch (fork()) {
	case -1:
		err(1, "cannot fork");
	case 0:
		close(ends[0]);
		dup2(ends[1], STDIN_FILENO);
		dup2(ends[1], STDOUT_FILENO);
		close(ends[1]);
		execvp(command[0], command);
		err(1, "cannot run '%s'", command[0]);
	default:
		close(ends[1]);
		dup2(ends[0], 6);
		dup2(ends[0], 7);
		close(ends[0]);
		execvp(relay[0], relay);
		err(1, "cannot run '%s'", relay[0]);
	}
}

int
main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "give") == 0)
		give(number(argv[2]), number(argv[3]), false);
	else if (argc == 5 && strcmp(argv[1], "give") == 0 &&
	    strcmp(argv[4], "u32") == 0)
		give(number(argv[2]), number(argv[3]), true);
	else if (argc == 3 && strcmp(argv[1], "take") == 0)
		take(number(argv[2]));
	else if (argc == 2 && strcmp(argv[1], "echo") == 0)
		echo();
	else if (argc == 4 && strcmp(argv[1], "fetch") == 0)
		fetch(number(argv[2]), number(argv[3]));
	else if (argc > 3 && strcmp(argv[1], "join") == 0)
		join(argv + 2);
	else
		errx(2, "usage: load give|take|echo|fetch|join ...");
	return 0;
}
