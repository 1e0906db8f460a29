/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play/expect.h"

#define PIECE ((size_t)256 << 10)	/* bytes read at a time */

/*
 * A message that is larger than all recorded ones by at most these bytes is
 * kept and shown.
 */
#define SURPLUS ((size_t)64 << 10)

size_t
expect_largest(const struct record *record, enum speaker speaker)
{
	return record->largest[speaker] + SURPLUS;
}

int
expect_init(struct expect *expect, struct link *link,
    const struct record *record, const struct ignore *ignore,
    enum speaker speaker, const char *name)
{
	size_t room;

	*expect = (struct expect){
		.link = link,
		.room = PIECE,
		.is_wire = record->has_messages && record->wire != -1,
	};
	if (compare_init(&expect->compare, record, ignore, speaker,
	    name) == -1)
		return -1;
	if (link->mailbox != NULL)
		return 0;
	if (expect->is_wire) {
		decoder_init(&expect->decoder, (enum framing)record->wire,
		    expect_largest(record, speaker));
		room = decoder_room(&expect->decoder);
		if (room > expect->room)
			expect->room = room;
	}
	expect->buffer = malloc(expect->room);
	return expect->buffer == NULL ? -1 : 0;
}

static enum io
result_of(enum compare_result result)
{
	return result == COMPARE_FAILED ? IO_FAILED : IO_MOVED;
}

/* A message has come that is too large: of size bytes, or more if is_open. */
static enum compare_result
compare_too_large(struct expect *expect, uint64_t size, bool is_open)
{
	struct difference_text got;
	char words[DIFFERENCE_SHOWN];

	snprintf(words, sizeof(words), "a message of %s%" PRIu64 " bytes",
	    is_open ? "more than " : "", size);
	got = difference_words(words);
	return compare_stray(&expect->compare, &got);
}

/* Compare what decoder_next() has found. */
static enum compare_result
compare_decoded(struct expect *expect, enum decode kind,
    const struct decoded *decoded)
{
	struct difference_text got;

	switch (kind) {
	case DECODE_MESSAGE:
		return compare_message(&expect->compare, decoded->message,
		    decoded->size);
	case DECODE_TOO_LARGE:
		return compare_too_large(expect, decoded->whole, false);
	case DECODE_CUT:
		got = difference_words("the end, inside a message");
		return compare_stray(&expect->compare, &got);
	case DECODE_MALFORMED:
		got = difference_bytes(decoded->message, decoded->size);
		return compare_stray(&expect->compare, &got);
	case DECODE_MORE:
		/* The line is too large already, and may never end. */
		if (decoded->used > 0)
			return compare_too_large(expect, expect->decoder.max,
			    true);
		break;
	case DECODE_END:
		break;
	}
	return COMPARE_SAME;
}

/* Compare the messages in the bytes held.  If ended, no more bytes come. */
static enum compare_result
compare_held(struct expect *expect, bool ended)
{
	enum compare_result result = COMPARE_SAME;
	struct decoded decoded;
	size_t from = 0;
	enum decode kind;

	do {
		kind = decoder_next(&expect->decoder, expect->buffer + from,
		    expect->held - from, ended, &decoded);
		result = compare_decoded(expect, kind, &decoded);
		from += decoded.used;
	} while (result == COMPARE_SAME && kind != DECODE_MORE &&
	    kind != DECODE_END);
	expect->held -= from;
	memmove(expect->buffer, expect->buffer + from, expect->held);
	return result;
}

static enum io
read_stream(struct expect *expect)
{
	struct compare *compare = &expect->compare;
	size_t got;
	enum io result;

	if (compare->difference.is_found)
		expect->held = 0;
	result = link_read(expect->link, expect->buffer + expect->held,
	    expect->room - expect->held, &got);
	if (result != IO_MOVED)
		return result;
	if (!expect->is_wire)
		return result_of(compare_bytes(compare, expect->buffer, got));
	expect->held += got;
	if (compare->difference.is_found)
		return IO_MOVED;
	return result_of(compare_held(expect, false));
}

static enum io
read_message(struct expect *expect)
{
	const char *message;
	size_t size;
	enum io result = link_receive(expect->link, &message, &size);

	if (result != IO_MOVED)
		return result;
	return result_of(size > expect->link->mailbox->largest ?
	    compare_too_large(expect, size, false) :
	    compare_message(&expect->compare, message, size));
}

enum io
expect_end(struct expect *expect)
{
	enum compare_result result = COMPARE_SAME;

	expect->has_ended = true;
	if (expect->is_wire && !expect->compare.difference.is_found)
		result = compare_held(expect, true);
	if (result == COMPARE_SAME)
		result = compare_end(&expect->compare);
	return result == COMPARE_FAILED ? IO_FAILED : IO_END;
}

enum io
expect_next(struct expect *expect)
{
	enum io result;

	if (expect->has_ended)
		return IO_END;
	result = expect->link->mailbox != NULL ? read_message(expect) :
	    read_stream(expect);
	return result == IO_END ? expect_end(expect) : result;
}

void
expect_free(struct expect *expect)
{
	compare_free(&expect->compare);
	free(expect->buffer);
}
