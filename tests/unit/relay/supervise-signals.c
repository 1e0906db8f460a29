/* SPDX-License-Identifier: MIT */
/*
 * Signals and ends of commands, in every order: what is passed on, and what
 * ends us.  The test says which signals have come and which commands end.
 */
#include "config.h"

#include "state.h"

#define EXITED(status) ((status) << 8)

/* The signals that signals_next() finds; 0 at the end of what is there now. */
static struct signal_event events[10];
static size_t next_event;
static int last_event;		/* the number of the one before */

/* Which commands have ended, and after which signal. */
static bool command_ends, peer_ends;
static int command_ends_after;

static int failures;		/* of shutdown(2), to come */
static char shut[100];		/* the ends that were shut down, as text */
static int traced;		/* signal */
static int prints;		/* of totals */
static int64_t stalled;		/* the duration of the reported stall, or -1 */

bool __wrap_signals_next(struct signals *, struct signal_event *);
bool __wrap_child_reap(struct child *);
int __wrap_shutdown(int, int);
int __real_shutdown(int, int);
void __wrap_monitor_signal(struct monitor *, int);
void __wrap_monitor_terminal_signal(struct monitor *, int);
void __wrap_monitor_print(struct monitor *);
void __wrap_stall_print(struct supervisor *, int64_t);

bool
__wrap_signals_next(struct signals *some, struct signal_event *event)
{
	(void)some;
	if (last_event != 0 && last_event == command_ends_after)
		command_ends = true;
	*event = events[next_event];
	last_event = event->number;
	if (next_event + 1 < sizeof(events) / sizeof(events[0]))
		next_event++;
	return event->number != 0;
}

bool
__wrap_child_reap(struct child *child)
{
	child->reaped = child->reaped ||
	    (child == &command ? command_ends : peer_ends);
	return child->reaped;
}

int
__wrap_shutdown(int fd, int how)
{
	size_t used = strlen(shut);

	if (failures > 0) {
		failures--;
		errno = EIO;
		return -1;
	}
	snprintf(shut + used, sizeof(shut) - used, "%s %s, ",
	    fd == pair.command ? "command" : fd == pair.ours ? "peer" : "?",
	    how == SHUT_RD ? "reads" : "writes");
	return __real_shutdown(fd, how);
}

void
__wrap_monitor_signal(struct monitor *some, int number)
{
	(void)some;
	traced = number;
}

void
__wrap_monitor_terminal_signal(struct monitor *some, int number)
{
	(void)some;
	traced = -number;
}

void
__wrap_monitor_print(struct monitor *some)
{
	(void)some;
	prints++;
}

void
__wrap_stall_print(struct supervisor *some, int64_t duration)
{
	(void)some;
	stalled = duration;
}

static void
begin(int type, bool has_peer)
{
	begin_state(type, has_peer);
	memset(events, 0, sizeof(events));
	next_event = 0;
	command_ends = peer_ends = false;
	command_ends_after = last_event = failures = traced = prints = 0;
	stalled = -1;
	shut[0] = '\0';
}

/* These signals have come, in this order; 0: no more. */
static void
handle(int first, int then)
{
	memset(events, 0, sizeof(events));
	next_event = 0;
	last_event = 0;
	events[0].number = first;
	events[1].number = then;
	supervise_handle_signals(&supervisor);
}

static void
test_pass_on(void)
{
	begin(SOCK_STREAM, true);
	begin_trace_behind(START);
	handle(SIGTERM, 0);
	is_str(sent, "command TERM, peer TERM, ",
	    "a signal is passed on to both commands");
	is_int(traced, SIGTERM, "a signal that is passed on is traced");
	ok(supervisor.fatal_signal == 0 && supervisor.pending_fatal == 0,
	    "while one runs no signal ends us");
	end_state();

	begin(SOCK_STREAM, false);
	handle(SIGUSR1, SIGWINCH);
	is_str(sent, "command USR1, command WINCH, ",
	    "signals are passed on in order");
	ok(prints == 0 && stalled == -1,
	    "SIGUSR1 prints nothing without --stats");
	end_state();

	begin(SOCK_STREAM, false);
	begin_trace_behind(START);
	monitor.wants_stats = true;
	now = START + 5;
	handle(SIGUSR1, SIGUSR2);
	is_str(sent, "command USR2, ", "with --stats SIGUSR1 is not passed on");
	is_int(prints, 1, "with --stats SIGUSR1 prints the totals");
	is_int(stalled, 5, "and who waits for what, and since when");
	end_state();

	begin(SOCK_STREAM, false);
	plan.timeout = SECOND;
	now = START + 5;
	handle(SIGCONT, 0);
	is_str(sent, "", "SIGCONT is not passed on");
	is_int(supervisor.active_at - START, 5,
	    "SIGCONT starts the timers anew");
	end_state();

#ifdef SI_KERNEL
	begin(SOCK_STREAM, false);
	begin_trace_behind(START);
	events[0] = (struct signal_event){ SIGINT, SI_KERNEL };
	supervise_handle_signals(&supervisor);
	is_str(sent, "", "a signal from a terminal's key is not passed on");
	is_int(traced, -SIGINT, "a signal from a terminal's key is traced so");
	command_ends = true;
	command.wait_status = SIGINT;
	handle(SIGCHLD, 0);
	ok(supervisor.was_ended,
	    "a command that dies of a key's signal was ended by it");
	end_state();
#endif
}

static void
test_order(void)
{
	begin(SOCK_STREAM, false);
	command_ends = true;
	handle(SIGTERM, SIGCHLD);
	ok(supervisor.fatal_signal == 0,
	    "a signal that may have come before the last end does not end us");
	is_int(supervisor.pending_fatal, SIGTERM,
	    "a signal that may have come before the last end is kept");
	handle(SIGTERM, 0);
	is_int(supervisor.fatal_signal, SIGTERM,
	    "a signal that comes after the last end ends us at once");
	is_int(supervisor.hurried_at - START, 0,
	    "a signal that ends us sets its time");
	end_state();

	begin(SOCK_STREAM, true);
	command_ends = true;
	handle(SIGTERM, SIGCHLD);
	ok(supervisor.fatal_signal == 0 && supervisor.pending_fatal == 0,
	    "a signal does not end us while a second command runs");
	peer_ends = true;
	handle(SIGCHLD, SIGHUP);
	is_int(supervisor.pending_fatal, SIGHUP,
	    "a signal that may have come before the second's end is kept");
	end_state();

	begin(SOCK_STREAM, false);
	command_ends_after = SIGWINCH;
	handle(SIGWINCH, SIGTERM);
	is_int(supervisor.pending_fatal, SIGTERM,
	    "a signal after the end is kept even if one before it is handled");
	ok(command.reaped && supervisor.reaped_at == START,
	    "the end that is found with a signal is noted");
	end_state();

	begin(SOCK_STREAM, false);
	command_ends_after = SIGCHLD;
	handle(SIGCHLD, 0);
	ok(command.reaped, "a command that ends while signals are handled "
	    "is reaped at once");
	end_state();

	begin(SOCK_STREAM, false);
	command_ends = true;
	handle(SIGCHLD, SIGWINCH);
	is_int(supervisor.pending_fatal, 0,
	    "SIGWINCH that may have come before the last end is not kept");
	handle(SIGWINCH, 0);
	is_int(supervisor.fatal_signal, 0,
	    "SIGWINCH after the last end does not end us");
	sigaddset(&signals.entry_mask, SIGTERM);
	handle(SIGTERM, 0);
	is_int(supervisor.fatal_signal, 0,
	    "a signal that was blocked on entry does not end us");
	handle(SIGHUP, 0);
	is_int(supervisor.fatal_signal, SIGHUP,
	    "a signal that was not blocked on entry ends us");
	end_state();

	begin(SOCK_STREAM, false);
	sigaddset(&signals.entry_mask, SIGTERM);
	command_ends = true;
	handle(SIGTERM, SIGCHLD);
	is_int(supervisor.pending_fatal, 0,
	    "a signal that was blocked on entry is not kept");
	end_state();
}

static void
test_second_signal(void)
{
	begin(SOCK_STREAM, false);
	begin_trace_behind(START);
	command_ends = true;
	handle(SIGCHLD, 0);
	now = START + 3;
	handle(SIGHUP, 0);
	is_int(supervisor.hurried_at - START, 3,
	    "the first signal that ends us sets its time");
	is_int(monitor.ended_by, SIGHUP,
	    "the first signal that ends us is to be traced");
	is_int(sink.error, 0,
	    "after the first signal a trace is still waited for");
	now = START + 5;
	handle(SIGTERM, 0);
	is_int(supervisor.fatal_signal, SIGHUP,
	    "we die of the first of two signals");
	is_int(monitor.ended_by, SIGHUP, "the second signal is not traced");
	is_int(supervisor.hurried_at - START, 3,
	    "the second signal does not set the time");
	is_int(sink.error, EAGAIN,
	    "the second signal gives up a trace that is behind");
	end_state();

	begin(SOCK_STREAM, false);
	supervise_die(&supervisor, SIGHUP);
	supervise_die(&supervisor, SIGTERM);
	is_int(supervisor.fatal_signal, SIGHUP,
	    "without a trace the second signal changes nothing");
	end_state();
}

/* Whether a command that ends with wait_status was ended by signal sent. */
static void
ends_by(int number, int wait_status, bool want, const char *name)
{
	begin(SOCK_STREAM, false);
	if (number != 0)
		handle(number, 0);
	command_ends = true;
	command.wait_status = wait_status;
	handle(SIGCHLD, 0);
	is_int(supervisor.was_ended, want, name);
	end_state();
}

static void
test_ended(void)
{
	ends_by(SIGTERM, SIGTERM, true,
	    "a command that dies of a signal we passed on was ended by it");
	ends_by(SIGTERM, EXITED(128 + SIGTERM), true,
	    "a command that exits with 128+n of a signal was ended by it");
	ends_by(SIGTERM, SIGHUP, false,
	    "a command that dies of another signal was not ended by ours");
	ends_by(SIGTERM, EXITED(0), false,
	    "a command that exits with 0 was not ended by ours");
	ends_by(SIGTERM, EXITED(SIGTERM), false,
	    "a command that exits with the number n was not ended by ours");
	ends_by(0, SIGTERM, false,
	    "a command that somebody else killed was not ended by ours");
	ends_by(SIGWINCH, EXITED(128 + SIGWINCH), false,
	    "a command that exits with 128+SIGWINCH was not ended by it");
}

static void
test_reaped(void)
{
	begin(SOCK_STREAM, true);
	plan.kill_after = SECOND;
	command_ends = true;
	now = START + 5;
	handle(SIGCHLD, 0);
	is_int(other_side->termination.deadline - START, SECOND + 5,
	    "when the first ends, --kill-after counts for the second");
	ok(command_side->termination.deadline == DEADLINE_NEVER,
	    "when the first ends, --kill-after does not count for the first");
	is_int(supervisor.reaped_at - START, 5, "the time of the end is kept");
	is_int(command_side->active_at - START, 5,
	    "the time of the end is the side's last movement");
	end_state();

	begin(SOCK_STREAM, true);
	plan.kill_after = SECOND;
	peer_ends = true;
	handle(SIGCHLD, 0);
	is_int(command_side->termination.deadline - START, SECOND,
	    "when the second ends, --kill-after counts for the first");
	end_state();

	begin(SOCK_STREAM, false);
	command_ends = true;
	handle(SIGCHLD, 0);
	ok(!relay.to_command.src_open,
	    "standard input is not read after the command's end");
	end_state();
}

/* Two commands that need no relay: they hold both ends of a pair. */
static void
begin_bare(int type)
{
	begin(type, true);
	supervisor.relay = NULL;
	command_side->input = command_side->output = NULL;
	other_side->input = other_side->output = NULL;
	command_side->end = type == SOCK_DGRAM ? pair.command : -1;
	other_side->end = type == SOCK_DGRAM ? pair.ours : -1;
}

static void
test_bare(void)
{
	struct capture said;
	char byte;

	begin_bare(SOCK_DGRAM);
	need(send(pair.ours, "x", 1, 0) == 1, "send");
	command_ends = true;
	handle(SIGCHLD, 0);
	is_str(shut, "command reads, peer reads, ",
	    "both ends of a dgram pair are shut down when one command ends");
	ok(recv(pair.command, &byte, 1, MSG_DONTWAIT) == -1 &&
	    errno == EAGAIN,
	    "what waited at the ended command's socket is dropped");
	peer_ends = true;
	handle(SIGCHLD, 0);
	is_int((long long)strlen(shut), 27,
	    "the end of the last command shuts nothing down");
	end_state();

	begin_bare(SOCK_DGRAM);
	peer_ends = true;
	failures = 2;
	handle(SIGCHLD, 0);
	is_str(shut, "peer reads, command reads, ",
	    "when the second command ends, both ends are shut down, too");
	ok(!supervisor.failed,
	    "two failed attempts to shut down are no failure");
	end_state();

	begin_bare(SOCK_DGRAM);
	command_ends = true;
	failures = 6;
	capture_begin(&said, STDERR_FILENO);
	handle(SIGCHLD, 0);
	capture_end(&said);
	is_str(said.text, "sockpair: cannot notify a command that the other "
	    "has exited: Input/output error\n",
	    "one line says that a command cannot be notified");
	ok(supervisor.failed && failures == 0,
	    "three failed attempts for an end are a failure");
	end_state();

	begin_bare(SOCK_STREAM);
	command_ends = true;
	handle(SIGCHLD, 0);
	is_str(shut, "", "no end of a stream pair is shut down");
	end_state();
}

/* Datagrams have no end: the command's is that of its output. */
static void
test_datagrams(void)
{
	begin_state(SOCK_DGRAM, false);
	relay_note_reaped(&relay, command_side);
	ok(command_side->output->src.writer_gone,
	    "the output of datagrams ends with the command");
	end_state();
	begin_state(SOCK_DGRAM, false);
	plan.linger = SECOND;
	relay_note_reaped(&relay, command_side);
	ok(!command_side->output->src.writer_gone,
	    "but with --linger others may send more");
	end_state();
}

int
main(void)
{
	test_pass_on();
	test_order();
	test_second_signal();
	test_ended();
	test_reaped();
	test_bare();
	test_datagrams();
	return done_testing();
}
