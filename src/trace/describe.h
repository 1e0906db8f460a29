/* SPDX-License-Identifier: MIT */
/* An event in words, for the formats that people read. */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "base/textbuf.h"
#include "trace/event.h"

/*
 * Put what event says beyond its time, direction, and the name of its kind:
 * "68 B at 0".  Never a newline or a control character; utf8 as in
 * textbuf_put_shown().
 */
void describe_event(struct textbuf *line, const struct trace_event *event,
    const struct trace_run *run, bool utf8);

/* Put run's command as a shell's command line; utf8 as above. */
void describe_command(struct textbuf *line, const struct trace_run *run,
    bool utf8);

/* Put a signal's name, or where it has none its number. */
void describe_signal(struct textbuf *line, int number);

#endif
