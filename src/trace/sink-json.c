/* SPDX-License-Identifier: MIT */
/*
 * JSON Lines: an event is an object, RFC 8259, on a line of its own.  Bytes are
 * "text" if they are valid UTF-8, else "base64", so that every line is valid
 * and nothing is lost.  What one side sent, for a shell:
 *
 *	jq -r 'select(.from == "stdin") |
 *	    .base64 // (.text // empty | @base64)' FILE | base64 -d
 *
 * A piece of a stream may end within a character.  The first bytes of that
 * character are kept for the next piece, whose record shows and counts them.
 * Otherwise nearly every piece of text that is not English would not be valid
 * UTF-8.  They are written earlier if an event comes that must follow them.
 */
#include "config.h"

#include <sys/wait.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "trace/json.h"
#include "trace/sink.h"

/* The first bytes of a character, kept for the next piece; or none. */
struct carried {
	char bytes[4];
	size_t size;
	uint64_t offset;	/* of the first of them */
};

struct json_state {
	struct carried carried[3];	/* by direction */
	int64_t since;		/* time of the previous event */
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
	sink_reserve(sink, 200);
	textbuf_print(&sink->record, ",\"%s\":%llu", key, number);
}

static void
put_time(struct sink *sink, const char *key, int64_t time)
{
	textbuf_print(&sink->record, "\"%s\":", key);
	textbuf_put_seconds(&sink->record, time, 6);
}

/* What every event has. */
static void
put_head(struct sink *sink, const struct trace_event *event)
{
	json_put(sink, "{");
	put_time(sink, "t", event->since);
	if (event->direction == TRACE_FROM_COMMAND)
		json_put(sink, ",\"from\":\"command\"");
	else if (event->direction == TRACE_TO_COMMAND)
		json_put(sink, sink->run->peer == NULL ?
		    ",\"from\":\"stdin\"" : ",\"from\":\"peer\"");
	json_put(sink, ",\"type\":\"");
	json_put(sink, trace_kind_name(event->kind));
	json_put(sink, "\"");
}

/* RFC 3339. */
static void
put_date(struct sink *sink, int64_t real)
{
	time_t seconds = (time_t)(real / SECOND);
	struct tm utc = { 0 };
	char date[32];

	gmtime_r(&seconds, &utc);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
	textbuf_print(&sink->record, ",\"time\":\"%s.%09dZ\"", date,
	    (int)(real % SECOND));
}

static void
put_start(struct sink *sink, const struct trace_event *event)
{
	const struct trace_run *run = sink->run;
	char *const *word;
	size_t i;

	put_date(sink, event->real);
	textbuf_print(&sink->record, ",\"pid\":%ld,\"argv\":[",
	    (long)event->pid);
	for (word = run->command; *word != NULL; word++) {
		if (word != run->command)
			json_put(sink, ",");
		json_put_any(sink, *word);
	}
	json_put(sink, "],\"socket\":");
	json_put_any(sink, run->type);
	json_put(sink, ",\"fds\":[");
	for (i = 0; i < run->fds->count; i++) {
		sink_reserve(sink, 200);
		textbuf_print(&sink->record, "%s%d", i == 0 ? "" : ",",
		    run->fds->fds[i]);
	}
	json_put(sink, "]");
	if (run->peer != NULL) {
		json_put(sink, ",\"peer\":");
		json_put_any(sink, run->peer);
	}
}

static void
put_fds(struct sink *sink, const struct trace_event *event)
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
		sink_reserve(sink, 200);
		textbuf_print(&sink->record, "%s{\"fd\":%d,\"target\":",
		    i == 0 ? "" : ",", event->fds[i].number);
		json_put_any(sink, event->fds[i].target);
		json_put(sink, modes[event->fds[i].mode]);
		json_put(sink, "}");
	}
	json_put(sink, "]");
}

static void
put_place(struct sink *sink, uint64_t offset, size_t size)
{
	put_number(sink, "offset", offset);
	put_number(sink, "size", size);
}

/* The bytes of a record: first those that were carried, then the new ones. */
struct joined {
	const char *first;
	size_t first_size;
	const char *data;
	size_t size;
};

/* The length of the valid UTF-8 at the start of joined's first size bytes. */
static size_t
joined_valid(const struct joined *joined, size_t size)
{
	size_t first = size < joined->first_size ? size : joined->first_size;
	size_t valid = utf8_valid(joined->first, first);

	return valid < first ? valid :
	    first + utf8_valid(joined->data, size - first);
}

/* Whether the bytes from start to end of joined are an incomplete character. */
static bool
joined_is_cut(const struct joined *joined, size_t start, size_t end)
{
	if (start >= joined->first_size)
		return utf8_is_cut(joined->data + start - joined->first_size,
		    end - start);
	return end <= joined->first_size &&
	    utf8_is_cut(joined->first + start, end - start);
}

/*
 * The bytes that are shown, and if these are not all how many they are.  Text
 * is not cut within a character.
 */
static void
put_bytes(struct sink *sink, const struct joined *joined)
{
	size_t whole = joined->first_size + joined->size;
	size_t shown = whole < sink->options.snaplen ? whole :
	    sink->options.snaplen;
	size_t valid = joined_valid(joined, shown);
	bool is_text = valid == shown;
	size_t first;

	if (!is_text && shown < whole && joined_is_cut(joined, valid, shown)) {
		is_text = true;
		shown = valid;
	}
	if (shown < whole)
		put_number(sink, "shown", shown);
	first = shown < joined->first_size ? shown : joined->first_size;
	json_put(sink, is_text ? ",\"text\":" : ",\"base64\":");
	if (is_text)
		json_put_joined_text(sink, joined->first, first, joined->data,
		    shown - first);
	else
		json_put_joined_base64(sink, joined->first, first,
		    joined->data, shown - first);
}

static void
put_message(struct sink *sink, const struct trace_event *event)
{
	const struct joined all = { NULL, 0, event->data, event->size };

	put_number(sink, "number", event->number);
	put_place(sink, event->offset, event->size);
	put_bytes(sink, &all);
}

/* Write a record of a piece of a stream, which begins at offset. */
static void
write_piece(struct sink *sink, const struct trace_event *event,
    uint64_t offset, const struct joined *joined)
{
	put_head(sink, event);
	put_place(sink, offset, joined->first_size + joined->size);
	put_bytes(sink, joined);
	json_put(sink, "}\n");
	sink_flush(sink);
}

/*
 * Append bytes of data to the carried ones until they are a character or cannot
 * become one.  Returns how many of the size bytes were appended.
 */
static size_t
complete(struct carried *carried, const char *data, size_t size)
{
	size_t taken = 0;

	while (taken < size && carried->size > 0 &&
	    utf8_is_cut(carried->bytes, carried->size))
		carried->bytes[carried->size++] = data[taken++];
	return taken;
}

/* Write what is carried and a piece; carry a character that the piece cuts. */
static void
write_data(struct sink *sink, const struct trace_event *event)
{
	struct json_state *state = sink->state;
	struct carried *carried = &state->carried[event->direction];
	uint64_t offset = event->offset - carried->size;
	size_t taken = complete(carried, event->data, event->size);
	struct joined joined = {
		.first = carried->bytes,
		.first_size = carried->size,
		.data = (const char *)event->data + taken,
		.size = event->size - taken,
	};
	size_t cut;

	if (carried->size > 0 && utf8_is_cut(carried->bytes, carried->size))
		return;
	cut = utf8_cut_size(joined.data, joined.size);
	joined.size -= cut;
	if (joined.first_size + joined.size > 0 || event->size == 0)
		write_piece(sink, event, offset, &joined);
	memcpy(carried->bytes, joined.data + joined.size, cut);
	carried->size = cut;
	carried->offset = event->offset + event->size - cut;
}

/* Write what is carried of a direction, because nothing will complete it. */
static void
write_carried(struct sink *sink, enum trace_direction direction, int64_t since)
{
	struct json_state *state = sink->state;
	struct carried *carried = &state->carried[direction];
	const struct trace_event event = {
		.kind = TRACE_DATA, .direction = direction, .since = since,
	};
	const struct joined joined = {
		.first = carried->bytes, .first_size = carried->size
	};

	if (carried->size > 0)
		write_piece(sink, &event, carried->offset, &joined);
	carried->size = 0;
}

/* Whether an event of kind must follow all bytes of its direction. */
static bool
follows_bytes(enum trace_kind kind)
{
	switch (kind) {
	case TRACE_FDS:
	case TRACE_EOF:
	case TRACE_SHUTDOWN:
	case TRACE_RESET:
	case TRACE_GONE:
	case TRACE_UNDELIVERED:
		return true;
	case TRACE_START:
	case TRACE_DATA:
	case TRACE_MESSAGE:
	case TRACE_SIGNAL:
	case TRACE_TIMEOUT:
	case TRACE_EXIT:
		break;
	}
	return false;
}

static void
write_all_carried(struct sink *sink, int64_t since)
{
	write_carried(sink, TRACE_TO_COMMAND, since);
	write_carried(sink, TRACE_FROM_COMMAND, since);
}

static void
put_totals(struct sink *sink, const char *key,
    const struct stats_totals *totals)
{
	textbuf_print(&sink->record, ",\"%s\":{\"size\":%llu,\"pieces\":%llu}",
	    key, (unsigned long long)totals->bytes,
	    (unsigned long long)totals->pieces);
}

static void
put_signal(struct sink *sink, int number)
{
	const char *name = names_name(signal_names, number);

	put_number(sink, "signal", (unsigned int)number);
	if (name != NULL)
		textbuf_print(&sink->record, ",\"name\":\"%s\"", name);
}

/* What the peer ended with has a name of its own, so as to be one value. */
static void
put_peer_status(struct sink *sink, int wait_status)
{
	if (WIFSIGNALED(wait_status))
		put_number(sink, "peer_signal",
		    (unsigned int)WTERMSIG(wait_status));
	else
		put_number(sink, "peer_status",
		    (unsigned int)WEXITSTATUS(wait_status));
}

static void
put_exit(struct sink *sink, const struct trace_event *event)
{
	const struct stats *stats = event->stats;

	if (WIFSIGNALED(event->wait_status))
		put_signal(sink, WTERMSIG(event->wait_status));
	else
		put_number(sink, "status",
		    (unsigned int)WEXITSTATUS(event->wait_status));
	if (event->error != 0) {
		json_put(sink, ",\"reason\":");
		json_put_any(sink, strerror(event->error));
	}
	if (sink->run->peer != NULL)
		put_peer_status(sink, event->peer_status);
	put_totals(sink, sink->run->peer == NULL ? "stdin" : "peer",
	    &stats->to_command);
	put_totals(sink, "command", &stats->from_command);
	json_put(sink, ",");
	put_time(sink, "duration", stats->duration);
}

static void
put_rest(struct sink *sink, const struct trace_event *event)
{
	switch (event->kind) {
	case TRACE_START:
		put_start(sink, event);
		break;
	case TRACE_MESSAGE:
		put_message(sink, event);
		break;
	case TRACE_UNDELIVERED:
		put_place(sink, event->offset, event->size);
		break;
	case TRACE_FDS:
		put_fds(sink, event);
		break;
	case TRACE_EOF:
		json_put(sink, event->told ? ",\"told\":true" :
		    ",\"told\":false");
		break;
	case TRACE_SIGNAL:
		put_signal(sink, event->signal);
		break;
	case TRACE_TIMEOUT:
		json_put(sink, ",");
		put_time(sink, "duration", event->duration);
		break;
	case TRACE_EXIT:
		put_exit(sink, event);
		break;
	case TRACE_DATA:
	case TRACE_SHUTDOWN:
	case TRACE_RESET:
	case TRACE_GONE:
		break;
	}
}

void
json_event(struct sink *sink, const struct trace_event *event)
{
	struct json_state *state = sink->state;

	state->since = event->since;
	if (event->kind == TRACE_DATA) {
		write_data(sink, event);
		return;
	}
	if (event->kind == TRACE_EXIT)
		write_all_carried(sink, event->since);
	else if (follows_bytes(event->kind))
		write_carried(sink, event->direction, event->since);
	put_head(sink, event);
	put_rest(sink, event);
	json_put(sink, "}\n");
	sink_flush(sink);
}

void
json_finish(struct sink *sink)
{
	const struct json_state *state = sink->state;

	write_all_carried(sink, state->since);
}
