/* SPDX-License-Identifier: MIT */
/*
 * The player without a command, in a process of its own: it plays on its
 * standard input and output, and we, or a second player, are the other side.
 */
#include "config.h"

#include <poll.h>

#include "base/diag.h"
#include "plan/plan.h"
#include "play/player.h"
#include "talk.h"
#include "tap.h"

#define MILLISECOND INT64_C(1000000)
#define LARGE ((size_t)3000000)

static struct talk talk;
static struct ignore ignore;
static int64_t timeout;
static bool lacks_memory;
static bool loses_output;	/* so close(2) of standard output says */
static bool poll_fails;

/* A running player. */
static pid_t player_pid;
static int other = -1;		/* our end, the other side's */
static struct capture said;	/* on standard error */

static char block[1 << 16];

int __real_close(int);
int __wrap_close(int);

int
__wrap_close(int fd)
{
	int result = __real_close(fd);

	if (!loses_output || fd != STDOUT_FILENO)
		return result;
	errno = EIO;
	return -1;
}

int __real_poll(struct pollfd *, nfds_t, int);
int __wrap_poll(struct pollfd *, nfds_t, int);

int
__wrap_poll(struct pollfd *slots, nfds_t count, int timeout_ms)
{
	if (!poll_fails)
		return __real_poll(slots, count, timeout_ms);
	errno = ENOMEM;
	return -1;
}

/* --- players ------------------------------------------------------------- */

struct part {
	enum speaker speaker;
	int fd;			/* its end */
	int not_its;		/* the other end */
};

/* Exits with the verdict. */
static int
play(void *argument)
{
	const struct part *part = argument;
	struct record *record = &talk.record;
	bool has_messages = record->has_messages && record->wire == -1;
	struct link link;
	struct player player = {
		.record = record, .ignore = &ignore, .link = &link,
		.speaker = part->speaker, .timeout = timeout,
	};

	signal(SIGPIPE, SIG_IGN);
	need(dup2(part->fd, STDIN_FILENO) == 0 &&
	    dup2(part->fd, STDOUT_FILENO) == 1, "dup2");
	close(part->fd);
	close(part->not_its);
	/* Another file than standard input, so it is closed. */
	need(!loses_output || dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO)
	    == STDOUT_FILENO, "/dev/null");
	link_init(&link);
	need(link_open_standard(&link, has_messages,
	    expect_largest(record, part->speaker == SPEAKER_STDIN ?
	    SPEAKER_COMMAND : SPEAKER_STDIN)) == 0, "link");
	if (lacks_memory)
		use_up_memory();
	player_run(&player);
	link_close(&link);
	return (int)player.verdict;
}

static void
open_pair(int ends[2])
{
	const struct record *record = &talk.record;

	need(socketpair(AF_UNIX, record->type | SOCK_CLOEXEC, 0, ends) == 0,
	    "socketpair");
}

/* Start a player, and be the other side, which has already said text. */
static void
begin_after(enum speaker speaker, const char *text)
{
	ssize_t size = (ssize_t)strlen(text);
	int ends[2];
	struct part part;

	open_pair(ends);
	need(size == 0 || write(ends[1], text, (size_t)size) == size, "write");
	part = (struct part){ speaker, ends[0], ends[1] };
	capture_begin(&said, STDERR_FILENO);
	player_pid = start_child(play, &part);
	close(ends[0]);
	other = ends[1];
}

static void
begin(enum speaker speaker)
{
	begin_after(speaker, "");
}

static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		need(errno == EINTR, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* The player ends with verdict, and says text. */
static void
ends(enum verdict verdict, const char *text, const char *name)
{
	char title[200];
	int got = wait_for(player_pid);

	capture_end(&said);
	if (other != -1)
		close(other);
	other = -1;
	is_int(got, verdict, name);
	snprintf(title, sizeof(title), "%s: what it says", name);
	is_str(said.text, text, title);
}

static void
put(const char *text)
{
	need(write(other, text, strlen(text)) == (ssize_t)strlen(text),
	    "write");
}

/* Whether text comes next. */
static bool
gets(const char *text)
{
	size_t size = strlen(text);
	size_t done = 0;
	ssize_t got;
	char data[200];

	while (done < size &&
	    (got = read(other, data + done, size - done)) > 0)
		done += (size_t)got;
	return done == size && memcmp(data, text, size) == 0;
}

static bool
gets_end(void)
{
	char byte;

	return read(other, &byte, 1) == 0;
}

static void
stdin_says(const char *text)
{
	need(talk_add(&talk, STEP_DATA, SPEAKER_STDIN, text, strlen(text)),
	    "talk_add");
}

static void
command_says(const char *text)
{
	need(talk_add(&talk, STEP_DATA, SPEAKER_COMMAND, text, strlen(text)),
	    "talk_add");
}

static void
add(enum step_kind kind, enum speaker speaker)
{
	need(talk_add(&talk, kind, speaker, NULL, 0), "talk_add");
}

static void
command_exits(void)
{
	talk.record.exit_line = talk.record.count + 1;
}

/* --- the order ----------------------------------------------------------- */

static void
dialogue(void)
{
	talk_init(&talk);
	command_says("hello\n");
	stdin_says("6*7\n");
	command_says("42\n");
}

static void
test_order(void)
{
	dialogue();
	begin(SPEAKER_COMMAND);
	ok(gets("hello\n"), "what comes first is said first");
	put("6*7\n");
	ok(gets("42\n") && gets_end(), "an answer, and that is all");
	shutdown(other, SHUT_WR);
	ends(VERDICT_SAME, "", "a mock of a command ends with its input");

	begin(SPEAKER_STDIN);
	put("hel");
	put("lo\n");
	ok(gets("6*7\n"), "standard input is played as well");
	put("42\n");
	ok(gets_end(), "and ends with the record");
	shutdown(other, SHUT_WR);
	ends(VERDICT_SAME, "", "a mock of standard input ends, too");

	begin(SPEAKER_COMMAND);
	put("6*");
	shutdown(other, SHUT_WR);
	ok(gets("hello\n") && gets_end(),
	    "an answer waits for all that it answers");
	ends(VERDICT_DIFFERENT,
	    "sockplay: talk:2: byte 2 of standard input differs\n"
	    "expected: \"7\\n\"\n"
	    "got: the end\n", "an early end differs");
}

static void
test_end(void)
{
	dialogue();
	add(STEP_END, SPEAKER_STDIN);
	command_says("bye\n");
	add(STEP_END, SPEAKER_COMMAND);
	begin(SPEAKER_COMMAND);
	put("6*7\n");
	ok(gets("hello\n42\n"), "what does not wait for the end is said");
	shutdown(other, SHUT_WR);
	ok(gets("bye\n") && gets_end(), "what does is said after it");
	ends(VERDICT_SAME, "", "a recorded end comes");

	begin(SPEAKER_STDIN);
	put("hello\n");
	ok(gets("6*7\n"), "we are asked");
	put("42\n");
	ok(gets_end(), "a recorded end is played");
	put("bye\n");
	shutdown(other, SHUT_WR);
	ends(VERDICT_SAME, "", "and what follows it is taken");
}

/* The recorded command did not wait for the end of its input. */
static void
test_exit(void)
{
	dialogue();
	command_exits();
	begin(SPEAKER_COMMAND);
	put("6*7\n");
	ok(gets("hello\n42\n"), "all is said");
	ends(VERDICT_SAME, "", "a mock ends though its input does not");

	begin(SPEAKER_COMMAND);
	put("6*7\nmore");
	ok(gets("hello\n42\n"), "all is said");
	ends(VERDICT_SAME, "", "it may be given more than it reads");
}

/* --- differences --------------------------------------------------------- */

static void
test_difference(void)
{
	size_t i;

	dialogue();
	begin(SPEAKER_COMMAND);
	put("6*8\n");
	ok(gets("hello\n") && gets_end(),
	    "after a difference nothing more is said");
	for (i = 0; i < 10; i++)
		need(write(other, block, sizeof(block)) == sizeof(block),
		    "write");
	close(other);
	other = -1;
	ends(VERDICT_DIFFERENT,
	    "sockplay: talk:2: byte 2 of standard input differs\n"
	    "expected: \"7\\n\"\n"
	    "got: \"8\\n\"\n", "what comes after it is read to the end");

	begin(SPEAKER_COMMAND);
	put("6*8\n");
	ends(VERDICT_DIFFERENT,
	    "sockplay: talk:2: byte 2 of standard input differs\n"
	    "expected: \"7\\n\"\n"
	    "got: \"8\\n\"\n", "but an end that does not come is not awaited");

	begin(SPEAKER_STDIN);
	put("hello\n");
	ok(gets("6*7\n"), "all is said");
	put("42\n");
	ok(gets_end(), "to the end");
	put("43\n");
	shutdown(other, SHUT_WR);
	ends(VERDICT_DIFFERENT,
	    "sockplay: talk:3: byte 9 of the command differs\n"
	    "expected: the end\n"
	    "got: \"43\\n\"\n", "more than was recorded differs");
}

static void
test_ignore(void)
{
	talk_init(&talk);
	command_says("12> ");
	stdin_says("a\n");
	command_says("34> ");
	begin(SPEAKER_STDIN);
	put("7");
	put("> ");
	ok(gets("a\n"), "a prompt without a newline is answered");
	put("8> ");
	ok(gets_end(), "the last one ends the talk");
	shutdown(other, SHUT_WR);
	ends(VERDICT_SAME, "", "digits are ignored");

	talk_init(&talk);
	stdin_says("press 1");
	command_exits();
	begin(SPEAKER_COMMAND);
	put("press 25");
	ends(VERDICT_SAME, "", "a mock exits after a line without a newline");
}

/* Several that are received by one call are compared before the next wait. */
static void
test_messages(int type)
{
	const char *name = type == SOCK_DGRAM ? "dgram" : "seqpacket";
	char title[80];

	talk_init(&talk);
	talk.record.type = type;
	talk.record.has_messages = true;
	stdin_says("a");
	stdin_says("");
	stdin_says("b");
	command_says("yes");
	command_exits();
	begin(SPEAKER_COMMAND);
	put("a");
	put("");
	put("b");
	snprintf(title, sizeof(title), "%s: messages are answered", name);
	ok(gets("yes"), title);
	snprintf(title, sizeof(title), "%s: and are as recorded", name);
	ends(VERDICT_SAME, "", title);

	begin(SPEAKER_COMMAND);
	put("a");
	put("b");
	put("c");
	snprintf(title, sizeof(title), "%s: other ones differ", name);
	ends(VERDICT_DIFFERENT,
	    "sockplay: talk:2: byte 0 of message 2 of standard input differs\n"
	    "expected: \"\"\n"
	    "got: \"b\"\n", title);
}

/* --- nobody reads -------------------------------------------------------- */

static void
test_unread(void)
{
	dialogue();
	stdin_says("more\n");
	command_says("bye\n");
	begin(SPEAKER_STDIN);
	shutdown(other, SHUT_RD);
	put("hello\n");
	put("42\n");
	put("bye\n");
	shutdown(other, SHUT_WR);
	ends(VERDICT_SAME, "", "what nobody reads is left out");
}

static void
test_leave(void)
{
	talk_init(&talk);
	command_says("a\n");
	add(STEP_LEAVE, SPEAKER_STDIN);
	stdin_says("b\n");
	command_says("c\n");
	begin(SPEAKER_STDIN);
	put("a\n");
	ok(gets("b\n") && gets_end(), "after it has left, a side can speak");
	ok(send(other, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE,
	    "but it reads no more");
	ends(VERDICT_SAME, "", "what is recorded later is not awaited");
}

/* More than are done at once, on a link that is half-closed. */
static void
test_many_steps(void)
{
	int i;

	talk_init(&talk);
	add(STEP_END, SPEAKER_STDIN);
	for (i = 0; i < 40; i++)
		add(STEP_SIGNAL, SPEAKER_STDIN);
	add(STEP_LEAVE, SPEAKER_STDIN);
	begin(SPEAKER_STDIN);
	ok(gets_end(), "the end is said");
	ends(VERDICT_SAME, "", "many steps are done without waiting");

	talk_init(&talk);
	for (i = 0; i < 60; i++)
		stdin_says("x");
	begin(SPEAKER_STDIN);
	ok(gets("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
	    && gets_end(), "many pieces are said");
	shutdown(other, SHUT_WR);
	ends(VERDICT_SAME, "", "one after the other");
}

/* --- -T ------------------------------------------------------------------ */

static void
awaits(enum speaker speaker, const char *comes, const char *text,
    const char *name)
{
	timeout = 20 * MILLISECOND;
	begin_after(speaker, comes);
	ends(VERDICT_TIMED_OUT, text, name);
	timeout = PLAN_NEVER;
}

static void
test_timeout(void)
{
	static char much[LARGE];

	dialogue();
	add(STEP_END, SPEAKER_STDIN);
	command_says("bye\n");
	awaits(SPEAKER_STDIN, "hel",
	    "sockplay: talk:1: 3 B of the command still awaited\n",
	    "bytes that do not come");
	awaits(SPEAKER_STDIN, "hello\n4",
	    "sockplay: talk:3: 2 B of the command still awaited\n",
	    "bytes of the next piece");
	awaits(SPEAKER_COMMAND, "6*7\n",
	    "sockplay: talk:4: the end of standard input still awaited\n",
	    "an end that does not come");
	dialogue();
	awaits(SPEAKER_STDIN, "hello\n42\n",
	    "sockplay: talk:3: the end of the command still awaited\n",
	    "an end that was not recorded");
	talk_init(&talk);
	talk.record.type = SOCK_SEQPACKET;
	talk.record.has_messages = true;
	stdin_says("a");
	stdin_says("b");
	command_says("c");
	stdin_says("d");
	awaits(SPEAKER_COMMAND, "",
	    "sockplay: talk:1: 2 messages of standard input still awaited\n",
	    "messages that do not come");
	awaits(SPEAKER_COMMAND, "a",
	    "sockplay: talk:2: 1 message of standard input still awaited\n",
	    "one message that does not come");

	talk_init(&talk);
	stdin_says("");
	talk.record.data = much;
	talk.steps[0].size = LARGE;
	timeout = 20 * MILLISECOND;
	begin(SPEAKER_STDIN);
	is_int(wait_for(player_pid), VERDICT_TIMED_OUT,
	    "what is not taken: the verdict");
	capture_end(&said);
	ok(strncmp(said.text, "sockplay: talk:1: ", 18) == 0 &&
	    strstr(said.text, " B not taken by standard output\n") != NULL,
	    "what is not taken: what it says");
	close(other);
	other = -1;
	timeout = PLAN_NEVER;
}

static void
test_memory(void)
{
	const char *name = "a lack of memory is reported";

	if (!can_limit_memory()) {
		elsewhere(name, "no limit here");
		return;
	}
	dialogue();
	lacks_memory = true;
	begin(SPEAKER_STDIN);
	ends(VERDICT_FAILED, "sockplay: cannot compare the command: "
	    "Cannot allocate memory\n", name);
	lacks_memory = false;
}

/* --- two players --------------------------------------------------------- */

static void
plays_both(const char *name)
{
	struct part parts[2];
	pid_t pids[2];
	int ends[2];
	int results[2];

	open_pair(ends);
	parts[0] = (struct part){ SPEAKER_COMMAND, ends[0], ends[1] };
	parts[1] = (struct part){ SPEAKER_STDIN, ends[1], ends[0] };
	pids[0] = start_child(play, &parts[0]);
	pids[1] = start_child(play, &parts[1]);
	close(ends[0]);
	close(ends[1]);
	results[0] = wait_for(pids[0]);
	results[1] = wait_for(pids[1]);
	is_int(10 * results[0] + results[1], 0, name);
}

/* Both say size bytes at the same time, and then a last word. */
static void
make_large(size_t size)
{
	static char much[LARGE + 4];
	enum speaker speaker;
	size_t i;

	for (i = 0; i < sizeof(much); i++)
		much[i] = (char)(i * 7 + i / 251);
	talk_init(&talk);
	talk.record.data = much;
	talk.record.size = sizeof(much);
	for (i = 0; i < 4; i++) {
		speaker = i % 2 == 0 ? SPEAKER_STDIN : SPEAKER_COMMAND;
		add(STEP_NONE, speaker);
		talk.steps[i] = (struct step){
			.kind = STEP_DATA, .speaker = speaker,
			.line = i + 1, .start = i, .size = i < 2 ? size : 3,
		};
		talk.record.largest[speaker] = size;
	}
}

static void
make_messages(int type, int wire)
{
	int i;

	talk_init(&talk);
	talk.record.type = type;
	talk.record.has_messages = true;
	talk.record.wire = wire;
	for (i = 0; i < 20; i++)
		stdin_says("question");
	for (i = 0; i < 20; i++)
		command_says(i % 2 == 0 ? "" : "answer");
	stdin_says("");
	command_says("bye");
}

static void
test_both(void)
{
	dialogue();
	plays_both("a talk with itself");
	add(STEP_END, SPEAKER_STDIN);
	command_says("bye\n");
	plays_both("with an end in between");
	command_exits();
	plays_both("with an exit");
	dialogue();
	command_exits();
	plays_both("with an exit before the end");
	talk_init(&talk);
	plays_both("nothing at all");
	make_large(LARGE);
	plays_both("both have much to say");
	make_large(200000);
	talk.record.has_messages = true;
	talk.record.wire = FRAMING_NETSTRING;
	plays_both("large messages in a stream");
	make_messages(SOCK_STREAM, FRAMING_LSP);
	plays_both("messages in a stream");
	make_messages(SOCK_SEQPACKET, -1);
	plays_both("messages of a seqpacket pair");
}

static void
test_lost_output(void)
{
	dialogue();
	loses_output = true;
	begin(SPEAKER_COMMAND);
	put("6*7\n");
	shutdown(other, SHUT_WR);
	ends(VERDICT_FAILED, "sockplay: cannot write standard output: "
	    "Input/output error\n", "what close(2) tells is an error");
	loses_output = false;
}

static void
test_poll_fails(void)
{
	dialogue();
	poll_fails = true;
	begin(SPEAKER_COMMAND);
	poll_fails = false;
	ends(VERDICT_FAILED, "sockplay: cannot wait for standard input: "
	    "Cannot allocate memory\n", "a wait that fails is an error");
}

/* A command whose time is over, and whose grace would last for an hour. */
static int
ends_command(void *argument)
{
	struct signals signals;
	struct child child = { .pid = fork() };
	struct pair pair;
	struct link link;
	struct player player = {
		.record = &talk.record, .ignore = &ignore, .link = &link,
		.speaker = SPEAKER_STDIN, .timeout = 20 * MILLISECOND,
		.grace = INT64_C(3600000) * MILLISECOND, .child = &child,
		.signals = &signals,
	};
	int ends[2];

	(void)argument;
	ASK(child.pid != -1);
	if (child.pid == 0) {
		alarm(100);
		for (;;)
			pause();
	}
	open_pair(ends);
	pair_init(&pair);
	pair.ours = ends[0];
	pair.type = SOCK_STREAM;
	link_init(&link);
	need(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 &&
	    link_open_pair(&link, &pair, 1) == 0, "link");
	ASK(signals_open(&signals) == 0);
	signals_begin(&signals);
	close(STDERR_FILENO);
	player_run(&player);
	signals_close(&signals);
	ASK(player.verdict == VERDICT_TIMED_OUT);
	ASK(WIFSIGNALED(child.wait_status) &&
	    WTERMSIG(child.wait_status) == SIGTERM);
	return 0;
}

static void
test_command(void)
{
	talk_init(&talk);
	command_says("hello\n");
	is_int(run_child(ends_command, NULL), 0,
	    "a command whose time is over is terminated at once");
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	diag_set_program("sockplay");
	timeout = PLAN_NEVER;
	test_order();
	test_end();
	test_exit();
	test_difference();
	test_messages(SOCK_SEQPACKET);
	test_messages(SOCK_DGRAM);
	test_unread();
	test_leave();
	test_many_steps();
	test_timeout();
	test_lost_output();
	test_poll_fails();
	test_command();
	test_memory();
	test_both();
	need(ignore_add(&ignore, TALK_IGNORED) == 0, "ignore_add");
	test_ignore();
	ignore_free(&ignore);
	return done_testing();
}
