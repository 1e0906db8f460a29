/* SPDX-License-Identifier: MIT */
/* The formats that a sink can have, and the choice by a file's name. */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "trace/sink.h"

const struct sink_format sink_formats[] = {
	[FORMAT_TEXT] = { text_start, text_event, false, NULL },
	[FORMAT_HEX] = { text_start, text_event, false, NULL },
	[FORMAT_JSON] = { json_start, json_event, false, json_finish },
	[FORMAT_PCAPNG] = { pcapng_start, pcapng_event, true, pcapng_finish },
};

/* The endings of files.  A file with another ending gets text. */
static const struct name endings[] = {
	{ ".jsonl", FORMAT_JSON },
	{ ".ndjson", FORMAT_JSON },
	{ ".json", FORMAT_JSON },
	{ ".pcapng", FORMAT_PCAPNG },
	{ ".pcap", FORMAT_PCAPNG },
	{ NULL, FORMAT_TEXT }
};

void
sink_options_init(struct sink_options *options)
{
	*options = (struct sink_options){
		.events = TRACE_ALL,
		.largest = 65536,
		.snaplen = SIZE_MAX,
		.port = 50001,
	};
}

enum trace_format
sink_format_of_file(const char *path)
{
	const struct name *row;
	size_t path_size = strlen(path);
	size_t size;

	for (row = endings; row->name != NULL; row++) {
		size = strlen(row->name);
		if (path_size > size &&
		    strcasecmp(path + path_size - size, row->name) == 0)
			break;
	}
	return (enum trace_format)row->value;
}
