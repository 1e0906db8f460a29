/* SPDX-License-Identifier: MIT */
/*
 * Text to value, strictly: decimal digits only (010 is ten), with no sign, no
 * blank and nothing after them.  Pure: nothing here touches a descriptor or
 * prints.
 */
#ifndef PARSE_H
#define PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "base/fd-list.h"

/*
 * Each returns 0 with *value set; or -1 with errno, and *value is not changed:
 * EINVAL if text does not have the form described, ERANGE if the value is too
 * large, ENOMEM (the list only).  text is borrowed.
 */

/* Digits, 0 to max. */
int parse_number(const char *text, uint64_t max, uint64_t *value);

/* Digits, then nothing, K, M or G (KiB, MiB, GiB): bytes. */
int parse_size(const char *text, size_t *value);

/*
 * Digits, perhaps a point and more digits, then nothing (seconds), ms, s, m
 * or h: nanoseconds, rounded up, so that only zero becomes zero.
 */
int parse_time(const char *text, int64_t *value);

/*
 * Numbers from 0 to INT_MAX with commas between: N[,N...].  The caller frees
 * *value with fd_list_free().
 */
int parse_fd_list(const char *text, struct fd_list *value);

#endif
