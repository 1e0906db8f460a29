/* SPDX-License-Identifier: MIT */
/*
 * The file is read whole into one buffer, and what its lines stand for is
 * written to the start of that same buffer: a line is always longer than the
 * bytes that it records.
 */
#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/result.h"
#include "play/record-line.h"
#include "play/record.h"

#define ROOM_MIN ((size_t)64 * 1024)	/* bytes for a file of unknown size */

/* The contents of the file, so far. */
struct contents {
	char *data;		/* owned */
	size_t size;
	size_t room;
};

/* --- read ----------------------------------------------------------------- */

/*
 * How many bytes to allocate at first: one more than the file has, so that
 * read(2) reaches the end of the file without a larger buffer.
 */
static size_t
guess_room(int fd)
{
	struct stat status;

	if (fstat(fd, &status) == -1 || !S_ISREG(status.st_mode) ||
	    status.st_size <= 0 || (uintmax_t)status.st_size >= SIZE_MAX)
		return ROOM_MIN;
	return (size_t)status.st_size + 1;
}

/* Allocate room bytes, more than before.  Returns 0, or -1 with errno. */
static int
enlarge(struct contents *contents, size_t room)
{
	char *data = realloc(contents->data, room);

	if (data == NULL)
		return -1;
	contents->data = data;
	contents->room = room;
	return 0;
}

/* Whether to repeat a read that failed with errno; waits until fd is ready. */
static bool
can_retry(int fd)
{
	struct pollfd slot = { .fd = fd, .events = POLLIN };

	if (errno == EINTR)
		return true;
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		return false;
	/* Others who hold standard input may have made it non-blocking. */
	return poll(&slot, 1, -1) != -1 || io_is_temporary(errno);
}

/* Read fd to its end.  Returns 0, or -1 with errno. */
static int
read_all(struct contents *contents, int fd)
{
	ssize_t got;

	if (enlarge(contents, guess_room(fd)) == -1)
		return -1;
	for (;;) {
		if (contents->size == contents->room) {
			if (contents->room > SIZE_MAX / 2) {
				errno = ENOMEM;
				return -1;
			}
			if (enlarge(contents, 2 * contents->room) == -1)
				return -1;
		}
		got = read(fd, contents->data + contents->size,
		    contents->room - contents->size);
		if (got == 0)
			return 0;
		if (got > 0)
			contents->size += (size_t)got;
		else if (!can_retry(fd))
			return -1;
	}
}

static int
read_file(struct contents *contents, const char *path)
{
	int saved_errno;
	int result;
	int fd;

	if (strcmp(path, "-") == 0)
		return read_all(contents, STDIN_FILENO);
	fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	result = read_all(contents, fd);
	saved_errno = errno;
	close(fd);
	errno = saved_errno;
	return result;
}

/* --- parse ---------------------------------------------------------------- */

static int
parse_lines(struct record *record, const char *data, size_t size)
{
	struct reading reading = { .record = record };
	const char *end;
	size_t length;

	for (; size > 0; data += length, size -= length) {
		end = memchr(data, '\n', size);
		length = end == NULL ? size : (size_t)(end - data);
		reading.line++;
		if (record_line(&reading, data, length) == -1)
			return -1;
		length += end != NULL;
	}
	return 0;
}

/* Count again, because read_undelivered() may have taken steps out. */
static void
tally(struct record *record)
{
	const struct step *step;
	size_t i;

	for (i = 0; i < SPEAKERS; i++) {
		record->largest[i] = 0;
		record->has_data[i] = false;
	}
	for (i = 0; i < record->count; i++) {
		step = &record->steps[i];
		if (step->kind != STEP_DATA)
			continue;
		record->has_data[step->speaker] = true;
		if (step->size > record->largest[step->speaker])
			record->largest[step->speaker] = step->size;
	}
}

/* Free the part of the buffer that the bytes of the steps do not use. */
static void
trim(struct record *record)
{
	char *data = realloc(record->data, record->size + 1);

	if (data != NULL)
		record->data = data;
}

int
record_parse(struct record *record, const char *path, char *data, size_t size)
{
	static const char mark[] = "\xef\xbb\xbf";	/* U+FEFF in UTF-8 */
	size_t skipped = 0;

	*record = (struct record){
		.path = path,
		.type = SOCK_STREAM,
		.wire = -1,
		.data = data,
	};
	if (size >= 3 && memcmp(data, mark, 3) == 0)
		skipped = 3;
	if (parse_lines(record, data + skipped, size - skipped) == -1)
		return -1;
	tally(record);
	trim(record);
	return 0;
}

int
record_read(struct record *record, const char *path)
{
	struct contents contents = { .data = NULL };

	*record = (struct record){ .path = path };
	if (read_file(&contents, path) == -1) {
		record_fail(record, errno);
		free(contents.data);
		return -1;
	}
	return record_parse(record, path, contents.data, contents.size);
}

void
record_free(struct record *record)
{
	fd_list_free(&record->fds);
	free(record->steps);
	free(record->data);
}
