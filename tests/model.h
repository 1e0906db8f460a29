/* SPDX-License-Identifier: MIT */
/*
 * A model of the decoder: it writes the log that feed.h must write for the same
 * input.  The model gets the whole input at once, shares no code with src/plan,
 * and is simple and slow.  For unit tests and fuzz targets.
 */
#ifndef MODEL_H
#define MODEL_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/framing.h"

static inline const char *
model_line(char terminator, size_t max, const char *p, size_t size,
    unsigned int number, FILE *log)
{
	size_t length = 0;

	while (length < size && p[length] != terminator)
		length++;
	if (length > max) {
		fprintf(log, "%u>%zu|", number, length);
	} else {
		fprintf(log, "%u=", number);
		fwrite(p, 1, length, log);
		fputc('|', log);
	}
	return p + length + (length < size);
}

/*
 * The length in front of a netstring: the result is its size, 0 if it is cut
 * off or wrong.
 */
static inline size_t
model_netstring_length(const char *start, const char *p, size_t size,
    unsigned int number, uint64_t *length, FILE *log)
{
	static const char greatest[] = "18446744073709551615";
	const size_t most = sizeof(greatest) - 1;
	const char *wanted = NULL;
	size_t digits = 0;
	size_t at;

	while (digits < size && strchr("0123456789", p[digits]) != NULL &&
	    p[digits] != '\0')
		digits++;
	at = digits;
	if (digits > 1 && *p == '0') {
		at = 1;
		wanted = "a colon";
	} else if (digits >= most && memcmp(p, greatest, most) > 0) {
		at = most - 1;
		wanted = "a colon";
	} else if (digits > most) {
		at = most;
		wanted = "a colon";
	} else if (digits == size) {
		fprintf(log, "%u/0 of 0|", number);
		return 0;
	} else if (digits == 0) {
		wanted = "a digit";
	} else if (p[digits] != ':') {
		wanted = "a colon";
	}
	if (wanted != NULL) {
		fprintf(log, "%u!%zu %s|", number, (size_t)(p - start) + at,
		    wanted);
		return 0;
	}
	*length = strtoull(p, NULL, 10);
	return digits + 1;
}

static inline size_t
model_length(enum framing framing, const char *p, size_t size,
    unsigned int number, uint64_t *length, FILE *log)
{
	const unsigned char *byte = (const unsigned char *)p;
	bool is_short = framing == FRAMING_U16 || framing == FRAMING_U16LE;

	if (size < (is_short ? 2 : 4)) {
		fprintf(log, "%u/0 of 0|", number);
		return 0;
	}
	if (framing == FRAMING_U16)
		*length = byte[0] * 256U + byte[1];
	else if (framing == FRAMING_U16LE)
		*length = byte[1] * 256U + byte[0];
	else if (framing == FRAMING_U32)
		*length = byte[0] * UINT64_C(16777216) + byte[1] * 65536U +
		    byte[2] * 256U + byte[3];
	else
		*length = byte[3] * UINT64_C(16777216) + byte[2] * 65536U +
		    byte[1] * 256U + byte[0];
	return is_short ? 2 : 4;
}

/* One with its size in front: where the next one is, or NULL. */
static inline const char *
model_sized(enum framing framing, size_t max, const char *start,
    const char *p, size_t size, unsigned int number, FILE *log)
{
	size_t trailer = framing == FRAMING_NETSTRING ? 1 : 0;
	uint64_t length = 0;
	size_t header;

	header = framing == FRAMING_NETSTRING ?
	    model_netstring_length(start, p, size, number, &length, log) :
	    model_length(framing, p, size, number, &length, log);
	if (header == 0)
		return NULL;
	p += header;
	size -= header;
	if (length > max)
		fprintf(log, "%u>%" PRIu64 "|", number, length);
	if (length > size || size - length < trailer) {
		if (length <= max)
			fprintf(log, "%u/%zu of %" PRIu64 "|", number, size,
			    length);
		return NULL;
	}
	if (trailer > 0 && p[length] != ',') {
		fprintf(log, "%u!%zu a comma|", number,
		    (size_t)(p - start) + (size_t)length);
		return NULL;
	}
	if (length <= max) {
		fprintf(log, "%u=", number);
		fwrite(p, 1, (size_t)length, log);
		fputc('|', log);
	}
	return p + length + trailer;
}

/*
 * What a decoder of framing, not FRAMING_RAW, must make of input, size bytes,
 * as feed_input() writes it down.
 */
static inline void
model(enum framing framing, size_t max, const char *input, size_t size,
    FILE *log)
{
	const char *end = input + size;
	const char *p = input;
	unsigned int number;

	for (number = 1; p != NULL && p != end; number++)
		if (framing == FRAMING_LINE || framing == FRAMING_NULL)
			p = model_line(framing == FRAMING_LINE ? '\n' : '\0',
			    max, p, (size_t)(end - p), number, log);
		else
			p = model_sized(framing, max, input, p,
			    (size_t)(end - p), number, log);
	fputs("end", log);
}

#endif
