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
#include <strings.h>

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

/* Stray bytes: the first of text, at most 64. */
static inline void
model_text(unsigned int number, size_t at, const char *text, size_t size,
    FILE *log)
{
	fprintf(log, "%u!%zu ", number, at);
	fwrite(text, 1, size < 64 ? size : 64, log);
	fputc('|', log);
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
	bool is_wrong = true;
	size_t digits = 0;
	size_t at;

	while (digits < size && strchr("0123456789", p[digits]) != NULL &&
	    p[digits] != '\0')
		digits++;
	at = digits;
	if (digits > 1 && *p == '0') {
		at = 1;
	} else if (digits >= most && memcmp(p, greatest, most) > 0) {
		at = most - 1;
	} else if (digits > most) {
		at = most;
	} else if (digits == size) {
		fprintf(log, "%u/0 of 0|", number);
		return 0;
	} else {
		is_wrong = digits == 0 || p[digits] != ':';
	}
	if (is_wrong) {
		model_text(number, (size_t)(p - start), p, at + 1, log);
		return 0;
	}
	*length = strtoull(p, NULL, 10);
	return digits + 1;
}

/*
 * One line of a header: whether it is a field, and of which length.  Returns
 * how many bytes it takes.
 */
struct model_field {
	size_t size;		/* with its end; 0: it has none */
	bool is_empty;
	bool is_field;
	bool is_content;	/* its name begins with "Content-" */
	bool is_length;
	bool has_number;
	uint64_t number;
};

static inline struct model_field
model_field(const char *p, size_t size)
{
	static const char tokens[] = "!#$%&'*+-.^_`|~0123456789"
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	struct model_field field = { .size = 0 };
	size_t end = 0, name = 0, i;
	uint64_t number = 0, next;
	bool fits = true;
	size_t digits = 0;

	while (end < size && p[end] != '\n')
		end++;
	if (end == size)
		return field;
	field.size = end + 1;
	if (end > 0 && p[end - 1] == '\r')
		end--;
	field.is_empty = end == 0;
	while (name < end && p[name] != '\0' &&
	    strchr(tokens, p[name]) != NULL)
		name++;
	field.is_field = name > 0 && name < end && p[name] == ':';
	field.is_content = name >= 8 && strncasecmp(p, "content-", 8) == 0;
	field.is_length = field.is_field && name == 14 &&
	    strncasecmp(p, "content-length", 14) == 0;
	for (i = name + 1; i < end && (p[i] == ' ' || p[i] == '\t'); i++)
		;
	for (; i < end && p[i] >= '0' && p[i] <= '9'; i++, digits++) {
		next = number * 10 + (unsigned int)(p[i] - '0');
		fits = fits && next / 10 == number;
		number = next;
	}
	for (; i < end && (p[i] == ' ' || p[i] == '\t'); i++)
		;
	field.has_number = digits > 0 && i == end && fits;
	field.number = number;
	return field;
}

/* The bytes of the header at p; 0: it goes on after the end; -1: none. */
static inline long
model_header(const char *p, size_t size, uint64_t *length)
{
	bool has_length = false;
	struct model_field field;
	size_t at;

	for (at = 0; (field = model_field(p + at, size - at)).size > 0;
	    at += field.size) {
		if (at + field.size > 4096)
			return -1;
		if (field.is_empty)
			return has_length ? (long)(at + field.size) : -1;
		if (!field.is_field || (at == 0 && !field.is_content))
			return -1;
		if (!field.is_length)
			continue;
		if (!field.has_number ||
		    (has_length && field.number != *length))
			return -1;
		has_length = true;
		*length = field.number;
	}
	if (size >= 4096)
		return -1;
	return strncasecmp(p, "content-", size < 8 ? size : 8) == 0 ? 0 : -1;
}

/* The next line after p that may begin a message; or the end. */
static inline const char *
model_next_header(const char *p, const char *end)
{
	while (p < end) {
		while (p < end && *p != '\n')
			p++;
		if (p < end)
			p++;
		if (end - p >= 15 && strncasecmp(p, "content-length:", 15) == 0)
			return p;
	}
	return end;
}

/* Read a message with a header.  Returns where the next begins, or NULL. */
static inline const char *
model_lsp(size_t max, const char *start, const char *p, size_t size,
    unsigned int *number, FILE *log)
{
	uint64_t length = 0;
	long header = model_header(p, size, &length);
	size_t line = 0, shown;

	if (header == 0) {
		fprintf(log, "%u/0 of 0|", *number);
		return NULL;
	}
	if (header == -1) {
		while (line < size && p[line] != '\n')
			line++;
		shown = line;
		if (line > 0 && line < size && p[line - 1] == '\r')
			shown--;
		if (shown == 0)
			shown = line + 1;
		model_text((*number)--, (size_t)(p - start), p, shown, log);
		return model_next_header(p, p + size);
	}
	p += header;
	size -= (size_t)header;
	if (length > max) {
		fprintf(log, "%u>%" PRIu64 "|", *number, length);
		return length > size ? NULL : p + length;
	}
	if (length > size) {
		fprintf(log, "%u/%zu of %" PRIu64 "|", *number, size, length);
		return NULL;
	}
	fprintf(log, "%u=", *number);
	fwrite(p, 1, (size_t)length, log);
	fputc('|', log);
	return p + length;
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
		/* The beginning of one that is too large has been dropped. */
		if (length > max)
			model_text(number, (size_t)(p - start) +
			    (size_t)length, p + length, 1, log);
		else
			model_text(number, (size_t)(p - start) - header,
			    p - header, header + (size_t)length + 1, log);
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
		else if (framing == FRAMING_LSP)
			p = model_lsp(max, input, p, (size_t)(end - p), &number,
			    log);
		else
			p = model_sized(framing, max, input, p,
			    (size_t)(end - p), number, log);
	fputs("end", log);
}

#endif
