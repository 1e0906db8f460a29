/* SPDX-License-Identifier: MIT */
/* Variables for the command: chosen names, and those of sd_listen_fds(3). */
#include "config.h"

#include "command/environment.h"
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
	    getenv("ONE") == NULL, "without names no variable is set");
	ok(environment_set_number(names, 2, 2147483647) == NULL,
	    "two variables are set");
	is_str(getenv("ONE"), "2147483647", "a new variable has the number");
	is_str(getenv("TWO"), "2147483647",
	    "an existing variable has the number");
	errno = 0;
	ok(environment_set_number(names, 3, 1) == wrong && errno == EINVAL,
	    "a name that cannot be set is returned, with errno");
}

/* Returns 0 if LISTEN_PID is our pid after the call. */
static int
write_own(void *place)
{
	char want[32];

	environment_write_pid(place);
	snprintf(want, sizeof(want), "%ld", (long)getpid());
	return strcmp(getenv("LISTEN_PID"), want) != 0;
}

static void
test_listen(void)
{
	char *place;

	setenv("LISTEN_PID", "77777777777", 1);
	setenv("LISTEN_FDS", "3", 1);
	setenv("LISTEN_PIDFDID", "4", 1);
	place = environment_set_listen();
	ok(place != NULL, "LISTEN_PID has a place for the pid");
	is_str(getenv("LISTEN_FDS"), "1", "LISTEN_FDS is 1");
	is_str(getenv("LISTEN_FDNAMES"), "connection",
	    "LISTEN_FDNAMES is connection");
	ok(getenv("LISTEN_PIDFDID") == NULL,
	    "an inherited LISTEN_PIDFDID is unset");
	is_str(getenv("LISTEN_PID"), "", "LISTEN_PID is empty at first");
	is_int(run_child(write_own, place), 0,
	    "a child writes its own pid there");
	is_str(getenv("LISTEN_PID"), "", "a forked child changes only its own");
	is_int(write_own(place), 0,
	    "the calling process can write its own pid");
	is_int(write_own(place), 0, "a pid can be written twice");
	environment_free_listen(place);
	ok(getenv("LISTEN_PID") == NULL,
	    "LISTEN_PID is unset when it is freed");
	environment_free_listen(NULL);
	ok(true, "NULL may be freed");
}

static int
listen_without_memory(void *argument)
{
	(void)argument;
	setenv("LISTEN_FDS", "1", 1);
	setenv("LISTEN_FDNAMES", "connection", 1);
	use_up_memory();
	ASK(environment_set_listen() == NULL && errno == ENOMEM);
	return 0;
}

int
main(void)
{
	test_number();
	test_listen();
	if (can_limit_memory())
		is_int(run_child(listen_without_memory, NULL), 0,
		    "without memory the error is ENOMEM");
	else
		elsewhere("without memory the error is ENOMEM", "memory tool");
	return done_testing();
}
