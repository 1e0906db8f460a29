/* SPDX-License-Identifier: MIT */
/*
 * Keeps the messages of diag_print() instead of printing them.  Link this with
 * -Wl,--wrap=diag_print.
 */
#ifndef PRINTED_H
#define PRINTED_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "base/diag.h"

static size_t messages;		/* since printed_clear(), and the last one: */
static char message[1000];

void __wrap_diag_print(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

void
__wrap_diag_print(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	messages++;
}

static inline void
printed_clear(void)
{
	messages = 0;
	message[0] = '\0';
}

#endif
