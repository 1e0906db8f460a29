/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/diag.h"
#include "plan/plan.h"
#include "play/player-parts.h"

void
player_print_awaited(struct player *player)
{
	const char *path = player->record->path;
	const struct compare *compare = &player->expect.compare;
	struct compare_missing missing;

	if (player->has_no_room) {
		diag_print("%s:%lu: %zu B not taken by %s", path,
		    player->record->steps[player->say.next].line,
		    say_left(&player->say), player_out_name(player));
		return;
	}
	missing = compare_missing(compare, player->say.next);
	if (player_is_played(player) && player->expect.has_ended)
		diag_print("%s:%lu: the exit of the command still awaited",
		    path, missing.line);
	else if (missing.count == 0)
		diag_print("%s:%lu: the end of %s still awaited", path,
		    missing.line, player_other_name(player));
	else if (player->record->has_messages)
		diag_print("%s:%lu: %" PRIu64 " message%s of %s still awaited",
		    path, missing.line, missing.count,
		    missing.count == 1 ? "" : "s", player_other_name(player));
	else
		diag_print("%s:%lu: %" PRIu64 " B of %s still awaited", path,
		    missing.line, missing.count, player_other_name(player));
}

static int64_t
timeout_deadline(const struct player *player)
{
	if (player->timeout == PLAN_NEVER || player->verdict != VERDICT_SAME ||
	    player->fatal_signal != 0)
		return DEADLINE_NEVER;
	return deadline_after(player->active_at, player->timeout);
}

int64_t
player_deadline(const struct player *player)
{
	/* What the command has left unread by us is read without waiting. */
	if (player->is_saying || (player_is_reaped(player) &&
	    !player_has_read_all(player)))
		return 0;
	if (player->is_leaving)
		return player->sigpipe.inspect_at;
	return deadline_sooner(timeout_deadline(player),
	    player->child != NULL ? player->termination.deadline :
	    player->give_up_at);
}

void
player_check_deadlines(struct player *player)
{
	int64_t now = clock_now();

	if (now >= timeout_deadline(player)) {
		player_print_awaited(player);
		player->verdict = VERDICT_TIMED_OUT;
		player_wind_up(player, 0);
	}
	if (now >= player->give_up_at)
		player_print_difference(player);
	if (player->child != NULL)
		terminate_continue(&player->termination, player->child, now);
}
