/* SPDX-License-Identifier: MIT */
#include "config.h"

#ifdef __linux__
#include <sys/syscall.h>
#endif

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "command/keys.h"
#include "command/signals.h"

/* keys_begin() unblocks all of these but SIGTSTP. */
static const int numbers[KEY_COUNT] = { SIGINT, SIGQUIT, SIGHUP, SIGTSTP };

/* What the handlers noted of one signal. */
struct key_note {
	bool is_ours;		/* our process got it */
	siginfo_t info;		/* what came with it, if is_ours */
	bool is_missed;		/* the command did not get it */
};

/*
 * Global, because a handler has no argument for it.  The child shares our
 * memory until its exec, so what its handlers write is found here as well.
 */
static struct {
	const struct signals *signals;
	pid_t parent;
	bool child_has_begun;
	struct key_note notes[KEY_COUNT];
} noted;

/*
 * Note a signal that reached our process.  If a process sent it to us alone,
 * the command does not miss it now: the relay passes it on later.
 */
static void
note_ours(struct key_note *note, int number, const siginfo_t *info)
{
	const struct signal_event event = { number, info->si_code };

	note->is_ours = true;
	note->info = *info;
	if (!noted.child_has_begun && signal_from_terminal(&event))
		note->is_missed = true;
}

/*
 * Handle a signal that reached the child.  The child dies of it when the
 * handler returns, which unblocks the signal.
 */
static void
take_in_child(struct key_note *note, int number)
{
	struct sigaction standard = { 0 };

	if (number == SIGTSTP)
		return;
	if (signals_blocked_on_entry(noted.signals, number)) {
		note->is_missed = true;
		return;
	}
	standard.sa_handler = SIG_DFL;
	(void)sigaction(number, &standard, NULL);
	/* raise(3) may signal the parent after vfork(2), see exec.c. */
	(void)kill(getpid(), number);
}

/* The handler.  All other signals are blocked while it runs (sa_mask). */
static void
note_key(int number, siginfo_t *info, void *context)
{
	int saved_errno = errno;
	struct key_note *note = noted.notes;

	(void)context;
	while (numbers[note - noted.notes] != number)
		note++;
	if (getpid() == noted.parent)
		note_ours(note, number, info);
	else
		take_in_child(note, number);
	errno = saved_errno;
}

/* Restore the first count dispositions. */
static void
restore_dispositions(const struct keys *keys, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		(void)sigaction(numbers[i], &keys->entry[i], NULL);
}

int
keys_begin(struct keys *keys, const struct signals *signals)
{
	struct sigaction action = { 0 };
	sigset_t set;
	size_t i;

	memset(&noted, 0, sizeof(noted));
	noted.signals = signals;
	noted.parent = getpid();
	action.sa_sigaction = note_key;
	action.sa_flags = SA_SIGINFO | SA_RESTART;
	sigfillset(&action.sa_mask);
	sigemptyset(&set);
	for (i = 0; i < KEY_COUNT; i++) {
		if (sigaction(numbers[i], &action, &keys->entry[i]) == -1) {
			restore_dispositions(keys, i);
			return -1;
		}
		/* If a signal is ignored, the command has to inherit that. */
		if (keys->entry[i].sa_handler == SIG_IGN)
			(void)sigaction(numbers[i], &keys->entry[i], NULL);
		else if (numbers[i] != SIGTSTP)
			sigaddset(&set, numbers[i]);
	}
	if (sigprocmask(SIG_UNBLOCK, &set, &keys->mask) == 0)
		return 0;
	restore_dispositions(keys, KEY_COUNT);
	return -1;
}

void
keys_begin_child(void)
{
	noted.child_has_begun = true;
}

/* Make the signal pending again, with its siginfo_t if that is possible. */
static void
requeue(const struct key_note *note, int number)
{
#ifdef SYS_rt_sigqueueinfo
	if (syscall(SYS_rt_sigqueueinfo, noted.parent, number,
	    &note->info) == 0)
		return;
#else
	(void)note;
#endif
	(void)raise(number);
}

void
keys_end(const struct keys *keys)
{
	size_t i;

	sigprocmask(SIG_SETMASK, &keys->mask, NULL);
	restore_dispositions(keys, KEY_COUNT);
	for (i = 0; i < KEY_COUNT; i++)
		if (noted.notes[i].is_ours)
			requeue(&noted.notes[i], numbers[i]);
}

static bool
is_stop_pending(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 &&
	    sigismember(&pending, SIGTSTP) == 1;
}

void
keys_send(pid_t child)
{
	size_t i;

	for (i = 0; i < KEY_COUNT; i++)
		if (noted.notes[i].is_missed)
			(void)kill(child, numbers[i]);
	/* The kernel queues a blocked signal even if it is ignored. */
	if (!is_stop_pending() || signal_is_ignored(SIGTSTP))
		return;
	(void)kill(child, SIGTSTP);
	/* If SIGCONT came in between, do not leave the command stopped. */
	if (!is_stop_pending())
		(void)kill(child, SIGCONT);
}
