/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as the file of a recorded talk: they are refused with one message,
 * or are a possible talk; and the same with long strings decoded apart as by
 * the parser of JSON alone.
 *
 * Long strings are rare in inputs that are found by trying.  So each @ in an
 * input becomes so many letters that a string with one is long.
 */
#include "config.h"

#include "record-ways.h"
#include "target.h"

static const char letters[] = "QUJD";	/* base64 of ABC, and any text */

/* Put the input, with its @ replaced, into a memory of its own. */
static char *
expand(const char *input, size_t size, size_t *expanded)
{
	char *text = malloc(size * LONG_STRING_MIN + 1);
	size_t used = 0;
	size_t i, j;

	if (text == NULL)
		abort();
	for (i = 0; i < size; i++) {
		if (input[i] != '@') {
			text[used++] = input[i];
			continue;
		}
		for (j = 0; j < LONG_STRING_MIN; j++)
			text[used++] = letters[j % 4];
	}
	*expanded = used;
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *fault;
	bool is_taken;
	char *text;

	text = expand((const char *)data, size, &size);
	fault = check_both_ways(text, size, &is_taken);
	free(text);
	hold(fault == NULL, "%s", fault);
	return 0;
}
