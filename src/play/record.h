/* SPDX-License-Identifier: MIT */
/*
 * A recorded talk, read from a trace in JSON Lines: what each side said, in
 * which order, and how the command ended.  It is read whole and checked before
 * anything is played.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fd-list.h"

enum speaker {
	SPEAKER_STDIN,		/* standard input, or the second command */
	SPEAKER_COMMAND,
};

#define SPEAKERS 2

enum step_kind {
	STEP_DATA,		/* a piece of a stream, or a whole message */
	STEP_END,		/* the speaker says no more */
	STEP_LEAVE,		/* the speaker reads no more */
	STEP_SIGNAL,		/* the command was sent a signal */
	STEP_NONE,		/* nothing: data that was not delivered */
};

/* One thing that one side did. */
struct step {
	enum step_kind kind;
	enum speaker speaker;
	unsigned long line;	/* of the file, from 1 */
	size_t start;		/* of its bytes in record->data */
	size_t size;
	int signal;		/* of STEP_SIGNAL */
};

struct record {
	const char *path;	/* borrowed; "-" is standard input */
	bool has_start;
	int type;		/* of the pair: SOCK_STREAM ... */
	bool pipes;		/* two pipes instead of a pair */
	int wire;		/* enum framing of messages in it, or -1 */
	bool is_raw;		/* its pieces are recorded as messages */
	bool has_messages;	/* each STEP_DATA is one message */
	struct fd_list fds;	/* owned: of the command's end; may be empty */
	struct step *steps;	/* owned; a side has no data after its end, */
				/* unless is_raw */
	size_t count;
	size_t room;		/* steps allocated */
	char *data;		/* owned: the bytes of the steps, in order */
	size_t size;
	size_t largest[SPEAKERS];	/* bytes of the largest STEP_DATA */
	bool has_data[SPEAKERS];	/* there is a STEP_DATA */
	bool has_end[SPEAKERS];	/* there is a STEP_END */
	bool has_left[SPEAKERS];	/* there is a STEP_LEAVE */
	unsigned long exit_line;	/* 0: it is not recorded how it ended */
	bool was_signalled;
	int status;		/* the exit status, or that signal */
};

/*
 * Read the file path, which is borrowed as long as record is used.  "-" is
 * standard input.  At most the size of the file is allocated for its bytes,
 * twice as much if the size cannot be known before.
 * Returns 0; or -1 after printing a message: "PATH:LINE: why" if a line is no
 * record of a talk that can be played.  The caller calls record_free() in both
 * cases.
 */
int record_read(struct record *record, const char *path);

/*
 * The same for the size bytes at data, which is the contents of a file named
 * path, was allocated by malloc(3) and belongs to record from now on.
 */
int record_parse(struct record *record, const char *path, char *data,
    size_t size);

void record_free(struct record *record);

#endif
