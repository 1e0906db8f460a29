/* SPDX-License-Identifier: MIT */
/*
 * Reads what a side says, and its end.  The bytes are appended to those in
 * record->data.
 */
#include "config.h"

#include <sys/socket.h>

#include <string.h>

#include "base/base64.h"
#include "plan/framing.h"
#include "plan/names.h"
#include "play/record-line.h"

/* The string that value, the member "text" or "base64", has in the line. */
static struct json_string
string_of(const struct reading *reading, const json_t *value)
{
	if (reading->bytes.text != NULL)
		return reading->bytes;
	return (struct json_string){
		.text = json_string_value(value),
		.size = json_string_length(value),
	};
}

static int
decode_base64(const struct reading *reading, const json_t *value, char *to,
    size_t *size)
{
	struct json_string string = string_of(reading, value);

	if (string.has_escapes) {
		string.size = json_string_decode(&string, to);
		string.text = to;
	}
	if (base64_decode(to, string.text, string.size, size) == -1)
		return record_refuse(reading, "\"base64\" is not base64");
	return 0;
}

/* Append the bytes of the line to record->data.  *size gets their number. */
static int
read_bytes(const struct reading *reading, size_t *size)
{
	const json_t *text = record_member(reading, "text");
	const json_t *base64 = record_member(reading, "base64");
	char *to = reading->record->data + reading->record->size;
	struct json_string string;

	if (text == NULL && base64 == NULL)
		return record_refuse(reading,
		    "needs \"text\" or \"base64\"");
	if (text != NULL && base64 != NULL)
		return record_refuse(reading,
		    "has both \"text\" and \"base64\"");
	if (!json_is_string(text) && !json_is_string(base64))
		return record_refuse(reading, "\"%s\" must be a string",
		    text != NULL ? "text" : "base64");
	if (base64 != NULL)
		return decode_base64(reading, base64, to, size);
	string = string_of(reading, text);
	*size = json_string_decode(&string, to);
	return 0;
}

/* Refuse the line if got, its number of bytes, is not its "size". */
static int
check_size(const struct reading *reading, size_t got)
{
	const json_t *size = record_member(reading, "size");
	json_int_t whole = json_integer_value(size);

	if (size == NULL)
		return 0;
	if (!json_is_integer(size) || whole < 0)
		return record_refuse(reading,
		    "\"size\" must be a number of bytes");
	if ((uintmax_t)whole == got)
		return 0;
	if (record_member(reading, "shown") != NULL)
		return record_refuse(reading, "was cut by --snaplen: "
		    "%zu of %" JSON_INTEGER_FORMAT " bytes are here", got,
		    whole);
	return record_refuse(reading, "\"size\" is %" JSON_INTEGER_FORMAT
	    " and should be %zu: it can be left out", whole, got);
}

/* Refuse a message in a talk of data, and data in a talk of messages. */
static int
check_kind(const struct reading *reading, bool is_message)
{
	struct record *record = reading->record;
	const char *what = is_message ? "a message" : "data";
	const char *name;

	if (!record->has_start && is_message &&
	    !record->has_data[SPEAKER_STDIN] &&
	    !record->has_data[SPEAKER_COMMAND]) {
		record->has_messages = true;
		record->type = SOCK_SEQPACKET;
	}
	if (is_message == (record->has_messages || record->is_raw))
		return 0;
	if (!record->has_start)
		return record_refuse(reading, "%s, but what came before %s",
		    what, is_message ? "is data" : "are messages");
	name = record->pipes ? "pipes" : names_name(type_names, record->type);
	if (!is_message && record->type == SOCK_STREAM)
		name = "messages in a stream";
	return record_refuse(reading, "%s, but FILE's start says %s", what,
	    name);
}

/*
 * With --wire=raw messages may be read after the one that is the end.  They are
 * recorded, and a line after them says that they were not delivered.
 */
static int
check_end(const struct reading *reading, enum speaker speaker)
{
	if (reading->record->has_end[speaker] && !reading->record->is_raw)
		return record_refuse(reading, "comes after the end of \"%s\"",
		    json_string_value(record_member(reading, "from")));
	return 0;
}

/* Refuse a message that cannot be framed as the talk's "wire" needs it. */
static int
check_wire(const struct reading *reading, size_t size)
{
	const struct record *record = reading->record;
	const struct frame_layout *layout;
	enum framing framing = (enum framing)record->wire;

	if (record->wire == -1)
		return 0;
	layout = &frame_layouts[framing];
	if (size > frame_limit(framing))
		return record_refuse(reading, "a message of %zu bytes, but "
		    "\"wire\":\"%s\" has room for %zu", size,
		    names_name(framing_names, record->wire),
		    frame_limit(framing));
	if (size > 0 && layout->is_terminated && memchr(record->data +
	    record->size, layout->trailer, size) != NULL)
		return record_refuse(reading, "a message with a %s in it, "
		    "which ends a message of \"wire\":\"%s\"",
		    layout->trailer == '\n' ? "newline" : "NUL",
		    names_name(framing_names, record->wire));
	return 0;
}

int
record_piece(const struct reading *reading, bool is_message)
{
	enum step_kind kind = STEP_DATA;
	enum speaker speaker;
	size_t size = 0;

	if (check_kind(reading, is_message) == -1 ||
	    record_speaker(reading, &speaker) == -1 ||
	    check_end(reading, speaker) == -1 ||
	    read_bytes(reading, &size) == -1 ||
	    check_size(reading, size) == -1 ||
	    check_wire(reading, size) == -1)
		return -1;
	/* With --wire=raw an empty message ends standard input. */
	if (reading->record->is_raw && size == 0 &&
	    speaker == SPEAKER_STDIN && !reading->record->has_end[speaker])
		kind = STEP_END;
	return record_add_step(reading, kind, speaker, size);
}

/* An end of which the other side was not notified is ignored. */
int
record_end(const struct reading *reading)
{
	const json_t *told = record_member(reading, "told");
	enum speaker speaker;

	if (record_speaker(reading, &speaker) == -1)
		return -1;
	if (told != NULL && !json_is_boolean(told))
		return record_refuse(reading,
		    "\"told\" must be true or false");
	if (json_is_false(told) || reading->record->has_end[speaker])
		return 0;
	return record_add_step(reading, STEP_END, speaker, 0);
}
