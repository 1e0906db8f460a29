/* SPDX-License-Identifier: MIT */
/*
 * Tests over all texts of up to so many parts.  Such a test has small alphabets
 * of parts, mostly single bytes, which are chosen so that every branch of what
 * is tested is reached: tests/exhaustive/run --branches shows it.  Each text is
 * given to a check, which compares with a model: the plainest code that says
 * what must come of it, and shares nothing with src/.
 *
 *	tests/exhaustive/NAME		short texts, as in make check
 *	tests/exhaustive/NAME 0		the stated lengths: make exhaustive
 *	tests/exhaustive/NAME 1		one part more in every text
 *
 * After each case is printed how many texts there were, and how many runs, such
 * as one for each way to cut a text.  A case ends at the first finding, which
 * is printed: the text, what was done with it, what came and what should have.
 */
#ifndef EVERY_H
#define EVERY_H

#include <inttypes.h>

#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define EVERY_BYTES 40000	/* of the longest text */

struct part {
	const char *data;
	size_t size;
};

#define PART(text) { text, sizeof(text) - 1 }

/* All texts of up to most parts; in make check of up to brief. */
struct texts {
	const struct part *parts;
	size_t count;		/* of parts */
	size_t brief;
	size_t most;
};

static bool every_is_brief = true;
static size_t every_more;	/* parts more than stated */
static uint64_t every_runs;	/* of the case so far; checks count */

/* The text that is being made. */
struct every {
	const struct texts *texts;
	bool (*check)(const char *data, size_t size);
	uint64_t count;		/* of texts so far */
	size_t size;
	char data[EVERY_BYTES];
};

static inline void
every_begin(int argc, char **argv)
{
	if (argc < 2)
		return;
	every_is_brief = false;
	every_more = strtoul(argv[1], NULL, 10);
}

/* How many parts there may be. */
static inline size_t
every_length(size_t brief, size_t most)
{
	return every_is_brief ? brief : most + every_more;
}

/* Memory of this very size, the same each time for one table of them. */
static inline char *
every_memory(char *table[EVERY_BYTES + 1], size_t size)
{
	need(size <= EVERY_BYTES, "size");
	if (table[size] == NULL)
		table[size] = malloc(size + (size == 0));
	need(table[size] != NULL, "malloc");
	return table[size];
}

/*
 * Room of this very size for a result, so that a byte too much is noticed.  It
 * stays until the next one of the same size.
 */
static inline char *
every_room(size_t size)
{
	static char *rooms[EVERY_BYTES + 1];

	return every_memory(rooms, size);
}

/* The same for a copy of data. */
static inline char *
every_copy(const char *data, size_t size)
{
	char *room = every_room(size);

	if (size > 0)
		memcpy(room, data, size);
	return room;
}

/* The same for the text that a check gets, which no other copy replaces. */
static inline const char *
every_text(const char *data, size_t size)
{
	static char *texts[EVERY_BYTES + 1];
	char *text = every_memory(texts, size);

	if (size > 0)
		memcpy(text, data, size);
	return text;
}

static inline void
every_show(const char *what, const char *data, size_t size)
{
	size_t i;

	printf("# %s: '", what);
	for (i = 0; i < size; i++)
		if (data[i] >= ' ' && data[i] <= '~' && data[i] != '\\')
			putchar(data[i]);
		else
			printf("\\x%02x", (unsigned int)(unsigned char)data[i]);
	printf("' (%zu)\n", size);
}

/* A finding.  Returns false, for a check to return. */
static inline bool
every_found(const char *what, const char *got, size_t got_size,
    const char *want, size_t want_size)
{
	printf("# %s\n", what);
	every_show("got ", got, got_size);
	every_show("want", want, want_size);
	return false;
}

static inline bool
every_is(const char *got, size_t got_size, const char *want, size_t want_size)
{
	return got_size == want_size &&
	    (got_size == 0 || memcmp(got, want, got_size) == 0);
}

/* The text so far, and all with up to left parts more. */
static inline bool
every_from(struct every *every, size_t left)
{
	const struct texts *texts = every->texts;
	size_t size = every->size;
	size_t i;

	every->count++;
	if (!every->check(every_text(every->data, size), size)) {
		every_show("text", every->data, size);
		return false;
	}
	for (i = 0; left > 0 && i < texts->count; i++) {
		need(size + texts->parts[i].size <= sizeof(every->data),
		    "room for a text");
		memcpy(every->data + size, texts->parts[i].data,
		    texts->parts[i].size);
		every->size = size + texts->parts[i].size;
		if (!every_from(every, left - 1))
			return false;
	}
	return true;
}

static inline void
every_report(bool good, const char *name, uint64_t count)
{
	ok(good, name);
	printf("# %" PRIu64 " inputs, %" PRIu64 " runs\n", count, every_runs);
	fflush(stdout);
	every_runs = 0;
}

/*
 * Check every text.  check gets a copy of its very size, and returns whether
 * all is as it should be.
 */
static inline void
every(const char *name, const struct texts *texts,
    bool (*check)(const char *data, size_t size))
{
	static struct every every;
	size_t length = every_length(texts->brief, texts->most);
	bool good;

	every.texts = texts;
	every.check = check;
	every.count = every.size = 0;
	good = every_from(&every, length);
	every_report(good, name, every.count);
	printf("# all of up to %zu of %zu parts\n", length, texts->count);
}

#endif
