/* SPDX-License-Identifier: MIT */
/* An event in words, for the formats that people read. */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "base/textbuf.h"
#include "trace/event.h"

/*
 * Put the details of event, without its time, its direction and the name of its
 * kind: "68 B at 0".  They contain no newline and no control character.  utf8
 * is as for textbuf_put_shown().
 */
void describe_event(struct textbuf *line, const struct trace_event *event,
    const struct trace_run *run, bool utf8);

/* Put run's command as a shell's command line; utf8 as above. */
void describe_command(struct textbuf *line, const struct trace_run *run,
    bool utf8);

/* Put the name of a signal, or its number if it has no name. */
void describe_signal(struct textbuf *line, int number);

#endif
