/* SPDX-License-Identifier: MIT */
/* Messages: in one write, and one line whatever they quote. */
#include "config.h"

#include <locale.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/textbuf.h"
#include "tap.h"

/*
 * What --wrap has put in place of write(2): if most is not 0, it writes so many
 * bytes at most, and every second call is interrupted before it writes any.
 */
static size_t most;
static int calls;

ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);

ssize_t
__wrap_write(int fd, const void *data, size_t size)
{
	if (most == 0)
		return __real_write(fd, data, size);
	if (calls++ % 2 == 0) {
		errno = EINTR;
		return -1;
	}
	return __real_write(fd, data, size < most ? size : most);
}

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
	static const char letters[] = "\\\\\rr\nn\tt\033e";
	const char *letter;
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
		letter = strchr(letters, c);
		if (letter != NULL && (letter - letters) % 2 == 0)
			snprintf(want, sizeof(want), "sockpair: \\%c\n",
			    letter[1]);
		else if (c < ' ' || c >= 0x7f)
			snprintf(want, sizeof(want), "sockpair: \\x%02x\n",
			    (unsigned int)c);
		else
			snprintf(want, sizeof(want), "sockpair: %c\n", c);
		snprintf(title, sizeof(title), "byte %d is %s", c,
		    strlen(want) > strlen("sockpair: c\n") ? "escaped" :
		    "kept");
		show(&capture, text);
		is_str(capture.text, want, title);
	}
	show(&capture, "a\nsockpair: b\r\033[31m\tc");
	is_str(capture.text,
	    "sockpair: a\\nsockpair: b\\r\\e[31m\\tc\n",
	    "no quoted text makes a second line");
	show(&capture, "");
	is_str(capture.text, "sockpair: \n", "an empty text is a line");
	capture_begin(&capture, STDERR_FILENO);
	diag_print_text("a\0b", 3);
	capture_end(&capture);
	is_str(capture.text, "sockpair: a\\x00b\n",
	    "a text of bytes may have a NUL");
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
	long_is('a', 999, true, "the longest text that is shown is whole");
	long_is('a', 1000, false, "one byte more, and it is cut");
	long_is('a', 300, true, "a few hundred characters are shown");
	long_is('a', 2000, false, "an over-long text is cut");
	long_is('a', 100000, false, "a text as long as a file is cut");
	long_is('\n', 100000, false, "an over-long text is cut, escaped");
}

static const struct {
	const char *text;
	const char *plain;
	const char *utf8;
} words[] = {
	{ "na\xc3\xafve", "na\\xc3\\xafve", "na\xc3\xafve" },
	{ "a\xff", "a\\xff", "a\\xff" },
	{ "a\xc2\x9b" "31m", "a\\xc2\\x9b31m", "a\\xc2\\x9b31m" },
	{ "a\xe2\x80\xae" "b", "a\\xe2\\x80\\xaeb", "a\\xe2\\x80\\xaeb" },
	{ "a\xe2\x80\x8b", "a\\xe2\\x80\\x8b", "a\\xe2\\x80\\x8b" },
};

/*
 * In a locale called name: 0 if every word is shown as it should be there, and
 * a long text is not cut within a character, or if there is no such locale.
 */
static int
show_words(void *argument)
{
	const char *name = argument;
	bool utf8 = strcmp(name, "C") != 0;
	char text[4001];
	struct capture capture;
	char want[80];
	size_t i;

	setenv("LC_ALL", name, 1);
	if (setlocale(LC_CTYPE, "") == NULL)
		return 0;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		snprintf(want, sizeof(want), "sockpair: %s\n",
		    utf8 ? words[i].utf8 : words[i].plain);
		show(&capture, words[i].text);
		if (strcmp(capture.text, want) != 0)
			return 1;
	}
	for (i = 0; i < sizeof(text) - 1; i += 4)
		memcpy(text + i, "\xf0\x9f\x98\x80", 4);
	text[i] = '\0';
	show(&capture, text);
	return utf8 && strstr(capture.text, "\x9f\x98\x80...\n") == NULL;
}

static void
test_lines(void)
{
	char letters[2000];
	char data[DIAG_LINE_MAX + 20];
	struct textbuf lines = textbuf_in(data, sizeof(data));
	struct capture capture;
	int error;

	capture_begin(&capture, STDERR_FILENO);
	errno = EXDEV;
	diag_put(&lines, "%s:%d: '%s' differs", "talk", 5, "a\nb");
	textbuf_print(&lines, "got: \t\"a\"\n");
	diag_write(lines.data, lines.used);
	error = errno;
	capture_end(&capture);
	is_str(capture.text, "sockpair: talk:5: 'a\\nb' differs\n"
	    "got: \t\"a\"\n", "further lines are written as they are");
	is_int(capture.writes, 1, "in the same write");
	is_int(error, EXDEV, "and errno is kept");

	memset(letters, '\n', sizeof(letters));
	letters[sizeof(letters) - 1] = '\0';
	lines = textbuf_in(data, sizeof(data));
	diag_put(&lines, "%s", letters);
	ok(!lines.cut && lines.used > 1900 && lines.used < DIAG_LINE_MAX &&
	    memcmp(data + lines.used - 4, "...\n", 4) == 0,
	    "the longest line that is put is cut, and fits");
}

static void
test_parts(void)
{
	struct capture capture;

	most = 4;
	show(&capture, "cannot write it all at once");
	most = 0;
	is_str(capture.text, "sockpair: cannot write it all at once\n",
	    "a line that is written in parts is whole");
	is_int(capture.writes, 10, "and nothing is written twice");
}

/* The name of the program, when none has been set before. */
static int
print_as(void *argument)
{
	const char *name = argument;
	char data[DIAG_LINE_MAX];
	struct textbuf line = textbuf_in(data, sizeof(data));
	struct capture capture;
	char want[200];

	diag_set_program(name);
	snprintf(want, sizeof(want), "%s: x\n%s: y\n%s: z\n", name, name,
	    name);
	capture_begin(&capture, STDERR_FILENO);
	diag_print("x");
	diag_print_text("y", 1);
	diag_put(&line, "z");
	diag_write(line.data, line.used);
	capture_end(&capture);
	return strcmp(capture.text, want);
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

/* How often may_wait() has been asked. */
static int asked;

/* The first time nothing happens; the second time all is read. */
static bool
make_room(const void *context)
{
	const int *ends = context;
	char block[4096];

	if (++asked == 2)
		while (read(ends[0], block, sizeof(block)) > 0)
			;
	return true;
}

static bool
refuse_to_wait(const void *context)
{
	(void)context;
	asked++;
	return false;
}

static bool
wait_once(const void *context)
{
	(void)context;
	return ++asked == 1;
}

/* Standard error becomes a full pipe, which does not block. */
static int
fill_standard_error(int ends[2])
{
	char block[4096] = { 0 };

	if (pipe2(ends, O_NONBLOCK) == -1 ||
	    dup2(ends[1], STDERR_FILENO) == -1)
		return -1;
	while (write(ends[1], block, sizeof(block)) > 0)
		;
	return 0;
}

static int
print_to_full(void *argument)
{
	char text[100] = "";
	int ends[2];

	(void)argument;
	ASK(fill_standard_error(ends) == 0);
	diag_set_wait(make_room, ends);
	errno = EXDEV;
	diag_print("kept");
	ASK(errno == EXDEV);
	ASK(asked == 2);
	ASK(read(ends[0], text, sizeof(text) - 1) > 0);
	ASK(strcmp(text, "sockpair: kept\n") == 0);
	return 0;
}

static int
print_without_waiting(void *argument)
{
	int ends[2];

	(void)argument;
	ASK(fill_standard_error(ends) == 0);
	diag_set_wait(refuse_to_wait, NULL);
	errno = EXDEV;
	diag_print("lost");
	ASK(errno == EXDEV);
	ASK(asked == 1);
	return 0;
}

/* A full terminal whose other side is closed reports just that (nowait.c). */
static int
print_to_closed_terminal(void *argument)
{
	int master;
	int slave = open_full_pty(&master);

	(void)argument;
	if (slave == -1)
		return 0;
	close(slave);
	ASK(dup2(master, STDERR_FILENO) == STDERR_FILENO);
	diag_set_wait(wait_once, NULL);
	diag_print("lost");
	ASK(asked == 2);
	return 0;
}

/* The same, if it blocks: in a hurry it is not waited for. */
static int
print_in_hurry(void *argument)
{
	int ends[2];

	(void)argument;
	ASK(fill_standard_error(ends) == 0);
	ASK(fcntl(STDERR_FILENO, F_SETFL, 0) == 0);
	diag_hurry();
	diag_print("lost");
	return 0;
}

int
main(void)
{
	/* The character set is asked for once in a process. */
	is_int(run_child(show_words, (void *)(uintptr_t)"C"), 0,
	    "beyond ASCII all is escaped");
	is_int(run_child(show_words, (void *)(uintptr_t)"C.UTF-8"), 0,
	    "where the locale has UTF-8, only what hides");
	setenv("LC_ALL", "C", 1);
	test_line();
	test_length();
	test_lines();
	test_parts();
	is_int(run_child(print_as, (void *)(uintptr_t)"sockplay"), 0,
	    "the name of another program may stand in front");
	is_int(run_child(print_as,
	    (void *)(uintptr_t)"12345678901234567890123456789012"), 0,
	    "it may have 32 bytes");
	is_int(run_child(print_to_nobody, NULL), 0,
	    "a closed standard error is no fault, and errno is kept");
	is_int(run_child(print_to_full, NULL), 0,
	    "a full one that does not block is waited for");
	is_int(run_child(print_without_waiting, NULL), 0,
	    "but not if that is refused");
	is_int(run_child(print_to_closed_terminal, NULL), 0,
	    "a full terminal without a reader is waited for, too");
	is_int(run_child(print_in_hurry, NULL), 0,
	    "in a hurry a full one that blocks is not waited for");
	return done_testing();
}
