/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/charset.h"
#include "base/diag.h"
#include "base/nowait.h"
#include "base/textbuf.h"
#include "base/utf8.h"

#define TEXT_MAX 1000	/* bytes; a longer text is cut */
#define PROGRAM_MAX 32	/* the same of the program's name */

#define ASK_EVERY 100	/* milliseconds between two calls of may_wait() */

/* Each byte of a text may become the four of \xNN. */
static_assert(PROGRAM_MAX + sizeof(": \n") + 4 * TEXT_MAX + TEXTBUF_SPARE <=
    DIAG_LINE_MAX, "a line has room for the longest text");

static const char *program = "sockpair";
static bool is_hurried;
static bool (*may_wait)(const void *context);
static const void *wait_context;

void
diag_set_program(const char *name)
{
	assert(strlen(name) <= PROGRAM_MAX);
	program = name;
}

void
diag_hurry(void)
{
	is_hurried = true;
}

void
diag_set_wait(bool (*may)(const void *context), const void *context)
{
	may_wait = may;
	wait_context = context;
}

/* Whether text has bytes that depend on the character set. */
static bool
is_beyond_ascii(const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if ((unsigned char)text[i] >= 0x80)
			return true;
	return false;
}

/* Put text.  If it was cut, leave out an incomplete character, and put dots. */
static void
put_cut_text(struct textbuf *line, const char *text, size_t size, bool was_cut)
{
	if (was_cut)
		size -= utf8_cut_size(text, size);
	textbuf_put_shown(line, text, size,
	    is_beyond_ascii(text, size) && charset_is_utf8());
	if (was_cut)
		textbuf_put(line, "...", 3);
}

/* Put the line of a message. */
static void
put_line(struct textbuf *lines, const char *text, size_t size)
{
	textbuf_put(lines, program, strlen(program));
	textbuf_put(lines, ": ", 2);
	put_cut_text(lines, text, size < TEXT_MAX ? size : TEXT_MAX - 1,
	    size >= TEXT_MAX);
	textbuf_put_byte(lines, '\n');
}

/*
 * Wait until standard error has room.  A file of which poll(2) never reports
 * room is taken to have some.  Returns false if we are not to wait.
 */
static bool
wait_for_room(void)
{
	struct pollfd slot = { .fd = STDERR_FILENO, .events = POLLOUT };

	if (!nowait_reports_room(STDERR_FILENO))
		return true;
	while (!nowait_is_ready(STDERR_FILENO, POLLOUT)) {
		if (is_hurried || (may_wait != NULL && !may_wait(wait_context)))
			return false;
		if (poll(&slot, 1, ASK_EVERY) == -1 && errno != EINTR)
			return true;	/* write(2) will wait, or say why not */
		/* A terminal without a reader, see nowait_is_ready(). */
		if (slot.revents == POLLHUP)
			(void)poll(NULL, 0, ASK_EVERY);
	}
	return true;
}

void
diag_write(const char *lines, size_t size)
{
	int saved_errno = errno;
	size_t most = isatty(STDERR_FILENO) ? TERMINAL_ROOM : PIPE_BUF;
	ssize_t written;
	size_t done;

	for (done = 0; done < size; done += (size_t)written) {
		if (!wait_for_room())
			break;
		written = write(STDERR_FILENO, lines + done,
		    size - done < most ? size - done : most);
		if (written == -1 && (errno == EINTR || errno == EAGAIN))
			written = 0;
		else if (written <= 0)
			break;		/* the message cannot be printed */
	}
	errno = saved_errno;
}

void
diag_print_text(const char *text, size_t size)
{
	char data[DIAG_LINE_MAX];
	struct textbuf line = textbuf_in(data, sizeof(data));

	put_line(&line, text, size);
	diag_write(line.data, line.used);
}

/* Make the text of a message, of TEXT_MAX bytes at most.  Returns its size. */
#ifdef __GNUC__
__attribute__((format(printf, 2, 0)))
#endif
static size_t
format_text(char text[TEXT_MAX], const char *format, va_list arguments)
{
	int saved_errno = errno;
	int length = vsnprintf(text, TEXT_MAX, format, arguments);

	errno = saved_errno;
	return length < 0 ? 0 : (size_t)length;
}

void
diag_print(const char *format, ...)
{
	char text[TEXT_MAX];
	va_list arguments;
	size_t size;

	va_start(arguments, format);
	size = format_text(text, format, arguments);
	va_end(arguments);
	diag_print_text(text, size);
}

void
diag_put(struct textbuf *lines, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list arguments;
	size_t size;

	va_start(arguments, format);
	size = format_text(text, format, arguments);
	va_end(arguments);
	put_line(lines, text, size);
}
