/* SPDX-License-Identifier: MIT */
/*
 * A capture of a network that carried the same bytes, so that tools for
 * captures can follow, dissect and reassemble them.
 *
 * Theory of operation.  Standard input's side is 127.0.0.1, port 50000.  The
 * command's side is 127.0.0.2 with a port that the user can choose, since
 * dissectors are selected by port.  A stream is a TCP connection: SYN, SYN and
 * ACK, ACK at the start; one segment for each piece, or several if the piece is
 * too large; and a FIN at the end of each direction.  A reader that closed with
 * bytes unread ends its own direction with RST, as in TCP.  A sequence number
 * is 1 + the offset, modulo 2^32.  ACKs of the reader are inserted, or tools
 * would report a full window.
 *
 * A message is a UDP datagram.  An event without a packet of its own becomes a
 * comment on an empty packet of an experimental protocol: an empty UDP packet
 * would be a message, and an empty TCP packet a duplicate ACK.
 */
#include "config.h"

#include <stdlib.h>

#include "trace/describe.h"
#include "trace/dummy-packet.h"
#include "trace/pcapng.h"
#include "trace/sink.h"

#define ACK_EVERY (512 * 1024)	/* bytes: a 16th of dummy-packet.c's window */
#define INPUT_ADDRESS 0x7f000001	/* 127.0.0.1 */
#define INPUT_PORT 50000
#define COMMAND_ADDRESS 0x7f000002	/* 127.0.0.2 */

/* Bytes: more than a block takes in addition to its data. */
#define PACKET_ROOM (PCAPNG_COMMENT_MAX + 1024)

/* One side of the connection. */
struct side {
	struct packet_end end;
	size_t unacknowledged;	/* bytes that it sent without an ACK so far */
	bool ended;		/* it has sent FIN or RST */
	bool aborts;		/* it left bytes unread: ends with RST */
};

struct pcapng_state {
	struct side sides[2];	/* standard input or a peer, and the command */
	bool is_reset;		/* one has sent RST: no FIN or RST follows */
	struct pcapng_counts counts;
};

static struct side *
writer_of(struct sink *sink, const struct trace_event *event)
{
	struct pcapng_state *state = sink->state;

	return &state->sides[event->direction == TRACE_FROM_COMMAND];
}

static struct side *
reader_of(struct sink *sink, const struct trace_event *event)
{
	struct pcapng_state *state = sink->state;

	return &state->sides[event->direction != TRACE_FROM_COMMAND];
}

/* Bytes of the largest packet, for the interface; 0 if there is no limit. */
static uint32_t
packet_snaplen(const struct sink *sink)
{
	if (sink->options.snaplen >= UINT32_MAX - PACKET_HEADER_MAX)
		return 0;
	return (uint32_t)sink->options.snaplen + PACKET_HEADER_MAX;
}

int
pcapng_start(struct sink *sink)
{
	struct pcapng_state *state = calloc(1, sizeof(*state));
	char text[PCAPNG_COMMENT_MAX];
	struct textbuf command = textbuf_in(text, sizeof(text));

	if (state == NULL)
		return -1;
	sink->state = state;
	/* 1 follows SYN, which is not written if --events leaves out start. */
	state->sides[0].end = (struct packet_end){
		INPUT_ADDRESS, INPUT_PORT, 1
	};
	state->sides[1].end = (struct packet_end){
		COMMAND_ADDRESS, sink->options.port, 1
	};
	describe_command(&command, sink->run, true);
	textbuf_end(&command);
	pcapng_put_section(&sink->record, PACKAGE_STRING, &command);
	pcapng_put_interface(&sink->record, PACKAGE_NAME,
	    packet_snaplen(sink));
	return 0;
}

/*
 * Write a packet of the side from, with size bytes of data after its header;
 * the whole payload had original bytes.  comment may be NULL.  The first packet
 * is written together with the head of the file, which pcapng_start() has put
 * into the record.
 */
static void
put_packet(struct sink *sink, const struct trace_event *event,
    const struct side *from, const struct dummy_packet *packet,
    const void *data, size_t size, size_t original,
    const struct textbuf *comment)
{
	struct pcapng_state *state = sink->state;
	struct textbuf *line = &sink->record;
	size_t shown = sink_shown(sink, size);
	size_t start;
	struct pcapng_packet block = {
		.time = event->real,
		.captured = packet->header_size + shown,
		.original = packet->header_size + original,
		.direction = from == state->sides ? PCAPNG_OUTBOUND :
		    PCAPNG_INBOUND,
		.comment = comment,
	};

	if (state->counts.packets++ == 0)
		state->counts.start = event->real;
	state->counts.end = event->real;
	sink_reserve(sink, shown + PACKET_ROOM);
	start = pcapng_begin_packet(line, &block);
	textbuf_put(line, packet->header, packet->header_size);
	if (shown > 0)
		textbuf_put(line, data, shown);
	pcapng_end_packet(line, &block, start);
	sink_flush(sink);
}

/* Write a packet without payload, and count it in the sequence of its side. */
static void
put_control(struct sink *sink, const struct trace_event *event,
    struct side *from, struct side *to, unsigned int flags,
    const struct textbuf *comment)
{
	struct dummy_packet packet;

	dummy_packet_tcp(&packet, &from->end, &to->end, flags, NULL, 0);
	put_packet(sink, event, from, &packet, NULL, 0, 0, comment);
	if (flags & (PACKET_SYN | PACKET_FIN))
		from->end.sequence++;
	to->unacknowledged = 0;
}

/* Write an empty packet that carries comment. */
static void
put_comment(struct sink *sink, const struct trace_event *event,
    const struct textbuf *comment)
{
	const struct side *from = writer_of(sink, event);
	struct dummy_packet packet;

	dummy_packet_empty(&packet, &from->end, &reader_of(sink, event)->end);
	put_packet(sink, event, from, &packet, NULL, 0, 0, comment);
}

static void
connect_sides(struct sink *sink, const struct trace_event *event,
    const struct textbuf *comment)
{
	struct pcapng_state *state = sink->state;
	struct side *input = &state->sides[0];
	struct side *command = &state->sides[1];

	input->end.sequence = command->end.sequence = 0;
	put_control(sink, event, input, command, PACKET_SYN, comment);
	put_control(sink, event, command, input, PACKET_SYN | PACKET_ACK,
	    NULL);
	put_control(sink, event, input, command, PACKET_ACK, NULL);
}

static void
put_segment(struct sink *sink, const struct trace_event *event,
    struct side *from, struct side *to, const void *data, size_t size)
{
	struct dummy_packet packet;

	if (from->unacknowledged + size > ACK_EVERY)
		put_control(sink, event, to, from, PACKET_ACK, NULL);
	dummy_packet_tcp(&packet, &from->end, &to->end,
	    PACKET_PSH | PACKET_ACK, data, size);
	put_packet(sink, event, from, &packet, data, size, size, NULL);
	from->end.sequence += (uint32_t)size;
	from->unacknowledged += size;
	to->unacknowledged = 0;
}

static void
put_segments(struct sink *sink, const struct trace_event *event)
{
	struct side *from = writer_of(sink, event);
	const char *data = event->data;
	size_t left = event->size;
	size_t size;

	from->end.sequence = (uint32_t)(event->offset + 1);
	for (; left > 0; left -= size) {
		size = left < PACKET_TCP_MAX ? left : PACKET_TCP_MAX;
		put_segment(sink, event, from, reader_of(sink, event), data,
		    size);
		data += size;
	}
}

static void
put_datagram(struct sink *sink, const struct trace_event *event)
{
	const struct side *from = writer_of(sink, event);
	size_t size = event->size;
	char text[100];
	struct textbuf comment = textbuf_in(text, sizeof(text));
	struct dummy_packet packet;

	if (size > PACKET_UDP_MAX) {
		size = PACKET_UDP_MAX;
		textbuf_print(&comment, "a message of %zu B, cut to the %zu B "
		    "that a packet can have", event->size, size);
	}
	dummy_packet_udp(&packet, &from->end, &reader_of(sink, event)->end,
	    event->data, size);
	put_packet(sink, event, from, &packet, event->data, size, event->size,
	    comment.used > 0 ? &comment : NULL);
}

/* Write the FIN or RST of from, which sends no more. */
static void
end_side(struct sink *sink, const struct trace_event *event, struct side *from,
    struct side *to, const struct textbuf *comment)
{
	struct pcapng_state *state = sink->state;

	from->ended = true;
	put_control(sink, event, from, to,
	    (from->aborts ? PACKET_RST : PACKET_FIN) | PACKET_ACK, comment);
	state->is_reset = from->aborts;
	if (!state->is_reset)
		put_control(sink, event, to, from, PACKET_ACK, NULL);
}

/* Whether the packets are of TCP: a stream, whether or not it has messages. */
static bool
is_stream(const struct sink *sink)
{
	return !sink->run->messages || sink->run->wire != NULL;
}

/* Whether from has a TCP connection that it has not ended. */
static bool
can_end(struct sink *sink, const struct side *from)
{
	const struct pcapng_state *state = sink->state;

	return is_stream(sink) && !state->is_reset && !from->ended;
}

/*
 * End each side that has not ended: standard input if it was not read to its
 * end, and the command's output if its reader has gone.  If --events leaves out
 * the ends, we do not know which sides have ended.
 */
static void
end_rest(struct sink *sink, const struct trace_event *event)
{
	struct pcapng_state *state = sink->state;
	struct side *input = &state->sides[0];
	struct side *command = &state->sides[1];

	if (!(sink->options.events >> TRACE_EOF & 1))
		return;
	if (can_end(sink, input)) {
		input->aborts |= !command->ended;
		end_side(sink, event, input, command, NULL);
	}
	if (can_end(sink, command))
		end_side(sink, event, command, input, NULL);
}

static void
put_description(struct sink *sink, const struct trace_event *event)
{
	char text[PCAPNG_COMMENT_MAX];
	struct textbuf comment = textbuf_in(text, sizeof(text));
	struct side *from = writer_of(sink, event);

	textbuf_print(&comment, "%s ",
	    names_name(event_names, (int)event->kind));
	describe_event(&comment, event, sink->run, true);
	textbuf_end(&comment);
	if (event->kind == TRACE_START && is_stream(sink))
		connect_sides(sink, event, &comment);
	else if (event->kind == TRACE_EOF && can_end(sink, from))
		end_side(sink, event, from, reader_of(sink, event), &comment);
	else
		put_comment(sink, event, &comment);
}

void
pcapng_event(struct sink *sink, const struct trace_event *event)
{
	switch (event->kind) {
	case TRACE_DATA:
		put_segments(sink, event);
		return;
	case TRACE_MESSAGE:
		put_datagram(sink, event);
		return;
	case TRACE_RESET:
		reader_of(sink, event)->aborts = true;
		break;
	case TRACE_EXIT:
		/* If the command could not be run, there is nothing to end. */
		if (event->error == 0)
			end_rest(sink, event);
		break;
	default:
		break;
	}
	put_description(sink, event);
}

void
pcapng_finish(struct sink *sink)
{
	const struct pcapng_state *state = sink->state;

	pcapng_put_statistics(&sink->record, state->counts.end,
	    &state->counts);
	sink_flush(sink);
}
