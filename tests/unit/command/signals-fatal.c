/* SPDX-License-Identifier: MIT */
/* One signal: its origin, its default action, and how we end by it. */
#include "config.h"

#include <sys/resource.h>

#include "command/signals.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int
dies(void *number)
{
	struct rlimit limit;
	sigset_t all;

	getrlimit(RLIMIT_CORE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_CORE, &limit);
	signal(*(int *)number, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal_die_of(*(int *)number);
	return 1;
}

static void
test_death(void)
{
	static const int numbers[] = {
		SIGTERM, SIGKILL, SIGPIPE, SIGQUIT, SIGSEGV, SIGABRT, SIGALRM,
	};
	char title[80];
	int number;
	size_t i;

	for (i = 0; i < COUNT(numbers); i++) {
		number = numbers[i];
		snprintf(title, sizeof(title), "we end by signal %d, ignored "
		    "and blocked, without a core file", number);
		is_int(run_child(dies, &number), number, title);
	}
	signal_die_of(SIGURG);
	ok(true, "we do not end by a signal that is not fatal");
}

static void
test_fatal(void)
{
	static const int fatal[] = {
		SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS,
		SIGFPE, SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM,
		SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGSYS,
	};
	static const int harmless[] = {
		SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGCHLD, SIGURG,
		SIGWINCH,
	};
	bool right = true;
	size_t i;

	for (i = 0; i < COUNT(harmless); i++)
		right &= !signal_is_fatal(harmless[i]);
	ok(right, "signals that do not end a process are not fatal");
	right = signal_is_fatal(SIGRTMIN) && signal_is_fatal(SIGRTMAX);
	for (i = 0; i < COUNT(fatal); i++)
		right &= signal_is_fatal(fatal[i]);
	ok(right, "all other signals that can be caught are fatal");
}

static void
test_origin(void)
{
	static const struct {
		struct signal_event event;
		bool terminal;
	} rows[] = {
#ifdef SI_KERNEL
		{ { SIGINT, SI_KERNEL }, true },
		{ { SIGQUIT, SI_KERNEL }, true },
		{ { SIGWINCH, SI_KERNEL }, true },
		{ { SIGTERM, SI_KERNEL }, false },
		{ { SIGALRM, SI_KERNEL }, false },
		{ { SIGPROF, SI_KERNEL }, false },
		{ { SIGXCPU, SI_KERNEL }, false },
		{ { SIGSEGV, SI_KERNEL }, false },
#endif
		{ { SIGINT, SI_USER }, false },
		{ { SIGWINCH, SI_QUEUE }, false },
		{ { SIGSEGV, SI_USER }, false },
		{ { SIGABRT, SI_USER }, false },
		{ { SIGTERM, 1 }, false },
		{ { SIGCHLD, CLD_EXITED }, false },
	};
	char title[80];
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		snprintf(title, sizeof(title), "signal %d with code %d is %s "
		    "the terminal", rows[i].event.number, rows[i].event.code,
		    rows[i].terminal ? "from" : "not from");
		ok(signal_from_terminal(&rows[i].event) == rows[i].terminal,
		    title);
	}
}

#ifdef SI_KERNEL
/* Returns 1 if the hang-up counts as sent to the whole group, or 0. */
static int
hang_up(void *leader)
{
	const struct signal_event event = { SIGHUP, SI_KERNEL };

	if (*(bool *)leader)
		setsid();
	return signal_from_terminal(&event);
}
#endif

int
main(void)
{
#ifdef SI_KERNEL
	bool leader = false;

	is_int(run_child(hang_up, &leader), 1 << 8,
	    "a hang-up that reaches a member has reached the group");
	leader = true;
	is_int(run_child(hang_up, &leader), 0,
	    "a hang-up that reaches the session leader has not");
#endif
	test_fatal();
	test_origin();
	test_death();
	return done_testing();
}
