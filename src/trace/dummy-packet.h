/* SPDX-License-Identifier: MIT */
/*
 * Headers of packets that were never sent: those that a capture of the same
 * bytes on a network would have, for the tools that read captures.  Pure.
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
	uint32_t sequence;	/* TCP: of what it sends next */
};

struct dummy_packet {
	unsigned char header[PACKET_HEADER_MAX];	/* IPv4 and the next */
	size_t header_size;
};

/*
 * Make the headers of a packet from one end to another, with the checksums that
 * belong to size bytes of data.  data is not copied: it comes behind the header
 * in the capture.  A TCP packet has flags, acknowledges (if PACKET_ACK is among
 * them) all that came before the other's sequence, and does not advance that of
 * its own; size is at most PACKET_TCP_MAX, or PACKET_UDP_MAX.
 */
void dummy_packet_tcp(struct dummy_packet *packet,
    const struct packet_end *from, const struct packet_end *to,
    unsigned int flags, const void *data, size_t size);
void dummy_packet_udp(struct dummy_packet *packet,
    const struct packet_end *from, const struct packet_end *to,
    const void *data, size_t size);

/*
 * A packet without payload, for a comment: of IP protocol 253, which is for
 * experimentation and testing (RFC 3692, section 2.1), so no tool takes it for
 * part of the connection.
 */
void dummy_packet_empty(struct dummy_packet *packet,
    const struct packet_end *from, const struct packet_end *to);

/*
 * The sum of size bytes in data that RFC 1071 defines, as 16-bit numbers in
 * network order, not yet folded to 16 bits or complemented.
 */
uint64_t packet_sum(const void *data, size_t size);

/* sum folded to 16 bits and complemented. */
uint16_t packet_checksum(uint64_t sum);

#endif
