/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>

#include "play/buffer.h"
#include "play/compare-parts.h"

/* The message differs from its byte number at on, where data is. */
static void
note_message(struct compare *compare, const char *data, size_t size,
    const struct difference_text *expected, size_t at)
{
	struct difference_text got = difference_bytes(data, size);

	difference_note(&compare->difference,
	    compare_line(compare, compare->next), expected, &got,
	    "byte %zu of message %" PRIu64 " of %s", at, compare->number,
	    compare->name);
}

/* Compare all bytes of the message that is expected with all that came. */
static enum compare_result
compare_whole(struct compare *compare, const char *wanted, size_t wanted_size,
    const char *data, size_t size)
{
	size_t least = size < wanted_size ? size : wanted_size;
	size_t same = compare_count_same(wanted, data, least);
	struct difference_text expected;

	if (same == size && same == wanted_size)
		return COMPARE_SAME;
	expected = difference_bytes(wanted + same, wanted_size - same);
	note_message(compare, data + same, size - same, &expected, same);
	return COMPARE_DIFFERS;
}

/* The same, for copies in which what is ignored has been replaced. */
static enum compare_result
compare_with_ignored(struct compare *compare, const struct step *step,
    const char *data, size_t size)
{
	enum compare_result result = COMPARE_FAILED;
	struct buffer wanted = { .size = 0 };
	struct buffer got = { .size = 0 };

	if (buffer_set(&wanted, compare->record->data + step->start,
	    step->size) == 0 && buffer_set(&got, data, size) == 0 &&
	    buffer_ignore(&wanted, compare->ignore) == 0 &&
	    buffer_ignore(&got, compare->ignore) == 0)
		result = compare_whole(compare, wanted.data, wanted.size,
		    got.data, got.size);
	buffer_free(&wanted);
	buffer_free(&got);
	return result;
}

enum compare_result
compare_message(struct compare *compare, const char *data, size_t size)
{
	const struct step *step = compare_next_data(compare);
	struct difference_text expected;
	enum compare_result result;

	if (compare->difference.is_found)
		return COMPARE_DIFFERS;
	if (compare_is_surplus(compare))
		return COMPARE_SAME;
	if (step == NULL) {
		expected = difference_words(DIFFERENCE_END);
		note_message(compare, data, size, &expected, 0);
		return COMPARE_DIFFERS;
	}
	result = compare->ignore->count > 0 ?
	    compare_with_ignored(compare, step, data, size) :
	    compare_whole(compare, compare->record->data + step->start,
	    step->size, data, size);
	if (result == COMPARE_SAME) {
		compare->next++;
		compare->number++;
		compare_skip(compare);
	}
	return result;
}

enum compare_result
compare_stray(struct compare *compare, const struct difference_text *got)
{
	const struct step *step = compare_next_data(compare);
	struct difference_text expected = step == NULL ?
	    difference_words(DIFFERENCE_END) :
	    difference_bytes(compare->record->data + step->start, step->size);

	if (compare->difference.is_found)
		return COMPARE_DIFFERS;
	if (compare_is_surplus(compare))
		return COMPARE_SAME;
	difference_note(&compare->difference,
	    compare_line(compare, compare->next), &expected, got,
	    "message %" PRIu64 " of %s", compare->number, compare->name);
	return COMPARE_DIFFERS;
}
