/* SPDX-License-Identifier: MIT */
/* Opens the traces and the meter that a plan asks for. */
#include "config.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/charset.h"
#include "base/diag.h"
#include "trace/monitor.h"
#include "trace/sink.h"

bool
monitor_is_wanted(const struct plan *plan)
{
	return plan_has_trace(plan) || plan->stats || plan->progress;
}

/* Whether to use colours: see no-color.org; only on a terminal not "dumb". */
static bool
has_color(const struct plan *plan)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (plan->color != COLOR_AUTO)
		return plan->color == COLOR_ALWAYS;
	return isatty(STDERR_FILENO) == 1 &&
	    (no_color == NULL || *no_color == '\0') &&
	    term != NULL && strcmp(term, "dumb") != 0;
}

static void
set_sink_options(struct sink_options *options, const struct plan *plan)
{
	sink_options_init(options);
	if (plan->wire != -1)
		options->largest = plan_wire_limit(plan);
	else if (plan->type != SOCK_STREAM)
		options->largest = plan->max_message < MONITOR_LARGEST ?
		    plan->max_message : MONITOR_LARGEST;
	if (plan->snaplen != 0)
		options->snaplen = plan->snaplen;
	options->events = plan->events;
	options->time = plan->time;
	options->color = plan->color == COLOR_ALWAYS;
	options->port = plan->pcap_port;
	options->utf8 = charset_is_utf8();
}

static int
open_error_output(struct monitor *monitor, const struct plan *plan)
{
	struct sink_options options;

	set_sink_options(&options, plan);
	options.format = plan->hex ? FORMAT_HEX : FORMAT_TEXT;
	options.color = has_color(plan);
	if (trace_open_inherited(&monitor->trace, STDERR_FILENO,
	    "standard error", &options) == 0)
		return 0;
	diag_print("cannot trace to standard error: %s", strerror(errno));
	return -1;
}

/* Whether output shows bytes, or needs none.  A capture needs them. */
static bool
shows_enough(const struct plan_output *output)
{
	enum trace_format format = output->format;

	if (format == FORMAT_BY_ENDING)
		format = sink_format_of_file(output->path);
	return format != FORMAT_PCAPNG || output->events & TRACE_BYTES;
}

/* Before any file is created or truncated. */
static int
check_events(const struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->output_count; i++) {
		if (shows_enough(&plan->outputs[i]))
			continue;
		diag_print("--events: needs data or message for the capture "
		    "'%s'", plan->outputs[i].path);
		return -1;
	}
	return 0;
}

static int
open_trace_file(struct monitor *monitor, const struct plan *plan,
    const struct plan_output *output)
{
	struct sink_options options;

	set_sink_options(&options, plan);
	options.append = output->append;
	options.format = output->format;
	options.events = output->events;
	if (trace_open_file(&monitor->trace, output->path, &options) == 0)
		return 0;
	diag_print("cannot open '%s': %s", output->path, strerror(errno));
	return -1;
}

static size_t
terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return PROGRESS_WIDTH;
}

int
monitor_open(struct monitor *monitor, const struct plan *plan)
{
	size_t i;

	*monitor = (struct monitor){ .wants_stats = plan->stats };
	monitor->run.command = plan->command;
	monitor->run.fds = &plan->fds;
	monitor->run.type = "stream";
	monitor->run.peer = plan->peer;
	if (plan->wire != -1)
		monitor->run.wire = names_name(framing_names, plan->wire);
	monitor->has_meter = plan->progress && isatty(STDERR_FILENO) == 1;
	/* Between two commands, we write nothing to standard output. */
	monitor->shares_terminal = monitor->has_meter && plan->peer == NULL &&
	    isatty(STDOUT_FILENO) == 1;
	progress_init(&monitor->meter, STDERR_FILENO, terminal_width());
	trace_init(&monitor->trace, &monitor->run);
	monitor->fd_info = malloc(sizeof(*monitor->fd_info));
	if (monitor->fd_info == NULL) {
		diag_print("cannot allocate buffers: %s", strerror(errno));
		return -1;
	}
	if (check_events(plan) == -1)
		return -1;
	if ((plan->verbose || plan->hex) &&
	    open_error_output(monitor, plan) == -1)
		return -1;
	for (i = 0; i < plan->output_count; i++)
		if (open_trace_file(monitor, plan, &plan->outputs[i]) == -1)
			return -1;
	return 0;
}
