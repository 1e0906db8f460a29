/* SPDX-License-Identifier: MIT */
/* Messages: one line, in one write, whatever they quote. */
#include "config.h"

#include "diag.h"
#include "tap.h"

/* Print a text and catch it. */
static void
show(struct capture *capture, const char *text)
{
	capture_begin(capture, STDERR_FILENO);
	diag_print("%s", text);
	capture_end(capture);
}

static void
test_line(void)
{
	struct capture capture;
	char title[80];
	char text[2];
	char want[40];
	int c;

	capture_begin(&capture, STDERR_FILENO);
	errno = EXDEV;
	diag_print("cannot %s '%s': %d", "count", "x", 42);
	c = errno;
	capture_end(&capture);
	is_int(c, EXDEV, "errno is kept");
	is_str(capture.text, "sockpair: cannot count 'x': 42\n",
	    "the name, the text as of printf, a newline");
	is_int(capture.writes, 1, "in one write");

	for (c = 1; c < 256; c++) {
		text[0] = (char)c;
		text[1] = '\0';
		if (c < ' ' || c == 0x7f)
			snprintf(want, sizeof(want), "sockpair: \\x%02x\n",
			    (unsigned int)c);
		else
			snprintf(want, sizeof(want), "sockpair: %c\n", c);
		snprintf(title, sizeof(title), "character %d is %s", c,
		    c < ' ' || c == 0x7f ? "escaped" : "kept");
		show(&capture, text);
		is_str(capture.text, want, title);
	}
	show(&capture, "a\nsockpair: b\r\033[31m\tc");
	is_str(capture.text,
	    "sockpair: a\\x0asockpair: b\\x0d\\x1b[31m\\x09c\n",
	    "no quoted text makes a second line");
	show(&capture, "");
	is_str(capture.text, "sockpair: \n", "an empty text is a line");
	show(&capture, "%s%n");
	is_str(capture.text, "sockpair: %s%n\n", "a quoted % is a letter");
}

/* Of text, size bytes c, what is shown: whole, or cut and marked. */
static void
long_is(int c, size_t size, bool whole, const char *name)
{
	static char text[100001];
	struct capture capture;
	const char *end;

	memset(text, c, size);
	text[size] = '\0';
	show(&capture, text);
	end = capture.text + (capture.size > 4 ? capture.size - 4 : 0);
	ok(capture.writes == 1 && capture.size < 4096 &&
	    memchr(capture.text, '\n', capture.size) ==
	    capture.text + capture.size - 1 &&
	    (strcmp(end, "...\n") == 0) == !whole &&
	    (!whole || capture.size == size + strlen("sockpair: \n")), name);
}

static void
test_length(void)
{
	long_is('a', 300, true, "a few hundred characters are shown");
	long_is('a', 2000, false, "an over-long text is cut");
	long_is('a', 100000, false, "a text as long as a file is cut");
	long_is('\n', 100000, false, "an over-long text is cut, escaped");
}

/* Standard error is closed. */
static int
print_to_nobody(void *argument)
{
	(void)argument;
	close(STDERR_FILENO);
	errno = EXDEV;
	diag_print("lost");
	return errno == EXDEV ? 0 : 1;
}

/* Standard error is full: whoever set O_NONBLOCK gets no more. */
static int
print_to_full(void *argument)
{
	char block[4096] = { 0 };
	int ends[2];

	(void)argument;
	if (pipe2(ends, O_NONBLOCK) == -1 ||
	    dup2(ends[1], STDERR_FILENO) == -1)
		return 2;
	while (write(ends[1], block, sizeof(block)) > 0)
		;
	errno = EXDEV;
	diag_print("lost");
	return errno == EXDEV ? 0 : 1;
}

int
main(void)
{
	test_line();
	test_length();
	is_int(run_child(print_to_nobody, NULL), 0,
	    "a closed standard error is no fault, and errno is kept");
	is_int(run_child(print_to_full, NULL), 0,
	    "a full one that does not block is none either");
	return done_testing();
}
