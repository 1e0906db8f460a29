/* SPDX-License-Identifier: MIT */
/* The character set of the user's locale, as the environment has it. */
#include "config.h"

#include <langinfo.h>
#include <locale.h>

#include "base/charset.h"
#include "tap.h"

/* In a child, since the answer is kept: whether it is UTF-8, 0 or 1; or 77. */
static int
ask(void *argument)
{
	const char *locale = argument;
	bool first;

	if (setlocale(LC_CTYPE, locale) == NULL)
		return 77;
	setlocale(LC_CTYPE, "C");
	unsetenv("LC_CTYPE");
	unsetenv("LANG");
	setenv("LC_ALL", locale, 1);
	first = charset_is_utf8();
	/* Nothing else may change its mind, or another category. */
	setenv("LC_ALL", "C", 1);
	if (charset_is_utf8() != first ||
	    strcmp(setlocale(LC_NUMERIC, NULL), "C") != 0 ||
	    strcmp(setlocale(LC_MESSAGES, NULL), "C") != 0)
		return 2;
	return first;
}

static void
locale_is(const char *locale, bool want, const char *name)
{
	char copy[40];
	int status;

	snprintf(copy, sizeof(copy), "%s", locale);
	status = run_child(ask, copy);
	if (status == 77 << 8)
		skip(name, "no such locale");
	else
		is_int(status, want << 8, name);
}

/* Some systems have UTF-8 in every locale; then they say so. */
static bool
c_is_utf8(void)
{
	setlocale(LC_CTYPE, "C");
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static int
ask_without_locale(void *argument)
{
	(void)argument;
	setenv("LC_ALL", "no_SUCH.locale", 1);
	if (setlocale(LC_CTYPE, "") != NULL)
		return 77;
	return charset_is_utf8();
}

int
main(void)
{
	locale_is("C.UTF-8", true, "C.UTF-8 is UTF-8");
	locale_is("C", c_is_utf8(), "C is what the system says");
	passes_or_skips(ask_without_locale, NULL,
	    "a locale that is not there is not UTF-8", "every locale is there");
	return done_testing();
}
