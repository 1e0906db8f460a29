/* SPDX-License-Identifier: MIT */
/*
 * Runs a command under a filter of seccomp(2) that refuses system calls.
 *
 *	deny ERROR CALL[,CALL...] COMMAND [ARGUMENT...]
 *
 * ERROR is EPERM, ENOSYS, EINVAL or EOPNOTSUPP; CALL is a name in the table
 * below.  COMMAND and all its descendants inherit the filter.  The status is 77
 * if the system has no such filters, or lacks one of the calls.
 */
#include <stdio.h>

#ifdef __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <err.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define EXIT_SKIP 77
#define CALLS_MAX 16

/* Numbers differ between machines, and some machines lack some calls. */
static const struct {
	const char *name;
	int number;
} calls[] = {
#ifdef SYS_preadv2
	{ "preadv2", SYS_preadv2 },
#endif
#ifdef SYS_pwritev2
	{ "pwritev2", SYS_pwritev2 },
#endif
#ifdef SYS_poll
	{ "poll", SYS_poll },
#else
	{ "poll", -1 },			/* nobody can call it */
#endif
	{ "ppoll", SYS_ppoll },
	{ "splice", SYS_splice },
	{ "sendfile", SYS_sendfile },
#ifdef SYS_sendfile64
	{ "sendfile64", SYS_sendfile64 },
#endif
#ifdef SYS_recvmmsg
	{ "recvmmsg", SYS_recvmmsg },
#endif
#ifdef SYS_recvmmsg_time64
	{ "recvmmsg_time64", SYS_recvmmsg_time64 },
#endif
	{ "sendmmsg", SYS_sendmmsg },
	{ "signalfd4", SYS_signalfd4 },
#ifdef SYS_vfork
	{ "vfork", SYS_vfork },
#else
	{ "vfork", -1 },		/* a kind of clone(2), and allowed */
#endif
#ifdef SYS_close_range
	{ "close_range", SYS_close_range },
#else
	{ "close_range", -1 },		/* nobody can call it */
#endif
};

static const struct {
	const char *name;
	int number;
} errors[] = {
	{ "EPERM", EPERM },
	{ "ENOSYS", ENOSYS },
	{ "EINVAL", EINVAL },
	{ "EOPNOTSUPP", EOPNOTSUPP },
};

static uint32_t
find_error(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(errors); i++)
		if (strcmp(errors[i].name, name) == 0)
			return (uint32_t)errors[i].number;
	errx(1, "unknown error: %s", name);
}

static uint32_t
find_call(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT(calls); i++)
		if (strcmp(calls[i].name, name) == 0)
			return (uint32_t)calls[i].number;
	warnx("no such call here: %s", name);
	exit(EXIT_SKIP);
}

/* Refuse the calls in names, which are separated by commas, with error. */
static void
install(char *names, uint32_t error)
{
	/* A test and a result for each, the load before, the rest after. */
	struct sock_filter filter[2 * CALLS_MAX + 2];
	struct sock_fprog program = { .filter = filter };
	unsigned short size = 0;
	char *name;

	filter[size++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	    offsetof(struct seccomp_data, nr));
	for (name = strtok(names, ","); name != NULL;
	    name = strtok(NULL, ",")) {
		if (size + 3 > (int)COUNT(filter))
			errx(1, "too many calls");
		filter[size++] = (struct sock_filter)BPF_JUMP(
		    BPF_JMP | BPF_JEQ | BPF_K, find_call(name), 0, 1);
		filter[size++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
		    SECCOMP_RET_ERRNO | error);
	}
	filter[size++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
	    SECCOMP_RET_ALLOW);
	program.len = size;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == -1) {
		warn("seccomp");
		exit(EXIT_SKIP);
	}
}

int
main(int argc, char **argv)
{
	if (argc < 4)
		errx(1, "needs an error, calls and a command");
	install(argv[2], find_error(argv[1]));
	execvp(argv[3], argv + 3);
	err(127, "%s", argv[3]);
}
#else
int
main(void)
{
	fprintf(stderr, "deny: no seccomp(2) here\n");
	return 77;
}
#endif
