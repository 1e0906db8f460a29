/* SPDX-License-Identifier: MIT */
/* Large memory: all zero, given back page by page, and no byte beyond. */
#include "config.h"

#include <sys/mman.h>

#include <limits.h>
#include <stdint.h>

#include "base/pages.h"
#include "tap.h"

static size_t page;

static bool
is_all(const char *data, size_t size, char byte)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (data[i] != byte)
			return false;
	return true;
}

static void
test_map(void)
{
	struct pages pages;

	is_int(pages_map(&pages, 3 * page + 1), 0, "pages are mapped");
	ok(pages.size == 3 * page + 1, "of the size that was asked for");
	ok(is_all(pages.data, pages.size, '\0'), "all zero");
	memset(pages.data, 'x', pages.size);
	ok(is_all(pages.data, pages.size, 'x'), "and can be written");
	pages_unmap(&pages);
	ok(pages.data == NULL && pages.size == 0, "unmapped they are none");
	pages_unmap(&pages);
	ok(pages.data == NULL, "and may be unmapped again");
}

/* Whether the page at address is mapped. */
static bool
is_mapped(char *address)
{
	return msync(address, 1, MS_ASYNC) == 0;
}

static void
test_unmap(void)
{
	static const char name[] = "unmapped pages are given back";
	struct pages pages;
	char *data;
	bool was_mapped;

	if (is_under_valgrind()) {
		elsewhere(name, "valgrind complains of it");
		return;
	}
	need(pages_map(&pages, page) == 0, "pages_map");
	data = pages.data;
	was_mapped = is_mapped(data);
	pages_unmap(&pages);
	ok(was_mapped && !is_mapped(data), name);
}

static void
test_no_memory(void)
{
	struct pages pages = { (char *)&pages, 77 };

	errno = 0;
	ok(pages_map(&pages, SIZE_MAX - 65536) == -1 && errno == ENOMEM &&
	    pages.data == NULL && pages.size == 0,
	    "more than there is is ENOMEM, and no pages");
	errno = 0;
	ok(pages_map(&pages, 0) == -1 && errno == ENOMEM && pages.data == NULL,
	    "so is nothing");
	pages_unmap(&pages);
	ok(pages.data == NULL, "what was not mapped may be unmapped");
}

/*
 * Of pages that are full of x, forget size bytes from start on.  Those that lie
 * wholly within are zero then, unless the system keeps them; no other byte has
 * changed.
 */
static bool
forgets(struct pages *pages, size_t start, size_t size)
{
	size_t first = (start + page - 1) / page * page;
	size_t last = (start + size) / page * page;

	memset(pages->data, 'x', pages->size);
	pages_forget(pages->data + start, size);
	if (last < first)
		last = first;
#ifndef MADV_DONTNEED
	last = first;
#endif
	return is_all(pages->data, first, 'x') &&
	    is_all(pages->data + first, last - first, '\0') &&
	    is_all(pages->data + last, pages->size - last, 'x');
}

static void
test_forget(void)
{
	struct pages pages;
	size_t starts[] = { 0, 1, page - 1, page, page + 1 };
	size_t ends[] = { 2 * page - 1, 2 * page, 2 * page + 1, 3 * page,
	    4 * page };
	bool good = true;
	size_t i, j;

	need(pages_map(&pages, 4 * page) == 0, "pages_map");
	for (i = 0; i < 5; i++)
		for (j = 0; j < 5; j++)
			good = good && forgets(&pages, starts[i],
			    ends[j] - starts[i]);
	ok(good, "the pages within are forgotten, and no byte beside them");
	good = true;
	for (i = 0; i < 5; i++)
		good = good && forgets(&pages, starts[i], 0) &&
		    forgets(&pages, starts[i], 1) &&
		    forgets(&pages, starts[i], page - 1);
	ok(good, "less than a page is kept");
	memset(pages.data, 'y', pages.size);
	ok(is_all(pages.data, pages.size, 'y'),
	    "forgotten pages can be written again");
	pages_unmap(&pages);
}

int
main(void)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	test_map();
	test_unmap();
	test_no_memory();
	test_forget();
	return done_testing();
}
