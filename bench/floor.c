/* SPDX-License-Identifier: MIT */
/*
 * The least that a relay can do, to compare other relays with:
 *
 *	floor COMMAND...
 *		run COMMAND on one end of a stream socket pair; relay standard
 *		input to the other end, and that to standard output
 *
 * It is one loop of poll(2).  Small pieces are copied.  Once a piece has filled
 * the buffer, the kernel moves the rest: from or to a pipe, or from a file.
 * Nothing else is handled: signals are not, an error counts as end of file, and
 * a reader of standard output that stops holds up both directions.
 */
#define _GNU_SOURCE		/* pipe sizes, splice, vfork */

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#define PIECE 65536		/* bytes to copy at once */
#define BULK 262144		/* bytes to move at once; the size of pipes */

/* How the kernel can move what comes in bulk. */
enum mover { NONE, SPLICE, SENDFILE };

/* One direction. */
struct flow {
	int src, dst;
	enum mover mover;
	bool bulk;		/* moved by the kernel from now on */
	bool full;		/* dst has no room: wait for dst, not src */
	bool ended;		/* nothing more comes from src */
	bool over;		/* and all of it is written */
	size_t start, size;	/* what is left in data */
	char data[PIECE];
};

static struct flow to_command = { .src = STDIN_FILENO };
static struct flow from_command = { .dst = STDOUT_FILENO };

/* How to move between our socket and fd, from it if that is where it comes. */
static enum mover
find_mover(int fd, bool is_src)
{
	struct stat status;

	if (fstat(fd, &status) == -1)
		return NONE;
	if (S_ISFIFO(status.st_mode))
		return SPLICE;
	return is_src && S_ISREG(status.st_mode) ? SENDFILE : NONE;
}

static void
begin_bulk(struct flow *flow)
{
	flow->bulk = true;
	if (flow->mover != SPLICE)
		return;
	/* One of the two is the pipe. */
	fcntl(flow->src, F_SETPIPE_SZ, BULK);
	fcntl(flow->dst, F_SETPIPE_SZ, BULK);
}

/* Take done, the result of a call that moves, or else an end or an error. */
static bool
has_moved(struct flow *flow, ssize_t done)
{
	flow->full = done == -1 && errno == EAGAIN;
	if (done == 0 || (done == -1 && !flow->full && errno != EINTR))
		flow->ended = flow->over = true;
	return done > 0;
}

static void
move_bulk(struct flow *flow)
{
	ssize_t done;

	done = flow->mover == SENDFILE ?
	    sendfile(flow->dst, flow->src, NULL, BULK) :
	    splice(flow->src, NULL, flow->dst, NULL, BULK, SPLICE_F_NONBLOCK);
	has_moved(flow, done);
}

static void
fill(struct flow *flow)
{
	ssize_t got = read(flow->src, flow->data, PIECE);

	if (got == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	flow->start = 0;
	flow->size = got > 0 ? (size_t)got : 0;
	flow->ended = got <= 0;
}

static void
copy(struct flow *flow)
{
	ssize_t done;

	if (flow->size == 0)
		fill(flow);
	if (flow->size == PIECE && flow->mover != NONE)
		begin_bulk(flow);
	if (flow->size > 0) {
		done = write(flow->dst, flow->data + flow->start, flow->size);
		if (has_moved(flow, done)) {
			flow->start += (size_t)done;
			flow->size -= (size_t)done;
			flow->full = flow->size > 0;
		}
	}
	if (flow->ended && flow->size == 0)
		flow->over = true;
}

static void
step(struct flow *flow)
{
	if (flow->bulk && flow->size == 0)
		move_bulk(flow);
	else
		copy(flow);
	/* Standard output ends with us. */
	if (flow->over && flow == &to_command)
		shutdown(flow->dst, SHUT_WR);
}

static struct pollfd
slot_of(const struct flow *flow)
{
	if (flow->over)
		return (struct pollfd){ .fd = -1 };
	return flow->full ?
	    (struct pollfd){ .fd = flow->dst, .events = POLLOUT } :
	    (struct pollfd){ .fd = flow->src, .events = POLLIN };
}

static void
relay(void)
{
	struct pollfd slots[2];

	while (!from_command.over) {
		slots[0] = slot_of(&to_command);
		slots[1] = slot_of(&from_command);
		if (poll(slots, 2, -1) == -1)
			continue;
		if (slots[0].revents != 0)
			step(&to_command);
		if (slots[1].revents != 0)
			step(&from_command);
	}
}

/* Returns the process number of the command, which has end as its 0 and 1. */
static pid_t
start(char **argv, int end)
{
	pid_t pid = vfork();

	if (pid == -1)
		err(125, "cannot fork");
	if (pid == 0) {
		dup2(end, STDIN_FILENO);
		dup2(end, STDOUT_FILENO);
		execvp(argv[0], argv);
		_exit(127);
	}
	return pid;
}

int
main(int argc, char **argv)
{
	int ends[2];
	int status;
	pid_t pid;

	if (argc < 2)
		errx(125, "usage: floor COMMAND...");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1)
		err(125, "cannot make a socket pair");
	/* Ours; nobody shares it. */
	fcntl(ends[0], F_SETFL, O_RDWR | O_NONBLOCK);
	pid = start(argv + 1, ends[1]);
	close(ends[1]);
	signal(SIGPIPE, SIG_IGN);

	to_command.dst = from_command.src = ends[0];
	to_command.mover = find_mover(STDIN_FILENO, true);
	from_command.mover = find_mover(STDOUT_FILENO, false);
	relay();
	close(ends[0]);
	if (waitpid(pid, &status, 0) == -1)
		err(125, "cannot wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}
