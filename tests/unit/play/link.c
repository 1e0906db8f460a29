/* SPDX-License-Identifier: MIT */
/* The link to the other side, over every kind of descriptor there is. */
#include "config.h"

#include <poll.h>
#include <termios.h>

#include "base/nowait.h"
#include "play/link.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static char block[1 << 16];

/* --- calls that can be refused, or fail as of a file on a slow disk ------ */

static int refusal;		/* errno of each attempt not to wait, or 0 */

ssize_t __real_nowait_read(int fd, void *data, size_t size);
ssize_t __wrap_nowait_read(int fd, void *data, size_t size);
ssize_t __real_nowait_writev(int fd, const struct iovec *iov, int count);
ssize_t __wrap_nowait_writev(int fd, const struct iovec *iov, int count);

ssize_t
__wrap_nowait_read(int fd, void *data, size_t size)
{
	if (refusal == 0)
		return __real_nowait_read(fd, data, size);
	errno = refusal;
	return -1;
}

ssize_t
__wrap_nowait_writev(int fd, const struct iovec *iov, int count)
{
	if (refusal == 0)
		return __real_nowait_writev(fd, iov, count);
	errno = refusal;
	return -1;
}

/* --- links --------------------------------------------------------------- */

enum kind {
	PAIR,			/* ours, with a command */
	PIPES,			/* the same, of two pipes */
	SOCKET,			/* inherited: one socket */
	SOCKETS,		/* two of them */
	INHERITED_PIPES,
	FIFOS,
	TERMINAL
};

static const char *const kinds[] = {
	"a pair", "two pipes", "an inherited socket", "two inherited sockets",
	"two inherited pipes", "two FIFOs", "a terminal",
};

static struct link it;
static int reader, writer;	/* the other side's, perhaps the same */

/* Two pairs of ends: what is written to [1] is read from [0]. */
static void
open_ends(enum kind kind, int to_us[2], int from_us[2])
{
	struct termios modes;

	if (kind == PIPES || kind == INHERITED_PIPES) {
		need(pipe(to_us) == 0 && pipe(from_us) == 0, "pipe");
	} else if (kind == FIFOS) {
		open_fifo(to_us);
		open_fifo(from_us);
	} else if (kind == TERMINAL) {
		to_us[0] = from_us[1] = open_pty(&to_us[1]);
		from_us[0] = to_us[1];
		need(to_us[0] != -1 && tcgetattr(to_us[0], &modes) == 0,
		    "terminal");
		cfmakeraw(&modes);
		tcsetattr(to_us[0], TCSANOW, &modes);
	} else {
		need(socketpair(AF_UNIX, SOCK_STREAM, 0, to_us) == 0, "pair");
		from_us[0] = to_us[1];
		from_us[1] = to_us[0];
		if (kind == SOCKETS)
			need(socketpair(AF_UNIX, SOCK_STREAM, 0, from_us) == 0,
			    "pair");
	}
}

/* In a child: the link is on standard input and output. */
static void
open_inherited(int in, int out, bool has_messages)
{
	need(dup2(in, STDIN_FILENO) == 0 && dup2(out, STDOUT_FILENO) == 1,
	    "dup2");
	close(in);
	if (out != in)
		close(out);
	need(link_open_standard(&it, has_messages, 100) == 0, "link");
}

static void
set_nonblocking(int fd)
{
	need(fcntl(fd, F_SETFL, O_NONBLOCK) == 0, "fcntl");
}

static void
open_link(enum kind kind)
{
	struct pair pair;
	int to_us[2], from_us[2];

	open_ends(kind, to_us, from_us);
	link_init(&it);
	writer = to_us[1];
	reader = from_us[0];
	if (kind >= SOCKET) {
		open_inherited(to_us[0], from_us[1], false);
		return;
	}
	pair_init(&pair);
	pair.type = SOCK_STREAM;
	pair.is_pipes = kind == PIPES;
	pair.ours = to_us[0];
	pair.ours_write = from_us[1];
	set_nonblocking(to_us[0]);
	set_nonblocking(from_us[1]);
	need(link_open_pair(&it, &pair, 100) == 0, "link");
}

/* Wait for what the other side wrote: a terminal takes its time. */
static void
await(int fd, short events)
{
	struct pollfd slot = { .fd = fd, .events = events };

	need(poll(&slot, 1, 20000) == 1, "poll");
}

static enum io
write_all(const char *text, size_t *done)
{
	const struct iovec iov[3] = {
		{ NULL, 0 }, { block, 0 }, { (void *)text, strlen(text) }
	};

	return link_write(&it, iov, 3, done);
}

/* --- streams ------------------------------------------------------------- */

static int
reads(void *argument)
{
	enum kind kind = *(enum kind *)argument;
	char data[8];
	size_t got = 0;
	int flags;

	open_link(kind);
	flags = fcntl(it.in, F_GETFL);
	ASK(link_read(&it, data, 4, &got) == IO_AGAIN);
	ASK(write(writer, "abcde", 5) == 5);
	await(it.in, POLLIN);
	ASK(link_read(&it, data, 4, &got) == IO_MOVED && got == 4);
	ASK(memcmp(data, "abcd", 4) == 0);
	ASK(link_read(&it, data, 4, &got) == IO_MOVED && got == 1);
	ASK(link_read(&it, data, 4, &got) == IO_AGAIN);
	ASK(fcntl(it.in, F_GETFL) == flags);
	if (kind == TERMINAL)
		return 0;
	close(writer);
	ASK(link_read(&it, data, 4, &got) == IO_END);
	return 0;
}

static int
writes(void *argument)
{
	enum kind kind = *(enum kind *)argument;
	char data[8];
	size_t done;
	int flags;

	open_link(kind);
	flags = fcntl(it.out, F_GETFL);
	ASK(write_all("abc", &done) == IO_MOVED && done == 3);
	await(reader, POLLIN);
	ASK(read(reader, data, 8) == 3 && memcmp(data, "abc", 3) == 0);
	ASK(fcntl(it.out, F_GETFL) == flags);
	link_close(&it);
	ASK(it.in == -1 && it.out == -1);
	return 0;
}

/* All that went in until there was no room comes out. */
static int
fills(void *argument)
{
	enum kind kind = *(enum kind *)argument;
	const struct iovec iov = { block, sizeof(block) };
	size_t sum = 0;
	size_t done;
	enum io result;
	ssize_t got;

	open_link(kind);
	while ((result = link_write(&it, &iov, 1, &done)) == IO_MOVED) {
		ASK(done > 0);
		sum += done;
	}
	ASK(result == IO_AGAIN && sum > 0);
	link_half_close(&it);
	while ((got = read(reader, block, sizeof(block))) > 0)
		sum -= (size_t)got;
	ASK(got == 0 && sum == 0);
	return 0;
}

static int
loses_reader(void *argument)
{
	enum kind kind = *(enum kind *)argument;
	size_t done;

	signal(SIGPIPE, SIG_IGN);
	open_link(kind);
	ASK(write_all("unread", &done) == IO_MOVED);
	if (reader == writer)
		ASK(write(writer, "last words", 10) == 10);
	close(reader);
	ASK(write_all("x", &done) == IO_END);
	if (reader == writer)
		ASK(link_read(&it, block, 20, &done) == IO_MOVED && done == 10);
	return 0;
}

static int
half_closes(void *argument)
{
	enum kind kind = *(enum kind *)argument;
	char data[8];
	size_t got;

	open_link(kind);
	link_half_close(&it);
	ASK(it.out == -1);
	link_half_close(&it);
	ASK(read(reader, data, 8) == 0);
	ASK(write(writer, "abc", 3) == 3);
	ASK(link_read(&it, data, 8, &got) == IO_MOVED && got == 3);
	ASK(kind < SOCKET || fcntl(STDOUT_FILENO, F_GETFD) != -1);
	return 0;
}

static int
leaves(void *argument)
{
	enum kind kind = *(enum kind *)argument;
	char data[8];
	size_t done;

	signal(SIGPIPE, SIG_IGN);
	open_link(kind);
	ASK(write(writer, "unread", 6) == 6);
	link_leave(&it);
	ASK(it.in == -1);
	link_leave(&it);
	ASK(write(writer, "x", 1) == -1);
	ASK(errno == EPIPE || errno == ECONNRESET);
	ASK(write_all("abc", &done) == IO_MOVED && done == 3);
	ASK(read(reader, data, 8) == 3);
	ASK(kind < SOCKET || fcntl(STDIN_FILENO, F_GETFD) != -1);
	return 0;
}

static int
closes(void *argument)
{
	enum kind kind = *(enum kind *)argument;
	int before = count_descriptors();

	open_link(kind);
	link_close(&it);
	/* The other side's are open, and our end of a pair, which is its. */
	ASK(count_descriptors() == before +
	    (kind == PAIR || reader != writer ? 2 : 1));
	return 0;
}

static void
test_stream(int (*function)(void *), enum kind last, const char *what)
{
	enum kind kind;
	char title[100];

	for (kind = PAIR; kind <= last; kind++) {
		snprintf(title, sizeof(title), "%s: %s", kinds[kind], what);
		is_int(run_child(function, &kind), 0, title);
	}
}

/* Without what makes a call not wait, poll(2) is asked first. */
static void
test_refused(void)
{
	refusal = EOPNOTSUPP;
	test_stream(reads, TERMINAL, "is read where it could wait");
	test_stream(writes, TERMINAL, "is written where it could wait");
	test_stream(fills, FIFOS, "is filled where it could wait");
	refusal = 0;
}

/* --- files --------------------------------------------------------------- */

static int
uses_file(void *unused)
{
	char path[] = "/tmp/sockpair-unit.XXXXXX";
	char data[8];
	size_t got;
	int fd = mkstemp(path);
	int out = open(path, O_WRONLY | O_APPEND);

	(void)unused;
	unlink(path);
	link_init(&it);
	open_inherited(fd, out, false);
	ASK(write_all("abc", &got) == IO_MOVED && got == 3);
	ASK(link_read(&it, data, 8, &got) == IO_MOVED && got == 3);
	ASK(link_read(&it, data, 8, &got) == IO_END);
	return 0;
}

static int
reads_null(void *unused)
{
	char data[8];
	size_t got;

	(void)unused;
	link_init(&it);
	open_inherited(open("/dev/null", O_RDONLY),
	    open("/dev/null", O_WRONLY), false);
	ASK(link_read(&it, data, 8, &got) == IO_END);
	ASK(write_all("abc", &got) == IO_MOVED && got == 3);
	return 0;
}

static int
fails(void *unused)
{
	int directory = open("/", O_RDONLY);
	int full = open("/dev/full", O_WRONLY);
	size_t got;

	(void)unused;
	link_init(&it);
	open_inherited(directory, full, false);
	ASK(link_read(&it, block, 8, &got) == IO_FAILED && errno == EISDIR);
	ASK(write_all("abc", &got) == IO_FAILED && errno == ENOSPC);
	return 0;
}

/* A terminal whose other side has gone is at its end. */
static int
loses_terminal(void *unused)
{
	enum kind kind = TERMINAL;
	size_t got;
	enum io result;

	(void)unused;
	signal(SIGHUP, SIG_IGN);
	open_link(kind);
	close(writer);
	result = link_read(&it, block, 8, &got);
	ASK(result == IO_END || (result == IO_FAILED && errno == EIO));
	return 0;
}

static void
test_files(void)
{
	is_int(run_child(uses_file, NULL), 0, "files can be read and written");
	refusal = EAGAIN;
	is_int(run_child(uses_file, NULL), 0, "files on a slow disk as well");
	refusal = 0;
	is_int(run_child(reads_null, NULL), 0, "/dev/null as well");
	is_int(run_child(fails, NULL), 0, "errors are returned");
	is_int(run_child(loses_terminal, NULL), 0,
	    "a terminal may lose its other side");
}

/* --- messages ------------------------------------------------------------ */

static int command_end;

/* A pair of ours with a command, or an inherited socket. */
static void
open_messages(int type, bool is_inherited)
{
	struct pair pair;
	int ends[2];

	need(socketpair(AF_UNIX, type, 0, ends) == 0, "socketpair");
	link_init(&it);
	command_end = ends[1];
	if (is_inherited) {
		open_inherited(ends[0], ends[0], true);
		return;
	}
	pair_init(&pair);
	pair.type = type;
	pair.ours = ends[0];
	pair.command = ends[1];
	set_nonblocking(ends[0]);
	need(link_open_pair(&it, &pair, 100) == 0, "link");
}

static enum io
receive(const char **message, size_t *size)
{
	return link_receive(&it, message, size);
}

struct sort {
	int type;
	bool is_inherited;
};

static int
receives(void *argument)
{
	const struct sort *sort = argument;
	const char *message;
	size_t size;

	open_messages(sort->type, sort->is_inherited);
	ASK(receive(&message, &size) == IO_AGAIN);
	ASK(send(command_end, "one", 3, 0) == 3);
	ASK(send(command_end, "", 0, 0) == 0);
	ASK(send(command_end, block, 1000, 0) == 1000);
	ASK(!link_is_keeping(&it));
	ASK(receive(&message, &size) == IO_MOVED && size == 3);
	ASK(memcmp(message, "one", 3) == 0 && link_is_keeping(&it));
	ASK(receive(&message, &size) == IO_MOVED && size == 0);
	ASK(receive(&message, &size) == IO_MOVED && size == 1000);
	ASK(!link_is_keeping(&it));
	ASK(receive(&message, &size) == IO_AGAIN);
	if (sort->type == SOCK_DGRAM && !sort->is_inherited)
		return 0;	/* no end is reported */
	ASK(send(command_end, "", 0, 0) == 0);
	ASK(shutdown(command_end, SHUT_WR) == 0);
	if (sort->type == SOCK_DGRAM)
		ASK(shutdown(it.in, SHUT_RD) == 0);
	ASK(receive(&message, &size) == IO_MOVED && size == 0);
	ASK(receive(&message, &size) == IO_END);
	return 0;
}

static int
sends(void *argument)
{
	const struct sort *sort = argument;
	static char large[8 << 20];
	char data[8];
	enum io result;
	int count = 0;

	open_messages(sort->type, sort->is_inherited);
	ASK(link_send(&it, "abc", 3) == IO_MOVED);
	ASK(link_send(&it, "", 0) == IO_MOVED);
	ASK(recv(command_end, data, 8, 0) == 3);
	ASK(recv(command_end, data, 8, MSG_DONTWAIT) == 0);
	ASK(link_send(&it, large, sizeof(large)) == IO_TOO_LARGE);
	ASK(errno == EMSGSIZE || errno == ENOBUFS);
	while ((result = link_send(&it, block, 10000)) == IO_MOVED)
		count++;
	ASK(result == IO_AGAIN && count > 0);
	for (; count > 0; count--)
		ASK(recv(command_end, block, 20000, 0) == 10000);
	link_half_close(&it);
	if (sort->type == SOCK_DGRAM && sort->is_inherited)
		return 0;	/* no end can be reported */
	ASK(recv(command_end, data, 8, 0) == 0);
	return 0;
}

static int
is_refused(void *argument)
{
	const struct sort *sort = argument;

	signal(SIGPIPE, SIG_IGN);
	open_messages(sort->type, sort->is_inherited);
	ASK(shutdown(command_end, SHUT_RD) == 0);
	ASK(link_send(&it, "x", 1) == IO_END);
	return 0;
}

static int
refuses(void *argument)
{
	const struct sort *sort = argument;

	open_messages(sort->type, sort->is_inherited);
	ASK(send(command_end, "unread", 6, 0) == 6);
	link_leave(&it);
	ASK(send(command_end, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
	return 0;
}

/* With one time stamp or the other: see message_mark(). */
static bool
is_marked(void)
{
	static const int options[] = {
#ifdef SO_TIMESTAMPNS
		SO_TIMESTAMPNS,
#endif
		SO_TIMESTAMP
	};
	socklen_t size;
	int value;
	size_t i;

	for (i = 0; i < COUNT(options); i++) {
		size = sizeof(value);
		if (getsockopt(STDIN_FILENO, SOL_SOCKET, options[i], &value,
		    &size) == 0 && value != 0)
			return true;
	}
	return false;
}

static int
leaves_no_mark(void *argument)
{
	const struct sort *sort = argument;

	open_messages(sort->type, true);
	ASK(is_marked());
	link_close(&it);
	ASK(!is_marked());
	open_messages(sort->type, true);
	link_leave(&it);
	link_close(&it);
	ASK(!is_marked());
	return 0;
}

static void
test_messages(int (*function)(void *), bool is_inherited_only,
    const char *what)
{
	static struct sort sorts[] = {
		{ SOCK_SEQPACKET, true }, { SOCK_DGRAM, true },
		{ SOCK_SEQPACKET, false }, { SOCK_DGRAM, false },
	};
	char title[100];
	size_t i;

	for (i = 0; i < (is_inherited_only ? 2 : COUNT(sorts)); i++) {
		snprintf(title, sizeof(title), "%s %s socket: %s",
		    sorts[i].is_inherited ? "an inherited" : "our",
		    sorts[i].type == SOCK_DGRAM ? "dgram" : "seqpacket", what);
		is_int(run_child(function, &sorts[i]), 0, title);
	}
}

/* --- what cannot be played on -------------------------------------------- */

struct refused {
	int type;		/* of standard input; 0: a file */
	int out_type;		/* the same of standard output */
	bool has_messages;
	const char *words;
};

static int
open_type(int type)
{
	int ends[2];

	if (type == 0)
		return open("/dev/null", O_RDWR);
	need(socketpair(AF_UNIX, type, 0, ends) == 0, "socketpair");
	return ends[0];
}

static int
refuses_standard(void *argument)
{
	const struct refused *refused = argument;
	struct capture capture;

	need(dup2(open_type(refused->type), STDIN_FILENO) == 0 &&
	    dup2(open_type(refused->out_type), STDOUT_FILENO) == 1, "dup2");
	link_init(&it);
	capture_begin(&capture, STDERR_FILENO);
	ASK(link_open_standard(&it, refused->has_messages, 100) == -1);
	capture_end(&capture);
	ASK(capture.writes == 1);
	ASK(strstr(capture.text, refused->words) != NULL);
	link_close(&it);
	return 0;
}

static void
test_refused_standard(void)
{
	static struct refused cases[] = {
		{ 0, 0, true, "cannot play on standard input: " },
		{ SOCK_STREAM, SOCK_STREAM, true,
		    "cannot play on standard input: " },
		{ SOCK_DGRAM, 0, true, "cannot play on standard output: " },
		{ SOCK_SEQPACKET, 0, false,
		    "cannot play on standard input: " },
		{ 0, SOCK_DGRAM, false, "cannot play on standard output: " },
	};
	char title[80];
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		snprintf(title, sizeof(title),
		    "types %d and %d cannot carry %s", cases[i].type,
		    cases[i].out_type,
		    cases[i].has_messages ? "messages" : "a stream");
		is_int(run_child(refuses_standard, &cases[i]), 0, title);
	}
}

/* Our end of a pair of this type, with a command at the other. */
static void
open_with_command(int type, int ends[2])
{
	struct pair pair;

	need(socketpair(AF_UNIX, type, 0, ends) == 0 &&
	    fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0, "socketpair");
	pair_init(&pair);
	pair.ours = ends[0];
	pair.type = type;
	link_init(&it);
	need(link_open_pair(&it, &pair, 1000) == 0, "link_open_pair");
}

/* The other side leaves something of ours unread. */
static void
test_reset(void)
{
	char data[10];
	int ends[2];
	size_t got;

	open_with_command(SOCK_STREAM, ends);
	need(write(ends[0], "unread", 6) == 6 && write(ends[1], "last", 4) == 4,
	    "write");
	close(ends[1]);
	ok(link_read(&it, data, sizeof(data), &got) == IO_MOVED && got == 4 &&
	    memcmp(data, "last", 4) == 0, "what was said last comes");
	is_int(link_read(&it, data, sizeof(data), &got), IO_END,
	    "and then the end, although ours was not read");
	link_close(&it);
	close(ends[0]);
}

/* poll(2) reports none of the messages that we have received. */
static void
test_keeping(void)
{
	const char *message;
	int ends[2];
	size_t size;
	int i;

	open_with_command(SOCK_SEQPACKET, ends);
	ok(!link_is_keeping(&it), "nothing is kept at first");
	for (i = 0; i < 3; i++)
		need(send(ends[1], "abc", (size_t)i + 1, 0) == i + 1, "send");
	for (i = 0; i < 3; i++)
		ok(link_receive(&it, &message, &size) == IO_MOVED &&
		    size == (size_t)i + 1 && link_is_keeping(&it) == (i < 2),
		    i < 2 ? "more messages are kept" : "the last is not");
	link_close(&it);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	test_stream(reads, TERMINAL, "is read without waiting");
	test_stream(writes, TERMINAL, "is written");
	test_stream(fills, FIFOS, "is filled without waiting");
	test_stream(loses_reader, FIFOS, "its reader may leave");
	test_stream(half_closes, FIFOS, "is half-closed");
	test_stream(leaves, FIFOS, "is left");
	test_stream(closes, TERMINAL, "is closed");
	test_refused();
	test_files();
	test_messages(receives, false, "messages are received");
	test_messages(sends, false, "messages are sent");
	test_messages(is_refused, false, "a reader may leave");
	test_messages(refuses, false, "is left");
	test_messages(leaves_no_mark, true, "has no mark afterwards");
	test_refused_standard();
	test_reset();
	test_keeping();
	return done_testing();
}
