/* SPDX-License-Identifier: MIT */
/*
 * Captures, read by a reader of our own that checks every block and every sum;
 * tests/trace/pcapng.sh has others' readers.
 */
#include "config.h"

#include "trace/dummy-packet.h"
#include "checksum.h"
#include "sinks.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* --- a reader ----------------------------------------------------------- */

struct reader {
	const unsigned char *data;
	size_t size;
	size_t place;		/* of the next block */
	int packets;
	/* The block that was read, if it is a packet's. */
	const unsigned char *packet;	/* its bytes */
	size_t captured;
	size_t original;
	uint64_t time;
	uint32_t flags;
	char comment[5000];
	uint32_t type;
};

static uint32_t
get32(const unsigned char *data)
{
	uint32_t value;

	memcpy(&value, data, sizeof(value));
	return value;
}

static uint16_t
get16(const unsigned char *data)
{
	uint16_t value;

	memcpy(&value, data, sizeof(value));
	return value;
}

/* Network order. */
static uint32_t
net32(const unsigned char *data)
{
	return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 |
	    (uint32_t)data[2] << 8 | data[3];
}

static uint16_t
net16(const unsigned char *data)
{
	return (uint16_t)(data[0] << 8 | data[1]);
}

/* Read the options up to end; false if they do not fit. */
static bool
read_options(struct reader *reader, const unsigned char *option,
    const unsigned char *end)
{
	size_t size;

	reader->comment[0] = '\0';
	reader->flags = 0;
	while (end - option >= 4) {
		size = get16(option + 2);
		if (get16(option) == 0)
			return size == 0 && option + 4 == end;
		if (size > (size_t)(end - option - 4))
			return false;
		if (get16(option) == 1 && size < sizeof(reader->comment)) {
			memcpy(reader->comment, option + 4, size);
			reader->comment[size] = '\0';
		}
		if (get16(option) == 2 && size == 4)
			reader->flags = get32(option + 4);
		option += 4 + (size + 3) / 4 * 4;
	}
	return false;
}

/* Read the next block; false at the end, or if it is broken. */
static bool
next_block(struct reader *reader)
{
	const unsigned char *block = reader->data + reader->place;
	uint32_t length;
	size_t options;

	if (reader->size - reader->place < 12)
		return false;
	reader->type = get32(block);
	length = get32(block + 4);
	if (length % 4 != 0 || length > reader->size - reader->place ||
	    get32(block + length - 4) != length)
		return false;
	reader->packet = NULL;
	options = reader->type == 0x0a0d0d0a ? 24 : reader->type == 1 ? 16 : 20;
	if (reader->type == 6) {
		reader->time = (uint64_t)get32(block + 12) << 32 |
		    get32(block + 16);
		reader->captured = get32(block + 20);
		reader->original = get32(block + 24);
		reader->packet = block + 28;
		options = 28 + (reader->captured + 3) / 4 * 4;
		reader->packets++;
	}
	if (!read_options(reader, block + options, block + length - 4))
		return false;
	reader->place += length;
	return true;
}

/* Whether the packet's checksums are those of its bytes, if all are there. */
static bool
has_right_sums(const struct reader *reader)
{
	static unsigned char all[12 + 65536];
	const unsigned char *ip = reader->packet;
	size_t size = net16(ip + 2);

	if (ip[0] != 0x45 || plain_checksum(ip, 20) != 0)
		return false;
	if (reader->captured < size || ip[9] == 253)
		return true;
	memcpy(all, ip + 12, 8);
	all[8] = 0;
	all[9] = ip[9];
	all[10] = (unsigned char)((size - 20) >> 8);
	all[11] = (unsigned char)(size - 20);
	memcpy(all + 12, ip + 20, size - 20);
	return plain_checksum(all, 12 + size - 20) == 0;
}

/* The next packet, whose sums are right; NULL after the last one. */
static const unsigned char *
next_packet(struct reader *reader)
{
	while (next_block(reader))
		if (reader->packet != NULL)
			return has_right_sums(reader) ? reader->packet : NULL;
	return NULL;
}

/* --- streams ------------------------------------------------------------ */

enum flags {
	FIN = PACKET_FIN, SYN = PACKET_SYN, RST = PACKET_RST,
	PSH = PACKET_PSH, ACK = PACKET_ACK,
};

/* What a packet should be. */
struct want {
	bool is_input;		/* it is from standard input's side */
	unsigned int flags;	/* TCP's; 0 for an empty packet */
	uint32_t sequence;
	uint32_t acknowledged;
	size_t size;		/* of the payload */
	const char *comment;	/* how it begins */
};

static bool
is_wanted(struct reader *reader, const struct want *want)
{
	const unsigned char *ip = next_packet(reader);
	const unsigned char *tcp;
	bool from_input;

	if (ip == NULL)
		return false;
	from_input = net32(ip + 12) == 0x7f000001;
	if (from_input != want->is_input || net32(ip + 12) + net32(ip + 16) !=
	    0x7f000001u + 0x7f000002u || reader->flags !=
	    (want->is_input ? 2 : 1) || strncmp(reader->comment, want->comment,
	    strlen(want->comment)) != 0)
		return false;
	if (want->flags == 0)
		return ip[9] == 253 && net16(ip + 2) == 20;
	tcp = ip + 20;
	return ip[9] == 6 && tcp[13] == want->flags &&
	    net16(tcp) == (from_input ? 50000 : 50001) &&
	    net16(tcp + 2) == (from_input ? 50001 : 50000) &&
	    net32(tcp + 4) == want->sequence &&
	    (!(want->flags & ACK) || net32(tcp + 8) == want->acknowledged) &&
	    net16(ip + 2) == 20u + (tcp[12] >> 4) * 4u + want->size &&
	    reader->captured == net16(ip + 2);
}

static void
is_capture(struct sinks *sinks, const struct want *wants, size_t count,
    const char *name)
{
	struct reader reader;
	char title[100];
	size_t i;

	sinks_close(sinks);
	reader = (struct reader){
		.data = (const unsigned char *)sinks->content,
		.size = sinks->size,
	};
	for (i = 0; i < count; i++)
		if (!is_wanted(&reader, &wants[i]))
			break;
	snprintf(title, sizeof(title), "%s: packet %zu of %zu", name, i,
	    count);
	ok(i == count, title);
	snprintf(title, sizeof(title), "%s: and there are no more", name);
	ok(i == count && next_packet(&reader) == NULL && reader.type == 5 &&
	    reader.place == reader.size, title);
	sinks_free(sinks);
}

static void
begin(struct sinks *sinks)
{
	sinks_init(sinks, "pcapng");
	sinks_open(sinks);
	sinks_begin(sinks);
}

#define HANDSHAKE \
	{ true, SYN, 0, 0, 0, "start 4242: cat 'a b'  (stream, fd 0,1; " \
	    "> to it, < from it)" }, \
	{ false, SYN | ACK, 0, 1, 0, "" }, \
	{ true, ACK, 1, 1, 0, "" }

static const struct want simple[] = {
	HANDSHAKE,
	{ true, PSH | ACK, 1, 1, 5, "" },
	{ false, PSH | ACK, 1, 6, 3, "" },
	{ false, PSH | ACK, 4, 6, 2, "" },
	{ true, 0, 0, 0, 0, "signal TERM" },
	{ true, FIN | ACK, 6, 6, 0, "eof end of standard input" },
	{ false, ACK, 6, 7, 0, "" },
	{ false, FIN | ACK, 6, 7, 0, "eof end of the command's output" },
	{ true, ACK, 7, 7, 0, "" },
	{ true, 0, 0, 0, 0, "exit status 0" },
};

static void
test_simple(void)
{
	struct trace_event passed_on = {
		.kind = TRACE_SIGNAL, .signal = SIGTERM,
	};
	struct sinks sinks;

	begin(&sinks);
	sinks_data(&sinks, TRACE_TO_COMMAND, "hello", 5);
	sinks_data(&sinks, TRACE_FROM_COMMAND, "wor", 3);
	sinks_data(&sinks, TRACE_FROM_COMMAND, "ld", 2);
	trace_event(&sinks.trace, &passed_on);
	sinks_event(&sinks, TRACE_EOF, TRACE_TO_COMMAND);
	sinks_event(&sinks, TRACE_EOF, TRACE_FROM_COMMAND);
	sinks_exit(&sinks, 0);
	is_capture(&sinks, simple, COUNT(simple), "a stream");
}

/* The command exits with input unread; its own end is a reset. */
static const struct want reset[] = {
	HANDSHAKE,
	{ true, PSH | ACK, 1, 1, 5, "" },
	{ true, 0, 0, 0, 0, "reset the command left bytes unread" },
	{ false, PSH | ACK, 1, 6, 2, "" },
	{ false, RST | ACK, 3, 6, 0, "eof" },
	{ true, PSH | ACK, 6, 3, 1, "" },
	{ true, 0, 0, 0, 0, "eof" },
	{ true, 0, 0, 0, 0, "exit" },
};

/* The reader of standard output leaves, and the input ends with the command. */
static const struct want gone[] = {
	HANDSHAKE,
	{ false, PSH | ACK, 1, 1, 5, "" },
	{ false, 0, 0, 0, 0, "gone" },
	{ true, RST | ACK, 1, 6, 0, "" },
	{ true, 0, 0, 0, 0, "exit signal PIPE" },
};

/* The command exits, and nobody waits for the rest of the input. */
static const struct want abandoned[] = {
	HANDSHAKE,
	{ false, FIN | ACK, 1, 1, 0, "eof" },
	{ true, ACK, 1, 2, 0, "" },
	{ true, FIN | ACK, 1, 2, 0, "" },
	{ false, ACK, 2, 2, 0, "" },
	{ true, 0, 0, 0, 0, "exit status 0" },
};

static void
test_ends(void)
{
	struct sinks sinks;

	begin(&sinks);
	sinks_data(&sinks, TRACE_TO_COMMAND, "hello", 5);
	sinks_event(&sinks, TRACE_RESET, TRACE_TO_COMMAND);
	sinks_data(&sinks, TRACE_FROM_COMMAND, "ab", 2);
	sinks_event(&sinks, TRACE_EOF, TRACE_FROM_COMMAND);
	sinks_data(&sinks, TRACE_TO_COMMAND, "!", 1);
	sinks_event(&sinks, TRACE_EOF, TRACE_TO_COMMAND);
	sinks_exit(&sinks, 0);
	is_capture(&sinks, reset, COUNT(reset), "a reset");
	begin(&sinks);
	sinks_data(&sinks, TRACE_FROM_COMMAND, "hello", 5);
	sinks_event(&sinks, TRACE_GONE, TRACE_FROM_COMMAND);
	sinks_exit(&sinks, SIGPIPE);
	is_capture(&sinks, gone, COUNT(gone), "a reader that goes");
	begin(&sinks);
	sinks_event(&sinks, TRACE_EOF, TRACE_FROM_COMMAND);
	sinks_exit(&sinks, 0);
	is_capture(&sinks, abandoned, COUNT(abandoned), "an early exit");
}

/* Of a trace that shows neither the start nor the ends. */
static const struct want only_data[] = {
	{ true, PSH | ACK, 1, 1, 5, "" },
	{ false, PSH | ACK, 1, 6, 2, "" },
	{ true, 0, 0, 0, 0, "exit status 0" },
};

static void
test_only_data(void)
{
	struct sinks sinks;

	sinks_init(&sinks, "pcapng");
	sinks.options.events = 1u << TRACE_MESSAGE | 1u << TRACE_EXIT;
	sinks_open(&sinks);
	sinks_begin(&sinks);
	sinks_data(&sinks, TRACE_TO_COMMAND, "hello", 5);
	sinks_event(&sinks, TRACE_RESET, TRACE_TO_COMMAND);
	sinks_data(&sinks, TRACE_FROM_COMMAND, "ab", 2);
	sinks_event(&sinks, TRACE_EOF, TRACE_TO_COMMAND);
	sinks_exit(&sinks, 0);
	is_capture(&sinks, only_data, COUNT(only_data),
	    "events that were chosen, data by the name of messages");
}

static const struct want large[] = {
	HANDSHAKE,
	{ true, PSH | ACK, 1, 1, 65495, "" },
	{ true, PSH | ACK, 65496, 1, 65495, "" },
	{ true, PSH | ACK, 130991, 1, 10, "" },
	/* Beyond 4 GiB: modulo 2^32. */
	{ false, PSH | ACK, 4294967290, 131001, 6, "" },
	{ false, PSH | ACK, 0, 131001, 6, "" },
	{ true, PSH | ACK, 131001, 6, 1, "" },
	{ false, PSH | ACK, 705032705, 131002, 1, "" },
};

static void
test_large(void)
{
	static char data[2 * 65495 + 10];
	struct sinks sinks;

	begin(&sinks);
	sinks_data(&sinks, TRACE_TO_COMMAND, data, sizeof(data));
	sinks.from_command = UINT64_C(4294967289);
	sinks_data(&sinks, TRACE_FROM_COMMAND, "123456", 6);
	sinks_data(&sinks, TRACE_FROM_COMMAND, "123456", 6);
	sinks_data(&sinks, TRACE_TO_COMMAND, "1", 1);
	sinks.from_command = UINT64_C(5000000000);
	sinks_data(&sinks, TRACE_FROM_COMMAND, "1", 1);
	is_capture(&sinks, large, COUNT(large), "large pieces and offsets");
}

/* A window would fill if its reader were never heard. */
static void
test_acknowledged(void)
{
	static char data[65495];
	struct sinks sinks;
	struct reader reader;
	const unsigned char *ip;
	uint32_t sent = 0;
	uint32_t acknowledged = 0;
	uint32_t greatest = 0;
	int i;

	begin(&sinks);
	for (i = 0; i < 100; i++)
		sinks_data(&sinks, TRACE_FROM_COMMAND, data, sizeof(data));
	sinks_close(&sinks);
	reader = (struct reader){
		.data = (const unsigned char *)sinks.content,
		.size = sinks.size,
	};
	while ((ip = next_packet(&reader)) != NULL) {
		if (net32(ip + 12) == 0x7f000001)
			acknowledged = net32(ip + 28);
		else
			sent = net32(ip + 24) + net16(ip + 2) - 40;
		if (sent - acknowledged > greatest &&
		    reader.packets > 3)
			greatest = sent - acknowledged;
	}
	ok(sent == 100 * 65495 + 1 && greatest < 600000 && greatest > 400000,
	    "never is more than half a megabyte unacknowledged");
	sinks_free(&sinks);
}

/* --- messages, limits, sections ------------------------------------------ */

struct datagram {
	size_t size;		/* of the message */
	size_t snaplen;
	size_t captured;	/* bytes in the file, headers included */
	size_t total;		/* IP's total length */
	size_t original;
	bool comment;
	const char *name;
};

static const struct datagram datagrams[] = {
	{ 0, SIZE_MAX, 28, 28, 28, false, "an empty message" },
	{ 5, SIZE_MAX, 33, 33, 33, false, "a small message" },
	{ 65507, SIZE_MAX, 65535, 65535, 65535, false, "the largest packet" },
	{ 65508, SIZE_MAX, 65535, 65535, 65536, true, "a larger message" },
	{ 4194304, SIZE_MAX, 65535, 65535, 4194332, true, "four megabytes" },
	{ 1000, 10, 38, 1028, 1028, false, "a part of a message" },
	{ 1000, 0, 28, 1028, 1028, false, "no part of a message" },
	{ 4194304, 10, 38, 65535, 4194332, true, "a part of a large one" },
};

static void
test_datagram(const struct datagram *datagram)
{
	char *data = calloc(1, datagram->size + 1);
	struct sinks sinks;
	struct reader reader;
	const unsigned char *ip;
	const unsigned char *udp;

	need(data != NULL, "calloc");
	sinks_init(&sinks, "pcapng");
	sinks.run.messages = true;
	sinks.options.snaplen = datagram->snaplen;
	sinks.options.port = 80;
	sinks_open(&sinks);
	sinks_begin(&sinks);
	sinks_data(&sinks, TRACE_FROM_COMMAND, data, datagram->size);
	sinks_close(&sinks);
	reader = (struct reader){
		.data = (const unsigned char *)sinks.content,
		.size = sinks.size,
	};
	ip = next_packet(&reader);
	ok(ip != NULL && ip[9] == 253, "messages have no handshake");
	ip = next_packet(&reader);
	udp = ip + 20;
	ok(ip != NULL && ip[9] == 17 && net16(ip + 2) == datagram->total &&
	    net16(udp) == 80 && net16(udp + 2) == 50000 &&
	    net16(udp + 4) == datagram->total - 20 && net16(udp + 6) != 0 &&
	    reader.captured == datagram->captured &&
	    reader.original == datagram->original &&
	    (reader.comment[0] != '\0') == datagram->comment, datagram->name);
	sinks_free(&sinks);
	free(data);
}

/* Messages in a stream: the stream is shown, not the messages. */
static void
test_wire(void)
{
	struct trace_event piece = {
		.kind = TRACE_DATA, .direction = TRACE_FROM_COMMAND,
		.data = "2:ab,", .size = 5, .is_wire = true,
	};
	const unsigned char *ip = NULL;
	struct reader reader;
	struct sinks sinks;
	int i;

	sinks_init(&sinks, "pcapng");
	sinks.run.messages = true;
	sinks.run.wire = "netstring";
	sinks_open(&sinks);
	sinks_begin(&sinks);
	trace_event(&sinks.trace, &piece);
	sinks_data(&sinks, TRACE_FROM_COMMAND, "ab", 2);
	sinks_event(&sinks, TRACE_EOF, TRACE_FROM_COMMAND);
	sinks_close(&sinks);
	reader = (struct reader){
		.data = (const unsigned char *)sinks.content,
		.size = sinks.size,
	};
	for (i = 0; i < 4; i++)
		ip = next_packet(&reader);
	ok(ip != NULL && ip[9] == 6 && ip[33] == (PSH | ACK) &&
	    memcmp(ip + 40, "2:ab,", 5) == 0,
	    "a piece of a stream with messages is TCP");
	ip = next_packet(&reader);
	ok(ip != NULL && ip[9] == 6 && ip[33] == (FIN | ACK),
	    "then comes its end, and no message");
	sinks_free(&sinks);
}

/* What the interface says of its packets, for a snaplen that was chosen. */
static void
test_interface(size_t snaplen, uint32_t want)
{
	struct sinks sinks;
	struct reader reader;
	const unsigned char *block;
	char title[80];

	sinks_init(&sinks, "pcapng");
	sinks.options.snaplen = snaplen;
	sinks_open(&sinks);
	sinks_begin(&sinks);
	sinks_close(&sinks);
	reader = (struct reader){
		.data = (const unsigned char *)sinks.content,
		.size = sinks.size,
	};
	need(next_block(&reader), "a section");
	block = reader.data + reader.place;
	need(next_block(&reader) && reader.type == 1, "an interface");
	/* tcpdump.org/linktypes.html: LINKTYPE_RAW, an IP packet. */
	is_int(get16(block + 8), 101, "a packet begins with IP");
	snprintf(title, sizeof(title), "with %zu bytes shown of each piece",
	    snaplen);
	is_int(get32(block + 12), want, title);
	sinks_free(&sinks);
}

static void
test_sections(void)
{
	struct sinks sinks;
	struct reader reader;
	int sections = 0;
	int statistics = 0;

	begin(&sinks);
	sinks_exit(&sinks, 0);
	trace_finish(&sinks.trace);
	sinks.options.append = true;
	need(trace_open_file(&sinks.trace, sinks.path, &sinks.options) == 0,
	    "open");
	sinks_begin(&sinks);
	sinks_close(&sinks);
	reader = (struct reader){
		.data = (const unsigned char *)sinks.content,
		.size = sinks.size,
	};
	while (next_block(&reader)) {
		sections += reader.type == 0x0a0d0d0a;
		statistics += reader.type == 5;
	}
	ok(sections == 2 && statistics == 2 && reader.place == reader.size,
	    "a file that is added to has a section more");
	sinks_free(&sinks);
}

static void
test_times(void)
{
	struct sinks sinks;
	struct reader reader;

	sinks_init(&sinks, "pcapng");
	sinks_now = 123456789;
	sinks_open(&sinks);
	sinks_begin(&sinks);
	sinks_close(&sinks);
	reader = (struct reader){
		.data = (const unsigned char *)sinks.content,
		.size = sinks.size,
	};
	ok(next_packet(&reader) != NULL && reader.time ==
	    (uint64_t)SINKS_REAL + 123456789, "times are in nanoseconds");
	sinks_free(&sinks);
}

/* A command line that no comment has room for. */
static void
test_long_command(void)
{
	static char word[200000];
	struct sinks sinks;
	struct reader reader;

	memset(word, '\1', sizeof(word) - 1);
	sinks_init(&sinks, "pcapng");
	sinks.command[1] = word;
	sinks_open(&sinks);
	sinks_begin(&sinks);
	sinks_close(&sinks);
	reader = (struct reader){
		.data = (const unsigned char *)sinks.content,
		.size = sinks.size,
	};
	ok(next_block(&reader) && strlen(reader.comment) <= 4096 &&
	    strcmp(reader.comment + strlen(reader.comment) - 3, "...") == 0,
	    "a long command is cut in the section's comment");
	ok(next_packet(&reader) != NULL && strlen(reader.comment) <= 4096 &&
	    strcmp(reader.comment + strlen(reader.comment) - 3, "...") == 0,
	    "and in the packet's");
	sinks_free(&sinks);
}

int
main(void)
{
	size_t i;

	test_simple();
	test_ends();
	test_only_data();
	test_large();
	test_acknowledged();
	for (i = 0; i < COUNT(datagrams); i++)
		test_datagram(&datagrams[i]);
	test_wire();
	test_interface(SIZE_MAX, 0);
	test_interface(10, 10 + PACKET_HEADER_MAX);
	/* The field has 32 bits, and 0 means that there is no limit. */
	test_interface((size_t)UINT32_MAX - PACKET_HEADER_MAX - 1,
	    UINT32_MAX - 1);
	test_interface((size_t)UINT32_MAX - PACKET_HEADER_MAX, 0);
	test_interface(UINT32_MAX, 0);
	test_sections();
	test_times();
	test_long_command();
	return done_testing();
}
