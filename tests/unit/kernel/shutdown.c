/* SPDX-License-Identifier: MIT */
/* What the writer to a unix socket learns once its reader has shut down. */
#include "config.h"

#ifdef __linux__

#include "sockets.h"

static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };

/* --- for start_asleep(): calls that sleep, and what came of them ---------- */

static int
send_once(int fd)
{
	return error_of(send(fd, "x", 1, 0));
}

static int
await_room(int fd)
{
	struct pollfd slot = { .fd = fd, .events = POLLOUT };

	return poll(&slot, 1, 50000) == 1 && slot.revents & POLLOUT ? 0 : 1;
}

/* --- the facts ------------------------------------------------------------ */

static int
full_shutdown_untold(void)
{
	size_t i;

	for (i = 0; i < COUNT(types); i++) {
		open_pair(types[i]);
		ASK(poll_now(ours, POLLOUT) == POLLOUT);
		fill(ours);
		ASK(shutdown(theirs, SHUT_RD) == 0);
		ASK(poll_now(ours, POLLOUT) == 0);
		/* A datagram's writer has to find room to learn of it. */
		ASK(send_error(ours) ==
		    (types[i] == SOCK_DGRAM ? EAGAIN : EPIPE));
		close_pair();
	}
	return 0;
}

static int
send_nothing_error(int fd)
{
	return error_of(send(fd, "", 0, MSG_DONTWAIT | MSG_NOSIGNAL));
}

static int
empty_write_refused(void)
{
	open_pair(SOCK_STREAM);
	ASK(send_nothing_error(ours) == 0 && receive_error(theirs) == EAGAIN);
	fill(ours);
	ASK(send_nothing_error(ours) == 0);
	ASK(shutdown(theirs, SHUT_RD) == 0);
	ASK(send_nothing_error(ours) == EPIPE);
	close_pair();
	open_pair(SOCK_STREAM);
	ASK(sends(ours, "x"));
	close(theirs);
	/* One of the two errors is of the byte that was not read. */
	ASK(send_nothing_error(ours) != 0 && send_nothing_error(ours) == EPIPE);
	close(ours);
	return 0;
}

static int
room_wakes_poll(void)
{
	pid_t writer;
	size_t i;

	if (!has_proc())
		return unknown("no /proc");
	for (i = 0; i < COUNT(types); i++) {
		open_pair(types[i]);
		fill(ours);
		writer = start_asleep(await_room, ours);
		ASK(writer != -1);
		ASK(shutdown(theirs, SHUT_RD) == 0);
		ASK(sleeps_on(writer));
		drain(theirs);
		ASK(await_end(writer) == exit_with(0));
		ASK(send_error(ours) == EPIPE);
		close_pair();
	}
	return 0;
}

static int
room_wakes_dgram_sender(void)
{
	pid_t writer;

	if (!has_proc())
		return unknown("no /proc");
	open_pair(SOCK_DGRAM);
	fill(ours);
	writer = start_asleep(send_once, ours);
	ASK(writer != -1);
	ASK(shutdown(theirs, SHUT_RD) == 0);
	ASK(sleeps_on(writer));
	drain(theirs);
	ASK(await_end(writer) == exit_with(EPIPE));
	return 0;
}

static int
blocked_writer_no_signal(void)
{
	pid_t writer;
	size_t i;

	if (!has_proc())
		return unknown("no /proc");
	for (i = 0; types[i] != SOCK_DGRAM; i++) {
		open_pair(types[i]);
		fill(ours);
		writer = start_asleep(send_once, ours);
		ASK(writer != -1);
		ASK(shutdown(theirs, SHUT_RD) == 0);
		/* Its SIGPIPE is at its default: it would have died. */
		ASK(await_end(writer) == exit_with(EPIPE));
		close_pair();
	}
	return 0;
}

/* The wait status of a process that sends when nobody reads any more. */
static int
send_late(int type)
{
	pid_t pid;

	open_pair(type);
	need(shutdown(theirs, SHUT_RD) == 0, "shutdown");
	pid = fork();
	need(pid != -1, "fork");
	if (pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		_exit(send_once(ours));
	}
	close_pair();
	return await_end(pid);
}

static int
late_write_signalled(void)
{
	ASK(send_late(SOCK_STREAM) == SIGPIPE);
	return 0;
}

static int
messages_no_signal(void)
{
	ASK(send_late(SOCK_SEQPACKET) == exit_with(EPIPE));
	ASK(send_late(SOCK_DGRAM) == exit_with(EPIPE));
	return 0;
}

static struct fact facts[] = {
	FACT(full_shutdown_untold, "while the queue is full, poll does not "
	    "report that the reader has shut down"),
	FACT(empty_write_refused, "a write of no bytes to a stream puts "
	    "nothing into it, and fails if nobody reads any more"),
	FACT(room_wakes_poll, "not the shutdown, but room in the queue wakes a "
	    "writer that sleeps in poll"),
	FACT(room_wakes_dgram_sender, "not the shutdown, but room in the queue "
	    "wakes a writer that sleeps in its send of a datagram"),
	FACT(blocked_writer_no_signal, "a writer that sleeps in its send gets "
	    "EPIPE without SIGPIPE when the reader shuts down"),
	FACT(late_write_signalled,
	    "a write to a stream that nobody reads any more gets SIGPIPE"),
	FACT(messages_no_signal, "a message to nobody brings no SIGPIPE"),
};

int
main(void)
{
	return check_facts(facts, COUNT(facts));
}

#else
#include "not-linux.h"
#endif
