/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/result.h"
#include "plan/plan.h"
#include "play/player-parts.h"

/* After a difference, how long what comes is dropped before SIGTERM. */
#define DROP_TIME SECOND

const char *
player_other_name(const struct player *player)
{
	return player->speaker == SPEAKER_COMMAND ? "standard input" :
	    "the command";
}

const char *
player_out_name(const struct player *player)
{
	return player->child == NULL ? "standard output" : "the command";
}

bool
player_is_reaped(const struct player *player)
{
	return player->child != NULL && player->child->reaped;
}

bool
player_has_read_all(const struct player *player)
{
	return player->expect.has_ended ||
	    (player_is_reaped(player) && player->is_drained);
}

bool
player_is_played(struct player *player)
{
	return say_is_done(&player->say) &&
	    compare_is_done(&player->expect.compare);
}

void
player_wind_up(struct player *player, int64_t delay)
{
	say_leave_out(&player->say);
	player->has_no_room = false;
	/* A client that gets the end may end us, so a difference is first. */
	if (player->child != NULL || player->verdict != VERDICT_DIFFERENT)
		link_half_close(player->link);
	player->give_up_at = deadline_after(clock_now(), delay);
	terminate_begin(&player->termination, delay, player->grace);
}

void
player_fail(struct player *player, const char *verb, const char *noun,
    int error)
{
	diag_print("cannot %s %s: %s", verb, noun, strerror(error));
	player->verdict = VERDICT_FAILED;
	player_wind_up(player, 0);
}

static void
note_difference(struct player *player)
{
	if (player->verdict != VERDICT_SAME ||
	    !player->expect.compare.difference.is_found)
		return;
	/* What was right is answered, however it came. */
	player_say(player);
	if (player->verdict != VERDICT_SAME)
		return;
	player->verdict = VERDICT_DIFFERENT;
	player_wind_up(player, DROP_TIME);
}

/* Something has been read and compared, with this result. */
static void
note_read(struct player *player, enum io result)
{
	if (result == IO_MOVED || result == IO_END)
		player->active_at = clock_now();
	else if (result == IO_AGAIN)
		player->is_drained = true;
	if (result == IO_FAILED) {
		if (player->verdict == VERDICT_SAME)
			player_fail(player, "read from", player->child == NULL ?
			    "standard input" : "the command", errno);
		player->expect.has_ended = true;
	}
	note_difference(player);
}

/*
 * Read and compare some of what has come.  One call may receive several
 * messages.  poll(2) does not report those that we hold already, so compare all
 * of them.
 */
static void
read_some(struct player *player)
{
	enum io result;

	do
		result = expect_next(&player->expect);
	while (result == IO_MOVED && link_is_keeping(player->link));
	note_read(player, result);
}

/*
 * The kernel does not report the end of a datagram socket.  So it has come when
 * the command has been reaped and no message waits.  Nobody reads what we would
 * say there.
 */
static void
end_datagrams(struct player *player)
{
	if (!player_is_reaped(player) || player->link->type != SOCK_DGRAM)
		return;
	say_leave_out(&player->say);
	if (player->is_drained && !player->expect.has_ended)
		note_read(player, expect_end(&player->expect));
}

void
player_print_difference(struct player *player)
{
	if (player->verdict != VERDICT_DIFFERENT || player->is_printed)
		return;
	player->is_printed = true;
	player_add_exit(player);
	difference_print(&player->expect.compare.difference,
	    player->record->path);
	link_half_close(player->link);
}

/* Whether we play a command that ended before its standard input did. */
static bool
ends_before_input(const struct player *player)
{
	return player->speaker == SPEAKER_COMMAND &&
	    player->record->exit_line != 0 &&
	    !player->record->has_end[SPEAKER_STDIN];
}

static bool
is_over(struct player *player)
{
	if (player->child != NULL && !player->child->reaped)
		return false;
	if (player->verdict == VERDICT_SAME)
		return player_is_played(player) &&
		    (player_has_read_all(player) || ends_before_input(player));
	if (player->child == NULL && player->verdict != VERDICT_DIFFERENT)
		return true;
	return player_has_read_all(player) || clock_now() >= player->give_up_at;
}

static int
wait_for(const struct player *player, struct pollfd slots[3])
{
	const struct link *link = player->link;
	int64_t deadline = player_deadline(player);

	slots[0] = (struct pollfd){ .events = POLLIN,
		.fd = player->expect.has_ended || player->is_leaving ? -1 :
		    link->in };
	slots[1] = (struct pollfd){ .events = POLLOUT,
		.fd = player->has_no_room ? link->out : -1 };
	slots[2] = (struct pollfd){ .events = POLLIN,
		.fd = player->signals != NULL ? player->signals->fd : -1 };
	if (player->signals != NULL)
		return signals_poll(player->signals, slots, 3, deadline);
	return poll(slots, 2, deadline_left_ms(deadline));
}

/*
 * Whether all that is to be shown of a difference is known.  If the difference
 * is the end of a command, its exit is shown, too.
 */
static bool
is_shown_whole(const struct player *player)
{
	const struct difference *difference =
	    &player->expect.compare.difference;

	if (difference_got_end(difference) && player->child != NULL)
		return player->child->reaped;
	return player->expect.has_ended || difference_is_complete(difference);
}

/* Wait until something can be done, and do it. */
static void
take_turn(struct player *player)
{
	struct pollfd slots[3];
	int result = wait_for(player, slots);

	if (result == -1)
		memset(slots, 0, sizeof(slots));
	if (result == -1 && !io_is_temporary(errno)) {
		if (player->verdict == VERDICT_SAME)
			player_fail(player, "wait for",
			    player_other_name(player), errno);
		if (player->signals != NULL)
			signals_wait_without_poll(player->signals);
	}
	if (result == -1 || slots[2].revents != 0)
		player_handle_signals(player);
	if (slots[0].revents != 0 ||
	    (player_is_reaped(player) && !player_has_read_all(player)))
		read_some(player);
	end_datagrams(player);
	player_check_deadlines(player);
	if (is_shown_whole(player))
		player_print_difference(player);
}

void
player_run(struct player *player)
{
	player->verdict = VERDICT_SAME;
	player->active_at = clock_now();
	player->give_up_at = DEADLINE_NEVER;
	terminate_init(&player->termination);
	say_init(&player->say, player->record, player->link, player->speaker);
	if (expect_init(&player->expect, player->link, player->record,
	    player->ignore, player->speaker == SPEAKER_STDIN ?
	    SPEAKER_COMMAND : SPEAKER_STDIN, player_other_name(player)) == -1) {
		player_fail(player, "compare", player_other_name(player),
		    ENOMEM);
		player->expect.has_ended = true;
	}
	player->expect.compare.takes_surplus = ends_before_input(player) ||
	    player->record->has_left[player->speaker];
	for (;;) {
		player_say(player);
		if (player->verdict == VERDICT_SAME && player_is_played(player))
			link_half_close(player->link);
		if (is_over(player))
			break;
		take_turn(player);
	}
	player_print_difference(player);
	if (player->link->error != 0 && player->verdict == VERDICT_SAME)
		player_fail(player, "write", "standard output",
		    player->link->error);
	if (player->child != NULL)
		player_compare_exit(player);
	expect_free(&player->expect);
}
