/* SPDX-License-Identifier: MIT */
/* How the one end of a pair of unix sockets learns of the other's end. */
#include "config.h"

#ifdef __linux__

#include "sockets.h"

/* Those that have an end of file. */
static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET };

/* For start_asleep(). */
static int
receive_once(int fd)
{
	char byte;
	ssize_t got = recv(fd, &byte, 1, 0);

	return got == -1 ? errno : got == 0 ? 0 : 1;
}

/* --- datagrams ------------------------------------------------------------ */

static int
dgram_close_untold(void)
{
	open_pair(SOCK_DGRAM);
	close(theirs);
	ASK(poll_now(ours, POLLIN | POLLRDHUP) == 0);
	ASK(receive_error(ours) == EAGAIN);
	return 0;
}

static int
dgram_end(void)
{
	char byte;

	open_pair(SOCK_DGRAM);
	ASK(sends(ours, "1") && sends(ours, "2"));
	ASK(shutdown(theirs, SHUT_RD) == 0);
	ASK(recv(theirs, &byte, 1, 0) == 1 && byte == '1');
	ASK(recv(theirs, &byte, 1, 0) == 1 && byte == '2');
	ASK(recv(theirs, &byte, 1, 0) == 0);
	ASK(recv(theirs, &byte, 1, 0) == 0);
	return 0;
}

static int
dgram_end_wakes(void)
{
	pid_t reader;

	if (!has_proc())
		return unknown("no /proc");
	open_pair(SOCK_DGRAM);
	reader = start_asleep(receive_once, theirs);
	ASK(reader != -1);
	ASK(shutdown(theirs, SHUT_RD) == 0);
	ASK(await_end(reader) == exit_with(0));
	return 0;
}

static int
dgram_end_unblocking(void)
{
	open_pair(SOCK_DGRAM);
	ASK(receive_error(theirs) == EAGAIN);
	ASK(poll_now(theirs, POLLIN | POLLRDHUP) == 0);
	ASK(shutdown(theirs, SHUT_RD) == 0);
	ASK(receive_error(theirs) == EAGAIN);
	ASK(poll_now(theirs, POLLIN | POLLRDHUP) == (POLLIN | POLLRDHUP));
	return 0;
}

static int
dgram_purge(void)
{
	open_pair(SOCK_DGRAM);
	ASK(sends(theirs, "last words"));
	close(theirs);
	ASK(poll_now(ours, POLLIN) == POLLIN);
	ASK(send_error(ours) == ECONNREFUSED);
	ASK(receive_error(ours) == EAGAIN);
	ASK(send_error(ours) == ENOTCONN);
	return 0;
}

static int
dgram_held_end(void)
{
	int held;

	open_pair(SOCK_DGRAM);
	held = dup(theirs);
	ASK(sends(theirs, "last words"));
	close(theirs);
	ASK(send_error(ours) == 0);
	ASK(receives(ours, "last words"));
	/* The same once the command has been told of the end of input. */
	ASK(sends(held, "more"));
	ASK(shutdown(held, SHUT_RD) == 0);
	ASK(send_error(ours) == EPIPE);
	ASK(receives(ours, "more"));
	return 0;
}

/* --- reset: the other end was closed with bytes of ours unread ------------ */

static void
open_reset(int type)
{
	open_pair(type);
	need(sends(ours, "unread") && sends(theirs, "1") && sends(theirs, "2"),
	    "send");
	close(theirs);
}

static int
seqpacket_reset_first(void)
{
	open_reset(SOCK_SEQPACKET);
	ASK(receive_error(ours) == ECONNRESET);
	ASK(receives(ours, "1") && receives(ours, "2"));
	ASK(receives(ours, ""));
	return 0;
}

static int
stream_reset_last(void)
{
	open_reset(SOCK_STREAM);
	ASK(receives(ours, "12"));
	ASK(receive_error(ours) == ECONNRESET);
	ASK(receives(ours, ""));
	return 0;
}

static int
seqpacket_reset_writer(void)
{
	open_reset(SOCK_SEQPACKET);
	ASK(send_error(ours) == ECONNRESET);
	ASK(send_error(ours) == EPIPE);
	/* A stream's writer is not told. */
	open_reset(SOCK_STREAM);
	ASK(send_error(ours) == EPIPE);
	return 0;
}

/* --- hang-up and half-close ----------------------------------------------- */

static int
closed_end_hangs_up(void)
{
	size_t i;

	for (i = 0; i < COUNT(types); i++) {
		open_pair(types[i]);
		ASK(poll_now(ours, 0) == 0);
		close(theirs);
		ASK(poll_now(ours, 0) == POLLHUP);
		close(ours);
	}
	return 0;
}

static int
half_closes_hang_up(void)
{
	size_t i;

	for (i = 0; i < COUNT(types); i++) {
		open_pair(types[i]);
		ASK(shutdown(theirs, SHUT_WR) == 0);
		ASK(poll_now(ours, 0) == 0);
		ASK(shutdown(ours, SHUT_WR) == 0);
		ASK(poll_now(ours, 0) == POLLHUP);
		close_pair();
	}
	return 0;
}

static int
end_before_queue(void)
{
	open_pair(SOCK_SEQPACKET);
	ASK(sends(theirs, "") && sends(theirs, "1"));
	ASK((poll_now(ours, POLLRDHUP) & POLLRDHUP) == 0);
	ASK(shutdown(theirs, SHUT_WR) == 0);
	ASK(poll_now(ours, POLLRDHUP) == POLLRDHUP);
	ASK(receives(ours, "") && receives(ours, "1") && receives(ours, ""));
	return 0;
}

/* FIONREAD of a seqpacket socket counts the bytes of all messages. */
static int
waiting_sum(void)
{
	int bytes;

	open_pair(SOCK_SEQPACKET);
	ASK(sends(theirs, "") && sends(theirs, "12") && sends(theirs, "345"));
	ASK(ioctl(ours, FIONREAD, &bytes) == 0 && bytes == 5);
	ASK(receives(ours, "") && receives(ours, "12"));
	ASK(ioctl(ours, FIONREAD, &bytes) == 0 && bytes == 3);
	return 0;
}

/* --- a process that ends -------------------------------------------------- */

/* A child that holds only their end, sends ten messages and exits; reaped. */
static void
run_sender(int type)
{
	int i;
	pid_t pid;

	open_pair(type);
	pid = fork();
	need(pid != -1, "fork");
	if (pid == 0) {
		for (i = 0; i < 10; i++)
			if (!sends(theirs, "x"))
				_exit(1);
		_exit(0);
	}
	close(theirs);
	need(await_end(pid) == 0, "send");
}

static int
reaped_has_sent(void)
{
	int run;
	int i;

	for (run = 0; run < 50; run++) {
		run_sender(SOCK_DGRAM);
		for (i = 0; i < 10; i++)
			ASK(receives(ours, "x"));
		ASK(receive_error(ours) == EAGAIN);
		close(ours);
	}
	return 0;
}

static int
reaped_has_hung_up(void)
{
	int run;

	for (run = 0; run < 50; run++) {
		run_sender(SOCK_STREAM);
		ASK(poll_now(ours, 0) == POLLHUP);
		ASK(receives(ours, "xxxxxxxxxx"));
		close(ours);
	}
	return 0;
}

/* --- urgent bytes --------------------------------------------------------- */

static bool
send_urgent(void)
{
	return sends(theirs, "a") && send(theirs, "U", 1, MSG_OOB) == 1 &&
	    sends(theirs, "b");
}

/* All that there is, by however many reads. */
static const char *
receive_all(void)
{
	static char text[20];
	size_t size = 0;
	ssize_t got;

	while ((got = recv(ours, text + size, sizeof(text) - 1 - size,
	    MSG_DONTWAIT)) > 0)
		size += (size_t)got;
	text[size] = '\0';
	return text;
}

static int
urgent_byte_dropped(void)
{
	const int on = 1;

	open_pair(SOCK_STREAM);
	if (!send_urgent() && errno == EOPNOTSUPP)
		return unknown("unix sockets have no urgent bytes here");
	ASK(strcmp(receive_all(), "ab") == 0);
	close_pair();
	open_pair(SOCK_STREAM);
	ASK(setsockopt(ours, SOL_SOCKET, SO_OOBINLINE, &on, sizeof(on)) == 0);
	ASK(send_urgent());
	ASK(strcmp(receive_all(), "aUb") == 0);
	return 0;
}

static struct fact facts[] = {
	FACT(dgram_close_untold,
	    "a datagram socket does not report that the other end is closed"),
	FACT(dgram_end, "a shutdown of its end for reading lets a datagrams' "
	    "reader drain its queue and then read the end of file"),
	FACT(dgram_end_wakes, "such a shutdown wakes a reader that sleeps"),
	FACT(dgram_end_unblocking, "after such a shutdown a read that does not "
	    "wait gets EAGAIN, while poll reports the end"),
	FACT(dgram_purge, "a send to a closed datagram socket destroys what "
	    "waits for the sender"),
	FACT(dgram_held_end, "a send to a datagram socket destroys nothing "
	    "while the other end is held open"),
	FACT(seqpacket_reset_first,
	    "seqpacket: a reset comes before the messages that wait"),
	FACT(stream_reset_last, "stream: a reset comes after the data"),
	FACT(seqpacket_reset_writer,
	    "a write to a seqpacket socket reports a reset, too"),
	FACT(closed_end_hangs_up,
	    "poll reports unasked that the other end is closed"),
	FACT(half_closes_hang_up,
	    "two half-closes look like a hang-up, one does not"),
	FACT(waiting_sum,
	    "seqpacket: FIONREAD counts the bytes of all messages"),
	FACT(end_before_queue,
	    "seqpacket: poll reports the end while messages wait"),
	FACT(reaped_has_sent,
	    "what a process has sent is there once it is reaped"),
	FACT(reaped_has_hung_up,
	    "a process's descriptors are closed once it is reaped"),
	FACT(urgent_byte_dropped, "an urgent byte is dropped from what is "
	    "read, unless SO_OOBINLINE is set"),
};

int
main(void)
{
	return check_facts(facts, COUNT(facts));
}

#else
#include "not-linux.h"
#endif
