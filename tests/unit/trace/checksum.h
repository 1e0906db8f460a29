/* SPDX-License-Identifier: MIT */
/* The checksum of IP, plainly: to compare what captures have with it. */
#ifndef CHECKSUM_H
#define CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* RFC 1071, section 4.1, on 16-bit words in network order. */
static inline uint16_t
plain_checksum(const unsigned char *data, size_t size)
{
	uint32_t sum = 0;

	for (; size > 1; size -= 2, data += 2) {
		sum += (uint32_t)(data[0] << 8 | data[1]);
		sum = (sum & 0xffff) + (sum >> 16);
	}
	if (size == 1)
		sum += (uint32_t)(data[0] << 8);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

#endif
