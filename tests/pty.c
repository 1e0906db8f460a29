/* SPDX-License-Identifier: MIT */
/*
 * pty - a person at a terminal, scripted
 *
 *	pty [STEP...] -- COMMAND [ARG...]
 *	pty --stranger [STEP...] -- COMMAND [ARG...]
 *	pty --master [STEP...] -- COMMAND [ARG...]
 *
 * runs COMMAND on a new pseudo-terminal of 80 columns and 24 lines, as leader
 * of a new session that the terminal controls, with the default action for
 * every signal.  The screen is read all the time, except after "pause".  The
 * steps are done in order:
 *
 *	send:TEXT	type TEXT
 *	expect:TEXT	wait until TEXT is on the screen, after the text that
 *			the expect before it has found
 *	file:PATH	wait until PATH exists
 *	state:X:PATH	wait until the process whose number is in PATH is in
 *			state X (proc(5): R S D T Z), - for gone; several
 *			letters: in one of them
 *	run:TEXT	run TEXT by sh -c, without the terminal; it must
 *			succeed
 *	idle:MS		wait MS milliseconds, to see that nothing happens
 *	pause		stop reading the screen
 *	resume		read it again
 *	full		wait until the terminal has taken no more output for
 *			200 ms: because of pause, or of ^S
 *	resize:CxL	make the window C columns wide and L lines high
 *	hangup		close the terminal, as if the line was cut
 *
 * In a TEXT ^X is a control character, and \n \r \t \e \\ \^ \xNN are escapes
 * as in printf(1).  A typed line ends in \r.
 *
 * After the last step pty waits for COMMAND to end.  It copies the screen to
 * standard output and prints one last line on standard error, "exit N" or
 * "signal N".  The status is 0; or 1 if a step failed (standard error says
 * which; COMMAND is killed) or COMMAND did not end.  No step may take longer
 * than PTY_LIMIT seconds, an environment variable, by default 30.
 *
 * With --stranger the terminal controls nothing: COMMAND leads a session that
 * has no controlling terminal.  The first terminal that a process in it opens
 * without O_NOCTTY becomes the controlling one.
 *
 * With --master COMMAND's standard output is the master side of the terminal,
 * standard input and error are ours, and there is no session.  pause, resume
 * and full then apply to the other side, which is read in raw mode.
 */
#define _GNU_SOURCE		/* posix_openpt(3) and its like */

#include <sys/ioctl.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define TURN 20			/* ms: how often a condition is looked at */
#define FULL_TURNS 10		/* for so many turns: full */
#define LAST_TURNS 15		/* of silence after the end: nothing comes */

/* What the terminal is to COMMAND. */
enum use {
	CONTROLLING,
	STRANGER,		/* its descriptors 0 to 2, and no more */
	MASTER			/* its standard output is the other side */
};

struct pty {
	int fd;			/* our side: read and typed into; or -1 */
	int far;		/* the same side as COMMAND's, to look at */
	const char *far_name;	/* or NULL, and far is to be asked */
	pid_t child;
	bool reaped;
	int status;		/* wait status, once reaped */
	bool paused;
	bool ended;		/* no more will be on the screen */
	char *screen;		/* owned: all that ever was on it */
	size_t size;
	size_t capacity;
	size_t found;		/* where the next expect begins */
	int turns;		/* quiet turns, for full and the end */
};

struct step {
	const char *name;
	/* Once, first; may be NULL. */
	void (*begin)(struct pty *, const char *argument);
	/* Whether it is done, once a turn; NULL: at once. */
	bool (*done)(struct pty *, const char *argument);
};

static void
die(const char *what)
{
	fprintf(stderr, "pty: cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
hexadecimal(const char *digits)
{
	char pair[3] = { digits[0], digits[0] ? digits[1] : '\0', '\0' };

	return (int)strtol(pair, NULL, 16);
}

/* The bytes that text stands for; the caller frees them. */
static char *
decode(const char *text, size_t *length)
{
	static const char names[] = "nrte\\^";
	static const char values[] = "\n\r\t\033\\^";
	char *bytes = malloc(strlen(text) + 1);
	const char *name;
	size_t n = 0;

	if (bytes == NULL)
		die("allocate");
	for (; *text != '\0'; text++) {
		if (*text == '^' && text[1] != '\0') {
			text++;
			bytes[n++] = *text == '?' ? 0x7f : *text & 0x1f;
		} else if (*text == '\\' && text[1] == 'x') {
			bytes[n++] = (char)hexadecimal(text + 2);
			text += strlen(text) < 4 ? strlen(text) - 1 : 3;
		} else if (*text == '\\' && text[1] != '\0' &&
		    (name = strchr(names, text[1])) != NULL) {
			bytes[n++] = values[name - names];
			text++;
		} else {
			bytes[n++] = *text;
		}
	}
	bytes[n] = '\0';
	*length = n;
	return bytes;
}

/* --- a turn of the world ------------------------------------------------- */

/* Read what is on the screen now.  True if there was something. */
static bool
read_screen(struct pty *pty)
{
	ssize_t size;

	if (pty->capacity - pty->size < 65536) {
		pty->capacity += 1048576;
		pty->screen = realloc(pty->screen, pty->capacity);
		if (pty->screen == NULL)
			die("allocate");
	}
	size = read(pty->fd, pty->screen + pty->size, 65536);
	if (size > 0)
		pty->size += (size_t)size;
	return size > 0;
}

static void
reap(struct pty *pty)
{
	if (!pty->reaped && waitpid(pty->child, &pty->status, WNOHANG) > 0)
		pty->reaped = true;
}

/* Read the screen for a turn, or sleep for one. */
static void
turn(struct pty *pty)
{
	struct pollfd slot = { .fd = pty->fd, .events = POLLIN };
	bool came = false;

	/*
	 * A terminal that no process has open yet, or any more, hangs up:
	 * the end only if it has been in use, that is if the child has ended.
	 */
	if (pty->paused || pty->ended)
		slot.fd = -1;
	if (poll(&slot, 1, TURN) == 1) {
		if (slot.revents & POLLIN)
			came = read_screen(pty);
		else if (pty->reaped)
			pty->ended = true;
		else
			poll(NULL, 0, TURN);
	}
	pty->turns = came ? 0 : pty->turns + 1;
	reap(pty);
}

/* --- the steps ----------------------------------------------------------- */

static void
begin_send(struct pty *pty, const char *argument)
{
	size_t length;
	char *bytes = decode(argument, &length);

	if (write(pty->fd, bytes, length) != (ssize_t)length)
		die("type");
	free(bytes);
}

static bool
done_expect(struct pty *pty, const char *argument)
{
	size_t length;
	char *bytes = decode(argument, &length);
	char *place = pty->size == 0 ? NULL :
	    memmem(pty->screen + pty->found, pty->size - pty->found, bytes,
	    length);

	free(bytes);
	if (place == NULL)
		return false;
	pty->found = (size_t)(place - pty->screen) + length;
	return true;
}

static bool
done_file(struct pty *pty, const char *argument)
{
	(void)pty;
	return access(argument, F_OK) == 0;
}

/* The state letter of the process whose number is in path, '-' if gone. */
static char
process_state(const char *path)
{
	char text[512];
	long number = 0;
	size_t size;
	char *end;
	FILE *file = fopen(path, "r");

	if (file == NULL)
		return '?';
	if (fscanf(file, "%ld", &number) != 1)
		number = 0;
	fclose(file);
	if (number <= 0)
		return '?';
	snprintf(text, sizeof(text), "/proc/%ld/stat", number);
	file = fopen(text, "r");
	if (file == NULL)
		return '-';
	size = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[size] = '\0';
	/* proc(5): the name, which may hold anything, stands in brackets. */
	end = strrchr(text, ')');
	return end != NULL && end[1] == ' ' ? end[2] : '-';
}

static bool
done_state(struct pty *pty, const char *argument)
{
	const char *path = strchr(argument, ':');
	char state;

	(void)pty;
	if (path == NULL)
		return false;
	state = process_state(path + 1);
	return memchr(argument, state, (size_t)(path - argument)) != NULL;
}

static pid_t run_pid = -1;	/* of the run step that is under way */

static void
begin_run(struct pty *pty, const char *argument)
{
	(void)pty;
	run_pid = fork();
	if (run_pid == -1)
		die("fork");
	if (run_pid == 0) {
		setpgid(0, 0);
		execl("/bin/sh", "sh", "-c", argument, (char *)NULL);
		_exit(127);
	}
	setpgid(run_pid, run_pid);
}

static bool
done_run(struct pty *pty, const char *argument)
{
	int status;

	(void)pty;
	if (run_pid == -1 || waitpid(run_pid, &status, WNOHANG) <= 0)
		return false;
	run_pid = -1;
	if (status != 0) {
		fprintf(stderr, "pty: run:%s failed\n", argument);
		/* Never done: the limit of time ends it all. */
		return false;
	}
	return true;
}

static int64_t idle_until;

static void
begin_idle(struct pty *pty, const char *argument)
{
	(void)pty;
	idle_until = now_ms() + atoi(argument);
}

static bool
done_idle(struct pty *pty, const char *argument)
{
	(void)pty, (void)argument;
	return now_ms() >= idle_until;
}

static void
begin_pause(struct pty *pty, const char *argument)
{
	(void)argument;
	pty->paused = true;
}

static void
begin_resume(struct pty *pty, const char *argument)
{
	(void)argument;
	pty->paused = false;
}

/*
 * Whether what nobody reads fills our side's own buffer (4096 bytes on Linux).
 * Then there may be room before it that no writer is told of before we read.
 */
static bool
is_reader_full(const struct pty *pty)
{
	int waiting = 0;

	return ioctl(pty->fd, FIONREAD, &waiting) == 0 && waiting > 4000;
}

/* While it is not, what is still under way inside the kernel may free room. */
static bool
done_full(struct pty *pty, const char *argument)
{
	struct pollfd slot = { .events = POLLOUT };

	(void)argument;
	if (pty->far_name != NULL && pty->far == -1)
		pty->far = open(pty->far_name, O_WRONLY | O_NONBLOCK |
		    O_NOCTTY | O_CLOEXEC);
	slot.fd = pty->far;
	if (pty->far == -1 || (poll(&slot, 1, 0) == 1 &&
	    (slot.revents & POLLOUT) && !is_reader_full(pty)))
		pty->turns = 0;
	if (pty->turns < FULL_TURNS)
		return false;
	if (pty->far_name != NULL) {
		close(pty->far);
		pty->far = -1;
	}
	return true;
}

static void
set_size(int fd, int columns, int lines)
{
	struct winsize size = {
		.ws_col = (unsigned short)columns,
		.ws_row = (unsigned short)lines,
	};

	if (ioctl(fd, TIOCSWINSZ, &size) == -1)
		die("set the window's size");
}

static void
begin_resize(struct pty *pty, const char *argument)
{
	const char *lines = strchr(argument, 'x');

	set_size(pty->fd, atoi(argument), lines == NULL ? 0 : atoi(lines + 1));
}

static void
begin_hangup(struct pty *pty, const char *argument)
{
	(void)argument;
	close(pty->fd);
	pty->fd = -1;
	pty->ended = true;
}

static const struct step steps[] = {
	{ "send", begin_send, NULL },
	{ "expect", NULL, done_expect },
	{ "file", NULL, done_file },
	{ "state", NULL, done_state },
	{ "run", begin_run, done_run },
	{ "idle", begin_idle, done_idle },
	{ "pause", begin_pause, NULL },
	{ "resume", begin_resume, NULL },
	{ "full", NULL, done_full },
	{ "resize", begin_resize, NULL },
	{ "hangup", begin_hangup, NULL },
	{ NULL, NULL, NULL }
};

/* --- the play ------------------------------------------------------------ */

/* The row that text, "name" or "name:argument", is about, or NULL. */
static const struct step *
find_step(const char *text, const char **argument)
{
	const struct step *step;
	size_t length = strcspn(text, ":");

	*argument = text[length] == ':' ? text + length + 1 : "";
	for (step = steps; step->name != NULL; step++)
		if (strlen(step->name) == length &&
		    strncmp(step->name, text, length) == 0)
			return step;
	return NULL;
}

static int64_t
limit_ms(void)
{
	const char *limit = getenv("PTY_LIMIT");

	return (limit == NULL ? 30 : atoi(limit)) * (int64_t)1000;
}

static bool
play_step(struct pty *pty, const char *text)
{
	const char *argument;
	const struct step *step = find_step(text, &argument);
	int64_t deadline = now_ms() + limit_ms();

	pty->turns = 0;
	if (step->begin != NULL)
		step->begin(pty, argument);
	while (step->done != NULL && !step->done(pty, argument)) {
		if (now_ms() >= deadline)
			return false;
		turn(pty);
	}
	return true;
}

/* Wait for the end of the command, and of what is on its way to the screen. */
static bool
play_end(struct pty *pty)
{
	int64_t deadline = now_ms() + limit_ms();

	pty->turns = 0;
	while (!pty->reaped || (!pty->ended && pty->turns < LAST_TURNS)) {
		if (now_ms() >= deadline)
			return false;
		turn(pty);
	}
	return true;
}

/* The command failed us: leave nothing of it behind. */
static void
kill_all(struct pty *pty)
{
	pid_t foreground = pty->fd == -1 ? -1 : tcgetpgrp(pty->fd);

	if (run_pid != -1) {
		kill(-run_pid, SIGKILL);
		waitpid(run_pid, NULL, 0);
	}
	if (foreground > 1)
		kill(-foreground, SIGKILL);
	kill(pty->child, SIGKILL);
	kill(pty->child, SIGCONT);
	if (!pty->reaped)
		waitpid(pty->child, &pty->status, 0);
	pty->reaped = true;
}

static void
report(const struct pty *pty)
{
	size_t done = 0;
	ssize_t put;

	while (done < pty->size) {
		put = write(STDOUT_FILENO, pty->screen + done,
		    pty->size - done);
		if (put <= 0)
			break;
		done += (size_t)put;
	}
	if (WIFSIGNALED(pty->status))
		fprintf(stderr, "signal %d\n", WTERMSIG(pty->status));
	else
		fprintf(stderr, "exit %d\n", WEXITSTATUS(pty->status));
}

static void
set_default_signals(void)
{
	sigset_t none;
	int number;

	for (number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child: the terminal becomes ours, and all we have. */
static void
enter_session(const char *terminal, enum use use)
{
	int fd;

	setsid();
	fd = open(terminal, O_RDWR | (use == STRANGER ? O_NOCTTY : 0));
	if (fd == -1)
		die("open the terminal");
	/* Linux has done so already; others want to be asked. */
	if (use == CONTROLLING)
		(void)ioctl(fd, TIOCSCTTY, 0);
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

static int
open_raw(const char *terminal)
{
	struct termios mode;
	int fd = open(terminal, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd == -1 || tcgetattr(fd, &mode) == -1)
		die("open the terminal");
	cfmakeraw(&mode);
	if (tcsetattr(fd, TCSANOW, &mode) == -1)
		die("set the terminal");
	return fd;
}

/* Returns once the command runs: from then on a key or a plug is for it. */
static void
start(struct pty *pty, enum use use, char **command)
{
	const char *terminal;
	char byte;
	int running[2];
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master == -1 || grantpt(master) == -1 || unlockpt(master) == -1 ||
	    (terminal = ptsname(master)) == NULL)
		die("open a pseudo-terminal");
	set_size(master, 80, 24);
	if (use == MASTER) {
		pty->fd = open_raw(terminal);
		pty->far = master;
	} else {
		pty->fd = master;
		pty->far = -1;
		pty->far_name = terminal;
	}
	if (pipe2(running, O_CLOEXEC) == -1)
		die("create a pipe");
	pty->child = fork();
	if (pty->child == -1)
		die("fork");
	if (pty->child == 0) {
		set_default_signals();
		if (use == MASTER)
			dup2(master, STDOUT_FILENO);
		else
			enter_session(terminal, use);
		execvp(command[0], command);
		die("run the command");
	}
	close(running[1]);
	/* The end of file that exec makes. */
	(void)!read(running[0], &byte, 1);
	close(running[0]);
}

static void
check_steps(char **argv, int first, int end)
{
	const char *argument;
	int i;

	for (i = first; i < end; i++)
		if (find_step(argv[i], &argument) == NULL) {
			fprintf(stderr, "pty: no step '%s'\n", argv[i]);
			exit(1);
		}
}

static enum use
find_use(const char *option)
{
	if (strcmp(option, "--stranger") == 0)
		return STRANGER;
	return strcmp(option, "--master") == 0 ? MASTER : CONTROLLING;
}

int
main(int argc, char **argv)
{
	struct pty pty = { .fd = -1, .far = -1 };
	enum use use = find_use(argc > 1 ? argv[1] : "");
	int first = use == CONTROLLING ? 1 : 2;
	int end = first;
	int i;

	while (end < argc && strcmp(argv[end], "--") != 0)
		end++;
	if (end + 1 >= argc) {
		fprintf(stderr, "usage: pty [--stranger | --master] "
		    "[STEP...] -- COMMAND [ARG...]\n");
		return 1;
	}
	check_steps(argv, first, end);
	signal(SIGCHLD, SIG_DFL);	/* ignored, it leaves no status */
	start(&pty, use, argv + end + 1);
	for (i = first; i < end; i++)
		if (!play_step(&pty, argv[i]))
			break;
	if (i == end && play_end(&pty)) {
		report(&pty);
		free(pty.screen);
		return 0;
	}
	fprintf(stderr, "pty: %s%s did not come\n", i == end ? "" : "step ",
	    i == end ? "the end" : argv[i]);
	kill_all(&pty);
	report(&pty);
	free(pty.screen);
	return 1;
}
