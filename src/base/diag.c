/* SPDX-License-Identifier: MIT */
#include "config.h"

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

static bool is_hurried;

void
diag_hurry(void)
{
	is_hurried = true;
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

void
diag_print_text(const char *text, size_t size)
{
	static const char prefix[] = "sockpair: ";
	/* Each byte of text may become the four of \xNN. */
	char data[sizeof(prefix) + 4 * TEXT_MAX + TEXTBUF_SPARE];
	struct textbuf line = textbuf_in(data, sizeof(data));
	int saved_errno = errno;
	ssize_t written;
	size_t done;

	textbuf_put(&line, prefix, sizeof(prefix) - 1);
	put_cut_text(&line, text, size < TEXT_MAX ? size : TEXT_MAX - 1,
	    size >= TEXT_MAX);
	textbuf_put_byte(&line, '\n');
	for (done = 0; done < line.used; done += (size_t)written) {
		if (is_hurried && !nowait_is_ready(STDERR_FILENO, POLLOUT))
			break;
		written = write(STDERR_FILENO, data + done, line.used - done);
		if (written == -1 && errno == EINTR)
			written = 0;
		else if (written <= 0)
			break;		/* the message cannot be printed */
	}
	errno = saved_errno;
}

void
diag_print(const char *format, ...)
{
	char text[TEXT_MAX];
	int saved_errno = errno;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	diag_print_text(text, length < 0 ? 0 : (size_t)length);
	errno = saved_errno;
}
