/* SPDX-License-Identifier: MIT */
/* The command line, in process: what it makes of the plan, what it says. */
#include "config.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <popt.h>
#include <stdlib.h>
#include <unistd.h>

#include "plan/options.h"
#include "words.h"

static struct plan plan;
static bool without_memory;	/* for popt's copy of a value */

static bool without_context;	/* nor for what popt itself needs */

char *__real_poptGetOptArg(poptContext);
char *__wrap_poptGetOptArg(poptContext);
poptContext __real_poptGetContext(const char *, int, const char **,
    const struct poptOption *, unsigned int);
poptContext __wrap_poptGetContext(const char *, int, const char **,
    const struct poptOption *, unsigned int);

/* ld --wrap */
poptContext
__wrap_poptGetContext(const char *name, int argc, const char **argv,
    const struct poptOption *options, unsigned int flags)
{
	return without_context ? NULL :
	    __real_poptGetContext(name, argc, argv, options, flags);
}

char *
__wrap_poptGetOptArg(poptContext context)
{
	char *text = __real_poptGetOptArg(context);

	if (!without_memory)
		return text;
	free(text);
	return NULL;
}

static enum options_result
parse_plan(int argc, const char **argv)
{
	plan_init(&plan);
	return options_parse(argc, argv, &plan);
}

static enum options_result
parse(const char *const words[WORDS])
{
	return parse_words(words, parse_plan);
}

static void
test_plan(void)
{
	is_int(parse((const char *[WORDS]){ "sockpair", "cat" }), OPTIONS_RUN,
	    "a command is enough");
	ok(plan.domain == AF_UNIX && plan.type == SOCK_STREAM &&
	    plan.protocol == 0 && plan.buffer == 0, "the pair's defaults");
	ok(plan.fds.count == 2 && plan.fds.fds[0] == 0 &&
	    plan.fds.fds[1] == 1, "its end is on 0 and 1");
	ok(plan.kill_after == PLAN_NEVER && plan.linger == PLAN_NEVER &&
	    plan.timeout == PLAN_NEVER && !plan.no_shutdown &&
	    !plan.die_with_parent, "nothing else is asked for");
	plan_free(&plan);

	is_int(parse((const char *[WORDS]){ "sockpair", "-t", "seqpacket",
	    "--domain=inet6", "--protocol=7", "-b64K", "-d", "5,3", "-EA",
	    "--env=B", "-k1", "x" }), OPTIONS_RUN, "every form of options");
	ok(plan.type == SOCK_SEQPACKET && plan.domain == AF_INET6 &&
	    plan.protocol == 7 && plan.buffer == 65536, "for the pair");
	ok(plan.fds.fds[0] == 5 && plan.env_count == 2 &&
	    strcmp(plan.env[1], "B") == 0 && plan.kill_after == 1000000000,
	    "for the command");
	plan_free(&plan);

	is_int(parse((const char *[WORDS]){ "sockpair", "-p", "a  b",
	    "--peer=tr x y", "-D3,4", "--pipefail", "x" }), OPTIONS_RUN,
	    "a second command");
	is_str(plan.peer, "tr x y", "is the last that was given, as it is");
	ok(plan.pipefail && plan.peer_fds_chosen && !plan.fds_chosen &&
	    plan.peer_fds.fds[0] == 3 && plan.peer_fds.fds[1] == 4,
	    "it may be placed, and count");
	plan_free(&plan);

	is_int(parse((const char *[WORDS]){ "sockpair", "-P", "--listen-fds",
	    "x" }), OPTIONS_RUN, "an end that is passed on");
	ok(plan.pass_fd && plan.listen_fds && plan.fds.count == 1 &&
	    plan.fds.fds[0] == 3, "and one that LISTEN_FDS tells of");
	plan_free(&plan);

	is_int(parse((const char *[WORDS]){ "sockpair", "--half-close=4",
	    "--half-close=3", "--" }), OPTIONS_HALF_CLOSE,
	    "no command, but a descriptor");
	is_int(plan.half_close, 3, "which is the last that was given");
	plan_free(&plan);

	is_int(parse((const char *[WORDS]){ "sockpair", "--", "-x", "-d",
	    "--", "--type=y", "" }), OPTIONS_RUN, "options end at --");
	is_str(plan.command[0], "-x", "what follows is the command");
	is_str(plan.command[2], "--", "a second -- is its own");
	is_str(plan.command[4], "", "even an empty argument is kept");
	ok(plan.command[5] == NULL, "and no more");
	plan_free(&plan);

	is_int(parse((const char *[WORDS]){ "", "cat", "-d", "x" }),
	    OPTIONS_RUN, "an empty argv[0] is no matter");
	is_str(plan.command[1], "-d", "options behind the command are its own");
	plan_free(&plan);
}

/* In either order, since no option counts on what stands before it. */
static void
test_sizes(void)
{
	static const struct {
		const char *words[WORDS];
		size_t buffer, max_message;
		const char *name;
	} rows[] = {
		{ { "sockpair", "-tdgram", "--max-message=9", "x" }, 0, 9,
		    "the largest message is chosen" },
		{ { "sockpair", "-tdgram", "-b8", "x" }, 8, SIZE_MAX,
		    "with buffers it is what they carry" },
		{ { "sockpair", "-tdgram", "-b8", "--max-message=9", "x" },
		    8, 9, "but for one that is chosen" },
		{ { "sockpair", "-tdgram", "--max-message=9", "-b8", "x" },
		    8, 9, "also before them" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		need(parse(rows[i].words) == OPTIONS_RUN, "options");
		ok(plan.buffer == rows[i].buffer &&
		    plan.max_message == rows[i].max_message, rows[i].name);
		plan_free(&plan);
	}
}

static const struct wrong table[] = {
	{ { NULL }, "sockpair: needs a command (see sockpair --help)\n" },
	{ { "sockpair" }, "sockpair: needs a command (see sockpair --help)\n" },
	{ { "sockpair", "--" },
	    "sockpair: needs a command (see sockpair --help)\n" },
	{ { "sockpair", "--nosuch", "x" },
	    "sockpair: '--nosuch' is not an option\n" },
	{ { "sockpair", "--fd" }, "sockpair: --fd: needs a value\n" },
#ifdef POPT_ERROR_UNWANTEDARG
	{ { "sockpair", "--no-shutdown=1", "x" },
	    "sockpair: --no-shutdown=1: cannot go with a value\n" },
#endif
	{ { "sockpair", "--style=zap", "x" },
	    "sockpair: --style: 'zap' is not a socket type\n" },
	{ { "sockpair", "--namespace=zap", "x" },
	    "sockpair: --namespace: 'zap' is not a domain\n" },
	{ { "sockpair", "--protocol=-1", "x" },
	    "sockpair: --protocol: '-1' is not a protocol number\n" },
	{ { "sockpair", "-b", "0", "x" },
	    "sockpair: --buffer: '0' is not a size above zero\n" },
	{ { "sockpair", "-d", "a\nb", "x" },
	    "sockpair: --fd: 'a\\nb' is not a file descriptor\n" },
	{ { "sockpair", "-d", "0,", "x" },
	    "sockpair: --fd: '0,' is not a list of file descriptors\n" },
	{ { "sockpair", "-E", "A=B", "x" },
	    "sockpair: --env: 'A=B' is not a variable's name\n" },
	{ { "sockpair", "-E", "A", "-E", "A", "x" },
	    "sockpair: --env: 'A' is not a new name: it was given before\n" },
	{ { "sockpair", "-k", "soon", "x" },
	    "sockpair: --kill-after: 'soon' is not a time\n" },
	{ { "sockpair", "-T", "0", "x" },
	    "sockpair: --timeout: '0' is not a time above zero\n" },
	{ { "sockpair", "--linger", "", "x" },
	    "sockpair: --linger: '' is not a time above zero\n" },
	{ { "sockpair", "--events", "", "x" },
	    "sockpair: --events: '' is not an event\n" },
	{ { "sockpair", "--events=undeliveredx", "x" },
	    "sockpair: --events: 'undeliveredx' is not an event\n" },
	{ { "sockpair", "--events=data,", "x" },
	    "sockpair: --events: 'data,' is not a list of events\n" },
	{ { "sockpair", "-p", "", "x" },
	    "sockpair: --peer: '' is not a command\n" },
	{ { "sockpair", "-p", "y", "-D", "3,", "x" },
	    "sockpair: --peer-fd: '3,' is not a list of file descriptors\n" },
	{ { "sockpair", "--pipefail", "x" },
	    "sockpair: --pipefail: needs --peer\n" },
	{ { "sockpair", "-P", "-p", "y", "x" },
	    "sockpair: --pass-fd: cannot go with --peer\n" },
	{ { "sockpair", "--half-close=3", "x" },
	    "sockpair: --half-close: cannot go with a command\n" },
	{ { "sockpair", "--half-close=3", "-P" },
	    "sockpair: --half-close: cannot go with --pass-fd\n" },
	{ { "sockpair", "-k1", "-v", "--half-close=3", "x" },
	    "sockpair: --half-close: cannot go with --kill-after\n" },
	{ { "sockpair", "-p", "y" },
	    "sockpair: needs a command (see sockpair --help)\n" },
};

static void
test_messages(void)
{
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		is_int(parse(table[i].words), OPTIONS_WRONG, "it is refused");
		is_str(said.text, table[i].said, "and the line says why");
		plan_free(&plan);
	}
}

static void
test_without_memory(void)
{
	without_memory = true;
	is_int(parse((const char *[WORDS]){ "sockpair", "--pipefail", "-v",
	    "-p", "y", "x" }), OPTIONS_WRONG,
	    "without memory for a value nothing is run");
	is_str(said.text, "sockpair: cannot read options: Cannot allocate memory\n",
	    "and the line says why");
	plan_free(&plan);
	is_int(parse((const char *[WORDS]){ "sockpair", "-v", "--stats", "x" }),
	    OPTIONS_RUN, "options without a value need none");
	plan_free(&plan);
	without_memory = false;
	without_context = true;
	is_int(parse((const char *[WORDS]){ "sockpair", "x" }), OPTIONS_WRONG,
	    "nor without memory for popt itself");
	is_str(said.text,
	    "sockpair: cannot read options: Cannot allocate memory\n",
	    "and the line says the same");
	plan_free(&plan);
	without_context = false;
}

int
main(void)
{
	setenv("HOME", "/nonexistent", 1);
	test_plan();
	test_sizes();
	test_messages();
	test_without_memory();
	return done_testing();
}
