/* SPDX-License-Identifier: MIT */
/*
 * The relay in a process of its own, with a command that is a function: what
 * goes in, what comes out, and when it is over.
 */
#include "config.h"

#include <sys/stat.h>

#include <poll.h>
#include <time.h>

#include "no-signalfd.h"
#include "relay/supervise.h"
#include "socket/message.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define MILLISECOND INT64_C(1000000)
#define LARGE 3000000

/* How a relay's process exits: a sum. */
enum {
	FAILED = 1,		/* struct outcome: failed */
	TIMED_OUT = 2,
	STATUS = 4,		/* the command's wait status was not 0 */
	KILLED = 8,		/* the command died of a signal */
	SECOND_STATUS = 16,	/* the same of a second command */
	SECOND_KILLED = 32,
};

static struct plan plan;
static bool closed[3];

/* A running relay, and our sides of its standard input and output. */
static pid_t relay_pid;
static int input;
static int output;
static struct capture said;

static char block[1 << 16];

/* --- commands: fd is their end ------------------------------------------- */

static int
echo(int fd)
{
	ssize_t size;

	while ((size = read(fd, block, sizeof(block))) > 0)
		if (write(fd, block, (size_t)size) != size)
			return 1;
	return size == 0 ? 0 : 2;
}

static int
leave(int fd)
{
	return write(fd, "last words", 10) == 10 ? 0 : 1;
}

static int
leave_unread(int fd)
{
	struct pollfd slot = { .fd = fd, .events = POLLIN };

	return poll(&slot, 1, -1) == 1 ? leave(fd) : 1;
}

static int
write_for_ever(int fd)
{
	while (write(fd, block, sizeof(block)) > 0)
		;
	return 1;
}

/* Its reader has gone, but its input still comes. */
static int
write_then_read(int fd)
{
	signal(SIGPIPE, SIG_IGN);
	write_for_ever(fd);
	return errno == EPIPE && read(fd, block, 1) == 1 ? 0 : 1;
}

static int
half_close(int fd)
{
	shutdown(fd, SHUT_WR);
	return read(fd, block, 10) == 2 ? 0 : 1;
}

static int
handles_nothing(int fd)
{
	struct pollfd slot = { .fd = fd, .events = POLLIN };

	/* The input ends when this has come. */
	return write(fd, "x", 1) == 1 && poll(&slot, 1, 300) == 0 ? 0 : 1;
}

static int
sleep_on(int fd)
{
	(void)fd;
	/* A signal with a handler does not end it. */
	while (pause() == -1)
		;
	return 1;
}

static int
close_and_sleep(int fd)
{
	close(fd);
	return sleep_on(fd);
}

static int
close_and_ignore(int fd)
{
	signal(SIGTERM, SIG_IGN);
	return close_and_sleep(fd);
}

static void
exit_well(int number)
{
	(void)number;
	_exit(0);
}

static int
catch_usr1(int fd)
{
	signal(SIGUSR1, exit_well);
	return write(fd, "r", 1) == 1 ? sleep_on(fd) : 1;
}

/*
 * Exits, and leaves a child with its end, which writes after that and then
 * waits for the end of input.
 */
static int
leave_child(int fd)
{
	pid_t parent = getpid();

	if (fork() != 0)
		return 0;
	alarm(200);	/* later than that of main() */
	while (getppid() == parent)
		usleep(1000);
	if (write(fd, "late", 4) == 4)
		while (read(fd, block, 1) == 1)
			;
	return 0;
}

/* The same, but the child waits until the relay has closed its socket. */
static int
leave_holder(int fd)
{
	struct pollfd slot = { .fd = fd };
	pid_t parent = getpid();

	if (fork() != 0)
		return 0;
	alarm(200);	/* later than that of main() */
	while (getppid() == parent)
		usleep(1000);
	(void)!write(fd, "late", 4);
	poll(&slot, 1, -1);
	return 0;
}

/* Sends a word, which must come back. */
static int
ask(int fd)
{
	char answer[10] = "";

	return write(fd, "hello", 5) == 5 && read(fd, answer, 10) == 5 &&
	    memcmp(answer, "hello", 5) == 0 ? 0 : 1;
}

static int
ask_to_the_end(int fd)
{
	if (ask(fd) != 0)
		return 1;
	shutdown(fd, SHUT_WR);
	return read(fd, block, 1) == 0 ? 0 : 2;
}

static int
takes_last_words(int fd)
{
	return read(fd, block, 100) == 10 && read(fd, block, 1) == 0 ? 0 : 1;
}

/* --- the relay's process -------------------------------------------------- */

static ino_t
file_number(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

static int
relay_it(int (*command)(int))
{
	struct signals signals;
	struct relay relay;
	struct supervisor supervisor;
	struct outcome result;
	struct pair pair = { .command = -1, .type = SOCK_STREAM };
	struct child child = { .fds = &plan.fds };
	int ends[2];
	int fd;

	for (fd = 3; fd < 200; fd++)
		close(fd);
	if (signals_open(&signals) == -1 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1 ||
	    fcntl(ends[0], F_SETFL, O_NONBLOCK) == -1)
		return 99;
	pair.ours = ends[0];
	if (supervise_init(&supervisor, &plan, &signals, 0) == -1)
		return 99;
	side_init(&supervisor.sides[SIDE_COMMAND], &child, &pair);
	side_init(&supervisor.sides[SIDE_OTHER], NULL, NULL);
	if (relay_init(&relay, &plan, supervisor.sides, NULL) == -1)
		return 99;
	child.ends[0] = file_number(ends[1]);
	child.pid = fork();
	if (child.pid == 0) {
		signals_restore(&signals);
		alarm(200);	/* later than that of main() */
		close(0);
		close(ends[0]);
		/* 1 is one of the plan's numbers for the end. */
		dup2(ends[1], 1);
		close(ends[1]);
		_exit(command(1));
	}
	close(ends[1]);
	result = supervise_run(&supervisor, &relay, closed);
	relay_free(&relay);
	supervise_free(&supervisor);
	if (!child.reaped)
		return 98;
	if (result.fatal_signal != 0)
		signal_die_of(result.fatal_signal);
	return (result.failed ? FAILED : 0) |
	    (result.timed_out ? TIMED_OUT : 0) |
	    (WIFSIGNALED(child.wait_status) ? KILLED : 0) |
	    (child.wait_status != 0 ? STATUS : 0);
}

/* Make a pair as the relay needs it; *end is the command's end. */
static struct pair
make_pair(int type, int *end)
{
	struct pair pair = {
		.command = -1, .type = type, .largest = sizeof(block)
	};
	int ends[2];

	need(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) == 0 &&
	    fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0, "socketpair");
	if (type == SOCK_SEQPACKET)
		need(message_mark(ends[0], true) == 0, "message_mark");
	pair.ours = ends[0];
	*end = ends[1];
	return pair;
}

/* Start a command that holds no descriptor but its end. */
static void
start_command(struct child *child, int (*command)(int), int end,
    const struct signals *signals)
{
	int fd;

	child->fds = &plan.fds;
	child->ends[0] = file_number(end);
	child->pid = fork();
	need(child->pid != -1, "fork");
	if (child->pid != 0)
		return;
	signals_restore(signals);
	alarm(200);	/* later than that of main() */
	dup2(end, 1);
	for (fd = 3; fd < 200; fd++)
		close(fd);
	close(0);
	_exit(command(1));
}

/* Close the command's end here, except for a dgram: see pair.h. */
static void
release(struct pair *pair, int end)
{
	if (pair->type == SOCK_DGRAM)
		pair->command = end;
	else
		close(end);
}

static int
sum_up(const struct outcome *result, const struct child *first,
    const struct child *second)
{
	return (result->failed ? FAILED : 0) |
	    (result->timed_out ? TIMED_OUT : 0) |
	    (first->wait_status != 0 ? STATUS : 0) |
	    (WIFSIGNALED(first->wait_status) ? KILLED : 0) |
	    (second->wait_status != 0 ? SECOND_STATUS : 0) |
	    (WIFSIGNALED(second->wait_status) ? SECOND_KILLED : 0);
}

/* Two commands, and what is different from the default in their plan. */
struct two {
	int (*first)(int);
	int (*second)(int);
	int64_t kill_after;	/* these: 0 for never */
	int64_t timeout;
	int64_t linger;
	int want;
	const char *name;
	int type;		/* 0: every one */
};

static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };

static void
plan_two(const struct two *two)
{
	if (two->kill_after != 0)
		plan.kill_after = two->kill_after;
	if (two->timeout != 0)
		plan.timeout = two->timeout;
	if (two->linger != 0)
		plan.linger = two->linger;
}

static int
relay_two(void *argument)
{
	const struct two *two = argument;
	struct signals signals;
	struct relay relay;
	struct supervisor supervisor;
	struct outcome result;
	struct child first = { .pid = -1 }, second = { .pid = -1 };
	int first_end, second_end;
	struct pair pair = make_pair(two->type, &first_end);
	struct pair other = make_pair(two->type, &second_end);

	plan_two(two);
	signal(SIGPIPE, SIG_DFL);
	need(signals_open(&signals) == 0, "signals_open");
	need(supervise_init(&supervisor, &plan, &signals, 0) == 0,
	    "supervise_init");
	side_init(&supervisor.sides[SIDE_COMMAND], &first, &pair);
	side_init(&supervisor.sides[SIDE_OTHER], &second, &other);
	need(relay_init(&relay, &plan, supervisor.sides, NULL) == 0,
	    "relay_init");
	start_command(&second, two->second, second_end, &signals);
	start_command(&first, two->first, first_end, &signals);
	release(&pair, first_end);
	release(&other, second_end);
	result = supervise_run(&supervisor, &relay, closed);
	relay_free(&relay);
	supervise_free(&supervisor);
	need(first.reaped && second.reaped, "reaped");
	need(fcntl(0, F_GETFD) != -1 && fcntl(1, F_GETFD) != -1,
	    "standard input and output are left alone");
	return sum_up(&result, &first, &second);
}

static void
start(int (*command)(int))
{
	int in[2], out[2];

	need(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0, "pipe");
	capture_begin(&said, STDERR_FILENO);
	relay_pid = fork();
	need(relay_pid != -1, "fork");
	if (relay_pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		dup2(in[0], 0);
		dup2(out[1], 1);
		_exit(relay_it(command));
	}
	close(in[0]);
	close(out[1]);
	input = in[1];
	output = out[0];
}

/* Read all output.  Returns its bytes, of which the first are in block. */
static size_t
read_output(void)
{
	size_t sum = 0;
	ssize_t size;

	while ((size = read(output, block + (sum < 1000 ? sum : 1000),
	    sizeof(block) - 1000)) > 0)
		sum += (size_t)size;
	block[sum < 1000 ? sum : 1000] = '\0';
	return sum;
}

/*
 * Wait for the relay's process, and reset the plan.  Returns its exit status,
 * or minus the signal that killed it.
 */
static int
finish(void)
{
	int status;

	while (waitpid(relay_pid, &status, 0) == -1)
		need(errno == EINTR, "waitpid");
	close(input);
	close(output);
	capture_end(&said);
	plan_free(&plan);
	plan_init(&plan);
	memset(closed, 0, sizeof(closed));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void
test_echo(const char *name)
{
	char title[100];

	start(echo);
	ok(write(input, "hello", 5) == 5 && read(output, block, 10) == 5 &&
	    memcmp(block, "hello", 5) == 0, name);
	close(input);
	input = -1;
	snprintf(title, sizeof(title), "%s, to the end", name);
	ok(read_output() == 0 && finish() == 0 && said.size == 0, title);
}

static void
test_large(void)
{
	size_t sum;
	pid_t writer;

	start(echo);
	writer = fork();
	if (writer == 0) {
		close(output);
		for (sum = 0; sum < LARGE; sum += 10000)
			(void)!write(input, block, 10000);
		_exit(0);
	}
	close(input);
	input = -1;
	is_int((long long)read_output(), LARGE, "a large input comes back");
	waitpid(writer, NULL, 0);
	is_int(finish(), 0, "a large input is no failure");
}

static void
test_ends(void)
{
	start(leave);
	ok(read_output() == 10 && strcmp(block, "last words") == 0,
	    "a command's last words come through");
	is_int(finish(), 0,
	    "a command that exits ends the run, though the input goes on");

	start(leave_unread);
	(void)!write(input, "unread", 6);
	ok(read_output() == 10,
	    "last words come through if input was left unread");
	is_int(finish(), 0, "unread input is no failure");

	start(write_for_ever);
	need(read(output, block, 1) == 1, "read");
	close(output);
	output = -1;
#ifdef LINUX_EXTRAS
	is_int(finish(), KILLED | STATUS, "a writer dies of SIGPIPE if the "
	    "reader leaves");
#else
	/* A writer that sleeps in a write then gets EPIPE without SIGPIPE. */
	ok(finish() & STATUS, "a writer ends if the reader leaves");
#endif
	is_int((long long)said.size, 0,
	    "no line is printed when the reader leaves");

	start(write_then_read);
	close(output);
	output = -1;
	(void)!write(input, "x", 1);
	is_int(finish(), 0,
	    "a command gets its input even if nobody reads its output");

	start(half_close);
	is_int((long long)read_output(), 0, "a half-close ends the output");
	(void)!write(input, "go", 2);
	is_int(finish(), 0, "input still comes after a half-close");

	start(leave_child);
	ok(read(output, block, 10) == 4 && memcmp(block, "late", 4) == 0,
	    "output of a process that holds the command's socket is relayed");
	close(input);
	input = -1;
	is_int(finish(), 0, "that process ends the run");
}

static void
test_closed(void)
{
	closed[0] = true;
	start(echo);
	is_int(finish(), 0, "input closed on entry is empty");

	closed[1] = true;
	start(leave);
	is_int(finish(), FAILED, "output closed on entry is a failure");
	is_str(said.text, "sockpair: cannot write standard output: "
	    "Bad file descriptor\n",
	    "one line says that output cannot be written");
	is_int(said.writes, 1, "no more than one line is printed");
}

static void
test_times(void)
{
	plan.no_shutdown = true;
	start(handles_nothing);
	ok(read(output, block, 1) == 1, "the command runs");
	close(input);
	input = -1;
	is_int(finish(), 0,
	    "with --no-shutdown the end of input is not passed on");

	plan.kill_after = MILLISECOND;
	start(close_and_sleep);
	is_int(finish(), KILLED | STATUS,
	    "--kill-after ends a command that has closed its socket");
	plan.kill_after = MILLISECOND;
	start(close_and_ignore);
	is_int(finish(), KILLED | STATUS,
	    "SIGKILL ends a command that ignores SIGTERM");

	plan.timeout = 20 * MILLISECOND;
	start(sleep_on);
	is_int(finish(), TIMED_OUT | KILLED | STATUS,
	    "--timeout ends a command when nothing moves");

	plan.linger = 20 * MILLISECOND;
	start(leave_holder);
	is_int(finish(), 0, "--linger bounds the wait for other processes");
}

static void
test_signals(void)
{
	const struct timespec moment = { 0, 10000000 };
	int status;

	start(catch_usr1);
	need(read(output, block, 1) == 1, "read");
	kill(relay_pid, SIGUSR1);
	is_int(finish(), 0, "a signal is passed on");

	/* The first signals may be passed on to a command not yet reaped. */
	start(leave_holder);
	need(read(output, block, 4) == 4, "read");
	while (waitpid(relay_pid, &status, WNOHANG) == 0) {
		kill(relay_pid, SIGTERM);
		nanosleep(&moment, NULL);
	}
	is_int(WIFSIGNALED(status) ? WTERMSIG(status) : 0, SIGTERM,
	    "after the command's end a signal ends us");
	close(input);
	close(output);
	capture_end(&said);
}

static const struct two twos[] = {
	{ .first = ask, .second = echo, .name = "the second answers" },
	{ .first = echo, .second = ask, .name = "the first answers" },
	{ .first = ask_to_the_end, .second = echo, .type = SOCK_STREAM,
	    .name = "a half-close passes, and comes back" },
	{ .first = ask_to_the_end, .second = echo, .type = SOCK_SEQPACKET,
	    .name = "a half-close passes, and comes back" },
	{ .first = leave, .second = takes_last_words,
	    .name =
	    "the second command reads the first's last words, and its end" },
	{ .first = takes_last_words, .second = leave,
	    .name =
	    "the first command reads the second's last words, and its end" },
	{ .first = leave, .second = sleep_on, .kill_after = 20 * MILLISECOND,
	    .want = SECOND_STATUS | SECOND_KILLED,
	    .name = "a second that outlives the first is ended" },
	{ .first = sleep_on, .second = leave, .kill_after = 20 * MILLISECOND,
	    .want = STATUS | KILLED,
	    .name = "a first that outlives the second is ended" },
	{ .first = sleep_on, .second = sleep_on, .timeout = 20 * MILLISECOND,
	    .want = TIMED_OUT | STATUS | KILLED | SECOND_STATUS |
	    SECOND_KILLED, .name = "both are ended by --timeout" },
	{ .first = leave, .second = sleep_on, .timeout = 1000 * MILLISECOND,
	    .type = SOCK_STREAM, .want = SECOND_STATUS | SECOND_KILLED,
	    .name = "one that has ended has not timed out" },
	{ .first = leave_holder, .second = leave_holder,
	    .linger = 20 * MILLISECOND,
	    .name = "--linger bounds the wait for what both commands leave" },
	{ .first = leave_child, .second = leave, .type = SOCK_STREAM,
	    .name = "a child of the first command reads the second's end" },
#ifdef LINUX_EXTRAS
	{ .first = write_for_ever, .second = leave, .type = SOCK_STREAM,
	    .want = STATUS | KILLED,
	    .name = "a first command that nobody reads dies of SIGPIPE" },
	{ .first = leave, .second = write_for_ever, .type = SOCK_STREAM,
	    .want = SECOND_STATUS | SECOND_KILLED,
	    .name = "a second command that nobody reads dies of SIGPIPE" },
#endif
	{ .first = write_for_ever, .second = leave, .type = SOCK_SEQPACKET,
	    .want = STATUS, .name =
	    "a first command that nobody reads gets EPIPE" },
	{ .first = leave, .second = write_for_ever, .type = SOCK_DGRAM,
	    .want = SECOND_STATUS,
	    .name = "a second command that nobody reads gets an error" },
};

static void
test_two(void)
{
	struct two two;
	char title[100];
	size_t i, j;
	int status;

	for (i = 0; i < COUNT(twos); i++)
		for (j = 0; j < COUNT(types); j++) {
			two = twos[i];
			if (two.type != 0 && two.type != types[j])
				continue;
			two.type = types[j];
			status = run_child(relay_two, &two);
			snprintf(title, sizeof(title), "type %d: %s",
			    two.type, two.name);
			is_int(WIFEXITED(status) ? WEXITSTATUS(status) :
			    -WTERMSIG(status), two.want, title);
		}
}

static int
find_no_memory(void *argument)
{
	struct pair pair = { .type = SOCK_STREAM };
	struct child command, peer;
	struct side sides[SIDE_COUNT];
	struct relay relay;

	(void)argument;
	side_init(&sides[SIDE_COMMAND], &command, &pair);
	side_init(&sides[SIDE_OTHER], NULL, NULL);
	use_up_memory();
	ASK(relay_init(&relay, &plan, sides, NULL) == -1 &&
	    errno == ENOMEM);
	relay_free(&relay);
	side_init(&sides[SIDE_OTHER], &peer, &pair);
	ASK(relay_init(&relay, &plan, sides, NULL) == -1 &&
	    errno == ENOMEM);
	relay_free(&relay);
	return 0;
}

int
main(void)
{
	alarm(120);
	signal(SIGPIPE, SIG_IGN);
	plan_init(&plan);
	test_echo("what goes in comes out");
	if (!is_under_valgrind()) {
		no_signalfd = true;
		test_echo("what goes in comes out, with signal handlers");
		no_signalfd = false;
	}
	test_large();
	test_ends();
	test_closed();
	test_times();
	test_signals();
	test_two();
	if (can_limit_memory())
		is_int(run_child(find_no_memory, NULL), 0,
		    "a relay that finds no memory is ENOMEM");
	else
		elsewhere("a relay that finds no memory is ENOMEM",
		    "memory tool");
	plan_free(&plan);
	return done_testing();
}
