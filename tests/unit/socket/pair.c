/* SPDX-License-Identifier: MIT */
/* The pair: socket options, the numbers of its ends, and refusals. */
#include "config.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/parse.h"
#include "socket/pair.h"
#include "tap.h"

static struct plan
make_plan(int domain, int type, int protocol, const char *fds)
{
	struct plan plan;

	plan_init(&plan);
	plan.domain = domain;
	plan.type = type;
	plan.protocol = protocol;
	fd_list_free(&plan.fds);
	parse_fd_list(fds, &plan.fds);
	return plan;
}

/* Returns the lowest free number.  It stays the same if nothing leaks. */
static int
lowest_free(void)
{
	int fd = dup(STDOUT_FILENO);

	close(fd);
	return fd;
}

static int
option(int fd, int name)
{
	int value = -1;
	socklen_t size = sizeof(value);

	getsockopt(fd, SOL_SOCKET, name, &value, &size);
	return value;
}

static void
test_pair(void)
{
	struct plan plan = make_plan(AF_UNIX, SOCK_STREAM, 0, "0,1");
	struct pair pair;
	int before = lowest_free();
	char byte;

	is_int(pair_open(&pair, &plan), 0, "a stream pair is created");
	ok(fcntl(pair.ours, F_GETFL) & O_NONBLOCK, "our end does not block");
	ok(!(fcntl(pair.command, F_GETFL) & O_NONBLOCK),
	    "the command's end blocks");
	ok(fcntl(pair.ours, F_GETFD) & fcntl(pair.command, F_GETFD) &
	    FD_CLOEXEC, "both ends are close-on-exec");
	is_int(option(pair.ours, SO_OOBINLINE), 1,
	    "an urgent byte stays in the stream at our end");
	is_int(option(pair.command, SO_OOBINLINE), 0,
	    "the command's end has no SO_OOBINLINE");
	ok(write(pair.command, "x", 1) == 1 && read(pair.ours, &byte, 1) == 1 &&
	    byte == 'x', "the ends are connected");
	pair_release_command(&pair);
	is_int(pair.command, -1, "a released end is closed");
	pair_release_command(&pair);
	pair_close(&pair);
	is_int(lowest_free(), before, "a closed pair leaves nothing open");
	plan_free(&plan);
}

static void
test_buffers(void)
{
	struct plan plan = make_plan(AF_UNIX, SOCK_STREAM, 0, "0,1");
	struct pair pair;

	plan.buffer = 10000;
	pair_open(&pair, &plan);
	/* socket(7): the kernel doubles what is asked for. */
	ok(option(pair.ours, SO_SNDBUF) >= 10000 &&
	    option(pair.ours, SO_SNDBUF) <= 20000,
	    "our buffer has the size of the plan");
	is_int(option(pair.command, SO_SNDBUF), option(pair.ours, SO_SNDBUF),
	    "the command's buffer has the same size");
	pair_close(&pair);
	plan.buffer = (size_t)-1;
	is_int(pair_open(&pair, &plan), 0,
	    "a size past the system's limit is no error");
	pair_close(&pair);
	plan_free(&plan);
}

/* The type that the kernel creates, and the options that we set. */
static void
test_types(void)
{
	static const struct {
		int type, made;
		bool marked, kept;
		const char *name;
	} rows[] = {
		{ SOCK_STREAM, SOCK_STREAM, false, false, "stream" },
		{ SOCK_SEQPACKET, SOCK_SEQPACKET, true, false, "seqpacket" },
		{ SOCK_DGRAM, SOCK_DGRAM, false, true, "dgram" },
		/* unix(7): the kernel creates SOCK_DGRAM for SOCK_RAW. */
		{ SOCK_RAW, SOCK_DGRAM, false, true, "raw" },
	};
	struct plan plan;
	struct pair pair;
	char title[80];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		plan = make_plan(AF_UNIX, rows[i].type, 0, "0,1");
		need(pair_open(&pair, &plan) == 0, "pair");
		snprintf(title, sizeof(title), "%s: the type is the system's",
		    rows[i].name);
		is_int(pair.type, rows[i].made, title);
		snprintf(title, sizeof(title), "%s: %s", rows[i].name,
		    rows[i].marked ? "messages are marked" :
		    "no messages are marked");
#if defined LINUX_EXTRAS && defined SO_TIMESTAMPNS
		is_int(option(pair.ours, SO_TIMESTAMPNS), rows[i].marked,
		    title);
#else
		is_int(option(pair.ours, SO_TIMESTAMP), rows[i].marked, title);
#endif
		pair_release_command(&pair);
		snprintf(title, sizeof(title), "%s: the released end is %s",
		    rows[i].name, rows[i].kept ? "kept open" : "closed");
		is_int(pair.command != -1, rows[i].kept, title);
		pair_close(&pair);
		plan_free(&plan);
	}
}

/* The largest message that the system allows if message bytes are requested. */
static long long
grant(int message)
{
	int value = (message + 32) / 2;	/* doubled, see socket(7) */
	int ends[2], granted;

	need(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0, "socketpair");
#ifdef SO_SNDBUFFORCE
	if (setsockopt(ends[0], SOL_SOCKET, SO_SNDBUFFORCE, &value,
	    sizeof(value)) == -1)
#endif
		setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &value,
		    sizeof(value));
	granted = option(ends[0], SO_SNDBUF) - 32;
	close(ends[0]);
	close(ends[1]);
	return granted;
}

/*
 * Buffers are as large as the largest message needs, but never smaller than by
 * default.
 */
static void
test_sizes(void)
{
	struct plan plan = make_plan(AF_UNIX, SOCK_SEQPACKET, 0, "0,1");
	struct pair pair;
	int plain[2];

	need(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, plain) == 0, "socketpair");
	need(pair_open(&pair, &plan) == 0, "pair");
	if (option(plain[0], SO_SNDBUF) < 1048576)
		is_int((long long)pair.largest, grant(1048576),
		    "by default the largest message is 1 MiB");
	else
		skip("by default the largest message is 1 MiB",
		    "the system's buffers are larger");
	pair_close(&pair);
	plan_set_max_message(&plan, 3000001);
	need(pair_open(&pair, &plan) == 0, "pair");
	ok(pair.largest == 3000002 || (long long)pair.largest ==
	    grant(3000001), "the largest message is that of the plan");
	pair_close(&pair);
	plan_set_max_message(&plan, 100);
	need(pair_open(&pair, &plan) == 0, "pair");
	is_int(option(pair.ours, SO_SNDBUF), option(plain[0], SO_SNDBUF),
	    "a small message leaves our buffer as it is");
	is_int(option(pair.command, SO_SNDBUF), option(plain[0], SO_SNDBUF),
	    "a small message leaves the command's as it is");
	pair_close(&pair);
	close(plain[0]);
	close(plain[1]);
	plan_free(&plan);
}

/* A message of pair.largest bytes can be sent, and one more byte cannot. */
static void
test_largest(size_t buffer, size_t max_message, const char *name)
{
	struct plan plan = make_plan(AF_UNIX, SOCK_SEQPACKET, 0, "0,1");
	struct pair pair;
	char *message;
	char title[80];

	plan.buffer = buffer;
	plan.max_message = max_message;
	need(pair_open(&pair, &plan) == 0, "pair");
	message = calloc(pair.largest + 1, 1);
	need(message != NULL, "calloc");
	snprintf(title, sizeof(title), "%s: the largest message is sent", name);
	is_int(send(pair.ours, message, pair.largest, 0),
	    (long long)pair.largest, title);
	snprintf(title, sizeof(title), "%s: a larger one is refused", name);
	ok(recv(pair.command, message, pair.largest, 0) ==
	    (ssize_t)pair.largest && send(pair.ours, message,
	    pair.largest + 1, 0) == -1 &&
	    (errno == EMSGSIZE || errno == ENOBUFS), title);
	snprintf(title, sizeof(title), "%s: the command sends as much", name);
	is_int(send(pair.command, message, pair.largest, 0),
	    (long long)pair.largest, title);
	free(message);
	pair_close(&pair);
	plan_free(&plan);
}

static void
test_chosen(void)
{
	struct plan plan;
	struct pair pair;
	int before = lowest_free();
	char fds[40];

	snprintf(fds, sizeof(fds), "%d,%d", before, before + 1);
	plan = make_plan(AF_UNIX, SOCK_STREAM, 0, fds);
	is_int(pair_open(&pair, &plan), 0,
	    "numbers that we would get can be chosen");
	ok(!fd_list_has(&plan.fds, pair.ours) &&
	    !fd_list_has(&plan.fds, pair.command),
	    "both ends move off the chosen numbers");
	pair_close(&pair);
	is_int(lowest_free(), before, "moved ends leave nothing open");
	plan_free(&plan);
}

/* A pair without a relay: our end is for another process, too. */
static void
test_unrelayed(void)
{
	static const int types[][2] = {
		{ SOCK_STREAM, SOCK_STREAM },
		{ SOCK_SEQPACKET, SOCK_SEQPACKET },
		{ SOCK_DGRAM, SOCK_DGRAM },
		{ SOCK_RAW, SOCK_DGRAM },
	};
	struct plan plan;
	struct pair pair;
	int before = lowest_free();
	int plain[2];
	char fds[40];
	size_t i;

	for (i = 0; i < 2 * sizeof(types) / sizeof(types[0]); i++) {
		snprintf(fds, sizeof(fds), "%d", before + 1);
		plan = make_plan(AF_UNIX, types[i / 2][0], 0, fds);
		plan.pass_fd = i % 2 == 0;
		fd_list_free(&plan.peer_fds);
		snprintf(fds, sizeof(fds), "%d", before);
		parse_fd_list(fds, &plan.peer_fds);
		if (i % 2 == 1)
			plan_set_peer(&plan, "cat");
		is_int(pair_open(&pair, &plan), 0,
		    "a pair of any type is created");
		is_int(pair.type, types[i / 2][1],
		    "the type is that of the system");
		need(socketpair(AF_UNIX, types[i / 2][0], 0, plain) == 0,
		    "socketpair");
		ok((option(pair.ours, SO_SNDBUF) > option(plain[0],
		    SO_SNDBUF)) == (pair.type != SOCK_STREAM) &&
		    option(pair.ours, SO_SNDBUF) ==
		    option(pair.command, SO_SNDBUF),
		    "for messages both ends have larger buffers");
		close(plain[0]);
		close(plain[1]);
		ok(!(fcntl(pair.ours, F_GETFL) & O_NONBLOCK) &&
		    option(pair.ours, SO_OOBINLINE) == 0,
		    "our end blocks and has no SO_OOBINLINE");
		ok(fcntl(pair.ours, F_GETFD) & fcntl(pair.command, F_GETFD) &
		    FD_CLOEXEC, "both ends are close-on-exec, without a relay");
		ok(!fd_list_has(&plan.fds, pair.command),
		    "the command's end moves off its numbers");
		ok(i % 2 == 0 || !fd_list_has(&plan.peer_fds, pair.ours),
		    "our end moves off the second command's numbers");
		pair_release_ours(&pair);
		pair_release_command(&pair);
		ok((pair.ours == -1) == (types[i / 2][1] != SOCK_DGRAM) &&
		    (pair.command == -1) == (pair.ours == -1),
		    "released ends of a dgram pair only are kept open");
		pair_close(&pair);
		plan_free(&plan);
	}
	is_int(lowest_free(), before, "nothing is left open");
}

/* With a relay between two commands each has a pair of its own. */
static void
test_second(void)
{
	struct plan plan;
	struct pair pair, second;
	int before = lowest_free();
	char fds[40];

	snprintf(fds, sizeof(fds), "%d,%d", before + 2, before + 3);
	plan = make_plan(AF_UNIX, SOCK_STREAM, 0, "0");
	plan_set_peer(&plan, "cat");
	plan.timeout = 1;
	fd_list_free(&plan.peer_fds);
	parse_fd_list(fds, &plan.peer_fds);
	is_int(pair_open(&pair, &plan), 0, "the first pair is created");
	is_int(pair_open_second(&second, &plan), 0,
	    "the second pair is created");
	ok(!fd_list_has(&plan.peer_fds, second.command),
	    "the second command's end moves off its numbers");
	ok(fcntl(pair.ours, F_GETFL) & fcntl(second.ours, F_GETFL) &
	    O_NONBLOCK, "our ends of both pairs do not block");
	ok(!((fcntl(pair.command, F_GETFL) | fcntl(second.command, F_GETFL)) &
	    O_NONBLOCK), "the ends of both commands block");
	ok(option(pair.ours, SO_OOBINLINE) == 1 &&
	    option(second.ours, SO_OOBINLINE) == 1,
	    "an urgent byte stays in either stream");
	pair_close(&pair);
	pair_close(&second);
	is_int(lowest_free(), before, "two closed pairs leave nothing open");
	plan_free(&plan);
}

/* The errors differ between systems, so they are not compared. */
static void
test_refusals(void)
{
	static const struct {
		int domain, type, protocol;
		const char *name;
	} rows[] = {
		{ AF_INET, SOCK_STREAM, 0,
		    "a pair of inet stream sockets is refused" },
		{ AF_INET6, SOCK_DGRAM, 0,
		    "a pair of inet6 dgram sockets is refused" },
		{ AF_INET, SOCK_SEQPACKET, 0,
		    "a type that inet lacks is refused" },
		{ AF_UNSPEC, SOCK_STREAM, 0,
		    "an unspecified domain is refused" },
		{ 255, SOCK_STREAM, 0, "an unknown domain is refused" },
		{ AF_UNIX, SOCK_STREAM, 6, "an unknown protocol is refused" },
		{ AF_UNIX, SOCK_RDM, 0, "a type that unix lacks is refused" },
		{ AF_UNIX, 15, 0, "an unknown type is refused" },
		{ AF_UNIX, 0, 0, "type 0 is refused" },
	};
	struct plan plan;
	struct pair pair;
	int before = lowest_free();
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		plan = make_plan(rows[i].domain, rows[i].type,
		    rows[i].protocol, "0,1");
		is_int(pair_open(&pair, &plan), -1, rows[i].name);
		ok(pair.ours == -1 && pair.command == -1,
		    "a refused pair has no ends");
		plan_free(&plan);
	}
	is_int(lowest_free(), before, "a refused pair leaves nothing open");
}

/* Whether fd is an end of a pipe, close-on-exec, with these flags. */
static bool
is_pipe_end(int fd, int flags)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode) &&
	    fcntl(fd, F_GETFD) == FD_CLOEXEC &&
	    (fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK)) == flags;
}

/* Whether what is written to one comes at the other. */
static bool
leads(int from, int to)
{
	char byte = '?';

	return write(from, "x", 1) == 1 && read(to, &byte, 1) == 1 &&
	    byte == 'x';
}

static void
test_pipes(void)
{
	struct plan plan = make_plan(AF_UNIX, SOCK_STREAM, 0, "3,5");
	int before = lowest_free();
	struct pair pair;
	int from, to;

	plan.pipes = true;
	is_int(pair_open(&pair, &plan), 0, "pipes are created");
	ok(pair.is_pipes && pair.type == SOCK_STREAM, "pipes are streams");
	ok(is_pipe_end(pair.ours, O_RDONLY | O_NONBLOCK) &&
	    is_pipe_end(pair.ours_write, O_WRONLY | O_NONBLOCK),
	    "our ends of the pipes do not block");
	ok(is_pipe_end(pair.command, O_RDONLY) &&
	    is_pipe_end(pair.command_write, O_WRONLY),
	    "the command's ends of the pipes block");
	ok(leads(pair.ours_write, pair.command) &&
	    leads(pair.command_write, pair.ours),
	    "one pipe leads to the command, the other from it");
	ok(!fd_list_has(&plan.fds, pair.command) &&
	    !fd_list_has(&plan.fds, pair.command_write) &&
	    !fd_list_has(&plan.fds, pair.ours) &&
	    !fd_list_has(&plan.fds, pair.ours_write),
	    "no end of a pipe has a chosen number");
	pair_release_command(&pair);
	ok(pair.command == -1 && pair.command_write == -1,
	    "both ends of the command are closed");
	pair_take_pipes(&pair, &from, &to);
	ok(pair.ours == -1 && pair.ours_write == -1 &&
	    is_pipe_end(from, O_RDONLY | O_NONBLOCK) &&
	    is_pipe_end(to, O_WRONLY | O_NONBLOCK),
	    "our ends can be taken over");
	pair_close(&pair);
	close(from);
	close(to);
	is_int(lowest_free(), before, "pipes that are taken leave nothing");
	need(pair_open(&pair, &plan) == 0, "pipes");
	pair_close(&pair);
	is_int(lowest_free(), before, "pipes that are closed leave nothing");
	plan_free(&plan);
}

/*
 * For a child, because a lowered limit cannot be raised again.  There is room
 * for one pipe, not for two.
 */
static int
limit_pipes(void *argument)
{
	struct plan plan = make_plan(AF_UNIX, SOCK_STREAM, 0, "0,1");
	rlim_t free_number = (rlim_t)lowest_free();
	struct rlimit limit = { free_number + 3, free_number + 3 };
	struct pair pair;

	(void)argument;
	plan.pipes = true;
	setrlimit(RLIMIT_NOFILE, &limit);
	ASK(pair_open(&pair, &plan) == -1);
	ASK(pair.ours == -1 && pair.command_write == -1);
	ASK((rlim_t)lowest_free() == free_number);
	plan_free(&plan);
	return 0;
}

/* For a child, because a lowered limit cannot be raised again. */
static int
limit_descriptors(void *argument)
{
	struct plan plan = make_plan(AF_UNIX, SOCK_STREAM, 0, "0,1");
	rlim_t free_number = (rlim_t)lowest_free();
	struct rlimit limit = { free_number + 1, free_number + 1 };
	struct pair pair;

	(void)argument;
	setrlimit(RLIMIT_NOFILE, &limit);
	ASK(pair_open(&pair, &plan) == -1);
	ASK((rlim_t)lowest_free() == free_number);
	plan_free(&plan);
	return 0;
}

int
main(void)
{
	/* tests/cli compares the messages. */
	(void)!freopen("/dev/null", "w", stderr);
	test_pair();
	test_buffers();
	test_types();
	test_sizes();
	test_largest(0, 1048576, "default size");
	test_largest(0, SIZE_MAX, "largest size");
	test_largest(20000, SIZE_MAX, "buffers of 20000 bytes");
	test_chosen();
	test_unrelayed();
	test_second();
	test_refusals();
	test_pipes();
	passes_bare(limit_pipes, NULL,
	    "pipes beyond the limit on descriptors fail, and leave nothing");
	passes_bare(limit_descriptors, NULL,
	    "a pair beyond the limit on descriptors fails");
	return done_testing();
}
