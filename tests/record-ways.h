/* SPDX-License-Identifier: MIT */
/*
 * A recorded talk, read in both ways: with long strings decoded apart, and by
 * the parser of JSON alone, as if there were no long strings.  What comes of it
 * must be the same, to the words of the message.  Link this with
 * -Wl,--wrap=long_string_find,--wrap=diag_print.
 */
#ifndef RECORD_WAYS_H
#define RECORD_WAYS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play/long-string.h"
#include "play/record.h"
#include "printed.h"

static bool is_alone;		/* the parser finds no long strings */
static size_t long_strings;	/* that were found */

bool __real_long_string_find(struct json_string *, const char *, size_t);
bool __wrap_long_string_find(struct json_string *, const char *, size_t);

bool
__wrap_long_string_find(struct json_string *found, const char *line,
    size_t size)
{
	if (is_alone || !__real_long_string_find(found, line, size))
		return false;
	long_strings++;
	return true;
}

/* What came of reading a file. */
struct outcome {
	struct record record;
	int result;
	size_t messages;
	char message[1000];
};

static inline void
outcome_get(struct outcome *outcome, bool alone, const char *text, size_t size)
{
	/* To the byte, so that a look past its end is noticed. */
	char *data = malloc(size + (size == 0));

	if (data == NULL)
		abort();
	if (size > 0)
		memcpy(data, text, size);
	is_alone = alone;
	printed_clear();
	outcome->result = record_parse(&outcome->record, "FILE", data, size);
	outcome->messages = messages;
	memcpy(outcome->message, message, sizeof(message));
}

/* What a record says about one speaker must be what its steps say. */
static inline const char *
check_speaker(const struct record *record, enum speaker speaker)
{
	const struct step *step;
	size_t largest = 0;
	bool has_data = false;
	bool has_end = false;
	bool has_left = false;
	size_t i;

	for (i = 0; i < record->count; i++) {
		step = &record->steps[i];
		if (step->speaker != speaker)
			continue;
		if (has_end && (step->kind == STEP_END ||
		    (step->kind == STEP_DATA && !record->is_raw)))
			return "a speaker says nothing after its end";
		if (step->kind == STEP_DATA && step->size > largest)
			largest = step->size;
		has_data |= step->kind == STEP_DATA;
		has_end |= step->kind == STEP_END;
		has_left |= step->kind == STEP_LEAVE;
	}
	if (largest != record->largest[speaker])
		return "the largest step is known";
	if (has_data != record->has_data[speaker] ||
	    has_end != record->has_end[speaker] ||
	    has_left != record->has_left[speaker])
		return "it is known what a speaker has";
	return NULL;
}

static inline const char *
check_record(const struct record *record)
{
	const struct step *step;
	const char *fault;
	unsigned long line = 0;
	size_t end = 0;		/* of the step before */
	size_t i;

	for (i = 0; i < record->count; i++) {
		step = &record->steps[i];
		if (step->start < end || step->start > record->size ||
		    step->size > record->size - step->start)
			return "steps stand one after the other in the data";
		if (step->kind != STEP_DATA && step->kind != STEP_NONE &&
		    step->size != 0)
			return "only data has bytes";
		if (step->kind == STEP_SIGNAL && step->signal < 1)
			return "a signal has a number";
		if (step->line <= line)
			return "a line is one step";
		line = step->line;
		end = step->start + step->size;
	}
	if (record->exit_line != 0 && record->exit_line <= line)
		return "the exit is the last event";
	fault = check_speaker(record, SPEAKER_STDIN);
	return fault != NULL ? fault : check_speaker(record, SPEAKER_COMMAND);
}

static inline bool
is_same_step(const struct step *one, const struct step *other)
{
	return one->kind == other->kind && one->speaker == other->speaker &&
	    one->line == other->line && one->start == other->start &&
	    one->size == other->size && one->signal == other->signal;
}

static inline bool
is_same_record(const struct record *one, const struct record *other)
{
	size_t i;

	if (one->count != other->count || one->size != other->size ||
	    memcmp(one->data, other->data, one->size) != 0 ||
	    one->fds.count != other->fds.count)
		return false;
	for (i = 0; i < one->count; i++)
		if (!is_same_step(&one->steps[i], &other->steps[i]))
			return false;
	for (i = 0; i < one->fds.count; i++)
		if (one->fds.fds[i] != other->fds.fds[i])
			return false;
	return one->has_start == other->has_start &&
	    one->type == other->type && one->pipes == other->pipes &&
	    one->wire == other->wire && one->is_raw == other->is_raw &&
	    one->has_messages == other->has_messages &&
	    one->exit_line == other->exit_line &&
	    one->was_signalled == other->was_signalled &&
	    one->status == other->status;
}

static inline const char *
check_outcome(const struct outcome *outcome)
{
	if (outcome->result != 0)
		return outcome->messages == 1 && outcome->result == -1 ? NULL :
		    "a refusal has one message";
	if (outcome->messages != 0)
		return "what is taken has no message";
	return check_record(&outcome->record);
}

static inline const char *
compare_outcomes(const struct outcome *one, const struct outcome *other)
{
	if (one->result != other->result)
		return "both ways take it, or none";
	if (strcmp(one->message, other->message) != 0)
		return "the message is the same in both ways";
	if (one->result == 0 && !is_same_record(&one->record, &other->record))
		return "the record is the same in both ways";
	return NULL;
}

/*
 * Read the size bytes at text in both ways.  Returns NULL if what came of it is
 * possible and the same, else what does not hold.  *is_taken is whether it is a
 * talk that can be played.
 */
static inline const char *
check_both_ways(const char *text, size_t size, bool *is_taken)
{
	struct outcome apart;
	struct outcome alone;
	const char *fault;

	outcome_get(&apart, false, text, size);
	outcome_get(&alone, true, text, size);
	fault = check_outcome(&apart);
	if (fault == NULL)
		fault = check_outcome(&alone);
	if (fault == NULL)
		fault = compare_outcomes(&apart, &alone);
	if (fault != NULL)
		fprintf(stderr, "# apart: %d '%s'\n# alone: %d '%s'\n",
		    apart.result, apart.message, alone.result, alone.message);
	*is_taken = apart.result == 0;
	record_free(&apart.record);
	record_free(&alone.record);
	return fault;
}

#endif
