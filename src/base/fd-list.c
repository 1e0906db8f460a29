/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "base/fd-list.h"

bool
fd_list_has(const struct fd_list *list, int number)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (list->fds[i] == number)
			return true;
	return false;
}

int
fd_list_greatest(const struct fd_list *list)
{
	int greatest = list->fds[0];
	size_t i;

	for (i = 1; i < list->count; i++)
		if (list->fds[i] > greatest)
			greatest = list->fds[i];
	return greatest;
}

void
fd_list_free(struct fd_list *list)
{
	int saved_errno = errno;

	free(list->fds);
	list->fds = NULL;
	list->count = 0;
	errno = saved_errno;
}
