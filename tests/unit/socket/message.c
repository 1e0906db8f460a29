/* SPDX-License-Identifier: MIT */
/* Messages by the batch: each whole, none invented, the end told apart. */
#include "config.h"

#include <sys/resource.h>

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "socket/message.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define LARGEST 100000

static int ends[2];		/* ours, and the other */
static char block[200000];
static struct ancillary none;
static struct ancillary unwanted = { .is_unwanted = true };

static struct mailbox *
begin(int type, size_t largest)
{
	struct mailbox *mailbox;

	need(socketpair(AF_UNIX, type, 0, ends) == 0, "socketpair");
	need(type != SOCK_SEQPACKET || message_mark(ends[0], true) == 0,
	    "message_mark");
	mailbox = mailbox_open(largest, 10, type == SOCK_SEQPACKET);
	need(mailbox != NULL, "mailbox_open");
	return mailbox;
}

static void
end(struct mailbox *mailbox)
{
	mailbox_free(mailbox);
	close(ends[0]);
	close(ends[1]);
}

static bool
holds(const struct mailbox *mailbox, unsigned int i, const char *want,
    size_t want_size)
{
	size_t size;
	const char *message = mailbox_message(mailbox, i, &size);

	return size == want_size && memcmp(message, want, size) == 0;
}

static void
test_receive(int type, const char *name)
{
	struct mailbox *mailbox = begin(type, LARGEST);
	char title[100];
	size_t size;

	snprintf(title, sizeof(title), "%s: nothing is there", name);
	is_int(mailbox_receive(mailbox, ends[0], &unwanted), IO_AGAIN, title);
	is_int(mailbox->received, 0, title);
	send(ends[1], "abc", 3, 0);
	send(ends[1], "", 0, 0);
	send(ends[1], block, LARGEST, 0);
	snprintf(title, sizeof(title), "%s: what is there comes at once",
	    name);
	ok(mailbox_receive(mailbox, ends[0], &unwanted) == IO_MOVED &&
	    mailbox->received == 3, title);
	snprintf(title, sizeof(title), "%s: each is whole, also the empty one",
	    name);
	ok(holds(mailbox, 0, "abc", 3) && holds(mailbox, 1, "", 0) &&
	    holds(mailbox, 2, block, LARGEST), title);
	send(ends[1], block, LARGEST + 1, 0);
	send(ends[1], "d", 1, 0);
	while (mailbox_receive(mailbox, ends[0], &unwanted) == IO_MOVED &&
	    mailbox->received == 0)
		;
	mailbox_message(mailbox, 0, &size);
	snprintf(title, sizeof(title), "%s: one that is too large tells its "
	    "size", name);
	is_int((long long)size, LARGEST + 1, title);
	end(mailbox);
}

static void
test_end(void)
{
	struct mailbox *mailbox = begin(SOCK_SEQPACKET, LARGEST);

	send(ends[1], "a", 1, 0);
	send(ends[1], "", 0, 0);
	send(ends[1], "", 0, 0);
	shutdown(ends[1], SHUT_WR);
	ok(mailbox_receive(mailbox, ends[0], &unwanted) == IO_MOVED &&
	    mailbox->received == 3 && holds(mailbox, 2, "", 0),
	    "seqpacket: empty messages before the end are messages");
	is_int(mailbox_receive(mailbox, ends[0], &unwanted), IO_END,
	    "seqpacket: then comes the end");
	is_int(mailbox_receive(mailbox, ends[0], &unwanted), IO_END,
	    "seqpacket: and it stays the end");
	end(mailbox);

	mailbox = begin(SOCK_SEQPACKET, LARGEST);
	send(ends[0], "unread", 6, 0);
	send(ends[1], "last", 4, 0);
	close(ends[1]);
	ok(mailbox_receive(mailbox, ends[0], &unwanted) == IO_MOVED &&
	    mailbox->received == 1 && holds(mailbox, 0, "last", 4),
	    "seqpacket: a reset that comes first is passed over");
	is_int(mailbox_receive(mailbox, ends[0], &unwanted), IO_END,
	    "seqpacket: behind it is the end");
	end(mailbox);

	/* Where there are no marks; one message is received, then two. */
	mailbox = begin(SOCK_SEQPACKET, LARGEST);
	need(message_mark(ends[0], false) == 0, "message_mark");
	send(ends[1], "a", 1, 0);
	send(ends[1], "", 0, 0);
	send(ends[1], "", 0, 0);
	send(ends[1], "b", 1, 0);
	shutdown(ends[1], SHUT_WR);
	ok(mailbox_receive(mailbox, ends[0], &none) == IO_MOVED &&
	    mailbox->received == 1 && holds(mailbox, 0, "a", 1) &&
	    mailbox_receive(mailbox, ends[0], &none) == IO_MOVED &&
	    mailbox->received == 2,
	    "seqpacket: without marks, empty messages that bytes follow");
	ok(mailbox_receive(mailbox, ends[0], &none) == IO_MOVED &&
	    holds(mailbox, 0, "b", 1),
	    "seqpacket: are messages, and the bytes come");
	is_int(mailbox_receive(mailbox, ends[0], &none), IO_END,
	    "seqpacket: and then the end");
	end(mailbox);

	mailbox = begin(SOCK_DGRAM, LARGEST);
	send(ends[1], "", 0, 0);
	close(ends[1]);
	ok(mailbox_receive(mailbox, ends[0], &unwanted) == IO_MOVED &&
	    mailbox->received == 1, "dgram: an empty message is one");
	is_int(mailbox_receive(mailbox, ends[0], &unwanted), IO_AGAIN,
	    "dgram: there is no end");
	end(mailbox);
}

/* Large ones come a few at a time, small ones many. */
static void
test_batches(void)
{
	struct mailbox *mailbox = begin(SOCK_SEQPACKET, LARGEST);
	int size = 4 << 20;
	unsigned int i;

	setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	for (i = 0; i < MESSAGE_BATCH + 1; i++)
		send(ends[1], "x", 1, 0);
	ok(mailbox_receive(mailbox, ends[0], &unwanted) == IO_MOVED &&
	    mailbox->received == MESSAGE_BATCH, "a batch is bounded");
	ok(mailbox_receive(mailbox, ends[0], &unwanted) == IO_MOVED &&
	    mailbox->received == 1, "the rest comes in the next");
	send(ends[1], block, LARGEST, 0);
	mailbox_receive(mailbox, ends[0], &unwanted);
	for (i = 0; i < 4; i++)
		send(ends[1], block, 40000, MSG_DONTWAIT);
	mailbox_receive(mailbox, ends[0], &unwanted);
	ok(mailbox->received >= 1 && mailbox->received <= 2,
	    "a batch of large ones is small");
	end(mailbox);
}

/* Descriptors that somebody sends have no place in the mark's. */
static void
test_descriptors(int type, const char *name)
{
	struct mailbox *mailbox = begin(type, LARGEST);
	char control[CMSG_SPACE(3 * sizeof(int))] = "";
	struct iovec iov = { block, 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *header;
	char title[100];
	int before, i;

	message.msg_control = control;
	message.msg_controllen = sizeof(control);
	header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(3 * sizeof(int));
	for (i = 0; i < 3; i++)
		((int *)CMSG_DATA(header))[i] = 1;
	need(sendmsg(ends[1], &message, 0) == 1, "sendmsg");
	before = count_descriptors();
	mailbox_receive(mailbox, ends[0], &unwanted);
	snprintf(title, sizeof(title), "%s: descriptors are not taken", name);
	ok(mailbox->received == 1 && count_descriptors() == before, title);
	end(mailbox);
}

/* Send text with count descriptors. */
static void
send_set(const char *text, unsigned int count)
{
	struct ancillary set = { .count = count };
	union ancillary_room room;
	struct iovec iov = { (char *)text, strlen(text) };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	unsigned int i;

	for (i = 0; i < count; i++)
		set.fds[i] = STDERR_FILENO;
	ancillary_attach(&set, &room, &message);
	need(sendmsg(ends[1], &message, 0) != -1, "sendmsg");
}

/* Whether no program that we started would get them. */
static bool
are_private(const struct ancillary *set)
{
	unsigned int i;

	for (i = 0; i < set->count; i++)
		if (fcntl(set->fds[i], F_GETFD) != FD_CLOEXEC)
			return false;
	return true;
}

/* What the next call finds: so many messages, the first text, with a set. */
static bool
finds(struct mailbox *mailbox, struct ancillary *ancillary,
    unsigned int received, const char *text, unsigned int count)
{
	bool right;

	if (mailbox_receive(mailbox, ends[0], ancillary) != IO_MOVED)
		return false;
	right = mailbox->received == received &&
	    holds(mailbox, 0, text, strlen(text)) && ancillary->count == count &&
	    are_private(ancillary);
	ancillary_refuse(ancillary, REFUSAL_TOLD);
	return right;
}

/* Messages come in batches, but each set with its own. */
static void
test_sets(int type, const char *name)
{
	struct mailbox *mailbox = begin(type, LARGEST);
	struct ancillary ancillary;
	int before = count_descriptors();
	char title[100];
	int i;

	ancillary = (struct ancillary){ .count = 0 };
	send_set("a", 2);
	send_set("b", 0);
	snprintf(title, sizeof(title), "%s: a set comes with its message", name);
	ok(finds(mailbox, &ancillary, 1, "a", 2), title);
	snprintf(title, sizeof(title), "%s: and none with the next", name);
	ok(finds(mailbox, &ancillary, 1, "b", 0), title);
	for (i = 0; i < 2; i++)
		send_set("c", 0);
	snprintf(title, sizeof(title), "%s: more come at once, by and by",
	    name);
	ok(finds(mailbox, &ancillary, 2, "c", 0), title);
	send_set("d", 0);
	send_set("e", 3);
	send_set("", 1);
	send_set("f", 0);
	snprintf(title, sizeof(title), "%s: before a set they are apart", name);
	ok(finds(mailbox, &ancillary, 1, "d", 0) &&
	    mailbox_is_keeping(mailbox), title);
	snprintf(title, sizeof(title), "%s: so are two sets", name);
	ok(finds(mailbox, &ancillary, 1, "e", 3), title);
	snprintf(title, sizeof(title), "%s: an empty message has its own",
	    name);
	ok(finds(mailbox, &ancillary, 2, "", 1) &&
	    holds(mailbox, 1, "f", 1) && !mailbox_is_keeping(mailbox), title);
	is_int(mailbox_receive(mailbox, ends[0], &ancillary), IO_AGAIN,
	    "that was all");
	for (i = 0; i < 3; i++)
		send_set("g", 0);
	mailbox_receive(mailbox, ends[0], &ancillary);
	mailbox_receive(mailbox, ends[0], &ancillary);
	send_set("h", 0);
	send_set("i", 7);
	mailbox_receive(mailbox, ends[0], &ancillary);
	snprintf(title, sizeof(title), "%s: what is kept is closed with it",
	    name);
	ok(mailbox_is_keeping(mailbox), title);
	end(mailbox);
	snprintf(title, sizeof(title), "%s: and nothing leaks", name);
	is_int(count_descriptors(), before - 2, title);
}

/* What is written around a message leaves the others alone. */
static void
test_margins(void)
{
	struct mailbox *mailbox;
	size_t size;
	unsigned int i;

	need(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0, "socketpair");
	mailbox = mailbox_open(4096, 100, false);
	need(mailbox != NULL, "mailbox_open");
	for (i = 0; i < 3; i++)
		send(ends[1], block, 4096, 0);
	need(mailbox_receive(mailbox, ends[0], &unwanted) == IO_MOVED &&
	    mailbox->received == 3, "mailbox_receive");
	for (i = 0; i < 3; i++) {
		memset(mailbox_message(mailbox, i, &size) - 100, 'm', 100);
		memset(mailbox_message(mailbox, i, &size) + 4096, 'm', 100);
	}
	ok(holds(mailbox, 0, block, 4096) && holds(mailbox, 1, block, 4096) &&
	    holds(mailbox, 2, block, 4096),
	    "a message has room before and after it");
	end(mailbox);
}

/* The limit of open files cuts a set; those that follow come one by one. */
static int
receive_cut_sets(void *argument)
{
	struct mailbox *mailbox = begin(*(int *)argument, LARGEST);
	struct ancillary ancillary = { .count = 0 };
	struct rlimit limit = { (rlim_t)count_descriptors() + 4, 1000 };
	int i;

	/* Many come at once, before the first set. */
	for (i = 0; i < 3; i++)
		send_set("x", 0);
	ASK(finds(mailbox, &ancillary, 1, "x", 0));
	ASK(finds(mailbox, &ancillary, 2, "x", 0) && mailbox->trusted > 2);
	send_set("y", 1);
	ASK(finds(mailbox, &ancillary, 1, "y", 1));
	send_set("a", 10);
	send_set("b", 3);
	send_set("c", 3);
	need(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
	return finds(mailbox, &ancillary, 1, "a", 0) && ancillary.was_cut &&
	    finds(mailbox, &ancillary, 1, "b", 3) &&
	    finds(mailbox, &ancillary, 1, "c", 3) ? 0 : 1;
}

static void
test_cut_sets(int type, const char *name)
{
	char title[100];

	snprintf(title, sizeof(title),
	    "%s: behind a set that was cut two others do not come at once",
	    name);
	passes_bare(receive_cut_sets, &type, title);
}

static void
test_send(int type, const char *name)
{
	struct mailbox *mailbox = begin(type, LARGEST);
	struct iovec messages[3] = {
		{ (char[]){ "abc" }, 3 }, { NULL, 0 }, { block, 5000 }
	};
	int least = 1;
	unsigned int sent = 0, sum = 0;
	enum io result;
	char title[100];
	char byte[10];

	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	snprintf(title, sizeof(title), "%s: a batch is sent", name);
	ok(message_send(ends[0], messages, 3, &none, &sent) == IO_MOVED &&
	    sent == 3,
	    title);
	snprintf(title, sizeof(title), "%s: each as a message", name);
	ok(recv(ends[1], byte, 10, 0) == 3 && recv(ends[1], byte, 10, 0) == 0 &&
	    recv(ends[1], block, 10000, 0) == 5000, title);

	while ((result = message_send(ends[0], messages, 2, &none, &sent)) ==
	    IO_MOVED)
		sum += sent;
	snprintf(title, sizeof(title), "%s: a full queue is no error", name);
	is_int(result, IO_AGAIN, title);
	snprintf(title, sizeof(title), "%s: and holds so many", name);
	while (sum > 0 && recv(ends[1], byte, 10, MSG_DONTWAIT) != -1)
		sum--;
	ok(sum == 0 && recv(ends[1], byte, 10, MSG_DONTWAIT) == -1, title);

	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &least, sizeof(least));
	messages[0].iov_base = block;
	messages[0].iov_len = 100000;
	snprintf(title, sizeof(title), "%s: one that is too large is told of",
	    name);
	ok(message_send(ends[0], messages, 3, &none, &sent) == IO_TOO_LARGE &&
	    errno == EMSGSIZE, title);
	close(ends[1]);
	snprintf(title, sizeof(title), "%s: without a reader there is no "
	    "signal", name);
	messages[0].iov_len = 1;
	is_int(message_send(ends[0], messages, 1, &none, &sent), IO_FAILED,
	    title);
	end(mailbox);
}

/* A set goes with the first message, and is no longer ours. */
static void
test_send_set(int type, const char *name)
{
	struct mailbox *mailbox = begin(type, LARGEST);
	struct ancillary set = { .count = 1 };
	struct ancillary got = { .count = 0 };
	struct iovec messages[2] = {
		{ (char[]){ "a" }, 1 }, { (char[]){ "b" }, 1 }
	};
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	unsigned int sent = 0;
	char title[100];

	set.fds[0] = file;
	snprintf(title, sizeof(title), "%s: a set is sent, and closed here",
	    name);
	ok(message_send(ends[1], messages, 2, &set, &sent) == IO_MOVED &&
	    sent == 2 && set.count == 0 && fcntl(file, F_GETFD) == -1, title);
	snprintf(title, sizeof(title), "%s: with the first message", name);
	ok(finds(mailbox, &got, 1, "a", 1), title);
	snprintf(title, sizeof(title), "%s: and not with the second", name);
	ok(finds(mailbox, &got, 1, "b", 0), title);
	end(mailbox);
}

static int
finds_no_memory(void *argument)
{
	(void)argument;
	use_up_memory();
	ASK(mailbox_open(LARGEST, 0, false) == NULL && errno == ENOMEM);
	return 0;
}

/* Enough for a few slots, not for all. */
static int
makes_do(void *argument)
{
	struct rlimit limit = { 100 << 20, 100 << 20 };
	struct mailbox *mailbox;

	(void)argument;
	need(setrlimit(RLIMIT_AS, &limit) == 0, "setrlimit");
	mailbox = mailbox_open(4 << 20, 0, false);
	ASK(mailbox != NULL);
	ASK(mailbox->slots >= 1 && mailbox->slots < MESSAGE_BATCH);
	mailbox_free(mailbox);
	return 0;
}

/* A byte with two descriptors. */
static void
send_with_two(int fd)
{
	union ancillary_room room;
	struct ancillary set;
	struct iovec iov = { block, 1 };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };

	set = (struct ancillary){ .count = 0 };
	set.fds[0] = set.fds[1] = STDERR_FILENO;
	set.count = 2;
	ancillary_attach(&set, &room, &header);
	need(sendmsg(fd, &header, 0) == 1, "sendmsg");
}

/* Shut down for reading, a full queue is emptied, and its writer is woken. */
static void
test_discard(int type, const char *name)
{
	struct pollfd slot = { .events = POLLOUT };
	struct mailbox *mailbox = begin(type, LARGEST);
	uint64_t sum = 6;
	char title[100];
	int free_number;
	ssize_t put;

	slot.fd = ends[1];
	/* Neither an empty message nor descriptors are the end of it. */
	send(ends[1], "first", 5, 0);
	send(ends[1], "", 0, 0);
	send(ends[1], "", 0, 0);
	send_with_two(ends[1]);
	while ((put = send(ends[1], block, 5000, MSG_DONTWAIT)) != -1)
		sum += (uint64_t)put;
	snprintf(title, sizeof(title), "%s: a full queue has no room", name);
	is_int(poll(&slot, 1, 0), 0, title);
	shutdown(ends[0], SHUT_RD);
	free_number = dup(0);
	close(free_number);
	snprintf(title, sizeof(title), "%s: what is thrown away is counted",
	    name);
	ok(message_discard(ends[0]) == sum, title);
	snprintf(title, sizeof(title), "%s: and descriptors in it are closed",
	    name);
	is_int(dup(0), free_number, title);
	close(free_number);
	snprintf(title, sizeof(title), "%s: one that was thrown away has",
	    name);
	ok(poll(&slot, 1, 0) == 1 && (slot.revents & POLLOUT), title);
	snprintf(title, sizeof(title), "%s: and nothing of it is left", name);
	ok(recv(ends[0], block + LARGEST, 1, MSG_DONTWAIT) <= 0, title);
	end(mailbox);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof(block); i++)
		block[i] = (char)(i % 251);
	test_receive(SOCK_SEQPACKET, "seqpacket");
	test_receive(SOCK_DGRAM, "dgram");
	test_end();
	test_batches();
	test_margins();
	test_descriptors(SOCK_SEQPACKET, "seqpacket");
	test_descriptors(SOCK_DGRAM, "dgram");
	test_sets(SOCK_SEQPACKET, "seqpacket");
	test_sets(SOCK_DGRAM, "dgram");
	test_cut_sets(SOCK_SEQPACKET, "seqpacket");
	test_cut_sets(SOCK_DGRAM, "dgram");
	test_send(SOCK_SEQPACKET, "seqpacket");
	test_send(SOCK_DGRAM, "dgram");
	test_send_set(SOCK_SEQPACKET, "seqpacket");
	test_send_set(SOCK_DGRAM, "dgram");
	test_discard(SOCK_STREAM, "stream");
	test_discard(SOCK_SEQPACKET, "seqpacket");
	test_discard(SOCK_DGRAM, "dgram");
	if (can_limit_memory()) {
		is_int(run_child(finds_no_memory, NULL), 0,
		    "a mailbox that finds no memory is ENOMEM");
		is_int(run_child(makes_do, NULL), 0,
		    "one that finds little has fewer slots");
	} else {
		elsewhere("a mailbox that finds no memory", "memory tool");
	}
	return done_testing();
}
