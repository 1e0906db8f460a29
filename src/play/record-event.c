/* SPDX-License-Identifier: MIT */
/*
 * Reads an event, as sink-json.c writes it.  A person may write it, too, so
 * these may be missing: times, offsets, sizes, the start and the exit.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "command/signals.h"
#include "plan/framing.h"
#include "plan/names.h"
#include "play/record-line.h"

#define STEPS_MIN 64		/* allocated at first */

json_t *
record_member(const struct reading *reading, const char *key)
{
	return json_object_get(reading->object, key);
}

const char *
record_word(const json_t *value)
{
	const char *word = json_string_value(value);

	return word != NULL && strlen(word) == json_string_length(value) ?
	    word : "";
}

int
record_speaker(const struct reading *reading, enum speaker *speaker)
{
	const char *from = record_word(record_member(reading, "from"));

	*speaker = SPEAKER_STDIN;
	if (strcmp(from, "command") == 0)
		*speaker = SPEAKER_COMMAND;
	else if (strcmp(from, "stdin") != 0 && strcmp(from, "peer") != 0)
		return record_refuse(reading,
		    "\"from\" must be \"stdin\", \"peer\" or \"command\"");
	return 0;
}

/* --- steps ---------------------------------------------------------------- */

static int
reserve_step(struct record *record)
{
	size_t room = record->room == 0 ? STEPS_MIN : 2 * record->room;
	struct step *steps;

	if (record->count < record->room)
		return 0;
	if (room > SIZE_MAX / sizeof(*steps))
		return record_fail(record, ENOMEM);
	steps = realloc(record->steps, room * sizeof(*steps));
	if (steps == NULL)
		return record_fail(record, ENOMEM);
	record->steps = steps;
	record->room = room;
	return 0;
}

int
record_add_step(const struct reading *reading, enum step_kind kind,
    enum speaker speaker, size_t size)
{
	struct record *record = reading->record;

	if (reserve_step(record) == -1)
		return -1;
	record->steps[record->count++] = (struct step){
		.kind = kind,
		.speaker = speaker,
		.line = reading->line,
		.start = record->size,
		.size = size,
	};
	record->size += size;
	record->has_end[speaker] |= kind == STEP_END;
	record->has_left[speaker] |= kind == STEP_LEAVE;
	record->has_data[speaker] |= kind == STEP_DATA;
	if (size > record->largest[speaker])
		record->largest[speaker] = size;
	return 0;
}

/* --- events --------------------------------------------------------------- */

static int
check_signal(const struct reading *reading)
{
	const json_t *number = record_member(reading, "signal");

	if (!json_is_integer(number) || json_integer_value(number) < 1 ||
	    json_integer_value(number) > SIGNAL_LAST)
		return record_refuse(reading, "\"signal\" must be a number "
		    "from 1 to %d", SIGNAL_LAST);
	return 0;
}

/*
 * Nobody reads what "from" says any more.  A "shutdown" means this only from
 * standard input.  From the command or the peer, it means that this side was
 * notified of it, which is not played.
 */
static int
read_leave(const struct reading *reading, bool is_shutdown)
{
	enum speaker speaker;

	if (is_shutdown &&
	    strcmp(record_word(record_member(reading, "from")), "stdin") != 0)
		return 0;
	if (record_speaker(reading, &speaker) == -1)
		return -1;
	speaker = speaker == SPEAKER_STDIN ? SPEAKER_COMMAND : SPEAKER_STDIN;
	if (reading->record->has_left[speaker])
		return 0;
	return record_add_step(reading, STEP_LEAVE, speaker, 0);
}

/* How many bytes a step has in the stream: with --wire, with its frame. */
static uintmax_t
size_in_stream(const struct record *record, const struct step *step)
{
	char header[FRAME_HEADER_MAX];
	char trailer[FRAME_TRAILER_MAX];
	enum framing framing = (enum framing)record->wire;

	if (record->wire == -1)
		return step->size;
	return frame_header(framing, step->size, header) + step->size +
	    frame_trailer(framing, trailer);
}

/*
 * The last bytes that "from" said were read, but not delivered.  How many these
 * are may differ in each run, so they are taken out of the record.  But of a
 * message in a stream the other side may have read a part, and need it: the
 * first message that was not delivered as a whole stays.  It does no harm to
 * say more than is read.  None stays that was read after the end, which can be
 * with --wire=raw (record-piece.c).
 */
static int
read_undelivered(const struct reading *reading)
{
	struct record *record = reading->record;
	const json_t *number = record_member(reading, "size");
	json_int_t left = json_integer_value(number);
	bool in_stream = record->wire != -1 || record->is_raw;
	bool is_after_end;
	enum speaker speaker;
	struct step *step;
	uintmax_t size;
	size_t i;

	if (record_speaker(reading, &speaker) == -1)
		return -1;
	if (!json_is_integer(number) || left < 0)
		return record_refuse(reading,
		    "\"size\" must be a number of bytes");
	is_after_end = record->has_end[speaker];
	for (i = record->count; i > 0 && left > 0; i--) {
		step = &record->steps[i - 1];
		if (step->speaker != speaker)
			continue;
		if (step->kind == STEP_END)
			is_after_end = false;
		if (step->kind != STEP_DATA)
			continue;
		size = size_in_stream(record, step);
		if (in_stream && !is_after_end && (uintmax_t)left <= size) {
			left = 0;
		} else if (record->has_messages || (uintmax_t)left >= size) {
			left -= (json_int_t)size;
			step->kind = STEP_NONE;
		} else {
			step->size -= (size_t)left;
			left = 0;
		}
	}
	return 0;
}

static int
add_signal(const struct reading *reading, int number)
{
	struct record *record = reading->record;

	if (record_add_step(reading, STEP_SIGNAL, SPEAKER_STDIN, 0) == -1)
		return -1;
	record->steps[record->count - 1].signal = number;
	return 0;
}

/* A signal that ends sockpair itself has no "from". */
static int
read_signal(const struct reading *reading)
{
	const json_t *number = record_member(reading, "signal");

	if (record_member(reading, "from") == NULL)
		return 0;
	if (check_signal(reading) == -1)
		return -1;
	return add_signal(reading, (int)json_integer_value(number));
}

static int
read_exit(const struct reading *reading)
{
	struct record *record = reading->record;
	const json_t *status = record_member(reading, "status");
	const json_t *number = record_member(reading, "signal");
	json_int_t value = json_integer_value(number != NULL ? number :
	    status);

	if ((status == NULL) == (number == NULL))
		return record_refuse(reading,
		    "needs \"status\" or \"signal\", one of them");
	if (status != NULL && (!json_is_integer(status) || value < 0 ||
	    value > 255))
		return record_refuse(reading,
		    "\"status\" must be a number from 0 to 255");
	if (number != NULL && check_signal(reading) == -1)
		return -1;
	/* A mock is to die of it, too, so it must be one that can kill. */
	if (number != NULL && value != SIGKILL &&
	    !signal_is_fatal((int)value))
		return record_refuse(reading,
		    "\"signal\" must be one that ends a process");
	record->was_signalled = number != NULL;
	record->status = (int)value;
	record->exit_line = reading->line;
	return 0;
}

/* An event with bytes must not be ignored: its type may be misspelt. */
static int
check_other(const struct reading *reading)
{
	if (record_member(reading, "text") != NULL ||
	    record_member(reading, "base64") != NULL)
		return record_refuse(reading, "has bytes: its \"type\" must "
		    "be \"data\" or \"message\"");
	return 0;
}

static int
read_event(const struct reading *reading, enum trace_kind kind)
{
	switch (kind) {
	case TRACE_START:
		return record_start(reading);
	case TRACE_DATA:
	case TRACE_MESSAGE:
		return record_piece(reading, kind == TRACE_MESSAGE);
	case TRACE_EOF:
		return record_end(reading);
	case TRACE_FDS:
		return record_refuse(reading, "descriptors were passed: these "
		    "cannot be played");
	case TRACE_EXIT:
		return read_exit(reading);
	case TRACE_SHUTDOWN:
	case TRACE_GONE:
		return read_leave(reading, kind == TRACE_SHUTDOWN);
	case TRACE_UNDELIVERED:
		return read_undelivered(reading);
	case TRACE_SIGNAL:
		return read_signal(reading);
	case TRACE_TIMEOUT:
		/* --timeout of sockpair ended the command. */
		return add_signal(reading, SIGTERM);
	case TRACE_RESET:
	case TRACE_STALL:
		break;
	}
	return 0;
}

int
record_event(const struct reading *reading)
{
	const json_t *type = record_member(reading, "type");
	int kind;

	if (type == NULL)
		return record_refuse(reading, "\"type\" is missing");
	if (!json_is_string(type))
		return record_refuse(reading, "\"type\" must be a string");
	if (!names_value(event_names, record_word(type), &kind))
		return check_other(reading);
	if (kind != TRACE_DATA && kind != TRACE_MESSAGE &&
	    check_other(reading) == -1)
		return -1;
	if (reading->record->exit_line != 0 && kind != TRACE_START)
		return record_refuse(reading, "comes after the exit");
	return read_event(reading, (enum trace_kind)kind);
}
