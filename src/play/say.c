/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>

#include "plan/framing.h"
#include "play/say.h"

static const struct step *
next_step(const struct say *say)
{
	return &say->record->steps[say->next];
}

/* Go on to our next step, unless say->next is one already. */
static void
skip_steps(struct say *say)
{
	while (say->next < say->record->count &&
	    (next_step(say)->speaker != say->speaker ||
	    next_step(say)->kind == STEP_NONE))
		say->next++;
}

void
say_init(struct say *say, const struct record *record, struct link *link,
    enum speaker speaker)
{
	*say = (struct say){
		.record = record, .link = link, .speaker = speaker
	};
	skip_steps(say);
}

bool
say_is_done(const struct say *say)
{
	return say->next == say->record->count;
}

void
say_leave_out(struct say *say)
{
	say->next = say->record->count;
}

void
say_end_step(struct say *say)
{
	say->at = 0;
	say->next++;
	skip_steps(say);
}

/*
 * Leave out the first *skip bytes of buffer, at most all of it, and subtract
 * their number from *skip.
 */
static void
skip_bytes(struct iovec *buffer, size_t *skip)
{
	size_t size = *skip < buffer->iov_len ? *skip : buffer->iov_len;

	buffer->iov_base = (char *)buffer->iov_base + size;
	buffer->iov_len -= size;
	*skip -= size;
}

/* What is left to say of a piece of a stream, or of a message in a stream. */
struct rest {
	char header[FRAME_HEADER_MAX];
	char trailer[FRAME_TRAILER_MAX];
	struct iovec buffers[3];
	size_t size;		/* bytes in all of them */
};

static void
find_rest(const struct say *say, struct rest *rest)
{
	const struct step *step = next_step(say);
	const int wire = say->record->wire;
	size_t skip = say->at;
	int i;

	rest->buffers[0] = (struct iovec){ rest->header, 0 };
	rest->buffers[1] = (struct iovec){ say->record->data + step->start,
		step->size };
	rest->buffers[2] = (struct iovec){ rest->trailer, 0 };
	if (wire != -1) {
		rest->buffers[0].iov_len = frame_header((enum framing)wire,
		    step->size, rest->header);
		rest->buffers[2].iov_len = frame_trailer((enum framing)wire,
		    rest->trailer);
	}
	rest->size = 0;
	for (i = 0; i < 3; i++) {
		skip_bytes(&rest->buffers[i], &skip);
		rest->size += rest->buffers[i].iov_len;
	}
}

static bool
is_message(const struct say *say)
{
	return say->record->has_messages && say->record->wire == -1;
}

size_t
say_left(const struct say *say)
{
	struct rest rest;

	if (next_step(say)->kind != STEP_DATA || is_message(say))
		return next_step(say)->size;
	find_rest(say, &rest);
	return rest.size;
}

static enum io
say_bytes(struct say *say)
{
	struct rest rest;
	enum io result;
	size_t done = 0;

	find_rest(say, &rest);
	if (rest.size == 0) {
		say_end_step(say);
		return IO_MOVED;
	}
	result = link_write(say->link, rest.buffers, 3, &done);
	if (result != IO_MOVED)
		return result;
	say->at += done;
	if (done == rest.size)
		say_end_step(say);
	return IO_MOVED;
}

static enum io
say_message(struct say *say, const struct step *step)
{
	enum io result = link_send(say->link,
	    say->record->data + step->start, step->size);

	if (result == IO_MOVED)
		say_end_step(say);
	return result;
}

enum io
say_next(struct say *say)
{
	const struct step *step = next_step(say);
	enum io result;

	if (step->kind == STEP_END) {
		link_half_close(say->link);
		say_end_step(say);
		return IO_MOVED;
	}
	if (say->link->out == -1)
		result = IO_END;	/* we half-closed it before */
	else if (is_message(say))
		result = say_message(say, step);
	else
		result = say_bytes(say);
	if (result == IO_END) {
		link_half_close(say->link);
		say_end_step(say);
	}
	return result;
}
