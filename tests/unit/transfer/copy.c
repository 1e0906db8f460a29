/* SPDX-License-Identifier: MIT */
/* Bytes through a buffer, and descriptors that come among them. */
#include "config.h"

#include "transfer/copy.h"
#include "tap.h"

static struct copy copy;
static struct endpoint src, dst;
static struct ancillary ancillary;
static int writer;		/* what is read at src is written here */
static int reader;		/* and what is written at dst comes here */
static char block[3 * COPY_SIZE];

/* From one stream socket of ours to another. */
static void
begin(void)
{
	int from[2], to[2];

	need(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, from) == 0 &&
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, to) == 0 &&
	    fcntl(from[0], F_SETFL, O_NONBLOCK) == 0 &&
	    fcntl(to[0], F_SETFL, O_NONBLOCK) == 0, "socketpair");
	endpoint_open_socket(&src, from[0], ENDPOINT_READ, -1, "from");
	endpoint_open_socket(&dst, to[0], ENDPOINT_WRITE, -1, "to");
	writer = from[1];
	reader = to[1];
	need(copy_init(&copy) == 0, "copy_init");
}

static void
end(void)
{
	copy_free(&copy);
	close(src.fd);
	close(dst.fd);
	if (writer != -1)
		close(writer);
	if (reader != -1)
		close(reader);
}

static void
put(const char *text)
{
	need(write(writer, text, strlen(text)) == (ssize_t)strlen(text),
	    "write");
}

/* Bytes that are known by their place. */
static void
fill_block(void)
{
	size_t i;

	for (i = 0; i < sizeof(block); i++)
		block[i] = (char)(i * 7 + i / 251);
}

/* Whether one turn has this result and moves so many bytes. */
static bool
takes(enum io want, size_t want_moved)
{
	size_t moved = 77;

	return copy_take(&copy, &src, &moved) == want && moved == want_moved;
}

static bool
gives(enum io want, size_t want_moved)
{
	size_t moved = 77;

	return copy_give(&copy, &dst, &moved) == want && moved == want_moved;
}

static bool
comes(const char *want)
{
	char data[100];
	ssize_t got = recv(reader, data, sizeof(data), MSG_DONTWAIT);

	if (got == -1)
		return *want == '\0';
	return got == (ssize_t)strlen(want) &&
	    memcmp(data, want, strlen(want)) == 0;
}

static void
test_moves(void)
{
	begin();
	ok(copy.data != NULL && copy_pending(&copy) == 0,
	    "a new buffer is empty");
	ok(takes(IO_AGAIN, 0) && copy_pending(&copy) == 0,
	    "nothing is there yet");
	put("hello");
	ok(takes(IO_MOVED, 5) && copy_pending(&copy) == 5 && comes(""),
	    "what is there is taken, and not given yet");
	ok(gives(IO_MOVED, 5) && copy_pending(&copy) == 0 && comes("hello"),
	    "then it is given");
	put("a");
	ok(takes(IO_MOVED, 1) && gives(IO_MOVED, 1) && comes("a"),
	    "the buffer is used from its start again");
	put("last");
	close(writer);
	writer = -1;
	ok(takes(IO_MOVED, 4) && gives(IO_MOVED, 4) && comes("last"),
	    "what came before the end is moved");
	ok(takes(IO_END, 0) && copy_pending(&copy) == 0, "then comes the end");
	end();
}

static void
test_free(void)
{
	need(copy_init(&copy) == 0, "copy_init");
	copy_free(&copy);
	ok(copy.data == NULL, "a freed buffer is none");
	copy_free(&copy);
	ok(copy.data == NULL, "and may be freed again");
}

static void
test_failures(void)
{
	int directory = open("/", O_RDONLY | O_CLOEXEC);

	begin();
	put("lost");
	close(reader);
	reader = -1;
	ok(takes(IO_MOVED, 4) && gives(IO_FAILED, 0) && dst.error == EPIPE &&
	    copy_pending(&copy) == 4, "a lost reader is EPIPE, and takes none");
	end();

	begin();
	need(directory != -1, "open");
	close(src.fd);
	endpoint_open_inherited(&src, directory, ENDPOINT_READ, false, "from");
	ok(takes(IO_FAILED, 0) && src.error == EISDIR &&
	    copy_pending(&copy) == 0, "what cannot be read is an error");
	end();
}

/* A reader with little room: it takes parts, and waits between them. */
static void
test_parts(void)
{
	static char got[COPY_SIZE + 1];
	size_t got_size = 0, pending, moved;
	unsigned int parts = 0, waits = 0;
	int small = 4096;
	bool good = true;
	enum io result;
	ssize_t size;

	begin();
	need(setsockopt(dst.fd, SOL_SOCKET, SO_SNDBUF, &small,
	    sizeof(small)) == 0, "SO_SNDBUF");
	fcntl(writer, F_SETFL, O_NONBLOCK);
	size = write(writer, block, sizeof(block));
	need(size > COPY_SIZE, "write");
	ok(takes(IO_MOVED, COPY_SIZE), "at most a buffer is taken");
	while (copy_pending(&copy) > 0 && good) {
		pending = copy_pending(&copy);
		result = copy_give(&copy, &dst, &moved);
		good = copy_pending(&copy) == pending - moved &&
		    (result == IO_MOVED ? moved > 0 :
		    result == IO_AGAIN && moved == 0);
		parts += result == IO_MOVED;
		waits += result == IO_AGAIN;
		if (result == IO_MOVED)
			continue;
		size = recv(reader, got + got_size, 1000, MSG_DONTWAIT);
		got_size += size > 0 ? (size_t)size : 0;
	}
	ok(good && parts > 1 && waits > 0,
	    "a full reader waits, and takes parts when it can");
	while ((size = recv(reader, got + got_size, sizeof(got) - got_size,
	    MSG_DONTWAIT)) > 0)
		got_size += (size_t)size;
	is_mem(got, got_size, block, COPY_SIZE, "it gets all of it in order");
	end();
}

/* --- descriptors -------------------------------------------------------- */

static void
begin_apart(void)
{
	begin();
	ancillary_init(&ancillary);
	src.ancillary = &ancillary;
}

static void
end_apart(void)
{
	if (ancillary.count > 0)
		ancillary_refuse(&ancillary, REFUSAL_TOLD);
	end();
}

/* Send size bytes of data with a descriptor. */
static void
put_with_fd(const char *data, size_t size)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} room = { .space = { 0 } };
	struct iovec iov = { (void *)data, size };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room.space,
		.msg_controllen = sizeof(room.space),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &writer, sizeof(int));
	need(sendmsg(writer, &message, 0) == (ssize_t)size, "sendmsg");
}

/* Whether a turn takes text, with count descriptors behind ahead bytes. */
static bool
takes_apart(const char *text, unsigned int count, size_t ahead)
{
	size_t moved = 77;
	bool good = copy_take_apart(&copy, &src, &moved) == IO_MOVED &&
	    moved == strlen(text) && copy_pending(&copy) == moved &&
	    memcmp(copy.data, text, moved) == 0 && ancillary.count == count &&
	    (count == 0 || ancillary.bytes_before_fds == ahead);

	if (!good)
		printf("# moved %zu, count %u, before %zu\n", moved,
		    ancillary.count, ancillary.bytes_before_fds);
	if (count > 0)
		ancillary_refuse(&ancillary, REFUSAL_TOLD);
	return good && copy_give(&copy, &dst, &moved) == IO_MOVED &&
	    comes(text);
}

static void
test_apart(void)
{
	size_t moved = 77;

	begin_apart();
	ok(copy_take_apart(&copy, &src, &moved) == IO_AGAIN && moved == 0,
	    "nothing has come yet, with or without descriptors");
	put("plain");
	ok(takes_apart("plain", 0, 0), "bytes without any are taken as ever");
	put_with_fd("first", 5);
	ok(takes_apart("first", 1, 0), "a set comes with its first byte");
	put("12");
	put_with_fd("345", 3);
	put("67");
	ok(takes_apart("12345", 1, 2), "one behind other bytes is placed");
	ok(takes_apart("67", 0, 0), "and those behind its own come alone");
	put_with_fd("a", 1);
	put_with_fd("bc", 2);
	ok(takes_apart("a", 1, 0) && takes_apart("bc", 1, 0),
	    "two sets come one after the other");
	ok(!src.ignore_peek, "what announces a set is believed");
	put("last");
	close(writer);
	writer = -1;
	ok(takes_apart("last", 0, 0) &&
	    copy_take_apart(&copy, &src, &moved) == IO_END && moved == 0,
	    "then comes the end");
	end_apart();
}

/* Whether want comes, and count descriptors with it, which are closed. */
static bool
comes_with(const char *want, int count)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(4 * sizeof(int))];
	} room;
	char data[100];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room.space,
		.msg_controllen = sizeof(room.space),
	};
	ssize_t got = recvmsg(reader, &message, MSG_DONTWAIT);
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int fd;

	if (header != NULL) {
		if (header->cmsg_len != CMSG_LEN(sizeof(int)))
			return false;
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
		close(fd);
	}
	return got == (ssize_t)strlen(want) &&
	    memcmp(data, want, strlen(want)) == 0 &&
	    count == (header != NULL);
}

/* What is taken apart is given apart: a set goes with its own byte. */
static void
test_give_apart(void)
{
	size_t moved;

	begin_apart();
	dst.ancillary = &ancillary;
	put("12");
	put_with_fd("345", 3);
	need(copy_take_apart(&copy, &src, &moved) == IO_MOVED && moved == 5 &&
	    ancillary.count == 1, "copy_take_apart");
	ok(gives(IO_MOVED, 2) && comes_with("12", 0) && ancillary.count == 1,
	    "the bytes before a set are given without it");
	ok(gives(IO_MOVED, 3) && comes_with("345", 1) && ancillary.count == 0,
	    "the others with it");
	put("6");
	need(copy_take_apart(&copy, &src, &moved) == IO_MOVED, "more");
	ok(gives(IO_MOVED, 1) && comes_with("6", 0) && ancillary.came == 1 &&
	    ancillary.refused == 0, "and no others");
	end_apart();
}

/* Behind so many bytes that they are not all looked for in one turn. */
static void
test_far(void)
{
	size_t moved, sum = 0;
	bool good = true;
	int turns = 0;

	begin_apart();
	need(write(writer, block, 5000) == 5000, "write");
	put_with_fd(block + 5000, 10);
	while (good && ancillary.count == 0 && turns < 20) {
		good = copy_take_apart(&copy, &src, &moved) == IO_MOVED &&
		    memcmp(copy.data, block + sum, moved) == 0;
		sum += moved;
		turns++;
		copy.start = copy.end;
	}
	ok(good && turns > 1, "others have a turn before a far set");
	ok(sum == 5010 && ancillary.count == 1 &&
	    sum - moved + ancillary.bytes_before_fds == 5000,
	    "it is with its own byte all the same");
	end_apart();
}

/* Credentials are announced in the same way. */
static void
test_credentials(void)
{
#ifdef SO_PASSCRED
	int on = 1;

	begin_apart();
	need(setsockopt(src.fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0,
	    "SO_PASSCRED");
	put("hello");
	ok(takes_apart("hello", 0, 0) && src.ignore_peek,
	    "what announces no set is not believed again");
	put("more");
	ok(takes_apart("more", 0, 0), "and the bytes come all the same");
	end_apart();
#else
	skip("what announces no set is not believed again", "no SO_PASSCRED");
#endif
}

/* Without memory: 0 if that was told right. */
static int
open_without_memory(void *argument)
{
	struct copy none;

	(void)argument;
	use_up_memory();
	return copy_init(&none) == -1 && errno == ENOMEM &&
	    none.data == NULL && copy_pending(&none) == 0 ? 0 : 1;
}

int
main(void)
{
	static const char no_memory[] = "a buffer without memory is ENOMEM";

	signal(SIGPIPE, SIG_IGN);
	alarm(60);
	fill_block();
	test_moves();
	test_free();
	test_failures();
	test_parts();
	test_apart();
	test_give_apart();
	test_far();
	test_credentials();
	if (can_limit_memory())
		is_int(run_child(open_without_memory, NULL), 0, no_memory);
	else
		elsewhere(no_memory, "memory tool");
	return done_testing();
}
