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
pages_map(struct pages *pages, size_t size)
{
	void *data;

	*pages = (struct pages){ NULL, 0 };
	data = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (data == MAP_FAILED) {
		errno = ENOMEM;
		return -1;
	}
	pages->data = data;
	pages->size = size;
	return 0;
}

void
pages_forget(char *data, size_t size)
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
pages_unmap(struct pages *pages)
{
	if (pages->data != NULL)
		munmap(pages->data, pages->size);
	*pages = (struct pages){ NULL, 0 };
}
