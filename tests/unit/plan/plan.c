/* SPDX-License-Identifier: MIT */
/* The plan: its defaults, and strings that are its own. */
#include "config.h"

#include <sys/socket.h>

#include "base/clock.h"
#include "plan/plan.h"
#include "tap.h"

static void
test_defaults(void)
{
	struct plan plan;

	memset(&plan, 0x5a, sizeof(plan));
	is_int(plan_init(&plan), 0, "a plan is made from nothing");
	ok(plan.domain == AF_UNIX && plan.type == SOCK_STREAM &&
	    plan.protocol == 0, "of a unix stream pair");
	ok(plan.buffer == 0, "with the system's buffers");
	is_int((long long)plan.max_message, 1048576, "for messages of 1 MiB");
	ok(plan.fds.count == 2 && plan.fds.fds[0] == 0 &&
	    plan.fds.fds[1] == 1, "on the command's 0 and 1");
	ok(plan.env == NULL && plan.env_count == 0, "without variables");
	ok(plan.command == NULL && plan.half_close == -1,
	    "without a command yet, or anything to be done without one");
	ok(plan.kill_after == PLAN_NEVER && plan.linger == PLAN_NEVER &&
	    plan.timeout == PLAN_NEVER, "without a time");
	ok(!plan.die_with_parent && !plan.no_shutdown && !plan.listen_fds &&
	    !plan.pipefail && !plan.pass_fd, "without a switch");
	ok(plan.peer == NULL && plan.peer_fds.count == 2 &&
	    plan.peer_fds.fds[0] == 0 && plan.peer_fds.fds[1] == 1,
	    "without a second command, which would be on 0 and 1");
	ok(plan.events == TRACE_ALL, "all events would be traced");
	ok(!plan.fds_chosen && !plan.peer_fds_chosen &&
	    !plan.max_message_chosen && !plan.time_chosen &&
	    !plan.color_chosen && !plan.pcap_port_chosen,
	    "nothing was chosen");
	ok(plan_is_relayed(&plan) && plan_has_relay(&plan),
	    "its other end is relayed");
	plan_free(&plan);
	ok(plan.fds.fds == NULL && plan.command == NULL && plan.env == NULL,
	    "a freed plan holds nothing");
	plan_free(&plan);
	ok(true, "a plan may be freed twice");
}

static void
test_env(void)
{
	static const struct {
		const char *text;
		int error;
		const char *name;
	} rows[] = {
		{ "SECOND", 0, "a second name is added" },
		{ "FIRST", EEXIST, "a name given before is EEXIST" },
		{ "first", 0, "names differ by case" },
		{ "FIRS", 0, "the beginning of a name is another" },
		{ "", EINVAL, "an empty name is EINVAL" },
		{ "=", EINVAL, "a bare = is EINVAL" },
		{ "A=B", EINVAL, "a name with a value is EINVAL" },
		{ "A=", EINVAL, "a name with an empty value is EINVAL" },
		{ "a b", 0, "a name with a blank is the user's affair" },
	};
	char text[] = "FIRST";
	struct plan plan;
	size_t count;
	int result;
	size_t i;

	plan_init(&plan);
	is_int(plan_add_env(&plan, text), 0, "a name is added");
	text[0] = 'X';
	is_str(plan.env[0], "FIRST", "as a copy");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		count = plan.env_count;
		errno = 0;
		result = plan_add_env(&plan, rows[i].text);
		if (rows[i].error != 0)
			ok(result == -1 && errno == rows[i].error &&
			    plan.env_count == count, rows[i].name);
		else
			ok(result == 0 && plan.env_count == count + 1 &&
			    strcmp(plan.env[count], rows[i].text) == 0,
			    rows[i].name);
	}
	plan_free(&plan);
}

static void
test_command(void)
{
	static const char *const none[] = { NULL };
	char program[] = "cat";
	char argument[] = "-n";
	const char *argv[] = { program, argument, "", NULL };
	struct plan plan;

	plan_init(&plan);
	is_int(plan_set_command(&plan, argv), 0, "a command is taken");
	program[0] = argument[0] = 'X';
	argv[0] = NULL;
	is_str(plan.command[0], "cat", "its name is a copy");
	is_str(plan.command[1], "-n", "its arguments are copies");
	is_str(plan.command[2], "", "an empty argument is kept");
	ok(plan.command[3] == NULL, "NULL is at the end");
	plan_free(&plan);

	plan_init(&plan);
	ok(plan_set_command(&plan, NULL) == 0 && plan.command[0] == NULL,
	    "no argv is an empty command");
	plan_free(&plan);
	plan_init(&plan);
	ok(plan_set_command(&plan, none) == 0 && plan.command[0] == NULL,
	    "an empty argv is an empty command");
	plan_free(&plan);
}

static void
test_peer(void)
{
	char text[] = "cat";
	struct plan plan;

	plan_init(&plan);
	is_int(plan_set_peer(&plan, text), 0, "a second command is taken");
	text[0] = 'X';
	is_str(plan.peer, "cat", "as a copy");
	is_int(plan_set_peer(&plan, "tr a b"), 0, "another in its place");
	is_str(plan.peer, "tr a b", "with blanks and all");
	errno = 0;
	ok(plan_set_peer(&plan, "") == -1 && errno == EINVAL,
	    "an empty one is EINVAL");
	is_str(plan.peer, "tr a b", "and changes nothing");
	ok(!plan_is_relayed(&plan) && !plan_has_relay(&plan),
	    "with it nothing is relayed");
	plan.timeout = 1;
	ok(!plan_is_relayed(&plan) && plan_has_relay(&plan),
	    "but there is a relay with --timeout");
	plan.timeout = PLAN_NEVER;
	plan.stall = 1;
	ok(!plan_is_relayed(&plan) && plan_has_relay(&plan),
	    "and with --stall");
	plan.stall = PLAN_NEVER;
	plan.hex = true;
	ok(plan_has_relay(&plan), "and with a trace");
	plan.hex = false;
	plan.chunk = 1;
	ok(plan_has_relay(&plan), "and with --chunk");
	plan.chunk = 0;
	plan.stats = true;
	ok(!plan_has_relay(&plan), "totals alone make none");
	plan.stats = false;
	plan_free(&plan);
	plan_init(&plan);
	plan.pass_fd = true;
	ok(!plan_is_relayed(&plan) && !plan_has_relay(&plan),
	    "nor if the other end is passed on");
	plan_free(&plan);
}

static void
test_listen_fds(void)
{
	struct plan plan;

	plan_init(&plan);
	is_int(plan_set_listen_fds(&plan), 0, "LISTEN_FDS is taken");
	ok(plan.listen_fds && plan.fds.count == 1 && plan.fds.fds[0] == 3,
	    "which is about 3");
	is_int(plan_set_listen_fds(&plan), 0, "twice");
	plan_free(&plan);
	plan_init(&plan);
	plan.fds_chosen = true;
	plan_set_listen_fds(&plan);
	ok(plan.listen_fds && plan.fds.count == 2,
	    "but what was chosen is left alone");
	plan_free(&plan);
}

static void
test_limits(void)
{
	struct plan plan;

	plan_init(&plan);
	plan_set_buffer(&plan, 5000);
	ok(plan.buffer == 5000 && plan.max_message == SIZE_MAX,
	    "with --buffer the socket alone limits messages");
	plan_set_max_message(&plan, 70);
	ok(plan.max_message == 70 && plan.max_message_chosen,
	    "but for --max-message after it");
	plan_set_buffer(&plan, 6000);
	ok(plan.buffer == 6000 && plan.max_message == 70,
	    "or before it");
	is_int((long long)plan_wire_limit(&plan), 70, "with --wire as well");
	plan.max_message_chosen = false;
	is_int((long long)plan_wire_limit(&plan), 64 << 20,
	    "which has 64 MiB by default");
	plan_free(&plan);
}

static void
test_grace(void)
{
	struct plan plan;

	plan_init(&plan);
	is_int(plan_grace(&plan), 5 * SECOND, "SIGKILL comes after 5 s");
	plan.kill_after = 7;
	is_int(plan_grace(&plan), 7, "or the time of --kill-after");
	plan.kill_after = 0;
	is_int(plan_grace(&plan), 0, "which may be none");
	plan_free(&plan);
}

static void
test_output(void)
{
	char path[] = "one";
	struct plan plan;

	plan_init(&plan);
	ok(!plan_has_trace(&plan), "without a file there is no trace");
	plan.next_format = FORMAT_JSON;
	is_int(plan_add_output(&plan, path), 0, "a file is added");
	path[0] = 'X';
	plan.next_format = FORMAT_HEX;
	plan.next_append = true;
	plan.events = 1;
	is_int(plan_add_output(&plan, "two"), 0, "and another");
	ok(plan.output_count == 2 && plan_has_trace(&plan),
	    "which makes two traces");
	ok(strcmp(plan.outputs[0].path, "one") == 0 &&
	    plan.outputs[0].format == FORMAT_JSON &&
	    plan.outputs[0].events == TRACE_ALL && !plan.outputs[0].append,
	    "the first as was said before it");
	ok(strcmp(plan.outputs[1].path, "two") == 0 &&
	    plan.outputs[1].format == FORMAT_HEX &&
	    plan.outputs[1].events == 1 && plan.outputs[1].append,
	    "the second as was said since");
	ok(plan.events_used, "and --events has been used");
	plan_free(&plan);
}

/* Text that no heap holds by chance. */
static char *
long_text(void)
{
	static char text[4000000];

	memset(text, 'x', sizeof(text) - 1);
	return text;
}

static int
add_env_without_memory(void *argument)
{
	struct plan plan;
	int result;

	(void)argument;
	plan_init(&plan);
	forbid_memory();
	result = plan_add_env(&plan, long_text());
	if (result != -1 || errno != ENOMEM || plan.env_count != 0)
		return 1;
	plan_free(&plan);
	return 0;
}

static int
set_command_without_memory(void *argument)
{
	const char *argv[] = { "cat", long_text(), "more", NULL };
	struct plan plan;

	(void)argument;
	plan_init(&plan);
	forbid_memory();
	if (plan_set_command(&plan, argv) != -1 || errno != ENOMEM)
		return 1;
	plan_free(&plan);
	return 0;
}

static int
set_peer_without_memory(void *argument)
{
	struct plan plan;

	(void)argument;
	plan_init(&plan);
	forbid_memory();
	if (plan_set_peer(&plan, long_text()) != -1 || errno != ENOMEM ||
	    plan.peer != NULL)
		return 1;
	plan_free(&plan);
	return 0;
}

static int
init_without_memory(void *argument)
{
	struct plan plan;

	(void)argument;
	use_up_memory();
	if (plan_init(&plan) != -1 || errno != ENOMEM)
		return 1;
	plan_free(&plan);
	return 0;
}

static void
test_memory(void)
{
	static const struct {
		int (*function)(void *);
		const char *name;
	} rows[] = {
		{ init_without_memory, "a plan that finds no memory" },
		{ add_env_without_memory, "a name that finds no memory" },
		{ set_command_without_memory,
		    "a command that finds no memory" },
		{ set_peer_without_memory,
		    "a second command that finds no memory" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (can_limit_memory())
			is_int(run_child(rows[i].function, NULL), 0,
			    rows[i].name);
		else
			elsewhere(rows[i].name, "memory tool");
}

int
main(void)
{
	test_defaults();
	test_env();
	test_command();
	test_peer();
	test_listen_fds();
	test_limits();
	test_grace();
	test_output();
	test_memory();
	return done_testing();
}
