/* SPDX-License-Identifier: MIT */
/* Variables by which the command is told where its end is. */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

#include <stddef.h>

/*
 * Set each of count variables, names, to number in decimal.
 * Returns NULL, or with errno the name that could not be set.
 */
const char *environment_set_number(char *const *names, size_t count,
    int number);

#endif
