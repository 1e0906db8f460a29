/* SPDX-License-Identifier: MIT */
/*
 * What a side says, compared with a record.  The first byte of an input
 * chooses, from the low bits up:
 *
 *	1 bit	messages, not a stream
 *	1 bit	digits are ignored
 *	1 bit	after all that is recorded, anything may come
 *	1 bit	the side ends
 *	1 bit	at last comes what is left of the record
 *
 * The second byte chooses the pieces of a stream.  Then follow the steps of the
 * record up to a byte 255, and then what the side says: see read_step() and
 * read_said().  What is found must be what the model of talk.h finds.
 */
#include "config.h"

#include "talk.h"
#include "target.h"

#define SAID_MAX 128		/* messages */

struct input {
	const uint8_t *data;
	size_t size;
};

/* What the side says, as it is put together. */
struct saying {
	char data[TALK_BYTES];
	size_t size;
	size_t sizes[SAID_MAX];	/* of messages */
	size_t count;
	size_t next;		/* byte, or message, of the record to copy */
};

/* The next bytes of the input: *size of them, or all that are left. */
static const char *
take(struct input *input, size_t *size)
{
	const char *data = (const char *)input->data;

	if (*size > input->size)
		*size = input->size;
	input->data += *size;
	input->size -= *size;
	return data;
}

/* The next byte; 255 if there is none. */
static unsigned int
take_byte(struct input *input)
{
	size_t size = 1;
	const char *data = take(input, &size);

	return size == 1 ? (unsigned char)*data : 255;
}

/*
 * A step: 2 bits choose its kind, and 6 how many of the next bytes it has.
 * False behind the last one.
 */
static bool
read_step(struct talk *talk, struct input *input)
{
	static const enum step_kind kinds[] = {
		STEP_DATA, STEP_DATA, STEP_END, STEP_NONE
	};
	unsigned int byte = take_byte(input);
	enum speaker speaker = (byte & 3) == 1 ? SPEAKER_STDIN :
	    SPEAKER_COMMAND;
	enum step_kind kind = kinds[byte & 3];
	size_t size = kind == STEP_END ? 0 : byte >> 2;
	const char *data;

	if (byte == 255)
		return false;
	data = take(input, &size);
	/* A side says nothing after its end. */
	return talk->record.has_end[speaker] ||
	    talk_add(talk, kind, speaker, data, size);
}

/* Say size bytes; true if there was room. */
static bool
say(struct saying *saying, const char *data, size_t size)
{
	if (size > sizeof(saying->data) - saying->size)
		return false;
	if (size > 0)
		memcpy(saying->data + saying->size, data, size);
	saying->size += size;
	return true;
}

static bool
say_digits(struct saying *saying, size_t count)
{
	while (count > 0 && say(saying, "7", 1))
		count--;
	return count == 0;
}

static bool
say_message(struct saying *saying, const char *data, size_t size)
{
	if (saying->count == SAID_MAX || !say(saying, data, size))
		return false;
	saying->sizes[saying->count++] = size;
	return true;
}

/* A recorded message, with count digits in place of each one. */
static bool
say_with_digits(struct saying *saying, const char *data, size_t size,
    size_t count)
{
	size_t before = saying->size;
	bool fits = saying->count < SAID_MAX;
	size_t i;

	for (i = 0; i < size && fits; i++)
		fits = data[i] >= '0' && data[i] <= '9' ?
		    say_digits(saying, count) : say(saying, data + i, 1);
	if (!fits) {
		/* No bytes may remain that are in no message. */
		saying->size = before;
		return false;
	}
	saying->sizes[saying->count++] = saying->size - before;
	return true;
}

/*
 * Some of what the side says: 2 bits choose what, and 6 how much.  Copy bytes
 * of the record, say the next bytes of the input, leave out bytes of the
 * record, or say digits.
 */
static bool
read_said(struct saying *saying, const struct text *recorded,
    struct input *input)
{
	unsigned int byte = take_byte(input);
	size_t size = byte >> 2;
	size_t left = recorded->size - saying->next;
	const char *data;

	if (byte == 255)
		return false;
	if ((byte & 3) == 3)
		return say_digits(saying, size);
	if ((byte & 3) == 1) {
		data = take(input, &size);
		return say(saying, data, size);
	}
	if (size > left)
		size = left;
	saying->next += size;
	return (byte & 3) == 2 ||
	    say(saying, recorded->data + saying->next - size, size);
}

/* The same for a message. */
static bool
read_message(struct saying *saying, const struct model *model,
    struct input *input)
{
	unsigned int byte = take_byte(input);
	size_t size = byte >> 2;
	const struct step *step;
	const char *data;

	if (byte == 255)
		return false;
	if ((byte & 3) == 1) {
		data = take(input, &size);
		return say_message(saying, data, size);
	}
	step = model_message(model, saying->next);
	if (step == NULL || step->kind != STEP_DATA)
		return true;
	saying->next++;
	data = model->record->data + step->start;
	if ((byte & 3) == 3)
		return say_with_digits(saying, data, step->size, size);
	return (byte & 3) == 2 || say_message(saying, data, step->size);
}

static void
say_rest(struct saying *saying, const struct model *model,
    const struct text *recorded)
{
	const struct step *step;

	if (!model->record->has_messages)
		say(saying, recorded->data + saying->next,
		    recorded->size - saying->next);
	else
		while ((step = model_message(model, saying->next++)) != NULL &&
		    step->kind == STEP_DATA &&
		    say_message(saying, model->record->data + step->start,
		    step->size))
			;
}

static void
check(struct model *model, const struct said *said, unsigned int seed)
{
	struct ignore ignore = { .count = 0 };
	const uint64_t cuts[] = { 0, UINT64_MAX,
		seed * UINT64_C(0x9e3779b97f4a7c15) };
	const char *fault;
	size_t i;

	hold(!model->ignores || ignore_add(&ignore, TALK_IGNORED) == 0,
	    "there is memory");
	model_run(model, said);
	for (i = 0; i < 3; i++) {
		fault = talk_check(model, &ignore, said, cuts[i]);
		hold(fault == NULL, "%s", fault);
	}
	ignore_free(&ignore);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct talk talk;
	static struct saying saying;
	static struct model model;
	static struct text recorded;
	struct input input = { data, size };
	unsigned int modes = take_byte(&input);
	unsigned int seed = take_byte(&input);
	struct said said = { .has_ended = (modes & 8) != 0 };

	talk_init(&talk);
	talk.record.has_messages = (modes & 1) != 0;
	while (read_step(&talk, &input))
		;
	model = (struct model){
		.record = &talk.record, .speaker = SPEAKER_COMMAND,
		.ignores = (modes & 2) != 0,
		.takes_surplus = (modes & 4) != 0,
	};
	model_join(&model, talk.record.count, &recorded);
	saying = (struct saying){ .size = 0 };
	while (talk.record.has_messages ?
	    read_message(&saying, &model, &input) :
	    read_said(&saying, &recorded, &input))
		;
	if ((modes & 16) != 0)
		say_rest(&saying, &model, &recorded);
	said.data = saying.data;
	said.size = saying.size;
	said.sizes = saying.sizes;
	said.count = saying.count;
	check(&model, &said, seed);
	return 0;
}
