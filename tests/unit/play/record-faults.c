/* SPDX-License-Identifier: MIT */
/*
 * A recorded talk, read again and again, with one allocation after the other
 * that fails, then that one and all after it: each time one line, or a talk
 * that is whole.  The parser of JSON allocates by a function of ours.
 */
#include "config.h"

#include <sys/stat.h>

#include "play/record.h"
#include "failing.h"
#include "tap.h"

/* Pieces of the talk: enough to need more room for steps, if not slow. */
static int pieces = 70;
static bool is_fifo;		/* the talk comes from a FIFO, in parts */

static bool
allocation_fails(void)
{
	return fails_now(ENOMEM);
}

/* A talk of many pieces, long and short. */
static void
write_talk(FILE *file)
{
	int i;

	fputs("{\"type\":\"start\",\"fds\":[3,4]}\n", file);
	for (i = 0; i < pieces; i++)
		fprintf(file, "{\"from\":\"stdin\",\"type\":\"data\","
		    "\"text\":\"%0*d\\n\"}\n", i == 5 ? 100000 : 300, i);
	fputs("{\"from\":\"stdin\",\"type\":\"data\",\"text\":\"short\"}\n"
	    "{\"from\":\"stdin\",\"type\":\"data\",\"a\":[1,\"text\"],"
	    "\"base64\":\"QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD\"}\n"
	    "{\"type\":\"exit\",\"status\":3}\n", file);
	need(fclose(file) == 0, "talk");
}

static bool
is_whole(const struct record *record)
{
	return record->count == (size_t)pieces + 2 && record->fds.count == 2 &&
	    record->size == (size_t)(pieces - 1) * 301 + 100001 + 5 + 30 &&
	    record->status == 3 &&
	    memcmp(record->data + record->size - 35, "shortABC", 8) == 0 &&
	    memcmp(record->data + record->size - 3, "ABC", 3) == 0;
}

static bool
is_one_line(const struct capture *said)
{
	return said->writes == 1 && said->size > 1 &&
	    strchr(said->text, '\n') == said->text + said->size - 1 &&
	    strstr(said->text, "Cannot allocate memory") != NULL;
}

enum verdict {
	UNDISTURBED,		/* it needed fewer calls */
	TOLD,
	DONE_WITHOUT,		/* all is as if it had not failed */
	WRONG
};

/* The reader may leave before all is written: that ends us. */
static int
write_into(void *path)
{
	signal(SIGPIPE, SIG_DFL);
	write_talk(fopen(path, "w"));
	return 0;
}

static enum verdict
try(char *path, unsigned int failing)
{
	pid_t writer = is_fifo ? start_child(write_into, path) : -1;
	struct record record;
	struct capture said;
	bool good;
	int result;

	capture_begin(&said, STDERR_FILENO);
	*has_failed = false;
	left = failing;
	result = record_read(&record, path);
	left = 0;
	capture_end(&said);
	if (is_fifo) {
		kill(writer, SIGKILL);
		waitpid(writer, NULL, 0);
	}
	good = result == 0 && said.size == 0 && is_whole(&record);
	record_free(&record);
	if (good)
		return *has_failed ? DONE_WITHOUT : UNDISTURBED;
	if (result == -1 && *has_failed && is_one_line(&said))
		return TOLD;
	printf("# call %u: result %d, '%s'\n", failing, result, said.text);
	return WRONG;
}

/* All runs until one that needs no more calls. */
static void
try_all(char *path, const char *name)
{
	unsigned int verdicts[WRONG + 1] = { 0 };
	unsigned int failing = 0;
	enum verdict verdict;

	do {
		verdict = try(path, ++failing);
		verdicts[verdict]++;
	} while (verdict != UNDISTURBED && verdict != WRONG);
	printf("# told %u, done without %u\n", verdicts[TOLD],
	    verdicts[DONE_WITHOUT]);
	ok(verdict == UNDISTURBED && verdicts[TOLD] > 100, name);
}

int
main(void)
{
	char path[] = "/tmp/sockpair-unit.XXXXXX";
	int fd = mkstemp(path);

	need(fd != -1, "mkstemp");
	setenv("LC_ALL", "C", 1);
	if (is_under_valgrind() || is_emulated())
		pieces = 10;
	write_talk(fdopen(fd, "w"));
	try_all(path, "no allocation may fail unnoticed");
	for_ever = true;
	try_all(path, "nor all from one on");
	unlink(path);
	/* Its size is not known, so the memory for it grows while it is read. */
	need(mkfifo(path, 0600) == 0, "mkfifo");
	is_fifo = true;
	for_ever = false;
	try_all(path, "nor while a FIFO is read");
	unlink(path);
	return done_testing();
}
