/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/wait.h>

#include <string.h>

#include "plan/names.h"
#include "trace/describe.h"

static void
put_string(struct textbuf *line, const char *string)
{
	textbuf_put(line, string, strlen(string));
}

void
describe_signal(struct textbuf *line, int number)
{
	const char *name = names_name(signal_names, number);

	if (name != NULL)
		textbuf_print(line, "%s", name);
	else
		textbuf_print(line, "%d", number);
}

void
describe_command(struct textbuf *line, const struct trace_run *run, bool utf8)
{
	char *const *word;

	for (word = run->command; *word != NULL; word++) {
		if (word != run->command)
			textbuf_put_byte(line, ' ');
		textbuf_put_word(line, *word, utf8);
	}
}

static void
put_start(struct textbuf *line, const struct trace_event *event,
    const struct trace_run *run, bool utf8)
{
	size_t i;

	textbuf_print(line, "%ld: ", (long)event->pid);
	describe_command(line, run, utf8);
	textbuf_print(line, "  (%s, ", run->type);
	if (run->wire != NULL)
		textbuf_print(line, "%s messages, ", run->wire);
	put_string(line, "fd ");
	for (i = 0; i < run->fds->count; i++)
		textbuf_print(line, "%s%d", i == 0 ? "" : ",",
		    run->fds->fds[i]);
	if (run->peer != NULL) {
		put_string(line, ", peer ");
		textbuf_put_word(line, run->peer, utf8);
	}
	/* The lines of a text trace, and totals at exit, have these marks. */
	put_string(line, run->peer == NULL ? "; > to it, < from it)" :
	    "; > what COMMAND2 says, < what COMMAND says)");
}

static void
put_fds(struct textbuf *line, const struct trace_event *event, bool utf8)
{
	static const char *const modes[] = {
		[TRACE_NO_MODE] = "",
		[TRACE_READ] = " (read)",
		[TRACE_WRITE] = " (write)",
		[TRACE_BOTH] = " (read, write)",
	};
	const struct trace_fd *fd;
	size_t i;

	textbuf_print(line, "%zu passed:", event->fd_count);
	for (i = 0; i < event->fd_count; i++) {
		fd = &event->fds[i];
		textbuf_print(line, "%s %d: ", i == 0 ? "" : ";", fd->number);
		textbuf_put_shown(line, fd->target, strlen(fd->target), utf8);
		put_string(line, modes[fd->mode]);
	}
}

/*
 * Indexed by kind; by direction, to the command or from it; and by relay, with
 * standard input and output or between two commands.
 */
static const char *const words[][2][2] = {
	[TRACE_EOF] = {
		{ "end of standard input, command ",
		    "end of the peer's output, command " },
		{ "end of the command's output, reader ",
		    "end of the command's output, peer " }
	},
	[TRACE_SHUTDOWN] = {
		{ "the command reads no more",
		    "the peer is told that nobody reads" },
		{ "the command is told that nobody reads",
		    "the command is told that nobody reads" }
	},
	[TRACE_RESET] = {
		{ "the command left bytes unread",
		    "the command left bytes unread" },
		{ "the reader left bytes unread",
		    "the peer left bytes unread" }
	},
	[TRACE_GONE] = {
		{ "the command reads no more", "the command reads no more" },
		{ "the reader of standard output has gone",
		    "the peer reads no more" }
	},
};

static void
put_words(struct textbuf *line, const struct trace_event *event,
    const struct trace_run *run)
{
	put_string(line, words[event->kind]
	    [event->direction == TRACE_FROM_COMMAND][run->peer != NULL]);
	if (event->kind == TRACE_EOF)
		put_string(line, event->told ? "told" : "not told");
}

static void
put_status(struct textbuf *line, int wait_status)
{
	if (WIFSIGNALED(wait_status)) {
		put_string(line, "signal ");
		describe_signal(line, WTERMSIG(wait_status));
	} else {
		textbuf_print(line, "status %d", WEXITSTATUS(wait_status));
	}
}

static void
put_exit(struct textbuf *line, const struct trace_event *event,
    const struct trace_run *run)
{
	const struct stats *stats = event->stats;

	put_status(line, event->wait_status);
	if (event->error != 0)
		textbuf_print(line, ", could not be run: %s",
		    strerror(event->error));
	if (run->peer != NULL) {
		put_string(line, ", peer ");
		put_status(line, event->peer_status);
	}
	textbuf_print(line, "; > %llu B in %llu, < %llu B in %llu, ",
	    (unsigned long long)stats->to_command.bytes,
	    (unsigned long long)stats->to_command.pieces,
	    (unsigned long long)stats->from_command.bytes,
	    (unsigned long long)stats->from_command.pieces);
	textbuf_put_seconds(line, stats->duration, 3);
	put_string(line, " s");
}

static void
put_place(struct textbuf *line, const struct trace_event *event)
{
	textbuf_print(line, "%zu B at %llu", event->size,
	    (unsigned long long)event->offset);
	if (event->kind == TRACE_MESSAGE)
		textbuf_print(line, ", number %llu",
		    (unsigned long long)event->number);
}

void
describe_event(struct textbuf *line, const struct trace_event *event,
    const struct trace_run *run, bool utf8)
{
	switch (event->kind) {
	case TRACE_START:
		put_start(line, event, run, utf8);
		break;
	case TRACE_DATA:
	case TRACE_MESSAGE:
	case TRACE_UNDELIVERED:
		put_place(line, event);
		break;
	case TRACE_FDS:
		put_fds(line, event, utf8);
		break;
	case TRACE_EOF:
	case TRACE_SHUTDOWN:
	case TRACE_RESET:
	case TRACE_GONE:
		put_words(line, event, run);
		break;
	case TRACE_SIGNAL:
		describe_signal(line, event->signal);
		put_string(line, event->direction == TRACE_NEITHER ?
		    " ends sockpair" : event->from_terminal ?
		    " from the terminal" : " passed on");
		break;
	case TRACE_STALL:
		put_string(line, "nothing moved for ");
		textbuf_put_seconds(line, event->duration, 3);
		put_string(line, " s");
		break;
	case TRACE_TIMEOUT:
		put_string(line, "nothing moved for ");
		textbuf_put_seconds(line, event->duration, 3);
		put_string(line, run->peer == NULL ?
		    " s, the command is ended" : " s, the commands are ended");
		break;
	case TRACE_EXIT:
		put_exit(line, event, run);
		break;
	}
}
