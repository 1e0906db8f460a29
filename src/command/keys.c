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

static const int numbers[KEY_COUNT] = { SIGINT, SIGQUIT, SIGTSTP, SIGHUP };

/* What the handlers noted of one signal. */
struct key_note {
	bool is_ours;		/* it reached us, */
	siginfo_t info;		/* as this */
	bool is_missed;		/* it did not reach the command */
};

/* A handler has no other way to know; the child's writes are seen here. */
static struct {
	pid_t parent;
	bool child_has_begun;
	struct key_note notes[KEY_COUNT];
} noted;

/* In a handler, all other signals are blocked. */
static void
note_key(int number, siginfo_t *info, void *context)
{
	const struct signal_event event = { number, info->si_code };
	int saved_errno = errno;
	struct key_note *note = noted.notes;

	(void)context;
	while (numbers[note - noted.notes] != number)
		note++;
	if (getpid() != noted.parent) {
		note->is_missed = true;
	} else {
		note->is_ours = true;
		note->info = *info;
		/* One that was sent to us alone is passed on later. */
		if (!noted.child_has_begun && (number == SIGTSTP ||
		    signal_from_terminal(&event)))
			note->is_missed = true;
	}
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
keys_begin(struct keys *keys)
{
	struct sigaction action = { 0 };
	sigset_t set;
	size_t i;

	memset(&noted, 0, sizeof(noted));
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
		/* The command inherits that a signal is ignored. */
		if (keys->entry[i].sa_handler == SIG_IGN)
			(void)sigaction(numbers[i], &keys->entry[i], NULL);
		else
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

/* Have the signal pending for us again. */
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
keys_end(const struct keys *keys, pid_t child)
{
	const struct key_note *note;
	size_t i;

	sigprocmask(SIG_SETMASK, &keys->mask, NULL);
	restore_dispositions(keys, KEY_COUNT);
	for (i = 0; i < KEY_COUNT; i++) {
		note = &noted.notes[i];
		if (note->is_missed && child != -1)
			(void)kill(child, numbers[i]);
		if (note->is_ours)
			requeue(note, numbers[i]);
	}
}
