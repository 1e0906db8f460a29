/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/textbuf.h"
#include "command/process.h"
#include "relay/stall.h"

#define HOLDERS_MOST 8		/* processes shown beside each command */

int64_t
stall_deadline(const struct supervisor *supervisor)
{
	if (supervisor->plan->stall == PLAN_NEVER ||
	    supervisor->relay == NULL ||
	    supervisor->stall_reported_at == supervisor->active_at ||
	    !supervise_has_command(supervisor))
		return DEADLINE_NEVER;
	return deadline_after(supervisor->active_at, supervisor->plan->stall);
}

/* Put time in nanoseconds as seconds, without zeros at the end. */
static void
put_short_seconds(struct textbuf *line, int64_t time)
{
	textbuf_put_seconds(line, time, 3);
	while (line->used > 0 && line->data[line->used - 1] == '0')
		line->used--;
	if (line->used > 0 && line->data[line->used - 1] == '.')
		line->used--;
}

/* What the report calls one side. */
struct side_words {
	const char *title;	/* the direction that it writes to */
	const char *writer;	/* the side itself, if it is silent */
	const char *reader;	/* the side itself, if it does not read */
};

static const struct side_words *
find_words(const struct supervisor *supervisor, size_t index)
{
	static const struct side_words command = {
		"standard output", "the command", "the command"
	};
	static const struct side_words first = {
		"the command's output", "the command", "the command"
	};
	static const struct side_words standard = {
		"standard input", "standard input", "its reader"
	};
	static const struct side_words peer = {
		"the peer's output", "the peer", "the peer"
	};
	bool has_peer = supervisor->sides[SIDE_OTHER].child != NULL;

	if (index == SIDE_COMMAND)
		return has_peer ? &first : &command;
	return has_peer ? &peer : &standard;
}

/* Whether the reader of a direction has still to take what was written. */
static bool
is_unread(const struct channel *channel)
{
	return channel->dst_open && endpoint_has_queue(&channel->dst) &&
	    endpoint_unread(&channel->dst) > 0;
}

/* Print why nothing moves from writer to reader, while channel can write. */
static void
print_open(const struct channel *channel, const struct side_words *writer,
    const struct side_words *reader, bool unread)
{
	uint64_t waiting = channel_waiting(channel);

	if (waiting > 0 && monitor_is_behind(channel->conduit.monitor))
		diag_print("%s: %" PRIu64 " B wait for the reader of a trace",
		    writer->title, waiting);
	else if (channel_pending(channel) > 0)
		diag_print("%s: %" PRIu64 " B wait, %s does not read",
		    writer->title, waiting, reader->reader);
	else if (channel_held(channel) > 0)
		diag_print("%s: %" PRIu64 " B wait for the rest of a message",
		    writer->title, waiting);
	else if (unread)
		diag_print("%s: %s has not read all of it", writer->title,
		    reader->reader);
	else if (channel->src_open)
		diag_print("%s is silent", writer->writer);
	else
		diag_print("%s has ended", writer->title);
}

/* Print what the direction from writer to reader waits for. */
static void
print_direction(const struct channel *channel, const struct side_words *writer,
    const struct side_words *reader, bool unread)
{
	if (channel->dst_open)
		print_open(channel, writer, reader, unread);
	else if (channel->is_broken)
		diag_print("%s: %s reads no more", writer->title,
		    reader->reader);
	else
		diag_print("%s has ended", writer->title);
}

static void
print_process(const struct process *process)
{
	diag_print("%s (%ld): %s", process->name, (long)process->pid,
	    process->text);
}

/* Print what child and the other holders of its end are doing. */
static void
print_holders(const struct child *child)
{
	struct process found[HOLDERS_MOST];
	struct process process;
	bool is_cut;
	size_t count, i;

	if (!child->reaped) {
		process_describe(child->pid, child, &process);
		print_process(&process);
	}
	count = process_find_holders(child, found, HOLDERS_MOST, &is_cut);
	for (i = 0; i < count; i++)
		print_process(&found[i]);
	if (is_cut)
		diag_print("other processes may hold this end, too");
}

void
stall_print(struct supervisor *supervisor, int64_t duration)
{
	struct side *command = &supervisor->sides[SIDE_COMMAND];
	struct side *other = &supervisor->sides[SIDE_OTHER];
	char data[40];
	struct textbuf time = textbuf_in(data, sizeof(data));
	bool input_unread, output_unread;

	if (supervisor->relay == NULL)
		return;
	/* Before anything is printed: it may go where the output goes. */
	input_unread = is_unread(other->output);
	output_unread = is_unread(command->output);
	if (supervisor->monitor != NULL)
		monitor_clear(supervisor->monitor);
	put_short_seconds(&time, duration);
	diag_print("nothing has moved for %.*s s", (int)time.used, data);
	print_direction(other->output, find_words(supervisor, SIDE_OTHER),
	    find_words(supervisor, SIDE_COMMAND), input_unread);
	print_direction(command->output, find_words(supervisor, SIDE_COMMAND),
	    find_words(supervisor, SIDE_OTHER), output_unread);
	print_holders(command->child);
	if (other->child != NULL)
		print_holders(other->child);
}

void
stall_handle(struct supervisor *supervisor, int64_t now)
{
	int64_t duration = supervisor->plan->stall;

	(void)now;
	supervisor->stall_reported_at = supervisor->active_at;
	stall_print(supervisor, duration);
	if (supervisor->monitor != NULL)
		monitor_stall(supervisor->monitor, duration);
}
