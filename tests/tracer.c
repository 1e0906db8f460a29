/* SPDX-License-Identifier: MIT */
/*
 * Writes a trace of invented events, for tests that read it with programs such
 * as jq(1) and tshark(1).
 *
 *	tracer STEP...
 *
 * These steps set options and open files; the options come first:
 *
 *	command:WORD	one more word of the command
 *	peer:TEXT	the second command
 *	messages	a message type, seqpacket
 *	format:NAME	of the files that follow, whatever their endings
 *	time:STYLE	snaplen:N	port:N		utf8	color
 *	file:FILE	append:FILE	fd:N		trace to it
 *
 * These write events, each a millisecond after the one before.  DATA has the
 * escapes \n \r \t \\ and \xNN.  "in" is to the command, "out" is from it:
 *
 *	start		pid 4242
 *	in:DATA		out:DATA	a piece, or a message
 *	in-file:N:FILE	out-file:N:FILE	all of FILE in pieces of N bytes
 *	in-many:C:N	out-many:C:N	C pieces of N bytes
 *	in-fds		out-fds		two descriptors
 *	in-eof		out-eof		in-reset	out-gone
 *	in-shutdown	out-shutdown	in-undelivered:N
 *	signal:N	timeout:SECONDS	stall:SECONDS
 *	exit:STATUS	die:SIGNAL
 */
#include "config.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sinks.h"

#define PIECE_MAX ((size_t)16 << 20)	/* bytes */

struct tracer {
	struct trace trace;
	struct trace_run run;
	struct sink_options options;
	struct stats stats;
	char *command[32];
	size_t words;
	char *data;		/* PIECE_MAX bytes for a piece */
};

static void
emit(struct tracer *tracer, struct trace_event *event)
{
	const struct sink *failed;

	trace_event(&tracer->trace, event);
	sinks_write_all(&tracer->trace);
	while ((failed = trace_failed(&tracer->trace)) != NULL)
		warnx("cannot write '%s': %s", failed->name,
		    strerror(failed->error));
}

static struct stats_totals *
way(struct tracer *tracer, enum trace_direction direction)
{
	return direction == TRACE_TO_COMMAND ? &tracer->stats.to_command :
	    &tracer->stats.from_command;
}

static void
piece(struct tracer *tracer, enum trace_direction direction, size_t size)
{
	struct stats_totals *counts = way(tracer, direction);
	struct trace_event event = {
		.kind = tracer->run.messages ? TRACE_MESSAGE : TRACE_DATA,
		.direction = direction,
		.data = tracer->data,
		.size = size,
		.offset = counts->bytes,
		.number = counts->pieces + 1,
	};

	emit(tracer, &event);
	stats_count(counts, size);
}

/* Decode the escapes of text; returns how many bytes they are. */
static size_t
decode(char *data, const char *text)
{
	static const char letters[] = "nrt\\";
	static const char values[] = "\n\r\t\\";
	size_t size = 0;
	unsigned int value;
	int used;

	while (*text != '\0') {
		if (*text != '\\') {
			data[size++] = *text++;
		} else if (sscanf(text, "\\x%2x%n", &value, &used) == 1) {
			data[size++] = (char)value;
			text += used;
		} else {
			if (text[1] == '\0' || !strchr(letters, text[1]))
				errx(1, "unknown escape: %s", text);
			data[size++] =
			    values[strchr(letters, text[1]) - letters];
			text += 2;
		}
	}
	return size;
}

static void
pieces_of_file(struct tracer *tracer, enum trace_direction direction,
    const char *value)
{
	char *name;
	size_t size = strtoul(value, &name, 10);
	FILE *file = fopen(name + 1, "rb");
	size_t got;

	if (file == NULL)
		err(1, "%s", name + 1);
	while ((got = fread(tracer->data, 1, size, file)) > 0)
		piece(tracer, direction, got);
	fclose(file);
}

static void
many_pieces(struct tracer *tracer, enum trace_direction direction,
    const char *value)
{
	char *end;
	unsigned long count = strtoul(value, &end, 10);
	size_t size = strtoul(end + 1, NULL, 10);

	for (; count > 0; count--)
		piece(tracer, direction, size);
}

static void
simple(struct tracer *tracer, enum trace_kind kind,
    enum trace_direction direction, const char *value)
{
	static const struct trace_fd fds[] = {
		{ 7, TRACE_WRITE, "/tmp/log" },
		{ 8, TRACE_NO_MODE, "socket:[92434]" },
	};
	struct trace_event event = {
		.kind = kind,
		.direction = direction,
		.fds = fds,
		.fd_count = 2,
		.told = true,
		.pid = 4242,
		.signal = atoi(value),
		.duration = INT64_C(1000000000) * atoi(value),
		.size = kind == TRACE_UNDELIVERED ? strtoul(value, NULL, 10) :
		    0,
		.offset = direction == TRACE_NEITHER ? 0 :
		    way(tracer, direction)->bytes,
		.wait_status = atoi(value) << 8,
		.stats = &tracer->stats,
	};

	tracer->stats.duration = sinks_now;
	emit(tracer, &event);
}

static void
die(struct tracer *tracer, const char *value)
{
	struct trace_event event = {
		.kind = TRACE_EXIT,
		.wait_status = atoi(value),
		.stats = &tracer->stats,
	};

	tracer->stats.duration = sinks_now;
	emit(tracer, &event);
}

/* A step that is an event of one direction: "in-eof". */
static bool
take_way(struct tracer *tracer, enum trace_direction direction,
    const char *name, const char *value)
{
	static const struct {
		const char *name;
		enum trace_kind kind;
	} kinds[] = {
		{ "-fds", TRACE_FDS }, { "-eof", TRACE_EOF },
		{ "-reset", TRACE_RESET }, { "-gone", TRACE_GONE },
		{ "-shutdown", TRACE_SHUTDOWN },
		{ "-undelivered", TRACE_UNDELIVERED },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(name, kinds[i].name) == 0) {
			simple(tracer, kinds[i].kind, direction, value);
			return true;
		}
	if (*name == '\0')
		piece(tracer, direction, decode(tracer->data, value));
	else if (strcmp(name, "-file") == 0)
		pieces_of_file(tracer, direction, value);
	else if (strcmp(name, "-many") == 0)
		many_pieces(tracer, direction, value);
	else
		return false;
	return true;
}

static bool
take_event(struct tracer *tracer, const char *name, const char *value)
{
	if (strncmp(name, "in", 2) == 0)
		return take_way(tracer, TRACE_TO_COMMAND, name + 2, value);
	if (strncmp(name, "out", 3) == 0)
		return take_way(tracer, TRACE_FROM_COMMAND, name + 3, value);
	if (strcmp(name, "start") == 0)
		simple(tracer, TRACE_START, TRACE_NEITHER, value);
	else if (strcmp(name, "signal") == 0)
		simple(tracer, TRACE_SIGNAL, TRACE_NEITHER, value);
	else if (strcmp(name, "timeout") == 0)
		simple(tracer, TRACE_TIMEOUT, TRACE_NEITHER, value);
	else if (strcmp(name, "stall") == 0)
		simple(tracer, TRACE_STALL, TRACE_NEITHER, value);
	else if (strcmp(name, "exit") == 0)
		simple(tracer, TRACE_EXIT, TRACE_NEITHER, value);
	else if (strcmp(name, "die") == 0)
		die(tracer, value);
	else
		return false;
	return true;
}

static void
open_file(struct tracer *tracer, const char *name, bool append)
{
	tracer->options.append = append;
	if (trace_open_file(&tracer->trace, name, &tracer->options) == -1)
		err(1, "cannot open '%s'", name);
}

static bool
take_option(struct tracer *tracer, const char *name, char *value)
{
	struct sink_options *options = &tracer->options;
	int choice;

	if (strcmp(name, "command") == 0 && tracer->words < 31) {
		tracer->command[tracer->words++] = value;
	} else if (strcmp(name, "peer") == 0) {
		tracer->run.peer = value;
	} else if (strcmp(name, "messages") == 0) {
		tracer->run.messages = true;
		tracer->run.type = "seqpacket";
	} else if (strcmp(name, "format") == 0) {
		if (!names_value(format_names, value, &choice))
			return false;
		options->format = (enum trace_format)choice;
	} else if (strcmp(name, "time") == 0) {
		if (!names_value(time_names, value, &choice))
			return false;
		options->time = (enum time_style)choice;
	} else if (strcmp(name, "snaplen") == 0) {
		options->snaplen = strtoul(value, NULL, 10);
	} else if (strcmp(name, "port") == 0) {
		options->port = (uint16_t)atoi(value);
	} else if (strcmp(name, "utf8") == 0) {
		options->utf8 = true;
	} else if (strcmp(name, "color") == 0) {
		options->color = true;
	} else {
		return false;
	}
	return true;
}

static bool
take_file(struct tracer *tracer, const char *name, const char *value)
{
	if (strcmp(name, "file") == 0)
		open_file(tracer, value, false);
	else if (strcmp(name, "append") == 0)
		open_file(tracer, value, true);
	else if (strcmp(name, "fd") == 0 &&
	    trace_open_fd(&tracer->trace, atoi(value), value,
	    &tracer->options) == 0)
		;
	else
		return false;
	return true;
}

int
main(int argc, char **argv)
{
	static int numbers[] = { 0, 1 };
	static const struct fd_list fds = { numbers, 2 };
	static struct tracer tracer;
	char *value;
	int i;

	signal(SIGPIPE, SIG_IGN);
	tracer.run = (struct trace_run){
		.command = tracer.command, .type = "stream", .fds = &fds,
	};
	tracer.data = calloc(1, PIECE_MAX);
	sink_options_init(&tracer.options);
	trace_init(&tracer.trace, &tracer.run);
	tracer.trace.read_clocks = sinks_read_clocks;
	for (i = 1; i < argc; i++) {
		value = strchr(argv[i], ':');
		if (value != NULL)
			*value++ = '\0';
		else
			value = argv[i] + strlen(argv[i]);
		if (!take_option(&tracer, argv[i], value) &&
		    !take_file(&tracer, argv[i], value) &&
		    !take_event(&tracer, argv[i], value))
			errx(1, "unknown step: %s", argv[i]);
	}
	trace_finish(&tracer.trace);
	sinks_write_all(&tracer.trace);
	trace_free(&tracer.trace);
	free(tracer.data);
	return 0;
}
