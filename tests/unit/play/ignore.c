/* SPDX-License-Identifier: MIT */
/*
 * What --ignore replaces in a text, against a model that looks for a match at
 * each byte, in turn.
 */
#include "config.h"

#include "play/ignore.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define LARGE_TITLE "millions of matches in a text are replaced"
#define TEXT_MAX 6		/* bytes of the texts that are tried, all */

static const char alphabet[] = { 'a', 'b', '\n', '\0' };

/* --- the model ----------------------------------------------------------- */

/* A line ends at a newline, at a NUL, and where the text ends. */
static bool
begins_line(const char *text, size_t at)
{
	return at == 0 || text[at - 1] == '\n' || text[at - 1] == '\0';
}

static bool
ends_line(const char *text, size_t size, size_t at)
{
	return at == size || text[at] == '\n' || text[at] == '\0';
}

/* How many times byte follows at at. */
static size_t
count_run(const char *text, size_t size, size_t at, char byte)
{
	size_t i;

	for (i = at; i < size && text[i] == byte; i++)
		;
	return i - at;
}

/*
 * A pattern, and how many bytes of its longest match at a place; 0 if there is
 * none, or an empty one.
 */
struct pattern {
	const char *text;
	size_t (*match)(const char *text, size_t size, size_t at);
};

static size_t
match_a(const char *text, size_t size, size_t at)
{
	return at < size && text[at] == 'a';
}

static size_t
match_as(const char *text, size_t size, size_t at)
{
	return count_run(text, size, at, 'a');
}

static size_t
match_first_a(const char *text, size_t size, size_t at)
{
	return begins_line(text, at) && match_a(text, size, at);
}

static size_t
match_last_a(const char *text, size_t size, size_t at)
{
	return match_a(text, size, at) && ends_line(text, size, at + 1);
}

static size_t
match_line_of_as(const char *text, size_t size, size_t at)
{
	size_t run = match_as(text, size, at);

	return begins_line(text, at) && ends_line(text, size, at + run) ? run :
	    0;
}

static size_t
match_any(const char *text, size_t size, size_t at)
{
	return at < size && text[at] != '\n' && text[at] != '\0';
}

static size_t
match_rest(const char *text, size_t size, size_t at)
{
	size_t i;

	for (i = at; match_any(text, size, i) > 0; i++)
		;
	return i - at;
}

static size_t
match_newline(const char *text, size_t size, size_t at)
{
	return at < size && text[at] == '\n';
}

/* A newline, or "b" at the beginning of a line, which may be after it. */
static size_t
match_newline_or_first_b(const char *text, size_t size, size_t at)
{
	return match_newline(text, size, at) > 0 || (at < size &&
	    text[at] == 'b' && begins_line(text, at));
}

static size_t
match_ab_or_b(const char *text, size_t size, size_t at)
{
	if (at < size && text[at] == 'b')
		return 1;
	return at + 1 < size && text[at] == 'a' && text[at + 1] == 'b' ? 2 : 0;
}

static size_t
match_a_or_aba(const char *text, size_t size, size_t at)
{
	if (at + 2 < size && memcmp(text + at, "aba", 3) == 0)
		return 3;
	return match_a(text, size, at);
}

static size_t
match_nothing(const char *text, size_t size, size_t at)
{
	(void)text;
	(void)size;
	(void)at;
	return 0;
}

static const struct pattern patterns[] = {
	{ "a", match_a },
	{ "a+", match_as },
	{ "a*", match_as },
	{ "^a", match_first_a },
	{ "a$", match_last_a },
	{ "^a*$", match_line_of_as },
	{ ".", match_any },
	{ ".*", match_rest },
	{ "[^x]", match_any },
	{ "\n", match_newline },
	{ "\n|^b", match_newline_or_first_b },
	{ "ab|b", match_ab_or_b },
	{ "a|aba", match_a_or_aba },
	{ "^", match_nothing },
	{ "$", match_nothing },
	{ "^|$", match_nothing },
	{ "x", match_nothing },
};

static size_t
apply_model(const struct pattern *pattern, const char *text, size_t size,
    char *result)
{
	size_t put = 0;
	size_t at, length;

	for (at = 0; at < size; at += length > 0 ? length : 1) {
		length = pattern->match(text, size, at);
		result[put++] = length > 0 ? '\1' : text[at];
	}
	return put;
}

/* --- cases --------------------------------------------------------------- */

/* A byte behind the text, which must be left alone, follows the NUL. */
static bool
is_as_model(const struct ignore *ignore, const struct pattern *pattern,
    const char *text, size_t size)
{
	char wanted[TEXT_MAX];
	char got[TEXT_MAX + 2];
	size_t wanted_size = apply_model(pattern, text, size, wanted);
	size_t got_size;

	memcpy(got, text, size);
	memcpy(got + size, "", 1);
	got[size + 1] = 'z';
	got_size = ignore_apply(ignore, got, size);
	return got_size == wanted_size &&
	    memcmp(got, wanted, got_size) == 0 && got[got_size] == '\0' &&
	    got[size + 1] == 'z';
}

/* The text number index of all that are size bytes of the alphabet. */
static void
make_text(char *text, size_t size, size_t index)
{
	size_t i;

	for (i = 0; i < size; i++, index /= COUNT(alphabet))
		text[i] = alphabet[index % COUNT(alphabet)];
}

static void
test_model(const struct pattern *pattern)
{
	struct ignore ignore = { .count = 0 };
	char text[TEXT_MAX];
	char title[80];
	size_t wrong = 0;
	size_t texts = 1;
	size_t size, i;

	need(ignore_add(&ignore, pattern->text) == 0, "ignore_add");
	for (size = 0; size <= TEXT_MAX; size++, texts *= COUNT(alphabet))
		for (i = 0; i < texts; i++) {
			make_text(text, size, i);
			wrong += !is_as_model(&ignore, pattern, text, size);
		}
	snprintf(title, sizeof(title), "pattern %zu: all short texts become "
	    "those of the model", (size_t)(pattern - patterns));
	is_int((long long)wrong, 0, title);
	ignore_free(&ignore);
}

/* What text becomes; valid until the next call. */
static const char *
apply(const char *const *list, const char *text)
{
	static char result[200];
	struct ignore ignore = { .count = 0 };
	size_t size = strlen(text);

	for (; *list != NULL; list++)
		need(ignore_add(&ignore, *list) == 0, "ignore_add");
	memcpy(result, text, size + 1);
	size = ignore_apply(&ignore, result, size);
	ignore_free(&ignore);
	return size == strlen(result) ? result : "(wrong size)";
}

static void
test_several(void)
{
	is_str(apply((const char *[]){ NULL }, "abc"), "abc",
	    "no pattern changes nothing");
	is_str(apply((const char *[]){ "[0-9]+", "at", NULL }, "at 12:30 h"),
	    "\1 \1:\1 h", "several patterns are replaced");
	is_str(apply((const char *[]){ "b", "a\1c", NULL }, "abc"), "\1",
	    "a pattern is applied to what the ones before it have left");
	is_str(apply((const char *[]){ "a\1c", "b", NULL }, "abc"), "a\1c",
	    "and not to what those after it leave");
	is_str(apply((const char *[]){ "^ +", NULL }, "  a\n b\nc  "),
	    "\1a\n\1b\nc  ", "in a message, ^ matches at each line");
	is_str(apply((const char *[]){ " +$", NULL }, "a \nb  \n c"),
	    "a\1\nb\1\n c", "and $ does");
}

static void
test_wrong(void)
{
	static const char *const wrong[] = { "x(", "[a", "a{2,1}", "\\" };
	struct ignore ignore = { .count = 0 };
	struct capture capture;
	char title[80];
	char text[] = "aab";
	size_t i;
	int result;

	need(ignore_add(&ignore, "a+") == 0, "ignore_add");
	for (i = 0; i < COUNT(wrong); i++) {
		capture_begin(&capture, STDERR_FILENO);
		result = ignore_add(&ignore, wrong[i]);
		capture_end(&capture);
		snprintf(title, sizeof(title),
		    "'%s' is refused, with one message that quotes it",
		    wrong[i]);
		ok(result == -1 && capture.writes == 1 &&
		    strstr(capture.text, "--ignore: '") != NULL &&
		    strstr(capture.text, "' is not a regular expression: ") !=
		    NULL, title);
	}
	is_int((long long)ignore.count, 1, "what was added before is kept");
	ok(ignore_apply(&ignore, text, 3) == 2 && memcmp(text, "\1b", 3) == 0,
	    "and used");
	ignore_free(&ignore);
}

/*
 * If it took time by the square of the size, it would take hours: as with an
 * address sanitizer, which reads the whole text at each match, and without
 * REG_STARTEND.
 */
static void
test_large(void)
{
	enum { SIZE = 8 << 20 };
	struct ignore ignore = { .count = 0 };
	char *text = malloc(SIZE + 1);
	size_t i;

	need(text != NULL && ignore_add(&ignore, "[0-9]") == 0, "memory");
	for (i = 0; i < SIZE; i++)
		text[i] = "1a"[i & 1];
	text[SIZE] = '\0';
	i = ignore_apply(&ignore, text, SIZE);
	ok(i == SIZE && memcmp(text, "\1a\1a", 4) == 0 &&
	    memcmp(text + SIZE - 4, "\1a\1a", 4) == 0,
	    LARGE_TITLE);
	free(text);
	ignore_free(&ignore);
}

/* A signal of the timer's kind that a process sends, and that is blocked. */
static int
keeps_signal(void *argument)
{
	struct ignore ignore = { .count = 0 };
	char text[] = "a1\0b2";
	sigset_t set;

	(void)argument;
	ASK(ignore_add(&ignore, "\\<a") == 0);
	sigemptyset(&set);
	sigaddset(&set, SIGVTALRM);
	ASK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	ASK(kill(getpid(), SIGVTALRM) == 0);
	ASK(ignore_apply(&ignore, text, 5) == 5);
	ASK(sigpending(&set) == 0 && sigismember(&set, SIGVTALRM) == 1);
	ignore_free(&ignore);
	return 0;
}

static bool
has_linear_time(void)
{
#ifdef REG_STARTEND
	return can_limit_memory();
#else
	return false;
#endif
}

int
main(void)
{
	size_t i;

	for (i = 0; i < COUNT(patterns); i++)
		test_model(&patterns[i]);
	test_several();
	test_wrong();
	passes_bare(keeps_signal, NULL,
	    "a signal that somebody sends meanwhile is kept for later");
	if (has_linear_time())
		test_large();
	else
		elsewhere(LARGE_TITLE, "regexec(3) reads all at each match");
	return done_testing();
}
