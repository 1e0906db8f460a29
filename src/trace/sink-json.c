/* SPDX-License-Identifier: MIT */
/*
 * JSON Lines: an event is an object, RFC 8259, on a line of its own.  Bytes are
 * "text" if they are valid UTF-8, else "base64", so that every line is valid
 * and nothing is lost.  This prints all bytes that one side sent:
 *
 *	jq -r 'select(.from == "stdin") |
 *	    .base64 // (.text // empty | @base64)' FILE | base64 -d
 *
 * A piece of a stream may end within a character.  The first bytes of that
 * character are kept for the next piece, whose record shows and counts them.
 * Otherwise many pieces of text that is not English would not be valid UTF-8.
 * If another event comes first, the kept bytes are written before it, so that
 * the records are in the order of the events, and an answer follows its
 * request.  The bytes that then continue the character are a record of their
 * own, too, and what follows them is text again.
 */
#include "config.h"

#include <sys/wait.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "trace/carry.h"
#include "trace/json.h"
#include "trace/sink.h"

struct json_state {
	struct carry carries[3];	/* by direction */
	/* Of the previous event, the only one whose bytes can be carried: */
	enum trace_direction direction;
	int64_t since;		/* its time */
};

int
json_start(struct sink *sink)
{
	sink->state = calloc(1, sizeof(struct json_state));
	return sink->state == NULL ? -1 : 0;
}

static void
put_number(struct sink *sink, const char *key, unsigned long long number)
{
	json_print(sink, ",\"%s\":%llu", key, number);
}

static void
put_time_key(struct sink *sink, const char *key, int64_t time)
{
	json_print(sink, "\"%s\":", key);
	textbuf_put_seconds(&sink->record, time, 6);
}

/* The keys of every event. */
static void
put_prologue(struct sink *sink, const struct trace_event *event)
{
	json_put(sink, "{");
	put_time_key(sink, "t", event->since);
	if (event->direction == TRACE_FROM_COMMAND)
		json_put(sink, ",\"from\":\"command\"");
	else if (event->direction == TRACE_TO_COMMAND)
		json_put(sink, sink->run->peer == NULL ?
		    ",\"from\":\"stdin\"" : ",\"from\":\"peer\"");
	json_put(sink, ",\"type\":\"");
	json_put(sink, names_name(event_names, (int)event->kind));
	json_put(sink, "\"");
}

/* RFC 3339. */
static void
put_utc(struct sink *sink, int64_t real)
{
	time_t seconds = (time_t)(real / SECOND);
	struct tm utc = { 0 };
	char date[32];

	gmtime_r(&seconds, &utc);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
	json_print(sink, ",\"time\":\"%s.%09dZ\"", date, (int)(real % SECOND));
}

static void
put_start_keys(struct sink *sink, const struct trace_event *event)
{
	const struct trace_run *run = sink->run;
	char *const *word;
	size_t i;

	put_utc(sink, event->real);
	json_print(sink, ",\"pid\":%ld,\"argv\":[", (long)event->pid);
	for (word = run->command; *word != NULL; word++) {
		if (word != run->command)
			json_put(sink, ",");
		json_put_any(sink, *word);
	}
	json_put(sink, "],\"socket\":");
	json_put_any(sink, run->type);
	if (run->wire != NULL)
		json_print(sink, ",\"wire\":\"%s\"", run->wire);
	json_put(sink, ",\"fds\":[");
	for (i = 0; i < run->fds->count; i++) {
		json_print(sink, "%s%d", i == 0 ? "" : ",",
		    run->fds->fds[i]);
	}
	json_put(sink, "]");
	if (run->peer != NULL) {
		json_put(sink, ",\"peer\":");
		json_put_any(sink, run->peer);
	}
}

static void
put_fd_objects(struct sink *sink, const struct trace_event *event)
{
	static const char *const modes[] = {
		[TRACE_NO_MODE] = "",
		[TRACE_READ] = ",\"mode\":\"read\"",
		[TRACE_WRITE] = ",\"mode\":\"write\"",
		[TRACE_BOTH] = ",\"mode\":\"read, write\"",
	};
	size_t i;

	json_put(sink, ",\"fds\":[");
	for (i = 0; i < event->fd_count; i++) {
		json_print(sink, "%s{\"fd\":%d,\"target\":",
		    i == 0 ? "" : ",", event->fds[i].number);
		json_put_any(sink, event->fds[i].target);
		json_put(sink, modes[event->fds[i].mode]);
		json_put(sink, "}");
	}
	json_put(sink, "]");
}

static void
put_span(struct sink *sink, uint64_t offset, size_t size)
{
	put_number(sink, "offset", offset);
	put_number(sink, "size", size);
}

/*
 * Put the bytes that are shown, and their number if these are not all bytes.
 * Text is not cut within a character.
 */
static void
put_joined(struct sink *sink, const struct joined *joined)
{
	size_t whole = joined->first_size + joined->size;
	size_t shown = sink_shown(sink, whole);
	bool is_text = joined_is_text(joined, &shown);
	size_t first = shown < joined->first_size ? shown :
	    joined->first_size;

	if (shown < whole)
		put_number(sink, "shown", shown);
	json_put(sink, is_text ? ",\"text\":" : ",\"base64\":");
	if (is_text)
		json_put_text(sink, joined->first, first, joined->data,
		    shown - first);
	else
		json_put_base64(sink, joined->first, first, joined->data,
		    shown - first);
}

static void
put_json_message(struct sink *sink, const struct trace_event *event)
{
	const struct joined all = {
		.data = event->data, .size = event->size
	};

	put_number(sink, "number", event->number);
	put_span(sink, event->offset, event->size);
	put_joined(sink, &all);
}

/* Write a record of a piece of a stream. */
static void
write_piece(struct sink *sink, const struct trace_event *event,
    const struct joined *joined)
{
	put_prologue(sink, event);
	put_span(sink, joined->offset, joined->first_size + joined->size);
	put_joined(sink, joined);
	json_put(sink, "}\n");
	sink_flush(sink);
}

/* Write the carried bytes, which are the last ones of the previous event. */
static void
write_carried(struct sink *sink)
{
	struct json_state *state = sink->state;
	const struct trace_event event = {
		.kind = TRACE_DATA,
		.direction = state->direction,
		.since = state->since,
	};
	struct joined joined;

	if (carry_end(&state->carries[state->direction], &joined))
		write_piece(sink, &event, &joined);
}

static void
write_data(struct sink *sink, const struct trace_event *event)
{
	struct json_state *state = sink->state;
	struct carry *carry = &state->carries[event->direction];
	const char *data = event->data;
	size_t rest = carry_rest(carry, data, event->size, event->offset);
	struct joined joined = {
		.data = data, .size = rest, .offset = event->offset
	};

	if (rest > 0) {
		write_piece(sink, event, &joined);
		if (rest == event->size)
			return;
	}
	if (carry_join(carry, data + rest, event->size - rest,
	    event->offset + rest, &joined))
		write_piece(sink, event, &joined);
}

static void
put_totals(struct sink *sink, const char *key,
    const struct stats_totals *totals)
{
	json_print(sink, ",\"%s\":{\"size\":%llu,\"pieces\":%llu}",
	    key, (unsigned long long)totals->bytes,
	    (unsigned long long)totals->pieces);
}

static void
put_signal_keys(struct sink *sink, int number)
{
	const char *name = names_name(signal_names, number);

	put_number(sink, "signal", (unsigned int)number);
	if (name != NULL)
		json_print(sink, ",\"name\":\"%s\"", name);
}

static void
put_exit_keys(struct sink *sink, const struct trace_event *event)
{
	const struct stats *stats = event->stats;
	int peer = event->peer_status;

	if (WIFSIGNALED(event->wait_status))
		put_signal_keys(sink, WTERMSIG(event->wait_status));
	else
		put_number(sink, "status",
		    (unsigned int)WEXITSTATUS(event->wait_status));
	if (event->error != 0) {
		json_put(sink, ",\"reason\":");
		json_put_any(sink, strerror(event->error));
	}
	if (sink->run->peer != NULL && WIFSIGNALED(peer))
		put_number(sink, "peer_signal", (unsigned int)WTERMSIG(peer));
	else if (sink->run->peer != NULL)
		put_number(sink, "peer_status",
		    (unsigned int)WEXITSTATUS(peer));
	put_totals(sink, sink->run->peer == NULL ? "stdin" : "peer",
	    &stats->to_command);
	put_totals(sink, "command", &stats->from_command);
	json_put(sink, ",");
	put_time_key(sink, "duration", stats->duration);
}

static void
put_rest(struct sink *sink, const struct trace_event *event)
{
	switch (event->kind) {
	case TRACE_START:
		put_start_keys(sink, event);
		break;
	case TRACE_MESSAGE:
		put_json_message(sink, event);
		break;
	case TRACE_UNDELIVERED:
		put_span(sink, event->offset, event->size);
		break;
	case TRACE_FDS:
		put_fd_objects(sink, event);
		break;
	case TRACE_EOF:
		json_put(sink, event->told ? ",\"told\":true" :
		    ",\"told\":false");
		break;
	case TRACE_SIGNAL:
		put_signal_keys(sink, event->signal);
		break;
	case TRACE_STALL:
	case TRACE_TIMEOUT:
		json_put(sink, ",");
		put_time_key(sink, "duration", event->duration);
		break;
	case TRACE_EXIT:
		put_exit_keys(sink, event);
		break;
	case TRACE_DATA:
	case TRACE_SHUTDOWN:
	case TRACE_RESET:
	case TRACE_GONE:
		break;
	}
}

/*
 * Whether the bytes of event follow those of the previous event.  Data need not
 * be contiguous: with --wire only stray bytes are shown as data.
 */
static bool
continues_previous(const struct json_state *state,
    const struct trace_event *event)
{
	const struct carry *carry = &state->carries[state->direction];

	return event->kind == TRACE_DATA &&
	    event->direction == state->direction &&
	    event->offset == carry->offset + carry->size;
}

void
json_event(struct sink *sink, const struct trace_event *event)
{
	struct json_state *state = sink->state;

	if (!continues_previous(state, event))
		write_carried(sink);
	state->direction = event->direction;
	state->since = event->since;
	if (event->kind == TRACE_DATA) {
		write_data(sink, event);
		return;
	}
	put_prologue(sink, event);
	put_rest(sink, event);
	json_put(sink, "}\n");
	sink_flush(sink);
}

void
json_finish(struct sink *sink)
{
	write_carried(sink);
}
