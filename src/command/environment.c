/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command/environment.h"

#define PID_NAME "LISTEN_PID="
#define PID_DIGITS 20		/* as many as a 64-bit number can have */

const char *
environment_set_number(char *const *names, size_t count, int number)
{
	char text[16];
	size_t i;

	snprintf(text, sizeof(text), "%d", number);
	for (i = 0; i < count; i++)
		if (setenv(names[i], text, 1) == -1)
			return names[i];
	return NULL;
}

char *
environment_set_listen(void)
{
	char *place;

	/*
	 * systemd sets LISTEN_PIDFDID from version 258 on.  It identifies the
	 * process that the other variables are meant for, as LISTEN_PID does.
	 * One that we inherited identifies another process.
	 */
	if (setenv("LISTEN_FDS", "1", 1) == -1 ||
	    setenv("LISTEN_FDNAMES", "connection", 1) == -1 ||
	    unsetenv("LISTEN_PIDFDID") == -1)
		return NULL;
	place = calloc(1, sizeof(PID_NAME) + PID_DIGITS);
	if (place == NULL)
		return NULL;
	snprintf(place, sizeof(PID_NAME), PID_NAME);
	/* setenv(3) would make a copy, which we may not write to. */
	if (putenv(place) == 0)
		return place;
	free(place);
	return NULL;
}

void
environment_free_listen(char *place)
{
	if (place == NULL)
		return;
	unsetenv("LISTEN_PID");
	free(place);
}

void
environment_write_pid(char *place)
{
	char *digit = place + sizeof(PID_NAME) - 1;
	pid_t pid = getpid();
	pid_t rest;

	for (rest = pid; rest > 0; rest /= 10)
		digit++;
	*digit = '\0';
	for (rest = pid; rest > 0; rest /= 10)
		*--digit = (char)('0' + rest % 10);
}
