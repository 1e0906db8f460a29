/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/time.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "play/ignore.h"

/*
 * With this flag regexec(3) is given the size of the text, and need not search
 * for its end at each match.  POSIX does not have it.
 */
#ifndef REG_STARTEND
#define REG_STARTEND 0
#endif

/*
 * regexec(3) may need a time that grows with the square of a line's length, or
 * with a back reference much faster, and the other side chooses the line.  It
 * cannot be interrupted, and no signal or deadline is handled meanwhile.  So a
 * timer ends the program after this many seconds of processor time.
 */
#define MATCH_TIME 5
#define STATUS_FAILED 125	/* EXIT_FAILED in relay/report.h */

/*
 * Starting the timer takes longer than matching a short line.  So shorter ones
 * than this are timed only if an expression may have a back reference.
 */
#define TIMED_MIN 256		/* bytes */

/* What was set before the timer; see watch_start(). */
struct watch {
	struct sigaction action;
	struct itimerval timer;
	sigset_t mask;
};

/* SIGVTALRM came from a process, and was meant for the command. */
static volatile sig_atomic_t was_sent;

static void
handle_time(int number, siginfo_t *info, void *context)
{
	static const char text[] = "sockplay: cannot apply --ignore: it takes "
	    "too long to match a line or message\n";
	ssize_t written;

	(void)number, (void)context;
	was_sent = info->si_code <= 0;
	if (was_sent)
		return;
	written = write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)written;
	_exit(STATUS_FAILED);
}

static void
watch_start(struct watch *watch)
{
	const struct itimerval time = { .it_value.tv_sec = MATCH_TIME };
	struct sigaction action = {
		.sa_sigaction = handle_time, .sa_flags = SA_SIGINFO
	};
	sigset_t set;

	sigemptyset(&action.sa_mask);
	sigemptyset(&set);
	sigaddset(&set, SIGVTALRM);
	was_sent = false;
	sigaction(SIGVTALRM, &action, &watch->action);
	setitimer(ITIMER_VIRTUAL, &time, &watch->timer);
	sigprocmask(SIG_UNBLOCK, &set, &watch->mask);
}

static void
watch_end(const struct watch *watch)
{
	/* The timer is first, so that no signal of it is left blocked. */
	setitimer(ITIMER_VIRTUAL, &watch->timer, NULL);
	sigprocmask(SIG_SETMASK, &watch->mask, NULL);
	sigaction(SIGVTALRM, &watch->action, NULL);
	if (was_sent)
		raise(SIGVTALRM);
}

int
ignore_add(struct ignore *ignore, const char *pattern)
{
	char reason[200];
	regex_t *patterns;
	int error;

	if (*pattern == '\0') {
		diag_print("--ignore: '' is not a regular expression: it "
		    "matches nothing");
		return -1;
	}
	patterns = realloc(ignore->patterns,
	    (ignore->count + 1) * sizeof(*patterns));
	if (patterns == NULL) {
		diag_print("cannot allocate memory: %s", strerror(errno));
		return -1;
	}
	ignore->patterns = patterns;
	error = regcomp(&patterns[ignore->count], pattern,
	    REG_EXTENDED | REG_NEWLINE);
	if (error != 0) {
		regerror(error, &patterns[ignore->count], reason,
		    sizeof(reason));
		diag_print("--ignore: '%s' is not a regular expression: %s",
		    pattern, reason);
		return -1;
	}
	ignore->count++;
	ignore->has_backslash |= strchr(pattern, '\\') != NULL;
	return 0;
}

/*
 * Find the first match between text and end.  flags, and what is returned, are
 * those of regexec(3).
 */
static int
find_match(const regex_t *pattern, const char *text, const char *end,
    int flags, regmatch_t *match)
{
	*match = (regmatch_t){ .rm_so = 0, .rm_eo = (regoff_t)(end - text) };
	return text < end ?
	    regexec(pattern, text, 1, match, flags | REG_STARTEND) :
	    REG_NOMATCH;
}

/*
 * Copy the size bytes at src to dst, with the matches in them replaced.  They
 * contain no NUL, and one follows them.  dst may be src, or before it in the
 * same memory.  Returns the end of the copy, or NULL if there is no memory.
 */
static char *
replace_matches(const regex_t *pattern, char *dst, const char *src, size_t size)
{
	const char *end = src + size;
	regmatch_t match;
	size_t before;
	int flags = 0;
	char last;
	int result;

	while ((result = find_match(pattern, src, end, flags, &match)) == 0) {
		before = (size_t)match.rm_so;
		memmove(dst, src, before);
		dst += before;
		src += match.rm_eo;
		if (match.rm_eo > match.rm_so) {
			last = src[-1];
			*dst++ = IGNORED;
		} else {
			if (src == end)
				break;
			*dst++ = last = *src++;	/* an empty match */
		}
		flags = last == '\n' ? 0 : REG_NOTBOL;
	}
	if (result == REG_ESPACE)
		return NULL;
	memmove(dst, src, (size_t)(end - src));
	return dst + (end - src);
}

/*
 * Replace the matches in the size bytes at text, part by part if it contains
 * NULs, because regexec(3) stops at a NUL.
 * Returns the new size, or IGNORE_FAILED with errno ENOMEM.
 */
static size_t
apply_pattern(const regex_t *pattern, char *text, size_t size)
{
	const char *src = text;
	const char *end = text + size;
	char *dst = text;
	size_t length;

	for (;;) {
		length = strnlen(src, (size_t)(end - src));
		dst = replace_matches(pattern, dst, src, length);
		if (dst == NULL) {
			errno = ENOMEM;
			return IGNORE_FAILED;
		}
		src += length;
		if (src == end)
			break;
		src++;
		*dst++ = '\0';
	}
	*dst = '\0';
	return (size_t)(dst - text);
}

size_t
ignore_apply(const struct ignore *ignore, char *text, size_t size)
{
	bool is_timed = size >= TIMED_MIN || ignore->has_backslash;
	struct watch watch;
	size_t i;

	if (is_timed)
		watch_start(&watch);
	for (i = 0; i < ignore->count && size != IGNORE_FAILED; i++)
		size = apply_pattern(&ignore->patterns[i], text, size);
	if (is_timed)
		watch_end(&watch);
	return size;
}

void
ignore_free(struct ignore *ignore)
{
	size_t i;

	for (i = 0; i < ignore->count; i++)
		regfree(&ignore->patterns[i]);
	free(ignore->patterns);
}
