/* SPDX-License-Identifier: MIT */
/* Signals by handlers: how signals_open() fails.  signals.c has the rest. */
#include "config.h"

#include <sys/resource.h>

#ifdef __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include <poll.h>
#include <stddef.h>

#include "command/signals.h"
#include "no-signalfd.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int
fails_without_descriptors(void *argument)
{
	struct rlimit none = { 0, 0 };
	struct signals signals;

	(void)argument;
	setrlimit(RLIMIT_NOFILE, &none);
	ASK(signals_open(&signals) == -1 && errno == EMFILE);
	return 0;
}

#ifdef __linux__

/* Make the kernel refuse any new action for SIGWINCH.  False if we cannot. */
static bool
forbid_winch(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigaction, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SIGWINCH, 0, 3),
		/* Allow sigaction() without a new action. */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, args[1])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { COUNT(filter), filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int
fails_half_way(void *argument)
{
	int count = count_descriptors();
	struct signals signals;

	(void)argument;
	if (!forbid_winch() || signal(SIGWINCH, SIG_DFL) != SIG_ERR)
		return 77;
	ASK(signals_open(&signals) == -1 && errno == EACCES);
	signals_close(&signals);
	ASK(count_descriptors() == count);
	return 0;
}

#else

static int
fails_half_way(void *argument)
{
	(void)argument;
	return 77;
}

#endif

int
main(void)
{
	static const char half_way[] =
	    "a handler that cannot be installed is an error";

	no_signalfd = true;
	passes_bare(fails_without_descriptors, NULL,
	    "a pipe that cannot be created is an error");
	if (is_under_valgrind()) {
		elsewhere(half_way, "valgrind has no seccomp");
		return done_testing();
	}
	passes_or_skips(fails_half_way, NULL, half_way, "no seccomp");
	return done_testing();
}
