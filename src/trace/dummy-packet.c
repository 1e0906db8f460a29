/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>

#include "trace/dummy-packet.h"

#define IP_SIZE 20		/* bytes: RFC 791, section 3.1, no options */
#define TCP_SIZE 20		/* RFC 9293, section 3.1, no options */
#define UDP_SIZE 8		/* RFC 768 */

enum protocol { PROTOCOL_TCP = 6, PROTOCOL_UDP = 17, PROTOCOL_TEST = 253 };

/* Store value in network byte order. */
static void
store16(unsigned char *to, size_t value)
{
	to[0] = (unsigned char)(value >> 8);
	to[1] = (unsigned char)value;
}

static void
store32(unsigned char *to, uint32_t value)
{
	store16(to, value >> 16);
	store16(to + 2, value & 0xffff);
}

static uint64_t
fold_sum(uint64_t sum)
{
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/*
 * Words of any width may be added in the machine's own byte order; the sum is
 * folded and swapped at the end: RFC 1071, section 2 (B) and (C).  A 64-bit sum
 * holds the carries of 2^32 words, more than a packet has.
 */
uint64_t
packet_sum(const void *data, size_t size)
{
	const unsigned char *bytes = data;
	unsigned char swapped[2];
	uint64_t sums[4] = { 0 };
	uint64_t sum;
	uint32_t words[4];
	uint32_t last;
	uint16_t native;

	for (; size >= sizeof(words); size -= sizeof(words)) {
		memcpy(words, bytes, sizeof(words));
		sums[0] += words[0];
		sums[1] += words[1];
		sums[2] += words[2];
		sums[3] += words[3];
		bytes += sizeof(words);
	}
	sum = sums[0] + sums[1] + sums[2] + sums[3];
	while (size > 0) {
		last = 0;
		memcpy(&last, bytes, size < 4 ? size : 4);
		sum += last;
		bytes += size < 4 ? size : 4;
		size -= size < 4 ? size : 4;
	}
	native = (uint16_t)fold_sum(sum);
	memcpy(swapped, &native, sizeof(swapped));
	return (uint64_t)swapped[0] << 8 | swapped[1];
}

uint16_t
packet_checksum(uint64_t sum)
{
	return (uint16_t)~fold_sum(sum);
}

/*
 * RFC 791, section 3.1.  The packet must not be fragmented, so it needs no
 * identification.
 */
static void
make_ip(struct dummy_packet *packet, const struct packet_end *from,
    const struct packet_end *to, enum protocol protocol, size_t size)
{
	unsigned char *ip = packet->header;

	memset(packet, 0, sizeof(*packet));
	ip[0] = 4 << 4 | IP_SIZE / 4;
	store16(ip + 2, IP_SIZE + size);
	store16(ip + 6, 0x4000);
	ip[8] = 64;		/* time to live: RFC 1700 */
	ip[9] = (unsigned char)protocol;
	store32(ip + 12, from->address);
	store32(ip + 16, to->address);
	store16(ip + 10, packet_checksum(packet_sum(ip, IP_SIZE)));
	packet->header_size = IP_SIZE;
}

/*
 * The checksum of the TCP or UDP header (header_size bytes after the IP
 * header), the payload, and the pseudo-header of RFC 9293, section 3.1, and
 * RFC 768.
 */
static uint16_t
transport_checksum(const struct dummy_packet *packet, size_t header_size,
    const void *data, size_t size)
{
	const unsigned char *ip = packet->header;

	return packet_checksum(packet_sum(ip + 12, 8) + ip[9] + header_size +
	    size + packet_sum(ip + IP_SIZE, header_size) +
	    packet_sum(data, size));
}

/*
 * The options of a SYN: the maximum segment size, and a window scale that makes
 * a window of 65535 * 2^7 bytes (RFC 9293, section 3.2; RFC 7323, section 2).
 */
static const unsigned char syn_options[] = {
	2, 4, PACKET_TCP_MAX >> 8, PACKET_TCP_MAX & 0xff, 1, 3, 3, 7
};

void
dummy_packet_tcp(struct dummy_packet *packet, const struct packet_end *from,
    const struct packet_end *to, unsigned int flags, const void *data,
    size_t size)
{
	unsigned char *tcp = packet->header + IP_SIZE;
	size_t options = flags & PACKET_SYN ? sizeof(syn_options) : 0;
	size_t header_size = TCP_SIZE + options;

	make_ip(packet, from, to, PROTOCOL_TCP, header_size + size);
	store16(tcp, from->port);
	store16(tcp + 2, to->port);
	store32(tcp + 4, from->sequence);
	if (flags & PACKET_ACK)
		store32(tcp + 8, to->sequence);
	tcp[12] = (unsigned char)(header_size / 4 << 4);
	tcp[13] = (unsigned char)flags;
	store16(tcp + 14, 65535);
	memcpy(tcp + TCP_SIZE, syn_options, options);
	store16(tcp + 16, transport_checksum(packet, header_size, data, size));
	packet->header_size += header_size;
}

void
dummy_packet_udp(struct dummy_packet *packet, const struct packet_end *from,
    const struct packet_end *to, const void *data, size_t size)
{
	unsigned char *udp = packet->header + IP_SIZE;
	uint16_t checksum;

	make_ip(packet, from, to, PROTOCOL_UDP, UDP_SIZE + size);
	store16(udp, from->port);
	store16(udp + 2, to->port);
	store16(udp + 4, UDP_SIZE + size);
	checksum = transport_checksum(packet, UDP_SIZE, data, size);
	/* 0 would mean that there is no checksum. */
	store16(udp + 6, checksum == 0 ? 0xffff : checksum);
	packet->header_size += UDP_SIZE;
}

void
dummy_packet_empty(struct dummy_packet *packet, const struct packet_end *from,
    const struct packet_end *to)
{
	make_ip(packet, from, to, PROTOCOL_TEST, 0);
}
