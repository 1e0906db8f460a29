/* SPDX-License-Identifier: MIT */
/*
 * JSON Lines: an event is an object, RFC 8259, on a line of its own.  Bytes are
 * "text" if they are valid UTF-8, else "base64", so that every line is valid
 * and nothing is lost.  What one side sent, for a shell:
 *
 *	jq -r 'select(.from == "stdin") |
 *	    .base64 // (.text // empty | @base64)' FILE | base64 -d
 *
 * A record larger than SINK_RECORD_MAX, of a message of more than some 170 KiB
 * at the worst, takes more than one write(2), but is one line too.
 */
#include "config.h"

#include <sys/wait.h>

#include <string.h>
#include <time.h>

#include "json.h"
#include "sink.h"
#include "utf8.h"

int
json_start(struct sink *sink)
{
	(void)sink;
	return 0;
}

static void
put_number(struct sink *sink, const char *key, unsigned long long number)
{
	sink_reserve(sink, 200);
	line_print(&sink->record, ",\"%s\":%llu", key, number);
}

static void
put_time(struct sink *sink, const char *key, int64_t time)
{
	line_print(&sink->record, "\"%s\":%lld.%06d", key,
	    (long long)(time / 1000000000), (int)(time / 1000 % 1000000));
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
	time_t seconds = (time_t)(real / 1000000000);
	struct tm utc = { 0 };
	char date[32];

	gmtime_r(&seconds, &utc);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
	line_print(&sink->record, ",\"time\":\"%s.%09dZ\"", date,
	    (int)(real % 1000000000));
}

static void
put_start(struct sink *sink, const struct trace_event *event)
{
	const struct trace_run *run = sink->run;
	char *const *word;
	size_t i;

	put_date(sink, event->real);
	line_print(&sink->record, ",\"pid\":%ld,\"argv\":[",
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
		line_print(&sink->record, "%s%d", i == 0 ? "" : ",",
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
		line_print(&sink->record, "%s{\"fd\":%d,\"target\":",
		    i == 0 ? "" : ",", event->fds[i].number);
		json_put_any(sink, event->fds[i].target);
		json_put(sink, modes[event->fds[i].mode]);
		json_put(sink, "}");
	}
	json_put(sink, "]");
}

static void
put_place(struct sink *sink, const struct trace_event *event)
{
	put_number(sink, "offset", event->offset);
	put_number(sink, "size", event->size);
}

/*
 * The bytes that are shown, and if these are not all how many they are.  Text
 * is not cut within a character.
 */
static void
put_bytes(struct sink *sink, const struct trace_event *event)
{
	const char *data = event->data;
	size_t shown = sink_shown(sink, event);
	size_t valid = utf8_valid(data, shown);
	bool is_text = valid == shown;

	if (!is_text && shown < event->size &&
	    utf8_is_cut(data + valid, shown - valid)) {
		is_text = true;
		shown = valid;
	}
	if (shown < event->size)
		put_number(sink, "shown", shown);
	json_put(sink, is_text ? ",\"text\":" : ",\"base64\":");
	if (is_text)
		json_put_text(sink, data, shown);
	else
		json_put_base64(sink, data, shown);
}

static void
put_way(struct sink *sink, const char *key, const struct stats_way *way)
{
	line_print(&sink->record, ",\"%s\":{\"size\":%llu,\"pieces\":%llu}",
	    key, (unsigned long long)way->bytes,
	    (unsigned long long)way->pieces);
}

static void
put_signal(struct sink *sink, int number)
{
	const char *name = names_name(signal_names, number);

	put_number(sink, "signal", (unsigned int)number);
	if (name != NULL)
		line_print(&sink->record, ",\"name\":\"%s\"", name);
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
	if (sink->run->peer != NULL)
		put_peer_status(sink, event->peer_status);
	put_way(sink, sink->run->peer == NULL ? "stdin" : "peer",
	    &stats->to_command);
	put_way(sink, "command", &stats->from_command);
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
		put_number(sink, "number", event->number);
		put_place(sink, event);
		put_bytes(sink, event);
		break;
	case TRACE_DATA:
		put_place(sink, event);
		put_bytes(sink, event);
		break;
	case TRACE_UNDELIVERED:
		put_place(sink, event);
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
	case TRACE_SHUTDOWN:
	case TRACE_RESET:
	case TRACE_GONE:
		break;
	}
}

void
json_event(struct sink *sink, const struct trace_event *event)
{
	put_head(sink, event);
	put_rest(sink, event);
	json_put(sink, "}\n");
	sink_flush(sink);
}

void
json_finish(struct sink *sink)
{
	(void)sink;	/* nothing ends the file */
}
