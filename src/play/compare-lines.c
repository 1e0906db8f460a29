/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "play/buffer.h"
#include "play/compare-lines.h"
#include "play/compare-parts.h"

/*
 * A line that is longer than the whole record by more bytes than this differs
 * from it, whatever is ignored, because a line is kept in memory.
 */
#define LINE_SURPLUS ((size_t)1 << 20)

/* Where a line that came ends. */
enum line_end {
	LINE_WHOLE,		/* at its newline */
	LINE_LAST,		/* at the end of the stream */
	LINE_TOO_LONG,		/* not yet: see LINE_SURPLUS */
};

/* A recorded line. */
struct recorded_line {
	bool has_newline;
	size_t next;		/* compare->next and compare->at behind it */
	size_t at;
};

struct line {
	struct buffer got;	/* what has come of the line */
	struct buffer shown;	/* the same, with what is ignored replaced */
	struct buffer wanted;	/* the recorded line, likewise */
	size_t head;		/* bytes of wanted before the first match */

	/* What find_recorded() last found, and for which next, at and limit. */
	struct recorded_line found;
	size_t next;
	size_t at;
	size_t limit;		/* 0: nothing yet */
};

struct line *
line_open(void)
{
	struct line *line = calloc(1, sizeof(*line));

	if (line == NULL || buffer_set(&line->got, "", 0) == 0)
		return line;
	line_close(line);
	return NULL;
}

void
line_close(struct line *line)
{
	if (line == NULL)
		return;
	buffer_free(&line->got);
	buffer_free(&line->shown);
	buffer_free(&line->wanted);
	free(line);
}

/*
 * Put the recorded line that begins at the next byte into line->wanted, up to
 * its newline, to the step limit, or to the end of what the side says.
 */
static int
copy_recorded(const struct compare *compare, size_t limit)
{
	const struct record *record = compare->record;
	struct buffer *wanted = &compare->line->wanted;
	struct recorded_line *found = &compare->line->found;
	const struct step *step;
	const char *data, *newline;
	size_t length;

	*found = (struct recorded_line){ false, compare->next, compare->at };
	if (buffer_set(wanted, "", 0) == -1)
		return -1;
	for (; found->next < limit; found->next++, found->at = 0) {
		step = &record->steps[found->next];
		if (step->speaker != compare->speaker)
			continue;
		if (step->kind == STEP_END)
			return 0;
		if (step->kind != STEP_DATA)
			continue;
		data = record->data + step->start + found->at;
		length = step->size - found->at;
		newline = memchr(data, '\n', length);
		if (newline != NULL)
			length = (size_t)(newline - data);
		if (buffer_add(wanted, data, length) == -1)
			return -1;
		if (newline != NULL) {
			found->has_newline = true;
			found->at += length + 1;
			return 0;
		}
	}
	return 0;
}

/*
 * Put the recorded line up to the step limit into line->wanted, with what is
 * ignored replaced, and where it ends into line->found.  While a long line
 * comes in pieces, each piece calls this for the same line, so the last result
 * is kept.  Returns 0, or -1 with errno ENOMEM.
 */
static int
find_recorded(const struct compare *compare, size_t limit)
{
	struct line *line = compare->line;
	struct buffer *wanted = &line->wanted;
	const char *ignored;

	if (line->limit == limit && line->next == compare->next &&
	    line->at == compare->at)
		return 0;
	line->limit = 0;
	if (copy_recorded(compare, limit) == -1)
		return -1;
	if (buffer_ignore(wanted, compare->ignore) == -1)
		return -1;
	ignored = memchr(wanted->data, IGNORED, wanted->size);
	line->head = ignored == NULL ? wanted->size :
	    (size_t)(ignored - wanted->data);
	line->next = compare->next;
	line->at = compare->at;
	line->limit = limit;
	return 0;
}

/* Copy line->got to line->shown, and replace what is ignored there. */
static int
show_got(const struct compare *compare)
{
	struct line *line = compare->line;

	if (buffer_set(&line->shown, line->got.data, line->got.size) == -1)
		return -1;
	return buffer_ignore(&line->shown, compare->ignore);
}

/* How many bytes at their start the recorded line and line->shown share. */
static size_t
count_same(const struct line *line)
{
	size_t same = 0;

	while (same < line->wanted.size && same < line->shown.size &&
	    line->wanted.data[same] == line->shown.data[same])
		same++;
	return same;
}

static bool
is_same_line(const struct line *line)
{
	return line->shown.size == line->wanted.size &&
	    count_same(line) == line->wanted.size;
}

/*
 * Whether the recorded line, or the part of it that is in line->wanted, has
 * come.  If is_cut_off, the last bytes of the recorded line may be the
 * beginning of a match that is whole, and replaced, in what came.
 */
static bool
begins_as_recorded(const struct line *line, bool is_cut_off)
{
	size_t same = count_same(line);

	return same == line->wanted.size || (is_cut_off &&
	    same < line->shown.size && line->shown.data[same] == IGNORED);
}

/*
 * Whether line->got may begin as recorded, judged without a search for what is
 * ignored: that would take too long for each piece of a long line.  A match
 * never becomes longer, and the bytes before the first one stay as they are.
 */
static bool
may_begin_as_recorded(const struct line *line)
{
	return line->got.size >= line->wanted.size &&
	    memcmp(line->got.data, line->wanted.data, line->head) == 0;
}

/* What is in buffer from byte at on; if that is nothing, the words end. */
static struct difference_text
text_from(const struct buffer *buffer, size_t at, const char *end)
{
	if (at == buffer->size)
		return difference_words(end);
	return difference_bytes(buffer->data + at, buffer->size - at);
}

static enum compare_result
note_line(struct compare *compare, bool wanted_newline, enum line_end end)
{
	struct line *line = compare->line;
	struct difference_text expected, got;
	size_t same;

	if ((wanted_newline && buffer_add(&line->wanted, "\n", 1) == -1) ||
	    (end == LINE_WHOLE && buffer_add(&line->shown, "\n", 1) == -1))
		return COMPARE_FAILED;
	same = count_same(line);
	expected = text_from(&line->wanted, same, DIFFERENCE_END);
	got = text_from(&line->shown, same, end == LINE_TOO_LONG ?
	    "a longer line" : DIFFERENCE_END);
	difference_note(&compare->difference,
	    compare_line(compare, compare->next), &expected, &got,
	    "line %" PRIu64 " of %s", compare->number, compare->name);
	return COMPARE_DIFFERS;
}

/*
 * Whether the recorded line is the last one, and its reader may have left in
 * the middle of it: then the record has only its beginning.
 */
static bool
is_cut_off(const struct compare *compare, const struct recorded_line *found)
{
	return compare->takes_surplus && !found->has_newline &&
	    found->next == compare->record->count;
}

/* Compare the line in line->got, which has ended as end says. */
static enum compare_result
end_line(struct compare *compare, enum line_end end)
{
	struct line *line = compare->line;
	const struct recorded_line *found = &line->found;

	if (find_recorded(compare, compare->record->count) == -1 ||
	    show_got(compare) == -1)
		return COMPARE_FAILED;
	if (is_cut_off(compare, found) && begins_as_recorded(line, true)) {
		compare_leave_out(compare);
		return COMPARE_SAME;
	}
	if (end == LINE_TOO_LONG || !is_same_line(line) ||
	    found->has_newline != (end == LINE_WHOLE))
		return note_line(compare, found->has_newline, end);
	compare->next = found->next;
	compare->at = found->at;
	compare->number++;
	line->got.size = 0;
	compare_skip(compare);
	return COMPARE_SAME;
}

/* Whether the side says no more in the record than what has agreed. */
static bool
is_at_end(const struct compare *compare)
{
	return compare->next == compare->record->count;
}

enum compare_result
line_compare(struct compare *compare, const char *data, size_t size)
{
	struct buffer *got = &compare->line->got;
	const size_t limit = compare->record->size + LINE_SURPLUS;
	enum compare_result result = COMPARE_SAME;
	const char *newline;
	size_t length;

	while (size > 0 && result == COMPARE_SAME) {
		if (is_at_end(compare) && compare->takes_surplus)
			return COMPARE_SAME;
		newline = memchr(data, '\n', size);
		length = newline != NULL ? (size_t)(newline - data) : size;
		if (length > limit - got->size) {
			length = limit - got->size;
			newline = NULL;
		}
		if (buffer_add(got, data, length) == -1)
			return COMPARE_FAILED;
		data += length;
		size -= length;
		if (newline != NULL) {
			result = end_line(compare, LINE_WHOLE);
			data++;
			size--;
		} else if (size > 0) {
			result = end_line(compare, LINE_TOO_LONG);
		}
	}
	return result;
}

enum compare_result
line_compare_last(struct compare *compare)
{
	const struct record *record = compare->record;

	if (compare->line->got.size == 0 && (is_at_end(compare) ||
	    record->steps[compare->next].kind == STEP_END))
		return COMPARE_SAME;
	return end_line(compare, LINE_LAST);
}

bool
line_has_come(struct compare *compare, size_t index)
{
	const struct line *line = compare->line;
	const struct recorded_line *found = &line->found;
	bool cut_off;

	if (find_recorded(compare, index) == -1) {
		compare->failed = true;
		return false;
	}
	if (found->has_newline || found->next < index)
		return false;
	cut_off = is_cut_off(compare, found);
	if (!cut_off && !may_begin_as_recorded(line))
		return false;
	if (show_got(compare) == -1) {
		compare->failed = true;
		return false;
	}
	return begins_as_recorded(line, cut_off);
}

size_t
line_size(const struct compare *compare)
{
	return compare->line->got.size;
}
