/* SPDX-License-Identifier: MIT */
/* --pass-fd: which standard output will do, what is received, what fails. */
#include "config.h"

#include <netinet/in.h>

#include "plan/plan.h"
#include "relay/fdpass.h"
#include "tap.h"

static struct signals signals;

/* What --wrap has put in place of sendmsg(2): it may be interrupted first. */
static int interruptions;

ssize_t __real_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);

ssize_t
__wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
	if (interruptions == 0)
		return __real_sendmsg(fd, message, flags);
	interruptions--;
	errno = EINTR;
	return -1;
}

/* Whether fd as standard output is refused. */
static int
check(void *argument)
{
	const int *fd = argument;
	struct stdfds stdfds = { { false } };

	dup2(*fd, STDOUT_FILENO);
	return fdpass_check(&stdfds) != 0;
}

static int
check_closed(void *argument)
{
	struct stdfds stdfds = { { false, true, false } };
	int *ends = argument;

	/* The number is held by something else, here by a unix socket. */
	dup2(ends[0], STDOUT_FILENO);
	return fdpass_check(&stdfds) == 0;
}

static void
test_check(void)
{
	int stream[2], message[2], pipe_ends[2];
	int inet = socket(AF_INET, SOCK_STREAM, 0);
	int unconnected = socket(AF_UNIX, SOCK_DGRAM, 0);
	int null = open("/dev/null", O_RDWR);
	struct capture said;
	int status;

	need(socketpair(AF_UNIX, SOCK_STREAM, 0, stream) == 0 &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, message) == 0 &&
	    pipe(pipe_ends) == 0 && null != -1, "descriptors");
	is_int(run_child(check, &stream[0]), 0, "a unix stream socket will do");
	is_int(run_child(check, &message[0]), 0,
	    "a unix seqpacket socket will do");
	is_int(run_child(check, &unconnected), 0,
	    "an unconnected unix socket will do");
	capture_begin(&said, STDERR_FILENO);
	status = run_child(check, &pipe_ends[1]);
	capture_end(&said);
	is_int(status, 256, "a pipe will not do");
	is_str(said.text, "sockpair: cannot pass a descriptor over standard "
	    "output: it is not a unix socket\n",
	    "one line says that it is no unix socket");
	capture_begin(&said, STDERR_FILENO);
	is_int(run_child(check, &null), 256, "a device will not do");
	if (inet == -1)
		skip("an inet socket will not do", "no inet sockets");
	else
		is_int(run_child(check, &inet), 256,
		    "an inet socket will not do");
	is_int(run_child(check_closed, stream), 0,
	    "standard output that was closed on entry will not do");
	capture_end(&said);
	close(inet);
	close(unconnected);
	close(null);
	close(stream[0]);
	close(stream[1]);
	close(message[0]);
	close(message[1]);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

struct sending {
	int output;		/* what is to be standard output */
	struct pair pair;
};

static int
send_end(void *argument)
{
	const struct sending *sending = argument;

	dup2(sending->output, STDOUT_FILENO);
	return fdpass_send(&sending->pair, &signals) != 0;
}

/* Receive a descriptor, or -1, as ssh does (mm_receive_fd()). */
static int
receive(int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char byte = 'x';
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1,
	    .msg_control = control.space,
	    .msg_controllen = sizeof(control.space) };
	int received = -1;

	if (recvmsg(fd, &message, MSG_DONTWAIT) != 1 || byte != 0 ||
	    CMSG_FIRSTHDR(&message) == NULL ||
	    CMSG_FIRSTHDR(&message)->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&received, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return received;
}

static void
test_send(int type)
{
	struct sending sending;
	struct capture said;
	int ends[2], method[2];
	char byte = 0;
	int received;
	int status;

	need(socketpair(AF_UNIX, type, 0, ends) == 0 &&
	    socketpair(AF_UNIX, SOCK_STREAM, 0, method) == 0, "socketpair");
	sending = (struct sending){ method[0], { .ours = ends[0],
	    .command = -1, .type = type } };
	interruptions = 2;
	is_int(run_child(send_end, &sending), 0,
	    "our end of the pair is sent, after signals as well");
	interruptions = 0;
	received = receive(method[1]);
	close(ends[0]);
	ok(write(ends[1], "x", 1) == 1 && read(received, &byte, 1) == 1 &&
	    byte == 'x',
	    "the descriptor that is received is that end, with one byte");
	ok(recv(method[1], &byte, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN,
	    "nothing is received after it");
	close(received);
	close(ends[1]);
	close(method[1]);

	/* The reader of standard output has gone.  We hold both ends. */
	need(socketpair(AF_UNIX, type, 0, ends) == 0, "socketpair");
	sending.pair = (struct pair){ .ours = ends[0], .command = ends[1],
	    .type = type };
	capture_begin(&said, STDERR_FILENO);
	status = run_child(send_end, &sending);
	capture_end(&said);
	is_int(status, 256,
	    "a reader that has gone is a failure, and brings no signal");
	is_str(said.text, "sockpair: cannot pass a descriptor over standard "
	    "output: Broken pipe\n", "one line says that the reader has gone");
	is_int(read(ends[1], &byte, 1), 0,
	    "after a failure the command reads end of file");
	close(ends[0]);
	close(ends[1]);
	close(method[0]);
}

int
main(void)
{
	need(signals_open(&signals) == 0, "signals_open");
	signals_begin(&signals);
	test_check();
	test_send(SOCK_STREAM);
	test_send(SOCK_SEQPACKET);
	test_send(SOCK_DGRAM);
	signals_close(&signals);
	return done_testing();
}
