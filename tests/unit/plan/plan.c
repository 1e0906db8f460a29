/* SPDX-License-Identifier: MIT */
/* The plan: its defaults, and strings that are its own. */
#include "config.h"

#include <sys/resource.h>
#include <sys/socket.h>

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
	ok(plan.command == NULL, "without a command yet");
	ok(plan.kill_after == PLAN_NEVER && plan.linger == PLAN_NEVER &&
	    plan.timeout == PLAN_NEVER, "without a time");
	ok(!plan.die_with_parent && !plan.no_shutdown && !plan.listen_fds &&
	    !plan.pipefail && !plan.pass_fd, "without a switch");
	ok(plan.peer == NULL && plan.peer_fds.count == 2 &&
	    plan.peer_fds.fds[0] == 0 && plan.peer_fds.fds[1] == 1,
	    "without a second command, which would be on 0 and 1");
	ok(!plan.fds_chosen && !plan.peer_fds_chosen &&
	    !plan.max_message_chosen, "nothing was chosen");
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
	plan.hex = true;
	ok(plan_has_relay(&plan), "and with a trace");
	plan.hex = false;
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

/* --- what goes together --------------------------------------------------- */

static bool
is_word(const char *word, const char *name)
{
	size_t length = strlen(name);

	return strncmp(word, name, length) == 0 &&
	    (word[length] == ' ' || word[length] == '\0');
}

/* Put the one option into plan whose name, without dashes, begins word. */
static void
give(struct plan *plan, const char *word)
{
	static int three[] = { 3, 3 };
	static int four[] = { 3, 4 };

	plan->die_with_parent |= is_word(word, "die-with-parent");
	plan->no_shutdown |= is_word(word, "no-shutdown");
	plan->pass_fd |= is_word(word, "pass-fd");
	plan->pipefail |= is_word(word, "pipefail");
	plan->peer_fds_chosen |= is_word(word, "peer-fd");
	if (is_word(word, "kill-after"))
		plan->kill_after = 0;
	if (is_word(word, "linger"))
		plan->linger = 1;
	if (is_word(word, "null"))
		plan->framing_option = "null";
	if (is_word(word, "max-message"))
		plan_set_max_message(plan, 1);
	if (is_word(word, "seqpacket"))
		plan->type = SOCK_SEQPACKET;
	if (is_word(word, "timeout"))
		plan->timeout = 1;
	if (is_word(word, "peer"))
		need(plan_set_peer(plan, "cat") == 0, "plan");
	if (is_word(word, "dgram"))
		plan->type = SOCK_DGRAM;
	if (is_word(word, "raw"))
		plan->type = SOCK_RAW;
	if (is_word(word, "inet"))
		plan->domain = AF_INET;
	plan->stats |= is_word(word, "stats");
	plan->progress |= is_word(word, "progress");
	plan->verbose |= is_word(word, "verbose");
	plan->hex |= is_word(word, "hex");
	if (is_word(word, "output"))
		need(plan_add_output(plan, "x", FORMAT_BY_ENDING, false) == 0, "plan");
	if (is_word(word, "env"))
		need(plan_add_env(plan, "LISTEN_PIDS") == 0, "plan");
	if (is_word(word, "env-fds"))
		need(plan_add_env(plan, "LISTEN_FDS") == 0, "plan");
	if (is_word(word, "env-pid"))
		need(plan_add_env(plan, "LISTEN_PID") == 0, "plan");
	if (is_word(word, "env-names"))
		need(plan_add_env(plan, "LISTEN_FDNAMES") == 0, "plan");
	if (is_word(word, "fd-3") || is_word(word, "fd-4")) {
		fd_list_free(&plan->fds);
		plan->fds.fds = malloc(sizeof(three));
		need(plan->fds.fds != NULL, "plan");
		memcpy(plan->fds.fds, is_word(word, "fd-3") ? three : four,
		    sizeof(three));
		plan->fds.count = 2;
		plan->fds_chosen = true;
	}
	if (is_word(word, "listen-fds"))
		need(plan_set_listen_fds(plan) == 0, "plan");
}

#define RELAY "needs a trace or --timeout with --peer"

static void
test_clashes(void)
{
	static const struct {
		const char *given;
		const char *want;	/* "" for none */
	} rows[] = {
		{ "", "" },
		{ "no-shutdown linger timeout kill-after die-with-parent", "" },
		{ "null", "--null needs --type=seqpacket or --type=dgram" },
		{ "max-message null", "--max-message needs --type=seqpacket "
		    "or --type=dgram" },
		{ "seqpacket null max-message", "" },
		{ "dgram null max-message", "" },
		{ "peer dgram null", "--null cannot go with --peer" },
		{ "peer timeout dgram null", "--null cannot go with --peer" },
		{ "raw null max-message", "" },
		{ "peer raw null", "--null cannot go with --peer" },
		{ "peer dgram max-message", "--max-message " RELAY },
		{ "peer timeout dgram max-message", "" },
		{ "pass-fd dgram null", "--null cannot go with --pass-fd" },
		{ "pass-fd dgram max-message",
		    "--max-message cannot go with --pass-fd" },
		{ "peer-fd", "--peer-fd needs --peer" },
		{ "pipefail", "--pipefail needs --peer" },
		{ "peer peer-fd pipefail kill-after die-with-parent", "" },
		{ "peer dgram peer-fd pipefail kill-after", "" },
		{ "peer linger", "--linger " RELAY },
		{ "peer no-shutdown", "--no-shutdown " RELAY },
		{ "peer dgram no-shutdown", "--no-shutdown " RELAY },
		{ "peer stats", "--stats " RELAY },
		{ "peer progress", "--progress " RELAY },
		{ "stats progress", "" },
		{ "peer timeout stats progress", "" },
		{ "peer verbose stats progress linger no-shutdown", "" },
		{ "peer hex stats progress linger no-shutdown", "" },
		{ "peer output stats progress linger no-shutdown", "" },
		{ "peer timeout", "" },
		{ "peer timeout linger no-shutdown", "" },
		{ "peer timeout dgram", "" },
		{ "peer timeout dgram no-shutdown", "--no-shutdown cannot go "
		    "with --peer and --type=dgram" },
		{ "peer verbose raw no-shutdown", "--no-shutdown cannot go "
		    "with --peer and --type=dgram" },
		{ "peer verbose raw inet no-shutdown", "" },
		{ "dgram no-shutdown", "" },
		{ "raw no-shutdown", "" },
		{ "listen-fds", "" },
		{ "listen-fds fd-3", "" },
		{ "fd-3 listen-fds env", "" },
		{ "fd-4", "" },
		{ "fd-4 listen-fds",
		    "--listen-fds cannot go with another --fd than 3" },
		{ "listen-fds fd-4",
		    "--listen-fds cannot go with another --fd than 3" },
		{ "env-fds env-pid env-names", "" },
		{ "env-fds listen-fds", "--listen-fds cannot go with --env of "
		    "a variable that it sets" },
		{ "env-pid listen-fds", "--listen-fds cannot go with --env of "
		    "a variable that it sets" },
		{ "env-names listen-fds", "--listen-fds cannot go with --env "
		    "of a variable that it sets" },
		{ "listen-fds peer", "" },
		{ "pass-fd", "" },
		{ "pass-fd dgram env fd-4", "" },
		{ "pass-fd listen-fds", "" },
		{ "pass-fd peer", "--pass-fd cannot go with --peer" },
		{ "pass-fd pipefail", "--pipefail needs --peer" },
		{ "pass-fd kill-after",
		    "--pass-fd cannot go with --kill-after" },
		{ "pass-fd die-with-parent",
		    "--pass-fd cannot go with --die-with-parent" },
		{ "pass-fd no-shutdown",
		    "--pass-fd cannot go with --no-shutdown" },
		{ "pass-fd linger", "--pass-fd cannot go with --linger" },
		{ "pass-fd timeout", "--pass-fd cannot go with --timeout" },
		{ "pass-fd peer-fd", "--peer-fd needs --peer" },
		{ "pass-fd verbose", "--pass-fd cannot go with a trace" },
		{ "pass-fd hex", "--pass-fd cannot go with a trace" },
		{ "pass-fd output", "--pass-fd cannot go with a trace" },
		{ "pass-fd stats", "--pass-fd cannot go with --stats" },
		{ "pass-fd progress", "--pass-fd cannot go with --progress" },
	};
	struct plan_clash clash;
	struct plan plan;
	const char *word;
	char got[200];
	char title[200];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		plan_init(&plan);
		for (word = rows[i].given; word != NULL;
		    word = strchr(word, ' '))
			give(&plan, *word == ' ' ? ++word : word);
		got[0] = '\0';
		if (plan_has_clash(&plan, &clash))
			snprintf(got, sizeof(got), "--%s %s %s", clash.option,
			    clash.relation, clash.other);
		plan_free(&plan);
		snprintf(title, sizeof(title), "given '%s': %s",
		    rows[i].given, *rows[i].want == '\0' ?
		    "they go together" : rows[i].want);
		is_str(got, rows[i].want, title);
	}
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
	struct rlimit none = { 0, 0 };
	struct plan plan;
	int result;

	(void)argument;
	plan_init(&plan);
	setrlimit(RLIMIT_AS, &none);
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
	struct rlimit none = { 0, 0 };
	struct plan plan;

	(void)argument;
	plan_init(&plan);
	setrlimit(RLIMIT_AS, &none);
	if (plan_set_command(&plan, argv) != -1 || errno != ENOMEM)
		return 1;
	plan_free(&plan);
	return 0;
}

static int
set_peer_without_memory(void *argument)
{
	struct rlimit none = { 0, 0 };
	struct plan plan;

	(void)argument;
	plan_init(&plan);
	setrlimit(RLIMIT_AS, &none);
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
	test_clashes();
	test_memory();
	return done_testing();
}
