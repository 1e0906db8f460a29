/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "play/compare-lines.h"
#include "play/compare-parts.h"

/* Whether step is one of the side, and has not come whole. */
static bool
is_expected(const struct compare *compare, const struct step *step)
{
	if (step->speaker != compare->speaker)
		return false;
	return step->kind == STEP_END || (step->kind == STEP_DATA &&
	    (compare->record->has_messages || compare->at < step->size));
}

void
compare_skip(struct compare *compare)
{
	const struct record *record = compare->record;

	while (compare->next < record->count &&
	    !is_expected(compare, &record->steps[compare->next])) {
		compare->next++;
		compare->at = 0;
	}
}

int
compare_init(struct compare *compare, const struct record *record,
    const struct ignore *ignore, enum speaker speaker, const char *name)
{
	*compare = (struct compare){
		.record = record,
		.ignore = ignore,
		.speaker = speaker,
		.name = name,
		.number = 1,
	};
	compare_skip(compare);
	if (ignore->count == 0 || record->has_messages)
		return 0;
	compare->line = line_open();
	return compare->line == NULL ? -1 : 0;
}

/* The step that is to come next; NULL: the side says no more in the record. */
static const struct step *
next_step(const struct compare *compare)
{
	return compare->next < compare->record->count ?
	    &compare->record->steps[compare->next] : NULL;
}

const struct step *
compare_next_data(const struct compare *compare)
{
	const struct step *step = next_step(compare);

	return step != NULL && step->kind == STEP_DATA ? step : NULL;
}

unsigned long
compare_line(const struct compare *compare, size_t index)
{
	const struct record *record = compare->record;

	if (index < record->count)
		return record->steps[index].line;
	if (record->exit_line != 0)
		return record->exit_line;
	return record->count > 0 ? record->steps[record->count - 1].line : 1;
}

/* The bytes of the stream that are expected next, of one or several pieces. */
static struct difference_text
expected_bytes(const struct compare *compare)
{
	const struct record *record = compare->record;
	struct difference_text text = { .size = 0 };
	const struct step *step;
	size_t skip = compare->at;
	size_t i;

	for (i = compare->next; i < record->count &&
	    !difference_is_full(&text); i++) {
		step = &record->steps[i];
		if (step->speaker != compare->speaker)
			continue;
		if (step->kind == STEP_END)
			break;
		if (step->kind == STEP_DATA)
			difference_extend(&text, record->data + step->start +
			    skip, step->size - skip);
		skip = 0;
	}
	return text.size > 0 ? text : difference_words(DIFFERENCE_END);
}

/* The stream goes on with data, which is not in the record. */
static enum compare_result
note_bytes(struct compare *compare, const char *data, size_t size)
{
	struct difference_text expected = expected_bytes(compare);
	struct difference_text got = { .size = 0 };

	difference_extend(&got, data, size);
	difference_note(&compare->difference,
	    compare_line(compare, compare->next), &expected, &got,
	    "byte %" PRIu64 " of %s", compare->offset, compare->name);
	compare->difference.is_open = true;
	return COMPARE_DIFFERS;
}

size_t
compare_count_same(const char *one, const char *other, size_t size)
{
	size_t i;

	if (memcmp(one, other, size) == 0)
		return size;
	for (i = 0; one[i] == other[i]; i++)
		;
	return i;
}

bool
compare_is_surplus(const struct compare *compare)
{
	return compare->takes_surplus && next_step(compare) == NULL;
}

static enum compare_result
compare_plain(struct compare *compare, const char *data, size_t size)
{
	const struct step *step;
	size_t length, same;

	while (size > 0) {
		step = compare_next_data(compare);
		if (compare_is_surplus(compare))
			return COMPARE_SAME;
		if (step == NULL)
			return note_bytes(compare, data, size);
		length = step->size - compare->at;
		if (length > size)
			length = size;
		same = compare_count_same(compare->record->data + step->start +
		    compare->at, data, length);
		compare->at += same;
		compare->offset += same;
		data += same;
		size -= same;
		if (same < length)
			return note_bytes(compare, data, size);
		compare_skip(compare);
	}
	return COMPARE_SAME;
}

enum compare_result
compare_bytes(struct compare *compare, const char *data, size_t size)
{
	if (compare->difference.is_found) {
		if (compare->difference.is_open)
			difference_extend(&compare->difference.got, data,
			    size);
		return COMPARE_DIFFERS;
	}
	return compare->line != NULL ? line_compare(compare, data, size) :
	    compare_plain(compare, data, size);
}

/* The end has come instead of bytes, or of a message. */
static enum compare_result
note_end(struct compare *compare)
{
	const struct difference_text end = difference_words(DIFFERENCE_END);

	if (compare->record->has_messages)
		return compare_stray(compare, &end);
	(void)note_bytes(compare, "", 0);
	compare->difference.got = end;
	compare->difference.is_open = false;
	return COMPARE_DIFFERS;
}

enum compare_result
compare_end(struct compare *compare)
{
	enum compare_result result = COMPARE_SAME;
	const struct step *step;

	if (compare->difference.is_found)
		return COMPARE_DIFFERS;
	if (compare->line != NULL)
		result = line_compare_last(compare);
	if (result != COMPARE_SAME)
		return result;
	step = next_step(compare);
	if (step == NULL)
		return COMPARE_SAME;
	if (step->kind == STEP_DATA)
		return note_end(compare);
	compare->next++;
	compare_skip(compare);
	return COMPARE_SAME;
}

bool
compare_has_come(struct compare *compare, size_t index)
{
	return compare->next >= index ||
	    (compare->line != NULL && line_has_come(compare, index));
}

bool
compare_is_done(struct compare *compare)
{
	return compare_has_come(compare, compare->record->count);
}

/* How many bytes have come of what compare->next stands at. */
static size_t
count_come(const struct compare *compare)
{
	return compare->at +
	    (compare->line != NULL ? line_size(compare) : 0);
}

struct compare_missing
compare_missing(const struct compare *compare, size_t index)
{
	const struct record *record = compare->record;
	struct compare_missing missing = {
		.line = compare_line(compare, compare->next)
	};
	const struct step *step;
	size_t come, i;

	for (i = compare->next; i < index && i < record->count; i++) {
		step = &record->steps[i];
		if (step->speaker != compare->speaker)
			continue;
		if (step->kind == STEP_END)
			break;
		if (step->kind != STEP_DATA)
			continue;
		missing.count += record->has_messages ? 1 : step->size;
	}
	if (record->has_messages || missing.count == 0)
		return missing;
	/* With --ignore, what comes may be longer than what was recorded. */
	come = count_come(compare);
	missing.count = come < missing.count ? missing.count - come : 1;
	return missing;
}

void
compare_leave_out(struct compare *compare)
{
	compare->next = compare->record->count;
	compare->takes_surplus = true;
}

void
compare_free(struct compare *compare)
{
	line_close(compare->line);
}
