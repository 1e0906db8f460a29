/* SPDX-License-Identifier: MIT */
/* One line of a recorded talk: record.c reads the lines of a file. */
#ifndef RECORD_LINE_H
#define RECORD_LINE_H

#include <jansson.h>

#include "play/record.h"
#include "play/unescape.h"

/* The line that is being read. */
struct reading {
	struct record *record;
	unsigned long line;	/* its number, from 1 */
	json_t *object;
	/*
	 * The long string that object has not: its "text" or "base64" is empty
	 * instead.  bytes.text is NULL if nothing is missing.
	 */
	struct json_string bytes;
};

/*
 * Add to reading->record what the line says: size bytes at text, without a
 * newline.  The bytes that it records, fewer than size, are written to
 * record->data + record->size, which may be at text or before it in the same
 * memory.
 * Returns 0, or -1 after printing a message.
 */
int record_line(struct reading *reading, const char *text, size_t size);

/* The same for reading->object: of any type, then of the type in the name. */
int record_event(const struct reading *reading);
int record_start(const struct reading *reading);
int record_piece(const struct reading *reading, bool is_message);
int record_end(const struct reading *reading);

/*
 * Add a step, with the size bytes that follow those of the other steps in
 * record->data.  Returns 0, or -1 after printing a message.
 */
int record_add_step(const struct reading *reading, enum step_kind kind,
    enum speaker speaker, size_t size);

/* The member key of the line's object, borrowed; or NULL. */
json_t *record_member(const struct reading *reading, const char *key);

/* value as a string, borrowed; "" if it is no string or contains a NUL. */
const char *record_word(const json_t *value);

/*
 * Set *speaker to the side in "from".
 * Returns 0, or -1 after printing a message.
 */
int record_speaker(const struct reading *reading, enum speaker *speaker);

/* Print "PATH:LINE: ", and what is wrong in the line.  Returns -1. */
#ifdef __GNUC__
__attribute__((format(printf, 2, 3)))
#endif
int record_refuse(const struct reading *reading, const char *format, ...);

/* Print that the file cannot be read, for error, an errno.  Returns -1. */
int record_fail(const struct record *record, int error);

#endif
