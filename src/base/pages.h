/* SPDX-License-Identifier: MIT */
/* Large memory that costs only what is touched of it. */
#ifndef PAGES_H
#define PAGES_H

#include <stddef.h>

struct region {
	char *data;		/* owned, or NULL */
	size_t size;		/* bytes */
};

/*
 * Map size bytes, all zero.  Returns 0, or -1 with errno ENOMEM; then data is
 * NULL.
 */
int region_map(struct region *region, size_t size);

/* Give back the pages that lie wholly within size bytes at data. */
void region_forget(char *data, size_t size);

void region_unmap(struct region *region);

#endif
