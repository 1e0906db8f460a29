/* SPDX-License-Identifier: MIT */
/* A list of descriptor numbers: what is in it. */
#include "config.h"

#include <limits.h>

#include "base/fd-list.h"
#include "tap.h"

/* A list of the count numbers, as its makers allocate it. */
static struct fd_list
list_of(const int *numbers, size_t count)
{
	struct fd_list list = { malloc(count * sizeof(int)), count };

	need(list.fds != NULL, "malloc");
	memcpy(list.fds, numbers, count * sizeof(int));
	return list;
}

static void
test_has(void)
{
	static const int numbers[] = { 3, 9, 0, 9, INT_MAX };
	struct fd_list list = list_of(numbers, 5);

	ok(fd_list_has(&list, 0) && fd_list_has(&list, 3) &&
	    fd_list_has(&list, 9) && fd_list_has(&list, INT_MAX),
	    "a list has each of its numbers");
	ok(!fd_list_has(&list, 1) && !fd_list_has(&list, -1),
	    "a list has no other number");
	fd_list_free(&list);
}

static void
greatest_is(const int numbers[3], size_t count, const char *name)
{
	struct fd_list list = list_of(numbers, count);

	is_int(fd_list_greatest(&list), 9, name);
	fd_list_free(&list);
}

static void
test_greatest(void)
{
	greatest_is((int[]){ 9, 3, 0 }, 3,
	    "the greatest number is found at the start");
	greatest_is((int[]){ 3, 9, 0 }, 3, "in the middle");
	greatest_is((int[]){ 3, 0, 9 }, 3, "and at the end");
	greatest_is((int[]){ 3, 9, 5 }, 3, "before one that is in between");
	greatest_is((int[]){ 9, 9, 9 }, 3, "if it is there more than once");
	greatest_is((int[]){ 9, 0, 0 }, 1, "and if it is the only one");
}

static void
test_free(void)
{
	static const int numbers[] = { 3, 9 };
	struct fd_list list = list_of(numbers, 2);

	errno = EXDEV;
	fd_list_free(&list);
	ok(list.fds == NULL && list.count == 0 && errno == EXDEV,
	    "a freed list is empty, and errno is kept");
	ok(!fd_list_has(&list, 0), "an empty list has nothing");
	fd_list_free(&list);
	ok(list.fds == NULL && list.count == 0, "it may be freed again");
}

int
main(void)
{
	test_has();
	test_greatest();
	test_free();
	return done_testing();
}
