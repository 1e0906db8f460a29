/* SPDX-License-Identifier: MIT */
/* The command line of sockplay, in process: the plan, and what it says. */
#include "config.h"

#include <sys/socket.h>

#include <popt.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/diag.h"
#include "plan/play-options.h"
#include "plan/play-table.h"
#include "words.h"

static struct play_plan play;

static enum options_result
parse_plan(int argc, const char **argv)
{
	play_plan_init(&play);
	return play_options_parse(argc, argv, &play);
}

static enum options_result
parse(const char *const words[WORDS])
{
	return parse_words(words, parse_plan);
}

/* Whether the command is these words. */
static bool
command_is(const char *const words[WORDS])
{
	size_t i;

	for (i = 0; words[i] != NULL; i++)
		if (play.plan.command[i] == NULL ||
		    strcmp(play.plan.command[i], words[i]) != 0)
			return false;
	return play.plan.command[i] == NULL;
}

static void
test_plan(void)
{
	is_int(parse((const char *[WORDS]){ "sockplay", "talk" }),
	    OPTIONS_RUN, "a file is enough");
	is_str(play.file, "talk", "it is the record");
	ok(command_is((const char *[WORDS]){ NULL }), "there is no command");
	ok(play.side == PLAY_AS_COMMAND && play.ignored_count == 0 &&
	    play.plan.timeout == PLAN_NEVER,
	    "the command is played, nothing may differ, no time is too long");
	ok(!play.plan.type_chosen && !play.plan.fds_chosen &&
	    play.plan.env_count == 0, "no socket is asked for");
	play_plan_free(&play);

	is_int(parse((const char *[WORDS]){ "sockplay", "talk", "bc", "-q" }),
	    OPTIONS_RUN, "a command may follow it");
	ok(command_is((const char *[WORDS]){ "bc", "-q" }),
	    "with its own words");
	is_str(play.file, "talk", "the file is none of these");
	play_plan_free(&play);

	is_int(parse((const char *[WORDS]){ "sockplay", "-t", "seqpacket",
	    "-d5,3", "-E", "A", "--env=B", "-T1", "talk", "x" }), OPTIONS_RUN,
	    "every form of options");
	ok(play.plan.type_chosen && play.plan.type == SOCK_SEQPACKET,
	    "the type of the pair");
	ok(play.plan.fds_chosen && play.plan.fds.count == 2 &&
	    play.plan.fds.fds[0] == 5 && play.plan.fds.fds[1] == 3,
	    "where its end is");
	ok(play.plan.env_count == 2 && strcmp(play.plan.env[0], "A") == 0 &&
	    strcmp(play.plan.env[1], "B") == 0, "the variables that say so");
	ok(play.plan.timeout == 1000000000, "how long is too long");
	play_plan_free(&play);

	is_int(parse((const char *[WORDS]){ "sockplay", "--type=dgram",
	    "--style=stream", "--fd=9", "--fd=0,1", "--timeout=1h",
	    "--timeout=2ms", "talk", "x" }), OPTIONS_RUN,
	    "an option may be repeated");
	ok(play.plan.type == SOCK_STREAM && play.plan.fds.count == 2 &&
	    play.plan.timeout == 2000000, "the last one wins");
	play_plan_free(&play);

	is_int(parse((const char *[WORDS]){ "sockplay", "--ignore=[0-9]+",
	    "--ignore", "", "--ignore=[0-9]+", "--ignore=(", "talk" }),
	    OPTIONS_RUN, "patterns");
	ok(play.ignored_count == 4 &&
	    strcmp(play.ignored[0], "[0-9]+") == 0 &&
	    strcmp(play.ignored[1], "") == 0 &&
	    strcmp(play.ignored[2], "[0-9]+") == 0 &&
	    strcmp(play.ignored[3], "(") == 0,
	    "are all kept, in their order, and are not looked at here");
	play_plan_free(&play);
}

static void
test_words(void)
{
	is_int(parse((const char *[WORDS]){ "sockplay", "--as=stdin",
	    "--as=command", "--as", "stdin", "talk" }), OPTIONS_RUN,
	    "without a command, a side");
	is_int(play.side, PLAY_AS_STDIN, "is the last that was given");
	play_plan_free(&play);
	is_int(parse((const char *[WORDS]){ "sockplay", "--as=command",
	    "talk" }), OPTIONS_RUN, "the default may be given, too");
	is_int(play.side, PLAY_AS_COMMAND, "it is the command's side");
	play_plan_free(&play);

	is_int(parse((const char *[WORDS]){ "sockplay", "--", "-t", "-d",
	    "--", "--as=stdin", "" }), OPTIONS_RUN, "options end at --");
	is_str(play.file, "-t", "the next word is the file");
	ok(command_is((const char *[WORDS]){ "-d", "--", "--as=stdin", "" }),
	    "the rest is the command, with a -- and an empty word");
	play_plan_free(&play);

	is_int(parse((const char *[WORDS]){ "sockplay", "talk", "--as=x",
	    "-T", "y" }), OPTIONS_RUN, "options end at the file");
	ok(command_is((const char *[WORDS]){ "--as=x", "-T", "y" }),
	    "what follows is the command, whatever it looks like");
	play_plan_free(&play);

	is_int(parse((const char *[WORDS]){ "", "talk" }), OPTIONS_RUN,
	    "an empty argv[0] is no matter");
	play_plan_free(&play);
	is_int(parse((const char *[WORDS]){ "sockplay", "", "x" }),
	    OPTIONS_RUN, "an empty name of a file is seen when it is opened");
	is_str(play.file, "", "it is kept");
	play_plan_free(&play);
	is_int(parse((const char *[WORDS]){ "sockplay", "-", "x" }),
	    OPTIONS_RUN, "with a command the file may be standard input");
	is_str(play.file, "-", "it is kept as well");
	play_plan_free(&play);
}

#define NO_FILE "sockplay: needs a file (see sockplay --help)\n"

static const struct wrong table[] = {
	{ { NULL }, NO_FILE },
	{ { "sockplay" }, NO_FILE },
	{ { "sockplay", "--" }, NO_FILE },
	{ { "sockplay", "-T1", "--ignore=x", "--as=stdin" }, NO_FILE },
	{ { "sockplay", "-t", "stream" }, NO_FILE },
	{ { "sockplay", "--nosuch", "x" },
	    "sockplay: '--nosuch' is not an option\n" },
	{ { "sockplay", "-k", "x" }, "sockplay: '-k' is not an option\n" },
	{ { "sockplay", "--fd" }, "sockplay: --fd: needs a value\n" },
	{ { "sockplay", "--as" }, "sockplay: --as: needs a value\n" },
	{ { "sockplay", "--ignore" }, "sockplay: --ignore: needs a value\n" },
#ifdef POPT_ERROR_UNWANTEDARG
	{ { "sockplay", "--help=1", "x" },
	    "sockplay: --help=1: cannot go with a value\n" },
#endif
	{ { "sockplay", "-t", "zap", "x", "y" },
	    "sockplay: --type: 'zap' is not a socket type\n" },
	{ { "sockplay", "--style=zap", "x", "y" },
	    "sockplay: --style: 'zap' is not a socket type\n" },
	{ { "sockplay", "-d", "a\nb", "x", "y" },
	    "sockplay: --fd: 'a\\nb' is not a file descriptor\n" },
	{ { "sockplay", "-d", "0,", "x", "y" },
	    "sockplay: --fd: '0,' is not a list of file descriptors\n" },
	{ { "sockplay", "-E", "A=B", "x", "y" },
	    "sockplay: --env: 'A=B' is not a variable's name\n" },
	{ { "sockplay", "-E", "A", "-E", "A", "x", "y" },
	    "sockplay: --env: 'A' is not a new name: it was given before\n" },
	{ { "sockplay", "-T", "0", "x", "y" },
	    "sockplay: --timeout: '0' is not a time above zero\n" },
	{ { "sockplay", "-T", "soon", "x", "y" },
	    "sockplay: --timeout: 'soon' is not a time above zero\n" },
	{ { "sockplay", "--as=x", "y" },
	    "sockplay: --as: 'x' is not command or stdin\n" },
	{ { "sockplay", "--as=", "y" },
	    "sockplay: --as: '' is not command or stdin\n" },
	{ { "sockplay", "--as=Stdin", "y" },
	    "sockplay: --as: 'Stdin' is not command or stdin\n" },
	{ { "sockplay", "--as=x", "--as=stdin", "y" },
	    "sockplay: --as: 'x' is not command or stdin\n" },
	{ { "sockplay", "--as=stdin", "x", "y" },
	    "sockplay: --as: cannot go with a command\n" },
	{ { "sockplay", "--as=command", "x", "y" },
	    "sockplay: --as: cannot go with a command\n" },
	{ { "sockplay", "--as=stdin", "-", "y" },
	    "sockplay: --as: cannot go with a command\n" },
	{ { "sockplay", "-t", "stream", "x" },
	    "sockplay: --type: needs a command\n" },
	{ { "sockplay", "--style=stream", "x" },
	    "sockplay: --style: needs a command\n" },
	{ { "sockplay", "-T1", "-d3", "x" },
	    "sockplay: --fd: needs a command\n" },
	{ { "sockplay", "-EA", "-d3", "x" },
	    "sockplay: --env: needs a command\n" },
	{ { "sockplay", "--as=stdin", "-d3", "x" },
	    "sockplay: --fd: needs a command\n" },
	{ { "sockplay", "-" }, "sockplay: FILE '-': needs a command\n" },
	{ { "sockplay", "--as=stdin", "-" },
	    "sockplay: FILE '-': needs a command\n" },
};

static void
test_messages(void)
{
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		is_int(parse(table[i].words), OPTIONS_WRONG, "it is refused");
		is_str(said.text, table[i].said, "and the line says why");
		play_plan_free(&play);
	}
}

static void
test_names(void)
{
	ok(play_option_names(PLAY_OPTION_AS) == play_side_names,
	    "--as takes the names of the sides");
	ok(play_option_names(OPTION_STYLE) == type_names,
	    "an option that sockpair has, too, takes the same names");
	ok(play_option_names(PLAY_OPTION_IGNORE) == NULL &&
	    play_option_names(OPTION_FD) == NULL,
	    "an option that takes something else has no names");
}

int
main(void)
{
	setenv("HOME", "/nonexistent", 1);
	diag_set_program("sockplay");
	test_plan();
	test_words();
	test_messages();
	test_names();
	return done_testing();
}
