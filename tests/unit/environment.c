/* SPDX-License-Identifier: MIT */
/* Variables for the command: numbers. */
#include "config.h"

#include "environment.h"
#include "tap.h"

static void
test_number(void)
{
	char one[] = "ONE";
	char two[] = "TWO";
	char wrong[] = "A=B";
	char *names[] = { one, two, wrong };

	setenv("TWO", "old", 1);
	ok(environment_set_number(names, 0, 7) == NULL &&
	    getenv("ONE") == NULL, "no names set nothing");
	ok(environment_set_number(names, 2, 2147483647) == NULL,
	    "variables are set");
	is_str(getenv("ONE"), "2147483647", "one that is new");
	is_str(getenv("TWO"), "2147483647", "and one that was there");
	errno = 0;
	ok(environment_set_number(names, 3, 1) == wrong && errno == EINVAL,
	    "one that cannot be set is told, with errno");
}

int
main(void)
{
	test_number();
	return done_testing();
}
