/* SPDX-License-Identifier: MIT */
/*
 * Messages in a stream of bytes.  The first byte of an input chooses the
 * framing, see framings.  The second chooses, from the low bits up:
 *
 *	2 bits	the largest message, see limits
 *	6 bits	how the rest, which is what is decoded, is cut
 *
 * Whatever the bytes are, the results must be possible ones (see feed.h),
 * those of the model, and the same however the bytes were cut; and the
 * messages, framed again, must come out as they are.
 */
#include "config.h"

#include <stdlib.h>

#include "plan/framing.h"
#include "feed.h"
#include "model.h"
#include "target.h"

/* A new one goes to the end, whatever its place in the enum. */
static const enum framing framings[] = {
	FRAMING_LINE, FRAMING_NULL, FRAMING_NETSTRING, FRAMING_U16,
	FRAMING_U16LE, FRAMING_U32, FRAMING_U32LE, FRAMING_RAW,
	FRAMING_LSP,
};

static const size_t limits[] = { 0, 5, 260, SIZE_MAX };

/* What came of an input: the log and the frames of feed.h. */
struct outcome {
	char *log;		/* owned */
	size_t log_size;
	char *frames;		/* owned */
	size_t frames_size;
};

static void
outcome_get(struct outcome *outcome, enum framing framing, size_t max,
    const char *input, size_t size, const struct cuts *cuts)
{
	FILE *log = open_memstream(&outcome->log, &outcome->log_size);
	FILE *frames = open_memstream(&outcome->frames,
	    &outcome->frames_size);
	const char *fault;

	hold(log != NULL && frames != NULL, "there is memory");
	fault = feed_input(framing, max, input, size, cuts, log, frames);
	if (fault != NULL)
		fprintf(stderr, "fault: %s\n", fault);
	hold(fault == NULL, "the decoder has no fault");
	hold(fclose(log) == 0 && fclose(frames) == 0, "there is memory");
}

static void
outcome_free(struct outcome *outcome)
{
	free(outcome->log);
	free(outcome->frames);
}

static bool
is_same(const char *one, size_t one_size, const char *other,
    size_t other_size)
{
	return one_size == other_size && memcmp(one, other, one_size) == 0;
}

static void
check_model(const struct outcome *whole, enum framing framing, size_t max,
    const char *input, size_t size)
{
	char *log;
	size_t log_size;
	FILE *stream = open_memstream(&log, &log_size);

	hold(stream != NULL, "there is memory");
	model(framing, max, input, size, stream);
	hold(fclose(stream) == 0, "there is memory");
	hold(is_same(whole->log, whole->log_size, log, log_size),
	    "the results are those of the model");
	free(log);
}

static void
check_cut(const struct outcome *whole, enum framing framing, size_t max,
    const char *input, size_t size, const struct cuts *cuts)
{
	struct outcome cut;

	outcome_get(&cut, framing, max, input, size, cuts);
	hold(is_same(whole->log, whole->log_size, cut.log, cut.log_size),
	    "the results are the same however the input is cut");
	outcome_free(&cut);
}

static void
check_again(const struct outcome *whole, enum framing framing, size_t max,
    const struct cuts *cuts)
{
	struct outcome again;

	outcome_get(&again, framing, max, whole->frames, whole->frames_size,
	    cuts);
	hold(is_same(whole->frames, whole->frames_size, again.frames,
	    again.frames_size), "messages come out as they were framed");
	outcome_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct cuts none = { SIZE_MAX, SIZE_MAX, 0, false };
	const struct cuts bytes = { 1, 1, 0, true };
	struct cuts some = { 0, 0, 0, false };
	enum framing framing;
	const char *input;
	struct outcome whole;
	size_t max;

	if (size < 2)
		return 0;
	framing = framings[data[0] % (sizeof(framings) / sizeof(framings[0]))];
	max = limits[data[1] & 3];
	some.seed = 1 + (uint32_t)(data[1] >> 2);
	some.rest = some.seed * some.seed;
	some.late_end = some.seed % 2 == 0;
	input = (const char *)data + 2;
	size -= 2;
	outcome_get(&whole, framing, max, input, size, &none);
	if (framing == FRAMING_RAW) {
		outcome_free(&whole);
		outcome_get(&whole, framing, max, input, size, &some);
	} else {
		check_model(&whole, framing, max, input, size);
		check_cut(&whole, framing, max, input, size, &bytes);
		check_cut(&whole, framing, max, input, size, &some);
		check_again(&whole, framing, max, &some);
	}
	outcome_free(&whole);
	return 0;
}
