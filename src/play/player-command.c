/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "plan/names.h"
#include "play/player-parts.h"

static void
handle_signal(struct player *player, const struct signal_event *event)
{
	if (event->number == SIGCHLD)
		return;
	if (event->number == SIGCONT) {
		player->active_at = clock_now();
		terminate_restart(&player->termination, player->active_at);
		return;
	}
	if (!signal_from_terminal(event))
		child_signal(player->child, event->number);
	if (!signal_is_fatal(event->number) ||
	    signals_blocked_on_entry(player->signals, event->number))
		return;
	if (player->fatal_signal == 0)
		player->fatal_signal = event->number;
	if (player->verdict == VERDICT_SAME) {
		player_print_awaited(player);
		player->verdict = VERDICT_FAILED;
	}
	player_wind_up(player, player->grace);
}

void
player_handle_signals(struct player *player)
{
	const struct child *const children[] = { player->child };
	struct signal_event event;

	if (player->child == NULL)
		return;
	while (signals_next(player->signals, &event))
		handle_signal(player, &event);
	if (!player->child->reaped && child_reap(player->child)) {
		player->active_at = clock_now();
		player->is_drained = false;
		terminate_stop(&player->termination);
	}
	child_reap_orphans(children, 1);
}

/* How a process ended, in words; number is its status, or its signal. */
static struct difference_text
describe_exit(bool was_signalled, int number)
{
	const char *name = names_name(signal_names, number);
	char words[DIFFERENCE_SHOWN];

	if (!was_signalled)
		snprintf(words, sizeof(words), "status %d", number);
	else if (name == NULL)
		snprintf(words, sizeof(words), "signal %d", number);
	else
		snprintf(words, sizeof(words), "signal %d (%s)", number, name);
	return difference_words(words);
}

/* How the command ended. */
static struct difference_text
describe_end(const struct child *child)
{
	int status = child->wait_status;

	return WIFSIGNALED(status) ? describe_exit(true, WTERMSIG(status)) :
	    describe_exit(false, WEXITSTATUS(status));
}

/* How it is to end: as recorded, or if that is not known with status 0. */
static struct difference_text
describe_recorded(const struct record *record)
{
	return describe_exit(record->was_signalled, record->status);
}

static bool
is_same_text(const struct difference_text *one,
    const struct difference_text *other)
{
	return one->size == other->size &&
	    memcmp(one->data, other->data, one->size) == 0;
}

void
player_compare_exit(struct player *player)
{
	const struct record *record = player->record;
	struct difference_text expected = describe_recorded(record);
	struct difference_text got = describe_end(player->child);
	struct difference difference;

	if (player->verdict != VERDICT_SAME)
		return;
	if (player->child->error != 0) {
		diag_print("cannot wait for the command: %s",
		    strerror(player->child->error));
		player->verdict = VERDICT_FAILED;
		return;
	}
	if (is_same_text(&expected, &got))
		return;
	if (record->exit_line == 0) {
		diag_print("%s: no exit record: %.*s of the command is not "
		    "compared", record->path, (int)got.size, got.data);
		return;
	}
	difference_note(&difference, record->exit_line, &expected, &got,
	    "the exit of the command");
	difference_print(&difference, record->path);
	player->verdict = VERDICT_DIFFERENT;
}

void
player_add_exit(struct player *player)
{
	struct difference *difference = &player->expect.compare.difference;
	struct difference_text expected = describe_recorded(player->record);
	struct difference_text got;
	char words[DIFFERENCE_SHOWN];

	if (!player_is_reaped(player) || player->child->error != 0 ||
	    !difference_got_end(difference))
		return;
	got = describe_end(player->child);
	if (is_same_text(&expected, &got))
		return;
	snprintf(words, sizeof(words), "%s, with %.*s", DIFFERENCE_END,
	    (int)got.size, got.data);
	difference->got = difference_words(words);
}
