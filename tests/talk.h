/* SPDX-License-Identifier: MIT */
/*
 * For tests of sockplay: recorded talks that are made without a file; and a
 * plain model of how one side is compared with one, which is given all that the
 * side said at once.
 */
#ifndef TALK_H
#define TALK_H

#include <sys/socket.h>

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "play/compare.h"

#define TALK_STEPS 64
#define TALK_BYTES 4096

/* What the model ignores in lines and messages, for ignore_add(). */
#define TALK_IGNORED "[0-9]+"

struct talk {
	struct record record;
	struct step steps[TALK_STEPS];
	char data[TALK_BYTES];
};

/* A talk of streams in which nothing is said. */
static inline void
talk_init(struct talk *talk)
{
	talk->record = (struct record){
		.path = "talk", .type = SOCK_STREAM, .wire = -1,
		.steps = talk->steps, .data = talk->data,
	};
}

/* False if there is no room.  A step stands on the line of its number. */
static inline bool
talk_add(struct talk *talk, enum step_kind kind, enum speaker speaker,
    const char *data, size_t size)
{
	struct record *record = &talk->record;

	if (record->count == TALK_STEPS || size > TALK_BYTES - record->size)
		return false;
	if (size > 0)
		memcpy(talk->data + record->size, data, size);
	talk->steps[record->count] = (struct step){
		.kind = kind, .speaker = speaker, .start = record->size,
		.size = size, .line = record->count + 1,
	};
	record->count++;
	record->size += size;
	record->has_end[speaker] |= kind == STEP_END;
	record->has_left[speaker] |= kind == STEP_LEAVE;
	record->has_data[speaker] |= kind == STEP_DATA;
	if (size > record->largest[speaker])
		record->largest[speaker] = size;
	return true;
}

/* --- the model ----------------------------------------------------------- */

/* What a side has said. */
struct said {
	const char *data;	/* of all pieces or messages */
	size_t size;
	const size_t *sizes;	/* of each message */
	size_t count;		/* of the messages */
	bool has_ended;
};

struct model {
	const struct record *record;
	enum speaker speaker;	/* the side that is compared */
	bool ignores;		/* TALK_IGNORED */
	bool takes_surplus;
	char what[100];		/* that differs, or "" */
	bool is_surplus;	/* all has come, and more, which is dropped */
	size_t come;		/* bytes, lines or messages that agreed */
	char rest[TALK_BYTES];	/* of a line that has no newline yet */
	size_t rest_size;
	bool has_ended;
};

struct text {
	char data[TALK_BYTES];
	size_t size;
};

/* What the side says before step number limit, in one text. */
static inline void
model_join(const struct model *model, size_t limit, struct text *joined)
{
	const struct step *step;
	size_t i;

	joined->size = 0;
	for (i = 0; i < limit; i++) {
		step = &model->record->steps[i];
		if (step->speaker != model->speaker || step->kind != STEP_DATA)
			continue;
		memcpy(joined->data + joined->size,
		    model->record->data + step->start, step->size);
		joined->size += step->size;
	}
}

/* Whether the side says that it ends before step number limit. */
static inline bool
model_ends(const struct model *model, size_t limit)
{
	const struct step *step;
	size_t i;

	for (i = 0; i < limit; i++) {
		step = &model->record->steps[i];
		if (step->speaker == model->speaker && step->kind == STEP_END)
			return true;
	}
	return false;
}

/* Whether the side may say anything after all that is recorded. */
static inline bool
model_takes_more(const struct model *model)
{
	return model->takes_surplus &&
	    !model_ends(model, model->record->count);
}

static inline size_t
model_same(const char *one, size_t one_size, const char *other,
    size_t other_size)
{
	size_t i;

	for (i = 0; i < one_size && i < other_size && one[i] == other[i]; i++)
		;
	return i;
}

static inline void
model_stream(struct model *model, const struct said *said)
{
	struct text wanted;

	model_join(model, model->record->count, &wanted);
	model->come = model_same(wanted.data, wanted.size, said->data,
	    said->size);
	if (model->come == wanted.size && model_takes_more(model))
		return;
	if (model->come < said->size ||
	    (said->has_ended && model->come < wanted.size))
		snprintf(model->what, sizeof(model->what), "byte %zu of it",
		    model->come);
}

/* Each run of digits becomes one byte 1. */
static inline void
model_squeeze(const struct model *model, const char *data, size_t size,
    struct text *squeezed)
{
	bool is_digit, was_digit = false;
	size_t i;

	squeezed->size = 0;
	for (i = 0; i < size; i++, was_digit = is_digit) {
		is_digit = model->ignores && data[i] >= '0' && data[i] <= '9';
		if (!is_digit)
			squeezed->data[squeezed->size++] = data[i];
		else if (!was_digit)
			squeezed->data[squeezed->size++] = '\1';
	}
}

/* Whether a line that came begins as the recorded one, which may be cut. */
static inline bool
model_begins(const struct model *model, const char *wanted, size_t wanted_size,
    const char *got, size_t got_size, bool is_cut)
{
	struct text one, other;
	size_t same;

	model_squeeze(model, wanted, wanted_size, &one);
	model_squeeze(model, got, got_size, &other);
	same = model_same(one.data, one.size, other.data, other.size);
	return same == one.size || (is_cut && same < other.size &&
	    other.data[same] == '\1');
}

static inline bool
model_equals(const struct model *model, const char *wanted, size_t wanted_size,
    const char *got, size_t got_size)
{
	struct text one, other;

	model_squeeze(model, wanted, wanted_size, &one);
	model_squeeze(model, got, got_size, &other);
	return one.size == other.size &&
	    memcmp(one.data, other.data, one.size) == 0;
}

/* The size of the first line in data, with its newline if it has one. */
static inline size_t
model_line(const char *data, size_t size, bool *has_newline)
{
	const char *newline = size > 0 ? memchr(data, '\n', size) : NULL;

	*has_newline = newline != NULL;
	return newline != NULL ? (size_t)(newline - data) + 1 : size;
}

static inline void
model_lines(struct model *model, const struct said *said)
{
	struct text wanted;
	size_t wanted_at = 0, got_at = 0;
	size_t wanted_size, got_size;
	bool wanted_newline, newline;
	const char *one, *other;

	model_join(model, model->record->count, &wanted);
	for (;; wanted_at += wanted_size, got_at += got_size) {
		one = wanted.data + wanted_at;
		other = said->data + got_at;
		wanted_size = model_line(one, wanted.size - wanted_at,
		    &wanted_newline);
		got_size = model_line(other, said->size - got_at, &newline);
		if (wanted_size == 0 && model_takes_more(model)) {
			model->is_surplus = got_size > 0;
			return;
		}
		if (!newline && !said->has_ended)
			break;
		if (wanted_size == 0 && got_size == 0)
			return;
		if (!wanted_newline && model_takes_more(model) &&
		    model_begins(model, one, wanted_size, other,
		    got_size - newline, true)) {
			model->is_surplus = true;
			return;
		}
		if (!model_equals(model, one, wanted_size, other, got_size)) {
			snprintf(model->what, sizeof(model->what),
			    "line %zu of it", model->come + 1);
			return;
		}
		model->come++;
	}
	memcpy(model->rest, other, got_size);
	model->rest_size = got_size;
}

/* The step of the side's next message, or of its end; NULL: none is left. */
static inline const struct step *
model_message(const struct model *model, size_t number)
{
	const struct step *step;
	size_t i;

	for (i = 0; i < model->record->count; i++) {
		step = &model->record->steps[i];
		if (step->speaker == model->speaker &&
		    (step->kind == STEP_DATA || step->kind == STEP_END) &&
		    number-- == 0)
			return step;
	}
	return NULL;
}

static inline void
model_messages(struct model *model, const struct said *said)
{
	const char *data = said->data;
	const struct step *step;
	struct text one, other;
	size_t i, same;

	for (i = 0; i < said->count; data += said->sizes[i++]) {
		step = model_message(model, i);
		if (step == NULL && model->takes_surplus)
			return;
		one.size = 0;
		if (step != NULL && step->kind == STEP_DATA)
			model_squeeze(model, model->record->data + step->start,
			    step->size, &one);
		model_squeeze(model, data, said->sizes[i], &other);
		same = model_same(one.data, one.size, other.data, other.size);
		if (step == NULL || step->kind == STEP_END ||
		    same < one.size || same < other.size) {
			snprintf(model->what, sizeof(model->what),
			    "byte %zu of message %zu of it", same, i + 1);
			return;
		}
		model->come++;
	}
	step = model_message(model, said->count);
	if (said->has_ended && step != NULL && step->kind == STEP_DATA)
		snprintf(model->what, sizeof(model->what), "message %zu of it",
		    said->count + 1);
}

/* Compare what was said. */
static inline void
model_run(struct model *model, const struct said *said)
{
	model->what[0] = '\0';
	model->is_surplus = false;
	model->come = model->rest_size = 0;
	model->has_ended = said->has_ended;
	if (model->record->has_messages)
		model_messages(model, said);
	else if (model->ignores)
		model_lines(model, said);
	else
		model_stream(model, said);
}

static inline bool
model_lines_have_come(const struct model *model, size_t index)
{
	struct text wanted;
	size_t lines = 0;
	size_t at = 0;
	size_t size;
	bool newline;

	model_join(model, index, &wanted);
	while ((size = model_line(wanted.data + at, wanted.size - at,
	    &newline)) > 0 && newline) {
		lines++;
		at += size;
	}
	if (lines != model->come)
		return lines < model->come;
	return size == 0 || (!model->has_ended && model_begins(model,
	    wanted.data + at, size, model->rest, model->rest_size,
	    index == model->record->count && model_takes_more(model)));
}

/*
 * After a run without a difference: whether all that the side said before step
 * number index has come.
 */
static inline bool
model_has_come(const struct model *model, size_t index)
{
	struct text wanted;
	size_t i, messages = 0;

	if (model->is_surplus)
		return true;
	if (model_ends(model, index) && !model->has_ended)
		return false;
	if (model->record->has_messages) {
		for (i = 0; i < index; i++)
			messages += model->record->steps[i].speaker ==
			    model->speaker &&
			    model->record->steps[i].kind == STEP_DATA;
		return messages <= model->come;
	}
	if (model->ignores)
		return model_lines_have_come(model, index);
	model_join(model, index, &wanted);
	return wanted.size <= model->come;
}

/* --- the program against the model --------------------------------------- */

/* A piece ends behind byte i if bit i % 64 of cuts is set. */
static inline void
talk_say(struct compare *compare, const struct said *said, uint64_t cuts)
{
	size_t at = 0;
	size_t size, i;

	for (i = 0; i < said->count; at += said->sizes[i++])
		(void)compare_message(compare, said->data + at,
		    said->sizes[i]);
	for (; at < said->size; at += size) {
		for (size = 1; at + size < said->size &&
		    (cuts >> (at + size - 1) % 64 & 1) == 0; size++)
			;
		(void)compare_bytes(compare, said->data + at, size);
	}
	if (said->has_ended)
		(void)compare_end(compare);
}

/*
 * Compare what was said, in pieces, and expect what the model has found in a
 * run.  Returns NULL, or what does not hold.
 */
static inline const char *
talk_check(const struct model *model, const struct ignore *ignore,
    const struct said *said, uint64_t cuts)
{
	struct compare compare;
	const char *fault = NULL;
	size_t i;

	if (compare_init(&compare, model->record, ignore, model->speaker,
	    "it") == -1)
		return "there is memory";
	compare.takes_surplus = model->takes_surplus;
	talk_say(&compare, said, cuts);
	if (strcmp(compare.difference.what, model->what) != 0)
		fault = "the difference is the model's";
	else if (compare.difference.is_found != (model->what[0] != '\0'))
		fault = "a difference is found if there is one";
	for (i = 0; i <= model->record->count && fault == NULL &&
	    !compare.difference.is_found; i++)
		if (compare_has_come(&compare, i) != model_has_come(model, i))
			fault = "what has come is what the model says";
	if (compare.failed)
		fault = "there is memory";
	compare_free(&compare);
	return fault;
}

#endif
