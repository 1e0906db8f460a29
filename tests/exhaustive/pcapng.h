/* SPDX-License-Identifier: MIT */
/*
 * A reader of the pcapng files that we write, by the letter of
 * draft-ietf-opsawg-pcapng: blocks, their options, and the padding of both.
 */
#ifndef PCAPNG_READER_H
#define PCAPNG_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* One block. */
struct pcapng_block {
	uint32_t type;
	const char *body;	/* what stands between the two lengths, */
	size_t size;		/* and its size */
};

struct pcapng_option {
	size_t code;
	const char *value;
	size_t size;
};

static inline uint32_t
pcapng_read32(const char *data)
{
	uint32_t number;

	memcpy(&number, data, sizeof(number));
	return number;
}

static inline uint64_t
pcapng_read64(const char *data)
{
	uint64_t number;

	memcpy(&number, data, sizeof(number));
	return number;
}

static inline size_t
pcapng_read16(const char *data)
{
	uint16_t number;

	memcpy(&number, data, sizeof(number));
	return number;
}

/* How many bytes a field takes with its padding, which is 0; or 0. */
static inline size_t
pcapng_padded(const char *data, size_t size, size_t room)
{
	size_t padded = size;

	if (size > room)
		return 0;
	while (padded % 4 != 0)
		if (padded == room || data[padded++] != 0)
			return 0;
	return padded;
}

/* Take the block at *data.  False if there is no whole and right one. */
static inline bool
pcapng_take_block(const char **data, size_t *size, struct pcapng_block *block)
{
	size_t length;

	if (*size < 12)
		return false;
	block->type = pcapng_read32(*data);
	length = pcapng_read32(*data + 4);
	if (length % 4 != 0 || length < 12 || length > *size ||
	    pcapng_read32(*data + length - 4) != length)
		return false;
	block->body = *data + 8;
	block->size = length - 12;
	*data += length;
	*size -= length;
	return true;
}

/*
 * Take the option at *data.  False at the end of the options, with *size 0, or
 * if there is no right one.
 */
static inline bool
pcapng_take_option(const char **data, size_t *size,
    struct pcapng_option *option)
{
	size_t padded;

	if (*size < 4)
		return false;
	option->code = pcapng_read16(*data);
	option->size = pcapng_read16(*data + 2);
	option->value = *data + 4;
	if (option->code == 0) {
		*size -= option->size == 0 ? 4 : 0;
		return false;
	}
	padded = pcapng_padded(*data + 4, option->size, *size - 4);
	if (padded < option->size)
		return false;
	*data += 4 + padded;
	*size -= 4 + padded;
	return true;
}

#endif
