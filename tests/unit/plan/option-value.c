/* SPDX-License-Identifier: MIT */
/* The value of each option: where it goes, and what is said of a wrong one. */
#include "config.h"

#include <sys/socket.h>

#include <limits.h>

#include "base/clock.h"
#include "plan/option-value.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct plan plan;

static void
begin(void)
{
	need(plan_init(&plan) == 0, "plan_init");
}

static bool
takes(enum option option, const char *text)
{
	return option_take(option, text, &plan) == 0;
}

static void
test_pair(void)
{
	begin();
	ok(takes(OPTION_TYPE, "seqpacket") && plan.type == SOCK_SEQPACKET,
	    "--type is a name");
	ok(takes(OPTION_STYLE, "2") && plan.type == 2, "or a number");
	ok(takes(OPTION_DOMAIN, "inet6") && plan.domain == AF_INET6,
	    "--domain is a name");
	ok(takes(OPTION_NAMESPACE, "2147483647") && plan.domain == INT_MAX,
	    "or a number");
	ok(takes(OPTION_PROTOCOL, "17") && plan.protocol == 17,
	    "--protocol is a number");
	ok(takes(OPTION_BUFFER, "64K") && plan.buffer == 65536,
	    "--buffer is a size");
	plan_free(&plan);
}

static void
test_command(void)
{
	begin();
	ok(!plan.fds_chosen && takes(OPTION_FD, "3,4") && plan.fds_chosen &&
	    plan.fds.count == 2 && plan.fds.fds[1] == 4, "--fd is a list");
	ok(takes(OPTION_FD, "7") && plan.fds.count == 1 &&
	    plan.fds.fds[0] == 7, "the last one counts");
	ok(!plan.pipes && takes(OPTION_PIPES, NULL) && plan.pipes, "--pipes");
	ok(takes(OPTION_ENV, "A") && takes(OPTION_ENV, "B") &&
	    plan.env_count == 2 && strcmp(plan.env[0], "A") == 0 &&
	    strcmp(plan.env[1], "B") == 0, "each --env adds a name");
	ok(takes(OPTION_KILL_AFTER, "0") && plan.kill_after == 0,
	    "--kill-after may be 0");
	ok(takes(OPTION_KILL_AFTER, "1.5") &&
	    plan.kill_after == SECOND * 3 / 2, "or any time");
	ok(plan.half_close == -1 && takes(OPTION_HALF_CLOSE, "3") &&
	    plan.half_close == 3, "--half-close is a number");
	ok(!plan.die_with_parent && takes(OPTION_DIE_WITH_PARENT, NULL) &&
	    plan.die_with_parent, "--die-with-parent");
	plan_free(&plan);
	begin();
	ok(!plan.listen_fds && takes(OPTION_LISTEN_FDS, NULL) &&
	    plan.listen_fds && plan.fds.count == 1 && plan.fds.fds[0] == 3 &&
	    !plan.fds_chosen, "--listen-fds places the end on 3");
	plan_free(&plan);
}

static void
test_other_end(void)
{
	begin();
	ok(takes(OPTION_PEER, "tr a b") && takes(OPTION_PEER, "bc -l"),
	    "--peer is a command's line");
	is_str(plan.peer, "bc -l", "the last one counts");
	ok(!plan.peer_fds_chosen && takes(OPTION_PEER_FD, "5") &&
	    plan.peer_fds_chosen && plan.peer_fds.count == 1 &&
	    plan.peer_fds.fds[0] == 5 && !plan.fds_chosen &&
	    plan.fds.count == 2, "--peer-fd is a list of its own");
	ok(!plan.pipefail && takes(OPTION_PIPEFAIL, NULL) && plan.pipefail,
	    "--pipefail");
	ok(!plan.pass_fd && takes(OPTION_PASS_FD, NULL) && plan.pass_fd,
	    "--pass-fd");
	plan_free(&plan);
}

static void
test_relay(void)
{
	begin();
	is_int(plan.wire, -1, "without --wire there is none");
	ok(takes(OPTION_WIRE, "lsp") && plan.wire == FRAMING_LSP,
	    "--wire is a framing");
	is_str(plan.framing_option, NULL, "but not that of --framing");
	ok(takes(OPTION_FRAMING, "u16") && plan.framing == FRAMING_U16,
	    "--framing is a name");
	is_str(plan.framing_option, "framing", "that chose the framing");
	ok(takes(OPTION_LINES, NULL) && plan.framing == FRAMING_LINE,
	    "--lines is one");
	is_str(plan.framing_option, "lines", "that chose it then");
	ok(takes(OPTION_NULL, NULL) && plan.framing == FRAMING_NULL,
	    "--null is another");
	is_str(plan.framing_option, "null", "that chose it last");
	ok(takes(OPTION_MAX_MESSAGE, "1M") && plan.max_message == 1048576,
	    "--max-message is a size");
	ok(plan.chunk == 0 && takes(OPTION_CHUNK, "2K") && plan.chunk == 2048,
	    "--chunk is one");
	ok(!plan.no_shutdown && takes(OPTION_NO_SHUTDOWN, NULL) &&
	    plan.no_shutdown, "--no-shutdown");
	ok(takes(OPTION_LINGER, "2s") && plan.linger == 2 * SECOND &&
	    plan.timeout == PLAN_NEVER, "--linger is a time");
	ok(takes(OPTION_TIMEOUT, "1ms") && plan.timeout == 1000000 &&
	    plan.linger == 2 * SECOND, "--timeout is one");
	ok(plan.stall == PLAN_NEVER && takes(OPTION_STALL, "3s") &&
	    plan.stall == 3 * SECOND && plan.timeout == 1000000,
	    "--stall is another");
	plan_free(&plan);
}

static void
test_watching(void)
{
	begin();
	ok(!plan.verbose && takes(OPTION_VERBOSE, NULL) && plan.verbose &&
	    !plan.hex && takes(OPTION_HEX, NULL) && plan.hex, "-v and -x");
	ok(takes(OPTION_OUTPUT, "a") && takes(OPTION_FORMAT, "json") &&
	    takes(OPTION_OUTPUT, "b") && takes(OPTION_APPEND, NULL) &&
	    takes(OPTION_FORMAT, "hex") && takes(OPTION_OUTPUT, "c") &&
	    plan.output_count == 3, "each -o adds a file");
	ok(strcmp(plan.outputs[0].path, "a") == 0 &&
	    plan.outputs[0].format == FORMAT_BY_ENDING &&
	    !plan.outputs[0].append, "what is behind it does not concern it");
	ok(strcmp(plan.outputs[1].path, "b") == 0 &&
	    plan.outputs[1].format == FORMAT_JSON && !plan.outputs[1].append &&
	    plan.outputs[2].format == FORMAT_HEX && plan.outputs[2].append,
	    "what is in front does");
	ok(plan.events == TRACE_ALL && takes(OPTION_EVENTS, "exit,data,exit") &&
	    plan.events == (1u << TRACE_EXIT | 1u << TRACE_DATA),
	    "--events is a list of names");
	ok(takes(OPTION_OUTPUT, "d") && takes(OPTION_EVENTS, "eof") &&
	    plan.outputs[2].events == TRACE_ALL &&
	    plan.outputs[3].events == (1u << TRACE_EXIT | 1u << TRACE_DATA) &&
	    plan.events == 1u << TRACE_EOF,
	    "for the files behind it, and the last one for standard error");
	ok(takes(OPTION_SNAPLEN, "96") && plan.snaplen == 96,
	    "--snaplen is a size");
	ok(takes(OPTION_TIME, "delta") && plan.time == TIME_DELTA,
	    "--time is a name");
	ok(takes(OPTION_COLOR, "always") && plan.color == COLOR_ALWAYS,
	    "--color is a name");
	ok(takes(OPTION_PCAP_PORT, "65535") && plan.pcap_port == 65535 &&
	    takes(OPTION_PCAP_PORT, "1") && plan.pcap_port == 1,
	    "--pcap-port is a number of 16 bits, not 0");
	ok(plan.time_chosen && plan.color_chosen && plan.pcap_port_chosen,
	    "these were chosen, if only to what they are by default");
	ok(!plan.stats && takes(OPTION_STATS, NULL) && plan.stats &&
	    !plan.progress && takes(OPTION_PROGRESS, NULL) && plan.progress,
	    "--stats and --progress");
	plan_free(&plan);
}

/* A value that is refused, and what it is said not to be. */
static const struct {
	enum option option;
	const char *text;
	const char *noun;
} wrong[] = {
	{ OPTION_TYPE, "", "a socket type" },
	{ OPTION_TYPE, "Stream", "a socket type" },
	{ OPTION_STYLE, "-1", "a socket type" },
	{ OPTION_DOMAIN, "2147483648", "a domain" },
	{ OPTION_NAMESPACE, "unix ", "a domain" },
	{ OPTION_PROTOCOL, "tcp", "a protocol number" },
	{ OPTION_BUFFER, "0K", "a size above zero" },
	{ OPTION_FD, "x", "a file descriptor" },
	{ OPTION_FD, "1,", "a list of file descriptors" },
	{ OPTION_ENV, "", "a variable's name" },
	{ OPTION_ENV, "A=B", "a variable's name" },
	{ OPTION_PEER, "", "a command" },
	{ OPTION_PEER_FD, "-1", "a file descriptor" },
	{ OPTION_PEER_FD, ",", "a list of file descriptors" },
	{ OPTION_KILL_AFTER, "-1", "a time" },
	{ OPTION_WIRE, "", "a framing" },
	{ OPTION_WIRE, "foo", "a framing" },
	{ OPTION_FRAMING, "", "a framing" },
	{ OPTION_FRAMING, "0", "a framing" },
	{ OPTION_MAX_MESSAGE, "0", "a size above zero" },
	{ OPTION_LINGER, "0", "a time above zero" },
	{ OPTION_TIMEOUT, "0ms", "a time above zero" },
	{ OPTION_STALL, "0", "a time above zero" },
	{ OPTION_STALL, "x", "a time above zero" },
	{ OPTION_OUTPUT, "", "a file" },
	{ OPTION_FORMAT, "pcap", "a trace format" },
	{ OPTION_SNAPLEN, "", "a size above zero" },
	{ OPTION_TIME, "utc", "a style of times" },
	{ OPTION_COLOR, "yes", "auto, always or never" },
	{ OPTION_PCAP_PORT, "0", "a port number" },
	{ OPTION_PCAP_PORT, "65536", "a port number" },
};

static void
is_wrong(enum option option, const char *text, const char *noun)
{
	struct capture capture;
	char want[120], title[160];
	int result;

	/* Not a reason: it is that of somebody else. */
	errno = ENOMEM;
	capture_begin(&capture, STDERR_FILENO);
	result = option_take(option, text, &plan);
	capture_end(&capture);
	snprintf(want, sizeof(want), "sockpair: --%s: '%s' is not %s\n",
	    option_name(option), text, noun);
	snprintf(title, sizeof(title), "--%s '%s' is not %s",
	    option_name(option), text, noun);
	ok(result == -1 && strcmp(capture.text, want) == 0, title);
}

static void
test_wrong(void)
{
	char number[20];
	size_t i;

	begin();
	need(takes(OPTION_ENV, "A"), "--env");
	for (i = 0; i < COUNT(wrong); i++)
		is_wrong(wrong[i].option, wrong[i].text, wrong[i].noun);
	is_wrong(OPTION_ENV, "A", "a new name: it was given before");
	snprintf(number, sizeof(number), "%d", SOCK_STREAM | SOCK_CLOEXEC);
	is_wrong(OPTION_TYPE, number, "a socket type");
	ok(plan.type == SOCK_STREAM && plan.domain == AF_UNIX &&
	    plan.protocol == 0 && plan.buffer == 0 && plan.fds.count == 2 &&
	    plan.env_count == 1 && plan.peer == NULL &&
	    plan.kill_after == PLAN_NEVER && plan.linger == PLAN_NEVER &&
	    plan.timeout == PLAN_NEVER && plan.output_count == 0 &&
	    plan.next_format == FORMAT_BY_ENDING,
	    "what is refused changes nothing");
	plan_free(&plan);
}

/* Without memory: 0 if that was told right. */
static int
take_without_memory(void *argument)
{
	static const char want[] = "sockpair: cannot read --fd: ";
	static char text[4000000];
	static struct capture capture;
	int result;

	(void)argument;
	memset(text, ',', sizeof(text) - 1);
	begin();
	capture_begin(&capture, STDERR_FILENO);
	use_up_memory();
	result = option_take(OPTION_FD, text, &plan);
	capture_end(&capture);
	return result == -1 && strncmp(capture.text, want,
	    sizeof(want) - 1) == 0 ? 0 : 1;
}

int
main(void)
{
	static const char no_memory[] = "want of memory is told as such";

	test_pair();
	test_command();
	test_other_end();
	test_relay();
	test_watching();
	test_wrong();
	if (can_limit_memory())
		is_int(run_child(take_without_memory, NULL), 0, no_memory);
	else
		elsewhere(no_memory, "memory tool");
	return done_testing();
}
