/* SPDX-License-Identifier: MIT */
/*
 * Headers of packets that were never sent, for tools that read captures: those
 * that the same bytes would have on a network.  Pure.
 */
#ifndef DUMMY_PACKET_H
#define DUMMY_PACKET_H

#include <stddef.h>
#include <stdint.h>

/* The most payload: IPv4's total length (RFC 791) is 16 bits. */
#define PACKET_TCP_MAX (65535 - 20 - 20)
#define PACKET_UDP_MAX (65535 - 20 - 8)

#define PACKET_HEADER_MAX 48	/* bytes: SYN has 8 of options */

/* TCP's control bits, RFC 9293, section 3.1. */
enum packet_flags {
	PACKET_FIN = 1,
	PACKET_SYN = 2,
	PACKET_RST = 4,
	PACKET_PSH = 8,
	PACKET_ACK = 16,
};

/* One end of the connection. */
struct packet_end {
	uint32_t address;	/* as a number: 127.0.0.1 is 0x7f000001 */
	uint16_t port;
	uint32_t sequence;	/* TCP: number of the next byte it sends */
};

struct dummy_packet {
	unsigned char header[PACKET_HEADER_MAX];	/* IPv4, TCP or UDP */
	size_t header_size;
};

/*
 * Make the headers of a packet from one end to another, with the checksums for
 * a payload of size bytes in data: at most PACKET_TCP_MAX or PACKET_UDP_MAX.
 * data is not copied: the caller puts it after the header in the capture.  A
 * TCP packet has flags; if PACKET_ACK is among them, it acknowledges all bytes
 * before to->sequence.  from->sequence is not advanced.
 */
void dummy_packet_tcp(struct dummy_packet *packet,
    const struct packet_end *from, const struct packet_end *to,
    unsigned int flags, const void *data, size_t size);
void dummy_packet_udp(struct dummy_packet *packet,
    const struct packet_end *from, const struct packet_end *to,
    const void *data, size_t size);

/*
 * Make the header of a packet without payload, to carry a comment.  Its IP
 * protocol is 253, for experimentation and testing (RFC 3692, section 2.1), so
 * that no tool takes it for a part of the connection.
 */
void dummy_packet_empty(struct dummy_packet *packet,
    const struct packet_end *from, const struct packet_end *to);

/*
 * The sum, as RFC 1071 defines it, of size bytes in data as 16-bit numbers in
 * network byte order; it has 16 bits and is not complemented.  Results may be
 * added.
 */
uint64_t packet_sum(const void *data, size_t size);

/* sum folded to 16 bits and complemented. */
uint16_t packet_checksum(uint64_t sum);

#endif
