/* SPDX-License-Identifier: MIT */
/*
 * Bytes moved by the kernel, between a pipe and a socket of ours, each way:
 * nothing, everything, too much, the end, an error, and ends that claim to be
 * ready when they are not.
 */
#include "config.h"

#include "conduit.h"

static struct splice splice_state;

#ifdef HAVE_SPLICE

static int splice_error;	/* errno of every splice(2); 0: as it is */

ssize_t __real_splice(int, loff_t *, int, loff_t *, size_t, unsigned int);
ssize_t __wrap_splice(int, loff_t *, int, loff_t *, size_t, unsigned int);
ssize_t
__wrap_splice(int in, loff_t *in_offset, int out, loff_t *out_offset,
    size_t size, unsigned int flags)
{
	if (splice_error != 0) {
		errno = splice_error;
		return -1;
	}
	return __real_splice(in, in_offset, out, out_offset, size, flags);
}

#endif

/* --- the ends -------------------------------------------------------- */

/* From a pipe into our socket. */
static void
begin_in(void)
{
	begin_src_pipe();
	begin_dst(SOCK_STREAM);
	splice_state = (struct splice){ .most = 0 };
}

/* From our socket into a pipe. */
static void
begin_out(void)
{
	begin_src(SOCK_STREAM);
	begin_dst_pipe();
	splice_state = (struct splice){ .most = 0 };
}

/* From a pipe into one of ours. */
static void
begin_pipe_in(void)
{
	int ends[2];

	begin_src_pipe();
	open_pipe(ends);
	reader = ends[0];
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	endpoint_open_pipe(&dst, ends[1], ENDPOINT_WRITE, "to");
	splice_state = (struct splice){ .most = 0 };
}

/* From one of our pipes into another's. */
static void
begin_pipe_out(void)
{
	int ends[2];

	open_pipe(ends);
	writer = ends[1];
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	endpoint_open_pipe(&src, ends[0], ENDPOINT_READ, "from");
	begin_dst_pipe();
	splice_state = (struct splice){ .most = 0 };
}

static void (*const begins[])(void) = {
	begin_in, begin_out, begin_pipe_in, begin_pipe_out
};
static const char *const ways[] = {
	"into a socket", "into a pipe", "into our pipe", "from our pipe"
};

#define WAYS (sizeof(begins) / sizeof(begins[0]))

static bool
start(void)
{
	return splice_begin(&splice_state, &src, &dst);
}

static size_t
begun(void)
{
	return splice_state.most > 0;
}

/* Whether a move has this result, moves so many bytes, and leaves so much. */
static bool
moves(enum io want, size_t want_moved, size_t want_pending)
{
	size_t moved = 77;
	enum io result = splice_move(&splice_state, &src, &dst, &moved);
	bool good = result == want && moved == want_moved &&
	    begun() == want_pending;

	if (!good)
		printf("# result %d, moved %zu, pending %zu\n", (int)result,
		    moved, begun());
	return good;
}

#ifdef HAVE_SPLICE

static const char *
title(const char *name, size_t way)
{
	static char text[120];

	snprintf(text, sizeof(text), "%s: %s", ways[way], name);
	return text;
}

/* Whether want, and no more, is there to be read at fd. */
static bool
comes(int fd, const char *want)
{
	struct pollfd slot = { .fd = fd, .events = POLLIN };
	char data[100];
	ssize_t got;

	if (poll(&slot, 1, 0) != 1)
		return *want == '\0';
	got = read(fd, data, sizeof(data));
	return got == (ssize_t)strlen(want) &&
	    memcmp(data, want, strlen(want)) == 0;
}

/* Fill what is behind fd. */
static void
fill_behind(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, O_NONBLOCK);
	fill_up(fd);
	fcntl(fd, F_SETFL, flags);
}

/* Read all that is there. */
static void
empty(int fd)
{
	static char block[65536];
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (read(fd, block, sizeof(block)) > 0)
		;
	fcntl(fd, F_SETFL, flags);
}

enum { IN, OUT };		/* ways */

/*
 * Whether a move of nothing can be begun, as it should: not of our socket,
 * where descriptors might come before it is made.
 */
static bool
begins_without_data(size_t way)
{
	return start() == (way != OUT);
}

/* --- which ends ------------------------------------------------------ */

static void
test_begin(size_t way)
{
	begins[way]();
	ok(splice_state.use == SPLICE_UNKNOWN && begun() == 0,
	    title("nothing is known at first, or begun", way));
	put_text("x");
	ok(start() && splice_state.use == SPLICE_DIRECT && begun() == 1,
	    title("a move can be begun", way));
	splice_state.most = 0;
	ok(start() && begun() == 1, title("and be begun again", way));
	end();
}

/* Between src and dst, as they are, nothing may be moved. */
static void
is_refused(const char *name)
{
	splice_state = (struct splice){ .most = 0 };
	ok(!start() && splice_state.use == SPLICE_NEVER && begun() == 0 &&
	    !start(), name);
}

static void
test_never(void)
{
	char path[] = "/tmp/sockpair-unit.XXXXXX";
	int file = mkstemp(path);
	int ends[2], others[2];

	need(file != -1, "mkstemp");
	unlink(path);
	open_socket(SOCK_STREAM, ends);
	endpoint_open_inherited(&src, file, ENDPOINT_READ, false, "from");
	endpoint_open_socket(&dst, ends[0], ENDPOINT_WRITE, -1, "to");
	is_refused("a file is not moved into a socket");
	endpoint_open_socket(&src, ends[0], ENDPOINT_READ, -1, "from");
	endpoint_open_inherited(&dst, file, ENDPOINT_WRITE, false, "to");
	is_refused("a socket is not moved into a file");
	endpoint_open_inherited(&src, ends[1], ENDPOINT_READ, false, "from");
	endpoint_open_socket(&dst, ends[0], ENDPOINT_WRITE, -1, "to");
	is_refused("a socket is not moved into a socket");
	open_pipe(others);
	endpoint_open_inherited(&src, others[0], ENDPOINT_READ, false, "from");
	endpoint_open_inherited(&dst, ends[1], ENDPOINT_WRITE, false, "to");
	is_refused("nor is a pipe into another's socket");
	endpoint_open_socket(&dst, ends[0], ENDPOINT_WRITE, -1, "to");
	dst.chunk = 1;
	is_refused("or into one whose reader gets chunks");
	close(file);
	close(ends[0]);
	close(ends[1]);
	close(others[0]);
	close(others[1]);
}

static void
test_enlarged(size_t way)
{
	const char *name = title("the pipe is enlarged by the first", way);
	int before;

	begins[way]();
	before = fcntl(src.is_pipe ? src.fd : dst.fd, F_GETPIPE_SZ);
	start();
	if (before >= PIPE_ENLARGED || !can_enlarge())
		skip(name, "no larger pipe is to be had");
	else
		ok((!src.is_pipe ||
		    fcntl(src.fd, F_GETPIPE_SZ) == PIPE_ENLARGED) &&
		    (!dst.is_pipe ||
		    fcntl(dst.fd, F_GETPIPE_SZ) == PIPE_ENLARGED), name);
	end();
}

/* --- moves ------------------------------------------------------------ */

static void
test_move(size_t way)
{
	begins[way]();
	put_text("hello");
	ok(start() && moves(IO_MOVED, 5, 0) && comes(reader, "hello"),
	    title("what is there is moved", way));
	put_text("one");
	put_text("two");
	start();
	ok(moves(IO_MOVED, 6, 0) && comes(reader, "onetwo"),
	    title("all of it at once", way));
	put_text("lost");
	start();
	splice_state.most = 0;
	ok(begun() == 0 && comes(reader, "") && comes(src.fd, "lost"),
	    title("what is dropped stays where it is", way));
	end();
}

static void
test_empty(size_t way)
{
	begins[way]();
	ok(begins_without_data(way) && (way == OUT || moves(IO_MOVED, 0, 0)) &&
	    splice_state.use == SPLICE_DIRECT,
	    title("of nothing nothing is moved", way));
	put_text("a");
	ok(start() && moves(IO_MOVED, 1, 0) && comes(reader, "a"),
	    title("and what comes later is", way));
	end();
}

static void
test_full(size_t way)
{
	bool good = true;
	int i;

	begins[way]();
	put_text("hello");
	start();
	fill_behind(dst.fd);
	/* More often than ends that claim to be ready are believed. */
	for (i = 0; i < 100; i++)
		good = good && moves(IO_AGAIN, 0, 1);
	ok(good && splice_state.use == SPLICE_DIRECT,
	    title("without room it waits", way));
	empty(reader);
	ok(moves(IO_MOVED, 5, 0) && comes(reader, "hello"),
	    title("and moves when there is", way));
	end();
}

static void
test_ended(size_t way)
{
	begins[way]();
	put_text("last");
	end_writer();
	ok(start() && moves(IO_MOVED, 4, 0) && comes(reader, "last"),
	    title("what came before the end is moved", way));
	ok(begins_without_data(way) && (way == OUT || moves(IO_END, 0, 0)),
	    title("then comes the end", way));
	ok(begins_without_data(way) && (way == OUT || moves(IO_END, 0, 0)),
	    title("and stays", way));
	end();
}

/* Descriptors would be closed, so what brings some is not moved. */
static void
test_set(void)
{
	begin_out();
	put_text("ab");
	ok(start(), "bytes without descriptors are moved");
	put_with_fd("c", 1);
	ok(moves(IO_MOVED, 2, 0) && comes(reader, "ab"),
	    "but none that came later, with descriptors");
	ok(!start() && begun() == 0 && splice_state.use == SPLICE_DIRECT,
	    "nor is a move of those begun");
	put_text("d");
	ok(!start(), "nor of what is behind them");
	ok(comes(src.fd, "c") && start() && moves(IO_MOVED, 1, 0) &&
	    comes(reader, "d"), "which is moved once they have been read");
	end();
}

static void
test_lost_reader(size_t way)
{
	begins[way]();
	put_text("lost");
	end_reader();
	ok(start() && moves(IO_FAILED, 0, 1) && dst.error == EPIPE &&
	    endpoint_is_gone(&dst), title("a lost reader is EPIPE", way));
	splice_state.most = 0;
	ok(begun() == 0 && comes(src.fd, "lost"),
	    title("and what it did not get is still there", way));
	end();
}

/*
 * The other end was closed with bytes of ours unread.  Its own bytes come all
 * the same, and then the end.
 */
static void
test_reset(void)
{
	int tries;
	size_t moved, sum = 0;
	enum io result = IO_AGAIN;

	begin_out();
	need(write(src.fd, "unread", 6) == 6, "write");
	put_text("last");
	end_writer();
	for (tries = 0; tries < 10 && result != IO_END; tries++) {
		start();
		result = splice_move(&splice_state, &src, &dst, &moved);
		sum += moved;
	}
	ok(result == IO_END && sum == 4 && comes(reader, "last"),
	    "a socket that was reset is moved to its end");
	end();
}

/* --- errors ----------------------------------------------------------- */

static void
test_errors(size_t way)
{
	static const int errors[] = { EINVAL, ENOSYS, EPERM, EBADF, EIO };
	bool good = true;
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		begins[way]();
		put_text("a");
		splice_error = errors[i];
		good = good && start() && moves(IO_MOVED, 0, 0) &&
		    splice_state.use == SPLICE_NEVER && !start() &&
		    begun() == 0;
		splice_error = 0;
		good = good && !start() && comes(src.fd, "a");
		end();
	}
	ok(good, title("other errors leave it to be copied, for good", way));
	begins[way]();
	put_text("a");
	start();
	splice_error = EINTR;
	ok(moves(IO_AGAIN, 0, 1), title("an interrupted move waits", way));
	splice_error = 0;
	ok(moves(IO_MOVED, 1, 0), title("and goes on", way));
	end();
}

/* ECONNRESET of a read says no more than that our bytes were not read. */
static void
test_refused(size_t way)
{
	begins[way]();
	put_text("a");
	start();
	splice_error = ECONNRESET;
	if (dst.inherited)
		ok(moves(IO_AGAIN, 0, 1),
		    title("a reset source has still to be read", way));
	else
		ok(moves(IO_FAILED, 0, 1) && dst.error == ECONNRESET,
		    title("a reset reader is an error", way));
	splice_error = 0;
	end();
}

/* --- doubts ----------------------------------------------------------- */

/* How often a move waits while both ends are ready, until it is given up. */
static int
count_doubts(void)
{
	int count = 0;
	size_t moved = 77;

	splice_error = EAGAIN;
	while (count < 1000 && splice_move(&splice_state, &src, &dst,
	    &moved) == IO_AGAIN && begun() == 1)
		count++;
	splice_error = 0;
	return moved == 0 ? count : -1;
}

static void
test_doubts(size_t way)
{
	int count, again, i;
	bool good = true;

	begins[way]();
	put_text("a");
	start();
	count = count_doubts();
	ok(count > 1 && count < 1000 && splice_state.use == SPLICE_NEVER &&
	    begun() == 0 && !start(),
	    title("ends that are never ready are not moved between", way));
	ok(comes(src.fd, "a"), title("and what is there can be copied", way));
	end();

	begins[way]();
	put_text("a");
	start();
	splice_error = EAGAIN;
	for (i = 0; i < count; i++)
		good = good && moves(IO_AGAIN, 0, 1);
	splice_error = 0;
	ok(good && moves(IO_MOVED, 1, 0),
	    title("one that becomes ready in time is", way));
	put_text("b");
	start();
	again = count_doubts();
	is_int(again, count, title("and has as many tries as before", way));
	end();
}

int
main(void)
{
	size_t way;

	signal(SIGPIPE, SIG_IGN);
	alarm(60);
	test_never();
	for (way = 0; way < WAYS; way++) {
		test_begin(way);
		test_enlarged(way);
		test_move(way);
		test_empty(way);
		test_full(way);
		test_ended(way);
		test_lost_reader(way);
		test_errors(way);
		test_refused(way);
		test_doubts(way);
	}
	test_reset();
	test_set();
	return done_testing();
}

#else

/* All is copied. */
int
main(void)
{
	char title[100];
	size_t way;

	for (way = 0; way < WAYS; way++) {
		begins[way]();
		put_text("a");
		snprintf(title, sizeof(title), "%s: nothing is ever begun",
		    ways[way]);
		ok(!start() && begun() == 0, title);
		snprintf(title, sizeof(title), "%s: and nothing is moved",
		    ways[way]);
		ok(moves(IO_MOVED, 0, 0), title);
		splice_state.most = 0;
		end();
	}
	elsewhere("what the kernel moves", "no splice(2)");
	return done_testing();
}

#endif
