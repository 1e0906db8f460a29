/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>

#include "base/clock.h"
#include "play/player-parts.h"

/* Steps that we do before we read again what has come. */
#define STEPS_AT_ONCE 16

static bool
may_say(struct player *player)
{
	return !say_is_done(&player->say) &&
	    compare_has_come(&player->expect.compare, player->say.next);
}

/*
 * We are to read no more, so that the command's writes fail.  If it waits in a
 * write now, it is sent SIGPIPE first (sigpipe.h).
 */
static void
begin_to_leave(struct player *player)
{
	player->is_leaving = true;
	if (player->child != NULL)
		sigpipe_begin(&player->sigpipe, clock_now());
}

static void
leave_when_ready(struct player *player)
{
	if (!player->is_leaving || (player->child != NULL &&
	    !sigpipe_send(&player->sigpipe, player->child, clock_now())))
		return;
	player->is_leaving = false;
	link_leave(player->link);
	player->expect.has_ended = true;
	compare_leave_out(&player->expect.compare);
}

/* Do the next step of our side. */
static enum io
do_step(struct player *player)
{
	const struct step *step = &player->record->steps[player->say.next];

	if (step->kind != STEP_LEAVE && step->kind != STEP_SIGNAL)
		return say_next(&player->say);
	if (step->kind == STEP_LEAVE)
		begin_to_leave(player);
	else if (player->child != NULL)
		child_signal(player->child, step->signal);
	say_end_step(&player->say);
	return IO_MOVED;
}

void
player_say(struct player *player)
{
	enum io result;
	int steps;

	player->has_no_room = false;
	player->is_saying = false;
	for (steps = 0; player->verdict == VERDICT_SAME && may_say(player);
	    steps++) {
		if (steps == STEPS_AT_ONCE) {
			player->is_saying = true;
			break;
		}
		result = do_step(player);
		if (result == IO_AGAIN) {
			player->has_no_room = true;
			break;
		}
		if (result == IO_MOVED)
			player->active_at = clock_now();
		else if (result != IO_END)
			player_fail(player, "write to",
			    player_out_name(player), errno);
	}
	if (player->expect.compare.failed && player->verdict == VERDICT_SAME)
		player_fail(player, "compare", player_other_name(player),
		    ENOMEM);
	leave_when_ready(player);
}
