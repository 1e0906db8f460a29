/* SPDX-License-Identifier: MIT */
/*
 * Text to value, strictly: decimal digits only (010 is ten), with no sign,
 * blank or rest.  Pure: nothing here touches a descriptor or prints.
 */
#ifndef PARSE_H
#define PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* File descriptor numbers in the order given; duplicates are kept. */
struct fd_list {
	int *fds;		/* owned; free with fd_list_free() */
	size_t count;
};

/*
 * Each returns 0 with *value set, or -1 with errno set and *value untouched:
 * EINVAL if text is not of the form, ERANGE if it does not fit, ENOMEM (the
 * list only).  text is borrowed.
 */

/* Digits, 0 to max. */
int parse_number(const char *text, uint64_t max, uint64_t *value);

/* Digits, then nothing, K, M or G (1024 each): bytes. */
int parse_size(const char *text, size_t *value);

/*
 * Digits, perhaps a point and more digits, then nothing (seconds), ms, s, m
 * or h: nanoseconds, rounded up, so that only zero becomes zero.
 */
int parse_time(const char *text, int64_t *value);

/* Numbers from 0 to INT_MAX with commas between: N[,N...]. */
int parse_fd_list(const char *text, struct fd_list *value);

/* Whether number is in list. */
bool fd_list_has(const struct fd_list *list, int number);

/* The greatest number in list, which is not empty. */
int fd_list_greatest(const struct fd_list *list);

void fd_list_free(struct fd_list *list);

#endif
