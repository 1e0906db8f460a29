/* SPDX-License-Identifier: MIT */
/*
 * The parts of the player: player.c has the loop, player-say.c says our steps,
 * player-time.c has the deadlines, player-command.c signals and the command's
 * exit.  Nothing else uses these functions.
 */
#ifndef PLAYER_PARTS_H
#define PLAYER_PARTS_H

#include "play/player.h"

/* --- the state: player.c ----------------------------------------------- */

/* What messages call the other side, and the place where we write. */
const char *player_other_name(const struct player *player);
const char *player_out_name(const struct player *player);

/* Whether there is a command, and it has ended. */
bool player_is_reaped(const struct player *player);

/*
 * Whether nothing more is to be read: at the end of what the other side says,
 * or once a command has ended and nothing of it is waiting.
 */
bool player_has_read_all(const struct player *player);

/* Whether the whole record has been said and has come. */
bool player_is_played(struct player *player);

/*
 * We cannot go on, or need not: half-close our end, and terminate the command
 * if it still runs after delay, in nanoseconds.
 */
void player_wind_up(struct player *player, int64_t delay);

/* Print "cannot VERB NOUN: reason" for error, an errno, and wind up. */
void player_fail(struct player *player, const char *verb, const char *noun,
    int error);

/* If the difference has not been printed, print it. */
void player_print_difference(struct player *player);

/* --- our steps: player-say.c ------------------------------------------- */

/* Say what may be said now, as far as there is room, at most some steps. */
void player_say(struct player *player);

/* --- time: player-time.c ----------------------------------------------- */

/* When something must be done even if nothing comes (clock.h). */
int64_t player_deadline(const struct player *player);

/* Print what is awaited: of the other side, or that it takes what we say. */
void player_print_awaited(struct player *player);

/* Do what is due now. */
void player_check_deadlines(struct player *player);

/* --- the command: player-command.c ------------------------------------- */

/*
 * Reap the command if it has ended, and handle the signals that have come: pass
 * them on to the command.  One that would kill us is kept in fatal_signal; the
 * command then gets SIGTERM after player->grace, and SIGKILL after twice that.
 */
void player_handle_signals(struct player *player);

/*
 * The command has been reaped: compare how it ended with the record, unless the
 * verdict is another one already.
 */
void player_compare_exit(struct player *player);

/*
 * If the difference is an end where more was expected, and the command has been
 * reaped but did not exit as recorded, add how it exited to what is shown.
 */
void player_add_exit(struct player *player);

#endif
