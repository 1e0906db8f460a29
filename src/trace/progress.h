/* SPDX-License-Identifier: MIT */
/* The meter: one line on a terminal, which is redrawn in place. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stddef.h>
#include <stdint.h>

#include "trace/stats.h"

#define PROGRESS_WIDTH 80	/* columns, if the width is not known */
#define PROGRESS_TEXT_MAX 128	/* bytes; every line is shorter */

struct progress {
	int fd;			/* a terminal, borrowed */
	size_t width;		/* its columns */
	size_t drawn;		/* characters on the terminal now */
	/* The stats that were drawn last. */
	int64_t time;		/* nanoseconds from the start on */
	uint64_t to_command;	/* bytes */
	uint64_t from_command;	/* bytes */
};

/* Nothing is drawn yet.  fd is a terminal of width columns; 0: not known. */
void progress_init(struct progress *progress, int fd, size_t width);

/*
 * Write the line for stats into text: the bytes of each direction, the rate
 * since the meter was drawn last, and the time.  The line is cut to one column
 * less than the width, so that the cursor stays in it.  Pure.
 */
void progress_format(const struct progress *progress,
    const struct stats *stats, char text[PROGRESS_TEXT_MAX]);

/*
 * Overwrite the line with the one for stats.  Does nothing if the terminal has
 * no room.  Errors are ignored.
 */
void progress_draw(struct progress *progress, const struct stats *stats);

/* Erase the line: before other output to the terminal, and at the end. */
void progress_clear(struct progress *progress);

#endif
