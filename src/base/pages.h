/* SPDX-License-Identifier: MIT */
/* Large areas of memory, of which only the pages that were touched are used. */
#ifndef PAGES_H
#define PAGES_H

#include <stddef.h>

struct pages {
	char *data;		/* owned, or NULL */
	size_t size;		/* bytes */
};

/*
 * Map size bytes, all zero.  Returns 0, or -1 with errno ENOMEM; then data is
 * NULL.
 */
int pages_map(struct pages *pages, size_t size);

/*
 * Return the pages that lie wholly within the size bytes at data to the system.
 * The bytes there are lost.
 */
void pages_forget(char *data, size_t size);

void pages_unmap(struct pages *pages);

#endif
