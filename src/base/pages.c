/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <sys/mman.h>

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "base/pages.h"

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

int
region_map(struct region *region, size_t size)
{
	void *data;

	*region = (struct region){ NULL, 0 };
	data = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (data == MAP_FAILED) {
		errno = ENOMEM;
		return -1;
	}
	region->data = data;
	region->size = size;
	return 0;
}

void
region_forget(char *data, size_t size)
{
#ifdef MADV_DONTNEED
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t front = (page - (uintptr_t)data % page) % page;

	if (size >= front + page)
		(void)madvise(data + front, (size - front) / page * page,
		    MADV_DONTNEED);
#else
	(void)data, (void)size;
#endif
}

void
region_unmap(struct region *region)
{
	if (region->data != NULL)
		munmap(region->data, region->size);
	*region = (struct region){ NULL, 0 };
}
