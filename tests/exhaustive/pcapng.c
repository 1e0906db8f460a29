/* SPDX-License-Identifier: MIT */
/*
 * Captures: blocks with fields of every length, since what can be wrong is
 * their padding; and every row of a few events of a stream, as a connection of
 * TCP whose packets must be whole, in sequence and acknowledged, and give back
 * the bytes.  A reader that follows the specifications is the model.
 */
#include "config.h"

#include "trace/pcapng.h"
#include "every.h"
#include "held.h"
#include "pcapng.h"

#define OUTPUT_MAX 8000		/* bytes of a block */

/* --- blocks -------------------------------------------------------------- */

static char field[OUTPUT_MAX];	/* of which each field is a beginning */
static char memory[3 * OUTPUT_MAX];

/* What is behind data in a block: options, or else. */
struct rest {
	const char *data;
	size_t size;
};

static bool
takes_option(struct rest *rest, size_t code, const void *value, size_t size)
{
	struct pcapng_option option;

	return pcapng_take_option(&rest->data, &rest->size, &option) &&
	    option.code == code &&
	    every_is(option.value, option.size, value, size);
}

static bool
takes_end(struct rest *rest)
{
	struct pcapng_option option;

	return !pcapng_take_option(&rest->data, &rest->size, &option) &&
	    rest->size == 0;
}

/* The one block in line, of this type: what is behind its first bytes. */
static struct rest
read_block(const struct textbuf *line, uint32_t type, size_t fixed)
{
	const char *data = line->data;
	size_t size = line->used;
	struct pcapng_block block;

	every_runs++;
	if (line->cut || !pcapng_take_block(&data, &size, &block) ||
	    size > 0 || block.type != type || block.size < fixed)
		return (struct rest){ line->data, 0 };
	return (struct rest){ block.body + fixed, block.size - fixed };
}

/* A string of so many bytes, for the names. */
static const char *
name_of(size_t size)
{
	static char name[OUTPUT_MAX + 1];

	memset(name, 'n', size);
	name[size] = '\0';
	return name;
}

static bool
is_section(size_t comment_size, size_t name_size)
{
	struct textbuf line = textbuf_in(memory, sizeof(memory));
	struct textbuf comment = textbuf_in(field, sizeof(field));
	struct rest rest;

	comment.used = comment_size;
	pcapng_put_section(&line, name_of(name_size), &comment);
	rest = read_block(&line, 0x0a0d0d0a, 16);
	return takes_option(&rest, 1, field, comment_size) &&
	    takes_option(&rest, 4, name_of(name_size), name_size) &&
	    takes_end(&rest);
}

static bool
is_interface(size_t name_size, size_t snaplen)
{
	struct textbuf line = textbuf_in(memory, sizeof(memory));
	const char nine = 9;
	struct rest rest;

	pcapng_put_interface(&line, name_of(name_size), (uint32_t)snaplen);
	rest = read_block(&line, 1, 8);
	return pcapng_read32(line.data + 12) == snaplen &&
	    takes_option(&rest, 2, name_of(name_size), name_size) &&
	    takes_option(&rest, 9, &nine, 1) && takes_end(&rest);
}

/* comment_size 0 is none. */
static bool
is_packet(size_t captured, size_t comment_size)
{
	struct textbuf line = textbuf_in(memory, sizeof(memory));
	struct textbuf comment = textbuf_in(field, sizeof(field));
	const struct pcapng_packet packet = {
		.time = INT64_C(0x123456789abcdef), .captured = captured,
		.original = captured + 9, .direction = PCAPNG_OUTBOUND,
		.comment = comment_size == 0 ? NULL : &comment,
	};
	const uint32_t flags = PCAPNG_OUTBOUND;
	struct rest rest;
	size_t start, padded;

	comment.used = comment_size;
	start = pcapng_begin_packet(&line, &packet);
	textbuf_put(&line, field, captured);
	pcapng_end_packet(&line, &packet, start);
	rest = read_block(&line, 6, 20);
	padded = pcapng_padded(rest.data, captured, rest.size);
	if (padded < captured ||
	    !every_is(rest.data, captured, field, captured))
		return false;
	rest.data += padded;
	rest.size -= padded;
	return pcapng_read32(line.data + 12) == 0x01234567 &&
	    pcapng_read32(line.data + 16) == 0x89abcdef &&
	    pcapng_read32(line.data + 20) == captured &&
	    pcapng_read32(line.data + 24) == captured + 9 &&
	    (comment_size == 0 ||
	    takes_option(&rest, 1, field, comment_size)) &&
	    takes_option(&rest, 2, &flags, 4) && takes_end(&rest);
}

static bool
is_statistics(size_t start, size_t packets)
{
	struct textbuf line = textbuf_in(memory, sizeof(memory));
	const struct pcapng_counts counts = {
		.start = (int64_t)start << 30, .end = (int64_t)start << 34,
		.packets = packets
	};
	const uint64_t received = packets, dropped = 0;
	uint32_t times[2][2];
	struct rest rest;

	times[0][0] = (uint32_t)(start >> 2);
	times[0][1] = (uint32_t)start << 30;
	times[1][0] = (uint32_t)((uint64_t)start << 34 >> 32);
	times[1][1] = 0;
	pcapng_put_statistics(&line, counts.end, &counts);
	rest = read_block(&line, 5, 12);
	return takes_option(&rest, 2, times[0], 8) &&
	    takes_option(&rest, 3, times[1], 8) &&
	    takes_option(&rest, 4, &received, 8) &&
	    takes_option(&rest, 5, &dropped, 8) && takes_end(&rest);
}

/* A block with each two lengths up to a bound. */
static void
test_block(bool (*is_right)(size_t, size_t), size_t most, const char *name)
{
	size_t end = every_length(20, most);
	size_t one, other;
	uint64_t count = 0;
	bool good = true;

	for (one = 0; one <= end && good; one++)
		for (other = 0; other <= end && good; other++, count++)
			good = is_right(one, other);
	if (!good) {
		printf("# lengths %zu and %zu\n", one - 1, other - 1);
		every_show("block", memory, 64);
	}
	every_report(good, name, count);
}

/* --- a connection -------------------------------------------------------- */

static struct held held;

/* What a side has sent, as a reader of the capture sees it. */
struct end {
	uint32_t next;		/* number of the byte to come */
	char data[200];
	size_t size;
	bool has_ended;		/* FIN or RST was seen */
};

struct connection {
	struct end ends[2];	/* of standard input, and of the command */
	bool is_open;		/* both SYN were seen */
	bool is_reset;
	size_t packets;
	const char *fault;
};

static size_t
read_be(const char *data, size_t size)
{
	size_t number = 0;

	while (size-- > 0)
		number = number << 8 | (unsigned char)*data++;
	return number;
}

/* RFC 1071: 0 if the sum of size bytes and seed is right. */
static size_t
checksum(const char *data, size_t size, size_t seed)
{
	size_t i;

	for (i = 0; i < size; i++)
		seed += (size_t)(unsigned char)data[i] << (i % 2 == 0 ? 8 : 0);
	while (seed > 0xffff)
		seed = (seed & 0xffff) + (seed >> 16);
	return ~seed & 0xffff;
}

/* A packet of TCP, size bytes at tcp, from one of the ends. */
static const char *
take_segment(struct connection *connection, size_t from, const char *tcp,
    size_t size)
{
	struct end *end = &connection->ends[from];
	struct end *other = &connection->ends[!from];
	size_t header = (size_t)((unsigned char)tcp[12] >> 4) * 4;
	unsigned int flags = (unsigned char)tcp[13];
	size_t data_size = size - header;

	if (header < 20 || header > size)
		return "no header of TCP";
	if ((flags & 2) != 0) {			/* SYN */
		end->next = (uint32_t)read_be(tcp + 4, 4) + 1;
		connection->is_open = (flags & 16) != 0;
		return NULL;
	}
	if (!connection->is_open)
		return "a packet before the connection";
	if (read_be(tcp + 4, 4) != end->next)
		return "not in sequence";
	if ((flags & 16) == 0 || read_be(tcp + 8, 4) != other->next)
		return "does not acknowledge what came";
	if (data_size > 0 && end->has_ended)
		return "bytes after the end";
	memcpy(end->data + end->size, tcp + header, data_size);
	end->size += data_size;
	end->next += (uint32_t)data_size;
	if ((flags & 5) != 0) {			/* FIN or RST */
		if (end->has_ended || connection->is_reset)
			return "an end after the end";
		end->has_ended = true;
		end->next += flags & 1;
		connection->is_reset = (flags & 4) != 0;
	}
	return NULL;
}

/* A packet, size bytes at ip: RFC 791. */
static const char *
take_packet(struct connection *connection, const char *ip, size_t size)
{
	static const char addresses[2][4] = { "\x7f\0\0\1", "\x7f\0\0\2" };
	size_t from, protocol;

	if (size < 20 || ip[0] != 0x45 || read_be(ip + 2, 2) != size ||
	    checksum(ip, 20, 0) != 0)
		return "no header of IP";
	protocol = (unsigned char)ip[9];
	if (protocol == 253)
		return size == 20 ? NULL : "a comment with bytes";
	from = memcmp(ip + 12, addresses[0], 4) == 0 ? 0 : 1;
	if (memcmp(ip + 12, addresses[from], 4) != 0 ||
	    memcmp(ip + 16, addresses[!from], 4) != 0)
		return "wrong addresses";
	if (protocol != 6 || size < 40)
		return "neither TCP nor a comment";
	if (checksum(ip + 20, size - 20, read_be(ip + 12, 2) +
	    read_be(ip + 14, 2) + read_be(ip + 16, 2) + read_be(ip + 18, 2) +
	    protocol + size - 20) != 0)
		return "a wrong checksum of TCP";
	return take_segment(connection, from, ip + 20, size - 20);
}

/* The options of a packet: perhaps a comment, the flags, the end. */
static const char *
check_options(struct rest rest)
{
	struct pcapng_option option;
	bool has_flags = false;

	while (pcapng_take_option(&rest.data, &rest.size, &option))
		if (option.code == 2)
			has_flags = option.size == 4;
		else if (option.code != 1)
			return "an unknown option";
	return rest.size > 0 || !has_flags ? "wrong options" : NULL;
}

static void
read_capture(struct connection *connection)
{
	const char *data = held.sink.record.data;
	size_t size = held.sink.record.used;
	struct pcapng_block block = { .body = NULL };
	size_t captured, padded;

	*connection = (struct connection){ .packets = 0 };
	while (connection->fault == NULL &&
	    pcapng_take_block(&data, &size, &block)) {
		if (block.type != 6)
			continue;
		connection->packets++;
		captured = pcapng_read32(block.body + 12);
		padded = pcapng_padded(block.body + 20, captured,
		    block.size - 20);
		if (block.size < 20 || padded < captured) {
			connection->fault = "wrong padding";
			break;
		}
		connection->fault = check_options((struct rest){
		    block.body + 20 + padded, block.size - 20 - padded });
		if (connection->fault == NULL)
			connection->fault = take_packet(connection,
			    block.body + 20, captured);
	}
	if (connection->fault == NULL && (size > 0 || block.body == NULL))
		connection->fault = "no block";
	/* The last one has the number of packets: section 4.6, isb_ifrecv. */
	if (connection->fault == NULL &&
	    pcapng_read64(block.body + 40) != connection->packets)
		connection->fault = "another number of packets";
}

/* What the events say was sent. */
struct said {
	char data[2][200];
	size_t size[2];
	bool has_ended[2];
	bool is_over;		/* the command has exited */
};

/*
 * One event, by its letter; in large letters it is from the command.  False if
 * it cannot come now.
 */
static bool
send_event(struct said *said, char letter)
{
	static const char texts[2][8] = { "request", "answer" };
	static const struct stats stats = { .duration = 1 };
	const struct trace_event over = {
		.kind = TRACE_EXIT, .stats = &stats
	};
	size_t from = letter < 'a';
	enum trace_direction direction = from == 0 ? TRACE_TO_COMMAND :
	    TRACE_FROM_COMMAND;
	size_t size = strlen(texts[from]) - said->size[from] % 3;

	if (said->is_over || (said->has_ended[from] &&
	    strchr("deDE", letter) != NULL))
		return false;
	switch (letter) {
	case 'd':
	case 'D':
		held_data(&held, direction, texts[from], size,
		    said->size[from]);
		memcpy(said->data[from] + said->size[from], texts[from], size);
		said->size[from] += size;
		break;
	case 'e':
	case 'E':
		held_event(&held, TRACE_EOF, direction);
		said->has_ended[from] = true;
		break;
	case 'r':
	case 'R':
		held_event(&held, TRACE_RESET, direction);
		break;
	case 'g':
		held_event(&held, TRACE_GONE, TRACE_FROM_COMMAND);
		break;
	case 'x':
		held.sink.format->event(&held.sink, &over);
		said->is_over = true;
		break;
	}
	return true;
}

static bool
check_connection(const char *letters, size_t size)
{
	struct said said = { .size = { 0, 0 } };
	struct connection connection;
	size_t i;

	free(held.sink.state);
	held_clear(&held);
	need(held.sink.format->start(&held.sink) == 0, "start");
	held_event(&held, TRACE_START, TRACE_NEITHER);
	for (i = 0; i < size; i++)
		if (!send_event(&said, letters[i]))
			return true;
	held.sink.format->finish(&held.sink);
	every_runs++;
	read_capture(&connection);
	for (i = 0; i < 2 && connection.fault == NULL; i++)
		if (!every_is(connection.ends[i].data, connection.ends[i].size,
		    said.data[i], said.size[i]))
			connection.fault = "other bytes";
		else if (said.has_ended[i] && !connection.ends[i].has_ended &&
		    !connection.is_reset)
			connection.fault = "an end is missing";
		else if (said.is_over && !connection.is_reset &&
		    !connection.ends[i].has_ended)
			connection.fault = "it is not closed";
	return connection.fault == NULL ||
	    every_found(connection.fault, connection.ends[0].data,
	    connection.ends[0].size, connection.ends[1].data,
	    connection.ends[1].size);
}

int
main(int argc, char **argv)
{
	static const struct part events[] = {
		PART("d"), PART("D"), PART("e"), PART("E"), PART("r"),
		PART("R"), PART("g"), PART("x"),
	};
	static const struct texts of_events = { events, COUNT(events), 3, 7 };
	size_t i;

	every_begin(argc, argv);
	/* No 0, which is padding. */
	for (i = 0; i < sizeof(field); i++)
		field[i] = (char)(1 + i % 255);
	test_block(is_section, 1200, "every section");
	test_block(is_interface, 1200, "every interface");
	test_block(is_packet, 1200, "every packet");
	test_block(is_statistics, 1200, "all statistics");
	held_open(&held, FORMAT_PCAPNG);
	every("every row of events is a connection", &of_events,
	    check_connection);
	held_close(&held);
	return done_testing();
}
