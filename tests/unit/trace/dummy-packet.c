/* SPDX-License-Identifier: MIT */
/* The headers of packets, byte by byte, and every checksum. */
#include "config.h"

#include "trace/dummy-packet.h"
#include "checksum.h"
#include "tap.h"

static const struct packet_end from = { 0x7f000001, 50000, 0x12345678 };
static const struct packet_end to = { 0x7f000002, 80, 0x9abcdef0 };

static void
test_checksum(void)
{
	/* RFC 1071, section 3. */
	static const unsigned char example[] = {
		0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7
	};
	static unsigned char data[70000];
	bool same = true;
	size_t size;
	size_t i;

	is_int((uint16_t)~packet_checksum(packet_sum(example, 8)), 0xddf2,
	    "the sum of the RFC's example");
	is_int(packet_checksum(packet_sum(example, 0)), 0xffff,
	    "the sum of nothing");
	for (i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 7 + i / 251);
	for (size = 0; size < 100; size++)
		for (i = 0; i < 9; i++)
			same = same && plain_checksum(data + i, size) ==
			    packet_checksum(packet_sum(data + i, size));
	ok(same, "all sizes, at all places");
	is_int(packet_checksum(packet_sum(data, 65535)),
	    plain_checksum(data, 65535), "the largest packet");
	memset(data, 0xff, sizeof(data));
	is_int(packet_checksum(packet_sum(data, 65535)),
	    plain_checksum(data, 65535), "with the greatest sum");
}

static uint16_t
net16(const unsigned char *data)
{
	return (uint16_t)(data[0] << 8 | data[1]);
}

/*
 * Whether packet, with size bytes of data behind it, has the length that it
 * says, and the sums of it all: RFC 791; RFC 9293 and 768 with a pseudo-header.
 */
static bool
has_right_sums(const struct dummy_packet *packet, const void *data, size_t size)
{
	static unsigned char all[12 + 65535];
	const unsigned char *ip = packet->header;
	size_t rest = packet->header_size - 20 + size;

	if (net16(ip + 2) != 20 + rest || plain_checksum(ip, 20) != 0)
		return false;
	if (ip[9] == 253)
		return rest == 0;
	memcpy(all, ip + 12, 8);
	all[8] = 0;
	all[9] = ip[9];
	all[10] = (unsigned char)(rest >> 8);
	all[11] = (unsigned char)rest;
	memcpy(all + 12, ip + 20, packet->header_size - 20);
	if (size > 0)
		memcpy(all + 12 + packet->header_size - 20, data, size);
	return plain_checksum(all, 12 + rest) == 0;
}

/*
 * The packet has the bytes want in front of size bytes of data.  Its sums stand
 * at 10 and at transport, unless that is 0, as 0 in want.
 */
static void
is_packet(struct dummy_packet *packet, const unsigned char *want,
    size_t want_size, size_t transport, const void *data, size_t size,
    const char *name)
{
	char title[100];

	snprintf(title, sizeof(title), "%s has its sums", name);
	ok(has_right_sums(packet, data, size), title);
	memset(packet->header + 10, 0, 2);
	if (transport != 0)
		memset(packet->header + transport, 0, 2);
	is_mem(packet->header, packet->header_size, want, want_size, name);
}

/* RFC 791, section 3.1: not to be fragmented, 64 hops. */
#define IP(size, protocol) \
	0x45, 0, 0, size, 0, 0, 0x40, 0, 64, protocol, 0, 0, \
	127, 0, 0, 1, 127, 0, 0, 2

static void
test_tcp(void)
{
	/* RFC 9293, section 3.1. */
	static const unsigned char plain[] = {
		IP(40 + 5, 6),
		50000 >> 8, 50000 & 0xff, 0, 80, 0x12, 0x34, 0x56, 0x78,
		0x9a, 0xbc, 0xde, 0xf0, 5 << 4, 0x18, 0xff, 0xff, 0, 0, 0, 0
	};
	static const unsigned char reset[] = {
		IP(40, 6),
		50000 >> 8, 50000 & 0xff, 0, 80, 0x12, 0x34, 0x56, 0x78,
		0, 0, 0, 0, 5 << 4, 0x04, 0xff, 0xff, 0, 0, 0, 0
	};
	/* A SYN offers a segment of 65495 bytes, and a scale of 7. */
	static const unsigned char syn[] = {
		IP(48, 6),
		50000 >> 8, 50000 & 0xff, 0, 80, 0x12, 0x34, 0x56, 0x78,
		0, 0, 0, 0, 7 << 4, 0x02, 0xff, 0xff, 0, 0, 0, 0,
		2, 4, 65495 >> 8, 65495 & 0xff, 1, 3, 3, 7
	};
	struct dummy_packet packet;

	dummy_packet_tcp(&packet, &from, &to, PACKET_PSH | PACKET_ACK,
	    "hello", 5);
	is_packet(&packet, plain, sizeof(plain), 36, "hello", 5, "a segment");
	dummy_packet_tcp(&packet, &from, &to, PACKET_RST, NULL, 0);
	is_packet(&packet, reset, sizeof(reset), 36, NULL, 0,
	    "one that acknowledges nothing");
	dummy_packet_tcp(&packet, &from, &to, PACKET_SYN, NULL, 0);
	is_packet(&packet, syn, sizeof(syn), 36, NULL, 0,
	    "the first of a connection");
	is_int((long long)sizeof(syn), PACKET_HEADER_MAX,
	    "none has a longer header");
}

static void
test_udp(void)
{
	/* RFC 768. */
	static const unsigned char want[] = {
		IP(28 + 5, 17),
		50000 >> 8, 50000 & 0xff, 0, 80, 0, 8 + 5, 0, 0
	};
	struct dummy_packet packet;

	dummy_packet_udp(&packet, &from, &to, "hello", 5);
	is_packet(&packet, want, sizeof(want), 26, "hello", 5, "a datagram");
	dummy_packet_udp(&packet, &from, &to, NULL, 0);
	ok(has_right_sums(&packet, NULL, 0) && packet.header_size == 28,
	    "an empty one has them, too");
}

static void
test_empty(void)
{
	static const unsigned char want[] = { IP(20, 253) };
	struct dummy_packet packet;

	dummy_packet_empty(&packet, &from, &to);
	is_packet(&packet, want, sizeof(want), 0, NULL, 0,
	    "a packet of no protocol");
}

/* With as much data as there may be: the length just fits its 16 bits. */
static void
test_largest(void)
{
	static unsigned char data[65535];
	struct dummy_packet packet;
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 7 + i / 251);
	dummy_packet_tcp(&packet, &from, &to, PACKET_ACK, data, PACKET_TCP_MAX);
	ok(net16(packet.header + 2) == 65535 &&
	    has_right_sums(&packet, data, PACKET_TCP_MAX),
	    "the largest segment has its sums");
	dummy_packet_udp(&packet, &from, &to, data, PACKET_UDP_MAX);
	ok(net16(packet.header + 2) == 65535 &&
	    has_right_sums(&packet, data, PACKET_UDP_MAX),
	    "so has the largest datagram");
}

/* RFC 768: a sum of 0 is sent as 0xffff, since 0 says that there is none. */
static void
test_zero_checksum(void)
{
	unsigned char data[2] = { 0, 0 };
	struct dummy_packet packet;

	dummy_packet_udp(&packet, &from, &to, data, 2);
	memcpy(data, packet.header + 26, 2);
	dummy_packet_udp(&packet, &from, &to, data, 2);
	ok(packet.header[26] == 0xff && packet.header[27] == 0xff,
	    "a sum of 0 is not taken for none");
}

int
main(void)
{
	test_checksum();
	test_tcp();
	test_udp();
	test_empty();
	test_largest();
	test_zero_checksum();
	return done_testing();
}
