/* SPDX-License-Identifier: MIT */
/* Parses a line as a JSON object.  A long string is decoded separately. */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "play/long-string.h"
#include "play/record-line.h"

/* The most bytes around a long string in its line; a trace has about 100. */
#define AROUND_MAX 2000

int
record_refuse(const struct reading *reading, const char *format, ...)
{
	char why[400];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why, sizeof(why), format, arguments);
	va_end(arguments);
	diag_print("%s:%lu: %s", reading->record->path, reading->line, why);
	return -1;
}

int
record_fail(const struct record *record, int error)
{
	if (strcmp(record->path, "-") == 0)
		diag_print("cannot read standard input: %s", strerror(error));
	else
		diag_print("cannot read '%s': %s", record->path,
		    strerror(error));
	return -1;
}

/*
 * libjansson does not report each allocation that fails: it may return a string
 * without its end.  So we note a failure ourselves.
 */
static bool has_run_out;

static void *
allocate(size_t size)
{
	void *data = malloc(size);

	if (data == NULL)
		has_run_out = true;
	return data;
}

static json_t *
load(const char *text, size_t size, json_error_t *error)
{
	json_set_alloc_funcs(allocate, free);
	return json_loadb(text, size, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES,
	    error);
}

/*
 * Parse the rest of a line that has a long string.  Returns false if the line
 * has none, or must be parsed whole.
 */
static bool
load_around(struct reading *reading, const char *text, size_t size)
{
	struct json_string *bytes = &reading->bytes;
	char around[AROUND_MAX];
	json_error_t error;
	size_t head;

	if (size < LONG_STRING_MIN || !long_string_find(bytes, text, size) ||
	    size - bytes->size > sizeof(around))
		return false;
	head = (size_t)(bytes->text - text);
	memcpy(around, text, head);
	memcpy(around + head, bytes->text + bytes->size,
	    size - bytes->size - head);
	reading->object = load(around, size - bytes->size, &error);
	return json_is_object(reading->object);
}

/*
 * Print the parser's message about the line.  The parser got only this line, so
 * its "end of file" is the end of the line.  The column is where it stopped: at
 * the end of what it quotes.
 */
static int
refuse_json(const struct reading *reading, const json_error_t *error)
{
	static const char ending[] = "end of file";
	const size_t length = sizeof(ending) - 1;
	size_t size = strlen(error->text);
	bool is_end;

	is_end = size >= length &&
	    strcmp(error->text + size - length, ending) == 0;
	return record_refuse(reading, "not JSON: %.*s%s (column %d)",
	    (int)(is_end ? size - length : size), error->text,
	    is_end ? "the end of the line" : "", error->column);
}

static bool
is_blank(const char *text, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
			return false;
	return true;
}

int
record_line(struct reading *reading, const char *text, size_t size)
{
	json_error_t error;
	int result;

	if (is_blank(text, size))
		return 0;
	has_run_out = false;
	if (!load_around(reading, text, size)) {
		json_decref(reading->object);
		reading->bytes.text = NULL;
		reading->object = load(text, size, &error);
	}
	if (has_run_out)
		result = record_fail(reading->record, ENOMEM);
	else if (reading->object == NULL)
		result = refuse_json(reading, &error);
	else if (!json_is_object(reading->object))
		result = record_refuse(reading, "not a JSON object");
	else
		result = record_event(reading);
	json_decref(reading->object);
	reading->object = NULL;
	return result;
}
