/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "plan/lsp.h"

#define LENGTH_NAME "Content-Length"
#define LENGTH_FIELD LENGTH_NAME ":"
#define FAMILY "Content-"	/* the beginning of the first field: lsp.h */

/* One line of a header, without what ends it. */
struct line {
	const char *text;
	size_t size;
	size_t used;		/* bytes, with what ends it */
};

/* Whether data, as far as it goes, begins with text.  Case is ignored. */
static bool
begins_with(const char *data, size_t size, const char *text)
{
	size_t length = strlen(text);

	return strncasecmp(data, text, size < length ? size : length) == 0;
}

bool
lsp_may_begin(const char *data, size_t size)
{
	return begins_with(data, size, FAMILY);
}

/* The line at data; false if its end is not among its size bytes. */
static bool
find_line(const char *data, size_t size, struct line *line)
{
	const char *end = size == 0 ? NULL : memchr(data, '\n', size);

	if (end == NULL)
		return false;
	line->text = data;
	line->size = (size_t)(end - data);
	line->used = line->size + 1;
	if (line->size > 0 && end[-1] == '\r')
		line->size--;
	return true;
}

/* Whether byte may stand in the name of a field: RFC 9110, 5.6.2, tchar. */
static bool
is_name_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	    (byte >= '0' && byte <= '9') ||
	    (byte != '\0' && strchr("!#$%&'*+-.^_`|~", byte) != NULL);
}

/* The bytes of the name in front of the line's colon; 0 if it has no name. */
static size_t
name_size(const struct line *line)
{
	size_t i = 0;

	while (i < line->size && is_name_byte(line->text[i]))
		i++;
	return i < line->size && line->text[i] == ':' ? i : 0;
}

static bool
is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* Read the number in text, between blanks; false if it is not a number. */
static bool
read_length(const char *text, size_t size, uint64_t *length)
{
	uint64_t sum = 0;
	uint64_t digit;
	size_t i = 0;

	while (size > 0 && is_blank(text[size - 1]))
		size--;
	while (i < size && is_blank(text[i]))
		i++;
	if (i == size)
		return false;
	for (; i < size; i++) {
		digit = (uint64_t)text[i] - '0';
		if (digit > 9 || sum > (UINT64_MAX - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*length = sum;
	return true;
}

/*
 * Take a field of the header.  False if the line is not a field, or if its
 * length is not a number or differs from an earlier one.
 */
static bool
take_field(const struct line *line, bool is_first, bool *has_length,
    struct lsp_header *header)
{
	size_t size = name_size(line);
	uint64_t length;

	if (size == 0 || (is_first && (size < strlen(FAMILY) ||
	    !begins_with(line->text, size, FAMILY))))
		return false;
	if (size != strlen(LENGTH_NAME) ||
	    !begins_with(line->text, size, LENGTH_NAME))
		return true;
	if (!read_length(line->text + size + 1, line->size - size - 1,
	    &length) || (*has_length && length != header->length))
		return false;
	header->length = length;
	*has_length = true;
	return true;
}

enum lsp
lsp_read(const char *data, size_t size, struct lsp_header *header)
{
	bool has_length = false;
	struct line line;
	size_t used = 0;

	*header = (struct lsp_header){ 0 };
	while (find_line(data + used, size - used, &line)) {
		if (line.used > LSP_HEADER_MAX - used)
			return LSP_NONE;
		if (line.size == 0) {
			header->size = used + line.used;
			return has_length ? LSP_HEADER : LSP_NONE;
		}
		if (!take_field(&line, used == 0, &has_length, header))
			return LSP_NONE;
		used += line.used;
	}
	return size >= LSP_HEADER_MAX ? LSP_NONE : LSP_MORE;
}

size_t
lsp_find(const char *data, size_t size, bool *is_mid_line, bool *found)
{
	struct line line;
	size_t used = 0;

	*found = false;
	while (used < size) {
		if (!*is_mid_line &&
		    begins_with(data + used, size - used, LENGTH_FIELD)) {
			*found = size - used >= strlen(LENGTH_FIELD);
			return used;
		}
		*is_mid_line = !find_line(data + used, size - used, &line);
		used = *is_mid_line ? size : used + line.used;
	}
	return used;
}
