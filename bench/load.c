/* SPDX-License-Identifier: MIT */
/*
 * The ends of every measured flow, doing as little as there is to do:
 *
 *	load give BYTES CHUNK	write so much, CHUNK bytes a write
 *	load take BYTES		read to the end; fail unless so much came
 *	load echo		write back what comes, as it comes
 *
 * CHUNK is the size of one write, so a short write is gone on with.  A read
 * takes what there is, 64 KiB at most.
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE 65536
#define LARGEST (1 << 24)

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

static void
give(unsigned long long left, unsigned long long chunk)
{
	char *data;

	if (chunk == 0 || chunk > LARGEST)
		errx(2, "a write of %llu bytes is not to be had", chunk);
	data = malloc((size_t)chunk);
	if (data == NULL)
		err(1, "no memory");
	memset(data, 'x', (size_t)chunk);
	while (left > 0) {
		if (chunk > left)
			chunk = left;
		put(data, (size_t)chunk);
		left -= chunk;
	}
	free(data);
}

static void
take(unsigned long long wanted)
{
	unsigned long long total = 0;
	size_t size;

	while ((size = get()) > 0)
		total += size;
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

int
main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "give") == 0)
		give(number(argv[2]), number(argv[3]));
	else if (argc == 3 && strcmp(argv[1], "take") == 0)
		take(number(argv[2]));
	else if (argc == 2 && strcmp(argv[1], "echo") == 0)
		echo();
	else
		errx(2, "usage: load give BYTES CHUNK | take BYTES | echo");
	return 0;
}
