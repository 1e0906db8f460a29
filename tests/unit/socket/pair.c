/* SPDX-License-Identifier: MIT */
/* The pair: its options, where its ends are, every refusal to be had. */
#include "config.h"

#include <sys/resource.h>
#include <sys/socket.h>
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

/* The lowest free descriptor: the same before and after if nothing leaks. */
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

	is_int(pair_open(&pair, &plan), 0, "a stream pair is made");
	ok(fcntl(pair.ours, F_GETFL) & O_NONBLOCK, "our end does not block");
	ok(!(fcntl(pair.command, F_GETFL) & O_NONBLOCK),
	    "the command's end does");
	ok(fcntl(pair.ours, F_GETFD) & fcntl(pair.command, F_GETFD) &
	    FD_CLOEXEC, "both are close-on-exec");
	is_int(option(pair.ours, SO_OOBINLINE), 1,
	    "an urgent byte stays in our line");
	is_int(option(pair.command, SO_OOBINLINE), 0,
	    "the command's end is as the system makes it");
	ok(write(pair.command, "x", 1) == 1 && read(pair.ours, &byte, 1) == 1 &&
	    byte == 'x', "they are connected");
	pair_release_command(&pair);
	is_int(pair.command, -1, "an end is closed once");
	pair_release_command(&pair);
	pair_close(&pair);
	is_int(lowest_free(), before, "nothing is left open");
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
	    option(pair.ours, SO_SNDBUF) <= 20000, "our buffers are asked for");
	is_int(option(pair.command, SO_SNDBUF), option(pair.ours, SO_SNDBUF),
	    "those of the other end too");
	pair_close(&pair);
	plan.buffer = (size_t)-1;
	is_int(pair_open(&pair, &plan), 0, "more than there is is no error");
	pair_close(&pair);
	plan_free(&plan);
}

/* What the kernel makes of each type, and what we ask of it. */
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
		/* unix(7): SOCK_RAW is taken for SOCK_DGRAM. */
		{ SOCK_RAW, SOCK_DGRAM, false, true, "raw" },
	};
	struct plan plan;
	struct pair pair;
	char title[80];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		plan = make_plan(AF_UNIX, rows[i].type, 0, "0,1");
		need(pair_open(&pair, &plan) == 0, "pair");
		snprintf(title, sizeof(title), "%s: its type is asked",
		    rows[i].name);
		is_int(pair.type, rows[i].made, title);
		snprintf(title, sizeof(title), "%s: %s", rows[i].name,
		    rows[i].marked ? "messages are marked" : "nothing is");
#if defined LINUX_EXTRAS && defined SO_TIMESTAMPNS
		is_int(option(pair.ours, SO_TIMESTAMPNS), rows[i].marked,
		    title);
#else
		is_int(option(pair.ours, SO_TIMESTAMP), rows[i].marked, title);
#endif
		pair_release_command(&pair);
		snprintf(title, sizeof(title), "%s: the command's end is %s",
		    rows[i].name, rows[i].kept ? "kept" : "closed");
		is_int(pair.command != -1, rows[i].kept, title);
		pair_close(&pair);
		plan_free(&plan);
	}
}

/* What the system grants to who wants to send messages of so many bytes. */
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
 * Buffers are as large as the largest message needs, but never smaller than
 * the system makes them.
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
		    "they carry 1 MiB, and not more");
	else
		skip("they carry 1 MiB, and not more", "all here are larger");
	pair_close(&pair);
	plan_set_max_message(&plan, 3000001);
	need(pair_open(&pair, &plan) == 0, "pair");
	ok(pair.largest == 3000002 || (long long)pair.largest ==
	    grant(3000001), "or what was chosen");
	pair_close(&pair);
	plan_set_max_message(&plan, 100);
	need(pair_open(&pair, &plan) == 0, "pair");
	is_int(option(pair.ours, SO_SNDBUF), option(plain[0], SO_SNDBUF),
	    "a smaller one leaves them as they are");
	is_int(option(pair.command, SO_SNDBUF), option(plain[0], SO_SNDBUF),
	    "at the command's end, too");
	pair_close(&pair);
	close(plain[0]);
	close(plain[1]);
	plan_free(&plan);
}

/* The size that pair_open() found goes through, and one more byte does not. */
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
	snprintf(title, sizeof(title), "%s: the largest message goes", name);
	is_int(send(pair.ours, message, pair.largest, 0),
	    (long long)pair.largest, title);
	snprintf(title, sizeof(title), "%s: and it is the largest", name);
	ok(recv(pair.command, message, pair.largest, 0) ==
	    (ssize_t)pair.largest && send(pair.ours, message,
	    pair.largest + 1, 0) == -1 &&
	    (errno == EMSGSIZE || errno == ENOBUFS), title);
	snprintf(title, sizeof(title), "%s: the command's is as large", name);
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
	is_int(pair_open(&pair, &plan), 0, "chosen numbers may be ours");
	ok(!fd_list_has(&plan.fds, pair.ours) &&
	    !fd_list_has(&plan.fds, pair.command),
	    "then both ends move off them");
	pair_close(&pair);
	is_int(lowest_free(), before, "and leave nothing behind");
	plan_free(&plan);
}

/* A pair that is not relayed: its ends are for others, as they come. */
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
		is_int(pair_open(&pair, &plan), 0, "any type is made");
		is_int(pair.type, types[i / 2][1], "and known by its type");
		need(socketpair(AF_UNIX, types[i / 2][0], 0, plain) == 0,
		    "socketpair");
		ok((option(pair.ours, SO_SNDBUF) > option(plain[0],
		    SO_SNDBUF)) == (pair.type != SOCK_STREAM) &&
		    option(pair.ours, SO_SNDBUF) ==
		    option(pair.command, SO_SNDBUF),
		    "for messages both ends have more room than others");
		close(plain[0]);
		close(plain[1]);
		ok(!(fcntl(pair.ours, F_GETFL) & O_NONBLOCK) &&
		    option(pair.ours, SO_OOBINLINE) == 0,
		    "our end is as the system makes it");
		ok(fcntl(pair.ours, F_GETFD) & fcntl(pair.command, F_GETFD) &
		    FD_CLOEXEC, "and close-on-exec");
		ok(!fd_list_has(&plan.fds, pair.command),
		    "the command's end moves off its numbers");
		ok(i % 2 == 0 || !fd_list_has(&plan.peer_fds, pair.ours),
		    "the second command's end moves off its own");
		pair_release_ours(&pair);
		pair_release_command(&pair);
		ok((pair.ours == -1) == (types[i / 2][1] != SOCK_DGRAM) &&
		    (pair.command == -1) == (pair.ours == -1),
		    "only those of a dgram pair are held");
		pair_close(&pair);
		plan_free(&plan);
	}
	is_int(lowest_free(), before, "nothing is left open");
}

/* With a relay between two commands each has a pair, of the same kind. */
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
	is_int(pair_open(&pair, &plan), 0, "a relay's first pair is made");
	is_int(pair_open_second(&second, &plan), 0, "and its second");
	ok(!fd_list_has(&plan.peer_fds, second.command),
	    "the second command's end moves off its numbers");
	ok(fcntl(pair.ours, F_GETFL) & fcntl(second.ours, F_GETFL) &
	    O_NONBLOCK, "our ends do not block");
	ok(!((fcntl(pair.command, F_GETFL) | fcntl(second.command, F_GETFL)) &
	    O_NONBLOCK), "but those of the commands do");
	ok(option(pair.ours, SO_OOBINLINE) == 1 &&
	    option(second.ours, SO_OOBINLINE) == 1,
	    "no urgent byte is dropped from either");
	pair_close(&pair);
	pair_close(&second);
	is_int(lowest_free(), before, "and nothing is left behind");
	plan_free(&plan);
}

/* What Linux 6.18 says to each stands in the message, not here: it differs. */
static void
test_refusals(void)
{
	static const struct {
		int domain, type, protocol;
		const char *name;
	} rows[] = {
		{ AF_INET, SOCK_STREAM, 0, "inet has no pairs" },
		{ AF_INET6, SOCK_DGRAM, 0, "nor has inet6" },
		{ AF_INET, SOCK_SEQPACKET, 0, "nor any of a type it lacks" },
		{ AF_UNSPEC, SOCK_STREAM, 0, "an unspecified domain" },
		{ 255, SOCK_STREAM, 0, "a domain that does not exist" },
		{ AF_UNIX, SOCK_STREAM, 6, "a protocol that does not exist" },
		{ AF_UNIX, SOCK_RDM, 0, "a type that unix lacks" },
		{ AF_UNIX, 15, 0, "a type that does not exist" },
		{ AF_UNIX, 0, 0, "type 0" },
	};
	struct plan plan;
	struct pair pair;
	int before = lowest_free();
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		plan = make_plan(rows[i].domain, rows[i].type,
		    rows[i].protocol, "0,1");
		is_int(pair_open(&pair, &plan), -1, rows[i].name);
		ok(pair.ours == -1 && pair.command == -1, "gives no ends");
		plan_free(&plan);
	}
	is_int(lowest_free(), before, "and nothing is left open");
}

/* In a child, since a limit once lowered stays. */
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
	/* The lines on standard error are the program's tests' business. */
	(void)!freopen("/dev/null", "w", stderr);
	test_pair();
	test_buffers();
	test_types();
	test_sizes();
	test_largest(0, 1048576, "as by default");
	test_largest(0, SIZE_MAX, "as large as can be");
	test_largest(20000, SIZE_MAX, "buffers of a chosen size");
	test_chosen();
	test_unrelayed();
	test_second();
	test_refusals();
	passes_bare(limit_descriptors, NULL,
	    "under a limit of one more there is no pair");
	return done_testing();
}
