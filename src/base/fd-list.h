/* SPDX-License-Identifier: MIT */
/* A list of descriptor numbers. */
#ifndef FD_LIST_H
#define FD_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* File descriptor numbers in the order given; duplicates are kept. */
struct fd_list {
	int *fds;		/* owned; free with fd_list_free() */
	size_t count;
};

/* Whether number is in list. */
bool fd_list_has(const struct fd_list *list, int number);

/* The greatest number in list, which is not empty. */
int fd_list_greatest(const struct fd_list *list);

void fd_list_free(struct fd_list *list);

#endif
