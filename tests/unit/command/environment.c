/* SPDX-License-Identifier: MIT */
/* Variables for the command: numbers, and those of sd_listen_fds(3). */
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
	    getenv("ONE") == NULL, "no names set nothing");
	ok(environment_set_number(names, 2, 2147483647) == NULL,
	    "variables are set");
	is_str(getenv("ONE"), "2147483647", "one that is new");
	is_str(getenv("TWO"), "2147483647", "and one that was there");
	errno = 0;
	ok(environment_set_number(names, 3, 1) == wrong && errno == EINVAL,
	    "one that cannot be set is told, with errno");
}

/* What a child reads is what it has written. */
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
	ok(place != NULL, "a place for the pid is given");
	is_str(getenv("LISTEN_FDS"), "1", "there is one descriptor");
	is_str(getenv("LISTEN_FDNAMES"), "connection", "a connection");
	ok(getenv("LISTEN_PIDFDID") == NULL,
	    "another process's mark is taken away");
	is_str(getenv("LISTEN_PID"), "", "whose it is is open yet");
	is_int(run_child(write_own, place), 0, "a child writes its own pid");
	is_str(getenv("LISTEN_PID"), "", "for itself alone");
	is_int(write_own(place), 0, "and so may we, a pid of any length");
	is_int(write_own(place), 0, "twice");
	environment_free_listen(place);
	ok(getenv("LISTEN_PID") == NULL, "then it is taken back");
	environment_free_listen(NULL);
	ok(true, "none may be taken back");
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
		    "without memory it is ENOMEM");
	else
		elsewhere("without memory it is ENOMEM", "memory tool");
	return done_testing();
}
