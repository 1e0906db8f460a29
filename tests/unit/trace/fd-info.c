/* SPDX-License-Identifier: MIT */
/* What descriptors are called in a trace. */
#include "config.h"

#include <sys/stat.h>

#include "trace/fd-info.h"
#include "tap.h"

static struct fd_info fd_info;

/* What is told of one of them. */
static void
is_told(int fd, enum trace_mode mode, const char *linked, const char *kind,
    const char *name)
{
	const char *want = kind;
	char title[100];

#ifdef LINUX_EXTRAS
	want = linked;
#else
	(void)linked;
#endif
	fd_info_find(&fd_info, &fd, 1);
	is_str(fd_info.fds[0].target, want, name);
	snprintf(title, sizeof(title), "%s: its number and mode", name);
	ok(fd_info.fds[0].number == fd && fd_info.fds[0].mode == mode, title);
	close(fd);
}

static void
test_kinds(void)
{
	struct stat status;
	char link[100];
	int ends[2];

	is_told(open("/dev/null", O_RDWR), TRACE_BOTH, "/dev/null", "device",
	    "a device");
	is_told(open("/dev", O_RDONLY), TRACE_READ, "/dev", "directory",
	    "a directory");
	is_told(open("/etc/passwd", O_RDONLY), TRACE_READ, "/etc/passwd",
	    "file", "a file");
	need(pipe(ends) == 0 && fstat(ends[1], &status) == 0, "pipe");
	close(ends[0]);
	snprintf(link, sizeof(link), "pipe:[%llu]",
	    (unsigned long long)status.st_ino);
	is_told(ends[1], TRACE_WRITE, link, "pipe", "a pipe");
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 &&
	    fstat(ends[1], &status) == 0, "socketpair");
	close(ends[0]);
	snprintf(link, sizeof(link), "socket:[%llu]",
	    (unsigned long long)status.st_ino);
	is_told(ends[1], TRACE_NO_MODE, link, "socket", "a socket");
	is_told(999, TRACE_NO_MODE, "unknown", "unknown", "nothing");
}

/* A path longer than there is room for. */
static int
find_long(void *argument)
{
	char directory[] = "/tmp/sockpair-target.XXXXXX";
	char name[201];
	int fd;

	(void)argument;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ASK(mkdtemp(directory) != NULL && chdir(directory) == 0);
	ASK(mkdir(name, 0700) == 0 && chdir(name) == 0);
	fd = open(name, O_WRONLY | O_CREAT, 0600);
	fd_info_find(&fd_info, &fd, 1);
	unlink(name);
	ASK(chdir("..") == 0 && rmdir(name) == 0);
	ASK(chdir("/") == 0 && rmdir(directory) == 0);
#ifdef LINUX_EXTRAS
	ASK(strlen(fd_info.fds[0].target) == FD_INFO_MAX - 1);
	ASK(strcmp(fd_info.fds[0].target + FD_INFO_MAX - 5, "n...") == 0);
#endif
	return 0;
}

int
main(void)
{
	test_kinds();
	is_int(run_child(find_long, NULL), 0, "a long path is cut");
	return done_testing();
}
