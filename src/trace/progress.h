/* SPDX-License-Identifier: MIT */
/* The meter: one line on a terminal, which is drawn again and again. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stddef.h>
#include <stdint.h>

#include "trace/stats.h"

#define PROGRESS_WIDTH 80	/* columns, if the width is not known */
#define PROGRESS_TEXT_MAX 128	/* bytes, more than a line can have */

struct progress {
	int fd;			/* a terminal, borrowed */
	size_t width;		/* its columns */
	size_t drawn;		/* characters that are there now */
	int64_t time;		/* of the stats that were drawn, */
	uint64_t to_command;	/* with so many bytes, */
	uint64_t from_command;	/* each way */
};

/* Nothing is drawn yet. */
void progress_init(struct progress *progress, int fd, size_t width);

/*
 * Write the line about stats into text: bytes each way, the rate since
 * progress was last drawn, and the time.  Cut to one column less than the
 * width, so that the cursor stays in its line.  Pure.
 */
void progress_format(const struct progress *progress,
    const struct stats *stats, char text[PROGRESS_TEXT_MAX]);

/*
 * Write the line over the one that is there.  Does nothing if the terminal has
 * no room, and ignores errors.
 */
void progress_draw(struct progress *progress, const struct stats *stats);

/* Erase the line: before others write there, and at the end. */
void progress_clear(struct progress *progress);

#endif
