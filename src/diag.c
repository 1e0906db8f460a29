/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "diag.h"

#define TEXT_MAX 1000	/* bytes: paths and reasons fit, an attack does not */

/* Append from to the line that ends at to, control characters escaped. */
static char *
append_shown(char *to, const char *from)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char c;

	for (; *from != '\0'; from++) {
		c = (unsigned char)*from;
		if (c >= ' ' && c != 0x7f) {
			*to++ = *from;
			continue;
		}
		*to++ = '\\';
		*to++ = 'x';
		*to++ = digits[c >> 4];
		*to++ = digits[c & 15];
	}
	return to;
}

void
diag_print(const char *format, ...)
{
	static const char prefix[] = "sockpair: ";
	static const char cut[] = "...";
	char text[TEXT_MAX];
	/* Each byte of text may become the four of \xNN. */
	char line[sizeof(prefix) + 4 * sizeof(text) + sizeof(cut)];
	char *end = line;
	const char *p;
	int saved_errno = errno;
	va_list arguments;
	ssize_t written;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (length < 0)
		text[0] = '\0';
	end = append_shown(end, prefix);
	end = append_shown(end, text);
	if (length >= (int)sizeof(text))
		end = append_shown(end, cut);
	*end++ = '\n';
	for (p = line; p < end; p += written) {
		written = write(STDERR_FILENO, p, (size_t)(end - p));
		if (written == -1 && errno == EINTR)
			written = 0;
		else if (written <= 0)
			break;		/* nobody is left to be told */
	}
	errno = saved_errno;
}
