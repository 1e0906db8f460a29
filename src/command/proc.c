/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/parse.h"
#include "command/proc.h"

#ifdef O_PATH
#define DIRECTORY_FLAGS (O_PATH | O_DIRECTORY | O_CLOEXEC)
#else
#define DIRECTORY_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#endif

int
proc_number(const char *name)
{
	uint64_t number;

	return parse_number(name, INT32_MAX, &number) == 0 ? (int)number : -1;
}

/*
 * Whether /proc shows the pids of our own PID namespace.  It shows those of
 * another one if it has not been mounted again for ours.
 */
static bool
has_our_pids(void)
{
#ifdef LINUX_EXTRAS
	char link[20];
	ssize_t size = readlink("/proc/self", link, sizeof(link) - 1);

	link[size > 0 ? size : 0] = '\0';
	return proc_number(link) == getpid();
#else
	return false;
#endif
}

int
proc_open(pid_t pid)
{
	char path[40];

	if (!has_our_pids())
		return -1;
	snprintf(path, sizeof(path), "/proc/%ld", (long)pid);
	return open(path, DIRECTORY_FLAGS);
}

DIR *
proc_open_list(int directory, const char *name)
{
	int fd = openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd == -1 ? NULL : fdopendir(fd);

	if (list == NULL)
		fd_close(&fd);
	return list;
}

DIR *
proc_open_all(void)
{
	return has_our_pids() ? proc_open_list(AT_FDCWD, "/proc") : NULL;
}

int
proc_open_entry(DIR *list, const char *name)
{
	return openat(dirfd(list), name, DIRECTORY_FLAGS);
}

/*
 * Read the file name of a process into text, with a NUL at its end.  Returns
 * whether it could be read.
 */
static bool
read_file(int process, const char *name, char *text, size_t size)
{
	ssize_t got;
	int fd = openat(process, name, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return false;
	got = read(fd, text, size - 1);
	fd_close(&fd);
	text[got > 0 ? got : 0] = '\0';
	return got > 0;
}

/*
 * Whether a process with this stack pointer is of another ABI than ours.  The
 * kernel puts the stack of a program of 32 bits below 4 GiB, and that of a
 * program of 64 bits above.
 */
static bool
is_foreign_stack(unsigned long long pointer)
{
	return (pointer > UINT32_MAX) != (sizeof(long) > sizeof(uint32_t));
}

bool
proc_find_call(int process, struct system_call *call)
{
	unsigned long argument;
	char text[256];
	char *end;
	int i;

	*call = (struct system_call){ 0 };
	if (!read_file(process, "syscall", text, sizeof(text)))
		return false;
	call->is_running = strncmp(text, "running", 7) == 0;
	if (call->is_running)
		return true;
	call->number = strtol(text, &end, 10);
	for (i = 0; i < 6 && call->number != -1; i++) {
		argument = strtoul(end, &end, 16);
		if (i < 4)
			call->arguments[i] = argument;
	}
	call->is_foreign = is_foreign_stack(strtoull(end, NULL, 16));
	return true;
}

void
proc_find_name(int process, char name[PROC_NAME_MAX])
{
	if (!read_file(process, "comm", name, PROC_NAME_MAX) ||
	    strcmp(name, "\n") == 0) {
		snprintf(name, PROC_NAME_MAX, "?");
		return;
	}
	if (name[strlen(name) - 1] == '\n')
		name[strlen(name) - 1] = '\0';
}

char
proc_find_state(int process)
{
	char text[256];
	const char *end;

	if (!read_file(process, "stat", text, sizeof(text)))
		return '\0';
	/* The name before it, in parentheses, may contain anything. */
	end = strrchr(text, ')');
	return end != NULL && end[1] == ' ' ? end[2] : '\0';
}

/*
 * Only the link is read: stat(2) would wait for a file server that does not
 * answer.
 */
void
proc_find_file(int process, int number, char link[PROC_LINK_MAX])
{
	char name[40];
	ssize_t size;

	snprintf(name, sizeof(name), "fd/%d", number);
	size = readlinkat(process, name, link, PROC_LINK_MAX - 1);
	link[size > 0 ? size : 0] = '\0';
}
