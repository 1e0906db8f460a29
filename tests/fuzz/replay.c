/* SPDX-License-Identifier: MIT */
/*
 * A fuzz target as a test: give it each file of its corpus, or each one that
 * is named, in a process of its own.
 *
 *	tests/fuzz/framing			all of CORPUS below $TOP_SRCDIR
 *	tests/fuzz/framing FILE...		these
 *
 * CORPUS is a macro, given to the compiler.
 */
#include "config.h"

#include <sys/stat.h>

#include <dirent.h>

#include "tap.h"
#include "target.h"

struct file {
	uint8_t *data;		/* owned */
	size_t size;
};

static void
file_read(struct file *file, const char *path)
{
	FILE *stream = fopen(path, "rb");
	struct stat status;

	need(stream != NULL && fstat(fileno(stream), &status) == 0, path);
	file->size = (size_t)status.st_size;
	/* To the byte, so that a look past its end is noticed. */
	file->data = malloc(file->size + (file->size == 0));
	need(file->data != NULL, "malloc");
	need(fread(file->data, 1, file->size, stream) == file->size, path);
	fclose(stream);
}

/* In a child, which frees its copy, or a memory tool would miss it. */
static int
run_target(void *argument)
{
	struct file *file = argument;
	int result = LLVMFuzzerTestOneInput(file->data, file->size);

	free(file->data);
	return result;
}

static void
replay(const char *path)
{
	struct file file;

	file_read(&file, path);
	is_int(run_child(run_target, &file), 0, path);
	free(file.data);
}

static int
is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void
replay_corpus(void)
{
	const char *top = getenv("TOP_SRCDIR");
	struct dirent **entries;
	int count, i;

	need(top == NULL || chdir(top) == 0, "TOP_SRCDIR");
	need(chdir(CORPUS) == 0, CORPUS);
	count = scandir(".", &entries, is_shown, alphasort);
	need(count > 0, CORPUS);
	for (i = 0; i < count; i++) {
		replay(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

int
main(int argc, char **argv)
{
	int i;

	if (argc == 1)
		replay_corpus();
	for (i = 1; i < argc; i++)
		replay(argv[i]);
	return done_testing();
}
