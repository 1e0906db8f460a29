/* SPDX-License-Identifier: MIT */
/* Reads the start of a recorded talk: what the command had its end on. */
#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "plan/framing.h"
#include "plan/names.h"
#include "play/record-line.h"

static int
read_fds(const struct reading *reading)
{
	struct fd_list *list = &reading->record->fds;
	const json_t *fds = record_member(reading, "fds");
	const json_t *fd;
	size_t i;

	if (fds == NULL || (json_is_array(fds) && json_array_size(fds) == 0))
		return 0;
	list->fds = calloc(json_array_size(fds) + 1, sizeof(int));
	if (list->fds == NULL)
		return record_fail(reading->record, ENOMEM);
	for (i = 0; i < json_array_size(fds); i++) {
		fd = json_array_get(fds, i);
		if (!json_is_integer(fd) || json_integer_value(fd) < 0 ||
		    json_integer_value(fd) > INT_MAX)
			break;
		list->fds[list->count++] = (int)json_integer_value(fd);
	}
	if (list->count == 0 || i < json_array_size(fds))
		return record_refuse(reading, "\"fds\" must be a list of "
		    "descriptors' numbers: [0,1]");
	return 0;
}

static int
read_socket(const struct reading *reading)
{
	struct record *record = reading->record;
	const json_t *socket = record_member(reading, "socket");
	const char *name = record_word(socket);

	if (socket == NULL)
		return 0;
	record->pipes = strcmp(name, "pipes") == 0;
	if (!record->pipes && !names_value(type_names, name, &record->type))
		return record_refuse(reading, "\"socket\" must be \"stream\", "
		    "\"seqpacket\", \"dgram\" or \"pipes\"");
	return 0;
}

static int
read_wire(const struct reading *reading)
{
	struct record *record = reading->record;
	const json_t *wire = record_member(reading, "wire");

	if (wire == NULL)
		return 0;
	if (!names_value(framing_names, record_word(wire), &record->wire))
		return record_refuse(reading, "\"wire\" must be a framing: "
		    "\"line\", \"lsp\" ...");
	if (record->type != SOCK_STREAM)
		return record_refuse(reading,
		    "\"wire\" needs \"socket\":\"stream\" or \"pipes\"");
	record->is_raw = record->wire == FRAMING_RAW;
	if (record->is_raw)
		record->wire = -1;
	return 0;
}

int
record_start(const struct reading *reading)
{
	struct record *record = reading->record;

	if (record->has_start)
		return record_refuse(reading, "a second \"start\": play one "
		    "recorded run at a time");
	if (record->count > 0 || record->exit_line != 0)
		return record_refuse(reading,
		    "\"start\" must come before what is said");
	record->has_start = true;
	if (read_socket(reading) == -1 || read_wire(reading) == -1)
		return -1;
	record->has_messages = record->type != SOCK_STREAM ||
	    record->wire != -1;
	return read_fds(reading);
}
