/* SPDX-License-Identifier: MIT */
/*
 * sockplay - play one side of a recorded talk
 *
 *	argv -> options -> record -> plan -> link -> player -> exit status
 *
 * With a command, the link to it is a socket pair or two pipes.  Without one,
 * the link is standard input and output, and sockplay is a mock.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/fd.h"
#include "base/stdfds.h"
#include "command/spawn.h"
#include "plan/play-options.h"
#include "play/adapt.h"
#include "play/player.h"
#include "relay/report.h"

#define EXIT_DIFFERENT 1

/* All that a play has, in the order in which it is opened. */
struct play {
	struct play_plan options;
	struct stdfds stdfds;
	struct ignore ignore;
	struct record record;
	struct signals signals;	/* these three only with a command */
	struct pair pair;
	struct child child;
	struct link link;
	struct player player;
};

static int
cannot(const char *what)
{
	diag_print("cannot %s: %s", what, strerror(errno));
	return -1;
}

static int
add_ignored(struct play *play)
{
	const struct play_plan *options = &play->options;
	size_t i;

	for (i = 0; i < options->ignored_count; i++)
		if (ignore_add(&play->ignore, options->ignored[i]) == -1)
			return -1;
	return 0;
}

static bool
has_command(const struct play *play)
{
	return play->options.plan.command[0] != NULL;
}

static int
exit_status(const struct play *play)
{
	static const int statuses[] = {
		[VERDICT_SAME] = 0,
		[VERDICT_DIFFERENT] = EXIT_DIFFERENT,
		[VERDICT_TIMED_OUT] = EXIT_TIMED_OUT,
		[VERDICT_FAILED] = EXIT_FAILED,
	};

	return statuses[play->player.verdict];
}

static void
run_player(struct play *play, enum speaker speaker)
{
	struct player *player = &play->player;

	player->record = &play->record;
	player->ignore = &play->ignore;
	player->link = &play->link;
	player->speaker = speaker;
	player->timeout = play->options.plan.timeout;
	player->grace = plan_grace(&play->options.plan);
	player_run(player);
}

/*
 * Close the descriptors that we and the command have inherited, so that we do
 * not keep open what the command closes.
 */
static void
release_inherited(const struct play *play)
{
	const int ours[] = {
		play->signals.fd, play->signals.handler_fd, play->link.in,
		play->link.out, play->pair.command,
	};

	fd_close_inherited(ours, sizeof(ours) / sizeof(ours[0]));
	stdfds_release();
}

/*
 * Start the command and play the side of standard input.  Returns the exit
 * status, unless a signal is to end us: then we die of it here.
 */
static int
play_with_command(struct play *play)
{
	struct plan *plan = &play->options.plan;
	struct player *player = &play->player;
	enum spawn_result started;

	if (adapt_plan(plan, &play->record) == -1)
		return EXIT_FAILED;
	if (signals_open(&play->signals) == -1) {
		cannot("take over signals");
		return EXIT_FAILED;
	}
	if (pair_open(&play->pair, plan) == -1 ||
	    link_open_pair(&play->link, &play->pair,
	    expect_largest(&play->record, SPEAKER_COMMAND)) == -1)
		return EXIT_FAILED;
	started = spawn_command(&play->child, plan, &play->pair, &play->stdfds,
	    &play->signals);
	if (started != SPAWN_STARTED)
		return report_start(started);
	signals_begin(&play->signals);
	release_inherited(play);
	player->child = &play->child;
	player->signals = &play->signals;
	run_player(play, SPEAKER_STDIN);
	if (player->fatal_signal != 0) {
		signal_die_of(player->fatal_signal);
		return 128 + player->fatal_signal;
	}
	return exit_status(play);
}

/*
 * Play on standard input and output.  Returns the exit status.  If we play the
 * command's side, it is that of the recorded command, unless a signal killed
 * the recorded command: then we die of it here.
 */
static int
play_as_mock(struct play *play)
{
	const struct record *record = &play->record;
	enum speaker speaker = play->options.side == PLAY_AS_COMMAND ?
	    SPEAKER_COMMAND : SPEAKER_STDIN;
	int status;

	if (play->stdfds.closed[STDOUT_FILENO] && record->has_data[speaker]) {
		errno = EBADF;
		cannot("write to standard output");
		return EXIT_FAILED;
	}
	/* A write then fails instead of killing us. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (link_open_standard(&play->link,
	    record->has_messages && record->wire == -1, expect_largest(record,
	    speaker == SPEAKER_STDIN ? SPEAKER_COMMAND : SPEAKER_STDIN)) == -1)
		return EXIT_FAILED;
	run_player(play, speaker);
	status = exit_status(play);
	if (status != 0 || speaker != SPEAKER_COMMAND ||
	    record->exit_line == 0)
		return status;
	if (!record->was_signalled)
		return record->status;
	link_close(&play->link);
	signal_die_of(record->status);
	return 128 + record->status;
}

/*
 * If standard input was closed, stdfds_hold() has put /dev/null there.  That
 * must not be read as an empty talk.
 */
static int
read_record(struct play *play)
{
	const char *path = play->options.file;

	if (strcmp(path, "-") == 0 && play->stdfds.closed[STDIN_FILENO]) {
		errno = EBADF;
		return cannot("read standard input");
	}
	if (record_read(&play->record, path) == -1)
		return -1;
	if (play->record.count > 0 || play->record.exit_line != 0)
		return 0;
	/* Perhaps its recording was cut off: no silent command would differ. */
	diag_print("cannot play '%s': nothing is said in it", path);
	return -1;
}

static int
play_record(struct play *play)
{
	if (stdfds_hold(&play->stdfds) == -1) {
		cannot("open /dev/null");
		return EXIT_FAILED;
	}
	if (add_ignored(play) == -1 || read_record(play) == -1)
		return EXIT_FAILED;
	return has_command(play) ? play_with_command(play) :
	    play_as_mock(play);
}

static void
close_all(struct play *play)
{
	link_close(&play->link);
	pair_close(&play->pair);
	signals_close(&play->signals);
	record_free(&play->record);
	ignore_free(&play->ignore);
	play_plan_free(&play->options);
}

int
main(int argc, char **argv)
{
	struct play play = { .signals = { .fd = -1 } };
	int status = EXIT_FAILED;

	diag_set_program("sockplay");
	pair_init(&play.pair);
	link_init(&play.link);
	if (play_plan_init(&play.options) == -1) {
		cannot("allocate memory");
		return EXIT_FAILED;
	}
	switch (play_options_parse(argc, (const char **)argv, &play.options)) {
	case OPTIONS_RUN:
		status = play_record(&play);
		break;
	case OPTIONS_DONE:
		status = 0;
		break;
	case OPTIONS_HALF_CLOSE:	/* only from sockpair's options */
	case OPTIONS_WRONG:
		break;
	}
	close_all(&play);
	return status;
}
