/* SPDX-License-Identifier: MIT */
/* When --stall reports, and every line of the report. */
#include "config.h"

#include <inttypes.h>
#include <stdarg.h>

#include "base/diag.h"
#include "command/process.h"
#include "relay/stall.h"
#include "state.h"

static char printed[2000];	/* the report's lines, without "sockpair: " */
static int64_t traced;		/* the duration that was traced, or 0 */
static int cleared;		/* how often the meter was removed */
static size_t holders;		/* holders that are found, beside each child */
static bool more_holders;	/* and that there are more */

void __wrap_diag_print(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
void __wrap_monitor_stall(struct monitor *, int64_t);
void __wrap_monitor_clear(struct monitor *);
void __wrap_process_describe(pid_t, const struct child *, struct process *);
size_t __wrap_process_find_holders(const struct child *, struct process *,
    size_t, bool *);

void
__wrap_diag_print(const char *format, ...)
{
	size_t used = strlen(printed);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(printed + used, sizeof(printed) - used, format, arguments);
	va_end(arguments);
	used = strlen(printed);
	snprintf(printed + used, sizeof(printed) - used, "\n");
}

void
__wrap_monitor_stall(struct monitor *some, int64_t duration)
{
	(void)some;
	traced = duration;
}

void
__wrap_monitor_clear(struct monitor *some)
{
	(void)some;
	cleared++;
}

void
__wrap_process_describe(pid_t pid, const struct child *child,
    struct process *shown)
{
	shown->pid = child == &command ? 11 : 12;
	snprintf(shown->name, sizeof(shown->name), "%s", pid == command.pid ?
	    "sed" : "cat");
	snprintf(shown->text, sizeof(shown->text), "sleeps");
}

size_t
__wrap_process_find_holders(const struct child *child, struct process *found,
    size_t most, bool *is_cut)
{
	size_t i;

	for (i = 0; i < holders && i < most; i++) {
		found[i].pid = (child == &command ? 21 : 31) + (pid_t)i;
		snprintf(found[i].name, sizeof(found[i].name), "sh");
		snprintf(found[i].text, sizeof(found[i].text), "runs");
	}
	*is_cut = more_holders || holders > most;
	return i;
}

static void
begin(int type, bool has_peer)
{
	begin_state(type, has_peer);
	printed[0] = '\0';
	traced = cleared = 0;
	holders = 0;
	more_holders = false;
}

static void
test_deadline(void)
{
	begin(SOCK_STREAM, true);
	is_never("without --stall there is no deadline");
	plan.stall = 3 * SECOND;
	is_due(3 * SECOND, "--stall counts from the last movement");
	supervisor.active_at += SECOND;
	is_due(4 * SECOND, "a movement puts it off");
	command.reaped = true;
	is_due(4 * SECOND, "it counts while either command runs");
	supervisor.reported_waiting = peer.reaped = true;
	is_never("it does not count once both have ended");
	peer.reaped = false;
	supervisor.relay = NULL;
	is_never("it does not count without a relay");
	end_state();
}

static void
test_once(void)
{
	begin(SOCK_STREAM, false);
	plan.stall = 3 * SECOND;
	handle_at(3 * SECOND - 1);
	is_str(printed, "", "nothing is reported too early");
	handle_at(3 * SECOND);
	ok(printed[0] != '\0', "it is reported when it is due");
	ok(sent[0] == '\0' && !supervisor.timed_out,
	    "no command is ended, and none has timed out");
	is_never("it is reported once");
	relay.moved++;
	timers_note_activity(&supervisor);
	is_due(6 * SECOND, "and again once something has moved");
	printed[0] = '\0';
	handle_at(6 * SECOND);
	ok(printed[0] != '\0', "when nothing has moved for as long again");
	end_state();
}

/* The report, of which a test sees the lines from number first on. */
static void
reports(int first, const char *want, const char *name)
{
	const char *line = printed;

	printed[0] = '\0';
	stall_print(&supervisor, 2 * SECOND);
	for (; first > 0 && line != NULL; first--)
		line = strchr(line, '\n') + 1;
	is_str(line, want, name);
}

static void
test_trace(void)
{
	begin(SOCK_STREAM, false);
	plan.stall = 3 * SECOND;
	handle_at(3 * SECOND);
	is_int(cleared, 0, "without a monitor there is no meter to remove");
	end_state();

	begin(SOCK_STREAM, false);
	plan.stall = 3 * SECOND;
	begin_trace_behind(START);
	handle_at(3 * SECOND);
	is_int(traced, 3 * SECOND, "a stall is traced with its duration");
	is_int(cleared, 1, "the meter is removed before the report");
	end_state();

	begin(SOCK_STREAM, false);
	supervisor.relay = NULL;
	reports(0, "", "without a relay there is nothing to report");
	supervisor.relay = &relay;
	end_state();
}

static void
test_timeout(void)
{
	begin(SOCK_STREAM, false);
	plan.timeout = 1500 * SECOND / 1000;
	handle_at(plan.timeout);
	is_str(printed, "nothing has moved for 1.5 s\n"
	    "standard input is silent\nthe command is silent\n"
	    "sed (11): sleeps\n", "--timeout reports the same");
	is_str(sent, "command TERM, command CONT, ", "and ends the command");
	end_state();
}

static void
test_durations(void)
{
	static const struct {
		int64_t duration;
		const char *want;
	} rows[] = {
		{ 0, "nothing has moved for 0 s\n" },
		{ 999999, "nothing has moved for 0 s\n" },
		{ SECOND / 1000, "nothing has moved for 0.001 s\n" },
		{ SECOND / 2, "nothing has moved for 0.5 s\n" },
		{ 2 * SECOND, "nothing has moved for 2 s\n" },
		{ 100 * SECOND, "nothing has moved for 100 s\n" },
	};
	size_t i;

	begin(SOCK_STREAM, false);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		printed[0] = '\0';
		stall_print(&supervisor, rows[i].duration);
		ok(strncmp(printed, rows[i].want, strlen(rows[i].want)) == 0,
		    rows[i].want);
	}
	end_state();
}

static void
test_directions(void)
{
	const char *rest = "standard input: the command has not read all "
	    "of it\nthe command is silent\n" "sed (11): sleeps\n";

	begin(SOCK_STREAM, false);
	reports(1, "standard input is silent\nthe command is silent\n"
	    "sed (11): sleeps\n", "neither side says anything");
	pending_to_command = 65536;
	pending_from_command = 7;
	reports(1, "standard input: 65536 B wait, the command does not read\n"
	    "standard output: 7 B wait, its reader does not read\n"
	    "sed (11): sleeps\n", "neither side reads");
	need(write(input, "abc", 3) == 3, "write");
	need(write(command_end, "abcd", 4) == 4, "write");
	reports(1, "standard input: 65539 B wait, the command does not read\n"
	    "standard output: 11 B wait, its reader does not read\n"
	    "sed (11): sleeps\n", "what is not read yet waits, too");
	end_state();

	begin(SOCK_STREAM, false);
	need(write(pair.ours, "x", 1) == 1, "write");
	reports(1, rest, "the command has something to read");
	relay.to_command.src_open = false;
	reports(1, rest, "though its input has ended");
	end_state();

	begin(SOCK_STREAM, false);
	relay.to_command.src_open = relay.from_command.src_open = false;
	reports(1, "standard input has ended\nstandard output has ended\n"
	    "sed (11): sleeps\n", "both have ended");
	relay.to_command.dst_open = relay.from_command.dst_open = false;
	reports(1, "standard input has ended\nstandard output has ended\n"
	    "sed (11): sleeps\n", "and their readers were told");
	relay.to_command.is_broken = relay.from_command.is_broken = true;
	reports(1, "standard input: the command reads no more\n"
	    "standard output: its reader reads no more\n"
	    "sed (11): sleeps\n", "or their readers have gone");
	relay.to_command.src_open = relay.from_command.src_open = true;
	relay.to_command.dst_open = relay.from_command.dst_open = true;
	end_state();
}

static uint64_t
hold_part(const struct conduit *conduit)
{
	(void)conduit;
	return 5;
}

/* A message that is not whole is not pending. */
static void
test_part(void)
{
	struct conduit_kind kind;

	begin(SOCK_STREAM, false);
	kind = *relay.to_command.conduit.kind;
	kind.held = hold_part;
	relay.to_command.conduit.kind = &kind;
	reports(1, "standard input: 5 B wait for the rest of a message\n"
	    "the command is silent\nsed (11): sleeps\n",
	    "a message that is not whole waits for its rest");
	begin_trace_behind(START);
	relay.to_command.conduit.monitor = &monitor;
	relay.from_command.conduit.monitor = &monitor;
	reports(1, "standard input: 5 B wait for the reader of a trace\n"
	    "the command is silent\nsed (11): sleeps\n",
	    "data may wait for a trace");
	end_state();
}

static void
test_peer(void)
{
	begin(SOCK_STREAM, true);
	holders = 1;
	reports(1, "the peer is silent\nthe command is silent\n"
	    "sed (11): sleeps\nsh (21): runs\n"
	    "cat (12): sleeps\nsh (31): runs\n", "two commands are silent");
	holders = 0;
	pending_to_command = 3;
	pending_from_command = 4;
	reports(1, "the peer's output: 3 B wait, the command does not read\n"
	    "the command's output: 4 B wait, the peer does not read\n"
	    "sed (11): sleeps\ncat (12): sleeps\n",
	    "two commands do not read");
	peer.reaped = true;
	reports(3, "sed (11): sleeps\n", "one that has ended is not shown");
	end_state();
}

static void
test_holders(void)
{
	begin(SOCK_STREAM, false);
	command.reaped = true;
	holders = 2;
	reports(3, "sh (21): runs\nsh (22): runs\n",
	    "others are shown even if the command has ended");
	command.reaped = false;
	holders = 9;
	reports(3, "sed (11): sleeps\n"
	    "sh (21): runs\nsh (22): runs\nsh (23): runs\nsh (24): runs\n"
	    "sh (25): runs\nsh (26): runs\nsh (27): runs\nsh (28): runs\n"
	    "other processes may hold this end, too\n",
	    "eight others are shown, and that there may be more");
	holders = 0;
	more_holders = true;
	reports(3, "sed (11): sleeps\n"
	    "other processes may hold this end, too\n",
	    "it is also said that not all could be looked at");
	end_state();
}

int
main(void)
{
	alarm(60);
	test_deadline();
	test_once();
	test_trace();
	test_timeout();
	test_durations();
	test_directions();
	test_part();
	test_peer();
	test_holders();
	return done_testing();
}
